//! A sign-in: metadata, tokens with the keys fetched beside them, verification, UserInfo. In this
//! order, and a failed check ends it: nothing after it is sent.

use latchkey_oidc::catalogue::{Context, Grant};
use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::{Endpoint, HttpAnswer};
use latchkey_oidc::id_token::{self, Previous, Verification};
use latchkey_oidc::issuer::{Generation, Issuer};
use latchkey_oidc::token::{self, TokenAnswer};
use latchkey_oidc::{Check, Finding, Problem, Secret, Status, claims, userinfo};
use serde_json::{Map, Value};

use crate::clock;
use crate::connection::Connection;
use crate::provider::{self, Keys, Provider};
use crate::recorder::Recorder;
use crate::report::{DecodedToken, Kept, Note, Outcome, SignInReport, StepName, StepState, TokenSummaries};
use crate::run::Run;
use crate::session::{self, Session};
use crate::transport::Transport;

/// The steps of a sign-in, in order.
pub const STEPS: [StepName; 5] =
    [StepName::Discovery, StepName::Keys, StepName::Token, StepName::Verify, StepName::Userinfo];

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
        /// Asked for at the first sign-in: what came is judged by it.
        scopes: &'a [String],
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
    let error = match result {
        Err(problem) => Some(recorder.redacted_problem(problem)),
        Ok(()) if rejected => Some(rejection(&findings)),
        Ok(()) => None,
    };
    for finding in &mut findings {
        finding.received = recorder.redacted(&finding.received).into();
        finding.expected = recorder.redacted(&finding.expected).into();
    }
    let outcome = match &error {
        _ if rejected => Outcome::Rejected,
        None => Outcome::SignedIn,
        Some(problem) => outcome_of(problem),
    };
    let id_token_claims = verification.as_ref().and_then(|verified| verified.claims.clone());
    let accepted_userinfo = userinfo.filter(|_| outcome == Outcome::SignedIn).map(Value::Object);
    let who = claims::who(id_token_claims.clone().map(Value::Object).as_ref(), accepted_userinfo.as_ref());
    let session = session.filter(|_| !rejected);
    let refresh_token_kept = match &session {
        Some(session) if session.refresh_token.is_some() => session.kept,
        _ => Kept::None,
    };
    let report = SignInReport {
        outcome,
        findings,
        id_token: verification.and_then(|verified| {
            Some(DecodedToken {
                header: Value::Object(verified.header?),
                claims: Value::Object(verified.claims?),
            })
        }),
        userinfo: accepted_userinfo,
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

#[derive(Default)]
struct Gathered {
    findings: Vec<Finding>,
    provider: Option<Provider>,
    tokens: TokenSummaries,
    verification: Option<Verification>,
    userinfo: Option<Map<String, Value>>,
    session: Option<Session>,
    notes: Vec<Note>,
}

struct Course<'a, 'r> {
    request: SignIn<'a>,
    transport: &'a Transport,
    recorder: &'a Recorder,
    run: &'a Run<'r>,
    gathered: Gathered,
}

impl Course<'_, '_> {
    /// Follows the steps; returns early, with `Ok`, where a finding failed.
    async fn follow(&mut self, keep_rotated: &impl KeepRotated) -> Result<(), Problem> {
        let provider = self.discover().await?;
        self.gathered.findings.extend(provider.findings.iter().cloned());
        self.gathered.findings.extend(self.fit(&provider));
        self.gathered.provider = Some(provider.clone());
        if any_failed(&self.gathered.findings) {
            return Ok(());
        }
        let (answer, keys) = self.tokens_and_keys(&provider).await?;
        let received_at = answer.received_at;
        self.gathered.findings.push(clock_finding(&answer));
        let (tokens, findings) = match token::parse(&answer, self.asked(), &self.context(&provider)) {
            Ok(parsed) => parsed,
            Err(problem) => {
                self.run.end(StepName::Token, StepState::Failed);
                return Err(problem);
            }
        };
        self.gathered.findings.extend(findings);
        self.gathered.tokens = session::summaries(&tokens, None);
        let keys = match self.verify(&provider, &tokens, keys, received_at).await {
            Ok(keys) => keys,
            Err(problem) => {
                // Not refused, only not verified: the old token is used up, so the new one must not be lost.
                if let (Credentials::Refresh { .. }, Some(rotated)) =
                    (&self.request.credentials, &tokens.refresh_token)
                {
                    keep_rotated.keep(rotated).await;
                }
                return Err(problem);
            }
        };
        if any_failed(&self.gathered.findings) {
            self.run.end(StepName::Verify, StepState::Failed);
            return Ok(());
        }
        self.run.end(StepName::Verify, StepState::Done);
        self.gathered.session = Some(self.session(&tokens, received_at));
        if let (Credentials::Refresh { .. }, Some(rotated)) =
            (&self.request.credentials, &tokens.refresh_token)
        {
            keep_rotated.keep(rotated).await;
        }
        self.user_info(&provider, &tokens, keys).await?;
        if !any_failed(&self.gathered.findings) {
            self.judge_claims(&provider);
        }
        Ok(())
    }

    async fn discover(&mut self) -> Result<Provider, Problem> {
        if let Some(known) = self.request.provider {
            self.run.end(StepName::Discovery, StepState::Ready);
            return Ok(known.clone());
        }
        self.run.begin(StepName::Discovery);
        let looked_up = async {
            let issuer = Issuer::parse(&self.request.connection.issuer)?;
            provider::look_up_metadata(&issuer, self.transport, self.recorder, &self.run.cancel).await
        };
        match looked_up.await {
            Ok(provider) => {
                self.run.end(StepName::Discovery, StepState::Done);
                Ok(provider)
            }
            Err(problem) => {
                self.run.end(StepName::Discovery, StepState::Failed);
                Err(problem)
            }
        }
    }

    /// Whether the provider says that it can do what the connection wants. It may be wrong: a warning.
    fn fit(&self, provider: &Provider) -> Vec<Finding> {
        let mut findings = Vec::new();
        let grant = self.grant();
        let name = latchkey_oidc::metadata::grant_type(grant);
        let offered = provider.metadata.grant_types_supported.as_ref();
        findings.push(match provider.metadata.offers_grant(grant) {
            Some(true) => {
                Finding::new(Check::MetadataGrant, Status::Passed, name, "offered", "OIDC Discovery §3")
            }
            Some(false) => Finding::new(
                Check::MetadataGrant,
                Status::Warning,
                name,
                latchkey_oidc::jws::shown_text(&offered.map(|all| all.join(", ")).unwrap_or_default()),
                "OIDC Discovery §3",
            )
            .with_remedy("The provider does not offer this grant, and will most likely refuse it."),
            None => Finding::new(Check::MetadataGrant, Status::NotDue, name, "not said", "OIDC Discovery §3"),
        });
        let method = self.request.client.method();
        let methods = provider.metadata.token_endpoint_auth_methods_supported.as_ref();
        findings.push(match methods {
            None => Finding::new(
                Check::MetadataAuthMethod,
                Status::NotDue,
                method.registered_name(),
                "not said",
                "OIDC Discovery §3",
            ),
            Some(all) if all.iter().any(|name| name == method.registered_name()) => Finding::new(
                Check::MetadataAuthMethod,
                Status::Passed,
                method.registered_name(),
                "offered",
                "OIDC Discovery §3",
            ),
            Some(all) => Finding::new(
                Check::MetadataAuthMethod,
                Status::Warning,
                method.registered_name(),
                latchkey_oidc::jws::shown_text(&all.join(", ")),
                "OIDC Discovery §3",
            )
            .with_remedy(
                "The provider does not offer this client authentication, and will most likely refuse it.",
            ),
        });
        findings
    }

    /// The token request, with the key set fetched beside it: it costs no time there.
    async fn tokens_and_keys(
        &mut self,
        provider: &Provider,
    ) -> Result<(HttpAnswer, Result<Keys, Problem>), Problem> {
        let confirmed = &self.request.connection.confirmed_hosts;
        let url = provider.metadata.endpoint_for_secrets(&provider.issuer, Endpoint::Token, confirmed)?;
        // Whether UserInfo could be asked is known now: better said before a password is sent.
        if provider.metadata.userinfo_endpoint.is_some() {
            provider.metadata.endpoint_for_secrets(&provider.issuer, Endpoint::Userinfo, confirmed)?;
        }
        let http = match &self.request.credentials {
            Credentials::Password { username, password, scopes } => token::password_request(
                url,
                self.request.client,
                username,
                password,
                scopes,
                provider.generation(),
            ),
            Credentials::Refresh { refresh_token, .. } => {
                token::refresh_request(url, self.request.client, refresh_token)
            }
        };
        let send = async {
            self.run.begin(StepName::Token);
            let answer = self.transport.send(&http, self.recorder, &self.run.cancel).await;
            let state = if answer.is_ok() { StepState::Done } else { StepState::Failed };
            self.run.end(StepName::Token, state);
            answer
        };
        let fetch = async {
            self.run.begin(StepName::Keys);
            let keys =
                provider::look_up_keys(provider, self.transport, self.recorder, &self.run.cancel).await;
            self.run.end(StepName::Keys, if keys.is_ok() { StepState::Done } else { StepState::Failed });
            keys
        };
        let (answer, keys) = tokio::join!(send, fetch);
        Ok((answer?, keys))
    }

    /// Verifies the ID token, with one more look at the keys where that could help.
    async fn verify(
        &mut self,
        provider: &Provider,
        tokens: &TokenAnswer,
        keys: Result<Keys, Problem>,
        now: i64,
    ) -> Result<Option<Keys>, Problem> {
        self.run.begin(StepName::Verify);
        let Some(id_token) = &tokens.id_token else {
            self.gathered.findings.push(self.no_id_token(provider));
            return Ok(keys.ok());
        };
        let (mut keys, mut keys_problem) = match keys {
            Ok(keys) => (Some(keys), None),
            Err(problem) => (None, Some(problem)),
        };
        let mut verification = self.verification(provider, tokens, id_token, keys.as_ref(), now);
        if verification.fresh_keys_may_help {
            match provider::look_up_keys(provider, self.transport, self.recorder, &self.run.cancel).await {
                Ok(fresh) => {
                    verification = self.verification(provider, tokens, id_token, Some(&fresh), now);
                    keys = Some(fresh);
                }
                Err(problem) => keys_problem = Some(problem),
            }
        }
        let unreachable = key_is_missing(&verification, keys.as_ref())
            && verification
                .findings
                .iter()
                .any(|finding| finding.check == Check::IdTokenSignature && finding.status == Status::Failed);
        self.gathered.tokens = session::summaries(tokens, verification.claims.as_ref());
        if let Some(keys) = &keys {
            self.gathered.findings.extend(keys.findings.iter().cloned());
            if let Some(known) = &mut self.gathered.provider {
                known.keys = Some(keys.clone());
            }
        }
        self.gathered.findings.extend(verification.findings.iter().cloned());
        self.gathered.verification = Some(verification);
        match keys_problem {
            // Without its key nothing can be said of the token: the key set is the cause, not the token.
            Some(problem) if unreachable => {
                self.gathered.findings.retain(|finding| finding.check != Check::IdTokenSignature);
                if any_failed(&self.gathered.findings) { Ok(keys) } else { Err(problem) }
            }
            _ => Ok(keys),
        }
    }

    fn verification(
        &self,
        provider: &Provider,
        tokens: &TokenAnswer,
        id_token: &Secret,
        keys: Option<&Keys>,
        now: i64,
    ) -> Verification {
        let connection = self.request.connection;
        let previous = match &self.request.credentials {
            Credentials::Refresh { subject: Some(subject), .. } => Some(Previous { subject }),
            _ => None,
        };
        let expectations = id_token::Expectations {
            issuer: provider.issuer.as_str(),
            client_id: &connection.client_id,
            client_secret: self.request.client.client_secret(),
            algorithms: provider.metadata.id_token_signing_alg_values_supported.as_deref(),
            access_token: Some(&tokens.access_token),
            refresh_token: tokens.refresh_token.as_ref(),
            previous,
            now,
            ..id_token::Expectations::default()
        };
        id_token::verify(id_token, keys.map(|keys| &keys.set), &expectations)
    }

    fn no_id_token(&self, provider: &Provider) -> Finding {
        let reference = "OIDC Core §3.1.3.3, §12.2";
        match &self.request.credentials {
            Credentials::Refresh { .. } => {
                Finding::new(Check::IdToken, Status::NotDue, "optional in a refresh", "none", reference)
            }
            Credentials::Password { scopes, .. } if !scopes.iter().any(|scope| scope == "openid") => {
                Finding::new(Check::IdToken, Status::NotDue, "due with the scope openid", "none", reference)
            }
            Credentials::Password { .. } => {
                let remedy = if provider.generation() == Generation::OneloginV1 {
                    "OneLogin's first generation documents no ID token for this grant: nothing could be verified."
                } else {
                    "Nothing could be verified. The password grant is outside OpenID Connect, and this provider sends no ID token with it."
                };
                Finding::new(
                    Check::IdToken,
                    Status::Warning,
                    "an ID token, since openid was asked for",
                    "none",
                    reference,
                )
                .with_remedy(remedy)
            }
        }
    }

    fn session(&self, tokens: &TokenAnswer, obtained_at: i64) -> Session {
        let verification = self.gathered.verification.as_ref();
        Session {
            access_token: tokens.access_token.clone(),
            refresh_token: tokens.refresh_token.clone().or_else(|| match &self.request.credentials {
                // A provider that does not rotate sends none: the one in use stays.
                Credentials::Refresh { refresh_token, .. } => Some((*refresh_token).clone()),
                Credentials::Password { .. } => None,
            }),
            id_token: tokens.id_token.clone(),
            expires_in: tokens.expires_in,
            obtained_at,
            subject: verification.and_then(Verification::subject).map(str::to_owned).or_else(|| match &self
                .request
                .credentials
            {
                Credentials::Refresh { subject, .. } => subject.map(str::to_owned),
                Credentials::Password { .. } => None,
            }),
            asked: self.asked().to_vec(),
            scope: tokens.scope.clone().unwrap_or_else(|| self.asked().to_vec()),
            id_token_header: verification.and_then(|verified| verified.header.clone()),
            id_token_claims: verification.and_then(|verified| verified.claims.clone()),
            userinfo: None,
            kept: Kept::SessionOnly,
        }
    }

    async fn user_info(
        &mut self,
        provider: &Provider,
        tokens: &TokenAnswer,
        keys: Option<Keys>,
    ) -> Result<(), Problem> {
        let reference = "OIDC Core §5.3";
        if provider.metadata.userinfo_endpoint.is_none() {
            self.gathered.findings.push(Finding::new(
                Check::UserInfo,
                Status::NotDue,
                "offered by the provider",
                "no userinfo_endpoint",
                reference,
            ));
            return Ok(());
        }
        let openid = tokens.scope.as_deref().unwrap_or(self.asked()).iter().any(|scope| scope == "openid");
        if !openid && !provider.generation().is_onelogin() {
            self.gathered.findings.push(Finding::new(
                Check::UserInfo,
                Status::NotDue,
                "due with the scope openid",
                "not asked for",
                reference,
            ));
            return Ok(());
        }
        self.run.begin(StepName::Userinfo);
        let url = provider.metadata.endpoint_for_secrets(
            &provider.issuer,
            Endpoint::Userinfo,
            &self.request.connection.confirmed_hosts,
        )?;
        let answer = self
            .transport
            .send(&userinfo::request(url, &tokens.access_token), self.recorder, &self.run.cancel)
            .await?;
        let context = self.context(provider);
        let parse = |keys: Option<&Keys>| {
            let expect = userinfo::Expectations {
                issuer: provider.issuer.as_str(),
                client_id: &self.request.connection.client_id,
                client_secret: self.request.client.client_secret(),
                // Of the ID token, or of the first sign-in where a refresh brought none.
                subject: self.gathered.session.as_ref().and_then(|session| session.subject.as_deref()),
                algorithms: None,
                now: answer.received_at,
            };
            userinfo::parse(&answer, keys.map(|keys| &keys.set), &expect, &context)
        };
        let mut parsed = parse(keys.as_ref())?;
        if parsed.fresh_keys_may_help {
            let fresh =
                provider::look_up_keys(provider, self.transport, self.recorder, &self.run.cancel).await?;
            parsed = parse(Some(&fresh))?;
        }
        let failed = any_failed(&parsed.findings);
        self.run.end(StepName::Userinfo, if failed { StepState::Failed } else { StepState::Done });
        self.gathered.findings.extend(parsed.findings);
        if !failed {
            if let Some(session) = &mut self.gathered.session {
                if session.subject.is_none() {
                    session.subject = parsed.claims.get("sub").and_then(Value::as_str).map(str::to_owned);
                }
                session.userinfo = Some(parsed.claims.clone());
            }
            self.gathered.userinfo = Some(parsed.claims);
        }
        Ok(())
    }

    /// What the claims say about the settings: hints, never a reason to stop.
    fn judge_claims(&mut self, provider: &Provider) {
        let id_token = self
            .gathered
            .verification
            .as_ref()
            .and_then(|verified| verified.claims.clone())
            .map(Value::Object);
        let userinfo = self.gathered.userinfo.clone().map(Value::Object);
        if id_token.is_none() && userinfo.is_none() {
            return;
        }
        let onelogin = provider.generation().is_onelogin();
        let asked = self.asked().to_vec();
        self.gathered.findings.extend(claims::findings(
            id_token.as_ref(),
            userinfo.as_ref(),
            &asked,
            onelogin,
        ));
        for scope in claims::view(id_token.as_ref(), userinfo.as_ref(), &asked, onelogin).scopes {
            if let Some(remedy) = scope.note {
                let title = if scope.scope == "groups" {
                    "No groups came back, though you asked for them.".to_owned()
                } else {
                    format!("Nothing came back for the scope {}.", latchkey_oidc::text::visible(&scope.scope))
                };
                self.gathered.notes.push(Note { title, remedy });
            }
        }
    }

    fn asked(&self) -> &[String] {
        match &self.request.credentials {
            Credentials::Password { scopes, .. } | Credentials::Refresh { scopes, .. } => scopes,
        }
    }

    fn grant(&self) -> Grant {
        match self.request.credentials {
            Credentials::Password { .. } => Grant::Password,
            Credentials::Refresh { .. } => Grant::RefreshToken,
        }
    }

    fn context(&self, provider: &Provider) -> Context<'_> {
        Context {
            onelogin: provider.generation().is_onelogin(),
            grant: Some(self.grant()),
            auth_method: Some(self.request.client.method()),
            app_name: Some(&self.request.connection.name).filter(|name| !name.is_empty()).map(String::as_str),
            scopes: self.asked(),
        }
    }
}

