//! Secrets are a type: they cannot be printed or serialised by accident, and are wiped when dropped.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;

/// A password, client secret, token, code or verifier.
///
/// Neither `Display` nor `Serialize` exist on purpose. [`Secret::expose`] is the one way in, so that
/// a search for it lists every place that touches the value.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes ownership, so that no second copy stays behind.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// The value itself. Callers hand it to the network, the keychain or an explicit Reveal.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the value is the empty string.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Stands for a token in reports and exports, so that two mentions of one value still compare.
    ///
    /// `sha256:` and the first 12 hexadecimal digits of the digest. For tokens alone: a password
    /// could be guessed from it, so passwords and client secrets are never fingerprinted.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.expose().as_bytes());
        let mut text = String::from("sha256:");
        for byte in &digest.as_ref()[..6] {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value.to_owned())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "[secret]");
    }

    #[test]
    fn fingerprints_compare_and_hide() {
        let a = Secret::from("token-a");
        assert_eq!(a.fingerprint(), Secret::from("token-a").fingerprint());
        assert_ne!(a.fingerprint(), Secret::from("token-b").fingerprint());
        assert_eq!(a.fingerprint().len(), "sha256:".len() + 12);
        assert!(!a.fingerprint().contains("token"));
    }
}
