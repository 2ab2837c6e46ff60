//! The discovery document, member by member: what each says, in plain words, and what was found about it.
//!
//! Judges nothing: findings come from [`crate::metadata`] and [`crate::jwk`] and are only put beside the
//! member that they are about.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use crate::finding::{Check, Finding, Status};
use crate::metadata::ProviderMetadata;
use crate::text::visible;

mod discovery;
mod extensions;

/// One member of the discovery document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct MetadataEntry {
    /// Its name, made visible.
    pub name: String,
    /// Its value, as it came: whoever shows it makes it visible.
    pub value: Value,
    /// What it is for, one to three sentences; `None` where no specification known here has it.
    pub explanation: Option<String>,
    /// What was found about it, the worst where there is more than one.
    pub finding: Option<Finding>,
}

/// What one member means.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// The member's name.
    pub name: &'static str,
    /// In plain words.
    pub text: &'static str,
    /// What is particular at OneLogin, added there.
    pub onelogin: Option<&'static str>,
    /// Section of the specification that defines it.
    pub reference: &'static str,
}

/// Every member that is explained: OIDC Discovery §3 first, then what other specifications added.
pub fn meanings() -> impl Iterator<Item = &'static Meaning> {
    discovery::MEANINGS.iter().chain(extensions::MEANINGS)
}

/// The members of the document in its order, explained, with the findings that concern them.
#[must_use]
pub fn entries(metadata: &ProviderMetadata, findings: &[Finding]) -> Vec<MetadataEntry> {
    let onelogin = metadata.generation().is_onelogin();
    metadata
        .raw
        .iter()
        .map(|(name, value)| MetadataEntry {
            name: visible(name),
            value: value.clone(),
            explanation: explanation(name, onelogin),
            finding: about(name, findings).cloned(),
        })
        .collect()
}

/// What a member is for; `None` where it is not known here.
#[must_use]
pub fn explanation(name: &str, onelogin: bool) -> Option<String> {
    static BY_NAME: LazyLock<HashMap<&str, &Meaning>> =
        LazyLock::new(|| meanings().map(|meaning| (meaning.name, meaning)).collect());
    let meaning = BY_NAME.get(name)?;
    Some(match meaning.onelogin {
        Some(particular) if onelogin => format!("{} {particular}", meaning.text),
        _ => meaning.text.to_owned(),
    })
}

/// The worst finding about a member, the first among equals.
fn about<'a>(name: &str, findings: &'a [Finding]) -> Option<&'a Finding> {
    fn severity(status: Status) -> u8 {
        match status {
            Status::Failed => 0,
            Status::Warning => 1,
            Status::Passed => 2,
            Status::NotDue => 3,
        }
    }
    findings.iter().filter(|finding| concerns(finding, name)).min_by_key(|finding| severity(finding.status))
}

fn concerns(finding: &Finding, name: &str) -> bool {
    match finding.check {
        Check::MetadataIssuer | Check::IssuerRetired => name == "issuer",
        Check::MetadataGrant => name == "grant_types_supported",
        Check::MetadataAuthMethod => name == "token_endpoint_auth_methods_supported",
        Check::MetadataScopes => name == "scopes_supported",
        Check::MetadataAlgorithms => name == "id_token_signing_alg_values_supported",
        Check::MetadataPkce => name == "code_challenge_methods_supported",
        Check::KeySet | Check::KeyPrivate | Check::KeyStrength | Check::KeyIds => name == "jwks_uri",
        // One finding for all endpoints: a bad one names its member, a good one is about each.
        Check::MetadataEndpoints if finding.status == Status::Passed => CHECKED_ENDPOINTS.contains(&name),
        Check::MetadataEndpoints => CHECKED_ENDPOINTS.contains(&name) && mentions(&finding.received, name),
        _ => false,
    }
}

const CHECKED_ENDPOINTS: [&str; 7] = [
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
];

/// Whether a word of the text is the name.
fn mentions(text: &str, name: &str) -> bool {
    text.split_whitespace().any(|word| word.trim_end_matches([',', ':', ';']) == name)
}
