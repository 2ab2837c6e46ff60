//! `latchkey userinfo`: with a fresh access token from a refresh, or with one from standard input.

use latchkey_client::clock;
use latchkey_client::input::InputProblem;
use latchkey_client::provider::{self, Provider};
use latchkey_client::recorder::Recorder;
use latchkey_client::report::TokenSummary;
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::userinfo::{self, Expectations, UserInfo};
use latchkey_oidc::{Finding, Problem, Secret, claims};
use serde_json::Value;

use super::{assemble, present, refresh};
use crate::app::{App, Chosen};
use crate::args::Userinfo;
use crate::exit::Exit;
use crate::output::report::Deed;
use crate::{prompt, secrets};

pub(super) async fn run(app: &App, wanted: &Userinfo) -> Result<Exit, InputProblem> {
    let mut chosen = app.saved(&wanted.connection).await?;
    chosen.confirm(&wanted.confirm_host);
    if !wanted.access_token_stdin {
        app.output.remark("Access tokens are not kept: one is got by a refresh first.");
        let (report, refused) = refresh::refresh(app, &chosen).await?;
        return present::run(app, &chosen, report, Deed::Userinfo, refused);
    }
    let access_token = prompt::token("access token", "--access-token-stdin", &app.cancel).await?;
    let client_secret = secrets::from_environment()?;
    let recorder = app.client.desk(&chosen.connection.id).recorder;
    recorder.learn("access_token", &access_token);
    let asking = Asking { app, chosen: &chosen, recorder: &recorder, client_secret: client_secret.as_ref() };
    let mut findings = Vec::new();
    let asked = asking.ask(&access_token, &mut findings).await;
    let mut report = assemble::report(&recorder, findings, asked.as_ref().err().cloned());
    report.tokens.access_token =
        Some(TokenSummary { fingerprint: access_token.fingerprint(), expires_in: None, value: None });
    if assemble::accepted(&report) {
        report.userinfo = asked.ok().map(|info| Value::Object(info.claims));
        report.who = claims::who(None, report.userinfo.as_ref());
    }
    present::run(app, &chosen, report, Deed::Userinfo, None)
}

struct Asking<'a> {
    app: &'a App,
    chosen: &'a Chosen,
    recorder: &'a Recorder,
    client_secret: Option<&'a Secret>,
}

impl Asking<'_> {
    async fn ask(&self, access_token: &Secret, findings: &mut Vec<Finding>) -> Result<UserInfo, Problem> {
        let transport = self.app.client.transport();
        let issuer = latchkey_oidc::issuer::Issuer::parse(&self.chosen.connection.issuer)?;
        let provider =
            provider::look_up_metadata(&issuer, &transport, self.recorder, &self.app.cancel).await?;
        findings.extend(provider.findings.iter().cloned());
        if latchkey_oidc::finding::any_failed(findings) {
            return Err(assemble::rejection(findings));
        }
        let confirmed = &self.chosen.connection.confirmed_hosts;
        let url = provider.metadata.endpoint_for_secrets(&issuer, Endpoint::Userinfo, confirmed)?;
        let request = userinfo::request(url, access_token);
        let answer = transport.send(&request, self.recorder, &self.app.cancel).await?;
        // Only a signed answer needs keys.
        let keys = if answer.status == 200 && answer.media_type() == "application/jwt" {
            Some(provider::look_up_keys(&provider, &transport, self.recorder, &self.app.cancel).await?)
        } else {
            None
        };
        let expect = Expectations {
            issuer: issuer.as_str(),
            client_id: &self.chosen.connection.client_id,
            client_secret: self.client_secret,
            // Whose token it is, nobody said.
            subject: None,
            algorithms: None,
            now: clock::now(),
        };
        let info =
            userinfo::parse(&answer, keys.as_ref().map(|keys| &keys.set), &expect, &self.context(&provider))?;
        findings.extend(info.findings.iter().cloned());
        Ok(info)
    }

    fn context(&self, provider: &Provider) -> Context<'_> {
        Context {
            onelogin: provider.generation().is_onelogin(),
            app_name: Some(self.chosen.connection.name.as_str()),
            scopes: &self.chosen.connection.scopes,
            ..Context::default()
        }
    }
}
