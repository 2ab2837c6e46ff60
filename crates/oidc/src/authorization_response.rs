//! The answer of the authorization endpoint (RFC 6749 §4.1.2, §4.2.2; OIDC Core §3.1.2.5, §3.2.2.5; RFC 9207).
//!
//! Whoever can make the browser open a link can write such an answer, so the order of the checks is their point:
//! whether the address is ours, whether it reads in one way, whether it answers this request, whether it comes
//! from this issuer. Only then is an error believed, or a code or token looked at.

mod outcome;
mod received;

pub use self::outcome::{Agreed, AuthorizationAnswer, AuthorizationOutcome, CodeAnswer, ImplicitAnswer};
pub use self::received::Received;

use self::received::Parameters;
use crate::authorization::Pending;
use crate::catalogue::{self, Context, ProviderError};
use crate::finding::any_failed;
use crate::http::Endpoint;
use crate::jws::shown_text;
use crate::metadata::ProviderMetadata;
use crate::response_type::{ResponseMode, ResponseType};
use crate::secret::Secret;
use crate::{Check, Finding, Status, token};

/// An address that is not the redirect URI. The request goes on: this was no answer to it.
#[derive(Debug, thiserror::Error)]
#[error("This is not the redirect URI: {difference}.")]
pub struct NotOurs {
    /// The request, still without an answer.
    pub pending: Pending,
    /// Where the address differs. Nothing of its parameters is in it.
    pub difference: String,
}

/// Judges an answer and so ends the request.
///
/// Of `context` the grant and the scopes are taken from the request. The first answer is the only one (H-13):
///
/// ```compile_fail,E0382
/// use latchkey_oidc::authorization::Pending;
/// use latchkey_oidc::authorization_response::{Received, parse};
/// use latchkey_oidc::{catalogue::Context, metadata::ProviderMetadata};
///
/// fn twice(pending: Pending, first: Received, second: Received, metadata: &ProviderMetadata) {
///     let _ = parse(pending, &first, metadata, &Context::default());
///     let _ = parse(pending, &second, metadata, &Context::default());
/// }
/// ```
///
/// # Errors
/// [`NotOurs`] gives the request back.
pub fn parse(
    pending: Pending,
    received: &Received,
    metadata: &ProviderMetadata,
    context: &Context<'_>,
) -> Result<AuthorizationAnswer, NotOurs> {
    let address = received.url().expose();
    let Some(added) = pending.redirect_uri.split(address) else {
        let difference = pending.redirect_uri.difference(address).unwrap_or_default();
        return Err(NotOurs { pending, difference });
    };
    let rejected = |findings| AuthorizationAnswer { outcome: AuthorizationOutcome::Rejected, findings };
    let (parameters, finding) = match received.parameters(added) {
        Ok(read) => read,
        Err(finding) => return Ok(rejected(vec![finding])),
    };
    let mut findings = vec![finding];
    findings.push(state(&parameters, &pending.state));
    if any_failed(&findings) {
        return Ok(rejected(findings));
    }
    findings.push(issuer(&parameters, &pending.issuer, promises_iss(metadata)));
    if any_failed(&findings) {
        return Ok(rejected(findings));
    }
    findings.push(place(&parameters, &pending));
    let content = content(&parameters, pending.response_type);
    let content = match content {
        Ok(content) => content,
        Err(finding) => {
            findings.push(finding);
            return Ok(rejected(findings));
        }
    };
    let outcome = match content {
        Content::Error { code, description } => {
            let status = if parameters.place == ResponseMode::FormPost { 200 } else { 302 };
            let error = ProviderError { endpoint: Endpoint::Authorization, status, code, description };
            let grant = Some(pending.response_type.grant());
            let context = Context { grant, scopes: &pending.scopes, ..*context };
            AuthorizationOutcome::ProviderError(catalogue::explain(&error, &context))
        }
        Content::Code(code) => {
            findings.push(due(pending.response_type, Status::Passed, "same"));
            AuthorizationOutcome::Code(CodeAnswer {
                code,
                verifier: pending.verifier.clone(),
                redirect_uri: pending.redirect_uri.clone(),
                agreed: agreed(pending),
            })
        }
        Content::Tokens { id_token, access_token } => {
            findings.push(due(pending.response_type, Status::Passed, "same"));
            let mut scope = None;
            if access_token.is_some() {
                findings.push(token::token_type_finding(parameters.text("token_type"), IMPLICIT));
                scope = parameters
                    .text("scope")
                    .map(|scope| scope.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>());
                findings.extend(token::scope_finding(scope.as_deref(), &pending.scopes));
            }
            let expires_in = match expires_in(&parameters) {
                Ok(seconds) => seconds,
                Err(finding) => {
                    findings.push(finding);
                    None
                }
            };
            let agreed = agreed(pending);
            AuthorizationOutcome::Tokens(ImplicitAnswer { id_token, access_token, expires_in, scope, agreed })
        }
    };
    if any_failed(&findings) { Ok(rejected(findings)) } else { Ok(AuthorizationAnswer { outcome, findings }) }
}

