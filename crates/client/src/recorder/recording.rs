//! One exchange from its beginning to what is kept of it.

use std::sync::Arc;
use std::time::Instant;

use latchkey_oidc::http::{Authorization, FieldValue, HttpRequest};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::redact::Redactor;
use super::{MAX_BODY_TEXT, Recorder, body};
use crate::exchange::{Exchange, ExchangeProblem, Header, RecordedBody, TlsFacts};
use crate::transport::{CODINGS, USER_AGENT};

/// An exchange under way. Holds secrets: it never leaves this crate, and is wiped when dropped.
pub(crate) struct Recording {
    request: Arc<HttpRequest>,
    started: Instant,
    started_at_ms: i64,
    first_byte_us: Option<u64>,
    answered: bool,
    incomplete: bool,
    status: Option<u16>,
    version: Option<String>,
    headers: Vec<(String, Zeroizing<String>)>,
    tls: Option<TlsFacts>,
    /// Decompressed, as far as it came.
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Recording {
    /// Starts the clock and learns the request's secrets.
    pub(crate) fn begin(request: &HttpRequest, recorder: &Recorder) -> Self {
        let request = Arc::new(request.clone());
        recorder.learn_request(Arc::clone(&request));
        let started_at_ms = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        Self {
            request,
            started: Instant::now(),
            started_at_ms: i64::try_from(started_at_ms).unwrap_or_default(),
            first_byte_us: None,
            answered: false,
            incomplete: true,
            status: None,
            version: None,
            headers: Vec::new(),
            tls: None,
            body: Zeroizing::default(),
        }
    }

    /// The head of the answer came.
    pub(crate) fn head(&mut self, status: u16, version: String, headers: &[(String, String)]) {
        self.first_byte_us = Some(micros(self.started));
        self.answered = true;
        self.status = Some(status);
        self.version = Some(version);
        let wiped = |(name, value): &(String, String)| (name.clone(), Zeroizing::new(value.clone()));
        self.headers = headers.iter().map(wiped).collect();
    }

    /// The headers are too many to keep.
    pub(crate) fn forget_headers(&mut self) {
        self.headers.clear();
    }

    /// The server's certificate, DER.
    pub(crate) fn tls(&mut self, certificate: Option<&[u8]>) {
        use std::fmt::Write as _;
        self.tls = certificate.map(|der| {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
            let mut certificate_fingerprint = String::from("sha256:");
            for byte in digest.as_ref() {
                let _ = write!(certificate_fingerprint, "{byte:02x}");
            }
            TlsFacts { certificate_fingerprint }
        });
    }

    /// The whole body is there.
    pub(crate) fn complete(&mut self) {
        self.incomplete = false;
    }

    /// Stops the clock.
    pub(super) fn ended(self, problem: Option<&Problem>) -> Ended {
        Ended {
            duration_us: micros(self.started),
            problem: problem.map(|problem| (problem.kind, problem.explanation.clone())),
            recording: self,
        }
    }
}

/// An exchange that has ended and is not redacted yet. Holds secrets as well.
pub(super) struct Ended {
    recording: Recording,
    duration_us: u64,
    problem: Option<(ProblemKind, String)>,
}

impl Ended {
    /// How much there is to go through.
    pub(super) fn body_bytes(&self) -> usize {
        self.recording.body.len()
    }

    /// Tokens that the answer hands out.
    pub(super) fn secret_members(&self) -> Vec<(String, Secret)> {
        body::secret_members(&String::from_utf8_lossy(&self.recording.body))
    }

    /// The exchange as it is kept, under no id yet.
    pub(super) fn redacted(self, redactor: Redactor) -> Exchange {
        let Self { recording, duration_us, problem } = self;
        let request = &*recording.request;
        let body = String::from_utf8_lossy(&recording.body);
        let response_body = recording.answered.then(|| {
            let text = body::recorded(&body, &redactor, recording.incomplete, MAX_BODY_TEXT);
            RecordedBody { bytes: recording.body.len() as u64, ..text }
        });
        let mut exchange = Exchange {
            id: 0,
            name: request.endpoint,
            method: request.method,
            url: visible(&redactor.all(request.url.as_str())),
            started_at_ms: recording.started_at_ms,
            first_byte_us: recording.first_byte_us,
            duration_us,
            request_headers: request_headers(request, &redactor),
            request_form: request.form.as_ref().map(|form| request_form(form, &redactor)),
            status: recording.status,
            version: recording.version,
            response_headers: recording
                .headers
                .iter()
                .map(|(name, value)| redactor.header(name, value))
                .collect(),
            response_body: response_body.filter(|body| body.bytes > 0),
            tls: recording.tls,
            problem: problem
                .map(|(kind, text)| ExchangeProblem { kind, text: visible(&redactor.text(&text)) }),
            redactions: Vec::new(),
        };
        exchange.redactions = redactor.into_redactions();
        exchange
    }
}

/// All that are sent, but for `content-length`, which would tell the length of a password.
fn request_headers(request: &HttpRequest, redactor: &Redactor) -> Vec<Header> {
    let header = |name: &str, value: String| Header { name: name.to_owned(), value };
    let port = request.url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = format!("{}{port}", request.url.host_str().unwrap_or_default());
    let mut headers = vec![header("host", visible(&redactor.text(&host)))];
    match &request.authorization {
        Some(Authorization::Basic { client_id, .. }) => {
            redactor.note("client_secret", None);
            let client_id = visible(&redactor.text(client_id));
            headers.push(header("authorization", format!("Basic {client_id}:[client secret]")));
        }
        Some(Authorization::Bearer(token)) => {
            let placeholder = redactor.placeholder("access_token", Some(token.fingerprint()));
            headers.push(header("authorization", format!("Bearer {placeholder}")));
        }
        None => {}
    }
    headers.push(header("accept", request.accept.to_owned()));
    headers.push(header("accept-encoding", CODINGS.to_owned()));
    headers.push(header("user-agent", USER_AGENT.to_owned()));
    if request.form.is_some() {
        headers.push(header("content-type", "application/x-www-form-urlencoded".to_owned()));
    }
    headers
}

fn request_form(form: &[(String, FieldValue)], redactor: &Redactor) -> Vec<Header> {
    form.iter()
        .map(|(name, value)| {
            let value = match value {
                // A word of the protocol, not of the user: taking it out would tell that the password is the same word.
                FieldValue::Plain(value) if name == "grant_type" => visible(value),
                FieldValue::Plain(value) => visible(&redactor.text(value)),
                FieldValue::Token(secret) => redactor.placeholder(name, Some(secret.fingerprint())),
                FieldValue::Credential(_) => redactor.placeholder(name, None),
            };
            Header { name: visible(name), value }
        })
        .collect()
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}
