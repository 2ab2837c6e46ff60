//! Client authentication at the token, introspection and revocation endpoints (OIDC Core §9).

use serde::{Deserialize, Serialize};

use crate::http::{Authorization, FieldValue};
use crate::secret::Secret;

/// How the client proves who it is. OneLogin: SSO › Token Endpoint › Authentication Method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum AuthMethod {
    /// `client_secret_basic`: the header alone.
    Basic,
    /// `client_secret_post`: the body alone.
    Post,
    /// `none`: the client id in the body and no secret (public client, PKCE).
    None,
}

impl AuthMethod {
    /// The name in `token_endpoint_auth_methods_supported`.
    #[must_use]
    pub fn registered_name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::None => "none",
        }
    }

    /// The name in OneLogin's portal.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Post => "POST",
            Self::None => "None (PKCE)",
        }
    }

    /// Whether the method needs a client secret.
    #[must_use]
    pub fn needs_secret(self) -> bool {
        self != Self::None
    }
}

/// A client's credentials, complete for its method: the type does not allow Basic without a secret,
/// nor a secret in two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAuth {
    /// Header only.
    Basic {
        /// The client id.
        client_id: String,
        /// The client secret.
        client_secret: Secret,
    },
    /// Body only.
    Post {
        /// The client id.
        client_id: String,
        /// The client secret.
        client_secret: Secret,
    },
    /// Client id in the body.
    None {
        /// The client id.
        client_id: String,
    },
}

impl ClientAuth {
    /// Pairs a method with what it needs; `None` where a secret is needed and missing or empty.
    #[must_use]
    pub fn new(method: AuthMethod, client_id: &str, client_secret: Option<Secret>) -> Option<Self> {
        let client_id = client_id.to_owned();
        let client_secret = client_secret.filter(|secret| !secret.is_empty());
        match (method, client_secret) {
            (AuthMethod::None, _) => Some(Self::None { client_id }),
            (AuthMethod::Basic, Some(client_secret)) => Some(Self::Basic { client_id, client_secret }),
            (AuthMethod::Post, Some(client_secret)) => Some(Self::Post { client_id, client_secret }),
            (AuthMethod::Basic | AuthMethod::Post, None) => None,
        }
    }

    /// The method in use.
    #[must_use]
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::Basic { .. } => AuthMethod::Basic,
            Self::Post { .. } => AuthMethod::Post,
            Self::None { .. } => AuthMethod::None,
        }
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        match self {
            Self::Basic { client_id, .. } | Self::Post { client_id, .. } | Self::None { client_id } => {
                client_id
            }
        }
    }

    /// The client secret, where the method has one.
    #[must_use]
    pub fn client_secret(&self) -> Option<&Secret> {
        match self {
            Self::Basic { client_secret, .. } | Self::Post { client_secret, .. } => Some(client_secret),
            Self::None { .. } => None,
        }
    }

    /// Adds the credentials to a form in the one place that the method names; returns the header.
    pub fn apply(&self, form: &mut Vec<(String, FieldValue)>) -> Option<Authorization> {
        match self {
            Self::Basic { client_id, client_secret } => Some(Authorization::Basic {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            }),
            Self::Post { client_id, client_secret } => {
                form.push(("client_id".into(), FieldValue::Plain(client_id.clone())));
                form.push(("client_secret".into(), FieldValue::Credential(client_secret.clone())));
                None
            }
            Self::None { client_id } => {
                form.push(("client_id".into(), FieldValue::Plain(client_id.clone())));
                None
            }
        }
    }
}
