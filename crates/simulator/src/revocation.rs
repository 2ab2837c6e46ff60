//! The revocation endpoint (RFC 7009).

use serde_json::json;

use crate::answer::Answer;
use crate::client_auth::authenticate;
use crate::form::Form;
use crate::options::Generation;
use crate::requests::Endpoint;
use crate::store::Found;
use crate::tenant::{Call, lock};

/// Revoking an access token ends that one. Revoking a refresh token ends, in v2, all that came from its sign-in.
pub(crate) fn revocation(call: &Call<'_>) -> Result<Answer, Answer> {
    let form = Form::read(call.content_type.as_deref(), call.body)?;
    let client = authenticate(call, &form, Endpoint::Revocation)?;
    let token = form.required("token")?;
    let mut store = lock(&call.tenant.store);
    let found = store.find(token, client, call.generation, call.now);
    match (call.generation, &found) {
        (Generation::V2, Some(Found::Refresh(issued))) => store.end_family(&issued.granted.family),
        (_, Some(_)) => store.remove(token),
        (_, None) => {}
    }
    match (call.generation, found) {
        (Generation::V1, Some(_)) => Ok(Answer::json(200, &json!({}))),
        (Generation::V1, None) => Err(Answer::error(
            400,
            "unsupported_token_type",
            "revocation of the presented token type is not supported",
        )),
        (Generation::V2, _) => Ok(Answer::empty(200)),
    }
}
