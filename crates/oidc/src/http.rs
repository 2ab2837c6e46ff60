//! HTTP requests and answers as data. Who sends them, and how, is not known here.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::secret::Secret;

/// The endpoints of a provider, which are also the names of the exchanges with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The names are the specifications'.
pub enum Endpoint {
    Discovery,
    Jwks,
    Authorization,
    Token,
    Userinfo,
    Introspection,
    Revocation,
    EndSession,
}

impl Endpoint {
    /// The name for people, sentence case.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Discovery => "Discovery",
            Self::Jwks => "Keys",
            Self::Authorization => "Authorization",
            Self::Token => "Token",
            Self::Userinfo => "UserInfo",
            Self::Introspection => "Introspection",
            Self::Revocation => "Revocation",
            Self::EndSession => "Sign-out",
        }
    }
}

/// The methods that OpenID Connect uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The names are HTTP's.
pub enum Method {
    Get,
    Post,
}

impl Method {
    /// As on the request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A form field's value, which knows whether it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// May be shown and recorded.
    Plain(String),
    /// A token or code: recorded as its fingerprint.
    Token(Secret),
    /// A password or client secret: recorded as absent, never fingerprinted.
    Credential(Secret),
}

impl FieldValue {
    /// The value to send.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Token(secret) | Self::Credential(secret) => secret.expose(),
        }
    }
}

/// The `Authorization` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `client_secret_basic`: both parts form-encoded before base64 (RFC 6749 §2.3.1).
    Basic {
        /// Not secret, shown in recordings.
        client_id: String,
        /// Never recorded.
        client_secret: Secret,
    },
    /// An access token (RFC 6750 §2.1).
    Bearer(Secret),
}

impl Authorization {
    /// The value of the header.
    #[must_use]
    pub fn header_value(&self) -> Secret {
        match self {
            Self::Basic { client_id, client_secret } => {
                let pair = zeroize::Zeroizing::new(format!(
                    "{}:{}",
                    form_encode(client_id),
                    form_encode(client_secret.expose())
                ));
                let encoded = base64::engine::general_purpose::STANDARD.encode(pair.as_bytes());
                Secret::new(format!("Basic {encoded}"))
            }
            Self::Bearer(token) => Secret::new(format!("Bearer {}", token.expose())),
        }
    }
}

/// One string, `application/x-www-form-urlencoded`.
#[must_use]
pub fn form_encode(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// A request that is complete but not sent.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// What it is for; also the name of the exchange.
    pub endpoint: Endpoint,
    /// GET or POST.
    pub method: Method,
    /// Absolute, checked by [`crate::issuer::Issuer::check_endpoint`].
    pub url: Url,
    /// The `Authorization` header.
    pub authorization: Option<Authorization>,
    /// Fields of a form body, in order. `None` for GET.
    pub form: Option<Vec<(String, FieldValue)>>,
    /// The `Accept` header.
    pub accept: &'static str,
}

impl HttpRequest {
    /// A plain GET for JSON.
    #[must_use]
    pub fn get(endpoint: Endpoint, url: Url) -> Self {
        Self {
            endpoint,
            method: Method::Get,
            url,
            authorization: None,
            form: None,
            accept: "application/json",
        }
    }

    /// The form body as sent, percent-encoded.
    #[must_use]
    pub fn body(&self) -> Option<Secret> {
        self.form.as_ref().map(|fields| {
            let mut body = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                body.append_pair(name, value.expose());
            }
            Secret::new(body.finish())
        })
    }
}

/// An answer, whole and within the transport's bounds, decompressed. Nothing in it is trusted.
#[derive(Clone)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Names in lower case, in order of arrival; values as latin-1.
    pub headers: Vec<(String, String)>,
    /// Decompressed body. May hold tokens: not for printing.
    pub body: Vec<u8>,
    /// Unix time in seconds at which the answer's first byte came, by this computer's clock.
    pub received_at: i64,
}

impl HttpAnswer {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The media type without parameters, lower case; empty where the header is missing.
    #[must_use]
    pub fn media_type(&self) -> String {
        self.header("content-type")
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase())
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
