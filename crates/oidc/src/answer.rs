//! From an HTTP answer to JSON or to a problem: status, media type, charset, first bytes (RFC 6749 §5).

use serde_json::{Map, Value};

use crate::catalogue::{self, Context, ProviderError};
use crate::http::{Endpoint, HttpAnswer};
use crate::problem::{Problem, ProblemKind};
use crate::{json, text};

/// The members of a JSON object answer.
///
/// # Errors
/// [`ProblemKind::NotJson`] for another media type, charset or an empty body, [`ProblemKind::Malformed`] for
/// JSON that breaks a rule.
pub fn json_object(answer: &HttpAnswer, endpoint: Endpoint) -> Result<Map<String, Value>, Problem> {
    let media_type = answer.media_type();
    let is_json = media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    if answer.body.is_empty() {
        return Err(not_json(answer, endpoint, "an empty body"));
    }
    if !is_json {
        return Err(not_json(answer, endpoint, &described(&media_type)));
    }
    if let Some(charset) = charset(answer)
        .filter(|charset| !charset.eq_ignore_ascii_case("utf-8") && !charset.eq_ignore_ascii_case("utf8"))
    {
        return Err(not_json(answer, endpoint, &format!("the charset {}", crate::jws::shown_text(&charset))));
    }
    json::parse_object(&answer.body).map_err(|error| {
        Problem::new(
            ProblemKind::Malformed,
            format!("The {} answer is no clean JSON: {error}.", endpoint.label()),
            "The provider must send one JSON object (RFC 8259). Look at the exchange under Traffic.",
        )
        .at(endpoint)
        .with_status(answer.status)
        .with_description(&first_bytes(answer))
    })
}

/// What an answer that is no success means: the provider's own `error` explained, or its status.
///
/// Call it for a status other than 200, or where a 200 carries `error`.
#[must_use]
pub fn failure(answer: &HttpAnswer, endpoint: Endpoint, context: &Context<'_>) -> Problem {
    if let Some(wait) = retry_after(answer) {
        return rate_limited(answer, endpoint, &wait);
    }
    match provider_error(answer, endpoint) {
        Some(error) => catalogue::explain(&error, context),
        None => match json_object(answer, endpoint) {
            Err(problem) if problem.kind == ProblemKind::NotJson => problem,
            _ => status_problem(answer, endpoint),
        },
    }
}

/// The `error` member of RFC 6749 §5.2, or of a Bearer challenge (RFC 6750 §3) where the body has none.
#[must_use]
pub fn provider_error(answer: &HttpAnswer, endpoint: Endpoint) -> Option<ProviderError> {
    let from_body = json_object(answer, endpoint).ok().and_then(|body| {
        let code = body.get("error")?.as_str()?.to_owned();
        let description = body.get("error_description").and_then(Value::as_str).map(str::to_owned);
        Some((code, description))
    });
    let (code, description) = from_body.or_else(|| {
        let challenge = answer.header("www-authenticate")?;
        let parameter = |name: &str| {
            let start = challenge.find(&format!("{name}=\""))? + name.len() + 2;
            challenge[start..].split('"').next().map(str::to_owned)
        };
        Some((parameter("error")?, parameter("error_description")))
    })?;
    Some(ProviderError { endpoint, status: answer.status, code, description })
}

/// The first bytes of a body, harmless: at most 200 characters on one line.
///
/// Of anything that looks like JSON only the names of its members, since the values may be tokens; in
/// other text, what is long enough to be one is left out.
#[must_use]
pub fn first_bytes(answer: &HttpAnswer) -> String {
    if answer
        .body
        .iter()
        // A byte order mark or UTF-16 makes it bad JSON, and its tokens no less secret.
        .find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff))
        .is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"'))
    {
        return match json::parse_object(&answer.body) {
            Ok(members) => {
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                crate::jws::shown_text(&format!("a JSON object with the members {}", names.join(", ")))
            }
            Err(_) => format!("{} bytes that begin like JSON", answer.body.len()),
        };
    }
    let head = &answer.body[..answer.body.len().min(800)];
    let line = String::from_utf8_lossy(head).split_whitespace().collect::<Vec<_>>().join(" ");
    text::shortened(&text::visible(&without_tokens(&line)), 200)
}

