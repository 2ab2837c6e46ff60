//! Refresh tokens rotate, work once, and belong to one application at one issuer.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, UserRole};
use serde_json::Value;

use crate::common::{bearer, decode, names, world};

const INVALID_GRANT: (u16, &str) =
    (400, r#"{"error":"invalid_grant","error_description":"grant request is invalid"}"#);
const SCOPE: &str = "openid profile offline_access";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn each_refresh_gives_new_tokens_for_the_same_person_and_session() {
    let world = world().await;
    for generation in [V1, V2] {
        let first = world.password(generation, ClientRole::Post, UserRole::Sally, SCOPE).await.json();
        world.pass_time(60);
        let answer = world.refresh(generation, ClientRole::Post, text(&first["refresh_token"])).await;
        assert_eq!(answer.status, 200);
        let second = answer.json();
        for member in ["access_token", "refresh_token", "id_token"] {
            assert_ne!(first[member], second[member], "{member}");
        }
        let (before, after) = (decode(&first["id_token"]).1, decode(&second["id_token"]).1);
        for claim in ["iss", "sub", "aud", "sid", "name"] {
            assert_eq!(before[claim], after[claim], "{claim}");
        }
        assert_eq!(after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(), 60);
        assert_eq!(world.me(generation, Some(&bearer(&second["access_token"]))).await.status, 200);
    }
}

#[tokio::test]
async fn the_documented_application_gets_no_id_token_from_a_refresh_either() {
    let world = world().await;
    let first = world.password(V1, ClientRole::Documented, UserRole::Sally, "openid").await.json();
    let second = world.refresh(V1, ClientRole::Documented, text(&first["refresh_token"])).await.json();
    assert_eq!(names(&second), ["access_token", "expires_in", "token_type", "refresh_token"]);
}

#[tokio::test]
async fn a_used_refresh_token_is_invalid_and_in_v2_ends_its_whole_family() {
    let world = world().await;
    for generation in [V1, V2] {
        let first = world.password(generation, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
        let second = world.refresh(generation, ClientRole::Basic, text(&first["refresh_token"])).await.json();
        let reuse = world.refresh(generation, ClientRole::Basic, text(&first["refresh_token"])).await;
        assert_eq!(reuse.literal(), INVALID_GRANT);
        let survives = generation == V1;
        let me = world.me(generation, Some(&bearer(&second["access_token"]))).await;
        assert_eq!(me.status, if survives { 200 } else { 401 });
        let next = world.refresh(generation, ClientRole::Basic, text(&second["refresh_token"])).await;
        assert_eq!(next.status, if survives { 200 } else { 400 });
    }
}

#[tokio::test]
async fn another_application_or_issuer_cannot_use_it_and_does_not_use_it_up() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
    let token = text(&json["refresh_token"]);
    assert_eq!(world.refresh(V2, ClientRole::Post, token).await.literal(), INVALID_GRANT);
    assert_eq!(world.refresh(V1, ClientRole::Basic, token).await.literal(), INVALID_GRANT);
    assert_eq!(world.refresh(V2, ClientRole::Basic, "unknown").await.literal(), INVALID_GRANT);
    assert_eq!(world.refresh(V2, ClientRole::Basic, token).await.status, 200);
}

#[tokio::test]
async fn it_expires() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
    world.pass_time(30 * 86_400);
    assert_eq!(
        world.refresh(V2, ClientRole::Basic, text(&json["refresh_token"])).await.literal(),
        INVALID_GRANT
    );
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_not_for_more() {
    let world = world().await;
    let client = world.client(ClientRole::Basic);
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&json["refresh_token"])),
        ("scope", "openid"),
    ];
    let less = world.post(V2, "/token", &client, &fields).await.json();
    assert_eq!(less["scope"], "openid");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&less["refresh_token"])),
        ("scope", "openid profile"),
    ];
    let all_again = world.post(V2, "/token", &client, &fields).await.json();
    assert_eq!(all_again["scope"], "openid profile");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&all_again["refresh_token"])),
        ("scope", "openid groups"),
    ];
    assert_eq!(world.post(V2, "/token", &client, &fields).await.json()["error"], "invalid_scope");
    assert_eq!(
        world.refresh(V2, ClientRole::Basic, text(&all_again["refresh_token"])).await.status,
        200,
        "a request that asks for too much does not use the token up"
    );
}

#[tokio::test]
async fn a_code_is_nobodys_as_long_as_none_is_handed_out() {
    let world = world().await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", "c"),
        ("redirect_uri", "http://localhost:8080/callback"),
    ];
    let answer = world.post(V2, "/token", &world.client(ClientRole::Basic), &fields).await;
    assert_eq!(answer.literal(), INVALID_GRANT);
}
