//! A sign-in: metadata, tokens with the keys fetched beside them, verification, UserInfo. In this
//! order, and a failed check ends it: nothing after it is sent.

pub mod browser;
mod course;
mod judging;
mod tokens;

use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::{Finding, Problem, ProblemKind, Secret, Status, claims};
use serde_json::{Map, Value};

use self::browser::{BrowserRequest, UserAgent};
use self::course::{Course, Gathered};
pub(crate) use self::tokens::Tokens;
use crate::clock;
use crate::connection::Connection;
use crate::provider::Provider;
use crate::recorder::Recorder;
use crate::report::{DecodedToken, Kept, Outcome, SignInReport, StepName};
use crate::run::Run;
use crate::session::Session;
use crate::transport::Transport;

/// The steps of a sign-in, in order.
pub const STEPS: [StepName; 5] =
    [StepName::Discovery, StepName::Keys, StepName::Token, StepName::Verify, StepName::Userinfo];

/// The steps of a sign-in through the browser, in order.
pub const BROWSER_STEPS: [StepName; 6] = [
    StepName::Discovery,
    StepName::Authorization,
    StepName::Keys,
    StepName::Token,
    StepName::Verify,
    StepName::Userinfo,
];

/// What a sign-in needs, complete and checked by [`crate::input`].
pub struct SignIn<'a> {
    /// The saved client, or one made up for a single run.
    pub connection: &'a Connection,
    /// Its credentials.
    pub client: &'a ClientAuth,
    /// How the tokens are asked for.
    pub credentials: Credentials<'a>,
    /// What is known of the provider; looked up where nothing is.
    pub provider: Option<&'a Provider>,
}

/// The grant with its credentials.
pub enum Credentials<'a> {
    /// RFC 6749 §4.3.
    Password {
        /// As typed.
        username: &'a str,
        /// As typed.
        password: &'a Secret,
        /// Asked for, in order.
        scopes: &'a [String],
    },
    /// RFC 6749 §6.
    Refresh {
        /// The latest one.
        refresh_token: &'a Secret,
        /// `sub` of the first sign-in, which must stay.
        subject: Option<&'a str>,
        /// The nonce of the first sign-in, where one was sent: the new ID token may have it, and no other.
        nonce: Option<&'a str>,
        /// Asked for at the first sign-in: what came is judged by it.
        scopes: &'a [String],
    },
    /// The authorization code or implicit flow (OIDC Core §3.1, §3.2).
    Browser {
        /// What is asked for.
        request: &'a BrowserRequest,
        /// Who goes there and takes the answer.
        agent: &'a dyn UserAgent,
    },
}

/// Stores a refresh token that a refresh brought, while the run is under way.
pub trait KeepRotated: Sync {
    /// Called at most once in a run.
    fn keep(&self, refresh_token: &Secret) -> impl Future<Output = ()> + Send;
}

/// For grants that rotate nothing.
pub struct NothingRotates;

impl KeepRotated for NothingRotates {
    async fn keep(&self, _refresh_token: &Secret) {}
}

/// How a sign-in ended.
pub struct Ended {
    /// For people and scripts.
    pub report: SignInReport,
    /// The tokens, where they may be used.
    pub session: Option<Session>,
    /// What is now known of the provider.
    pub provider: Option<Provider>,
}