/// Leaves out every run that could be a token or a part of one: `access_token=…` in a form, a JWT in a page.
fn without_tokens(line: &str) -> String {
    const LONGEST_WORD: usize = 19;
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=' | '%' | '~');
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c| !of_token(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if run.len() > LONGEST_WORD && run.bytes().any(|byte| byte.is_ascii_digit()) {
            out.push_str(&format!("[{} characters]", run.len()));
        } else {
            out.push_str(run);
        }
        let next = after.find(of_token).unwrap_or(after.len());
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

fn not_json(answer: &HttpAnswer, endpoint: Endpoint, received: &str) -> Problem {
    let remedy = if answer.media_type() == "text/html" {
        "A web page in place of JSON is often a captive portal, a proxy's block page, or a wrong address. \
         Open the address in a browser and compare."
    } else {
        "Check the address, and look at the exchange under Traffic."
    };
    let mut problem = Problem::new(
        ProblemKind::NotJson,
        format!(
            "The {} answer is no JSON: expected application/json in UTF-8, received {received}, status {}.",
            endpoint.label(),
            answer.status
        ),
        remedy,
    )
    .at(endpoint)
    .with_status(answer.status);
    if !answer.body.is_empty() {
        problem = problem.with_description(&first_bytes(answer));
    }
    problem
}

fn described(media_type: &str) -> String {
    match media_type {
        "" => "no content type".to_owned(),
        "text/html" => "a web page (text/html)".to_owned(),
        other => crate::jws::shown_text(other),
    }
}

fn charset(answer: &HttpAnswer) -> Option<String> {
    let header = answer.header("content-type")?;
    header.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// `Retry-After` of a 429, or of a 503 that has one, in words.
fn retry_after(answer: &HttpAnswer) -> Option<String> {
    let wait = answer.header("retry-after");
    match (answer.status, wait) {
        (429, None) => Some("a while".to_owned()),
        (429 | 503, Some(wait)) => Some(match wait.trim().parse::<i64>() {
            Ok(seconds) if (0..=31_536_000).contains(&seconds) => crate::timestamp::span(seconds),
            _ => format!("until {}", crate::jws::shown_text(wait)),
        }),
        _ => None,
    }
}

fn rate_limited(answer: &HttpAnswer, endpoint: Endpoint, wait: &str) -> Problem {
    let cause = if answer.status == 429 { "too many requests" } else { "it is not available for the moment" };
    let mut problem = Problem::new(
        ProblemKind::RateLimited,
        format!("The provider asks to wait {wait}: {cause}."),
        "Wait that long, then try again. Nothing is repeated by itself.",
    )
    .at(endpoint)
    .with_status(answer.status);
    if let Some(error) = provider_error(answer, endpoint) {
        problem.code = Some(crate::jws::shown_text(&error.code));
        problem.description = error.description.map(|text| crate::jws::shown_text(&text));
    }
    problem
}

/// A status that brings no explanation of its own.
fn status_problem(answer: &HttpAnswer, endpoint: Endpoint) -> Problem {
    let (cause, remedy) = match answer.status {
        200..=299 => ("it carries nothing that was asked for", "Look at the exchange under Traffic."),
        401 | 403 => (
            "access was refused",
            "Check the client's credentials, and whether a firewall or an allow-list stands in front.",
        ),
        404 | 410 => {
            ("nothing is there", "The metadata name an address that does not exist. Check the issuer.")
        }
        405 => {
            ("the method is not allowed there", "The metadata may name the wrong address for this endpoint.")
        }
        408 | 504 => (
            "the provider or a proxy ran out of time",
            "Try again; if it stays, look at the provider's status page.",
        ),
        500..=599 => {
            ("the provider failed", "Try again in a minute; if it stays, look at the provider's status page.")
        }
        _ => ("it is no answer that OpenID Connect knows", "Look at the exchange under Traffic."),
    };
    Problem::new(
        ProblemKind::HttpStatus,
        format!("The {} endpoint answered {}: {cause}.", endpoint.label(), answer.status),
        remedy,
    )
    .at(endpoint)
    .with_status(answer.status)
    .with_description(&first_bytes(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpAnswer {
        HttpAnswer {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
            received_at: 0,
        }
    }

    #[test]
    fn h17_what_is_no_json_is_told_with_status_type_and_first_bytes() {
        let json = ("content-type", "application/json");
        for (answer, kind, said) in [
            (
                answer(200, &[("content-type", "text/html; charset=utf-8")], "<html>\n<b>Log in</b>"),
                ProblemKind::NotJson,
                "web page",
            ),
            (answer(200, &[json], ""), ProblemKind::NotJson, "empty body"),
            (answer(204, &[], ""), ProblemKind::NotJson, "empty body"),
            (answer(200, &[], "{}"), ProblemKind::NotJson, "no content type"),
            (
                answer(200, &[("content-type", "application/json; charset=utf-16")], "{}"),
                ProblemKind::NotJson,
                "utf-16",
            ),
            (answer(200, &[json], "{\"a\":1,\"a\":2}"), ProblemKind::Malformed, "twice"),
            (answer(200, &[json], "[]"), ProblemKind::Malformed, "array"),
        ] {
            let problem = json_object(&answer, Endpoint::Token).unwrap_err();
            assert_eq!(problem.kind, kind);
            assert_eq!(problem.http_status, Some(answer.status));
            assert!(problem.explanation.contains(said), "{}", problem.explanation);
        }
        let html = answer(200, &[("content-type", "text/html")], "<html>\n  <b>Log\u{202e} in</b>");
        let problem = json_object(&html, Endpoint::Token).unwrap_err();
        assert_eq!(problem.description.as_deref(), Some("<html> <b>Log\\u{202e} in</b>"));
        for content_type in ["application/json;charset=UTF-8", "application/jwk-set+json", "APPLICATION/JSON"]
        {
            assert!(
                json_object(&answer(200, &[("content-type", content_type)], "{}"), Endpoint::Jwks).is_ok()
            );
        }
    }

    #[test]
    fn h18_retry_after_is_told() {
        let context = Context::default();
        let problem = failure(&answer(429, &[("retry-after", "120")], ""), Endpoint::Token, &context);
        assert_eq!(problem.kind, ProblemKind::RateLimited);
        assert!(problem.explanation.contains("2 min"), "{}", problem.explanation);
        let problem = failure(
            &answer(503, &[("retry-after", "Thu, 12 Apr 2018 23:55:59 GMT")], ""),
            Endpoint::Token,
            &context,
        );
        assert!(problem.explanation.contains("until Thu, 12 Apr"), "{}", problem.explanation);
    }

    #[test]
    fn a_bearer_challenge_carries_the_error_where_the_body_does_not() {
        let answer = answer(
            401,
            &[(
                "www-authenticate",
                "Bearer realm=\"x\", error=\"invalid_token\", error_description=\"expired\"",
            )],
            "",
        );
        let error = provider_error(&answer, Endpoint::Userinfo).unwrap();
        assert_eq!((error.code.as_str(), error.description.as_deref()), ("invalid_token", Some("expired")));
    }
}