const IMPLICIT: &str = "OIDC Core §3.2.2.5";

fn agreed(pending: Pending) -> Agreed {
    Agreed {
        issuer: pending.issuer,
        client_id: pending.client_id,
        response_type: pending.response_type,
        scopes: pending.scopes,
        nonce: pending.nonce,
        acr_values: pending.acr_values,
        max_age: pending.max_age,
        code: None,
    }
}

/// `authorization_response_iss_parameter_supported` (RFC 9207 §3).
fn promises_iss(metadata: &ProviderMetadata) -> bool {
    metadata.raw.get("authorization_response_iss_parameter_supported").is_some_and(|value| value == true)
}

/// RFC 6749 §4.1.2, §10.12: compared in constant time, before anything else is believed.
fn state(parameters: &Parameters, sent: &Secret) -> Finding {
    const REFERENCE: &str = "RFC 6749 §4.1.2, §10.12";
    let expected = sent.expose().to_owned();
    let finding = |status, received: String| {
        Finding::new(Check::AuthorizationState, status, expected.clone(), received, REFERENCE)
    };
    // What the answer says of itself is worth telling, though not believing.
    let claim = match parameters.text("error") {
        Some(code) => format!(" It says {}, which is not to be believed.", shown_text(code)),
        None => String::new(),
    };
    match parameters.get("state") {
        Some(state) if state == sent => finding(Status::Passed, "same".to_owned()),
        Some(state) => finding(Status::Failed, shown_state(parameters, state)).with_remedy(format!(
            "The answer belongs to another request: an older window, or a link that somebody else made. Nothing \
             in it was used.{claim}"
        )),
        None => finding(Status::Failed, "missing".to_owned()).with_remedy(format!(
            "The provider must return state unchanged. Without it, the answer may have been made by anybody: \
             nothing in it was used.{claim}"
        )),
    }
}

/// A state that was not ours, unless it could be a token: it may be an echo of one.
fn shown_state(parameters: &Parameters, state: &Secret) -> String {
    const LONGEST: usize = 100;
    let echo = parameters.iter().any(|(name, value)| name != "state" && value == state);
    if echo {
        "the value of another parameter".to_owned()
    } else if state.expose().len() > LONGEST {
        format!("another one, {} bytes long", state.expose().len())
    } else {
        shown_text(state.expose())
    }
}

/// RFC 9207 §2.4: the answer names its issuer, so that two providers cannot be mixed up.
fn issuer(parameters: &Parameters, ours: &str, promised: bool) -> Finding {
    const REFERENCE: &str = "RFC 9207 §2.4";
    const CHECK: Check = Check::AuthorizationIssuer;
    match parameters.text("iss") {
        Some(iss) => match crate::issuer::difference(ours, iss) {
            None => Finding::new(CHECK, Status::Passed, shown_text(ours), "same", REFERENCE),
            Some(difference) => Finding::new(
                CHECK,
                Status::Failed,
                shown_text(ours),
                format!("{}; {difference}", shown_text(iss)),
                REFERENCE,
            )
            .with_remedy(
                "The answer comes from another provider than the request went to. Nothing in it was used.",
            ),
        },
        // Its issuer is checked with the rest of it, so there is nothing to mix up (RFC 9207 §4), and providers
        // leave iss out then.
        None if promised && parameters.get("id_token").is_some() => Finding::new(
            CHECK,
            Status::NotDue,
            "due where no ID token names the issuer",
            "in the ID token",
            REFERENCE,
        ),
        None if promised => Finding::new(CHECK, Status::Failed, shown_text(ours), "missing", REFERENCE)
            .with_remedy(
                "The metadata promise iss in every answer (authorization_response_iss_parameter_supported). \
                 An answer without it may come from another provider: nothing in it was used.",
            ),
        None => Finding::new(CHECK, Status::NotDue, "not promised by the metadata", "none", REFERENCE),
    }
}

