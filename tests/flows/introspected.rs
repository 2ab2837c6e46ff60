//! What introspection said of the access token, as long as that token is the session's.

use latchkey_client::client::TokenChoice;
use latchkey_client::connection::Connection;
use latchkey_client::session_report::SessionOutcome;
use latchkey_oidc::{Secret, claims};
use latchkey_simulator::{AnswerFault, Faults, UserRole};
use serde_json::{Value, json};
use support::flows::{Flow, OFFLINE, assert_signed_in};
use tokio_util::sync::CancellationToken;

async fn introspect(flow: &Flow, connection: &Connection, token: TokenChoice) {
    let report = flow.client.introspect(connection, token, None, CancellationToken::new()).await.unwrap();
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
}

fn remembered(flow: &Flow, connection: &Connection) -> Option<Value> {
    flow.client.desk(&connection.id).session.as_ref().and_then(|session| session.introspection.clone())
}

#[tokio::test]
async fn the_access_tokens_introspection_stands_beside_the_other_claims() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    assert_eq!(remembered(&flow, &connection), None);
    introspect(&flow, &connection, TokenChoice::AccessToken).await;

    let session = flow.client.desk(&connection.id).session.unwrap();
    let id_token = session.id_token_claims.clone().map(Value::Object);
    let userinfo = session.userinfo.clone().map(Value::Object);
    let introspection = session.introspection.as_ref();
    let view = claims::view(id_token.as_ref(), userinfo.as_ref(), introspection, &session.asked, true);
    let row = |name: &str| view.rows.iter().find(|row| row.name == name).unwrap();
    assert_eq!(row("active").introspection, Some(json!(true)));
    assert_eq!(row("client_id").introspection, Some(json!(connection.client_id)));
    assert_eq!(row("sub").introspection, row("sub").id_token);
    assert_eq!(row("iss").introspection, row("iss").id_token);
    assert!(row("exp").reading.as_ref().unwrap().contains("introspection: "), "{:?}", row("exp"));
    assert!(view.rows.iter().all(|row| !row.differs), "{:#?}", view.rows);
}

#[tokio::test]
async fn another_tokens_introspection_is_not_the_access_tokens() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    for token in [TokenChoice::RefreshToken, TokenChoice::Given(Secret::from("one that nobody issued"))] {
        introspect(&flow, &connection, token).await;
        assert_eq!(remembered(&flow, &connection), None);
    }
    // The same token, pasted, is the session's.
    let token = flow.client.desk(&connection.id).session.unwrap().access_token.clone().unwrap();
    introspect(&flow, &connection, TokenChoice::Given(token)).await;
    assert_eq!(remembered(&flow, &connection).unwrap()["active"], json!(true));
}

#[tokio::test]
async fn introspection_is_forgotten_with_its_token() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;

    introspect(&flow, &connection, TokenChoice::AccessToken).await;
    assert!(remembered(&flow, &connection).is_some());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
    assert_eq!(remembered(&flow, &connection), None, "the refresh brought another access token");

    introspect(&flow, &connection, TokenChoice::AccessToken).await;
    assert!(remembered(&flow, &connection).is_some());
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await.as_ref());
    assert_eq!(remembered(&flow, &connection), None);

    introspect(&flow, &connection, TokenChoice::AccessToken).await;
    assert!(remembered(&flow, &connection).is_some());
    flow.client.forget(&connection.id).await.unwrap();
    assert!(flow.client.desk(&connection.id).session.is_none());
}

#[tokio::test]
async fn after_a_revocation_the_session_knows_that_the_token_is_not_active() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    introspect(&flow, &connection, TokenChoice::AccessToken).await;
    assert_eq!(remembered(&flow, &connection).unwrap()["active"], json!(true));
    let revoked =
        flow.client.revoke(&connection, TokenChoice::AccessToken, None, CancellationToken::new()).await;
    assert_eq!(revoked.unwrap().outcome, SessionOutcome::Done);
    assert_eq!(remembered(&flow, &connection), Some(json!({"active": false})));
}

#[tokio::test]
async fn h26_an_introspection_that_echoes_secrets_is_remembered_without_them() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let refresh_token = flow.signed_in(&connection).await;
    let access_token = flow.client.desk(&connection.id).session.unwrap().access_token.clone().unwrap();
    let echo = json!({"active": true, "token": access_token.expose(), "x": [refresh_token.expose()]});
    flow.fault(Faults {
        introspection: Some(AnswerFault::Replace {
            status: 200,
            content_type: Some("application/json".to_owned()),
            headers: Vec::new(),
            body: echo.to_string(),
        }),
        ..Faults::default()
    });
    introspect(&flow, &connection, TokenChoice::AccessToken).await;
    let kept = remembered(&flow, &connection).unwrap();
    assert_eq!(kept["active"], json!(true));
    let kept = kept.to_string();
    assert!(!kept.contains(access_token.expose()) && !kept.contains(refresh_token.expose()), "{kept}");
    assert!(kept.contains(&access_token.fingerprint()), "{kept}");
}
