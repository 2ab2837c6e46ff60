//! OneLogin's page “Get User Info”, sentence by sentence.

use latchkey_client::report::Outcome;
use latchkey_oidc::http::{Endpoint, Method};
use latchkey_oidc::{Check, ProblemKind, Status};
use latchkey_simulator::{AnswerFault, ClientRole, Faults, Generation, TokenFault, UserInfoFault, UserRole};
use serde_json::{Value, json};
use support::flows::{
    Flow, SCOPES, assert_problem, assert_rejected, assert_signed_in, finding, problem, status,
};

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];

fn replaced(status: u16, body: &str) -> Faults {
    Faults {
        userinfo: Some(AnswerFault::Replace {
            status,
            content_type: Some("application/json".to_owned()),
            headers: Vec::new(),
            body: body.to_owned(),
        }),
        ..Faults::default()
    }
}

#[tokio::test]
async fn the_request_is_a_get_with_the_bearer_token_in_the_header_alone() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_signed_in(&report);
        let traffic = flow.traffic(&connection);
        let exchange = traffic.iter().find(|exchange| exchange.name == Endpoint::Userinfo).unwrap();
        assert_eq!(exchange.method, Method::Get);
        assert_eq!(exchange.url, format!("{}/me", connection.issuer));
        assert_eq!(exchange.request_form, None);
        let fingerprint = &report.tokens.access_token.as_ref().unwrap().fingerprint;
        let header = exchange.request_headers.iter().find(|header| header.name == "authorization").unwrap();
        assert_eq!(header.value, format!("Bearer [access_token {fingerprint}]"));
    }
}

#[tokio::test]
async fn the_sample_response_of_peggy_sue() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::Documented).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, "openid profile email").await;
    assert_signed_in(&report);
    let expected = json!({
        "sub": "32916209",
        "email": "peggy.sue@onelogin.com",
        "preferred_username": "peggy.sue",
        "name": "Peggy Sue",
        "updated_at": "2017-11-10T06:36:34.456Z",
        "given_name": "Peggy",
        "family_name": "Sue",
        "groups": ["Admin Role", "User Role", "Custom Roll"],
    });
    assert_eq!(report.userinfo, Some(expected));
    assert_eq!(report.who.as_deref(), Some("Peggy Sue"));
    assert_eq!(finding(&report, Check::UserInfo).received, "8 claims");
    // No ID token came, so there is nothing to compare with.
    assert_eq!(status(&report, Check::UserInfoSubject), Status::NotDue);
}

#[tokio::test]
async fn the_subject_is_compared_with_the_id_tokens() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::UserInfoSubject), Status::Passed);
        assert_eq!(finding(&report, Check::UserInfoSubject).expected, "32916209");
    }
}

#[tokio::test]
async fn no_scopes_were_supplied_and_an_empty_object_came() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Documented).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, "").await;
        assert_signed_in(&report);
        assert_eq!(report.userinfo, Some(json!({})));
        let finding = finding(&report, Check::UserInfo);
        assert_eq!(finding.status, Status::Warning);
        assert!(finding.remedy.as_ref().unwrap().contains("granted without scopes"));
    }
}

#[tokio::test]
async fn an_empty_object_is_explained_although_scopes_were_asked_for() {
    let flow =
        Flow::faulty(Faults { userinfo_claims: Some(UserInfoFault::Empty), ..Faults::default() }).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert!(finding(&report, Check::UserInfo).remedy.as_ref().unwrap().contains("without scopes"));
}

#[tokio::test]
async fn the_authorization_header_is_missing() {
    let flow = Flow::faulty(replaced(
        400,
        r#"{"error":"invalid_request","error_description":"no bearer token provided"}"#,
    ))
    .await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        assert_problem(&report, ProblemKind::OauthError, "without an access token", "a proxy removes it");
        assert_eq!(problem(&report).endpoint, Some(Endpoint::Userinfo));
        assert_eq!(report.userinfo, None);
    }
}

#[tokio::test]
async fn the_authorization_header_needs_to_be_bearer_and_the_token() {
    let flow = Flow::faulty(replaced(
        400,
        r#"{"error":"invalid_request","error_description":"invalid authorization header value format"}"#,
    ))
    .await;
    let connection = flow.connection(Generation::V1, ClientRole::Basic).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_problem(
        &report,
        ProblemKind::OauthError,
        "Bearer, one space, and the access token",
        "not the ID token",
    );
}

