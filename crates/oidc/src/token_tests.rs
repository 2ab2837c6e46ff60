use serde_json::json;

use super::*;
use crate::client_auth::AuthMethod;
use crate::finding::any_failed;
use crate::support::{CLIENT, SECRET, find, json_answer, with_status};

type Parsed = Result<(TokenAnswer, Vec<Finding>), Problem>;

/// A complete answer with some members changed; null stays null.
fn answered(changes: Value, scopes: &[&str]) -> Parsed {
    let mut body = json!({ "access_token": "at-1", "token_type": "Bearer" });
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    parse(&json_answer(200, &body.to_string()), &scopes, &Context::default())
}

fn url() -> Url {
    Url::parse("https://acme.onelogin.com/oidc/2/token").unwrap()
}

fn client(method: AuthMethod) -> ClientAuth {
    ClientAuth::new(method, CLIENT, Some(Secret::from(SECRET))).unwrap()
}

fn fields(request: &HttpRequest) -> Vec<(&str, &str)> {
    request.form.as_ref().unwrap().iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

#[test]
fn credentials_stand_in_one_place_and_never_in_the_url() {
    for generation in [Generation::OneloginV1, Generation::OneloginV2, Generation::Other] {
        for method in [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None] {
            let scopes = ["openid".to_owned(), "groups".to_owned()];
            let client = client(method);
            let password =
                password_request(url(), &client, "peggy.sue", &Secret::from("hunter2"), &scopes, generation);
            let refresh = refresh_request(url(), &client, &Secret::from("rt-1"));
            for request in [&password, &refresh] {
                assert_eq!((request.method, request.endpoint), (Method::Post, Endpoint::Token));
                assert_eq!(request.url, url());
                let in_form = |name: &str| fields(request).iter().filter(|(known, _)| *known == name).count();
                assert_eq!(request.authorization.is_some(), method == AuthMethod::Basic);
                assert_eq!(in_form("client_secret"), usize::from(method == AuthMethod::Post));
                assert!(in_form("client_id") <= 1);
            }
            assert!(fields(&password).contains(&("scope", "openid groups")));
            // The scope stays what it was; repeating it breaks several providers.
            assert!(!fields(&refresh).iter().any(|(name, _)| *name == "scope"));
            // The old generation wants the identifier in the body, which is no credential.
            let both = generation == Generation::OneloginV1 && method == AuthMethod::Basic;
            let identified = fields(&password).iter().any(|(name, _)| *name == "client_id");
            assert_eq!(identified, both || method != AuthMethod::Basic);
        }
    }
}

#[test]
fn secrets_in_a_request_know_what_they_are() {
    let password = password_request(
        url(),
        &client(AuthMethod::Post),
        "u",
        &Secret::from("p"),
        &[],
        Generation::OneloginV2,
    );
    for (name, value) in password.form.unwrap() {
        let credential = matches!(value, FieldValue::Credential(_));
        assert_eq!(credential, matches!(name.as_str(), "password" | "client_secret"), "{name}");
        assert_ne!(name, "scope", "an empty scope must not be sent");
    }
    let refresh = refresh_request(url(), &client(AuthMethod::None), &Secret::from("rt"));
    assert!(matches!(&refresh.form.unwrap()[1], (name, FieldValue::Token(_)) if name == "refresh_token"));
}

#[test]
fn a_full_answer_is_read() {
    let (answer, findings) = answered(
        json!({ "refresh_token": "rt-1", "id_token": "a.b.c", "expires_in": 3600, "scope": "openid  groups" }),
        &["openid", "groups"],
    )
    .unwrap();
    assert!(!any_failed(&findings));
    assert_eq!(answer.access_token.expose(), "at-1");
    assert_eq!(answer.refresh_token.unwrap().expose(), "rt-1");
    assert_eq!(answer.id_token.unwrap().expose(), "a.b.c");
    assert_eq!(answer.expires_in, Some(3600));
    assert_eq!(answer.scope.unwrap(), ["openid", "groups"]);
    find(&findings, Check::GrantedScope, Status::Passed);
}

#[test]
fn members_of_the_wrong_shape_are_refused_and_never_shown_where_they_may_be_tokens() {
    for (changes, name) in [
        (json!({ "access_token": 7 }), "access_token"),
        (json!({ "access_token": ["canary"] }), "access_token"),
        (json!({ "access_token": { "value": "canary" } }), "access_token"),
        (json!({ "access_token": "canary\r\nX-Injected: 1" }), "access_token"),
        (json!({ "access_token": "canäry" }), "access_token"),
        (json!({ "refresh_token": true }), "refresh_token"),
        (json!({ "refreshToken": ["canary"] }), "refreshToken"),
        (json!({ "id_token": { "canary": 1 } }), "id_token"),
        (json!({ "id_token": "canary\u{0}" }), "id_token"),
        (json!({ "token_type": 1 }), "token_type"),
        (json!({ "expires_in": "3600" }), "expires_in"),
        (json!({ "expires_in": -1 }), "expires_in"),
        (json!({ "expires_in": 1e30 }), "expires_in"),
        (json!({ "scope": ["openid"] }), "scope"),
    ] {
        let problem = answered(changes.clone(), &[]).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Malformed, "{changes}");
        assert!(problem.explanation.contains(name), "{changes}: {}", problem.explanation);
        let said = format!("{problem:?}");
        assert!(!said.contains("canary") && !said.contains("canäry"), "{said}");
    }
}

