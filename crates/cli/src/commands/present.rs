//! Prints a run, as a document or as text, and says what exit code it means.

use latchkey_client::input::InputProblem;
use latchkey_client::recorder::Recorder;
use latchkey_client::report::{Outcome, SignInReport, TokenSummary};
use latchkey_client::session::{Session, TokenKind};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, Secret};
use serde_json::Value;

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
        clean(&mut token.header, recorder);
        clean(&mut token.claims, recorder);
    }
    if let Some(userinfo) = &mut report.userinfo {
        clean(userinfo, recorder);
    }
    report.who = report.who.take().map(|who| recorder.redacted(&who));
}

fn clean(value: &mut Value, recorder: &Recorder) {
    match value {
        Value::String(text) => {
            let shown = visible(text);
            let redacted = recorder.redacted(text);
            // Only where a secret was found: the rest stays as it came.
            if redacted != shown && !by_chance(&shown, &redacted) {
                *text = redacted;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, recorder)),
        Value::Object(members) => members.values_mut().for_each(|member| clean(member, recorder)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A short password may well be part of a name or an address. To blot it out there would give it away.
fn by_chance(text: &str, redacted: &str) -> bool {
    const PLACEHOLDER: &str = "[password]";
    const SHORT: usize = 8;
    let found = redacted.matches(PLACEHOLDER).count();
    let removed = (text.len() + found * PLACEHOLDER.len()).saturating_sub(redacted.len());
    found > 0 && removed < found * SHORT
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn h26_what_was_sent_is_taken_out_of_claims_and_nothing_else_is_touched() {
        let recorder = Recorder::new();
        recorder.learn("password", &Secret::from("correct horse"));
        recorder.learn("access_token", &Secret::from("opaque-access-token"));
        let mut claims = json!({
            "note": ["correct horse", "a\u{202e}b"],
            "token": "opaque-access-token",
            "n": 1,
        });
        clean(&mut claims, &recorder);
        assert_eq!(claims["note"], json!(["[password]", "a\u{202e}b"]));
        assert!(!claims["token"].as_str().unwrap().contains("opaque"));
    }

    #[test]
    fn a_short_password_that_is_part_of_a_name_is_not_given_away() {
        let recorder = Recorder::new();
        recorder.learn("password", &Secret::from("peggy"));
        let mut claims = json!({ "email": "peggy.sue@peggy.example" });
        clean(&mut claims, &recorder);
        assert_eq!(claims["email"], "peggy.sue@peggy.example");
    }
}
