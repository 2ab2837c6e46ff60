//! Introspection, revocation and sign-out as text and as a document.

use latchkey_client::report::ExchangeSummary;
use latchkey_client::session_report::{SessionDeed, SessionOutcome, SessionReport};
use latchkey_oidc::text::shortened;
use latchkey_oidc::{Finding, Problem, ProblemKind};
use serde::Serialize;
use serde_json::Value;

use super::json::ErrorMember;
use super::page::{Page, Tone};
use super::report;
use super::table::Table;

/// The document of `--json`.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    /// `null` where nothing was run.
    outcome: Option<SessionOutcome>,
    findings: &'a [Finding],
    /// `sha256:` and 12 digits of the token that it was about.
    fingerprint: Option<&'a str>,
    introspection: Option<&'a Value>,
    address: Option<&'a str>,
    forgotten: bool,
    error: Option<ErrorMember<'a>>,
    exchanges: &'a [ExchangeSummary],
}

impl<'a> From<&'a SessionReport> for Document<'a> {
    fn from(report: &'a SessionReport) -> Self {
        Self {
            outcome: Some(report.outcome),
            findings: &report.findings,
            fingerprint: report.fingerprint.as_deref(),
            introspection: report.introspection.as_ref(),
            address: report.address.as_deref(),
            forgotten: report.forgotten,
            error: report.error.as_ref().map(ErrorMember::from),
            exchanges: &report.exchanges,
        }
    }
}

/// The document where a problem left nothing to do.
pub(crate) fn nothing_done(problem: &Problem) -> impl Serialize {
    Document {
        outcome: None,
        findings: &[],
        fingerprint: None,
        introspection: None,
        address: None,
        forgotten: false,
        error: Some(problem.into()),
        exchanges: &[],
    }
}

/// Writes what came, the verdict first.
pub(crate) fn write(page: &mut Page, report: &SessionReport, refused: Option<&Problem>) {
    let (tone, text) = verdict(report);
    page.verdict(tone, &text);
    if let Some(problem) = &report.error {
        report::problem(page, problem);
    }
    if report.forgotten {
        page.paragraph(Tone::Plain, "The session kept on this computer is forgotten.");
    }
    report::findings(page, &report.findings);
    members(page, report.introspection.as_ref());
    for note in &report.notes {
        page.heading(&note.title);
        page.paragraph(Tone::Plain, &note.remedy);
    }
    report::exchanges(page, &report.exchanges);
    if let Some(problem) = refused {
        page.gap();
        page.verdict(Tone::Bad, "The refresh token could not be kept");
        report::problem(page, problem);
    }
}

fn verdict(report: &SessionReport) -> (Tone, String) {
    let active = report.introspection.as_ref().and_then(|members| members.get("active"));
    match (report.outcome, report.deed) {
        (SessionOutcome::Done, SessionDeed::Introspect) if active == Some(&Value::Bool(false)) => {
            (Tone::Warning, "The token is not active".to_owned())
        }
        (SessionOutcome::Done, SessionDeed::Introspect) => (Tone::Good, "The token is active".to_owned()),
        (SessionOutcome::Done, SessionDeed::Revoke) => (Tone::Good, "Revoked".to_owned()),
        (SessionOutcome::Done, SessionDeed::SignOut) => (Tone::Good, "Signed out".to_owned()),
        (SessionOutcome::Unclear, _) => (Tone::Warning, "Sent, and not confirmed".to_owned()),
        (SessionOutcome::Rejected, _) => (Tone::Bad, "Rejected".to_owned()),
        (SessionOutcome::ProviderError, _) => (Tone::Bad, refusal(report.error.as_ref())),
        (SessionOutcome::NetworkError, _) => {
            (Tone::Bad, report::network_verdict(report.error.as_ref()).to_owned())
        }
    }
}

fn refusal(problem: Option<&Problem>) -> String {
    match problem {
        Some(Problem { kind: ProblemKind::MissingMetadata, .. }) => {
            "The provider does not offer this".to_owned()
        }
        Some(Problem { kind: ProblemKind::InvalidInput, .. }) => "Nothing was sent".to_owned(),
        problem => report::provider_verdict(problem),
    }
}

fn members(page: &mut Page, introspection: Option<&Value>) {
    let Some(members) = introspection.and_then(Value::as_object) else { return };
    let mut table = Table::new(&["Member", "Value"]);
    for (name, value) in members {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table.row([(Tone::Plain, name.as_str()), (Tone::Plain, &shortened(&value, report::LONGEST_VALUE))]);
    }
    page.heading("Introspection");
    page.table(&table);
}
