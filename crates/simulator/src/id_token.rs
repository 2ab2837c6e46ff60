//! The claims of ID tokens and of v2's access tokens.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::claims;
use crate::clients::Client;
use crate::jwt::Draft;
use crate::keys::half_hash;
use crate::options::Generation;
use crate::store::{ACCESS_TOKEN_LIFETIME, Granted};
use crate::tenant::Call;
use crate::users::User;

/// ID tokens live two hours, longer than the access token beside them.
const LIFETIME: i64 = 7_200;

/// The tokens that an ID token vouches for.
pub(crate) struct Beside<'a> {
    pub(crate) access_token: &'a str,
    pub(crate) refresh_token: Option<&'a str>,
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
    if let Some(acr) = &user.profile.acr {
        add("acr", json!(acr));
    }
    add("at_hash", json!(half_hash(beside.access_token)));
    if let Some(refresh_token) = beside.refresh_token {
        add("rt_hash", json!(half_hash(refresh_token)));
    }
    if granted.generation == Generation::V2 {
        add("sid", json!(granted.family));
    }
    add("aud", json!(client.client_id));
    add("exp", json!(call.now.saturating_add(LIFETIME)));
    add("iat", json!(call.now));
    add("iss", json!(call.tenant.issuer(granted.generation)));
    let secret = client.client_secret.as_deref();
    Ok(Draft::new(claims).sign(call.tenant, secret, call.faults.id_token.as_ref())?)
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
