use serde_json::json;

use super::*;
use crate::finding::any_failed;
use crate::support::{
    CLIENT, ISSUER, NOW, SECRET, SUBJECT, answer, compact, find, json_answer, jwk, key_set, with_status,
};

fn parsed(answer: &HttpAnswer, subject: Option<&str>) -> Result<UserInfo, Problem> {
    let secret = Secret::from(SECRET);
    let expect = Expectations {
        issuer: ISSUER,
        client_id: CLIENT,
        client_secret: Some(&secret),
        subject,
        algorithms: None,
        now: NOW,
    };
    parse(answer, Some(&key_set(&["RS256", "ES256"].map(jwk))), &expect, &Context::default())
}

fn signed(alg: &str, claims: &Value) -> HttpAnswer {
    let header = json!({ "alg": alg }).to_string();
    answer(200, "application/jwt; charset=utf-8", compact(alg, &header, &claims.to_string()))
}

fn failed(answer: &HttpAnswer) -> Vec<Check> {
    with_status(&parsed(answer, Some(SUBJECT)).unwrap().findings, Status::Failed)
}

#[test]
fn the_subject_is_compared_whatever_its_type() {
    for (claims, subject, status) in [
        (json!({ "sub": SUBJECT }), Some(SUBJECT), Status::Passed),
        (json!({ "sub": "32916210" }), Some(SUBJECT), Status::Failed),
        (json!({ "sub": 32_916_209 }), Some(SUBJECT), Status::Failed),
        (json!({ "sub": [SUBJECT] }), Some(SUBJECT), Status::Failed),
        (json!({ "sub": null }), Some(SUBJECT), Status::Failed),
        (json!({ "sub": "" }), Some(SUBJECT), Status::Failed),
        (json!({ "sub": "32916209 " }), Some(SUBJECT), Status::Failed),
        (json!({ "name": "Peggy" }), Some(SUBJECT), Status::Failed),
        (json!({}), Some(SUBJECT), Status::NotDue),
        // Without an ID token there is nothing to compare, and a sub is due all the same.
        (json!({ "sub": SUBJECT }), None, Status::NotDue),
        (json!({ "sub": "" }), None, Status::Failed),
        (json!({ "name": "Peggy" }), None, Status::Failed),
    ] {
        let info = parsed(&json_answer(200, &claims.to_string()), subject).unwrap();
        find(&info.findings, Check::UserInfoSubject, status);
        assert_eq!(any_failed(&info.findings), status == Status::Failed, "{claims}");
    }
}

#[test]
fn an_empty_answer_is_explained() {
    for answer in [json_answer(200, "{}"), json_answer(200, " { } ")] {
        let info = parsed(&answer, Some(SUBJECT)).unwrap();
        let finding = find(&info.findings, Check::UserInfo, Status::Warning);
        assert!(finding.remedy.unwrap().contains("without scopes"));
    }
}

#[test]
fn a_signed_answer_is_verified_with_every_kind_of_key() {
    for alg in ["RS256", "PS256", "ES256", "HS256"] {
        let info =
            parsed(&signed(alg, &json!({ "sub": SUBJECT, "iss": ISSUER, "aud": CLIENT })), Some(SUBJECT));
        let info = info.unwrap();
        assert!(info.findings.iter().all(|finding| finding.status == Status::Passed), "{:#?}", info.findings);
        assert!(!info.fresh_keys_may_help);
    }
}