/// Runs a sign-in to its end. Never fails as such: how it ended is in the report.
///
/// `keep_rotated` is called with a refresh token that a refresh brought, after what came with it was
/// verified and before anything else is sent, so that it is stored before the old one is forgotten.
/// Whether it could be stored is the caller's to tell: the run goes on, since the token is also in the session.
pub async fn sign_in(
    request: SignIn<'_>,
    transport: &Transport,
    recorder: &Recorder,
    run: &Run<'_>,
    keep_rotated: &impl KeepRotated,
) -> Ended {
    let mark = recorder.mark();
    let started_at_ms = clock::now_ms();
    recorder.learn_credentials(&request);
    let mut course = Course { request, transport, recorder, run, gathered: Gathered::default() };
    let result = course.follow(keep_rotated).await;
    let Gathered { mut findings, provider, tokens, verification, userinfo, session, notes } = course.gathered;
    let rejected = any_failed(&findings);
    recorder.redact_findings(&mut findings);
    let error = match result {
        Err(problem) => Some(recorder.redacted_problem(problem)),
        // Quotes the findings, which are clean by now.
        Ok(()) if rejected => Some(rejection(&findings)),
        Ok(()) => None,
    };
    let outcome = match &error {
        _ if rejected => Outcome::Rejected,
        None => Outcome::SignedIn,
        Some(problem) => outcome_of(problem),
    };
    // A provider may put what it was sent into claims: it is taken out of all that is shown.
    let clean = |members: Map<String, Value>| {
        let mut members = Value::Object(members);
        recorder.redact_json(&mut members);
        members
    };
    let id_token = verification.and_then(|verified| {
        Some(DecodedToken { header: clean(verified.header?), claims: clean(verified.claims?) })
    });
    let userinfo = userinfo.map(clean);
    let session = session.filter(|_| !rejected).map(|session| Session {
        id_token_header: id_token.as_ref().and_then(|token| token.header.as_object().cloned()),
        id_token_claims: id_token.as_ref().and_then(|token| token.claims.as_object().cloned()),
        userinfo: userinfo.as_ref().and_then(|claims| claims.as_object().cloned()),
        ..session
    });
    let userinfo = userinfo.filter(|_| outcome == Outcome::SignedIn);
    let who = claims::who(id_token.as_ref().map(|token| &token.claims), userinfo.as_ref());
    let refresh_token_kept = match &session {
        Some(session) if session.refresh_token.is_some() => session.kept,
        _ => Kept::None,
    };
    let report = SignInReport {
        outcome,
        findings,
        id_token,
        userinfo,
        tokens,
        error,
        exchanges: recorder.summaries_since(mark),
        notes,
        steps: run.finish(),
        who,
        started_at_ms,
        refresh_token_kept,
    };
    Ended { report, session, provider }
}

/// Which outcome a problem means.
#[must_use]
pub fn outcome_of(problem: &Problem) -> Outcome {
    use latchkey_oidc::ProblemKind as Kind;
    match problem.kind {
        Kind::Rejected | Kind::IssuerMismatch | Kind::UnsafeEndpoint | Kind::UnconfirmedHost => {
            Outcome::Rejected
        }
        Kind::Dns
        | Kind::ConnectionRefused
        | Kind::ConnectionFailed
        | Kind::OutcomeUnknown
        | Kind::TlsExpired
        | Kind::TlsUnknownIssuer
        | Kind::TlsWrongHost
        | Kind::TlsFailed
        | Kind::Proxy
        | Kind::TimedOut
        | Kind::TooLarge
        | Kind::Cancelled => Outcome::NetworkError,
        _ => Outcome::ProviderError,
    }
}

impl Recorder {
    /// Whatever this run sends that is secret must not come back in a recording.
    fn learn_credentials(&self, request: &SignIn<'_>) {
        if let Some(secret) = request.client.client_secret() {
            self.learn("client_secret", secret);
        }
        match &request.credentials {
            Credentials::Password { password, .. } => self.learn("password", password),
            Credentials::Refresh { refresh_token, .. } => self.learn("refresh_token", refresh_token),
            // Its secrets are made on the way.
            Credentials::Browser { .. } => {}
        }
    }
}

/// The problem of failed findings: the first one's words, and how many more there are.
#[must_use]
pub fn rejection(findings: &[Finding]) -> Problem {
    let mut failed = findings.iter().filter(|finding| finding.status == Status::Failed);
    let Some(first) = failed.next() else {
        return Problem::new(ProblemKind::Rejected, "A check failed.", "");
    };
    let others = match failed.count() {
        0 => String::new(),
        1 => " One more check failed.".to_owned(),
        more => format!(" {more} more checks failed."),
    };
    Problem::new(
        ProblemKind::Rejected,
        format!("{}: expected {}, received {}.{others}", first.check.label(), first.expected, first.received),
        first.remedy.clone().unwrap_or_else(|| "What came must not be used.".to_owned()),
    )
}
