//! OneLogin's page “Resource Owner Password Grant”, request and success answers, sentence by sentence.
//! Its errors are in `password_errors`.

use latchkey_client::report::Kept;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Check, Secret, Status};
use latchkey_simulator::{ClientRole, Generation, UserRole};
use support::flows::{Flow, OFFLINE, SCOPES, assert_signed_in, finding, sent, status};

/// Names and values of the form as recorded.
fn form(flow: &Flow, connection: &latchkey_client::connection::Connection) -> Vec<(String, String)> {
    let traffic = flow.traffic(connection);
    let exchange = traffic.iter().find(|exchange| exchange.name == Endpoint::Token).unwrap();
    let fields = exchange.request_form.clone().unwrap();
    fields.into_iter().map(|field| (field.name, field.value)).collect()
}

fn header(flow: &Flow, connection: &latchkey_client::connection::Connection, name: &str) -> Option<String> {
    let traffic = flow.traffic(connection);
    let exchange = traffic.iter().find(|exchange| exchange.name == Endpoint::Token).unwrap();
    exchange.request_headers.iter().find(|header| header.name == name).map(|header| header.value.clone())
}

#[tokio::test]
async fn the_sample_request_and_its_sample_response() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::Documented).await;
    assert_eq!(connection.client_id, "ba88ac70-1234-0135-527a");

    let report = flow.sign_in(&connection, UserRole::Rich, "openid").await;

    assert_signed_in(&report);
    // username=rich&password=password&client_id=ba88ac70-1234-0135-527a&grant_type=password&scope=openid
    let mut fields = form(&flow, &connection);
    fields.sort();
    let expected = [
        ("client_id", "ba88ac70-1234-0135-527a"),
        ("grant_type", "password"),
        ("password", "[password]"),
        ("scope", "openid"),
        ("username", "rich"),
    ];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(
        header(&flow, &connection, "authorization").unwrap(),
        "Basic ba88ac70-1234-0135-527a:[client secret]"
    );
    assert_eq!(header(&flow, &connection, "content-type").unwrap(), "application/x-www-form-urlencoded");
    // access_token, expires_in 3600, token_type Bearer, refresh_token; and no ID token.
    assert_eq!(report.tokens.access_token.as_ref().unwrap().expires_in, Some(3_600));
    assert_eq!(status(&report, Check::TokenType), Status::Passed);
    assert!(report.tokens.refresh_token.is_some());
    assert!(report.tokens.id_token.is_none() && report.id_token.is_none());
    let finding = finding(&report, Check::IdToken);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.remedy.as_ref().unwrap().contains("nothing could be verified"), "{finding:?}");
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    assert_eq!(report.who.as_deref(), Some("41870001"));
}

#[tokio::test]
async fn each_client_authentication_puts_its_credentials_in_one_place() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
            assert_signed_in(&report);

            let fields = form(&flow, &connection);
            let has = |name: &str| fields.iter().any(|(field, _)| field == name);
            let in_header = header(&flow, &connection, "authorization").is_some();
            let expected = match role {
                ClientRole::Basic => (true, false),
                ClientRole::Post => (false, true),
                _ => (false, false),
            };
            assert_eq!((in_header, has("client_secret")), expected, "{generation} {role:?}");
            // v1 asks for the id in the body even beside the header.
            assert_eq!(has("client_id"), role != ClientRole::Basic || generation == Generation::V1);
            assert_eq!(fields.iter().filter(|(name, _)| name == "scope").count(), 1);
        }
    }
}

#[tokio::test]
async fn profile_and_email_bring_more_in_the_id_token_and_userinfo() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;

    let little = flow.sign_in(&connection, UserRole::PeggySue, "openid").await;
    let more = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;

    for (report, there) in [(little, false), (more, true)] {
        assert_signed_in(&report);
        let claims = &report.id_token.as_ref().unwrap().claims;
        let userinfo = report.userinfo.as_ref().unwrap();
        for name in ["email", "given_name"] {
            assert_eq!(claims.get(name).is_some(), there, "{name} in the ID token");
            assert_eq!(userinfo.get(name).is_some(), there, "{name} in UserInfo");
        }
        assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed);
    }
}

#[tokio::test]
async fn a_refresh_token_comes_only_with_a_refresh_token_timeout() {
    let flow = Flow::start().await;
    let without = flow.connection(Generation::V1, ClientRole::NoRefreshToken).await;
    let report = flow.sign_in(&without, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::None);
    assert_eq!(flow.stored(&without).await, None);

    // Asked for and not come: said, with the setting.
    let report = flow.sign_in(&without, UserRole::PeggySue, OFFLINE).await;
    assert_signed_in(&report);
    let finding = finding(&report, Check::RefreshToken);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.remedy.as_ref().unwrap().contains("Refresh Token Timeout"));

    let with = flow.connection(Generation::V1, ClientRole::Basic).await;
    let report = flow.sign_in(&with, UserRole::PeggySue, SCOPES).await;
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    assert_eq!(flow.stored(&with).await, flow.in_memory(&with));
}

#[tokio::test]
async fn v2_needs_offline_access_for_a_refresh_token() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::None);
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    assert_eq!(status(&report, Check::RefreshToken), Status::Passed);
    assert_eq!(status(&report, Check::IdTokenRefreshTokenHash), Status::Passed);
}

#[tokio::test]
async fn the_deprecated_refresh_token_member_is_read_and_told() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::OldRefreshToken).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    let finding = finding(&report, Check::DeprecatedRefreshToken);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.remedy.as_ref().unwrap().contains("December 2018"));
    let body = flow.traffic(&connection)[1].response_body.clone();
    let body = body.map(|body| body.text).unwrap_or_default();
    let token = flow.stored(&connection).await.unwrap();
    assert!(!body.contains(token.expose()), "the refresh token is recorded");
}

#[tokio::test]
async fn the_deprecated_member_alone_is_enough() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::OldRefreshToken).await;
    flow.fault(latchkey_simulator::Faults {
        token_answer: Some(latchkey_simulator::TokenFault::Remove("refresh_token".to_owned())),
        ..Default::default()
    });
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    flow.fault(Default::default());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn secrets_with_every_character_that_form_encoding_has_to_get_right() {
    let secret = "a+b c&d=e%f:g/h?i\"j\\kü~*-._";
    let app = |id: &str, method| latchkey_simulator::Client::new(id, method, Some(secret));
    let options = latchkey_simulator::Options {
        more_clients: vec![
            app("odd id+basic", latchkey_simulator::AuthMethod::Basic),
            app("odd id+post", latchkey_simulator::AuthMethod::Post),
        ],
        more_users: vec![latchkey_simulator::User::new("77", "odd+user name@acme", secret, "Odd", "One")],
        ..Default::default()
    };
    let flow = Flow::with(support::flows::Setup { options, ..Default::default() }).await;
    for (role, id) in [(ClientRole::Basic, "odd id+basic"), (ClientRole::Post, "odd id+post")] {
        let mut draft = flow.draft(Generation::V2, role);
        draft.client_id = id.to_owned();
        draft.client_secret = Some(Secret::from(secret));
        let connection = flow.saved(draft).await;
        let mut typed = flow.typed(UserRole::PeggySue, SCOPES);
        typed.username = "odd+user name@acme".to_owned();
        typed.password = Secret::from(secret);
        let report = flow.submit(&connection, typed).await;
        assert_signed_in(&report);
        assert_eq!(sent(&report).len(), if role == ClientRole::Basic { 4 } else { 3 });
    }
}
