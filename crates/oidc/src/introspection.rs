//! Introspection (RFC 7662): whether a token is active, in the provider's own words.

use serde_json::{Map, Value};
use url::Url;

use crate::answer;
use crate::catalogue::Context;
use crate::client_auth::ClientAuth;
use crate::http::{Endpoint, FieldValue, HttpAnswer, HttpRequest, Method};
use crate::jws::{shown, shown_text};
use crate::problem::{Problem, ProblemKind};
use crate::secret::Secret;
use crate::timestamp::{LEEWAY, numeric_date, utc};
use crate::{Check, Finding, Status};

/// `token_type_hint` (RFC 7009 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are the specification's.
pub enum TokenTypeHint {
    AccessToken,
    RefreshToken,
}

impl TokenTypeHint {
    /// The value that is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// The request. A public client sends its id and no header, which OneLogin insists on.
#[must_use]
pub fn request(
    introspection_endpoint: Url,
    client: &ClientAuth,
    token: &Secret,
    hint: Option<TokenTypeHint>,
) -> HttpRequest {
    about_token(Endpoint::Introspection, introspection_endpoint, client, token, hint)
}

/// Introspection and revocation ask alike (RFC 7662 §2.1, RFC 7009 §2.1).
pub(crate) fn about_token(
    endpoint: Endpoint,
    url: Url,
    client: &ClientAuth,
    token: &Secret,
    hint: Option<TokenTypeHint>,
) -> HttpRequest {
    let mut form = vec![("token".to_owned(), FieldValue::Token(token.clone()))];
    if let Some(hint) = hint {
        form.push(("token_type_hint".to_owned(), FieldValue::Plain(hint.as_str().to_owned())));
    }
    let authorization = client.apply(&mut form);
    HttpRequest {
        endpoint,
        method: Method::Post,
        url,
        authorization,
        form: Some(form),
        accept: "application/json",
    }
}

/// What an active token must agree with; what is `None` is not compared.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expectations<'a> {
    /// The issuer of the connection.
    pub issuer: &'a str,
    /// The client that the token was issued to.
    pub client_id: &'a str,
    /// `sub` of the verified ID token.
    pub subject: Option<&'a str>,
    /// Unix time in seconds.
    pub now: i64,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Introspection {
    /// Whether the provider still takes the token.
    pub active: bool,
    /// Everything that the provider says of it, `active` included.
    pub claims: Map<String, Value>,
}

/// Parses and checks the answer to [`request`].
///
/// A token that is not active is a warning: it may just have expired.
///
/// # Errors
/// The provider's error, explained; or what is no such answer at all.
pub fn parse(
    answer: &HttpAnswer,
    expect: &Expectations<'_>,
    context: &Context<'_>,
) -> Result<(Introspection, Vec<Finding>), Problem> {
    if answer.status != 200 {
        return Err(answer::failure(answer, Endpoint::Introspection, context));
    }
    let claims = answer::json_object(answer, Endpoint::Introspection)?;
    if claims.contains_key("error") {
        return Err(answer::failure(answer, Endpoint::Introspection, context));
    }
    let active = match claims.get("active") {
        Some(Value::Bool(active)) => *active,
        other => return Err(no_active(other)),
    };
    let mut findings = vec![state(active, claims.len() - 1)];
    if active {
        findings.push(agreement(&claims, expect));
    }
    Ok((Introspection { active, claims }, findings))
}

fn state(active: bool, further: usize) -> Finding {
    const REFERENCE: &str = "RFC 7662 §2.2";
    let finding =
        |status, received: String| Finding::new(Check::Introspection, status, "active", received, REFERENCE);
    match (active, further) {
        (true, _) => finding(Status::Passed, "active".to_owned()),
        (false, 0) => finding(Status::Warning, "not active".to_owned()).with_remedy(
            "The token has expired, was revoked, or was issued to another client. Refresh or sign in again.",
        ),
        (false, further) => finding(Status::Warning, format!("not active, and {further} more members")).with_remedy(
            "The token has expired, was revoked, or was issued to another client. A provider should say no more \
             than that of such a token.",
        ),
    }
}

/// `iss`, `client_id`, `sub` and `exp` are optional, and must fit where they are there.
fn agreement(claims: &Map<String, Value>, expect: &Expectations<'_>) -> Finding {
    const REFERENCE: &str = "RFC 7662 §2.2, §4";
    const EXPECTED: &str = "this issuer, client and user, and not expired";
    let mut differences = Vec::new();
    let mut compare = |name: &str, expected: Option<&str>| {
        if let (Some(value), Some(expected)) = (claims.get(name), expected)
            && value != expected
        {
            differences.push(format!("{name} {} in place of {}", shown(value), shown_text(expected)));
        }
    };
    compare("iss", Some(expect.issuer));
    compare("client_id", Some(expect.client_id));
    compare("sub", expect.subject);
    if let Some(exp) = claims.get("exp") {
        match numeric_date(exp) {
            Ok(exp) if expect.now < exp.saturating_add(LEEWAY) => {}
            Ok(exp) => differences.push(format!("active, though exp is {}", utc(exp))),
            Err(fault) => differences.push(format!("exp {}: {fault}", shown(exp))),
        }
    }
    if differences.is_empty() {
        return Finding::new(Check::IntrospectionClaims, Status::Passed, EXPECTED, "same", REFERENCE);
    }
    Finding::new(Check::IntrospectionClaims, Status::Failed, EXPECTED, differences.join("; "), REFERENCE)
        .with_remedy("The provider speaks of another token than this session's. Tell whoever runs it.")
}

fn no_active(received: Option<&Value>) -> Problem {
    let received = received.map_or("nothing", crate::json::kind);
    Problem::new(
        ProblemKind::Malformed,
        format!("The introspection answer is damaged: active should be a boolean, but it is {received}."),
        "Tell whoever runs the provider (RFC 7662 §2.2). Look at the exchange under Traffic.",
    )
    .at(Endpoint::Introspection)
}
