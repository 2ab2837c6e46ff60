//! `latchkey verify`: an ID token that somebody has, against the keys that its provider publishes.

use latchkey_client::clock;
use latchkey_client::input::InputProblem;
use latchkey_client::provider::Provider;
use latchkey_client::report::{DecodedToken, TokenSummary};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::id_token::{self, Expectations, Verification};
use latchkey_oidc::timestamp::numeric_date;
use latchkey_oidc::{Check, Finding, Problem, Secret, Status, claims};
use serde_json::{Map, Value};

use super::{assemble, present};
use crate::app::{App, Chosen};
use crate::args::Verify;
use crate::exit::Exit;
use crate::output::report::Deed;
use crate::{prompt, secrets};

pub(super) async fn run(app: &App, wanted: &Verify) -> Result<Exit, InputProblem> {
    let chosen = app.chosen(&wanted.target, AuthMethod::None).await?;
    let tokens = Tokens::read(app, wanted.access_token_stdin).await?;
    let recorder = app.client.desk(&chosen.connection.id).recorder;
    tokens.learn(&recorder);
    let judging =
        Judging { chosen: &chosen, tokens: &tokens, nonce: wanted.nonce.as_deref(), now: clock::now() };
    let client_secret = judging.client_secret(app).await?;
    if let Some(secret) = &client_secret {
        recorder.learn("client_secret", secret);
    }
    let mut findings = Vec::new();
    let looked_up = app.client.look_up(&chosen.connection.issuer, &recorder, &app.cancel).await;
    let (verification, error) = match looked_up {
        Ok(provider) => {
            findings.extend(provider.findings.iter().cloned());
            if latchkey_oidc::finding::any_failed(&findings) {
                (None, None)
            } else {
                let (verification, error) = judging.judge(&provider, client_secret.as_ref(), &mut findings);
                (Some(verification), error)
            }
        }
        Err(problem) => (None, Some(problem)),
    };
    let mut report = assemble::report(&recorder, findings, error);
    if let Some(Verification { header: Some(header), claims: Some(claims), .. }) = verification {
        report.tokens.id_token = Some(summary(&tokens.id_token, life(&claims)));
        let claims = Value::Object(claims);
        report.who = claims::who(Some(&claims), None);
        report.id_token = Some(DecodedToken { header: Value::Object(header), claims });
    } else {
        report.tokens.id_token = Some(summary(&tokens.id_token, None));
    }
    report.tokens.access_token = tokens.access_token.as_ref().map(|token| summary(token, None));
    present::run(app, &chosen, report, Deed::Verify, None)
}

struct Tokens {
    id_token: Secret,
    access_token: Option<Secret>,
}

impl Tokens {
    async fn read(app: &App, access_token: bool) -> Result<Self, InputProblem> {
        if prompt::possible() {
            app.output.remark("Paste the ID token and press Enter. A longer one than 4,000 characters comes better from a file: latchkey verify … < FILE");
        }
        let id_token = prompt::token("ID token", "latchkey verify", &app.cancel).await?;
        let access_token = if access_token {
            Some(prompt::token("access token", "--access-token-stdin", &app.cancel).await?)
        } else {
            None
        };
        Ok(Self { id_token, access_token })
    }

    fn learn(&self, recorder: &latchkey_client::recorder::Recorder) {
        recorder.learn("id_token", &self.id_token);
        if let Some(token) = &self.access_token {
            recorder.learn("access_token", token);
        }
    }
}

struct Judging<'a> {
    chosen: &'a Chosen,
    tokens: &'a Tokens,
    nonce: Option<&'a str>,
    now: i64,
}

impl Judging<'_> {
    /// The client secret, where the token is signed with one: of the environment, else of the keychain.
    async fn client_secret(&self, app: &App) -> Result<Option<Secret>, InputProblem> {
        if let Some(secret) = secrets::from_environment()? {
            return Ok(Some(secret));
        }
        let symmetric = id_token::verify(&self.tokens.id_token, None, &Expectations::default())
            .header
            .and_then(|header| header.get("alg")?.as_str().map(|alg| alg.starts_with("HS")))
            .unwrap_or(false);
        if symmetric && self.chosen.saved {
            return Ok(secrets::stored(app, &self.chosen.connection).await?);
        }
        Ok(None)
    }

    /// Every rule. The problem is why there are no keys, where only that stands in the way.
    fn judge(
        &self,
        provider: &Provider,
        client_secret: Option<&Secret>,
        findings: &mut Vec<Finding>,
    ) -> (Verification, Option<Problem>) {
        let expectations = Expectations {
            issuer: provider.issuer.as_str(),
            client_id: &self.chosen.connection.client_id,
            client_secret,
            algorithms: provider.metadata.id_token_signing_alg_values_supported.as_deref(),
            nonce: self.nonce,
            access_token: self.tokens.access_token.as_ref(),
            now: self.now,
            ..Expectations::default()
        };
        let keys = provider.keys.as_ref();
        let verification = id_token::verify(&self.tokens.id_token, keys.map(|keys| &keys.set), &expectations);
        findings.extend(keys.into_iter().flat_map(|keys| keys.findings.iter().cloned()));
        let first = findings.len();
        findings.extend(verification.findings.iter().cloned());
        for finding in &mut findings[first..] {
            self.reword(finding);
        }
        let unsigned =
            |finding: &Finding| finding.check == Check::IdTokenSignature && finding.status == Status::Failed;
        match &provider.keys_problem {
            // Without keys nothing can be said of the signature: the key set is the cause, not the token.
            Some(problem) if findings.iter().any(unsigned) => {
                findings.retain(|finding| !unsigned(finding));
                (verification, Some(problem.clone()))
            }
            _ => (verification, None),
        }
    }

    /// Nobody knows here which nonce was sent, so the remedy is another one than in a sign-in.
    fn reword(&self, finding: &mut Finding) {
        if finding.check == Check::IdTokenNonce && finding.status == Status::Failed && self.nonce.is_none() {
            finding.expected = "the nonce that was sent, which --nonce would name".into();
            finding.remedy =
                Some("Repeat it with --nonce and the value that the application sent. If it sent none, the token answers another request.".to_owned());
        }
    }
}

fn summary(token: &Secret, expires_in: Option<i64>) -> TokenSummary {
    TokenSummary { fingerprint: token.fingerprint(), expires_in, value: None }
}

fn life(claims: &Map<String, Value>) -> Option<i64> {
    let time = |name| claims.get(name).and_then(|value| numeric_date(value).ok());
    Some(time("exp")?.saturating_sub(time("iat")?))
}
