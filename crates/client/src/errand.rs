//! An introspection, revocation or sign-out while it is under way: its requests, and the checks of their answers.

mod sign_out;

use std::sync::Arc;

use latchkey_oidc::answer;
use latchkey_oidc::catalogue::{Context, Grant};
use latchkey_oidc::client_auth::ClientAuth;
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
        self.recorder.redact_findings(&mut self.findings);
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
