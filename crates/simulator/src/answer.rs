//! An answer as data, before it goes over the wire.

use serde_json::{Value, json};

/// A whole HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A JSON document that no cache may keep.
    pub(crate) fn json(status: u16, document: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", document.to_string())
    }

    /// Any text that no cache may keep.
    pub(crate) fn text(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            content_type: Some(content_type.to_owned()),
            headers: vec![
                ("cache-control".to_owned(), "no-store".to_owned()),
                ("pragma".to_owned(), "no-cache".to_owned()),
            ],
            body: body.into_bytes(),
        }
    }

    /// A status alone.
    pub(crate) fn empty(status: u16) -> Self {
        Self { content_type: None, ..Self::text(status, "", String::new()) }
    }

    /// An error in the provider's form: `error`, then `error_description`.
    pub(crate) fn error(status: u16, code: &str, description: &str) -> Self {
        Self::json(status, &json!({"error": code, "error_description": description}))
    }

    /// `invalid_request` with status 400.
    pub(crate) fn invalid_request(description: &str) -> Self {
        Self::error(400, "invalid_request", description)
    }

    /// The documented text for a parameter that is not there.
    pub(crate) fn missing(parameter: &str) -> Self {
        Self::invalid_request(&format!("missing required parameter(s). ({parameter})"))
    }

    /// A code or refresh token that is used up, expired, revoked or somebody else's.
    pub(crate) fn invalid_grant() -> Self {
        Self::error(400, "invalid_grant", "grant request is invalid")
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}
