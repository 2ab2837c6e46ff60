//! Client authentication at the token, introspection and revocation endpoints: one method for each client, and
//! credentials in one place.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::answer::Answer;
use crate::clients::{AuthMethod, Client};
use crate::form::Form;
use crate::requests::Endpoint;
use crate::tenant::Call;

/// The client that asks.
///
/// # Errors
/// The documented answers, which differ between the endpoints.
pub(crate) fn authenticate<'a>(
    call: &Call<'a>,
    form: &Form,
    endpoint: Endpoint,
) -> Result<&'a Client, Answer> {
    let header = call.authorization.as_deref().map(basic_credentials).transpose()?;
    let body_id = form.get("client_id");
    let body_secret = form.get("client_secret");
    if header.is_some() && body_secret.is_some() {
        return Err(Answer::invalid_request(
            "client authentication must only be provided using one mechanism",
        ));
    }
    let presented_id = header.as_ref().map(|(id, _)| id.as_str()).or(body_id);
    let presented_id = presented_id.ok_or_else(|| Answer::missing("client_id"))?;
    if body_id.is_some_and(|id| id != presented_id) {
        return Err(Answer::invalid_request("mismatch in body and authorization client ids"));
    }
    let client = call.tenant.client(presented_id).ok_or_else(|| unknown_client(endpoint))?;
    let secret = client.client_secret.as_deref();
    match (client.auth_method, header) {
        (AuthMethod::Basic, None) => {
            Err(Answer::invalid_request("client_secret must be provided in the Authorization header"))
        }
        (AuthMethod::Basic, Some((_, presented))) if Some(presented.as_str()) == secret => Ok(client),
        (AuthMethod::Post, None) if body_secret.is_some() && body_secret == secret => Ok(client),
        (AuthMethod::None, None) if body_secret.is_none() => Ok(client),
        _ => Err(authentication_failed()),
    }
}

pub(crate) fn authentication_failed() -> Answer {
    Answer::error(401, "invalid_request", "Authentication Failed")
}

fn unknown_client(endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Revocation => Answer::error(401, "invalid_request", "Access is unauthorized"),
        _ => Answer::invalid_request("Resource not found"),
    }
}

/// `Basic`, then base64 of the form-encoded id and secret (RFC 6749 §2.3.1).
fn basic_credentials(header: &str) -> Result<(String, String), Answer> {
    let invalid = || Answer::invalid_request("invalid authorization header value format");
    let (scheme, encoded) = header.split_once(' ').ok_or_else(invalid)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(invalid());
    }
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(invalid)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(invalid)?;
    if id.is_empty() {
        return Err(invalid());
    }
    Ok((form_decode(id), form_decode(secret)))
}

/// One form-encoded value. A `&` or `=` inside would split it, so they are put aside first.
fn form_decode(text: &str) -> String {
    let guarded = text.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(guarded.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}
