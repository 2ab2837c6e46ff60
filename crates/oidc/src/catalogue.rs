//! Explains a provider's error answer: the cause, and the setting that mends it.
//!
//! A table, read from the top: documented texts, then codes, then statuses. Endpoint, status and code
//! decide; the text, which is for people and changes between versions, chooses an explanation at most.
//! Must not know how the answer was fetched, and acts on nothing.

use serde::{Deserialize, Serialize};

use crate::client_auth::AuthMethod;
use crate::http::Endpoint;
use crate::problem::{Fix, Problem, ProblemKind};
use crate::text::visible;

mod authorization;
mod matching;
mod oauth;
mod openid;
mod protected;
mod statuses;
mod token;

/// Characters of the provider's `error` that are kept.
pub const CODE_LIMIT: usize = 200;
/// Characters of the provider's `error_description` that are kept.
pub const DESCRIPTION_LIMIT: usize = 1_000;
const APP_NAME_LIMIT: usize = 100;

/// An error answer as it came, nothing in it made harmless yet.
///
/// From a JSON body (RFC 6749 §5.2), a `WWW-Authenticate` header (RFC 6750 §3) or a callback
/// (RFC 6749 §4.1.2.1); for a callback the status is that of the redirect, 302.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderError {
    /// Where the request went.
    pub endpoint: Endpoint,
    /// Status of the HTTP answer.
    pub status: u16,
    /// `error`; empty where the answer had none.
    pub code: String,
    /// `error_description`.
    pub description: Option<String>,
}

/// What is known about the request that was refused.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Whether the provider is OneLogin: its portal is named in the remedy then, and only then.
    pub onelogin: bool,
    /// The grant in use, where the request had one.
    pub grant: Option<Grant>,
    /// The client authentication in use.
    pub auth_method: Option<AuthMethod>,
    /// The app's name in OneLogin's portal, as far as it is known: the connection's name.
    pub app_name: Option<&'a str>,
    /// The scopes that were asked for.
    pub scopes: &'a [String],
}

/// How the tokens were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// `password` (RFC 6749 §4.3).
    Password,
    /// `refresh_token` (RFC 6749 §6).
    RefreshToken,
    /// `authorization_code` (RFC 6749 §4.1, OIDC Core §3.1).
    AuthorizationCode,
    /// No token request: tokens come from the authorization endpoint (OIDC Core §3.2).
    Implicit,
}

/// One line of the table: what it fits, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Stable name, `token-user-locked`.
    pub id: &'static str,
    /// The endpoints that it fits; empty for any.
    pub endpoints: &'static [Endpoint],
    /// The statuses that it fits, the documented one first; empty for any.
    pub statuses: &'static [u16],
    /// The `error` that it fits, compared without regard to case; `None` for any.
    pub code: Option<&'static str>,
    /// The `error_description` that it fits.
    pub text: Text,
    /// What else must hold, all of it.
    pub when: &'static [When],
    /// The cause, without naming a provider. May hold placeholders.
    pub cause: &'static str,
    /// The remedy at OneLogin, naming the place in its portal. May hold placeholders.
    pub onelogin: &'static str,
    /// The remedy at any other provider. May hold placeholders.
    pub elsewhere: &'static str,
    /// What Latchkey can change by itself.
    pub fix: FixRule,
    /// Section of the specification, or OneLogin's page.
    pub reference: &'static str,
}