#[test]
fn an_access_token_is_always_due() {
    for nothing in [json!(null), json!("")] {
        let problem = answered(json!({ "access_token": nothing }), &[]).unwrap_err();
        assert!(problem.explanation.contains("no access token"), "{}", problem.explanation);
    }
}

#[test]
fn the_old_member_for_refresh_tokens_is_read_and_said() {
    let (answer, findings) = answered(json!({ "refreshToken": "old" }), &["offline_access"]).unwrap();
    assert_eq!(answer.refresh_token.unwrap().expose(), "old");
    find(&findings, Check::DeprecatedRefreshToken, Status::Warning);
    let (answer, findings) = answered(json!({ "refreshToken": "old", "refresh_token": "new" }), &[]).unwrap();
    assert_eq!(answer.refresh_token.unwrap().expose(), "new");
    let finding = find(&findings, Check::DeprecatedRefreshToken, Status::Warning);
    assert!(finding.received.contains("another value") && !finding.received.contains("old"));
    let (_, findings) = answered(json!({ "refresh_token": "new" }), &[]).unwrap();
    assert!(!findings.iter().any(|finding| finding.check == Check::DeprecatedRefreshToken));
}

#[test]
fn a_refresh_token_that_was_asked_for_and_did_not_come_is_a_warning() {
    for (changes, scopes, status) in [
        (json!({ "refresh_token": "rt" }), &["offline_access"][..], Status::Passed),
        (json!({}), &["offline_access"], Status::Warning),
        (json!({ "refresh_token": "" }), &["offline_access"], Status::Warning),
        (json!({ "refresh_token": "rt" }), &["openid"], Status::NotDue),
        (json!({}), &["openid"], Status::NotDue),
    ] {
        let (_, findings) = answered(changes, scopes).unwrap();
        find(&findings, Check::RefreshToken, status);
    }
}

#[test]
fn scopes_that_were_not_granted_are_named() {
    let (_, findings) = answered(json!({ "scope": "openid" }), &["openid", "groups", "email"]).unwrap();
    let finding = find(&findings, Check::GrantedScope, Status::Warning);
    assert!(finding.remedy.unwrap().contains("groups, email"));
    // More than was asked for is no fault, and silence means all (RFC 6749 §5.1).
    let (_, findings) = answered(json!({ "scope": "openid groups extra" }), &["openid"]).unwrap();
    find(&findings, Check::GrantedScope, Status::Passed);
    let (_, findings) = answered(json!({}), &["openid"]).unwrap();
    assert!(!findings.iter().any(|finding| finding.check == Check::GrantedScope));
    let (_, findings) = answered(json!({ "scope": "" }), &[]).unwrap();
    let finding = find(&findings, Check::GrantedScope, Status::Passed);
    assert_eq!((&*finding.expected, &*finding.received), ("none", "none"));
    assert_eq!(with_status(&findings, Status::Failed), []);
}

#[test]
fn an_error_wins_over_the_tokens_beside_it() {
    for error in [json!("invalid_grant"), json!(null), json!({})] {
        let problem = answered(json!({ "error": error }), &[]).unwrap_err();
        assert!(matches!(problem.kind, ProblemKind::OauthError | ProblemKind::HttpStatus), "{problem:?}");
        assert!(!format!("{problem:?}").contains("at-1"));
    }
}
