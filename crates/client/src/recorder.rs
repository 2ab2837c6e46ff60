//! Keeps the newest exchanges, redacted on entry: what is recorded never held a secret.
//!
//! Secrets are taken out by type (the request says which of its parts are secret), by name (members,
//! parameters and headers that carry tokens) and by value (whatever was sent or learned before, in
//! the encodings that answers echo it in).

mod body;
mod json;
mod known;
mod redact;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use latchkey_oidc::http::{Authorization, FieldValue, HttpRequest};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Finding, Problem, ProblemKind, Secret};
use time::OffsetDateTime;

use self::known::{Index, Known};
use self::redact::Redactor;
use crate::exchange::{Exchange, ExchangeProblem, Header, RecordedBody, TlsFacts};
use crate::report::ExchangeSummary;
use crate::transport::{CODINGS, USER_AGENT};

/// Most exchanges kept.
const MAX_EXCHANGES: usize = 500;
/// Most bytes of text kept.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most bytes of one body that are kept.
const MAX_BODY_TEXT: usize = 256 * 1024;
/// Most secrets of each sort that are looked for. The newest count.
const MAX_KNOWN: usize = 64;

/// A bounded list of exchanges. Clones share it.
#[derive(Clone, Default)]
pub struct Recorder {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    next_id: u64,
    bytes: usize,
    exchanges: VecDeque<(usize, Exchange)>,
    /// Apart from tokens, so that a flood of tokens cannot push out a password.
    credentials: VecDeque<Arc<Known>>,
    tokens: VecDeque<Arc<Known>>,
    /// Of both, made when it is first needed after something was learned: a sign-in asks for it some sixty times.
    index: Option<Arc<Index>>,
}

impl Inner {
    fn known(&mut self, credential: bool) -> &mut VecDeque<Arc<Known>> {
        if credential { &mut self.credentials } else { &mut self.tokens }
    }

    /// Makes what is known already the newest. Its many forms were made when it was learned.
    fn renew(&mut self, what: &str, secret: &Secret, credential: bool) -> bool {
        let list = self.known(credential);
        let Some(at) = list.iter().position(|known| known.is_of(what, secret, credential)) else {
            return false;
        };
        if at + 1 < list.len()
            && let Some(known) = list.remove(at)
        {
            list.push_back(known);
            self.index = None;
        }
        true
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("exchanges", &self.len()).finish_non_exhaustive()
    }
}

