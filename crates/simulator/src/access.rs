//! Bearer tokens in requests (RFC 6750 §2.1).

use crate::answer::Answer;

/// The token of an `Authorization` header.
///
/// # Errors
/// The documented answers.
pub(crate) fn bearer_token(authorization: Option<&str>) -> Result<&str, Answer> {
    let header = authorization.ok_or_else(|| Answer::invalid_request("no bearer token provided"))?;
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") && is_token(token) => Ok(token),
        _ => Err(Answer::invalid_request("invalid authorization header value format")),
    }
}

/// A token that is expired, revoked, of another generation, or none.
pub(crate) fn invalid_token(issuer: &str) -> Answer {
    Answer::error(401, "invalid_token", "invalid token provided").with_header(
        "www-authenticate",
        format!(
            r#"Bearer realm="{issuer}", error="invalid_token", error_description="invalid token provided""#
        ),
    )
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}
