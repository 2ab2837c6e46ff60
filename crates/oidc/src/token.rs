//! Token requests and answers (RFC 6749 §4.1.3, §4.3, §5, §6; OIDC Core §3.1.3).

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use crate::answer;
use crate::catalogue::Context;
use crate::client_auth::ClientAuth;
use crate::http::{Endpoint, FieldValue, HttpAnswer, HttpRequest, Method};
use crate::issuer::Generation;
use crate::problem::{Problem, ProblemKind};
use crate::secret::Secret;
use crate::{Check, Finding, Status, jws};

/// A request for the password grant (RFC 6749 §4.3.2).
///
/// OneLogin's first generation asks for `client_id` in the body beside the Basic header; the identifier is
/// no credential, so the credentials still stand in one place.
#[must_use]
pub fn password_request(
    token_endpoint: Url,
    client: &ClientAuth,
    username: &str,
    password: &Secret,
    scopes: &[String],
    generation: Generation,
) -> HttpRequest {
    let mut form = vec![
        ("grant_type".to_owned(), FieldValue::Plain("password".to_owned())),
        ("username".to_owned(), FieldValue::Plain(username.to_owned())),
        ("password".to_owned(), FieldValue::Credential(password.clone())),
    ];
    if !scopes.is_empty() {
        form.push(("scope".to_owned(), FieldValue::Plain(scopes.join(" "))));
    }
    if generation == Generation::OneloginV1 && matches!(client, ClientAuth::Basic { .. }) {
        form.push(("client_id".to_owned(), FieldValue::Plain(client.client_id().to_owned())));
    }
    post(token_endpoint, client, form)
}

/// A request for new tokens (RFC 6749 §6). The scope is left out: it stays what it was, and repeating
/// it breaks several providers.
#[must_use]
pub fn refresh_request(token_endpoint: Url, client: &ClientAuth, refresh_token: &Secret) -> HttpRequest {
    let form = vec![
        ("grant_type".to_owned(), FieldValue::Plain("refresh_token".to_owned())),
        ("refresh_token".to_owned(), FieldValue::Token(refresh_token.clone())),
    ];
    post(token_endpoint, client, form)
}

/// A request that exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).
///
/// `redirect_uri` is the one of the authorization request, character for character. The verifier goes along
/// with every client authentication: a provider that was given no challenge ignores it.
#[must_use]
pub fn authorization_code_request(
    token_endpoint: Url,
    client: &ClientAuth,
    code: &Secret,
    redirect_uri: &str,
    verifier: &Secret,
) -> HttpRequest {
    let form = vec![
        ("grant_type".to_owned(), FieldValue::Plain("authorization_code".to_owned())),
        ("code".to_owned(), FieldValue::Token(code.clone())),
        ("redirect_uri".to_owned(), FieldValue::Plain(redirect_uri.to_owned())),
        ("code_verifier".to_owned(), FieldValue::Credential(verifier.clone())),
    ];
    post(token_endpoint, client, form)
}

fn post(url: Url, client: &ClientAuth, mut form: Vec<(String, FieldValue)>) -> HttpRequest {
    let authorization = client.apply(&mut form);
    HttpRequest {
        endpoint: Endpoint::Token,
        method: Method::Post,
        url,
        authorization,
        form: Some(form),
        accept: "application/json",
    }
}

/// A successful token answer (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// Always there: an answer without one is refused.
    pub access_token: Secret,
    /// Seconds, where the provider says.
    pub expires_in: Option<i64>,
    /// From `refresh_token`, or from OneLogin's old `refreshToken`.
    pub refresh_token: Option<Secret>,
    /// The ID token, not yet verified.
    pub id_token: Option<Secret>,
    /// What was granted, where the provider says so.
    pub scope: Option<Vec<String>>,
}

/// Parses the answer to a token request, for a grant that asked for `scopes`.
///
/// The findings cover the answer itself, not the ID token in it. The tokens may be used only where none failed.
///
/// # Errors
/// The provider's error, explained; or what is no token answer at all.
pub fn parse(
    answer: &HttpAnswer,
    scopes: &[String],
    context: &Context<'_>,
) -> Result<(TokenAnswer, Vec<Finding>), Problem> {
    if answer.status != 200 {
        return Err(answer::failure(answer, Endpoint::Token, context));
    }
    let body = answer::json_object(answer, Endpoint::Token)?;
    if body.contains_key("error") {
        // RFC 6749 §5.2 wants 400 or 401; a 200 with an error is still an error, whatever stands beside it.
        return Err(answer::failure(answer, Endpoint::Token, context));
    }
    let access_token = token(&body, "access_token")?;
    let legacy = token(&body, "refreshToken")?;
    let modern = token(&body, "refresh_token")?;
    let id_token = token(&body, "id_token")?;
    let expires_in = match body.get("expires_in") {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) if number.as_i64().is_some_and(|seconds| seconds >= 0) => number.as_i64(),
        Some(other) => return Err(wrong_shape("expires_in", "a number of seconds", other)),
    };
    let scope = match body.get("scope") {
        None | Some(Value::Null) => None,
        Some(Value::String(scope)) => {
            Some(scope.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
        }
        Some(other) => return Err(wrong_shape("scope", "a string", other)),
    };
    let mut findings = vec![token_type(&body)?];
    let Some(access_token) = access_token else {
        return Err(Problem::new(
            ProblemKind::Malformed,
            "The token answer has no access token, which every successful one must have (RFC 6749 §5.1).",
            "Tell whoever runs the provider. Look at the exchange under Traffic.",
        )
        .at(Endpoint::Token)
        .with_status(answer.status));
    };
    findings.push(Finding::new(Check::AccessToken, Status::Passed, "present", "present", "RFC 6749 §5.1"));
    findings.push(refresh_finding(modern.as_ref(), legacy.as_ref(), scopes));
    if let Some(legacy) = &legacy {
        let same = modern.as_ref().is_none_or(|modern| modern == legacy);
        findings.push(
            Finding::new(
                Check::DeprecatedRefreshToken,
                Status::Warning,
                "refresh_token alone",
                if same { "refreshToken beside it" } else { "refreshToken with another value" },
                "OneLogin OpenID Connect v1",
            )
            .with_remedy(
                "Applications must read refresh_token: refreshToken was to be removed in December 2018.",
            ),
        );
    }
    if let Some(finding) = scope_finding(scope.as_deref(), scopes) {
        findings.push(finding);
    }
    Ok((
        TokenAnswer { access_token, expires_in, refresh_token: modern.or(legacy), id_token, scope },
        findings,
    ))
}

