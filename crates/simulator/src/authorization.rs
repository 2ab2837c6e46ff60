//! The authorization endpoint, `/auth`: from a request over the login page to codes and tokens.

pub(crate) mod request;
pub(crate) mod response;

use self::request::{Prompt, RE_AUTHENTICATION, Refusal, Request, ResponseType};
use self::response::{Parameters, send, send_error};
use crate::answer::Answer;
use crate::codes::Code;
use crate::faults::{AuthorizationFault, IdTokenFault};
use crate::form::Form;
use crate::id_token::{Beside, id_token};
use crate::keys::{encode, random, uuid};
use crate::pages;
use crate::sessions::Session;
use crate::store::{ACCESS_TOKEN_LIFETIME, Granted};
use crate::tenant::{Call, lock};
use crate::token::new_access_token;
use crate::users::{Outcome, User};

/// The second factor of everybody who needs one: a demo value, printed on the page that asks for it.
pub const ONE_TIME_CODE: &str = "314159";
/// The fields of the pages; all others are the request.
const PAGE_FIELDS: [&str; 4] = ["username", "password", "one_time_code", "ticket"];

pub(crate) fn authorization(call: &Call<'_>) -> Result<Answer, Answer> {
    let form = Form::of_browser(call)?;
    let request = match request::read(call, &form) {
        Ok(request) => request,
        Err(Refusal::Shown(answer)) => return Err(answer),
        Err(Refusal::Sent { target, code, description }) => {
            return Ok(send_error(call, target, code, &description));
        }
    };
    // Credentials count in a posted form alone, and a request that must show no page never showed one.
    let typed = call.method == "POST" && request.prompt != Some(Prompt::None);
    if typed && let Some(ticket) = form.get("ticket") {
        return second_factor(call, &form, &request, ticket);
    }
    if typed && form.has("username") {
        return password(call, &form, &request);
    }
    let session =
        lock(&call.tenant.sessions).find(call.cookie.as_deref(), call.generation, call.now).cloned();
    match session.filter(|session| !request.is_too_old(session.auth_time, call.now)) {
        Some(session) => respond(call, &request, &session),
        None if request.prompt == Some(Prompt::None) => {
            Ok(send_error(call, request.target, "login_required", "End-User authentication is required"))
        }
        None => Ok(pages::login(
            &page(call, &form.without(&PAGE_FIELDS), &request, None),
            request.login_hint.unwrap_or_default(),
        )),
    }
}

fn page<'a>(
    call: &Call<'a>,
    carried: &'a [(String, String)],
    request: &'a Request<'_>,
    error: Option<&'a str>,
) -> pages::Form<'a> {
    pages::Form {
        action: call.path,
        carried,
        redirect_uri: request.target.redirect_uri,
        client_name: &request.client.name,
        error,
    }
}

fn password(call: &Call<'_>, form: &Form, request: &Request<'_>) -> Result<Answer, Answer> {
    let username = form.get("username").unwrap_or_default();
    let carried = form.without(&PAGE_FIELDS);
    match call.tenant.check_password(username, form.get("password").unwrap_or_default()) {
        Ok(user) => signed_in(call, request, user),
        Err((Some(user), Outcome::MfaRequired)) => {
            let ticket =
                lock(&call.tenant.sessions).issue_ticket(call.generation, &user.profile.sub, call.now)?;
            Ok(ask_for_code(call, carried, request, ticket, None))
        }
        Err((_, outcome)) => {
            let error = outcome.error_description();
            Ok(pages::login(&page(call, &carried, request, error), username))
        }
    }
}