#[test]
fn a_signed_answer_for_somebody_else_is_refused() {
    let signature = [Check::UserInfoSignature];
    for (claims, checks) in [
        (json!({ "sub": SUBJECT }), &[][..]),
        (json!({ "sub": SUBJECT, "aud": [CLIENT, "another"] }), &[]),
        (json!({ "sub": SUBJECT, "exp": NOW - 59 }), &[]),
        (json!({ "sub": SUBJECT, "iss": "https://evil.example" }), &signature),
        (json!({ "sub": SUBJECT, "iss": [ISSUER] }), &signature),
        (json!({ "sub": SUBJECT, "aud": "another" }), &signature),
        (json!({ "sub": SUBJECT, "aud": [] }), &signature),
        (json!({ "sub": SUBJECT, "aud": null }), &signature),
        (json!({ "sub": SUBJECT, "exp": NOW - 60 }), &signature),
        (json!({ "sub": SUBJECT, "exp": "1800000000" }), &signature),
        (json!({ "sub": "35666371" }), &[Check::UserInfoSubject]),
    ] {
        assert_eq!(failed(&signed("RS256", &claims)), checks, "{claims}");
    }
}

#[test]
fn a_bad_signature_is_one_failed_row() {
    let claims = json!({ "sub": SUBJECT }).to_string();
    for (alg, header) in [
        ("RS256", r#"{"alg":"none"}"#),
        ("RS256", r#"{"alg":"PS256"}"#),
        ("RS256", r#"{"alg":"HS256"}"#),
        ("ES256", r#"{"alg":"RS256"}"#),
        ("RS256", r#"{"alg":"RS256","kid":"rsa-9"}"#),
        ("RS256", r#"{"alg":"RS256","crit":["exp"]}"#),
        ("RS256", r#"{"alg":"RS256","typ":"at+jwt"}"#),
        ("RS256", r#"{"alg":"RS256","typ":"id_token+jwt"}"#),
    ] {
        let answer = answer(200, "application/jwt", compact(alg, header, &claims));
        assert_eq!(failed(&answer), [Check::UserInfoSignature], "{header}");
    }
    let unknown =
        answer(200, "application/jwt", compact("RS256", r#"{"alg":"RS256","kid":"rsa-9"}"#, &claims));
    assert!(parsed(&unknown, Some(SUBJECT)).unwrap().fresh_keys_may_help);
    let explicit =
        answer(200, "application/jwt", compact("RS256", r#"{"alg":"RS256","typ":"userinfo+jwt"}"#, &claims));
    assert_eq!(failed(&explicit), []);
}

#[test]
fn what_is_no_userinfo_at_all_is_a_problem() {
    let jwt = compact("RS256", r#"{"alg":"RS256"}"#, r#"{"sub":"1"}"#);
    for (answer, kind) in [
        (answer(200, "application/json", jwt.clone()), ProblemKind::Malformed),
        (answer(200, "text/plain", jwt), ProblemKind::NotJson),
        (answer(200, "application/jwt", "{\"sub\":\"1\"}"), ProblemKind::Malformed),
        (answer(200, "application/jwt", "a.b.c.d.e"), ProblemKind::Malformed),
        (answer(200, "application/jwt", [0xff, 0xfe]), ProblemKind::Malformed),
        (answer(200, "text/html", "<html>"), ProblemKind::NotJson),
        (answer(200, "application/json", ""), ProblemKind::NotJson),
        (json_answer(200, r#"["sub"]"#), ProblemKind::Malformed),
        (json_answer(200, r#"{"error":"invalid_token"}"#), ProblemKind::OauthError),
        (json_answer(401, r#"{"error":"invalid_token"}"#), ProblemKind::OauthError),
        (json_answer(500, r#"{"sub":"1"}"#), ProblemKind::HttpStatus),
    ] {
        let problem = parsed(&answer, Some(SUBJECT)).unwrap_err();
        assert_eq!((problem.kind, problem.endpoint), (kind, Some(Endpoint::Userinfo)), "{problem:?}");
    }
}

#[test]
fn the_token_goes_in_the_header_alone() {
    let request = request(Url::parse("https://acme.onelogin.com/oidc/2/me").unwrap(), &Secret::from("at-1"));
    assert_eq!(request.url.as_str(), "https://acme.onelogin.com/oidc/2/me");
    assert!(request.form.is_none() && matches!(request.authorization, Some(Authorization::Bearer(_))));
}
