//! Keychain errors for people.

use latchkey_oidc::{Problem, ProblemKind};

use super::KeychainError;

const NAME: &str = if cfg!(target_os = "macos") {
    "the macOS keychain"
} else if cfg!(target_os = "windows") {
    "the Windows Credential Manager"
} else {
    "the keychain (Secret Service)"
};

const OR_THIS_SESSION: &str = "or keep the secret for this session only; then nothing is written.";

impl From<KeychainError> for Problem {
    fn from(error: KeychainError) -> Self {
        match error {
            KeychainError::Absent => Self::new(
                ProblemKind::KeychainAbsent,
                format!("No keychain service answers: {NAME} is not there."),
                if cfg!(any(target_os = "macos", target_os = "windows")) {
                    format!("Sign in to a desktop session of your own, {OR_THIS_SESSION}")
                } else {
                    format!(
                        "Install and start one (GNOME: the package gnome-keyring; KDE: KWallet; or KeePassXC with Secret \
                         Service enabled) in this session, so that DBUS_SESSION_BUS_ADDRESS leads to it, {OR_THIS_SESSION}"
                    )
                },
            ),
            KeychainError::Locked => Self::new(
                ProblemKind::KeychainLocked,
                format!(
                    "{} is locked, or its prompt was dismissed. What it holds is not known.",
                    capitalised(NAME)
                ),
                if cfg!(target_os = "macos") {
                    format!("Unlock it in Keychain Access and allow Latchkey to use it, {OR_THIS_SESSION}")
                } else if cfg!(target_os = "windows") {
                    format!("Sign in to Windows with your own account, {OR_THIS_SESSION}")
                } else {
                    format!(
                        "Unlock it (in Passwords and Keys, KWallet or KeePassXC) and try again, {OR_THIS_SESSION}"
                    )
                },
            ),
            KeychainError::TimedOut => Self::new(
                ProblemKind::KeychainTimedOut,
                format!("{} did not answer in time.", capitalised(NAME)),
                format!(
                    "Look for a prompt of the keychain behind other windows and try again, {OR_THIS_SESSION}"
                ),
            ),
            KeychainError::TooLong { bytes, limit } => Self::new(
                ProblemKind::KeychainFailed,
                format!("The value has {bytes} bytes; {NAME} holds at most {limit}."),
                "Keep it for this session only. The provider can be set to hand out shorter tokens: fewer scopes, or \
                 refresh tokens that are no JWT.",
            ),
            KeychainError::Failed(detail) => Self::new(
                ProblemKind::KeychainFailed,
                format!("{} refused.", capitalised(NAME)),
                format!("Try again, restart the keychain service, {OR_THIS_SESSION}"),
            )
            .with_description(&detail),
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}