/// Whether the answer stands where it was asked for. An error may come elsewhere: a provider that does not
/// know the response type or mode cannot know the place either.
fn place(parameters: &Parameters, pending: &Pending) -> Finding {
    const REFERENCE: &str = "OAuth 2.0 Multiple Response Types §2.1, §5";
    let asked = pending.response_mode();
    let is_error = parameters.get("error").is_some();
    let finding = |status| {
        let received = if parameters.place == asked { "same" } else { parameters.place.as_str() };
        Finding::new(Check::AuthorizationResponseMode, status, asked.as_str(), received, REFERENCE)
    };
    if is_error {
        return finding(if parameters.place == asked { Status::Passed } else { Status::Warning });
    }
    if !pending.response_type.allows(parameters.place) {
        return Finding {
            expected: format!("{}, for tokens never query", pending.response_type.default_mode()).into(),
            received: parameters.place.as_str().into(),
            ..finding(Status::Failed)
        }
        .with_remedy(
            "Tokens in a query end up in histories and in the logs of servers. Treat these as known to others, \
             and tell whoever runs the provider.",
        );
    }
    if parameters.place == asked {
        return finding(Status::Passed);
    }
    if !pending.response_type.allows(asked) && parameters.place == pending.response_type.default_mode() {
        return finding(Status::Warning).with_remedy(
            "Tokens may not come in a query, and the provider rightly ignored that they should.",
        );
    }
    finding(Status::Failed).with_remedy(
        "The answer came in another place than was asked for. The provider may not offer this response mode: \
         compare with response_modes_supported in its metadata.",
    )
}

enum Content {
    Error { code: String, description: Option<String> },
    Code(Secret),
    Tokens { id_token: Secret, access_token: Option<Secret> },
}

/// Exactly what was asked for, and nothing that was not.
fn content(parameters: &Parameters, asked: ResponseType) -> Result<Content, Finding> {
    const CREDENTIALS: [&str; 4] = ["code", "id_token", "access_token", "refresh_token"];
    let failed = |received: &str| Err(due(asked, Status::Failed, received));
    let present: Vec<&str> = CREDENTIALS.into_iter().filter(|name| parameters.get(name).is_some()).collect();
    if let Some(code) = parameters.text("error") {
        if !present.is_empty() {
            return failed(&format!("error and {}", present.join(", ")))
                .map_err(|finding| finding.with_remedy("An answer is a success or an error, never both."));
        }
        let description = parameters.text("error_description").map(str::to_owned);
        return Ok(Content::Error { code: code.to_owned(), description });
    }
    let wanted: &[&str] = match asked {
        ResponseType::Code => &["code"],
        ResponseType::IdToken => &["id_token"],
        ResponseType::IdTokenToken => &["id_token", "access_token"],
    };
    if present != wanted {
        let received =
            if present.is_empty() { "neither a success nor an error".to_owned() } else { present.join(", ") };
        return failed(&received).map_err(|finding| {
            finding.with_remedy(
                "The provider must answer the response type that was asked for. Check that the app allows it, \
                 and tell whoever runs the provider.",
            )
        });
    }
    if let Some(name) = wanted.iter().find(|name| !parameters.text(name).is_some_and(token::is_token_text)) {
        return failed(&format!("{name} with characters that none may have"))
            .map_err(|finding| finding.with_remedy("Tell whoever runs the provider (RFC 6749 appendix A)."));
    }
    let take = |name: &str| parameters.get(name).cloned();
    match (asked, take("code"), take("id_token")) {
        (ResponseType::Code, Some(code), _) => Ok(Content::Code(code)),
        (_, _, Some(id_token)) => Ok(Content::Tokens { id_token, access_token: take("access_token") }),
        _ => failed("neither a success nor an error"),
    }
}

fn due(asked: ResponseType, status: Status, received: &str) -> Finding {
    let (expected, reference) = match asked {
        ResponseType::Code => ("code alone", "OIDC Core §3.1.2.5"),
        ResponseType::IdToken => ("id_token alone", IMPLICIT),
        ResponseType::IdTokenToken => ("id_token, access_token", IMPLICIT),
    };
    Finding::new(Check::AuthorizationResponse, status, expected, received.to_owned(), reference)
}

fn expires_in(parameters: &Parameters) -> Result<Option<i64>, Finding> {
    let Some(text) = parameters.text("expires_in") else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(seconds) if digits => Ok(Some(seconds)),
        _ => Err(Finding::new(
            Check::AuthorizationResponse,
            Status::Failed,
            "expires_in a number of seconds",
            shown_text(text),
            "RFC 6749 §4.2.2, appendix A.14",
        )
        .with_remedy("Tell whoever runs the provider.")),
    }
}
