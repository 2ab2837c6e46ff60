//! An authorization request (OIDC Core §3.1.2.1 and §3.2.2.1, RFC 7636 §4.3), read in the order in which OneLogin
//! notices what is wrong.

use crate::answer::Answer;
use crate::authorization::response::{ResponseMode, Target};
use crate::clients::{AuthMethod, Client};
use crate::codes::Challenge;
use crate::form::Form;
use crate::options::Generation;
use crate::scopes::known_scopes;
use crate::tenant::Call;

/// The one value of `acr_values` that OneLogin knows.
pub(crate) const RE_AUTHENTICATION: &str = "onelogin:nist:level:1:re-auth";

/// The response types of either generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseType {
    Code,
    IdToken,
    IdTokenToken,
}

/// The values of `prompt` that OneLogin documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    Login,
    None,
}

/// A request that can be answered.
pub(crate) struct Request<'a> {
    pub(crate) client: &'a Client,
    pub(crate) target: Target<'a>,
    pub(crate) response_type: ResponseType,
    pub(crate) scope: String,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) prompt: Option<Prompt>,
    pub(crate) max_age: Option<i64>,
    /// `acr_values` asks for a fresh sign-in.
    pub(crate) re_authentication: bool,
    pub(crate) login_hint: Option<&'a str>,
    pub(crate) challenge: Option<Challenge>,
}

impl Request<'_> {
    /// Whether a person who signed in at that moment has to do so again.
    pub(crate) fn is_too_old(&self, auth_time: i64, now: i64) -> bool {
        self.prompt == Some(Prompt::Login)
            || self.re_authentication
            || self.max_age.is_some_and(|age| age == 0 || now.saturating_sub(auth_time) > age)
    }
}

/// Why a request is not answered.
pub(crate) enum Refusal<'a> {
    /// The person sees it: it may not, or by the documents does not, go to the redirect URI.
    Shown(Answer),
    /// The client gets it.
    Sent { target: Target<'a>, code: &'static str, description: String },
}

impl From<Answer> for Refusal<'_> {
    fn from(answer: Answer) -> Self {
        Self::Shown(answer)
    }
}

pub(crate) fn read<'a>(call: &Call<'a>, form: &'a Form) -> Result<Request<'a>, Refusal<'a>> {
    let client = client(call, form)?;
    let redirect_uri = redirect_uri(call, form, client)?;
    let asked_type = form.get("response_type");
    let asked_mode = form.get("response_mode");
    let default_mode = default_mode(asked_type.unwrap_or_default());
    let mode = asked_mode.and_then(ResponseMode::named).unwrap_or(default_mode);
    // Tokens never go into a query, not even to say so.
    let mode = if mode == ResponseMode::Query { default_mode } else { mode };
    let target = Target { redirect_uri, mode, state: form.get("state") };
    let refuse =
        |code, description: &str| Refusal::Sent { target, code, description: description.to_owned() };
    let invalid = |description: &str| refuse("invalid_request", description);

    for (parameter, code) in
        [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
    {
        if form.get(parameter).is_some() {
            return Err(refuse(code, &format!("{parameter} parameter is not supported")));
        }
    }
    let asked_type = asked_type.ok_or_else(|| invalid("missing required parameter(s). (response_type)"))?;
    let response_type = response_type(asked_type).ok_or_else(|| {
        refuse("unsupported_response_type", &format!("response type not supported. ({asked_type})"))
    })?;
    if let Some(asked) = asked_mode {
        match ResponseMode::named(asked) {
            None => return Err(invalid(&format!("unsupported response_mode requested. ({asked})"))),
            Some(ResponseMode::Query) if response_type != ResponseType::Code => {
                return Err(invalid("response_mode not allowed for this response_type"));
            }
            Some(_) => {}
        }
    }
    let scope = form.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|name| name == "openid") {
        return Err(invalid("missing required parameter(s) scope"));
    }
    if call.generation == Generation::V2 && scope.split(' ').any(|name| name == "offline_access") {
        return Err(refuse("invalid_scope", "some of requested scopes are not whitelisted"));
    }
    let nonce = form.get("nonce");
    if response_type != ResponseType::Code && nonce.is_none() {
        return Err(Answer::missing("nonce").into());
    }
    let prompt = match form.get("prompt") {
        None => None,
        Some("login") => Some(Prompt::Login),
        Some("none") => Some(Prompt::None),
        Some(other) => return Err(invalid(&format!("unsupported prompt value requested. ({other})"))),
    };
    let max_age = form.get("max_age").map(|text| text.parse().ok().filter(|age: &i64| *age >= 0));
    if max_age == Some(None) {
        return Err(invalid("invalid max_age parameter value"));
    }
    let challenge =
        challenge(call, client, response_type, form).map_err(|description| invalid(&description))?;
    let acr_values = form.get("acr_values").unwrap_or_default();
    Ok(Request {
        client,
        target,
        response_type,
        scope: known_scopes(scope, call.generation),
        nonce,
        prompt,
        max_age: max_age.flatten(),
        re_authentication: acr_values.split(' ').any(|value| value == RE_AUTHENTICATION),
        login_hint: form.get("login_hint"),
        challenge,
    })
}

