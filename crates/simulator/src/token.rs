//! The token endpoint: the password, refresh and code grants.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::client_auth::authenticate;
use crate::clients::{Client, GrantType};
use crate::codes::{NotExchanged, Presented};
use crate::faults::{IdTokenFault, TokenFault};
use crate::form::Form;
use crate::id_token::{Beside, access_token, id_token};
use crate::keys::{encode, random, uuid};
use crate::options::Generation;
use crate::requests::Endpoint;
use crate::scopes::known_scopes;
use crate::store::{ACCESS_TOKEN_LIFETIME, Granted, NotTaken};
use crate::tenant::{Call, lock};
use crate::users::User;

pub(crate) fn token(call: &Call<'_>) -> Result<Answer, Answer> {
    let form = Form::read(call.content_type.as_deref(), call.body)?;
    let client = authenticate(call, &form, Endpoint::Token)?;
    let requested = form.required("grant_type")?;
    match GrantType::named(requested).filter(|grant| client.grants.contains(grant)) {
        Some(GrantType::Password) => password(call, &form, client),
        Some(GrantType::RefreshToken) => refresh(call, &form, client),
        Some(GrantType::AuthorizationCode) => code(call, &form, client),
        None => Err(Answer::error(
            400,
            "unsupported_grant_type",
            &format!("unsupported grant_type requested ({requested})"),
        )),
    }
}

fn password(call: &Call<'_>, form: &Form, client: &Client) -> Result<Answer, Answer> {
    let username = form.required("username")?;
    let password = form.required("password")?;
    let user = call.tenant.check_password(username, password).map_err(|(_, outcome)| {
        let description = outcome.error_description().unwrap_or("Authentication Failed");
        Answer::error(401, "invalid_request", description)
    })?;
    let granted = Granted {
        client_id: client.client_id.clone(),
        sub: user.profile.sub.clone(),
        scope: known_scopes(form.get("scope").unwrap_or_default(), call.generation),
        generation: call.generation,
        family: uuid()?,
        sid: None,
        auth_time: None,
    };
    let with_refresh_token = match call.generation {
        Generation::V1 => client.refresh_token_timeout,
        Generation::V2 => granted.has_scope("offline_access"),
    };
    let with_id_token = call.generation == Generation::V2 || client.v1_id_token;
    issue(
        call,
        client,
        user,
        Issue {
            granted: granted.clone(),
            renewal: granted,
            with_refresh_token,
            with_id_token,
            nonce: None,
            acr: None,
        },
    )
}

fn refresh(call: &Call<'_>, form: &Form, client: &Client) -> Result<Answer, Answer> {
    let token = form.required("refresh_token")?;
    let scope = form.get("scope");
    let renewal = lock(&call.tenant.store)
        .take_refresh(token, &client.client_id, call.generation, scope.unwrap_or_default(), call.now)
        .map_err(|reason| match reason {
            NotTaken::Invalid => Answer::invalid_grant(),
            NotTaken::ScopeExceeded => {
                Answer::error(400, "invalid_scope", "requested scope exceeds the granted one")
            }
        })?;
    let user = call.tenant.user_by_sub(&renewal.sub).ok_or_else(Answer::invalid_grant)?;
    let mut granted = renewal.clone();
    if let Some(scope) = scope {
        granted.scope = known_scopes(scope, call.generation);
    }
    let with_id_token = call.generation == Generation::V2 || client.v1_id_token;
    let issued = Issue { granted, renewal, with_refresh_token: true, with_id_token, nonce: None, acr: None };
    issue(call, client, user, issued)
}

fn code(call: &Call<'_>, form: &Form, client: &Client) -> Result<Answer, Answer> {
    let presented = Presented {
        code: form.required("code")?,
        client_id: &client.client_id,
        generation: call.generation,
        redirect_uri: form.required("redirect_uri")?,
        verifier: form.get("code_verifier"),
    };
    let exchanged = lock(&call.tenant.codes).exchange(&presented, call.now);
    let code = exchanged.map_err(|reason| {
        if let NotExchanged::Used { family } = reason {
            lock(&call.tenant.store).end_family(&family);
        }
        Answer::invalid_grant()
    })?;
    let user = call.tenant.user_by_sub(&code.granted.sub).ok_or_else(Answer::invalid_grant)?;
    let with_refresh_token = client.refresh_token_timeout && client.grants.contains(&GrantType::RefreshToken);
    let issued = Issue {
        granted: code.granted.clone(),
        renewal: code.granted,
        with_refresh_token,
        with_id_token: true,
        nonce: code.nonce,
        acr: code.acr,
    };
    issue(call, client, user, issued)
}

