//! A run as text: the verdict first, then what is wrong, then every check, and what came.

use latchkey_client::report::{ExchangeSummary, Outcome, SignInReport, TokenSummaries};
use latchkey_oidc::finding::tally;
use latchkey_oidc::text::shortened;
use latchkey_oidc::timestamp::span;
use latchkey_oidc::{Finding, Problem, ProblemKind, Status, claims};
use serde_json::Value;

use super::page::{Page, Tone};
use super::table::Table;

/// Longest claim value that is shown whole; JSON has all of it.
pub(super) const LONGEST_VALUE: usize = 160;

/// What was done, which words the verdict needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    SignIn,
    Refresh,
    Verify,
    Userinfo,
}

/// Writes a run.
pub(crate) fn write(page: &mut Page, report: &SignInReport, deed: Deed, scopes: &[String], onelogin: bool) {
    verdict(page, report, deed);
    if let Some(problem) = &report.error {
        self::problem(page, problem);
    }
    if deed == Deed::Userinfo {
        claims_table(page, report, scopes, onelogin);
        findings(page, &report.findings);
    } else {
        findings(page, &report.findings);
        claims_table(page, report, scopes, onelogin);
    }
    for note in &report.notes {
        page.heading(&note.title);
        page.paragraph(Tone::Plain, &note.remedy);
    }
    tokens(page, &report.tokens);
    exchanges(page, &report.exchanges);
}

fn verdict(page: &mut Page, report: &SignInReport, deed: Deed) {
    let who = report.who.as_deref();
    let (tone, mut text) = match report.outcome {
        Outcome::SignedIn => {
            let text = match (deed, who) {
                (Deed::SignIn, Some(who)) => format!("Signed in as {who}"),
                (Deed::SignIn, None) => "Signed in".to_owned(),
                (Deed::Refresh, Some(who)) => format!("Refreshed for {who}"),
                (Deed::Refresh, None) => "Refreshed".to_owned(),
                (Deed::Verify, Some(who)) => format!("Verified: a token for {who}"),
                (Deed::Verify, None) => "Verified".to_owned(),
                (Deed::Userinfo, Some(who)) => format!("UserInfo of {who}"),
                (Deed::Userinfo, None) => "UserInfo".to_owned(),
            };
            (Tone::Good, text)
        }
        Outcome::Rejected => (Tone::Bad, "Rejected".to_owned()),
        Outcome::ProviderError => (Tone::Bad, provider_verdict(report.error.as_ref())),
        Outcome::NetworkError => (Tone::Bad, network_verdict(report.error.as_ref()).to_owned()),
    };
    let (passed, due) = tally(&report.findings);
    // Where the run ended early, so many passed checks would say nothing.
    if due > 0 && matches!(report.outcome, Outcome::SignedIn | Outcome::Rejected) {
        text.push_str(&format!(" · {passed} of {due} checks passed"));
    }
    match report.findings.iter().filter(|finding| finding.status == Status::Warning).count() {
        0 => {}
        1 => text.push_str(" · 1 warning"),
        several => text.push_str(&format!(" · {several} warnings")),
    }
    page.verdict(tone, &text);
}

pub(super) fn provider_verdict(problem: Option<&Problem>) -> String {
    match problem {
        Some(Problem { kind: ProblemKind::OauthError, code: Some(code), .. }) => {
            format!("Refused by the provider: {code}")
        }
        Some(Problem { kind: ProblemKind::RateLimited, .. }) => "The provider asks to wait".to_owned(),
        _ => "The provider's answer cannot be used".to_owned(),
    }
}

pub(super) fn network_verdict(problem: Option<&Problem>) -> &'static str {
    match problem.map(|problem| problem.kind) {
        Some(ProblemKind::Cancelled) => "Interrupted",
        Some(ProblemKind::OutcomeUnknown) => "The connection broke: the outcome is unknown",
        Some(ProblemKind::TooLarge) => "The provider's answer is too large",
        _ => "Failed on the way",
    }
}

/// The cause, what to do, and the provider's own words.
pub(crate) fn problem(page: &mut Page, problem: &Problem) {
    page.gap();
    page.paragraph(Tone::Plain, &problem.explanation);
    if !problem.remedy.is_empty() {
        page.labelled("What to do", &problem.remedy);
    }
    let words: Vec<&str> =
        [&problem.code, &problem.description].into_iter().flatten().map(String::as_str).collect();
    let mut words = words.join(" · ");
    let answered = problem.http_status.is_some();
    if let Some(status) = problem.http_status {
        let place = problem.endpoint.map(|endpoint| format!(", {}", endpoint.label())).unwrap_or_default();
        words = format!("{words} (HTTP {status}{place})").trim_start().to_owned();
    }
    if !words.is_empty() {
        page.labelled(if answered { "Provider" } else { "Details" }, &words);
    }
}

