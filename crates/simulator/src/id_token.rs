//! The claims of ID tokens and of v2's access tokens.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::claims;
use crate::clients::Client;
use crate::jwt::Draft;
use crate::keys::half_hash;
use crate::options::Generation;
use crate::store::{ACCESS_TOKEN_LIFETIME, Granted};
use crate::tenant::{Call, lock};
use crate::users::User;

/// ID tokens live two hours, longer than the access token beside them.
const LIFETIME: i64 = 7_200;

/// The tokens that an ID token vouches for, and what its request asked for.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    pub(crate) access_token: Option<&'a str>,
    pub(crate) refresh_token: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) acr: Option<&'a str>,
}

/// A signed ID token, with the claims in the order of the documents.
pub(crate) fn id_token(
    call: &Call<'_>,
    client: &Client,
    user: &User,
    granted: &Granted,
    beside: &Beside<'_>,
) -> Result<String, Answer> {
    let mut claims = claims::of_user(user, client, granted, call.faults.updated_at);
    let mut add = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    if let Some(acr) = beside.acr.or(user.profile.acr.as_deref()) {
        add("acr", json!(acr));
    }
    if let Some(auth_time) = granted.auth_time {
        add("auth_time", json!(auth_time));
    }
    if let Some(nonce) = beside.nonce {
        add("nonce", json!(nonce));
    }
    if let Some(access_token) = beside.access_token {
        add("at_hash", json!(half_hash(access_token)));
    }
    if let Some(refresh_token) = beside.refresh_token {
        add("rt_hash", json!(half_hash(refresh_token)));
    }
    if granted.generation == Generation::V2 {
        add("sid", json!(granted.sid.as_ref().unwrap_or(&granted.family)));
    }
    add("aud", json!(client.client_id));
    add("exp", json!(call.now.saturating_add(LIFETIME)));
    add("iat", json!(call.now));
    add("iss", json!(call.tenant.issuer(granted.generation)));
    let secret = client.client_secret.as_deref();
    let token = Draft::new(claims).sign(call.tenant, secret, call.faults.id_token.as_ref())?;
    lock(&call.tenant.store).add_id_token(&token, granted.clone(), call.now);
    Ok(token)
}

/// An access token in the shape of v2's.
pub(crate) fn access_token(call: &Call<'_>, granted: &Granted, id: &str) -> Result<String, Answer> {
    let mut claims = Map::new();
    for (name, value) in [
        ("jti", json!(id)),
        ("sub", json!(granted.sub)),
        ("iss", json!(call.tenant.issuer(granted.generation))),
        ("aud", json!(granted.client_id)),
        ("iat", json!(call.now)),
        ("exp", json!(call.now.saturating_add(ACCESS_TOKEN_LIFETIME))),
        ("scope", json!(granted.scope)),
    ] {
        claims.insert(name.to_owned(), value);
    }
    Ok(Draft::new(claims).sign(call.tenant, None, None)?)
}
