//! Exit codes, a contract with scripts: decided here and nowhere else.

use std::process::ExitCode;

use latchkey_client::report::{Outcome, SignInReport};
use latchkey_client::session_report::{SessionOutcome, SessionReport};
use latchkey_oidc::ProblemKind;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    /// A check rejected what came.
    Rejected = 1,
    /// The command line, a file that it names, or the configuration.
    Usage = 2,
    /// The provider answered an error, or something that is no answer.
    Provider = 3,
    /// Network or TLS; also when it was interrupted.
    Network = 4,
    Keychain = 5,
}

impl Exit {
    /// What a problem means.
    pub(crate) fn of_kind(kind: ProblemKind) -> Self {
        use ProblemKind as Kind;
        match kind {
            Kind::Rejected | Kind::IssuerMismatch | Kind::UnsafeEndpoint | Kind::UnconfirmedHost => {
                Self::Rejected
            }
            Kind::InvalidInput | Kind::InvalidIssuer | Kind::Configuration | Kind::Policy => Self::Usage,
            Kind::OauthError
            | Kind::HttpStatus
            | Kind::RateLimited
            | Kind::Redirect
            | Kind::NotJson
            | Kind::Malformed
            | Kind::MissingMetadata => Self::Provider,
            Kind::Dns
            | Kind::ConnectionRefused
            | Kind::ConnectionFailed
            | Kind::OutcomeUnknown
            | Kind::TlsExpired
            | Kind::TlsUnknownIssuer
            | Kind::TlsWrongHost
            | Kind::TlsFailed
            | Kind::Proxy
            | Kind::TimedOut
            | Kind::TooLarge
            | Kind::Cancelled => Self::Network,
            Kind::KeychainAbsent
            | Kind::KeychainLocked
            | Kind::KeychainTimedOut
            | Kind::KeychainFailed
            | Kind::NothingStored => Self::Keychain,
        }
    }

    /// What a run means. A failed check comes first: it is why the run ended, whatever else went wrong.
    pub(crate) fn of_report(report: &SignInReport) -> Self {
        match (&report.outcome, &report.error) {
            (Outcome::Rejected, _) => Self::Rejected,
            (_, Some(problem)) => Self::of_kind(problem.kind),
            (Outcome::SignedIn, None) => Self::Done,
            (Outcome::ProviderError, None) => Self::Provider,
            (Outcome::NetworkError, None) => Self::Network,
        }
    }
}

impl Exit {
    /// What an introspection, revocation or sign-out means. An answer that leaves it open is no answer.
    pub(crate) fn of_session(report: &SessionReport) -> Self {
        match (report.outcome, &report.error) {
            (SessionOutcome::Rejected, _) => Self::Rejected,
            (_, Some(problem)) => Self::of_kind(problem.kind),
            (SessionOutcome::Done, None) => Self::Done,
            (SessionOutcome::Unclear | SessionOutcome::ProviderError, None) => Self::Provider,
            (SessionOutcome::NetworkError, None) => Self::Network,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_oidc::Problem;

    #[test]
    fn exit_codes_are_those_of_the_contract() {
        let codes = [
            (Exit::Done, 0),
            (Exit::Rejected, 1),
            (Exit::Usage, 2),
            (Exit::Provider, 3),
            (Exit::Network, 4),
            (Exit::Keychain, 5),
        ];
        for (exit, code) in codes {
            assert_eq!(exit as u8, code);
        }
    }

    #[test]
    fn every_kind_has_its_exit_code() {
        use ProblemKind as Kind;
        let table = [
            (Kind::InvalidInput, Exit::Usage),
            (Kind::InvalidIssuer, Exit::Usage),
            (Kind::Configuration, Exit::Usage),
            (Kind::Policy, Exit::Usage),
            (Kind::OauthError, Exit::Provider),
            (Kind::HttpStatus, Exit::Provider),
            (Kind::RateLimited, Exit::Provider),
            (Kind::Redirect, Exit::Provider),
            (Kind::NotJson, Exit::Provider),
            (Kind::Malformed, Exit::Provider),
            (Kind::MissingMetadata, Exit::Provider),
            (Kind::IssuerMismatch, Exit::Rejected),
            (Kind::UnsafeEndpoint, Exit::Rejected),
            (Kind::UnconfirmedHost, Exit::Rejected),
            (Kind::Rejected, Exit::Rejected),
            (Kind::Dns, Exit::Network),
            (Kind::ConnectionRefused, Exit::Network),
            (Kind::ConnectionFailed, Exit::Network),
            (Kind::OutcomeUnknown, Exit::Network),
            (Kind::TlsExpired, Exit::Network),
            (Kind::TlsUnknownIssuer, Exit::Network),
            (Kind::TlsWrongHost, Exit::Network),
            (Kind::TlsFailed, Exit::Network),
            (Kind::Proxy, Exit::Network),
            (Kind::TimedOut, Exit::Network),
            (Kind::TooLarge, Exit::Network),
            (Kind::Cancelled, Exit::Network),
            (Kind::KeychainAbsent, Exit::Keychain),
            (Kind::KeychainLocked, Exit::Keychain),
            (Kind::KeychainTimedOut, Exit::Keychain),
            (Kind::KeychainFailed, Exit::Keychain),
            (Kind::NothingStored, Exit::Keychain),
        ];
        for (kind, exit) in table {
            assert_eq!(Exit::of_kind(kind), exit, "{kind:?}");
            // What the document says and what the exit code says must not differ.
            let outcome = latchkey_client::sign_in::outcome_of(&Problem::new(kind, "", ""));
            match exit {
                Exit::Rejected => assert_eq!(outcome, Outcome::Rejected, "{kind:?}"),
                Exit::Network => assert_eq!(outcome, Outcome::NetworkError, "{kind:?}"),
                _ => assert_eq!(outcome, Outcome::ProviderError, "{kind:?}"),
            }
        }
    }
}
