//! What came of introspection, revocation and sign-out: the parts of a sign-in's report that they have.

use latchkey_oidc::{Finding, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::report::{ExchangeSummary, Note, Outcome};
use crate::session::TokenKind;

/// What was done to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum SessionDeed {
    /// RFC 7662.
    Introspect,
    /// RFC 7009, with the proof.
    Revoke,
    /// OIDC RP-Initiated Logout 1.0.
    SignOut,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum SessionOutcome {
    /// The provider did it, and no check failed.
    Done,
    /// The provider answered, and whether it did it cannot be told.
    Unclear,
    /// A check failed.
    Rejected,
    /// The provider answered an error, or something that is no answer.
    ProviderError,
    /// It failed on the way.
    NetworkError,
}

impl From<Outcome> for SessionOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::SignedIn => Self::Done,
            Outcome::Rejected => Self::Rejected,
            Outcome::ProviderError => Self::ProviderError,
            Outcome::NetworkError => Self::NetworkError,
        }
    }
}

/// One introspection, revocation or sign-out, whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SessionReport {
    /// What was asked for.
    pub deed: SessionDeed,
    /// How it ended.
    pub outcome: SessionOutcome,
    /// The token that it was about; absent where that is not known.
    pub token: Option<TokenKind>,
    /// `sha256:` and 12 digits of that token.
    pub fingerprint: Option<String>,
    /// Every check, in the order it was made.
    pub findings: Vec<Finding>,
    /// The members of the introspection answer, where that was asked for.
    pub introspection: Option<Value>,
    /// The sign-out address as it was sent, the ID token replaced by its fingerprint.
    pub address: Option<String>,
    /// Why it did not end well.
    pub error: Option<Problem>,
    /// Every request.
    pub exchanges: Vec<ExchangeSummary>,
    /// Hints that are no check.
    pub notes: Vec<Note>,
    /// Whether the tokens kept on this computer were forgotten.
    pub forgotten: bool,
}
