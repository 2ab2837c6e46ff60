//! Revocation (RFC 7009), and the proof that it worked: what still takes the token afterwards.

use url::Url;

use crate::answer;
use crate::catalogue::Context;
use crate::client_auth::ClientAuth;
use crate::http::{Endpoint, HttpAnswer, HttpRequest};
use crate::introspection::{Introspection, TokenTypeHint, about_token};
use crate::problem::{Problem, ProblemKind};
use crate::secret::Secret;
use crate::{Check, Finding, Status};

/// The request. A public client sends its id and no header, which OneLogin insists on.
#[must_use]
pub fn request(
    revocation_endpoint: Url,
    client: &ClientAuth,
    token: &Secret,
    hint: Option<TokenTypeHint>,
) -> HttpRequest {
    about_token(Endpoint::Revocation, revocation_endpoint, client, token, hint)
}

/// Judges the answer to [`request`]: the status alone counts (RFC 7009 §2.2), so `{}`, nothing and a page are
/// one. It also says 200 of a token that it does not know: [`proof_by_introspection`] and [`proof_by_use`] show more.
///
/// # Errors
/// The provider's error, explained. `unsupported_token_type` is OneLogin v1's answer the second time.
pub fn parse(answer: &HttpAnswer, context: &Context<'_>) -> Result<Finding, Problem> {
    const REFERENCE: &str = "RFC 7009 §2.2";
    if !(200..300).contains(&answer.status) || answer::provider_error(answer, Endpoint::Revocation).is_some()
    {
        return Err(answer::failure(answer, Endpoint::Revocation, context));
    }
    Ok(if answer.status == 200 {
        Finding::new(Check::Revocation, Status::Passed, "status 200", "same", REFERENCE)
    } else {
        let received = format!("status {}", answer.status);
        Finding::new(Check::Revocation, Status::Warning, "status 200", received, REFERENCE)
            .with_remedy("Other clients may take this for a failure. Tell whoever runs the provider.")
    })
}

/// What introspection says of a token that was revoked.
#[must_use]
pub fn proof_by_introspection(introspection: &Introspection) -> Finding {
    const REFERENCE: &str = "RFC 7009 §2, RFC 7662 §2.2";
    const EXPECTED: &str = "introspection says not active";
    if introspection.active {
        Finding::new(Check::RevocationProof, Status::Failed, EXPECTED, "still active", REFERENCE)
            .with_remedy(STILL_TAKEN)
    } else {
        Finding::new(Check::RevocationProof, Status::Passed, EXPECTED, "same", REFERENCE)
    }
}

/// What came of using a revoked token: a refresh with it, or UserInfo. `problem` is `None` where it still worked.
///
/// A refusal for another reason than the token proves nothing, and is no failure.
#[must_use]
pub fn proof_by_use(endpoint: Endpoint, problem: Option<&Problem>) -> Finding {
    const REFERENCE: &str = "RFC 7009 §2";
    let expected = format!("{} refuses it", endpoint.label());
    let finding = |status, received: String| {
        Finding::new(Check::RevocationProof, status, expected.clone(), received, REFERENCE)
    };
    let Some(problem) = problem else {
        return finding(Status::Failed, "it still works".to_owned()).with_remedy(STILL_TAKEN);
    };
    let answered = match (&problem.code, problem.http_status) {
        (Some(code), _) => code.clone(),
        (None, Some(status)) => format!("status {status}"),
        (None, None) => "no answer".to_owned(),
    };
    let of_token = match endpoint {
        Endpoint::Userinfo => {
            problem.code.as_deref() == Some("invalid_token") || problem.http_status == Some(401)
        }
        _ => problem.kind == ProblemKind::OauthError && problem.code.as_deref() == Some("invalid_grant"),
    };
    if of_token {
        finding(Status::Passed, answered)
    } else {
        finding(Status::NotDue, format!("{answered}, which says nothing about the token"))
    }
}

const STILL_TAKEN: &str = "The token is still taken. A provider may need a moment, and a signed access token may be taken until it \
     expires by whoever does not ask the provider. Look again in a minute, then tell whoever runs the provider.";