/// How a description is compared. Patterns are in the normal form: lower case, single spaces,
/// no punctuation, `redirect_uris` as `redirect_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Any description, or none.
    Any,
    /// The whole description.
    Is(&'static str),
    /// Its beginning.
    Starts(&'static str),
    /// `missing required parameter(s)`, this one among them.
    Missing(&'static str),
}

/// A condition on the request that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// This grant was used.
    Grant(Grant),
    /// The client authenticated in this way.
    Method(AuthMethod),
    /// This scope was asked for.
    Scope(&'static str),
    /// Scopes were asked for, and this was not among them.
    NoScope(&'static str),
}

/// What Latchkey offers to change; offered only where it would change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixRule {
    /// Nothing.
    Nothing,
    /// Use this client authentication.
    Method(AuthMethod),
    /// The other of Basic and POST, at providers other than OneLogin, whose portal says which it is.
    OtherSecretMethod,
    /// Ask for this scope as well.
    AddScope(&'static str),
    /// Do not ask for this scope.
    RemoveScope(&'static str),
}

/// What fits anything and says nothing: the base that the rows are written on.
const ANY: Row = Row {
    id: "",
    endpoints: &[],
    statuses: &[],
    code: None,
    text: Text::Any,
    when: &[],
    cause: "",
    onelogin: "",
    elsewhere: "",
    fix: FixRule::Nothing,
    reference: "",
};

/// Every row, in the order in which they are tried. The last one fits anything.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    [
        authorization::ROWS,
        token::ROWS,
        protected::ROWS,
        oauth::ROWS,
        openid::ROWS,
        statuses::ROWS,
        std::slice::from_ref(&statuses::GENERIC),
    ]
    .into_iter()
    .flatten()
}

/// The row that explains an answer: the first that fits.
#[must_use]
pub fn choose(error: &ProviderError, context: &Context<'_>) -> &'static Row {
    let text = matching::normal_form(error.description.as_deref().unwrap_or_default());
    rows().find(|row| matching::fits(row, error, &text, context)).unwrap_or(&statuses::GENERIC)
}

/// Explains an answer. The result holds no provider text that is not made visible and bounded.
///
/// The kind is `OauthError`; without an `error` code it is `HttpStatus`, and `RateLimited` for 429.
#[must_use]
pub fn explain(error: &ProviderError, context: &Context<'_>) -> Problem {
    let row = choose(error, context);
    let kind = match error.status {
        429 => ProblemKind::RateLimited,
        _ if error.code.trim().is_empty() => ProblemKind::HttpStatus,
        _ => ProblemKind::OauthError,
    };
    let remedy = if context.onelogin { row.onelogin } else { row.elsewhere };
    Problem {
        kind,
        code: harmless(&error.code, CODE_LIMIT),
        description: error.description.as_deref().and_then(|text| harmless(text, DESCRIPTION_LIMIT)),
        http_status: Some(error.status),
        endpoint: Some(error.endpoint),
        explanation: filled(row.cause, error, context),
        remedy: filled(remedy, error, context),
        fix: fix(row.fix, context),
    }
}

/// Visible and at most so many characters long, an ellipsis included; `None` where there is nothing to show.
///
/// No escape is cut in two, and only the part that is shown is worked on.
pub(crate) fn harmless(text: &str, limit: usize) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let mut out = String::new();
    let (mut length, mut room_for_ellipsis) = (0, 0);
    for c in text.chars() {
        let piece = visible(c.encode_utf8(&mut [0; 4]));
        length += piece.chars().count();
        if length > limit {
            out.truncate(room_for_ellipsis);
            out.push('…');
            break;
        }
        out.push_str(&piece);
        if length < limit {
            room_for_ellipsis = out.len();
        }
    }
    Some(out)
}

fn fix(rule: FixRule, context: &Context<'_>) -> Option<Fix> {
    let asked = |scope: &str| context.scopes.iter().any(|asked| asked == scope);
    match rule {
        FixRule::Nothing => None,
        FixRule::Method(method) => {
            (context.auth_method != Some(method)).then_some(Fix::UseAuthMethod { method })
        }
        FixRule::OtherSecretMethod if context.onelogin => None,
        FixRule::OtherSecretMethod => match context.auth_method? {
            AuthMethod::Basic => Some(Fix::UseAuthMethod { method: AuthMethod::Post }),
            AuthMethod::Post => Some(Fix::UseAuthMethod { method: AuthMethod::Basic }),
            AuthMethod::None => None,
        },
        FixRule::AddScope(scope) => (!asked(scope)).then(|| Fix::AddScope { scope: scope.to_owned() }),
        FixRule::RemoveScope(scope) => asked(scope).then(|| Fix::RemoveScope { scope: scope.to_owned() }),
    }
}

/// Fills `{app}`, `{method}`, `{endpoint}` and `{answer}` in one pass, so that a name that looks like a
/// placeholder stays a name.
fn filled(template: &str, error: &ProviderError, context: &Context<'_>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        match name {
            "app" => {
                let known = context.app_name.and_then(|name| harmless(name, APP_NAME_LIMIT));
                out.push_str(known.as_deref().unwrap_or("the app"));
            }
            "method" => {
                out.push_str(context.auth_method.map_or("what this connection uses", AuthMethod::label))
            }
            "endpoint" => out.push_str(error.endpoint.label()),
            "answer" => out.push_str(&answer(error)),
            _ => debug_assert!(false, "no such placeholder: {name}"),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `status 403 and the code access_restricted`.
fn answer(error: &ProviderError) -> String {
    match harmless(&error.code, 60) {
        Some(code) => format!("status {} and the code {code}", error.status),
        None => format!("status {} and no error code", error.status),
    }
}