impl Recorder {
    /// An empty recorder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is complete before anything can panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that is kept, oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.lock().exchanges.iter().map(|(_, exchange)| exchange.clone()).collect()
    }

    /// The exchange with that id, unless it was cleared or pushed out.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<Exchange> {
        self.lock()
            .exchanges
            .iter()
            .find(|(_, exchange)| exchange.id == id)
            .map(|(_, exchange)| exchange.clone())
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().exchanges.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all exchanges. What was learned stays, and ids go on ascending.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.exchanges.clear();
        inner.bytes = 0;
    }

    /// The id that the next exchange will have, for [`Recorder::summaries_since`].
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.lock().next_id
    }

    /// The exchanges from `mark` on, oldest first.
    #[must_use]
    pub fn summaries_since(&self, mark: u64) -> Vec<ExchangeSummary> {
        self.lock().exchanges.iter().map(|(_, e)| e).filter(|e| e.id >= mark).map(summary).collect()
    }

    /// A value that must never appear in a later recording.
    ///
    /// `what` is the name of its field: `password`, `client_secret`, `access_token`, … The first two
    /// are never fingerprinted. Values below four bytes are not looked for: they would be found
    /// everywhere, and so be given away.
    pub fn learn(&self, what: &str, secret: &Secret) {
        let credential = matches!(what, "password" | "client_secret");
        self.learn_known(what, secret, credential);
    }

    fn learn_known(&self, what: &str, secret: &Secret, credential: bool) {
        if self.lock().renew(what, secret, credential) {
            return;
        }
        let known = Known::new(what, secret, credential);
        if known.is_idle() {
            return;
        }
        let mut inner = self.lock();
        let list = inner.known(credential);
        list.retain(|other| !other.has_value(secret));
        list.push_back(Arc::new(known));
        if list.len() > MAX_KNOWN {
            list.pop_front();
        }
        inner.index = None;
    }

    /// A text without any secret that was sent or learned, in whichever encoding; harmless for display.
    ///
    /// For provider text on its way into a [`Problem`] or a finding: a hostile provider may echo the
    /// password in its `error_description`.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        visible(&self.redactor().text(text))
    }

    /// The same for all texts of a problem.
    ///
    /// Of an explained `error` explanation and remedy are words of ours, into which nothing but the code was put:
    /// where that is clean they stay, also where a password is one of those words, which would tell it.
    #[must_use]
    pub fn redacted_problem(&self, mut problem: Problem) -> Problem {
        let redactor = self.redactor();
        let code = problem.code.as_deref().map(|text| redactor.text(text));
        let explained = problem.kind == ProblemKind::OauthError && code.is_some();
        if !explained || code != problem.code {
            problem.explanation = redactor.text(&problem.explanation);
            problem.remedy = redactor.text(&problem.remedy);
        }
        problem.code = code;
        problem.description = problem.description.map(|text| redactor.parameters(&redactor.text(&text)));
        problem
    }

    /// The same for what a finding expected and received, both of which may quote the provider.
    ///
    /// Words that never change stay, also where a password is one of them: taking it out would tell it.
    pub fn redact_finding(&self, finding: &mut Finding) {
        for text in [&mut finding.expected, &mut finding.received] {
            if let Cow::Owned(quoted) = text {
                *text = self.redacted(quoted).into();
            }
        }
    }

    fn redactor(&self) -> Redactor {
        let mut inner = self.lock();
        let Inner { credentials, tokens, index, .. } = &mut *inner;
        let index = index.get_or_insert_with(|| {
            Arc::new(Index::new(credentials.iter().chain(tokens.iter()).cloned().collect()))
        });
        Redactor::new(Arc::clone(index))
    }

    /// Learns what the request says is secret.
    fn learn_request(&self, request: &HttpRequest) {
        match &request.authorization {
            Some(authorization @ Authorization::Basic { client_secret, .. }) => {
                self.learn("client_secret", client_secret);
                if let Some(pair) = authorization.header_value().expose().strip_prefix("Basic ") {
                    self.learn("client_secret", &Secret::from(pair));
                }
            }
            Some(Authorization::Bearer(token)) => self.learn("access_token", token),
            None => {}
        }
        for (name, value) in request.form.iter().flatten() {
            match value {
                FieldValue::Plain(_) => {}
                FieldValue::Token(secret) => self.learn_known(name, secret, false),
                FieldValue::Credential(secret) => self.learn_known(name, secret, true),
            }
        }
    }

    /// Enters a finished exchange.
    pub(crate) fn record(&self, recording: Recording<'_>, problem: Option<&Problem>) {
        let duration_us = micros(recording.started);
        let body = String::from_utf8_lossy(&recording.body);
        for (name, token) in body::secret_members(&body) {
            self.learn(&name, &token);
        }

        let redactor = self.redactor();
        let request = recording.request;
        let response_body = recording.answered.then(|| {
            let text = body::recorded(&body, &redactor, recording.incomplete, MAX_BODY_TEXT);
            RecordedBody { bytes: recording.body.len() as u64, ..text }
        });
        let mut exchange = Exchange {
            id: 0,
            name: request.endpoint,
            method: request.method,
            url: visible(&redactor.parameters(&redactor.text(request.url.as_str()))),
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
            problem: problem.map(|problem| ExchangeProblem {
                kind: problem.kind,
                text: visible(&redactor.text(&problem.explanation)),
            }),
            redactions: Vec::new(),
        };
        exchange.redactions = redactor.into_redactions();

        let mut inner = self.lock();
        exchange.id = inner.next_id;
        inner.next_id += 1;
        let size = size(&exchange);
        inner.bytes += size;
        inner.exchanges.push_back((size, exchange));
        while inner.exchanges.len() > MAX_EXCHANGES || inner.bytes > MAX_BYTES {
            let Some((size, _)) = inner.exchanges.pop_front() else { break };
            inner.bytes -= size;
        }
    }
}

/// An exchange under way. Holds secrets: it never leaves this crate, and is wiped when dropped.
pub(crate) struct Recording<'a> {
    request: &'a HttpRequest,
    started: Instant,
    started_at_ms: i64,
    first_byte_us: Option<u64>,
    answered: bool,
    incomplete: bool,
    status: Option<u16>,
    version: Option<String>,
    headers: Vec<(String, String)>,
    tls: Option<TlsFacts>,
    /// Decompressed, as far as it came.
    pub(crate) body: zeroize::Zeroizing<Vec<u8>>,
}

impl<'a> Recording<'a> {
    /// Starts the clock and learns the request's secrets.
    pub(crate) fn begin(request: &'a HttpRequest, recorder: &Recorder) -> Self {
        recorder.learn_request(request);
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
            body: zeroize::Zeroizing::default(),
        }
    }

    /// The head of the answer came.
    pub(crate) fn head(&mut self, status: u16, version: String, headers: &[(String, String)]) {
        self.first_byte_us = Some(micros(self.started));
        self.answered = true;
        self.status = Some(status);
        self.version = Some(version);
        self.headers = headers.to_vec();
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

fn summary(exchange: &Exchange) -> ExchangeSummary {
    ExchangeSummary {
        name: exchange.name,
        method: exchange.method,
        url: exchange.url.clone(),
        status: exchange.status,
        ms: (exchange.duration_us as f64 / 100.0).round() / 10.0,
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn size(exchange: &Exchange) -> usize {
    let pairs = |list: &[Header]| list.iter().map(|h| h.name.len() + h.value.len() + 64).sum::<usize>();
    512 + exchange.url.len()
        + pairs(&exchange.request_headers)
        + pairs(exchange.request_form.as_deref().unwrap_or_default())
        + pairs(&exchange.response_headers)
        + exchange.response_body.as_ref().map_or(0, |body| body.text.len())
        + exchange.redactions.len() * 64
}