#[tokio::test]
async fn an_invalid_token_is_refused_by_the_tenant_itself() {
    let flow = Flow::start().await;
    for generation in BOTH {
        flow.fault(Faults {
            token_answer: Some(TokenFault::Set(
                "access_token".to_owned(),
                json!("not-a-token-of-this-tenant"),
            )),
            id_token: Some(latchkey_simulator::IdTokenFault::Absent),
            ..Faults::default()
        });
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        let problem = problem(&report);
        assert_eq!(problem.http_status, Some(401));
        assert_eq!(problem.code.as_deref(), Some("invalid_token"));
        assert_eq!(problem.description.as_deref(), Some("invalid token provided"));
        assert_problem(&report, ProblemKind::OauthError, "expired, was revoked", "Access Token Timeout");
    }
}

#[tokio::test]
async fn groups_need_the_scope_and_the_mapped_parameter() {
    let flow = Flow::start().await;
    let with_groups = "openid profile groups";
    for (role, user, expected, check) in [
        (
            ClientRole::Basic,
            UserRole::PeggySue,
            Some(json!(["Admin Role", "User Role", "Custom Roll"])),
            Status::Passed,
        ),
        (
            ClientRole::GroupsAsText,
            UserRole::PeggySue,
            Some(json!("Admin Role;User Role;Custom Roll")),
            Status::Warning,
        ),
        (ClientRole::GroupsNotMapped, UserRole::PeggySue, None, Status::Warning),
        (ClientRole::Basic, UserRole::NoGroups, None, Status::Warning),
    ] {
        for generation in BOTH {
            let mut draft = flow.draft(generation, role);
            draft.name = format!("{role:?} {user:?} {generation}");
            let connection = flow.saved(draft).await;
            let report = flow.sign_in(&connection, user, with_groups).await;
            assert_signed_in(&report);
            assert_eq!(report.userinfo.as_ref().unwrap().get("groups"), expected.as_ref());
            assert_eq!(status(&report, Check::Groups), check, "{role:?} {user:?}");
            let note = report.notes.iter().find(|note| note.title.contains("No groups came back"));
            assert_eq!(note.is_some(), expected.is_none(), "{:?}", report.notes);
            if let Some(note) = note {
                assert!(note.remedy.contains("Parameters › Groups"), "{}", note.remedy);
                assert!(note.remedy.contains("Semicolon Delimited Input"), "{}", note.remedy);
            }
        }
    }
    // Not asked for: no finding and no note.
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert!(report.findings.iter().all(|finding| finding.check != Check::Groups));
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[tokio::test]
async fn a_scope_that_brings_nothing_is_noted_with_its_setting() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, "openid phone params address").await;
    assert_signed_in(&report);
    let titles: Vec<&str> = report.notes.iter().map(|note| note.title.as_str()).collect();
    assert_eq!(titles, ["Nothing came back for the scope address."]);
    let userinfo = report.userinfo.as_ref().unwrap();
    assert_eq!(userinfo["params"], json!({"department": "Finance", "cost_centre": "4711"}));
    assert!(userinfo["phone_number"].is_string());
}

#[tokio::test]
async fn updated_at_is_read_in_its_three_shapes() {
    use latchkey_simulator::UpdatedAt::{Iso8601, Milliseconds, Seconds};
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for (shape, value) in [
        (Iso8601, json!("2017-11-10T06:36:34.456Z")),
        (Milliseconds, json!(1_510_295_794_456_i64)),
        (Seconds, json!(1_510_295_794)),
    ] {
        flow.fault(Faults { updated_at: Some(shape), ..Faults::default() });
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_signed_in(&report);
        assert_eq!(report.userinfo.as_ref().unwrap()["updated_at"], value);
        let finding = finding(&report, Check::UpdatedAt);
        assert_eq!(finding.status, Status::Passed);
        assert!(finding.received.contains("2017-11-10 06:36:34"), "{}", finding.received);
    }
}

#[tokio::test]
async fn userinfo_sig_a_signed_answer_is_verified_with_the_providers_keys() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::SignedUserInfo).await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::UserInfoSignature), Status::Passed);
        assert_eq!(
            report.userinfo.as_ref().and_then(|claims| claims.get("sub")),
            Some(&Value::from("32916209"))
        );
    }
}

#[tokio::test]
async fn userinfo_sig_a_broken_signature_refuses_the_sign_in() {
    use latchkey_simulator::{IdTokenFault, SignatureFault};
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V2, ClientRole::SignedUserInfo).await;
    for fault in [
        IdTokenFault::Signature(SignatureFault::Broken),
        IdTokenFault::Signature(SignatureFault::OtherKey),
        IdTokenFault::Signature(SignatureFault::None("none".to_owned())),
        IdTokenFault::Claim(latchkey_simulator::ClaimFault::WrongIssuer),
        IdTokenFault::Claim(latchkey_simulator::ClaimFault::WrongAudience),
    ] {
        flow.fault(Faults { userinfo_claims: Some(UserInfoFault::Jwt(fault.clone())), ..Faults::default() });
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_rejected(&report, Check::UserInfoSignature);

        flow.assert_nothing_kept(&connection).await;
    }
}
