//! An introspection, revocation or sign-out while it is under way: its requests, and the checks of their answers.

use std::sync::Arc;

use latchkey_oidc::answer;
use latchkey_oidc::catalogue::{Context, Grant};
use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::end_session::{self, Prepared};
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::{Endpoint, HttpAnswer, HttpRequest};
use latchkey_oidc::introspection::{self, Expectations, Introspection, TokenTypeHint};
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::{Check, Finding, Problem, ProblemKind, Secret, Status, revocation, token, userinfo};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::connection::Connection;
use crate::provider::{self, Provider};
use crate::recorder::Recorder;
use crate::report::Note;
use crate::session::TokenKind;
use crate::session_report::{SessionDeed, SessionOutcome, SessionReport};
use crate::sign_in::browser::UserAgent;
use crate::sign_in::{outcome_of, rejection};
use crate::transport::Transport;

/// A token, and what its introspection must agree with.
pub(crate) struct Asked<'a> {
    pub(crate) token: &'a Secret,
    pub(crate) hint: Option<TokenTypeHint>,
    pub(crate) subject: Option<String>,
}

/// What using a revoked token brought.
#[derive(Default)]
pub(crate) struct Proofs {
    /// A refresh token that a refresh brought although it should have been refused.
    pub(crate) rotated: Option<Secret>,
}

/// One of them under way.
pub(crate) struct Errand<'a> {
    pub(crate) connection: &'a Connection,
    auth: &'a ClientAuth,
    deed: SessionDeed,
    transport: Transport,
    recorder: Recorder,
    cancel: CancellationToken,
    mark: u64,
    token: Option<TokenKind>,
    fingerprint: Option<String>,
    findings: Vec<Finding>,
    introspection: Option<Value>,
    /// The token that was introspected last, and the answer.
    told: Option<(Secret, Map<String, Value>)>,
    address: Option<String>,
    pub(crate) notes: Vec<Note>,
    pub(crate) forgotten: bool,
    /// The provider answered, and did not say what it did.
    pub(crate) unclear: bool,
}

