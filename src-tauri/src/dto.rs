//! What crosses into the window beside the client's own types. No secret is in any of them.

use latchkey_client::client::Keep;
use latchkey_client::connection::Connection;
use latchkey_client::report::{DecodedToken, Kept};
use latchkey_client::session::TokenKind;
use latchkey_client::store::Settings;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Finding, Problem, Secret};
use serde::{Deserialize, Serialize};

/// What the window needs when it opens.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct AppState {
    /// In the order of the list.
    pub(crate) connections: Vec<Connection>,
    /// Where a damaged configuration file was put.
    pub(crate) set_aside: Option<String>,
    /// Why the configuration or a setting could not be used.
    pub(crate) problem: Option<Problem>,
    /// Of this program.
    pub(crate) version: String,
    /// What holds for all connections.
    pub(crate) settings: Settings,
    /// The demo tenant, while it runs.
    pub(crate) demo: Option<DemoFacts>,
    /// The connection to show first, where the program was told to.
    pub(crate) selected: Option<String>,
}

/// The running demo tenant.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct DemoFacts {
    /// Its current issuer (OneLogin v2).
    pub(crate) issuer: String,
    /// Whom to sign in as.
    pub(crate) users: Vec<DemoUser>,
}

/// A person of the demo tenant. The password is a published demo value.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct DemoUser {
    /// To type.
    pub(crate) username: String,
    /// To type.
    pub(crate) password: String,
    /// `ok`, or the `error_description` that this person gets.
    pub(crate) outcome: String,
}

/// What was typed as a provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) enum DiscoverInput {
    /// A subdomain, custom domain or URL of a OneLogin tenant.
    Onelogin {
        /// As typed.
        text: String,
    },
    /// An issuer URL.
    Issuer {
        /// As typed.
        text: String,
    },
}

/// What a provider offers to a new connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct Discovery {
    /// As it must be saved.
    pub(crate) issuer: String,
    /// Whether OneLogin's words fit.
    pub(crate) onelogin: bool,
    /// Whether OneLogin took it out of service.
    pub(crate) retired: bool,
    /// Of the metadata.
    pub(crate) findings: Vec<Finding>,
    /// Offered, and known here.
    pub(crate) methods: Vec<AuthMethod>,
    /// To choose from.
    pub(crate) scopes: Vec<String>,
    /// Whether the password grant is offered; `None` where the metadata do not say.
    pub(crate) password_grant: Option<bool>,
}

/// A password sign-in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct PasswordRequest {
    /// Names the run, for `cancel`.
    pub(crate) run: String,
    /// Connection id.
    pub(crate) connection: String,
    /// As typed.
    pub(crate) username: String,
    /// As typed.
    #[cfg_attr(feature = "bindings", ts(type = "string"))]
    pub(crate) password: Secret,
    /// In order.
    pub(crate) scopes: Vec<String>,
    /// For this time, in place of the stored one.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub(crate) client_secret: Option<Secret>,
    /// Where a refresh token goes.
    pub(crate) keep: Keep,
}

/// A refresh.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct RefreshRequest {
    /// Names the run, for `cancel`.
    pub(crate) run: String,
    /// Connection id.
    pub(crate) connection: String,
    /// For this time, in place of the stored one.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub(crate) client_secret: Option<Secret>,
}

/// An introspection or a revocation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct TokenRequest {
    /// Names the run, for `cancel`.
    pub(crate) run: String,
    /// Connection id.
    pub(crate) connection: String,
    /// Access token or refresh token.
    pub(crate) token: TokenKind,
    /// For this time, in place of the stored one.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub(crate) client_secret: Option<Secret>,
}

/// A sign-out at the provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct SignOutRequest {
    /// Names the run, for `cancel`.
    pub(crate) run: String,
    /// Connection id.
    pub(crate) connection: String,
    /// As typed; `None` sends none.
    pub(crate) post_logout_redirect_uri: Option<String>,
    /// OneLogin's `logout=false`.
    pub(crate) revoke_only: bool,
    /// For this time, in place of the stored one.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub(crate) client_secret: Option<Secret>,
}

/// The tokens of a connection, and what the keychain holds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct SessionView {
    /// Of the last accepted sign-in; empty after a restart.
    pub(crate) tokens: Vec<SessionToken>,
    /// Where this session's refresh token is.
    pub(crate) refresh_token_kept: Kept,
    /// What the keychain holds.
    pub(crate) stored: Stored,
    /// Who signed in.
    pub(crate) subject: Option<String>,
    /// What was granted.
    pub(crate) scope: Option<String>,
}

/// One token, without its value.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct SessionToken {
    /// Which.
    pub(crate) kind: TokenKind,
    /// `sha256:` and 12 digits.
    pub(crate) fingerprint: String,
    /// Unix time in seconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub(crate) obtained_at: i64,
    /// Unix time in seconds, where it is known.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub(crate) expires_at: Option<i64>,
    /// Length.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub(crate) bytes: usize,
    /// Header and claims, where it is a JWT.
    pub(crate) decoded: Option<DecodedToken>,
}

/// What the keychain holds for a connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct Stored {
    /// The refresh token.
    pub(crate) state: StoredState,
    /// Whether there is a client secret, in the keychain or in memory; `None` where that cannot be told.
    pub(crate) client_secret: Option<bool>,
    /// Why the keychain could not be asked.
    pub(crate) problem: Option<Problem>,
}

/// How the keychain answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) enum StoredState {
    /// It holds a refresh token.
    Held,
    /// It holds none.
    Empty,
    /// It is locked.
    Locked,
    /// There is no keychain.
    Absent,
    /// It did not answer in time.
    TimedOut,
    /// It refused for another reason.
    Failed,
}
