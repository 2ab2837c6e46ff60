//! Response types and response modes: what is asked for, and where it comes back
//! (OAuth 2.0 Multiple Response Type Encoding Practices; OAuth 2.0 Form Post Response Mode).

use serde::{Deserialize, Serialize};

use crate::catalogue::Grant;

/// `response_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum ResponseType {
    /// Authorization code flow (OIDC Core §3.1).
    #[serde(rename = "code")]
    Code,
    /// Implicit flow, the ID token alone (OIDC Core §3.2).
    #[serde(rename = "id_token")]
    IdToken,
    /// Implicit flow with an access token (OIDC Core §3.2).
    #[serde(rename = "id_token token")]
    IdTokenToken,
}

impl ResponseType {
    /// All of them, the safest first.
    pub const ALL: [Self; 3] = [Self::Code, Self::IdTokenToken, Self::IdToken];

    /// The value that is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
        }
    }

    /// Reads a value; the order of its words does not matter (OAuth 2.0 Multiple Response Types §3).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
        words.sort_unstable();
        match words[..] {
            ["code"] => Some(Self::Code),
            ["id_token"] => Some(Self::IdToken),
            ["id_token", "token"] => Some(Self::IdTokenToken),
            _ => None,
        }
    }

    /// Where the answer comes when no response mode is asked for.
    #[must_use]
    pub fn default_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            Self::IdToken | Self::IdTokenToken => ResponseMode::Fragment,
        }
    }

    /// Whether the answer may come so: tokens never stand in a query, which servers log
    /// (OAuth 2.0 Multiple Response Types §5). Asking for it all the same shows how the provider refuses.
    #[must_use]
    pub fn allows(self, mode: ResponseMode) -> bool {
        self == Self::Code || mode != ResponseMode::Query
    }

    /// Whether the ID token comes from the authorization endpoint.
    #[must_use]
    pub fn is_implicit(self) -> bool {
        self != Self::Code
    }

    /// How the tokens are asked for, for [`crate::catalogue::Context`].
    #[must_use]
    pub fn grant(self) -> Grant {
        if self.is_implicit() { Grant::Implicit } else { Grant::AuthorizationCode }
    }
}

impl std::fmt::Display for ResponseType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `response_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment, which browsers keep to themselves.
    Fragment,
    /// Posted to it as a form.
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// The value that is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Reads a value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

impl std::fmt::Display for ResponseMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
