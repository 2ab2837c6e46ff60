//! Prints a run, as a document or as text, and says what exit code it means.

use latchkey_client::input::InputProblem;
use latchkey_client::recorder::Recorder;
use latchkey_client::report::{Outcome, SignInReport, TokenSummary};
use latchkey_client::session::{Session, TokenKind};
use latchkey_oidc::{Problem, Secret};

use crate::app::{App, Chosen};
use crate::exit::Exit;
use crate::output::hint;
use crate::output::json::RunDocument;
use crate::output::page::Tone;
use crate::output::report::{self, Deed};

/// Prints a run. `refused` is what the keychain said to the refresh token, of an accepted run.
pub(super) fn run(
    app: &App,
    chosen: &Chosen,
    mut report: SignInReport,
    deed: Deed,
    refused: Option<Problem>,
) -> Result<Exit, InputProblem> {
    let desk = app.client.desk(&chosen.connection.id);
    without_secrets(&mut report, &desk.recorder);
    report.error = report.error.map(|problem| hint::with_option(problem, chosen.saved));
    if app.output.show_tokens
        && let Some(session) = desk.session.as_ref().filter(|_| report.outcome == Outcome::SignedIn)
    {
        reveal(&mut report, session);
    }
    let exit = match &refused {
        Some(problem) if report.outcome == Outcome::SignedIn => Exit::of_kind(problem.kind),
        _ => Exit::of_report(&report),
    };
    if app.output.json {
        report.error = report.error.or(refused);
        app.output.document(&RunDocument::from(&report))?;
        return Ok(exit);
    }
    let provider = app.client.known_provider(&chosen.connection.issuer);
    let onelogin = provider.is_some_and(|provider| provider.generation().is_onelogin());
    let mut page = app.output.page();
    report::write(&mut page, &report, deed, &chosen.connection.scopes, onelogin);
    if let Some(problem) = refused {
        page.gap();
        page.verdict(Tone::Bad, "The refresh token could not be kept");
        report::problem(&mut page, &problem);
    }
    app.output.print(&page)?;
    Ok(exit)
}

/// A provider may put what it was sent into claims. Tokens in them count as well: their values are shown on request only.
fn without_secrets(report: &mut SignInReport, recorder: &Recorder) {
    if let Some(token) = &mut report.id_token {
        recorder.redact_json(&mut token.header);
        recorder.redact_json(&mut token.claims);
    }
    if let Some(userinfo) = &mut report.userinfo {
        recorder.redact_json(userinfo);
    }
    report.who = report.who.take().map(|who| recorder.redacted(&who));
}

/// Adds the values of the tokens.
fn reveal(report: &mut SignInReport, session: &Session) {
    let value = |kind| session.token(kind).map(Secret::expose).map(str::to_owned);
    let tokens = &mut report.tokens;
    let fill = |summary: &mut Option<TokenSummary>, kind| {
        if let Some(summary) = summary {
            summary.value = value(kind);
        }
    };
    fill(&mut tokens.access_token, TokenKind::AccessToken);
    fill(&mut tokens.refresh_token, TokenKind::RefreshToken);
    fill(&mut tokens.id_token, TokenKind::IdToken);
}
