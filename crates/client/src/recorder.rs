//! Keeps the newest exchanges, redacted before anybody can read them: what is recorded never held a secret.
//!
//! Secrets are taken out by type (the request says which of its parts are secret), by name (members,
//! parameters and headers that carry tokens) and by value (whatever was sent or learned before, in
//! the encodings that answers echo it in).

mod body;
mod json;
mod known;
mod recording;
mod redact;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_oidc::http::{Authorization, FieldValue, HttpRequest};
use latchkey_oidc::text::{is_plain, visible};
use latchkey_oidc::{Finding, Problem, ProblemKind, Secret};
use tokio::sync::Notify;

use self::known::{Index, Known};
use self::recording::Ended;
pub(crate) use self::recording::Recording;
use self::redact::Redactor;
use crate::exchange::{Exchange, Header};
use crate::report::ExchangeSummary;

/// Most exchanges kept.
const MAX_EXCHANGES: usize = 500;
/// Most bytes of text kept.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Most bytes of one body that are kept.
const MAX_BODY_TEXT: usize = 256 * 1024;
/// Bytes of a body beyond which redacting is left to whoever has the time.
const LONG_BODY: usize = 16 * 1024;
/// Most secrets of each sort that are looked for. The newest count.
const MAX_KNOWN: usize = 64;

/// A bounded list of exchanges. Clones share it.
///
/// Redacting would hold the next request up, so it waits until that is on its way. It is done in the order in which
/// things came, and before anybody reads: what was learned is never missed, and nothing is seen unredacted.
#[derive(Clone, Default)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Comes before `inner` is looked at.
    waiting: Mutex<VecDeque<Job>>,
    /// An exchange has ended.
    ended: Notify,
    inner: Mutex<Inner>,
}

enum Job {
    Learn { what: String, secret: Secret, credential: bool },
    LearnRequest(Arc<HttpRequest>),
    Enter(Box<Ended>),
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
    fn work_off(&mut self, job: Job) {
        match job {
            Job::Learn { what, secret, credential } => self.learn(&what, &secret, credential),
            Job::LearnRequest(request) => self.learn_request(&request),
            Job::Enter(ended) => self.enter(*ended),
        }
    }

    fn known(&mut self, credential: bool) -> &mut VecDeque<Arc<Known>> {
        if credential { &mut self.credentials } else { &mut self.tokens }
    }

    fn learn(&mut self, what: &str, secret: &Secret, credential: bool) {
        if self.renew(what, secret, credential) {
            return;
        }
        let known = Known::new(what, secret, credential);
        if known.is_idle() {
            return;
        }
        let list = self.known(credential);
        list.retain(|other| !other.has_value(secret));
        list.push_back(Arc::new(known));
        if list.len() > MAX_KNOWN {
            list.pop_front();
        }
        self.index = None;
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

    /// Learns what the request says is secret.
    fn learn_request(&mut self, request: &HttpRequest) {
        match &request.authorization {
            Some(authorization @ Authorization::Basic { client_secret, .. }) => {
                self.learn("client_secret", client_secret, true);
                if let Some(pair) = authorization.header_value().expose().strip_prefix("Basic ") {
                    self.learn("client_secret", &Secret::from(pair), true);
                }
            }
            Some(Authorization::Bearer(token)) => self.learn("access_token", token, false),
            None => {}
        }
        for (name, value) in request.form.iter().flatten() {
            match value {
                FieldValue::Plain(_) => {}
                FieldValue::Token(secret) => self.learn(name, secret, false),
                FieldValue::Credential(secret) => self.learn(name, secret, true),
            }
        }
    }

    fn redactor(&mut self) -> Redactor {
        let Self { credentials, tokens, index, .. } = self;
        let index = index.get_or_insert_with(|| {
            Arc::new(Index::new(credentials.iter().chain(tokens.iter()).cloned().collect()))
        });
        Redactor::new(Arc::clone(index))
    }

    fn enter(&mut self, ended: Ended) {
        for (name, token) in ended.secret_members() {
            self.learn(&name, &token, is_credential(&name));
        }
        let mut exchange = ended.redacted(self.redactor());
        exchange.id = self.next_id;
        self.next_id += 1;
        let size = size(&exchange);
        self.bytes += size;
        self.exchanges.push_back((size, exchange));
        while self.exchanges.len() > MAX_EXCHANGES || self.bytes > MAX_BYTES {
            let Some((size, _)) = self.exchanges.pop_front() else { break };
            self.bytes -= size;
        }
    }
}

/// Never fingerprinted.
fn is_credential(what: &str) -> bool {
    matches!(what, "password" | "client_secret")
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

    /// Everything that waits is worked off when this returns.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is complete before anything can panic.
        let mut inner = self.shared.inner.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(job) = self.next_job() {
            inner.work_off(job);
        }
        inner
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_job(&self) -> Option<Job> {
        self.waiting().pop_front()
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
        let job =
            Job::Learn { what: what.to_owned(), secret: secret.clone(), credential: is_credential(what) };
        self.waiting().push_back(job);
    }

    /// A text without any secret that was sent or learned, in whichever encoding; harmless for display.
    ///
    /// For provider text on its way into a [`Problem`] or a finding: a hostile provider may echo the
    /// password in its `error_description`.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        let redactor = self.lock().redactor();
        visible(&redactor.text(text))
    }

