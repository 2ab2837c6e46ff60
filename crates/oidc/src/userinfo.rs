//! UserInfo (OIDC Core §5.3): as JSON or as a signed JWT, its subject compared with the ID token's.

use serde_json::{Map, Value};
use url::Url;

use crate::answer;
use crate::catalogue::Context;
use crate::http::{Authorization, Endpoint, HttpAnswer, HttpRequest};
use crate::jwk::KeySet;
use crate::jws::{self, Jws, shown, shown_text};
use crate::problem::{Problem, ProblemKind};
use crate::secret::Secret;
use crate::signature::{self, Trust};
use crate::{Check, Finding, Status};

/// The request for UserInfo: the token in the header alone (RFC 6750 §2.1).
#[must_use]
pub fn request(userinfo_endpoint: Url, access_token: &Secret) -> HttpRequest {
    HttpRequest {
        authorization: Some(Authorization::Bearer(access_token.clone())),
        accept: "application/json, application/jwt",
        ..HttpRequest::get(Endpoint::Userinfo, userinfo_endpoint)
    }
}

/// What UserInfo must agree with.
#[derive(Debug, Clone, Default)]
pub struct Expectations<'a> {
    /// The issuer of the connection.
    pub issuer: &'a str,
    /// The client id.
    pub client_id: &'a str,
    /// For `HS256`.
    pub client_secret: Option<&'a Secret>,
    /// `sub` of the verified ID token; `None` where none came.
    pub subject: Option<&'a str>,
    /// `userinfo_signing_alg_values_supported`.
    pub algorithms: Option<&'a [String]>,
    /// Unix time in seconds.
    pub now: i64,
}

/// UserInfo, parsed and checked. Trusted only where no finding failed.
#[derive(Debug, Clone)]
pub struct UserInfo {
    /// The claims.
    pub claims: Map<String, Value>,
    /// Every rule.
    pub findings: Vec<Finding>,
    /// Whether fetching the key set once more could change the result.
    pub fresh_keys_may_help: bool,
}

/// Parses and checks the answer to [`request`].
///
/// # Errors
/// The provider's error, explained; or what is no UserInfo at all.
pub fn parse(
    answer: &HttpAnswer,
    keys: Option<&KeySet>,
    expect: &Expectations<'_>,
    context: &Context<'_>,
) -> Result<UserInfo, Problem> {
    if answer.status != 200 {
        return Err(answer::failure(answer, Endpoint::Userinfo, context));
    }
    let mut fresh_keys_may_help = false;
    let mut findings = Vec::new();
    let claims = if answer.media_type() == "application/jwt" {
        let token = Secret::new(String::from_utf8_lossy(&answer.body).trim().to_owned());
        let jws = Jws::parse(&token).map_err(|fault| {
            Problem::new(
                ProblemKind::Malformed,
                format!("UserInfo says that it is a JWT, but it is {fault}."),
                "Set the app's UserInfo to plain JSON, or to a signed JWT. Encrypted ones are not supported.",
            )
            .at(Endpoint::Userinfo)
            .with_status(answer.status)
        })?;
        let header = jws::check_header(&jws.header, &["userinfo+jwt"]);
        let trust = Trust { keys, client_secret: expect.client_secret, offered: expect.algorithms };
        let judged = signature::verify(&jws, &trust, Check::UserInfoSignature);
        fresh_keys_may_help = judged.fresh_keys_may_help;
        findings.extend(
            condensed(header.into_iter().chain(judged.findings).collect())
                .into_iter()
                .map(|finding| Finding { check: Check::UserInfoSignature, ..finding }),
        );
        findings.extend(signed_claims(&jws.claims, expect));
        jws.claims
    } else {
        let claims = answer::json_object(answer, Endpoint::Userinfo)?;
        if claims.contains_key("error") && !claims.contains_key("sub") {
            return Err(answer::failure(answer, Endpoint::Userinfo, context));
        }
        claims
    };
    findings.push(presence(&claims));
    findings.push(subject(&claims, expect.subject));
    Ok(UserInfo { claims, findings, fresh_keys_may_help })
}

