//! Connections: saved clients at a provider. Never a secret: those are in the keychain.

use latchkey_oidc::client_auth::AuthMethod;
use serde::{Deserialize, Serialize};

use crate::report::Outcome;

/// A saved client at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Connection {
    /// Never changes; names the keychain entries. 32 hexadecimal digits.
    pub id: String,
    /// Shown, unique without regard to case, and the command line's `--connection`.
    pub name: String,
    /// Exactly as in the provider's metadata.
    pub issuer: String,
    /// The app's client id.
    pub client_id: String,
    /// How the client proves who it is.
    pub auth_method: AuthMethod,
    /// The registered redirect URI, where one is used.
    #[serde(default)]
    pub redirect_uri: Option<String>,
    /// Where the provider sends the browser after a sign-out, where one is registered. Since version 2 of the file.
    #[serde(default)]
    pub post_logout_redirect_uri: Option<String>,
    /// Scopes asked for, in order.
    pub scopes: Vec<String>,
    /// Prefills the form; the name is no secret, the password is never kept.
    #[serde(default)]
    pub username: Option<String>,
    /// The built-in demo tenant, whose issuer is wherever it was started.
    #[serde(default)]
    pub demo: bool,
    /// Set by this computer's policy: it cannot be changed here. Never in the file of connections.
    #[serde(default, skip_deserializing)]
    pub managed: bool,
    /// `host:port` to which the user allowed secrets to go although the issuer is elsewhere.
    #[serde(default)]
    pub confirmed_hosts: Vec<String>,
    /// How the last sign-in or refresh ended.
    #[serde(default)]
    pub last_run: Option<LastRun>,
}

/// How the last run ended, for the dot in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct LastRun {
    /// How it ended.
    pub outcome: Outcome,
    /// Unix time in seconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub at: i64,
    /// `sub` of the user who signed in: a refresh must bring the same.
    pub subject: Option<String>,
    /// The nonce of that sign-in, which a refreshed ID token may repeat (OIDC Core §12.2). No secret, and nothing that a
    /// page needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "bindings", ts(skip))]
    pub nonce: Option<String>,
}