    /// The same for all texts of a problem.
    ///
    /// Of an explained `error` explanation and remedy are words of ours, into which nothing but the code was put:
    /// where that is clean they stay, also where a password is one of those words, which would tell it.
    #[must_use]
    pub fn redacted_problem(&self, mut problem: Problem) -> Problem {
        let redactor = self.lock().redactor();
        let clean = |text: &str| redactor.text(text).into_owned();
        let code = problem.code.as_deref().map(clean);
        let explained = problem.kind == ProblemKind::OauthError && code.is_some();
        if !explained || code != problem.code {
            problem.explanation = clean(&problem.explanation);
            problem.remedy = clean(&problem.remedy);
        }
        problem.code = code;
        problem.description = problem.description.map(|text| redactor.all(&text).into_owned());
        problem
    }

    /// The same for what findings expected and received, both of which may quote the provider.
    ///
    /// Words that never change stay, also where a password is one of them: taking it out would tell it.
    pub fn redact_findings(&self, findings: &mut [Finding]) {
        let redactor = self.lock().redactor();
        for text in findings.iter_mut().flat_map(|finding| [&mut finding.expected, &mut finding.received]) {
            let Cow::Owned(quoted) = text else { continue };
            let redacted = redactor.text(quoted);
            // Most are as they should be: they stay, and nothing is copied.
            if matches!(redacted, Cow::Owned(_)) || !is_plain(quoted) {
                *text = visible(&redacted).into();
            }
        }
    }

    /// Learns what a request says is secret, before it is sent.
    fn learn_request(&self, request: Arc<HttpRequest>) {
        self.waiting().push_back(Job::LearnRequest(request));
    }

    /// Enters an exchange that has ended, with why it failed.
    pub(crate) fn record(&self, recording: Recording, problem: Option<&Problem>) {
        self.waiting().push_back(Job::Enter(Box::new(recording.ended(problem))));
        self.shared.ended.notify_waiters();
        // Until then another processor may have time for it. Without a runtime the next reader does it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let recorder = self.clone();
            runtime.spawn_blocking(move || drop(recorder.lock()));
        }
    }

    /// The next job, unless it is a long one or somebody is at it already. Nobody waits for that who has an answer to take.
    fn work_off_one(&self) -> bool {
        let Ok(mut inner) = self.shared.inner.try_lock() else { return false };
        let next = {
            let mut waiting = self.waiting();
            let long = matches!(waiting.front(), Some(Job::Enter(ended)) if ended.body_bytes() > LONG_BODY);
            if long { None } else { waiting.pop_front() }
        };
        next.map(|job| inner.work_off(job)).is_some()
    }

    /// Works off what waits, now and whenever an exchange beside ends. Never ends by itself: it is for whoever has
    /// nothing else to do until something else happens.
    pub(crate) async fn work_off(&self) -> Infallible {
        loop {
            let ended = self.shared.ended.notified();
            // Whatever else the task has to send goes first, and between two pieces of work whoever wants to cancel.
            tokio::task::yield_now().await;
            while self.work_off_one() {
                tokio::task::yield_now().await;
            }
            ended.await;
        }
    }
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

fn size(exchange: &Exchange) -> usize {
    let pairs = |list: &[Header]| list.iter().map(|h| h.name.len() + h.value.len() + 64).sum::<usize>();
    512 + exchange.url.len()
        + pairs(&exchange.request_headers)
        + pairs(exchange.request_form.as_deref().unwrap_or_default())
        + pairs(&exchange.response_headers)
        + exchange.response_body.as_ref().map_or(0, |body| body.text.len())
        + exchange.redactions.len() * 64
}
