//! The UserInfo endpoint, `/me`.

use serde_json::{Map, Value, json};

use crate::access::{bearer_token, invalid_token};
use crate::answer::Answer;
use crate::claims;
use crate::clients::Client;
use crate::faults::UserInfoFault;
use crate::jwt::Draft;
use crate::store::Granted;
use crate::tenant::{Call, lock};

pub(crate) fn userinfo(call: &Call<'_>) -> Result<Answer, Answer> {
    let token = bearer_token(call.authorization.as_deref())?;
    let invalid = || invalid_token(&call.tenant.issuer(call.generation));
    let granted: Granted = lock(&call.tenant.store)
        .access(token, call.generation, call.now)
        .map(|issued| issued.granted.clone())
        .ok_or_else(invalid)?;
    let user = call.tenant.user_by_sub(&granted.sub).ok_or_else(invalid)?;
    let client = call.tenant.client(&granted.client_id).ok_or_else(invalid)?;
    let mut claims = claims::of_user(user, client, &granted, call.faults.updated_at);
    change(&mut claims, call.faults.userinfo_claims.as_ref());
    if client.signed_userinfo {
        signed(call, client, claims)
    } else {
        Ok(Answer::json(200, &Value::Object(claims)))
    }
}

/// UserInfo as a JWT names issuer and audience (OIDC Core §5.3.2).
fn signed(call: &Call<'_>, client: &Client, mut claims: Map<String, Value>) -> Result<Answer, Answer> {
    claims.insert("aud".to_owned(), json!(client.client_id));
    claims.insert("iss".to_owned(), json!(call.tenant.issuer(call.generation)));
    let fault = match &call.faults.userinfo_claims {
        Some(UserInfoFault::Jwt(fault)) => Some(fault),
        _ => None,
    };
    let token = Draft::new(claims).sign(call.tenant, client.client_secret.as_deref(), fault)?;
    Ok(Answer::text(200, "application/jwt; charset=utf-8", token))
}

fn change(claims: &mut Map<String, Value>, fault: Option<&UserInfoFault>) {
    match fault {
        Some(UserInfoFault::Set(name, value)) => {
            claims.insert(name.clone(), value.clone());
        }
        Some(UserInfoFault::Remove(name)) => {
            claims.shift_remove(name);
        }
        Some(UserInfoFault::WrongSubject) => {
            claims.insert("sub".to_owned(), json!("99999999"));
        }
        Some(UserInfoFault::NoSubject) => {
            claims.shift_remove("sub");
        }
        Some(UserInfoFault::Empty) => claims.clear(),
        Some(UserInfoFault::Jwt(_)) | None => {}
    }
}
