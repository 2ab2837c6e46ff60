//! The course of a sign-in, step by step. A failed check ends it: nothing after it is sent.

use latchkey_oidc::authorization_response::Agreed;
use latchkey_oidc::catalogue::{Context, Grant};
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::{Endpoint, HttpAnswer, HttpRequest};
use latchkey_oidc::id_token::{self, Expectations, Previous, Verification};
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::token;
use latchkey_oidc::{Check, Finding, Problem, Secret, Status, userinfo};
use serde_json::{Map, Value};
use url::Url;

use super::browser::Authorized;
use super::judging::{clock_finding, key_is_missing};
use super::{Credentials, KeepRotated, SignIn, Tokens};
use crate::provider::{self, Keys, Provider};
use crate::recorder::Recorder;
use crate::report::{Kept, Note, StepName, StepState, TokenSummaries};
use crate::run::Run;
use crate::session::{self, Session};
use crate::transport::Transport;

#[derive(Default)]
pub(super) struct Gathered {
    pub(super) findings: Vec<Finding>,
    pub(super) provider: Option<Provider>,
    pub(super) tokens: TokenSummaries,
    pub(super) verification: Option<Verification>,
    pub(super) userinfo: Option<Map<String, Value>>,
    pub(super) session: Option<Session>,
    pub(super) notes: Vec<Note>,
}

pub(super) struct Course<'a, 'r> {
    pub(super) request: SignIn<'a>,
    pub(super) transport: &'a Transport,
    pub(super) recorder: &'a Recorder,
    pub(super) run: &'a Run<'r>,
    pub(super) gathered: Gathered,
}

/// Tokens, and what they are judged by.
pub(super) struct Obtained {
    pub(super) tokens: Tokens,
    /// Unix time in seconds.
    pub(super) received_at: i64,
    /// Where an authorization request went before: what the ID token must agree with.
    pub(super) agreed: Option<Agreed>,
}