fn token_type(body: &Map<String, Value>) -> Result<Finding, Problem> {
    const REFERENCE: &str = "OIDC Core §3.1.3.3";
    match body.get("token_type") {
        Some(Value::String(kind)) => Ok(token_type_finding(Some(kind), REFERENCE)),
        None => Ok(token_type_finding(None, REFERENCE)),
        Some(other) => Err(wrong_shape("token_type", "a string", other)),
    }
}

/// `Bearer`, in any case, and required wherever an access token comes.
pub(crate) fn token_type_finding(received: Option<&str>, reference: &'static str) -> Finding {
    const EXPECTED: &str = "Bearer";
    match received {
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => {
            let received = if kind == EXPECTED { "same".to_owned() } else { jws::shown_text(kind) };
            Finding::new(Check::TokenType, Status::Passed, EXPECTED, received, reference)
        }
        Some(kind) => {
            Finding::new(Check::TokenType, Status::Failed, EXPECTED, jws::shown_text(kind), reference)
                .with_remedy(
                    "This client uses Bearer tokens alone. Check the app's token settings at the provider.",
                )
        }
        None => Finding::new(Check::TokenType, Status::Failed, EXPECTED, "missing", reference)
            .with_remedy("Tell whoever runs the provider: token_type is required (RFC 6749 §5.1)."),
    }
}

fn refresh_finding(modern: Option<&Secret>, legacy: Option<&Secret>, scopes: &[String]) -> Finding {
    let asked = scopes.iter().any(|scope| scope == "offline_access");
    let reference = "OIDC Core §11";
    match (modern.or(legacy), asked) {
        (Some(_), true) => Finding::new(Check::RefreshToken, Status::Passed, "present (offline_access)", "present", reference),
        (Some(_), false) => Finding::new(Check::RefreshToken, Status::NotDue, "not asked for", "present", reference),
        (None, true) => Finding::new(Check::RefreshToken, Status::Warning, "present (offline_access)", "missing", reference)
            .with_remedy(
                "The provider may need refresh tokens to be switched on for the app. OneLogin: Applications › the app › SSO › Refresh Token Timeout.",
            ),
        (None, false) => Finding::new(Check::RefreshToken, Status::NotDue, "not asked for", "none", reference),
    }
}

pub(crate) fn scope_finding(granted: Option<&[String]>, asked: &[String]) -> Option<Finding> {
    let granted = granted?;
    let missing: Vec<&str> =
        asked.iter().filter(|scope| !granted.contains(scope)).map(String::as_str).collect();
    let named = |scopes: &[String]| match scopes {
        [] => Cow::Borrowed("none"),
        _ => jws::shown_text(&scopes.join(" ")).into(),
    };
    let (expected, received) = (named(asked), named(granted));
    Some(if missing.is_empty() {
        Finding::new(Check::GrantedScope, Status::Passed, expected, received, "RFC 6749 §3.3")
    } else {
        Finding::new(Check::GrantedScope, Status::Warning, expected, received, "RFC 6749 §3.3").with_remedy(
            format!("Not granted: {}. Check what the app and the user may ask for.", missing.join(", ")),
        )
    })
}

fn token(body: &Map<String, Value>, name: &str) -> Result<Option<Secret>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(value)) if value.is_empty() => Ok(None),
        Some(Value::String(value)) if is_token_text(value) => Ok(Some(Secret::from(value.as_str()))),
        Some(Value::String(_)) => Err(Problem::new(
            ProblemKind::Malformed,
            format!(
                "The token answer's {name} contains characters that no token may have (RFC 6749 appendix A)."
            ),
            "Tell whoever runs the provider.",
        )
        .at(Endpoint::Token)),
        // The value may be a token in a wrapping: only its kind is said.
        Some(other) => Err(Problem::new(
            ProblemKind::Malformed,
            format!(
                "The token answer is damaged: {name} should be a string, but it is {}.",
                crate::json::kind(other)
            ),
            "Tell whoever runs the provider. Look at the exchange under Traffic.",
        )
        .at(Endpoint::Token)),
    }
}

/// Visible ASCII and space (RFC 6749 appendix A.11 to A.17). Anything else could split a header.
pub(crate) fn is_token_text(value: &str) -> bool {
    value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn wrong_shape(name: &str, expected: &str, received: &Value) -> Problem {
    Problem::new(
        ProblemKind::Malformed,
        format!(
            "The token answer is damaged: {name} should be {expected}, but it is {} ({}).",
            crate::json::kind(received),
            jws::shown(received)
        ),
        "Tell whoever runs the provider. Look at the exchange under Traffic.",
    )
    .at(Endpoint::Token)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