impl<'a> Errand<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        auth: &'a ClientAuth,
        deed: SessionDeed,
        transport: Transport,
        recorder: Recorder,
        cancel: CancellationToken,
    ) -> Self {
        if let Some(secret) = auth.client_secret() {
            recorder.learn("client_secret", secret);
        }
        Self {
            connection,
            auth,
            deed,
            mark: recorder.mark(),
            transport,
            recorder,
            cancel,
            token: None,
            fingerprint: None,
            findings: Vec::new(),
            introspection: None,
            told: None,
            address: None,
            notes: Vec::new(),
            forgotten: false,
            unclear: false,
        }
    }

    /// The token that it is about, which must not come back in a recording.
    pub(crate) fn about(&mut self, token: &Secret, kind: Option<TokenKind>) {
        self.recorder.learn(kind.map_or("token", TokenKind::name), token);
        self.fingerprint = Some(token.fingerprint());
        self.token = kind;
    }

    pub(crate) async fn look_up(&self) -> Result<Provider, Problem> {
        let issuer = Issuer::parse(&self.connection.issuer)?;
        provider::look_up_metadata(&issuer, &self.transport, &self.recorder, &self.cancel).await
    }

    /// Metadata that failed a check are not used.
    pub(crate) fn accepts(&mut self, provider: Arc<Provider>) -> Result<Arc<Provider>, Problem> {
        if any_failed(&provider.findings) {
            self.findings.extend(provider.findings.iter().cloned());
            return Err(rejection(&self.findings));
        }
        Ok(provider)
    }

    pub(crate) fn failed(&self) -> bool {
        any_failed(&self.findings)
    }

    /// Introspects, and keeps the answer for the report.
    pub(crate) async fn introspect(
        &mut self,
        provider: &Provider,
        asked: &Asked<'_>,
    ) -> Result<Introspection, Problem> {
        let (introspection, findings) = self.introspection(provider, asked).await?;
        self.findings.extend(findings);
        self.introspection = Some(Value::Object(introspection.claims.clone()));
        Ok(introspection)
    }

    /// Revokes, with a look at the token before and the proofs after.
    pub(crate) async fn revoke(
        &mut self,
        provider: &Provider,
        asked: &Asked<'_>,
    ) -> (Result<(), Problem>, Proofs) {
        let mut proofs = Proofs::default();
        let result = self.revoke_and_prove(provider, asked, &mut proofs).await;
        (result, proofs)
    }

    async fn revoke_and_prove(
        &mut self,
        provider: &Provider,
        asked: &Asked<'_>,
        proofs: &mut Proofs,
    ) -> Result<(), Problem> {
        let url = self.endpoint(provider, Endpoint::Revocation)?;
        self.before(provider, asked).await?;
        let request = revocation::request(url, self.auth, asked.token, asked.hint);
        let answer = self.send(&request).await?;
        self.findings.push(revocation::parse(&answer, &self.context(provider, None))?);
        let proof = self.proof(provider, asked).await;
        let still_active = proof.status == Status::Failed;
        self.findings.push(proof);
        if still_active {
            return Ok(());
        }
        match asked.hint {
            Some(TokenTypeHint::RefreshToken) => {
                proofs.rotated = self.refresh_is_refused(provider, asked).await
            }
            Some(TokenTypeHint::AccessToken) => self.userinfo_is_refused(provider, asked).await,
            None => {}
        }
        Ok(())
    }

    /// Signs out, and looks whether the tokens ended.
    pub(crate) async fn sign_out(
        &mut self,
        provider: &Provider,
        prepared: Prepared,
        proof_of: Option<&Asked<'_>>,
        revoke_only: bool,
        agent: Option<&dyn UserAgent>,
    ) -> Result<(), Problem> {
        let was_active = match proof_of {
            Some(asked) => self.before(provider, asked).await?,
            None => false,
        };
        let Prepared { url, shown, pending } = prepared;
        let back = match agent {
            Some(agent) => {
                let back = agent.leave(&url, &shown, &self.cancel).await;
                self.address = Some(shown);
                back?.map(|received| received.url().clone())
            }
            None => {
                self.address = Some(shown);
                self.ask_to_sign_out(provider, &url).await?
            }
        };
        let asked_back = pending.is_some();
        let returned = self.judge_sign_out(pending, back.as_ref());
        let mut ended = false;
        if let (Some(asked), true) = (proof_of, was_active) {
            let proof = self.proof(provider, asked).await;
            ended = proof.status == Status::Passed;
            // Only OneLogin's revoke-only promises it; others may let tokens live on.
            self.findings.push(match proof.status {
                Status::Failed if !revoke_only => Finding {
                    status: Status::NotDue,
                    remedy: None,
                    received: "still active, which a sign-out may leave".into(),
                    ..proof
                },
                _ => proof,
            });
        }
        self.unclear = !returned && !ended;
        if self.unclear {
            let remedy = match (agent.is_some(), asked_back) {
                (true, false) => {
                    "Without a post-logout redirect URI the provider shows a page of its own and sends nobody back: what \
                     it said was in the browser alone. Register one to see the return."
                }
                (true, true) => {
                    "The browser did not come back to the post-logout redirect URI. Revoke the refresh token to end \
                     the session for certain."
                }
                (false, _) => {
                    "It may ask to confirm in a browser. Revoke the refresh token to end the session for certain."
                }
            };
            self.notes.push(Note {
                title: "Whether the provider signed the user out cannot be told from here.".to_owned(),
                remedy: remedy.to_owned(),
            });
        } else if !revoke_only && agent.is_none() {
            self.notes.push(Note {
                title: "A browser that is signed in may stay so.".to_owned(),
                remedy: "The request was sent from here, without a browser's cookies. Sign out in that browser too."
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// Sends the request from here. Where the provider would send a browser, if anywhere.
    async fn ask_to_sign_out(&self, provider: &Provider, url: &Secret) -> Result<Option<Secret>, Problem> {
        let url = Url::parse(url.expose()).map_err(|_| {
            Problem::new(ProblemKind::Malformed, "The sign-out address is no URL.", "Look at the metadata.")
        })?;
        let request = HttpRequest {
            accept: "application/json, text/html;q=0.9, */*;q=0.1",
            ..HttpRequest::get(Endpoint::EndSession, url)
        };
        let answer = self.send(&request).await?;
        let location = answer.header("location").map(Secret::from).filter(|_| answer.status / 100 == 3);
        if location.is_none()
            && (!(200..300).contains(&answer.status)
                || answer::provider_error(&answer, Endpoint::EndSession).is_some())
        {
            return Err(answer::failure(&answer, Endpoint::EndSession, &self.context(provider, None)));
        }
        Ok(location)
    }

    /// Whether the provider sent the browser back where it was told to.
    fn judge_sign_out(
        &mut self,
        pending: Option<end_session::PendingSignOut>,
        location: Option<&Secret>,
    ) -> bool {
        const REFERENCE: &str = "RP-Initiated Logout 1.0 §3";
        let Some(pending) = pending else { return false };
        let expected = format!("a redirect to {}", pending.redirect_uri());
        let finding = |received: String| {
            Finding::new(Check::EndSessionState, Status::Warning, expected.clone(), received, REFERENCE)
                .with_remedy("The provider may ask to sign in or to confirm first, which needs a browser.")
        };
        let Some(location) = location else {
            self.findings.push(finding("a page".to_owned()));
            return false;
        };
        match end_session::judge_return(pending, location) {
            Ok(state) => {
                self.findings.push(state);
                true
            }
            Err(elsewhere) => {
                self.findings.push(finding(format!("a redirect elsewhere: {}", elsewhere.difference)));
                false
            }
        }
    }

    /// The token as it stands before it is ended: without that, a proof would prove nothing.
    async fn before(&mut self, provider: &Provider, asked: &Asked<'_>) -> Result<bool, Problem> {
        if provider.metadata.introspection_endpoint.is_none() {
            return Ok(false);
        }
        match self.introspection(provider, asked).await {
            Ok((introspection, findings)) => {
                self.findings.extend(findings);
                if self.failed() {
                    return Err(rejection(&self.findings));
                }
                Ok(introspection.active)
            }
            Err(problem) if problem.kind == ProblemKind::Cancelled => Err(problem),
            Err(problem) => {
                self.findings.push(self.not_told(Check::Introspection, "active", "RFC 7662 §2.2", problem));
                Ok(false)
            }
        }
    }

    /// What introspection says afterwards.
    async fn proof(&mut self, provider: &Provider, asked: &Asked<'_>) -> Finding {
        const EXPECTED: &str = "introspection says not active";
        const REFERENCE: &str = "RFC 7009 §2, RFC 7662 §2.2";
        if provider.metadata.introspection_endpoint.is_none() {
            let received = "no introspection_endpoint";
            return Finding::new(Check::RevocationProof, Status::NotDue, EXPECTED, received, REFERENCE);
        }
        match self.introspection(provider, asked).await {
            Ok((introspection, _)) => revocation::proof_by_introspection(&introspection),
            Err(problem) => self.not_told(Check::RevocationProof, EXPECTED, REFERENCE, problem),
        }
    }

    fn not_told(
        &self,
        check: Check,
        expected: &'static str,
        reference: &'static str,
        problem: Problem,
    ) -> Finding {
        let problem = self.recorder.redacted_problem(problem);
        let received = match (problem.code, problem.http_status) {
            (Some(code), _) => code,
            (None, Some(status)) => format!("status {status}"),
            (None, None) => "no answer".to_owned(),
        };
        Finding::new(check, Status::NotDue, expected, received, reference)
    }

    /// A refresh with the revoked token. What it brings all the same is given back.
    async fn refresh_is_refused(&mut self, provider: &Provider, asked: &Asked<'_>) -> Option<Secret> {
        let url = self.endpoint(provider, Endpoint::Token).ok()?;
        let answer = self.send(&token::refresh_request(url, self.auth, asked.token)).await;
        let context = self.context(provider, Some(Grant::RefreshToken));
        let parsed = answer.and_then(|answer| token::parse(&answer, &self.connection.scopes, &context));
        self.findings.push(revocation::proof_by_use(Endpoint::Token, parsed.as_ref().err()));
        parsed.ok().and_then(|(tokens, _)| tokens.refresh_token)
    }

    async fn userinfo_is_refused(&mut self, provider: &Provider, asked: &Asked<'_>) {
        let Ok(url) = self.endpoint(provider, Endpoint::Userinfo) else { return };
        let answer = self.send(&userinfo::request(url, asked.token)).await;
        let context = self.context(provider, None);
        let problem = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => None,
            Ok(answer) => Some(answer::failure(&answer, Endpoint::Userinfo, &context)),
            Err(problem) => Some(problem),
        };
        self.findings.push(revocation::proof_by_use(Endpoint::Userinfo, problem.as_ref()));
    }

    async fn introspection(
        &mut self,
        provider: &Provider,
        asked: &Asked<'_>,
    ) -> Result<(Introspection, Vec<Finding>), Problem> {
        let url = self.endpoint(provider, Endpoint::Introspection)?;
        let answer = self.send(&introspection::request(url, self.auth, asked.token, asked.hint)).await?;
        let expect = Expectations {
            issuer: provider.issuer.as_str(),
            client_id: &self.connection.client_id,
            subject: asked.subject.as_deref(),
            now: answer.received_at,
        };
        let parsed = introspection::parse(&answer, &expect, &self.context(provider, None))?;
        self.told = Some((asked.token.clone(), parsed.0.claims.clone()));
        Ok(parsed)
    }

    /// What the last introspection said of its token, with nothing in it that was sent in secret.
    pub(crate) fn told(&mut self) -> Option<(Secret, Value)> {
        let (token, claims) = self.told.take()?;
        let mut claims = Value::Object(claims);
        self.recorder.redact_json(&mut claims);
        Some((token, claims))
    }

    fn endpoint(&self, provider: &Provider, endpoint: Endpoint) -> Result<Url, Problem> {
        provider.metadata.endpoint_for_secrets(&provider.issuer, endpoint, &self.connection.confirmed_hosts)
    }

    async fn send(&self, request: &HttpRequest) -> Result<HttpAnswer, Problem> {
        self.transport.send(request, &self.recorder, &self.cancel).await
    }

    fn context(&self, provider: &Provider, grant: Option<Grant>) -> Context<'a> {
        Context {
            onelogin: provider.generation().is_onelogin(),
            grant,
            auth_method: Some(self.auth.method()),
            app_name: Some(self.connection.name.as_str()).filter(|name| !name.is_empty()),
            scopes: &self.connection.scopes,
        }
    }

    /// The report, with nothing in it that was sent in secret.
    pub(crate) fn finish(mut self, result: Result<(), Problem>) -> SessionReport {
        for finding in &mut self.findings {
            self.recorder.redact_finding(finding);
        }
        if let Some(members) = self.introspection.as_mut() {
            self.recorder.redact_json(members);
        }
        let failed = any_failed(&self.findings);
        let error = match result {
            Err(problem) => Some(self.recorder.redacted_problem(problem)),
            Ok(()) if failed => Some(rejection(&self.findings)),
            Ok(()) => None,
        };
        let outcome = match &error {
            _ if failed => SessionOutcome::Rejected,
            Some(problem) => outcome_of(problem).into(),
            None if self.unclear => SessionOutcome::Unclear,
            None => SessionOutcome::Done,
        };
        SessionReport {
            deed: self.deed,
            outcome,
            token: self.token,
            fingerprint: self.fingerprint,
            findings: self.findings,
            introspection: self.introspection,
            address: self.address.map(|address| self.recorder.redacted(&address)),
            error,
            exchanges: self.recorder.summaries_since(self.mark),
            notes: self.notes,
            forgotten: self.forgotten,
        }
    }
}