impl Course<'_, '_> {
    /// Follows the steps; returns early, with `Ok`, where a finding failed.
    pub(super) async fn follow(&mut self, keep_rotated: &impl KeepRotated) -> Result<(), Problem> {
        let provider = self.discover().await?;
        self.gathered.findings.extend(provider.findings.iter().cloned());
        self.gathered.findings.extend(self.fit(&provider));
        self.gathered.provider = Some(provider.clone());
        if any_failed(&self.gathered.findings) {
            return Ok(());
        }
        let Some((obtained, keys)) = self.obtain(&provider).await? else { return Ok(()) };
        let Obtained { tokens, received_at, agreed } = obtained;
        self.gathered.tokens = session::summaries(&tokens, None);
        let keys = match self.verify(&provider, &tokens, agreed.as_ref(), keys, received_at).await {
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

    /// Gets the tokens in the way of the grant, and the keys. `None` where a finding failed on the way.
    async fn obtain(
        &mut self,
        provider: &Provider,
    ) -> Result<Option<(Obtained, Result<Keys, Problem>)>, Problem> {
        let (http, agreed) = match self.request.credentials {
            Credentials::Browser { request, agent } => {
                match self.authorize(provider, request, agent).await? {
                    Authorized::Code(http, agreed) => (http, Some(agreed)),
                    Authorized::Tokens(obtained) => return Ok(Some((obtained, self.keys(provider).await))),
                    Authorized::Rejected => return Ok(None),
                }
            }
            Credentials::Password { username, password, scopes } => {
                let url = self.token_endpoint(provider)?;
                let generation = provider.generation();
                let client = self.request.client;
                (token::password_request(url, client, username, password, scopes, generation), None)
            }
            Credentials::Refresh { refresh_token, .. } => {
                let url = self.token_endpoint(provider)?;
                (token::refresh_request(url, self.request.client, refresh_token), None)
            }
        };
        let (answer, keys) = tokio::join!(self.send(&http), self.keys(provider));
        let answer = answer?;
        self.gathered.findings.push(clock_finding(&answer));
        let (tokens, findings) =
            token::parse(&answer, self.asked(), &self.context(provider)).inspect_err(|_| {
                self.run.end(StepName::Token, StepState::Failed);
            })?;
        self.gathered.findings.extend(findings);
        Ok(Some((Obtained { tokens: tokens.into(), received_at: answer.received_at, agreed }, keys)))
    }

    /// Where the token request goes.
    fn token_endpoint(&self, provider: &Provider) -> Result<Url, Problem> {
        let confirmed = &self.request.connection.confirmed_hosts;
        let url = provider.metadata.endpoint_for_secrets(&provider.issuer, Endpoint::Token, confirmed)?;
        // Whether UserInfo could be asked is known now: better said before a password is sent.
        if provider.metadata.userinfo_endpoint.is_some() {
            provider.metadata.endpoint_for_secrets(&provider.issuer, Endpoint::Userinfo, confirmed)?;
        }
        Ok(url)
    }

    async fn send(&self, http: &HttpRequest) -> Result<HttpAnswer, Problem> {
        self.run.begin(StepName::Token);
        let answer = self.transport.send(http, self.recorder, &self.run.cancel).await;
        self.run.end(StepName::Token, if answer.is_ok() { StepState::Done } else { StepState::Failed });
        answer
    }

    /// The key set. Beside the token request it costs no time.
    async fn keys(&self, provider: &Provider) -> Result<Keys, Problem> {
        self.run.begin(StepName::Keys);
        let keys = provider::look_up_keys(provider, self.transport, self.recorder, &self.run.cancel).await;
        self.run.end(StepName::Keys, if keys.is_ok() { StepState::Done } else { StepState::Failed });
        keys
    }

    /// Verifies the ID token, with one more look at the keys where that could help.
    async fn verify(
        &mut self,
        provider: &Provider,
        tokens: &Tokens,
        agreed: Option<&Agreed>,
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
        let mut verification = self.verification(provider, (tokens, id_token), agreed, keys.as_ref(), now);
        if verification.fresh_keys_may_help {
            match provider::look_up_keys(provider, self.transport, self.recorder, &self.run.cancel).await {
                Ok(fresh) => {
                    verification = self.verification(provider, (tokens, id_token), agreed, Some(&fresh), now);
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
        (tokens, id_token): (&Tokens, &Secret),
        agreed: Option<&Agreed>,
        keys: Option<&Keys>,
        now: i64,
    ) -> Verification {
        let (previous, nonce) = match &self.request.credentials {
            Credentials::Refresh { subject, nonce, .. } => (Some(Previous { subject: *subject }), *nonce),
            _ => (None, None),
        };
        let access_token = tokens.access_token.as_ref();
        let agreed = agreed.map(|agreed| agreed.expectations(access_token)).unwrap_or_else(|| Expectations {
            issuer: provider.issuer.as_str(),
            client_id: &self.request.connection.client_id,
            access_token,
            nonce,
            ..Expectations::default()
        });
        let expectations = Expectations {
            client_secret: self.request.client.client_secret(),
            algorithms: provider.metadata.id_token_signing_alg_values_supported.as_deref(),
            refresh_token: tokens.refresh_token.as_ref(),
            previous,
            now,
            ..agreed
        };
        id_token::verify(id_token, keys.map(|keys| &keys.set), &expectations)
    }

    fn session(&self, tokens: &Tokens, obtained_at: i64) -> Session {
        let verification = self.gathered.verification.as_ref();
        Session {
            access_token: tokens.access_token.clone(),
            refresh_token: tokens.refresh_token.clone().or_else(|| match &self.request.credentials {
                // A provider that does not rotate sends none: the one in use stays.
                Credentials::Refresh { refresh_token, .. } => Some((*refresh_token).clone()),
                Credentials::Password { .. } | Credentials::Browser { .. } => None,
            }),
            id_token: tokens.id_token.clone(),
            expires_in: tokens.expires_in,
            obtained_at,
            subject: verification.and_then(Verification::subject).map(str::to_owned).or_else(|| match &self
                .request
                .credentials
            {
                Credentials::Refresh { subject, .. } => subject.map(str::to_owned),
                Credentials::Password { .. } | Credentials::Browser { .. } => None,
            }),
            nonce: match &self.request.credentials {
                Credentials::Refresh { subject: Some(_), nonce, .. } => nonce.map(str::to_owned),
                // The one that was sent, as verified; or what a session goes by from here on of which nothing is known.
                Credentials::Password { .. } | Credentials::Browser { .. } | Credentials::Refresh { .. } => {
                    verification
                        .and_then(|verified| verified.claims.as_ref()?.get("nonce")?.as_str())
                        .map(str::to_owned)
                }
            },
            asked: self.asked().to_vec(),
            scope: tokens.scope.clone().unwrap_or_else(|| self.asked().to_vec()),
            // At the end of the run, without what was sent in secret.
            id_token_header: None,
            id_token_claims: None,
            userinfo: None,
            introspection: None,
            kept: Kept::SessionOnly,
        }
    }

    async fn user_info(
        &mut self,
        provider: &Provider,
        tokens: &Tokens,
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
        let Some(access_token) = &tokens.access_token else {
            self.gathered.findings.push(Finding::new(
                Check::UserInfo,
                Status::NotDue,
                "due with an access token",
                "not asked for",
                reference,
            ));
            return Ok(());
        };
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
            .send(&userinfo::request(url, access_token), self.recorder, &self.run.cancel)
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
            if let Some(session) = &mut self.gathered.session
                && session.subject.is_none()
            {
                session.subject = parsed.claims.get("sub").and_then(Value::as_str).map(str::to_owned);
            }
            self.gathered.userinfo = Some(parsed.claims);
        }
        Ok(())
    }

    pub(super) fn asked(&self) -> &[String] {
        match &self.request.credentials {
            Credentials::Password { scopes, .. } | Credentials::Refresh { scopes, .. } => scopes,
            Credentials::Browser { request, .. } => &request.scopes,
        }
    }

    pub(super) fn grant(&self) -> Grant {
        match self.request.credentials {
            Credentials::Password { .. } => Grant::Password,
            Credentials::Refresh { .. } => Grant::RefreshToken,
            Credentials::Browser { request, .. } => request.response_type.grant(),
        }
    }

    pub(super) fn context(&self, provider: &Provider) -> Context<'_> {
        Context {
            onelogin: provider.generation().is_onelogin(),
            grant: Some(self.grant()),
            auth_method: Some(self.request.client.method()),
            app_name: Some(&self.request.connection.name).filter(|name| !name.is_empty()).map(String::as_str),
            scopes: self.asked(),
        }
    }
}