/// Whether the key that a token names is not among those that could be had. A client secret is always at hand.
fn key_is_missing(verification: &Verification, keys: Option<&Keys>) -> bool {
    let member = |name: &str| verification.header.as_ref()?.get(name)?.as_str();
    let symmetric = member("alg").is_some_and(|alg| alg.starts_with("HS"));
    let known = keys.is_some_and(|keys| {
        member("kid").is_none_or(|kid| keys.set.rows().any(|row| row.kid.as_deref() == Some(kid)))
    });
    !symmetric && !known
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
        }
    }
}

/// The measured difference of the clocks: `Date` of the token answer against this computer.
fn clock_finding(answer: &HttpAnswer) -> Finding {
    const REFERENCE: &str = "RFC 9110 §6.6.1";
    let expected = "within 60 s of the provider's";
    let Some(date) = answer.header("date").and_then(latchkey_oidc::timestamp::http_date) else {
        return Finding::new(
            Check::ClockSkew,
            Status::NotDue,
            expected,
            "the provider sent no Date",
            REFERENCE,
        );
    };
    let skew = date.saturating_sub(answer.received_at);
    let received = match skew {
        -1..=1 => "same".to_owned(),
        ahead if ahead > 0 => format!("the provider is {} ahead", latchkey_oidc::timestamp::span(ahead)),
        behind => format!("the provider is {} behind", latchkey_oidc::timestamp::span(behind)),
    };
    if skew.abs() <= latchkey_oidc::timestamp::LEEWAY {
        Finding::new(Check::ClockSkew, Status::Passed, expected, received, REFERENCE)
    } else {
        Finding::new(Check::ClockSkew, Status::Warning, expected, received, REFERENCE).with_remedy(
            "Let this computer set its clock by the network's time; tokens fail their time checks otherwise.",
        )
    }
}

fn rejection(findings: &[Finding]) -> Problem {
    let failed: Vec<&Finding> = findings.iter().filter(|finding| finding.status == Status::Failed).collect();
    let Some(first) = failed.first() else {
        return Problem::new(latchkey_oidc::ProblemKind::Rejected, "A check failed.", "");
    };
    let others = match failed.len() {
        1 => String::new(),
        2 => " One more check failed.".to_owned(),
        more => format!(" {} more checks failed.", more - 1),
    };
    Problem::new(
        latchkey_oidc::ProblemKind::Rejected,
        format!("{}: expected {}, received {}.{others}", first.check.label(), first.expected, first.received),
        first.remedy.clone().unwrap_or_else(|| "The tokens must not be used.".to_owned()),
    )
}
