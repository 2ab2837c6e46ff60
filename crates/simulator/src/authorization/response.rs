//! How an authorization response gets to the redirect URI (OAuth 2.0 Multiple Response Types §2, Form Post §2,
//! RFC 9207 §2), and how it goes wrong on request.

use url::form_urlencoded;

use crate::answer::Answer;
use crate::faults::AuthorizationFault;
use crate::options::Generation;
use crate::pages;
use crate::tenant::Call;

/// Where the parameters of an authorization response go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// The query of the redirect URI.
    Query,
    /// The fragment of the redirect URI.
    Fragment,
    /// A form that posts itself to the redirect URI.
    FormPost,
}

impl ResponseMode {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Who gets a response, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) redirect_uri: &'a str,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<&'a str>,
}

/// Names and values in the order in which they are sent.
pub(crate) type Parameters = Vec<(String, String)>;

/// An answer with the state that came, and what was asked to go wrong.
pub(crate) fn send(call: &Call<'_>, target: Target<'_>, mut parameters: Parameters) -> Answer {
    if let Some(state) = target.state {
        parameters.push(("state".to_owned(), state.to_owned()));
    }
    if call.generation == Generation::V2 && call.tenant.response_iss {
        parameters.push(("iss".to_owned(), call.tenant.issuer(call.generation)));
    }
    let fault = call.faults.authorization_response.as_ref();
    if let Some(fault) = fault {
        change(&mut parameters, fault);
    }
    let uri = target.redirect_uri;
    match fault {
        Some(AuthorizationFault::QueryAndFragment) => {
            redirect(&with_fragment(&with_query(uri, &parameters), &parameters))
        }
        Some(AuthorizationFault::TwoAnswers) => {
            let mode = match target.mode {
                // The second one could not follow a form that leaves the page.
                ResponseMode::FormPost | ResponseMode::Fragment => with_fragment,
                ResponseMode::Query => with_query,
            };
            let mut second = error_parameters("access_denied", "a second answer");
            second.extend(parameters.iter().filter(|(name, _)| name == "state").cloned());
            pages::two_answers(&mode(uri, &parameters), &mode(uri, &second))
        }
        Some(AuthorizationFault::Mode(mode)) => deliver(uri, *mode, &parameters),
        _ => deliver(uri, target.mode, &parameters),
    }
}

/// An error at the redirect URI.
pub(crate) fn send_error(call: &Call<'_>, target: Target<'_>, code: &str, description: &str) -> Answer {
    send(call, target, error_parameters(code, description))
}

/// Adds parameters to a URI's query. A space is `%20`, which every parser reads as one.
pub(crate) fn with_query(uri: &str, parameters: &Parameters) -> String {
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{}", encoded(parameters))
}

/// A redirect that no cache may keep.
pub(crate) fn redirect(location: &str) -> Answer {
    Answer::empty(302).with_header("location", location)
}

fn with_fragment(uri: &str, parameters: &Parameters) -> String {
    format!("{uri}#{}", encoded(parameters))
}

fn encoded(parameters: &Parameters) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish().replace('+', "%20")
}

fn deliver(uri: &str, mode: ResponseMode, parameters: &Parameters) -> Answer {
    match mode {
        ResponseMode::Query => redirect(&with_query(uri, parameters)),
        ResponseMode::Fragment => redirect(&with_fragment(uri, parameters)),
        ResponseMode::FormPost => pages::form_post(uri, parameters),
    }
}

fn error_parameters(code: &str, description: &str) -> Parameters {
    [("error", code), ("error_description", description)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn change(parameters: &mut Parameters, fault: &AuthorizationFault) {
    match fault {
        AuthorizationFault::WrongState => set(parameters, "state", "the state of another request"),
        AuthorizationFault::NoState => parameters.retain(|(name, _)| name != "state"),
        AuthorizationFault::WrongIss => set(parameters, "iss", "http://127.0.0.1:1/oidc/2"),
        AuthorizationFault::NoIss => parameters.retain(|(name, _)| name != "iss"),
        AuthorizationFault::Set(name, value) => set(parameters, name, value),
        AuthorizationFault::Remove(name) => parameters.retain(|(known, _)| known != name),
        AuthorizationFault::Duplicate(name) => {
            let again: Parameters = parameters.iter().filter(|(known, _)| known == name).cloned().collect();
            parameters.extend(again);
        }
        AuthorizationFault::QueryAndFragment
        | AuthorizationFault::Mode(_)
        | AuthorizationFault::Error { .. }
        | AuthorizationFault::TwoAnswers => {}
    }
}

fn set(parameters: &mut Parameters, name: &str, value: &str) {
    match parameters.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => value.clone_into(old),
        None => parameters.push((name.to_owned(), value.to_owned())),
    }
}
