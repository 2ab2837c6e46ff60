//! `latchkey introspect`, `revoke` and `sign-out`.

use latchkey_client::client::{SignOut as AskedSignOut, TokenChoice};
use latchkey_client::input::InputProblem;
use latchkey_client::report::{Note, Outcome, SignInReport};
use latchkey_client::session_report::{SessionDeed, SessionReport};
use latchkey_client::sign_in::browser::UserAgent;
use latchkey_oidc::Problem;

use super::browser::SystemBrowser;
use super::refresh;
use crate::app::{App, Chosen};
use crate::args::{Introspect, Revoke, SignOut};
use crate::exit::Exit;
use crate::output::{hint, session};
use crate::{prompt, secrets};

pub(super) async fn introspect(app: &App, wanted: &Introspect) -> Result<Exit, InputProblem> {
    let chosen = chosen(app, &wanted.connection, &wanted.confirm_host).await?;
    let mut refused = None;
    let token = if wanted.token_stdin {
        TokenChoice::Given(prompt::token("token", "--token-stdin", &app.cancel).await?)
    } else if wanted.stored {
        TokenChoice::RefreshToken
    } else {
        app.output.remark("Access tokens are not kept: one is got by a refresh first.");
        match refreshed(app, &chosen, SessionDeed::Introspect).await? {
            Ok(problem) => refused = problem,
            Err(report) => return present(app, &chosen, *report, None),
        }
        TokenChoice::AccessToken
    };
    let client_secret = secrets::client_secret(app, &chosen).await?;
    let report = app.client.introspect(&chosen.connection, token, client_secret, app.cancel.clone()).await?;
    present(app, &chosen, report, refused)
}

pub(super) async fn revoke(app: &App, wanted: &Revoke) -> Result<Exit, InputProblem> {
    let chosen = chosen(app, &wanted.connection, &wanted.confirm_host).await?;
    let token = if wanted.token_stdin {
        TokenChoice::Given(prompt::token("token", "--token-stdin", &app.cancel).await?)
    } else {
        TokenChoice::RefreshToken
    };
    let client_secret = secrets::client_secret(app, &chosen).await?;
    let report = app.client.revoke(&chosen.connection, token, client_secret, app.cancel.clone()).await?;
    present(app, &chosen, report, None)
}

pub(super) async fn sign_out(app: &App, wanted: &SignOut) -> Result<Exit, InputProblem> {
    let chosen = chosen(app, &wanted.connection, &wanted.confirm_host).await?;
    let post_logout_redirect_uri = wanted
        .post_logout_redirect_uri
        .clone()
        .or_else(|| chosen.connection.post_logout_redirect_uri.clone());
    let (browser, listened_at) = if wanted.in_browser || wanted.browser.is_some() {
        let typed = post_logout_redirect_uri.as_deref();
        let (browser, uri) = SystemBrowser::to_sign_out(app, typed, wanted.browser.as_deref()).await?;
        (Some(browser), uri.map(|uri| uri.as_str().to_owned()))
    } else {
        (None, None)
    };
    let mut refused = None;
    let id_token = if wanted.id_token_stdin {
        Some(prompt::token("ID token", "--id-token-stdin", &app.cancel).await?)
    } else {
        app.output.remark("ID tokens are not kept: one is got by a refresh first.");
        match refreshed(app, &chosen, SessionDeed::SignOut).await? {
            Ok(problem) => refused = problem,
            Err(report) => return present(app, &chosen, *report, None),
        }
        None
    };
    let asked = AskedSignOut {
        id_token,
        post_logout_redirect_uri: listened_at.or(post_logout_redirect_uri),
        revoke_only: wanted.revoke_only,
    };
    let client_secret = secrets::client_secret(app, &chosen).await?;
    let agent = browser.as_ref().map(|browser| browser as &dyn UserAgent);
    let cancel = app.cancel.clone();
    let report = app.client.sign_out(&chosen.connection, asked, client_secret, agent, cancel).await?;
    // What was refused to the keychain is of no use where the session is over.
    let refused = refused.filter(|_| !report.forgotten);
    present(app, &chosen, report, refused)
}

async fn chosen(app: &App, name: &str, hosts: &[String]) -> Result<Chosen, InputProblem> {
    let mut chosen = app.saved(name).await?;
    chosen.confirm(hosts);
    Ok(chosen)
}

/// A session by a refresh, with the keychain's problem where it did not take the new token. The report is that of a
/// refresh that did not end well.
async fn refreshed(
    app: &App,
    chosen: &Chosen,
    deed: SessionDeed,
) -> Result<Result<Option<Problem>, Box<SessionReport>>, InputProblem> {
    let (report, refused) = refresh::refresh(app, chosen).await?;
    Ok(if report.outcome == Outcome::SignedIn { Ok(refused) } else { Err(Box::new(ended(report, deed))) })
}

/// Nothing of the deed was sent, since the refresh before it ended badly.
fn ended(report: SignInReport, deed: SessionDeed) -> SessionReport {
    SessionReport {
        deed,
        outcome: report.outcome.into(),
        token: None,
        fingerprint: None,
        findings: report.findings,
        introspection: None,
        address: None,
        error: report.error,
        exchanges: report.exchanges,
        notes: vec![Note {
            title: "The refresh before it did not end well.".to_owned(),
            remedy: "Nothing else was sent.".to_owned(),
        }],
        forgotten: false,
    }
}

fn present(
    app: &App,
    chosen: &Chosen,
    mut report: SessionReport,
    refused: Option<Problem>,
) -> Result<Exit, InputProblem> {
    report.error = report.error.map(|problem| hint::with_option(problem, chosen.saved));
    let exit = match (Exit::of_session(&report), &refused) {
        (Exit::Done, Some(problem)) => Exit::of_kind(problem.kind),
        (exit, _) => exit,
    };
    if app.output.json {
        report.error = report.error.or(refused);
        app.output.document(&session::Document::from(&report))?;
        return Ok(exit);
    }
    let mut page = app.output.page();
    session::write(&mut page, &report, refused.as_ref());
    app.output.print(&page)?;
    Ok(exit)
}