fn client<'a>(call: &Call<'a>, form: &Form) -> Result<&'a Client, Answer> {
    let client_id = form.required("client_id")?;
    call.tenant.client(client_id).ok_or_else(|| {
        let mut error = serde_json::json!({
            "error": "invalid_client",
            "error_description": "client is invalid",
        });
        if let Some(state) = form.get("state") {
            error["state"] = state.into();
        }
        Answer::json(400, &error)
    })
}

fn redirect_uri<'a>(call: &Call<'_>, form: &'a Form, client: &Client) -> Result<&'a str, Answer> {
    let uri = form.required("redirect_uri")?;
    if client.accepts_redirect_uri(uri) {
        return Ok(uri);
    }
    Err(Answer::error(
        400,
        "redirect_uri_mismatch",
        match call.generation {
            Generation::V1 => "redirect_uri did not match any client's registered redirect_uri",
            Generation::V2 => "redirect_uri did not match any client's registered redirect_uris",
        },
    ))
}

/// The order of the values has no meaning (OAuth 2.0 Multiple Response Types §3).
fn response_type(asked: &str) -> Option<ResponseType> {
    match asked {
        "code" => Some(ResponseType::Code),
        "id_token" => Some(ResponseType::IdToken),
        "id_token token" | "token id_token" => Some(ResponseType::IdTokenToken),
        _ => None,
    }
}

/// The fragment for whatever names a token, supported or not.
fn default_mode(response_type: &str) -> ResponseMode {
    if response_type.split(' ').any(|value| matches!(value, "token" | "id_token")) {
        ResponseMode::Fragment
    } else {
        ResponseMode::Query
    }
}

fn challenge(
    call: &Call<'_>,
    client: &Client,
    response_type: ResponseType,
    form: &Form,
) -> Result<Option<Challenge>, String> {
    if response_type != ResponseType::Code {
        return Ok(None);
    }
    let method = form.get("code_challenge_method");
    let Some(value) = form.get("code_challenge") else {
        if client.auth_method == AuthMethod::None || method.is_some() {
            return Err("missing required parameter(s). (code_challenge)".to_owned());
        }
        return Ok(None);
    };
    match (method.unwrap_or("plain"), call.generation) {
        ("S256", _) => Challenge::s256(value),
        ("plain", Generation::V1) => Challenge::plain(value),
        (other, _) => return Err(format!("not supported value of code_challenge_method. ({other})")),
    }
    .map(Some)
    .ok_or_else(|| "code_challenge must be 43 to 128 unreserved characters".to_owned())
}
