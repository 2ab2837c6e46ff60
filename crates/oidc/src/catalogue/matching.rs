//! Whether a row of the table fits an answer.

use super::{Context, ProviderError, Row, Text, When};

/// Characters of a description that are looked at. The longest pattern is far shorter.
const LOOKED_AT: usize = 300;

/// Lower case, single spaces, no punctuation that versions differ in, `redirect_uris` as `redirect_uri`.
pub(super) fn normal_form(description: &str) -> String {
    let plain: String = description
        .chars()
        .take(LOOKED_AT)
        .filter(|c| !matches!(c, '.' | ',' | ':' | ';' | '(' | ')' | '\'' | '’' | '"' | '`'))
        .flat_map(char::to_lowercase)
        .collect();
    let mut out = String::with_capacity(plain.len());
    for word in plain.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if word == "redirect_uris" { "redirect_uri" } else { word });
    }
    out
}

/// Whether the row fits; `text` is the description in its normal form.
pub(super) fn fits(row: &Row, error: &ProviderError, text: &str, context: &Context<'_>) -> bool {
    (row.endpoints.is_empty() || row.endpoints.contains(&error.endpoint))
        && (row.statuses.is_empty() || row.statuses.contains(&error.status))
        && row.code.is_none_or(|code| code.eq_ignore_ascii_case(error.code.trim()))
        && says(row.text, text)
        && row.when.iter().all(|condition| holds(*condition, context))
}

fn says(pattern: Text, text: &str) -> bool {
    match pattern {
        Text::Any => true,
        Text::Is(whole) => text == whole,
        Text::Starts(beginning) => text.starts_with(beginning),
        Text::Missing(parameter) => text
            .strip_prefix("missing required parameter")
            .is_some_and(|names| names.split_whitespace().any(|name| name == parameter)),
    }
}

fn holds(condition: When, context: &Context<'_>) -> bool {
    let asked = |scope: &str| context.scopes.iter().any(|asked| asked == scope);
    match condition {
        When::Grant(grant) => context.grant == Some(grant),
        When::Method(method) => context.auth_method == Some(method),
        When::Scope(scope) => asked(scope),
        When::NoScope(scope) => !context.scopes.is_empty() && !asked(scope),
    }
}