/// What an answer holds.
struct Issue {
    /// What the access and ID tokens stand for.
    granted: Granted,
    /// What the refresh token stands for: never less than at the sign-in (RFC 6749 §6).
    renewal: Granted,
    with_refresh_token: bool,
    with_id_token: bool,
    nonce: Option<String>,
    acr: Option<String>,
}

fn issue(call: &Call<'_>, client: &Client, user: &User, issue: Issue) -> Result<Answer, Answer> {
    let Issue { granted, renewal, with_refresh_token, with_id_token, nonce, acr } = issue;
    if call.faults.rotate_before_signing {
        lock(&call.tenant.keys).rotate()?;
    }
    let access = new_access_token(call, &granted)?;
    let refresh = if with_refresh_token { Some(opaque_token()?) } else { None };
    let beside = Beside {
        access_token: Some(&access),
        refresh_token: refresh.as_deref(),
        nonce: nonce.as_deref(),
        acr: acr.as_deref(),
    };
    let absent = matches!(call.faults.id_token, Some(IdTokenFault::Absent));
    let id_token = (with_id_token && !absent && granted.has_scope("openid"))
        .then(|| id_token(call, client, user, &granted, &beside))
        .transpose()?;
    let mut answer = members(call.generation, client, &granted, &access, refresh.as_deref(), id_token);
    if let Some(refresh) = &refresh {
        lock(&call.tenant.store).add_refresh(refresh, renewal, call.now);
    }
    match &call.faults.token_answer {
        Some(TokenFault::Set(name, value)) => {
            answer.insert(name.clone(), value.clone());
        }
        Some(TokenFault::Remove(name)) => {
            answer.shift_remove(name);
        }
        None => {}
    }
    Ok(Answer::json(200, &Value::Object(answer)))
}

/// An access token in the shape of the generation, remembered.
pub(crate) fn new_access_token(call: &Call<'_>, granted: &Granted) -> Result<String, Answer> {
    let id = uuid()?;
    let token = match call.generation {
        Generation::V1 => opaque_token()?,
        Generation::V2 => access_token(call, granted, &id)?,
    };
    lock(&call.tenant.store).add_access(&token, id, granted.clone(), call.now);
    Ok(token)
}

/// v1 in the order of its page; v2 in alphabetical order, with the scope.
fn members(
    generation: Generation,
    client: &Client,
    granted: &Granted,
    access: &str,
    refresh: Option<&str>,
    id_token: Option<String>,
) -> Map<String, Value> {
    let mut answer = Map::new();
    let mut add = |name: &str, value: Value| {
        answer.insert(name.to_owned(), value);
    };
    add("access_token", json!(access));
    add("expires_in", json!(ACCESS_TOKEN_LIFETIME));
    match generation {
        Generation::V1 => {
            add("token_type", json!("Bearer"));
            if let Some(refresh) = refresh {
                add("refresh_token", json!(refresh));
                if client.old_refresh_token {
                    add("refreshToken", json!(refresh));
                }
            }
            if let Some(id_token) = id_token {
                add("id_token", json!(id_token));
            }
        }
        Generation::V2 => {
            if let Some(id_token) = id_token {
                add("id_token", json!(id_token));
            }
            if let Some(refresh) = refresh {
                add("refresh_token", json!(refresh));
            }
            add("scope", json!(granted.scope));
            add("token_type", json!("Bearer"));
        }
    }
    answer
}

/// A token that says nothing, in the shape of the documents' samples: base64 of an id and random bytes.
fn opaque_token() -> Result<String, Answer> {
    let mut bytes = uuid()?.into_bytes();
    bytes.extend_from_slice(&random::<48>()?);
    Ok(encode(&bytes))
}
