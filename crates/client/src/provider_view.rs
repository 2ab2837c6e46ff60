//! A provider as it is shown: every entry explained, the keys, and what changed since the last look.
//!
//! The last look is the metadata document alone, which is public, in a file of the configuration folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use latchkey_oidc::explain::{self, MetadataEntry};
use latchkey_oidc::jwk::KeyRow;
use latchkey_oidc::{Finding, Problem, text};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::provider::Provider;

/// A provider as it is shown.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ProviderView {
    /// The issuer, made harmless.
    pub issuer: String,
    /// Unix time in seconds of the look.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub fetched_at: i64,
    /// In document order.
    pub entries: Vec<MetadataEntry>,
    /// Of metadata and keys.
    pub findings: Vec<Finding>,
    /// In document order.
    pub keys: Vec<KeyRow>,
    /// Why there are none.
    pub keys_problem: Option<Problem>,
    /// The document, pretty-printed and made harmless.
    pub raw: String,
    /// Members that are not as they were at the last look.
    pub changes: Vec<Change>,
}

/// A member that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Change {
    /// The member.
    pub name: String,
    /// Compact JSON, harmless; `None` where it was not there.
    pub before: Option<String>,
    /// Likewise.
    pub after: Option<String>,
}

/// The view of a provider; remembers this look in `folder`.
#[must_use]
pub fn view(provider: &Provider, folder: &Path) -> ProviderView {
    let mut findings = provider.findings.clone();
    if let Some(keys) = &provider.keys {
        findings.extend(keys.findings.iter().cloned());
    }
    let raw = &provider.metadata.raw;
    let file = last_look(folder, provider.issuer.as_str());
    let before = std::fs::read(&file).ok().and_then(|bytes| latchkey_oidc::json::parse_object(&bytes).ok());
    if before.as_ref() != Some(raw)
        && let Err(error) = remember(&file, raw)
    {
        tracing::warn!(kind = ?error.kind(), "this look at the provider could not be remembered");
    }
    ProviderView {
        issuer: provider.issuer.to_string(),
        fetched_at: provider.fetched_at,
        entries: explain::entries(&provider.metadata, &findings),
        keys: provider.keys.iter().flat_map(|keys| keys.set.rows().cloned()).collect(),
        keys_problem: provider.keys_problem.clone(),
        raw: text::visible_block(&serde_json::to_string_pretty(raw).unwrap_or_default()),
        changes: before.map(|before| changes(&before, raw)).unwrap_or_default(),
        findings,
    }
}

fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let shown =
        |value: Option<&Value>| value.map(|value| text::shortened(&text::visible(&value.to_string()), 400));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    after
        .keys()
        .chain(gone)
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Change {
            name: text::visible(name),
            before: shown(before.get(name)),
            after: shown(after.get(name)),
        })
        .collect()
}

fn last_look(folder: &Path, issuer: &str) -> PathBuf {
    let name = latchkey_oidc::Secret::from(issuer).fingerprint().replace("sha256:", "");
    folder.join("providers").join(format!("{name}.json"))
}

fn remember(file: &Path, raw: &Map<String, Value>) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    let draft = file.with_extension(format!("{}.tmp", std::process::id()));
    let mut written = std::fs::File::create(&draft)?;
    written.write_all(&serde_json::to_vec(raw)?)?;
    written.sync_all()?;
    std::fs::rename(&draft, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_changed_is_told_member_by_member() {
        let before = json!({"issuer": "a", "scopes_supported": ["openid"], "old": 1});
        let after = json!({"issuer": "a", "scopes_supported": ["openid", "groups"], "new": true});
        let changes = changes(before.as_object().unwrap(), after.as_object().unwrap());
        let names: Vec<(&str, Option<&str>, Option<&str>)> = changes
            .iter()
            .map(|change| (change.name.as_str(), change.before.as_deref(), change.after.as_deref()))
            .collect();
        assert_eq!(
            names,
            [
                ("scopes_supported", Some(r#"["openid"]"#), Some(r#"["openid","groups"]"#)),
                ("new", None, Some("true")),
                ("old", Some("1"), None),
            ]
        );
    }
}