/// Every check, those that failed first, then those that warn, then the others in their order.
pub(crate) fn findings(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| match finding.status {
        Status::Failed => 0,
        Status::Warning => 1,
        Status::Passed | Status::NotDue => 2,
    });
    let mut table = Table::new(&["Check", "Expected", "Received", "Result"]);
    for finding in sorted {
        let (tone, result) = match finding.status {
            Status::Failed => (Tone::Bad, "failed"),
            Status::Warning => (Tone::Warning, "warning"),
            Status::Passed => (Tone::Good, "passed"),
            Status::NotDue => (Tone::Quiet, "not due"),
        };
        let quiet = if finding.status == Status::NotDue { Tone::Quiet } else { Tone::Plain };
        table.row([
            (quiet, check_name(finding).as_str()),
            (quiet, &finding.expected),
            (quiet, &finding.received),
            (tone, result),
        ]);
        if let Some(remedy) = finding.remedy.as_ref().filter(|_| finding.status != Status::Passed) {
            table.below(&format!("{remedy} ({})", finding.reference));
        }
    }
    page.heading("Checks");
    page.table(&table);
}

/// “Issuer” alone would leave open whose.
fn check_name(finding: &Finding) -> String {
    let label = finding.check.label();
    let code = serde_json::to_value(finding.check).ok();
    if !code.as_ref().and_then(Value::as_str).is_some_and(|code| code.starts_with("id_token_")) {
        return label.to_owned();
    }
    let mut chars = label.chars();
    let small: String =
        chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default();
    format!("ID token: {small}")
}

fn claims_table(page: &mut Page, report: &SignInReport, scopes: &[String], onelogin: bool) {
    let id_token = report.id_token.as_ref().map(|token| &token.claims);
    let userinfo = report.userinfo.as_ref();
    let view = claims::view(id_token, userinfo, None, scopes, onelogin);
    if view.rows.is_empty() {
        return;
    }
    let both = id_token.is_some() && userinfo.is_some();
    let mut table = match (id_token, both) {
        (_, true) => Table::new(&["Claim", "ID token", "UserInfo"]),
        (Some(_), false) => Table::new(&["Claim", "ID token"]),
        (None, false) => Table::new(&["Claim", "UserInfo"]),
    };
    for row in &view.rows {
        let shown = |value: &Option<Value>| value.as_ref().map(shown).unwrap_or_default();
        let reading = row.reading.as_ref().map(|reading| format!(" ({reading})")).unwrap_or_default();
        let mut first = shown(&row.id_token);
        let mut second = shown(&row.userinfo);
        let tone = if row.differs { Tone::Warning } else { Tone::Plain };
        if both && row.id_token.is_some() && row.id_token == row.userinfo {
            "same".clone_into(&mut second);
        }
        if row.id_token.is_some() {
            first.push_str(&reading)
        } else {
            second.push_str(&reading)
        }
        if both {
            table.row([(Tone::Plain, row.name.as_str()), (tone, &first), (tone, &second)]);
        } else {
            let only = if id_token.is_some() { &first } else { &second };
            table.row([(Tone::Plain, row.name.as_str()), (tone, only.as_str())]);
        }
        if let Some(note) = &row.note {
            table.below(note);
        }
    }
    let rejected = report.outcome == Outcome::Rejected;
    page.heading(if rejected { "Claims, which are not to be trusted" } else { "Claims" });
    page.table(&table);
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    shortened(&text, LONGEST_VALUE)
}

fn tokens(page: &mut Page, tokens: &TokenSummaries) {
    let mut table = Table::new(&["Token", "Fingerprint", "Lifetime"]);
    let all = [
        ("access_token", &tokens.access_token),
        ("refresh_token", &tokens.refresh_token),
        ("id_token", &tokens.id_token),
    ];
    for (name, token) in all {
        if let Some(token) = token {
            let life = token.expires_in.map_or_else(|| "not said".to_owned(), span);
            table.row([(Tone::Plain, name), (Tone::Plain, token.fingerprint.as_str()), (Tone::Plain, &life)]);
        }
    }
    if table.is_empty() {
        return;
    }
    page.heading("Tokens");
    page.table(&table);
    for (name, token) in all {
        if let Some(value) = token.as_ref().and_then(|token| token.value.as_ref()) {
            page.heading(name);
            page.whole(value);
        }
    }
}

/// Every request with its answer's status and time.
pub(crate) fn exchanges(page: &mut Page, exchanges: &[ExchangeSummary]) {
    if exchanges.is_empty() {
        return;
    }
    let mut table = Table::new(&["Exchange", "Request", "Status", "Time"]);
    for exchange in exchanges {
        let status = exchange.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let good = exchange.status.is_some_and(|status| status < 400);
        table.row([
            (Tone::Plain, exchange.name.label()),
            (Tone::Plain, &format!("{} {}", exchange.method.as_str(), exchange.url)),
            (if good { Tone::Plain } else { Tone::Bad }, &status),
            (Tone::Quiet, &format!("{:.1} ms", exchange.ms)),
        ]);
    }
    page.heading("Exchanges");
    page.table(&table);
}
