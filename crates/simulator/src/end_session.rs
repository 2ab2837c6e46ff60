//! The end-session endpoint of v2, `/logout` (OpenID Connect RP-Initiated Logout 1.0).

use crate::answer::Answer;
use crate::authorization::response::{redirect, with_query};
use crate::faults::EndSessionFault;
use crate::form::Form;
use crate::pages;
use crate::sessions::removed_cookie;
use crate::tenant::{Call, lock};

/// Revokes the tokens of the sign-in that the ID token is of; unless `logout=false`, those of the whole session too,
/// and ends it.
pub(crate) fn end_session(call: &Call<'_>) -> Result<Answer, Answer> {
    let form = Form::of_browser(call)?;
    let ends = match form.get("logout") {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => return Err(Answer::invalid_request("logout must be true or false")),
    };
    let hinted = match form.get("id_token_hint") {
        None => None,
        Some(hint) => Some(
            lock(&call.tenant.store)
                .id_token(hint, call.generation)
                .ok_or_else(|| Answer::invalid_request("could not validate id_token_hint"))?,
        ),
    };
    if let (Some(granted), Some(client_id)) = (&hinted, form.get("client_id"))
        && granted.client_id != client_id
    {
        return Err(Answer::invalid_request("client_id does not match the provided id_token_hint"));
    }
    let goes_to = form.get("post_logout_redirect_uri");
    if let Some(uri) = goes_to {
        let client_id = hinted.as_ref().map(|granted| granted.client_id.as_str());
        let client_id = client_id.ok_or_else(|| Answer::missing("id_token_hint"))?;
        let registered =
            call.tenant.client(client_id).is_some_and(|client| client.accepts_post_logout_redirect_uri(uri));
        if !registered {
            return Err(Answer::invalid_request("post_logout_redirect_uri not registered"));
        }
    }
    if let Some(granted) = &hinted {
        let mut store = lock(&call.tenant.store);
        store.end_family(&granted.family);
        if let Some(sid) = granted.sid.as_deref().filter(|_| ends) {
            store.end_session(sid);
        }
    }
    let mut answer = match goes_to {
        Some(uri) => back(call, uri, form.get("state")),
        None => pages::signed_out(ends),
    };
    if ends {
        let mut sessions = lock(&call.tenant.sessions);
        let cookie = call.cookie.as_deref();
        if let Some(sid) = hinted.as_ref().and_then(|granted| granted.sid.as_deref()) {
            sessions.end_named(sid);
        }
        // A hint of another person leaves whoever is signed in here alone.
        let stays = match (sessions.find(cookie, call.generation, call.now), &hinted) {
            (Some(session), Some(granted)) => session.sub != granted.sub,
            _ => false,
        };
        if !stays {
            sessions.end(cookie, call.generation);
            answer = answer.with_header("set-cookie", removed_cookie(call.generation));
        }
    }
    Ok(answer)
}

fn back(call: &Call<'_>, uri: &str, state: Option<&str>) -> Answer {
    let state = match call.faults.end_session_answer {
        Some(EndSessionFault::NoState) => None,
        Some(EndSessionFault::WrongState) => Some("the state of another request"),
        None => state,
    };
    match state {
        Some(state) => redirect(&with_query(uri, &vec![("state".to_owned(), state.to_owned())])),
        None => redirect(uri),
    }
}
