//! Asks the authorization endpoint before a window opens, since some errors never reach the redirect URI: an
//! unknown client, a redirect URI that is not registered, a missing nonce (RFC 6749 §4.1.2.1).
//!
//! The probe has no cookies: whatever depends on the user's session says nothing yet.

use url::Url;

use crate::answer;
use crate::authorization::Pending;
use crate::catalogue::{self, Context, ProviderError};
use crate::http::{Endpoint, HttpAnswer, HttpRequest};
use crate::problem::Problem;
use crate::secret::Secret;

/// The request: the same address as the window's, JSON preferred, since errors in it can be read.
#[must_use]
pub fn request(url: Url) -> HttpRequest {
    HttpRequest {
        accept: "application/json, text/html;q=0.9, */*;q=0.1",
        ..HttpRequest::get(Endpoint::Authorization, url)
    }
}

/// What the probe says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against opening the window.
    GoOn,
    /// The provider refuses the request itself, and would say so inside the window at best.
    Refused(Problem),
    /// The provider sends the error to the redirect URI, whoever signs in.
    Redirected(Problem),
    /// No clear answer, a web page with an error status for one. A browser may fare better.
    Unclear(Problem),
}

/// Judges the answer to [`request`] for the request that is under way. A redirect was not followed.
#[must_use]
pub fn judge(answer: &HttpAnswer, pending: &Pending, context: &Context<'_>) -> Verdict {
    let grant = Some(pending.response_type().grant());
    let context = &Context { grant, scopes: &pending.scopes, ..*context };
    match answer.status {
        300..=399 => match answer.header("location").and_then(|to| redirected(to, answer.status, pending)) {
            Some(error) => Verdict::Redirected(catalogue::explain(&error, context)),
            None => Verdict::GoOn,
        },
        429 | 500..=599 => Verdict::Unclear(explained(answer, context)),
        status => match answer::provider_error(answer, Endpoint::Authorization) {
            Some(error) => Verdict::Refused(catalogue::explain(&error, context)),
            None if status < 400 => Verdict::GoOn,
            None => Verdict::Unclear(explained(answer, context)),
        },
    }
}

/// Explains an error page that was seen inside the window: its text, as the user takes it from there.
///
/// `None` where it is no JSON with an `error`.
#[must_use]
pub fn page(text: &str, context: &Context<'_>) -> Option<Problem> {
    let answer = HttpAnswer {
        status: 400,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: text.trim().as_bytes().to_vec(),
        received_at: 0,
    };
    let error = answer::provider_error(&answer, Endpoint::Authorization)?;
    Some(Problem { http_status: None, ..catalogue::explain(&error, context) })
}

/// The error that a redirect brings to the redirect URI, unless it depends on the user's session.
fn redirected(location: &str, status: u16, pending: &Pending) -> Option<ProviderError> {
    const OF_SESSION: [&str; 4] =
        ["login_required", "interaction_required", "consent_required", "account_selection_required"];
    let added = pending.redirect_uri().split(location)?;
    let encoded = if added.query.is_empty() { added.fragment } else { added.query };
    let value = |wanted: &str| {
        url::form_urlencoded::parse(encoded.as_bytes())
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let code = value("error")?;
    let ours = value("state").is_some_and(|state| Secret::new(state) == pending.state);
    (ours && !OF_SESSION.contains(&code.as_str())).then(|| ProviderError {
        endpoint: Endpoint::Authorization,
        status,
        code,
        description: value("error_description"),
    })
}

/// By the status alone: a page's words are for the window.
fn explained(answer: &HttpAnswer, context: &Context<'_>) -> Problem {
    let error = answer::provider_error(answer, Endpoint::Authorization).unwrap_or_else(|| ProviderError {
        endpoint: Endpoint::Authorization,
        status: answer.status,
        code: String::new(),
        description: None,
    });
    let problem = catalogue::explain(&error, context);
    if problem.description.is_some() || answer.body.is_empty() {
        return problem;
    }
    problem.with_description(&answer::first_bytes(answer))
}
