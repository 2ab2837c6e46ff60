//! What completes a sign-in: certification rows with their names.

use latchkey_oidc::authorization_response::{AuthorizationOutcome, CodeAnswer, ImplicitAnswer};
use latchkey_oidc::client_auth::{AuthMethod, ClientAuth};
use latchkey_oidc::http::{Endpoint, Method};
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, ProblemKind, Secret, Status, authorization_response, id_token, pkce};
use serde_json::json;
use url::Url;

use crate::flow::*;
use crate::support::*;

fn code_of(flow: Flow, mode: ResponseMode) -> CodeAnswer {
    let answer = judged(flow.pending, &received(mode, &[("code", CODE), ("state", &flow.state)]));
    nothing_failed(&answer);
    match answer.outcome {
        AuthorizationOutcome::Code(code) => code,
        other => panic!("{other:?}"),
    }
}

fn tokens_of(flow: Flow, mode: ResponseMode, parameters: &[(&str, &str)]) -> ImplicitAnswer {
    let state = flow.state.clone();
    let mut parameters = parameters.to_vec();
    parameters.push(("state", &state));
    let answer = judged(flow.pending, &received(mode, &parameters));
    nothing_failed(&answer);
    match answer.outcome {
        AuthorizationOutcome::Tokens(tokens) => tokens,
        other => panic!("{other:?}"),
    }
}

/// A token for this nonce, verified against what was agreed.
#[track_caller]
fn verify(case: &Case, expect: id_token::Expectations<'_>) -> Vec<Check> {
    let keys = key_set(case.keys.as_deref().unwrap());
    let expect = id_token::Expectations { now: NOW, ..expect };
    let verification = id_token::verify(&Secret::new(case.token()), Some(&keys), &expect);
    with_status(&verification.findings, Status::Failed)
}

#[test]
fn response_type_code() {
    for (asked, mode) in [
        (None, ResponseMode::Query),
        (Some(ResponseMode::Query), ResponseMode::Query),
        (Some(ResponseMode::Fragment), ResponseMode::Fragment),
        (Some(ResponseMode::FormPost), ResponseMode::FormPost),
    ] {
        assert_eq!(code_of(flow(ResponseType::Code, asked), mode).code().expose(), CODE);
    }
}

#[test]
fn response_type_id_token() {
    for (asked, mode) in [
        (None, ResponseMode::Fragment),
        (Some(ResponseMode::Fragment), ResponseMode::Fragment),
        (Some(ResponseMode::FormPost), ResponseMode::FormPost),
    ] {
        let flow = flow(ResponseType::IdToken, asked);
        let case = Case::rs256().claim("nonce", flow.nonce.clone()).no_claim("at_hash");
        let token = case.token();
        let tokens = tokens_of(flow, mode, &[("id_token", &token)]);
        assert_eq!(tokens.id_token.expose(), token);
        assert!(tokens.access_token.is_none());
        assert_eq!(verify(&case, tokens.agreed.expectations(None)), []);
    }
}

#[test]
fn response_type_id_token_token() {
    for (asked, mode) in [
        (None, ResponseMode::Fragment),
        (Some(ResponseMode::Fragment), ResponseMode::Fragment),
        (Some(ResponseMode::FormPost), ResponseMode::FormPost),
    ] {
        for token_type in ["Bearer", "bearer"] {
            let flow = flow(ResponseType::IdTokenToken, asked);
            let case = Case::rs256().claim("nonce", flow.nonce.clone());
            let token = case.token();
            let tokens = tokens_of(
                flow,
                mode,
                &[
                    ("id_token", &token),
                    ("access_token", ACCESS_TOKEN),
                    ("token_type", token_type),
                    ("expires_in", "7200"),
                    ("session_state", "unknown parameters are ignored"),
                ],
            );
            assert_eq!(tokens.expires_in, Some(7_200));
            assert_eq!(verify(&case, tokens.agreed.expectations(tokens.access_token.as_ref())), []);
        }
    }
}

