//! `latchkey provider`: the metadata explained entry by entry, and the keys.

use latchkey_client::input::InputProblem;
use latchkey_client::recorder::Recorder;
use latchkey_client::report::Outcome;
use latchkey_client::sign_in::outcome_of;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::issuer::Issuer;

use super::assemble;
use crate::app::App;
use crate::args::Provider;
use crate::exit::Exit;
use crate::output::hint;
use crate::output::provider::{self, Looked};

pub(super) async fn run(app: &App, wanted: &Provider) -> Result<Exit, InputProblem> {
    let issuer = match (&wanted.connection, &wanted.issuer) {
        (Some(name), _) => app.saved(name).await?.connection.issuer,
        (None, issuer) => issuer.clone().unwrap_or_default(),
    };
    // Before anything is sent, so that what is wrong with it is a matter of usage.
    let at_issuer = |problem| InputProblem { problem, field: Some(latchkey_client::input::Field::Issuer) };
    let issuer = Issuer::parse(&issuer).map_err(at_issuer)?;
    app.client.policy().permit(issuer.as_str()).map_err(at_issuer)?;
    let recorder = Recorder::new();
    let looked_up = app.client.look_up(issuer.as_str(), &recorder, &app.cancel).await;
    let (provider, error) = match looked_up {
        Ok(provider) => (Some(provider), None),
        Err(problem) => (None, Some(problem)),
    };
    let mut findings = provider.as_ref().map(|provider| provider.findings.clone()).unwrap_or_default();
    if let Some(keys) = provider.as_ref().and_then(|provider| provider.keys.as_ref()) {
        findings.extend(keys.findings.iter().cloned());
    }
    let rejected = any_failed(&findings);
    let error = error
        .or_else(|| rejected.then(|| assemble::rejection(&findings)))
        .or_else(|| provider.as_ref().and_then(|provider| provider.keys_problem.clone()))
        .map(|problem| hint::with_option(problem, wanted.connection.is_some()));
    let outcome = match &error {
        _ if rejected => Outcome::Rejected,
        Some(problem) => outcome_of(problem),
        None => Outcome::SignedIn,
    };
    let exit = match &error {
        _ if rejected => Exit::Rejected,
        Some(problem) => Exit::of_kind(problem.kind),
        None => Exit::Done,
    };
    let exchanges = recorder.summaries_since(0);
    let looked = Looked {
        outcome,
        issuer: issuer.as_str(),
        provider: provider.as_deref(),
        findings,
        error,
        exchanges,
    };
    if app.output.json {
        app.output.document(&looked.document())?;
    } else {
        let mut page = app.output.page();
        provider::write(&mut page, &looked);
        app.output.print(&page)?;
    }
    Ok(exit)
}
