//! What crosses into the window beside the client's own types. No secret is in any of them.

use latchkey_client::client::Keep;
use latchkey_client::connection::Connection;
use latchkey_client::policy::Policy;
use latchkey_client::report::{DecodedToken, Kept, Step};
use latchkey_client::session::TokenKind;
use latchkey_client::store::Settings;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
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
    /// Whether the login window can keep its cookies from one sign-in to the next on this system.
    pub(crate) kept_sessions: bool,
    /// What this computer's policy sets, where it has one.
    pub(crate) policy: Option<PolicyView>,
}

/// What a policy sets beside its connections, which are in the list.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct PolicyView {
    /// Where it is.
    pub(crate) file: String,
    /// The issuers that may be asked; `None` where every one may.
    pub(crate) allowed_issuers: Option<Vec<String>>,
    /// Whether the login window may open.
    pub(crate) login_window: bool,
    /// PEM file of authorities that are trusted besides the system's and the user's.
    pub(crate) extra_ca_file: Option<String>,
}

impl PolicyView {
    /// `None` on a computer that nobody manages.
    pub(crate) fn of(policy: &Policy) -> Option<Self> {
        Some(Self {
            file: policy.file()?.display().to_string(),
            allowed_issuers: policy.allowed_issuers().map(<[String]>::to_vec),
            login_window: policy.login_window(),
            extra_ca_file: policy.extra_ca_file().map(|file| file.display().to_string()),
        })
    }
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

/// A sign-in at the provider's own page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct BrowserSignInRequest {
    /// Names the run, for `cancel` and the commands that steer a browser.
    pub(crate) run: String,
    /// Connection id.
    pub(crate) connection: String,
    /// As typed.
    pub(crate) redirect_uri: String,
    /// What is asked for.
    pub(crate) response_type: ResponseType,
    /// Where it shall come; `None` leaves it to the default of the type.
    pub(crate) response_mode: Option<ResponseMode>,
    /// In order.
    pub(crate) scopes: Vec<String>,
    /// `login`, `none`, or what else the provider knows.
    pub(crate) prompt: Option<String>,
    /// The user name to fill in.
    pub(crate) login_hint: Option<String>,
    /// In order of preference.
    pub(crate) acr_values: Vec<String>,
    /// Oldest sign-in that will do, seconds.
    pub(crate) max_age: Option<u32>,
    /// Where access tokens shall be used (RFC 8707).
    pub(crate) resources: Vec<String>,
    /// In order of preference.
    pub(crate) ui_locales: Vec<String>,
    /// Further parameters.
    pub(crate) extra: Vec<Parameter>,
    /// For this time, in place of the stored one.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub(crate) client_secret: Option<Secret>,
    /// Where a refresh token goes.
    pub(crate) keep: Keep,
    /// Where the page opens.
    pub(crate) browser: Browser,
    /// Use and keep the connection's own cookies; the login window alone can.
    pub(crate) keep_browser_session: bool,
    /// Open nothing until `browser_open`.
    pub(crate) show_first: bool,
}

/// One more parameter of an authorization request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct Parameter {
    /// Not one of those that have a field.
    pub(crate) name: String,
    /// As typed.
    pub(crate) value: String,
}

/// Where a page of the provider opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) enum Browser {
    /// A window of ours.
    LoginWindow,
    /// The system's browser.
    System,
}

/// What is told while a browser run is under way.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) enum BrowserProgress {
    /// A step changed; all steps as they stand.
    Steps {
        /// In order.
        steps: Vec<Step>,
    },
    /// The request is ready.
    Address {
        /// The whole of it.
        url: String,
        /// Nothing opens until `browser_open`.
        waiting: bool,
    },
    /// The system's browser was asked.
    Browser {
        /// `false`: the address has to be opened by hand; the listener waits.
        opened: bool,
    },
    /// The login window shows something else.
    Page {
        /// What it shows.
        page: LoginPage,
    },
}

/// What the login window shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) struct LoginPage {
    /// Whose page it is, with the port where it is not the usual one.
    pub(crate) host: String,
    /// How the way there is protected.
    pub(crate) tls: PageTls,
    /// Status of the page.
    pub(crate) http_status: Option<u16>,
    /// Another page is coming.
    pub(crate) loading: bool,
    /// For a long time.
    pub(crate) slow: bool,
    /// A script or a frame went to the redirect URI; the person decides whether that was the answer.
    pub(crate) offered: bool,
}

/// How the way to a page is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub(crate) enum PageTls {
    /// TLS, with a certificate that is trusted.
    Holds,
    /// The page is on this computer: nothing has to be protected.
    Loopback,
    /// Not at all.
    #[default]
    None,
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
    /// Where the end-session page opens; `None` asks from here, without a browser.
    pub(crate) browser: Option<Browser>,
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
    /// Whether the login window's cookies are kept for this connection.
    pub(crate) browser_session: bool,
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
