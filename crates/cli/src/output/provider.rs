//! A provider, as a document or as text.

use latchkey_client::provider::Provider;
use latchkey_client::report::{ExchangeSummary, Outcome};
use latchkey_oidc::explain::{self, MetadataEntry};
use latchkey_oidc::finding::tally;
use latchkey_oidc::jwk::KeyRow;
use latchkey_oidc::text::shortened;
use latchkey_oidc::{Finding, Problem, Status};
use serde::Serialize;
use serde_json::{Map, Value};

use super::json::ErrorMember;
use super::page::{Page, Tone};
use super::report;
use super::table::Table;

/// Longest value that is shown whole; JSON has all of it.
const LONGEST_VALUE: usize = 600;

/// What looking a provider up brought.
pub(crate) struct Looked<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) issuer: &'a str,
    pub(crate) provider: Option<&'a Provider>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) error: Option<Problem>,
    pub(crate) exchanges: Vec<ExchangeSummary>,
}

/// The document: as that of a sign-in where the two have something in common.
#[derive(Serialize)]
pub(crate) struct ProviderDocument<'a> {
    outcome: Option<Outcome>,
    issuer: Option<&'a str>,
    metadata: Option<&'a Map<String, Value>>,
    findings: &'a [Finding],
    keys: Option<Vec<&'a KeyRow>>,
    error: Option<ErrorMember<'a>>,
    exchanges: &'a [ExchangeSummary],
}

impl Looked<'_> {
    pub(crate) fn document(&self) -> ProviderDocument<'_> {
        ProviderDocument {
            outcome: Some(self.outcome),
            issuer: Some(self.issuer),
            metadata: self.provider.map(|provider| &provider.metadata.raw),
            findings: &self.findings,
            keys: self.keys().map(Iterator::collect),
            error: self.error.as_ref().map(ErrorMember::from),
            exchanges: &self.exchanges,
        }
    }

    fn keys(&self) -> Option<impl Iterator<Item = &KeyRow>> {
        Some(self.provider?.keys.as_ref()?.set.rows())
    }
}

/// The document where a problem came before the first request.
pub(crate) fn nothing_done(problem: &Problem) -> ProviderDocument<'_> {
    ProviderDocument {
        outcome: None,
        issuer: None,
        metadata: None,
        findings: &[],
        keys: None,
        error: Some(problem.into()),
        exchanges: &[],
    }
}

/// Writes a provider.
pub(crate) fn write(page: &mut Page, looked: &Looked<'_>) {
    let (passed, due) = tally(&looked.findings);
    let checks = if due > 0 { format!(" · {passed} of {due} checks passed") } else { String::new() };
    let issuer = looked.issuer;
    let (tone, text) = match looked.outcome {
        Outcome::SignedIn => (Tone::Good, format!("Ready: {issuer}{checks}")),
        Outcome::Rejected => (Tone::Bad, format!("Rejected: {issuer}{checks}")),
        Outcome::ProviderError => (Tone::Bad, format!("The answer of {issuer} cannot be used")),
        Outcome::NetworkError => {
            (Tone::Bad, format!("{}: {issuer}", report::network_verdict(looked.error.as_ref())))
        }
    };
    page.verdict(tone, &text);
    if let Some(problem) = &looked.error {
        report::problem(page, problem);
    }
    report::findings(page, &looked.findings);
    if let Some(provider) = looked.provider {
        page.heading("Metadata");
        for entry in explain::entries(&provider.metadata, &looked.findings) {
            self::entry(page, &entry);
        }
    }
    if let Some(keys) = looked.keys() {
        self::keys(page, keys);
    }
    report::exchanges(page, &looked.exchanges);
}

fn entry(page: &mut Page, entry: &MetadataEntry) {
    page.gap();
    page.paragraph(Tone::Strong, &entry.name);
    page.nested(Tone::Plain, &shown(&entry.value));
    match &entry.explanation {
        Some(explanation) => page.nested(Tone::Quiet, explanation),
        None => page.nested(Tone::Quiet, "Not in any specification known here."),
    }
    let worth_a_word = |finding: &&Finding| matches!(finding.status, Status::Failed | Status::Warning);
    if let Some(finding) = entry.finding.as_ref().filter(worth_a_word) {
        let tone = if finding.status == Status::Failed { Tone::Bad } else { Tone::Warning };
        page.nested(tone, &format!("Expected {}, received {}.", finding.expected, finding.received));
        if let Some(remedy) = &finding.remedy {
            page.nested(Tone::Plain, remedy);
        }
    }
}

/// A list of texts reads better without brackets and quotes.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    shortened(&text, LONGEST_VALUE)
}

fn keys<'a>(page: &mut Page, keys: impl Iterator<Item = &'a KeyRow>) {
    let mut table = Table::new(&["Key (kid)", "Type", "Use", "Algorithm", "Thumbprint", "Result"]);
    for key in keys {
        let kind = match (&key.curve, key.bits) {
            (Some(curve), _) => format!("{} {curve}", key.kty),
            (None, Some(bits)) => format!("{} {bits}", key.kty),
            (None, None) => key.kty.clone(),
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not said".to_owned());
        let (tone, result) = if key.accepted { (Tone::Good, "usable") } else { (Tone::Bad, "not used") };
        table.row([
            (Tone::Plain, text(&key.kid).as_str()),
            (Tone::Plain, &kind),
            (Tone::Plain, &text(&key.usage)),
            (Tone::Plain, &text(&key.alg)),
            (Tone::Quiet, &key.thumbprint.clone().unwrap_or_default()),
            (tone, result),
        ]);
        if let Some(note) = &key.note {
            table.below(note);
        }
    }
    page.heading("Keys");
    if table.is_empty() {
        page.paragraph(Tone::Plain, "The key set is empty.");
    } else {
        page.table(&table);
    }
}
