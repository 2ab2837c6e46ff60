//! One HTTP request with its answer and timings, redacted when it is made: an [`Exchange`] never held a secret.

use latchkey_oidc::ProblemKind;
use latchkey_oidc::http::{Endpoint, Method};
use serde::{Deserialize, Serialize};

/// A recorded exchange.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Exchange {
    /// Ascending within a recorder.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub id: u64,
    /// Which endpoint.
    pub name: Endpoint,
    /// GET or POST.
    pub method: Method,
    /// The URL, secrets in its query redacted.
    pub url: String,
    /// Unix time in milliseconds at which it was sent.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub started_at_ms: i64,
    /// Until the answer's head, microseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub first_byte_us: Option<u64>,
    /// Whole time, microseconds.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub duration_us: u64,
    /// As sent, redacted.
    pub request_headers: Vec<Header>,
    /// Form fields as sent (decoded), redacted.
    pub request_form: Option<Vec<Header>>,
    /// Status, absent where no answer came.
    pub status: Option<u16>,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: Option<String>,
    /// As received, redacted.
    pub response_headers: Vec<Header>,
    /// The body, redacted and made harmless.
    pub response_body: Option<RecordedBody>,
    /// The certificate that the server showed, for https.
    pub tls: Option<TlsFacts>,
    /// Why no answer came, or why it was not taken.
    pub problem: Option<ExchangeProblem>,
    /// What was taken out.
    pub redactions: Vec<Redaction>,
}

/// A name and a value: a header, or a form field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Header {
    /// Header names in lower case.
    pub name: String,
    /// Redacted where secret, made harmless.
    pub value: String,
}

/// A response body as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct RecordedBody {
    /// Pretty-printed where it is JSON.
    pub text: String,
    /// Size after decompression.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub bytes: u64,
    /// Whether `text` is cut short.
    pub truncated: bool,
    /// Whether it was parsed as JSON.
    pub json: bool,
}

/// What the TLS handshake showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct TlsFacts {
    /// `sha256:` and the whole digest of the certificate, hexadecimal.
    pub certificate_fingerprint: String,
}

/// Why an exchange failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ExchangeProblem {
    /// What code acts on.
    pub kind: ProblemKind,
    /// One sentence.
    pub text: String,
}

/// One value that was taken out of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Redaction {
    /// `password`, `client_secret`, `access_token`, …
    pub what: String,
    /// Stands in the value's place; absent for passwords and client secrets.
    pub fingerprint: Option<String>,
}
