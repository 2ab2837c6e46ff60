//! What went wrong, as a closed set of kinds with an explanation and a remedy for people.
//!
//! Code acts on [`ProblemKind`] and the protocol's `error` code alone; `description` is provider text
//! and chooses an explanation at most.

use serde::{Deserialize, Serialize};

use crate::client_auth::AuthMethod;
use crate::http::Endpoint;

/// The closed set. A kind exists because somebody acts on it: exit code, icon, or a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum ProblemKind {
    // What was typed
    /// A field is empty or malformed; nothing was sent.
    InvalidInput,
    /// The issuer is no usable URL.
    InvalidIssuer,
    // The provider's answer
    /// The provider answered an `error` of RFC 6749 §5.2 or RFC 6750 §3.
    OauthError,
    /// A status that carries no such error.
    HttpStatus,
    /// 429, or 503 with Retry-After.
    RateLimited,
    /// A redirect on the back channel; not followed.
    Redirect,
    /// HTML or another type in place of JSON.
    NotJson,
    /// JSON that breaks the rules, or of the wrong shape.
    Malformed,
    /// A member that is needed is missing from the metadata.
    MissingMetadata,
    /// The metadata name another issuer.
    IssuerMismatch,
    /// The metadata name an endpoint that may not be used.
    UnsafeEndpoint,
    /// Secrets would go to a host that the user has not confirmed.
    UnconfirmedHost,
    /// A check failed.
    Rejected,
    // The way there
    /// The name does not resolve.
    Dns,
    /// Nothing listens there.
    ConnectionRefused,
    /// The connection broke before anything was sent, or the network is unreachable.
    ConnectionFailed,
    /// The connection broke after the request went out: the outcome is unknown.
    OutcomeUnknown,
    /// Certificate expired or not yet valid.
    TlsExpired,
    /// Certificate not issued by anybody this computer trusts.
    TlsUnknownIssuer,
    /// Certificate for another name.
    TlsWrongHost,
    /// Any other TLS fault.
    TlsFailed,
    /// The proxy refused, or could not be reached.
    Proxy,
    /// No byte came for the idle limit, or the whole took longer than the total limit.
    TimedOut,
    /// More bytes than the limit.
    TooLarge,
    /// The user stopped it.
    Cancelled,
    // This computer
    /// No keychain service.
    KeychainAbsent,
    /// The keychain is locked, or its prompt was dismissed.
    KeychainLocked,
    /// The keychain did not answer in time.
    KeychainTimedOut,
    /// The keychain refused for another reason.
    KeychainFailed,
    /// The keychain holds nothing for this connection.
    NothingStored,
    /// The configuration file cannot be read or written.
    Configuration,
    /// This computer's policy does not allow it; nothing was sent.
    Policy,
}

/// Something that Latchkey can change by itself when the user agrees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fix", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Fix {
    /// Change the connection's client authentication.
    UseAuthMethod {
        /// The method to use.
        method: AuthMethod,
    },
    /// Change the connection's issuer.
    UseIssuer {
        /// The issuer to use.
        issuer: String,
    },
    /// Add a scope to the request.
    AddScope {
        /// The scope to add.
        scope: String,
    },
    /// Remove a scope from the request.
    RemoveScope {
        /// The scope to remove.
        scope: String,
    },
    /// Let secrets go to this host.
    ConfirmHost {
        /// Host and port as in the endpoint.
        host: String,
    },
}

/// A failure with everything that a person needs to mend it. Serialises as the contract's `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{explanation}")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Problem {
    /// What code acts on.
    pub kind: ProblemKind,
    /// The provider's `error`, made harmless for display.
    pub code: Option<String>,
    /// The provider's `error_description`, or the technical detail; made harmless for display.
    pub description: Option<String>,
    /// Status of the HTTP answer, where one came.
    pub http_status: Option<u16>,
    /// Where it happened.
    pub endpoint: Option<Endpoint>,
    /// The cause in one or two plain sentences.
    pub explanation: String,
    /// What to do, naming the setting.
    pub remedy: String,
    /// What Latchkey can do by itself.
    pub fix: Option<Fix>,
}

impl Problem {
    /// A problem without a provider's answer behind it.
    pub fn new(kind: ProblemKind, explanation: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            kind,
            code: None,
            description: None,
            http_status: None,
            endpoint: None,
            explanation: explanation.into(),
            remedy: remedy.into(),
            fix: None,
        }
    }

    /// Says where it happened.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Adds the status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    /// Adds technical detail or provider text; control, bidi and zero-width characters become escapes.
    #[must_use]
    pub fn with_description(mut self, description: &str) -> Self {
        self.description = Some(crate::text::visible(description));
        self
    }

    /// Offers a change that Latchkey can make.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}