#[test]
fn no_expires_in_and_no_scope_in_the_answer_are_accepted() {
    let tokens = tokens_of(
        flow(ResponseType::IdTokenToken, None),
        ResponseMode::Fragment,
        &[("id_token", "a.b.c"), ("access_token", ACCESS_TOKEN), ("token_type", "Bearer")],
    );
    assert_eq!((tokens.expires_in, tokens.scope), (None, None));
}

#[test]
fn response_mode_form_post() {
    // The fields as a list, as the login window hands them over, and as the body of a request.
    let flow = flow(ResponseType::Code, Some(ResponseMode::FormPost));
    let fields =
        vec![("code".to_owned(), Secret::from(CODE)), ("state".to_owned(), Secret::new(flow.state.clone()))];
    let answer = judged(
        flow.pending,
        &authorization_response::Received::form_post(Secret::from(REDIRECT_URI), fields),
    );
    nothing_failed(&answer);
    assert!(matches!(answer.outcome, AuthorizationOutcome::Code(_)));
}

#[test]
fn response_mode_form_post_error() {
    for response_type in ResponseType::ALL {
        let flow = flow(response_type, Some(ResponseMode::FormPost));
        let answer = judged(
            flow.pending,
            &received(
                ResponseMode::FormPost,
                &[
                    ("error", "login_required"),
                    ("error_description", "End-User authentication is required"),
                    ("state", &flow.state),
                ],
            ),
        );
        nothing_failed(&answer);
        let AuthorizationOutcome::ProviderError(problem) = answer.outcome else { panic!("{answer:?}") };
        assert_eq!(problem.kind, ProblemKind::OauthError);
        assert_eq!(problem.code.as_deref(), Some("login_required"));
        assert_eq!(problem.endpoint, Some(Endpoint::Authorization));
        assert!(problem.explanation.contains("prompt=none"), "{}", problem.explanation);
    }
}

#[test]
fn errors_in_any_place_are_explained_and_another_place_is_a_warning() {
    for (code, description, said) in [
        ("unsupported_response_type", "response type not supported. (token)", "response type"),
        ("invalid_request", "missing required parameter(s) scope", "openid"),
        ("login_required", "End-User authentication is required", "prompt=none"),
        ("invalid_scope", "some of requested scopes are not whitelisted", "scope"),
        ("access_denied", "", "declined"),
    ] {
        for response_type in ResponseType::ALL {
            for place in ResponseMode::ALL {
                let flow = flow(response_type, None);
                let parameters =
                    [("error", code), ("error_description", description), ("state", &*flow.state)];
                let answer = judged(flow.pending, &received(place, &parameters));
                assert_eq!(with_status(&answer.findings, Status::Failed), []);
                let elsewhere = usize::from(place != response_type.default_mode());
                assert_eq!(with_status(&answer.findings, Status::Warning).len(), elsewhere);
                let AuthorizationOutcome::ProviderError(problem) = answer.outcome else {
                    panic!("{answer:?}")
                };
                assert_eq!(problem.code.as_deref(), Some(code));
                assert!(problem.explanation.contains(said), "{}", problem.explanation);
            }
        }
    }
}

#[test]
fn the_grant_and_the_scopes_of_the_request_choose_the_explanation() {
    let scopes = ["openid".to_owned(), "offline_access".to_owned()];
    let flow = changed_flow(ResponseType::Code, |request| request.scopes = scopes.to_vec());
    let parameters = [
        ("error", "invalid_scope"),
        ("error_description", "some of requested scopes are not whitelisted"),
        ("state", &*flow.state),
    ];
    let answer = judged(flow.pending, &received(ResponseMode::Query, &parameters));
    let AuthorizationOutcome::ProviderError(problem) = answer.outcome else { panic!("{answer:?}") };
    assert!(problem.fix.is_some(), "{problem:?}");
}

