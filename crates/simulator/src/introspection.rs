//! The introspection endpoint (RFC 7662).

use serde_json::json;

use crate::answer::Answer;
use crate::client_auth::authenticate;
use crate::form::Form;
use crate::requests::Endpoint;
use crate::store::Found;
use crate::tenant::{Call, lock};

pub(crate) fn introspection(call: &Call<'_>) -> Result<Answer, Answer> {
    let form = Form::read(call.content_type.as_deref(), call.body)?;
    let client = authenticate(call, &form, Endpoint::Introspection)?;
    let token = form.required("token")?;
    let found = lock(&call.tenant.store).find(token, client, call.generation, call.now);
    let (kind, issued) = match found {
        Some(Found::Access(issued)) => ("access_token", issued),
        Some(Found::Refresh(issued)) => ("refresh_token", issued),
        // Unknown, expired, revoked, or another client's: they look alike.
        None => return Ok(Answer::json(200, &json!({"active": false}))),
    };
    Ok(Answer::json(
        200,
        &json!({
            "active": true,
            "sub": issued.granted.sub,
            "client_id": issued.granted.client_id,
            "exp": issued.expires_at,
            "iat": issued.issued_at,
            "iss": call.tenant.issuer(call.generation),
            "jti": issued.id,
            "scope": issued.granted.scope,
            "token_type": kind,
        }),
    ))
}