fn second_factor(
    call: &Call<'_>,
    form: &Form,
    request: &Request<'_>,
    ticket: &str,
) -> Result<Answer, Answer> {
    let carried = form.without(&PAGE_FIELDS);
    let sub = lock(&call.tenant.sessions).try_ticket(ticket, call.generation, call.now);
    let Some(user) = sub.and_then(|sub| call.tenant.user_by_sub(&sub)) else {
        let error = Some("The sign-in took too long or too many codes. Start again.");
        return Ok(pages::login(&page(call, &carried, request, error), ""));
    };
    if form.get("one_time_code").map(str::trim) != Some(ONE_TIME_CODE) {
        let error = Some("The code is wrong.");
        return Ok(ask_for_code(call, carried, request, ticket.to_owned(), error));
    }
    lock(&call.tenant.sessions).use_up_ticket(ticket);
    signed_in(call, request, user)
}

fn ask_for_code(
    call: &Call<'_>,
    mut carried: Vec<(String, String)>,
    request: &Request<'_>,
    ticket: String,
    error: Option<&str>,
) -> Answer {
    carried.push(("ticket".to_owned(), ticket));
    pages::second_factor(&page(call, &carried, request, error), ONE_TIME_CODE)
}

fn signed_in(call: &Call<'_>, request: &Request<'_>, user: &User) -> Result<Answer, Answer> {
    let (session, cookie) = lock(&call.tenant.sessions).begin(
        call.cookie.as_deref(),
        call.generation,
        &user.profile.sub,
        call.now,
    )?;
    Ok(respond(call, request, &session)?.with_header("set-cookie", cookie))
}

fn respond(call: &Call<'_>, request: &Request<'_>, session: &Session) -> Result<Answer, Answer> {
    if let Some(AuthorizationFault::Error { code, description }) = &call.faults.authorization_response {
        return Ok(send_error(call, request.target, code, description));
    }
    let granted = Granted {
        client_id: request.client.client_id.clone(),
        sub: session.sub.clone(),
        scope: request.scope.clone(),
        generation: call.generation,
        family: uuid()?,
        sid: Some(session.sid.clone()),
        auth_time: Some(session.auth_time),
    };
    let parameters = match request.response_type {
        ResponseType::Code => code(call, request, granted)?,
        ResponseType::IdToken => tokens(call, request, &granted, false)?,
        ResponseType::IdTokenToken => tokens(call, request, &granted, true)?,
    };
    Ok(send(call, request.target, parameters))
}

fn code(call: &Call<'_>, request: &Request<'_>, granted: Granted) -> Result<Parameters, Answer> {
    let value = encode(&random::<32>()?);
    let code = Code {
        granted,
        redirect_uri: request.target.redirect_uri.to_owned(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.map(str::to_owned),
        acr: acr(request).map(str::to_owned),
    };
    lock(&call.tenant.codes).add(&value, code, call.now);
    Ok(vec![("code".to_owned(), value)])
}

/// In the order of real answers.
fn tokens(
    call: &Call<'_>,
    request: &Request<'_>,
    granted: &Granted,
    with_access_token: bool,
) -> Result<Parameters, Answer> {
    if call.faults.rotate_before_signing {
        lock(&call.tenant.keys).rotate()?;
    }
    let user = call.tenant.user_by_sub(&granted.sub).ok_or_else(Answer::invalid_grant)?;
    let access = if with_access_token { Some(new_access_token(call, granted)?) } else { None };
    let mut parameters = Vec::new();
    if !matches!(call.faults.id_token, Some(IdTokenFault::Absent)) {
        let beside = Beside {
            access_token: access.as_deref(),
            refresh_token: None,
            nonce: request.nonce,
            acr: acr(request),
        };
        let id_token = id_token(call, request.client, user, granted, &beside)?;
        parameters.push(("id_token".to_owned(), id_token));
    }
    if let Some(access) = access {
        parameters.push(("access_token".to_owned(), access));
        parameters.push(("expires_in".to_owned(), ACCESS_TOKEN_LIFETIME.to_string()));
        parameters.push(("token_type".to_owned(), "Bearer".to_owned()));
    }
    Ok(parameters)
}

/// A request that asked for a fresh sign-in is answered after one alone.
fn acr(request: &Request<'_>) -> Option<&'static str> {
    request.re_authentication.then_some(RE_AUTHENTICATION)
}
