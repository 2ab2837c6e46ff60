//! What one run of a grant brought: the one report behind window, terminal, exported file and tests.
//!
//! Serialises as the command line's contract. Token values are never in it.

use latchkey_oidc::http::{Endpoint, Method};
use latchkey_oidc::{Finding, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Outcome {
    /// Every check that was due passed.
    SignedIn,
    /// A check failed; nothing after it was sent.
    Rejected,
    /// The provider answered an error, or something that is no answer.
    ProviderError,
    /// It failed on the way: name, connection, TLS, time, cancelled.
    NetworkError,
}

/// A run of a grant, whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct SignInReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Every check, in the order it was made.
    pub findings: Vec<Finding>,
    /// The decoded ID token, shown even when it was rejected; trusted only when `outcome` is `signed_in`.
    pub id_token: Option<DecodedToken>,
    /// The UserInfo claims, where they were fetched and accepted.
    pub userinfo: Option<Value>,
    /// What the provider handed out, without the values.
    pub tokens: TokenSummaries,
    /// Why it did not end well.
    pub error: Option<Problem>,
    /// Every request of this run.
    pub exchanges: Vec<ExchangeSummary>,
    /// Hints that are no check: scopes that brought nothing, clock skew, a keychain that refused.
    pub notes: Vec<Note>,
    /// The steps for the waterfall.
    pub steps: Vec<Step>,
    /// Name, preferred user name or sub: who signed in. Made harmless.
    pub who: Option<String>,
    /// Unix time in milliseconds at which the run began.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub started_at_ms: i64,
    /// Where the refresh token is now.
    pub refresh_token_kept: Kept,
}

/// Header and claims of a token, decoded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct DecodedToken {
    /// JOSE header.
    pub header: Value,
    /// Claims.
    pub claims: Value,
}

/// The tokens of an answer, without their values.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct TokenSummaries {
    /// The access token.
    pub access_token: Option<TokenSummary>,
    /// The refresh token.
    pub refresh_token: Option<TokenSummary>,
    /// The ID token.
    pub id_token: Option<TokenSummary>,
}

/// One token without its value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct TokenSummary {
    /// `sha256:` and 12 digits.
    pub fingerprint: String,
    /// Seconds of life at arrival, where known: `expires_in`, or `exp - iat` of the ID token.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub expires_in: Option<i64>,
    /// The value, present only when it was asked for (`--show-tokens`). The window never gets it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub value: Option<String>,
}

/// One request of the run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ExchangeSummary {
    /// Which endpoint.
    pub name: Endpoint,
    /// GET or POST.
    pub method: Method,
    /// The URL, secrets in its query redacted.
    pub url: String,
    /// Status, absent where no answer came.
    pub status: Option<u16>,
    /// Whole time in milliseconds, one decimal.
    pub ms: f64,
}

/// A hint that is no check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Note {
    /// One sentence.
    pub title: String,
    /// What to do, naming the setting.
    pub remedy: String,
}

/// A step of a run, for progress and the waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How it stands.
    pub state: StepState,
    /// Start, microseconds after the run began.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub start_us: u64,
    /// Length in microseconds; grows while running.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub duration_us: u64,
}

/// The steps of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The names are those of the steps.
pub enum StepName {
    Discovery,
    Authorization,
    Keys,
    Token,
    Verify,
    Userinfo,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum StepState {
    /// Not begun, and perhaps never.
    Waiting,
    /// Under way.
    Running,
    /// Ended well.
    Done,
    /// What it brings was known before.
    Ready,
    /// Ended badly: the run ends here.
    Failed,
    /// Does not apply, or came after a failure.
    Skipped,
}

/// Where the refresh token of a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Kept {
    /// There is none.
    None,
    /// In the keychain.
    Keychain,
    /// In memory until the window closes: chosen, or the keychain refused.
    SessionOnly,
}

/// Progress, sent while a run is under way.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Progress {
    /// A step changed; all steps as they stand.
    Steps {
        /// In order.
        steps: Vec<Step>,
    },
}
