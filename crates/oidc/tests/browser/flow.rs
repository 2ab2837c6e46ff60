//! A request under way and the answers that it may get.

use latchkey_oidc::authorization::{AuthorizationRequest, Pending};
use latchkey_oidc::authorization_response::{AuthorizationAnswer, AuthorizationOutcome, Received, parse};
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::metadata::{self, ProviderMetadata};
use latchkey_oidc::pkce::Randomness;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, Finding, Secret, Status};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::support::{CLIENT, ISSUER, find, json_answer, with_status};

pub(crate) const REDIRECT_URI: &str = "https://payroll.acme.example/callback";

/// A request under way, with what a provider read from its URL.
pub(crate) struct Flow {
    pub(crate) pending: Pending,
    pub(crate) state: String,
    pub(crate) nonce: String,
}

pub(crate) fn flow(response_type: ResponseType, mode: Option<ResponseMode>) -> Flow {
    changed_flow(response_type, |request| request.response_mode = mode)
}

pub(crate) fn changed_flow(
    response_type: ResponseType,
    change: impl FnOnce(&mut AuthorizationRequest),
) -> Flow {
    let mut request = AuthorizationRequest::new(
        Url::parse(&format!("{ISSUER}/auth")).unwrap(),
        ISSUER,
        CLIENT,
        RedirectUri::parse(REDIRECT_URI).unwrap(),
        response_type,
    );
    change(&mut request);
    let prepared = request.prepare(Randomness::new(&std::array::from_fn(|at| at as u8))).unwrap();
    let sent = |name: &str| {
        prepared
            .url
            .query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
            .unwrap()
    };
    Flow { state: sent("state"), nonce: sent("nonce"), pending: prepared.pending }
}

pub(crate) fn encoded(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// These parameters, delivered so.
pub(crate) fn received(mode: ResponseMode, parameters: &[(&str, &str)]) -> Received {
    let url = |added: String| Secret::new(format!("{REDIRECT_URI}{added}"));
    match mode {
        ResponseMode::Query => Received::navigation(url(format!("?{}", encoded(parameters)))),
        ResponseMode::Fragment => Received::navigation(url(format!("#{}", encoded(parameters)))),
        ResponseMode::FormPost => Received::form_body(url(String::new()), &Secret::new(encoded(parameters))),
    }
}

pub(crate) fn metadata_with(changes: Value) -> ProviderMetadata {
    let mut document = json!({ "issuer": ISSUER, "authorization_endpoint": format!("{ISSUER}/auth") });
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    metadata::parse(&json_answer(200, &document.to_string()), &Issuer::parse(ISSUER).unwrap()).unwrap().0
}

pub(crate) fn judged(pending: Pending, received: &Received) -> AuthorizationAnswer {
    let context = Context { onelogin: true, ..Context::default() };
    parse(pending, received, &metadata_with(json!({})), &context).unwrap()
}

/// Exactly this check failed, it was the last that was made, and nothing came of the answer.
#[track_caller]
pub(crate) fn refused(answer: &AuthorizationAnswer, check: Check) -> Finding {
    assert!(matches!(answer.outcome, AuthorizationOutcome::Rejected), "{answer:#?}");
    assert_eq!(with_status(&answer.findings, Status::Failed), [check], "{:#?}", answer.findings);
    let finding = find(&answer.findings, check, Status::Failed);
    assert!(finding.remedy.is_some(), "{finding:?}");
    finding
}

#[track_caller]
pub(crate) fn nothing_failed(answer: &AuthorizationAnswer) {
    assert_eq!(with_status(&answer.findings, Status::Failed), [], "{:#?}", answer.findings);
    assert_eq!(with_status(&answer.findings, Status::Warning), [], "{:#?}", answer.findings);
}
