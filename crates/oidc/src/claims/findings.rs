//! The two findings about claims: groups that were asked for, and the shape of `updated_at`.

use serde_json::{Map, Value};

use super::reading::{delimited_remedy, groups, is_delimited, updated_at};
use super::scopes::{GROUPS_AT_ONELOGIN, GROUPS_ELSEWHERE};
use super::{Sources, is_empty};
use crate::catalogue::harmless;
use crate::finding::{Check, Finding, Status};

/// Looks at `groups` where the scope of that name was asked for, and at `updated_at` where it came.
///
/// Neither ever fails: no specification fixes groups, and a wrong `updated_at` (OIDC Core §5.1) harms nobody.
#[must_use]
pub fn findings(
    id_token: Option<&Map<String, Value>>,
    userinfo: Option<&Map<String, Value>>,
    scopes: &[String],
    onelogin: bool,
) -> Vec<Finding> {
    let sources = Sources { id_token, userinfo, introspection: None };
    let mut findings = Vec::new();
    if scopes.iter().any(|scope| scope == "groups") {
        findings.push(about_groups(&sources, onelogin));
    }
    findings.extend(about_updated_at(&sources, onelogin));
    findings
}

fn about_groups(sources: &Sources<'_>, onelogin: bool) -> Finding {
    let expected = "groups, as the scope asks";
    let reference = if onelogin { "OneLogin, Get User Info" } else { "OIDC Core §5.1.2" };
    let values = sources.both("groups");
    // UserInfo is the fuller one as a rule, and the one that applications read.
    let Some(value) = values.into_iter().rev().flatten().find(|value| !is_empty(value)) else {
        let received = values.into_iter().flatten().next().map_or_else(|| "none".to_owned(), groups);
        let remedy = if onelogin { GROUPS_AT_ONELOGIN } else { GROUPS_ELSEWHERE };
        return Finding::new(Check::Groups, Status::Warning, expected, received, reference)
            .with_remedy(remedy);
    };
    if is_delimited(value) {
        return Finding::new(Check::Groups, Status::Warning, expected, groups(value), reference)
            .with_remedy(delimited_remedy(onelogin));
    }
    match value {
        Value::Array(_) | Value::String(_) => {
            Finding::new(Check::Groups, Status::Passed, expected, groups(value), reference)
        }
        _ => Finding::new(Check::Groups, Status::Warning, expected, groups(value), reference)
            .with_remedy(if onelogin { GROUPS_AT_ONELOGIN } else { GROUPS_ELSEWHERE }),
    }
}

fn about_updated_at(sources: &Sources<'_>, onelogin: bool) -> Option<Finding> {
    let expected = "a time in seconds, milliseconds or ISO 8601";
    let reference = "OIDC Core §5.1";
    let mut passed = None;
    for value in sources.both("updated_at").into_iter().flatten() {
        match updated_at(value) {
            Ok(moment) => {
                passed.get_or_insert_with(|| {
                    Finding::new(Check::UpdatedAt, Status::Passed, expected, moment.reading(), reference)
                });
            }
            Err(fault) => {
                let received = format!("{}: {fault}", shown(value));
                let remedy = if onelogin {
                    "Let the application accept any shape, and report the value to OneLogin's support."
                } else {
                    "Let the application accept any shape. The standard has a number of seconds since 1970."
                };
                let finding = Finding::new(Check::UpdatedAt, Status::Warning, expected, received, reference);
                return Some(finding.with_remedy(remedy));
            }
        }
    }
    passed
}

/// A value for a sentence: harmless and short.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("“{}”", harmless(text, 60).unwrap_or_default()),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
