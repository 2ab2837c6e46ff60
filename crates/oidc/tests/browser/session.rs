//! Introspection and revocation: requests, answers, and the proof that a token is dead.

use latchkey_oidc::catalogue::{Context, Grant};
use latchkey_oidc::client_auth::{AuthMethod, ClientAuth};
use latchkey_oidc::http::{Endpoint, HttpRequest, Method};
use latchkey_oidc::introspection::{self, Expectations, Introspection, TokenTypeHint};
use latchkey_oidc::{Check, Finding, Problem, ProblemKind, Secret, Status, revocation, token};
use serde_json::{Value, json};
use url::Url;

use crate::support::*;

fn client(method: AuthMethod) -> ClientAuth {
    ClientAuth::new(method, CLIENT, Some(Secret::from(SECRET))).unwrap()
}

fn introspected(body: Value) -> Result<(Introspection, Vec<Finding>), Problem> {
    let expect = Expectations { issuer: ISSUER, client_id: CLIENT, subject: Some(SUBJECT), now: NOW };
    introspection::parse(&json_answer(200, &body.to_string()), &expect, &Context::default())
}

#[test]
fn a_token_is_sent_with_credentials_in_one_place_and_a_public_client_sends_its_id_alone() {
    type Make = fn(Url, &ClientAuth, &Secret, Option<TokenTypeHint>) -> HttpRequest;
    for (make, endpoint) in [
        (introspection::request as Make, Endpoint::Introspection),
        (revocation::request as Make, Endpoint::Revocation),
    ] {
        for (hint, sent_hint) in [
            (None, None),
            (Some(TokenTypeHint::AccessToken), Some("access_token")),
            (Some(TokenTypeHint::RefreshToken), Some("refresh_token")),
        ] {
            for method in [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None] {
                let url = Url::parse(&format!("{ISSUER}/token/x")).unwrap();
                let request = make(url.clone(), &client(method), &Secret::from("rt-1"), hint);
                assert_eq!((request.endpoint, request.method), (endpoint, Method::Post));
                assert_eq!(request.url, url);
                assert_eq!(request.authorization.is_some(), method == AuthMethod::Basic);
                let mut expected = vec![("token", "rt-1")];
                expected.extend(sent_hint.map(|hint| ("token_type_hint", hint)));
                match method {
                    AuthMethod::Basic => {}
                    AuthMethod::Post => expected.extend([("client_id", CLIENT), ("client_secret", SECRET)]),
                    AuthMethod::None => expected.push(("client_id", CLIENT)),
                }
                let sent: Vec<(&str, &str)> = request
                    .form
                    .as_ref()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.expose()))
                    .collect();
                assert_eq!(sent, expected);
                assert!(!format!("{request:?}").contains("rt-1"));
            }
        }
    }
}

#[test]
fn an_active_token_must_agree_with_the_session() {
    let good = json!({
        "active": true, "iss": ISSUER, "client_id": CLIENT, "sub": SUBJECT, "exp": NOW + 60, "scope": "openid",
    });
    let (introspection, findings) = introspected(good.clone()).unwrap();
    assert!(introspection.active);
    assert_eq!(introspection.claims["scope"], "openid");
    assert_eq!(with_status(&findings, Status::Passed), [Check::Introspection, Check::IntrospectionClaims]);
    let (_, findings) = introspected(json!({ "active": true })).unwrap();
    assert_eq!(with_status(&findings, Status::Passed), [Check::Introspection, Check::IntrospectionClaims]);
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("client_id", json!("another-client")),
        ("sub", json!("another user")),
        ("sub", json!(7)),
        ("exp", json!(NOW - 61)),
        ("exp", json!("soon")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let (_, findings) = introspected(body).unwrap();
        assert_eq!(with_status(&findings, Status::Failed), [Check::IntrospectionClaims], "{name}");
        let finding = find(&findings, Check::IntrospectionClaims, Status::Failed);
        assert!(finding.received.contains(name), "{finding:?}");
    }
}