/// One row for the whole signature: the first that failed, else the last; and the warnings, which no
/// later success makes undone.
fn condensed(findings: Vec<Finding>) -> Vec<Finding> {
    let verdict = findings
        .iter()
        .position(|finding| finding.status == Status::Failed)
        .or_else(|| findings.len().checked_sub(1));
    findings
        .into_iter()
        .enumerate()
        .filter(|(index, finding)| Some(*index) == verdict || finding.status == Status::Warning)
        .map(|(_, finding)| finding)
        .collect()
}

/// `iss` and `aud` should be in a signed answer, and must fit where they are (OIDC Core §5.3.2).
fn signed_claims(claims: &Map<String, Value>, expect: &Expectations<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(iss) = claims.get("iss").filter(|iss| *iss != expect.issuer) {
        findings.push(failed_signature(shown_text(expect.issuer), format!("iss {}", shown(iss))));
    }
    let names_us = |aud: &Value| {
        aud == expect.client_id
            || aud.as_array().is_some_and(|all| all.iter().any(|aud| aud == expect.client_id))
    };
    if let Some(aud) = claims.get("aud").filter(|aud| !names_us(aud)) {
        findings.push(failed_signature(shown_text(expect.client_id), format!("aud {}", shown(aud))));
    }
    if let Some(exp) = claims.get("exp") {
        let over = crate::timestamp::numeric_date(exp)
            .map_or(true, |exp| expect.now >= exp.saturating_add(crate::timestamp::LEEWAY));
        if over {
            findings.push(failed_signature("an exp in the future".to_owned(), format!("exp {}", shown(exp))));
        }
    }
    findings
}

fn failed_signature(expected: String, received: String) -> Finding {
    Finding::new(Check::UserInfoSignature, Status::Failed, expected, received, "OIDC Core §5.3.2")
        .with_remedy("The signed answer is not for this client and provider. Do not use it.")
}

fn presence(claims: &Map<String, Value>) -> Finding {
    const REFERENCE: &str = "OIDC Core §5.3.2";
    if claims.is_empty() {
        Finding::new(Check::UserInfo, Status::Warning, "claims about the user", "an empty object", REFERENCE)
            .with_remedy(
                "The token was granted without scopes. Ask for openid, and profile, email or groups as well.",
            )
    } else {
        let received =
            if claims.len() == 1 { "1 claim".to_owned() } else { format!("{} claims", claims.len()) };
        Finding::new(Check::UserInfo, Status::Passed, "claims about the user", received, REFERENCE)
    }
}

fn subject(claims: &Map<String, Value>, expected: Option<&str>) -> Finding {
    const REFERENCE: &str = "OIDC Core §5.3.2";
    let shown_expected = expected.map_or_else(|| "a sub".to_owned(), shown_text);
    match (claims.get("sub"), expected) {
        (None, _) if claims.is_empty() => {
            Finding::new(Check::UserInfoSubject, Status::NotDue, shown_expected, "no claims at all", REFERENCE)
        }
        (Some(Value::String(sub)), Some(expected)) if sub == expected => {
            Finding::new(Check::UserInfoSubject, Status::Passed, shown_expected, "same", REFERENCE)
        }
        (Some(Value::String(sub)), None) if !sub.is_empty() => {
            Finding::new(Check::UserInfoSubject, Status::NotDue, "no ID token to compare with", shown_text(sub), REFERENCE)
        }
        (Some(Value::String(sub)), _) => Finding::new(Check::UserInfoSubject, Status::Failed, shown_expected, shown_text(sub), REFERENCE)
            .with_remedy("UserInfo is about another user than the ID token: one of them was swapped. Neither is to be used."),
        (other, _) => Finding::new(
            Check::UserInfoSubject,
            Status::Failed,
            shown_expected,
            other.map_or_else(|| "missing".to_owned(), |sub| format!("{} ({})", shown(sub), crate::json::kind(sub))),
            REFERENCE,
        )
        .with_remedy("UserInfo must always carry sub. Tell whoever runs the provider."),
    }
}

#[cfg(test)]
#[path = "userinfo_tests.rs"]
mod tests;