#[test]
fn token_endpoint_client_secret_basic_post_and_none() {
    for method in [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None] {
        let flow = flow(ResponseType::Code, None);
        let verifier = flow.pending.verifier().clone();
        let client = ClientAuth::new(method, CLIENT, Some(Secret::from(SECRET))).unwrap();
        let endpoint = Url::parse(&format!("{ISSUER}/token")).unwrap();
        let (request, agreed) = code_of(flow, ResponseMode::Query).into_request(endpoint.clone(), &client);
        assert_eq!(
            (request.endpoint, request.method, &request.url),
            (Endpoint::Token, Method::Post, &endpoint)
        );
        assert_eq!(request.authorization.is_some(), method == AuthMethod::Basic);
        let mut expected = vec![
            ("grant_type", "authorization_code"),
            ("code", CODE),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier.expose()),
        ];
        match method {
            AuthMethod::Basic => {}
            AuthMethod::Post => expected.extend([("client_id", CLIENT), ("client_secret", SECRET)]),
            AuthMethod::None => expected.push(("client_id", CLIENT)),
        }
        let form = request.form.as_ref().unwrap();
        let sent: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
        assert_eq!(sent, expected);
        // Neither the verifier nor the code is printed.
        let printed = format!("{request:?}{agreed:?}");
        assert!(!printed.contains(verifier.expose()) && !printed.contains(CODE));
        assert_eq!(pkce::challenge(&verifier).len(), 43);
    }
}

#[test]
fn id_token_bad_c_hash_nonce_invalid_and_max_age_in_the_code_flow() {
    let flow = changed_flow(ResponseType::Code, |request| {
        request.max_age = Some(300);
        request.acr_values = vec![ACR.to_owned()];
    });
    let nonce = flow.nonce.clone();
    let client = ClientAuth::new(AuthMethod::None, CLIENT, None).unwrap();
    let endpoint = Url::parse(&format!("{ISSUER}/token")).unwrap();
    let (_, agreed) = code_of(flow, ResponseMode::Query).into_request(endpoint, &client);
    let access_token = Secret::from(ACCESS_TOKEN);
    let failed = |case: &Case| verify(case, agreed.expectations(Some(&access_token)));
    let good = Case::rs256().claim("nonce", nonce);
    assert_eq!(failed(&good), []);
    // Optional in this flow, and compared where they are there.
    assert_eq!(failed(&good.clone().no_claim("c_hash").no_claim("at_hash")), []);
    assert_eq!(failed(&good.clone().claim("c_hash", "LDktKdoQak3Pk0cnXxCltB")), [Check::IdTokenCodeHash]);
    assert_eq!(
        failed(&good.clone().claim("at_hash", "LDktKdoQak3Pk0cnXxCltB")),
        [Check::IdTokenAccessTokenHash]
    );
    // The nonce was sent, so it is due with a code as well.
    assert_eq!(failed(&good.clone().claim("nonce", "another")), [Check::IdTokenNonce]);
    assert_eq!(failed(&good.clone().no_claim("nonce")), [Check::IdTokenNonce]);
    assert_eq!(failed(&good.clone().claim("auth_time", NOW - 400)), [Check::IdTokenAuthTime]);
    assert_eq!(failed(&good.clone().no_claim("auth_time")), [Check::IdTokenAuthTime]);
    assert_eq!(failed(&good.claim("iss", json!("https://evil.example"))), [Check::IdTokenIssuer]);
}

#[test]
fn id_token_missing_and_bad_at_hash_and_nonce_invalid_in_the_implicit_flow() {
    let flow = flow(ResponseType::IdTokenToken, None);
    let good = Case::rs256().claim("nonce", flow.nonce.clone());
    let token = good.token();
    let tokens = tokens_of(
        flow,
        ResponseMode::Fragment,
        &[("id_token", &token), ("access_token", ACCESS_TOKEN), ("token_type", "Bearer")],
    );
    let failed = |case: &Case| verify(case, tokens.agreed.expectations(tokens.access_token.as_ref()));
    assert_eq!(failed(&good), []);
    assert_eq!(failed(&good.clone().no_claim("at_hash")), [Check::IdTokenAccessTokenHash]);
    assert_eq!(
        failed(&good.clone().claim("at_hash", "LDktKdoQak3Pk0cnXxCltB")),
        [Check::IdTokenAccessTokenHash]
    );
    assert_eq!(failed(&good.clone().claim("nonce", "another")), [Check::IdTokenNonce]);
    assert_eq!(failed(&good.no_claim("nonce")), [Check::IdTokenNonce]);
}