#[test]
fn a_token_that_is_not_active_is_no_error() {
    for (body, received) in [
        (json!({ "active": false }), "not active"),
        (json!({ "active": false, "sub": SUBJECT, "exp": 0 }), "not active, and 2 more members"),
    ] {
        let (introspection, findings) = introspected(body).unwrap();
        assert!(!introspection.active);
        assert_eq!(findings.len(), 1);
        assert_eq!(find(&findings, Check::Introspection, Status::Warning).received, received);
    }
}

#[test]
fn what_is_no_introspection_answer_is_a_problem() {
    for body in [json!({}), json!({ "active": "true" }), json!({ "active": null }), json!({ "active": 1 })] {
        assert_eq!(introspected(body).unwrap_err().kind, ProblemKind::Malformed);
    }
    let error =
        json!({ "error": "invalid_request", "error_description": "missing required parameter(s). (token)" });
    let problem = introspected(error.clone()).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::OauthError);
    let answer = json_answer(400, &error.to_string());
    let problem = introspection::parse(&answer, &Expectations::default(), &Context::default()).unwrap_err();
    assert_eq!((problem.endpoint, problem.http_status), (Some(Endpoint::Introspection), Some(400)));
    assert!(problem.explanation.contains("no token"), "{}", problem.explanation);
}

#[test]
fn revocation_is_done_by_its_status_whatever_the_body() {
    for answered in [answer(200, "", ""), json_answer(200, "{}"), answer(200, "text/html", "<p>done")] {
        let finding = revocation::parse(&answered, &Context::default()).unwrap();
        assert_eq!((finding.check, finding.status), (Check::Revocation, Status::Passed));
    }
    let finding = revocation::parse(&answer(204, "", ""), &Context::default()).unwrap();
    assert_eq!(finding.status, Status::Warning);
}

#[test]
fn a_second_revocation_at_onelogin_v1_and_a_refused_client_are_explained() {
    for (status, code, description, said) in [
        (
            400,
            "unsupported_token_type",
            "revocation of the presented token type is not supported",
            "revoked before",
        ),
        (401, "invalid_request", "Authentication Failed", "client"),
        (200, "unsupported_token_type", "", "revoked before"),
    ] {
        let body = json!({ "error": code, "error_description": description }).to_string();
        let problem = revocation::parse(&json_answer(status, &body), &Context::default()).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::OauthError);
        assert_eq!(problem.endpoint, Some(Endpoint::Revocation));
        assert_eq!(problem.code.as_deref(), Some(code));
        assert!(problem.explanation.contains(said), "{}", problem.explanation);
    }
    let problem = revocation::parse(&answer(503, "text/html", "<p>"), &Context::default()).unwrap_err();
    assert_eq!(problem.http_status, Some(503));
}

#[test]
fn a_revocation_is_proved_by_what_refuses_the_token_afterwards() {
    let proof = |active| {
        let (introspection, _) = introspected(json!({ "active": active })).unwrap();
        revocation::proof_by_introspection(&introspection).status
    };
    assert_eq!((proof(false), proof(true)), (Status::Passed, Status::Failed));

    let refused = |status, code: &str| {
        let context = Context { grant: Some(Grant::RefreshToken), ..Context::default() };
        token::parse(&json_answer(status, &json!({ "error": code }).to_string()), &[], &context).unwrap_err()
    };
    let by_refresh = |problem: Option<&Problem>| revocation::proof_by_use(Endpoint::Token, problem).status;
    assert_eq!(by_refresh(Some(&refused(400, "invalid_grant"))), Status::Passed);
    assert_eq!(by_refresh(None), Status::Failed);
    // Another reason proves nothing.
    assert_eq!(by_refresh(Some(&refused(401, "invalid_client"))), Status::NotDue);
    let broken = Problem::new(ProblemKind::TimedOut, "", "");
    assert_eq!(by_refresh(Some(&broken)), Status::NotDue);
    let by_userinfo = |problem: &Problem| revocation::proof_by_use(Endpoint::Userinfo, Some(problem)).status;
    assert_eq!(by_userinfo(&refused(401, "invalid_token")), Status::Passed);
    assert_eq!(by_userinfo(&broken), Status::NotDue);
}
