//! v1's page "Get User Info", sentence by sentence, and what v2 does differently.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, UserRole};
use serde_json::json;

use crate::common::{bearer, decode, names, world};

const SAMPLE: &str = r#"{"sub":"32916209","email":"peggy.sue@onelogin.com","preferred_username":"peggy.sue","name":"Peggy Sue","updated_at":"2017-11-10T06:36:34.456Z","given_name":"Peggy","family_name":"Sue","groups":["Admin Role","User Role","Custom Roll"]}"#;

#[tokio::test]
async fn the_openid_profile_and_email_scopes_were_supplied() {
    let world = world().await;
    let json =
        world.password(V1, ClientRole::Documented, UserRole::PeggySue, "openid profile email").await.json();
    let me = world.me(V1, Some(&bearer(&json["access_token"]))).await;
    assert_eq!(me.literal(), (200, SAMPLE));
    assert_eq!(me.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_groups_claim_is_returned_if_its_scope_was_supplied_and_it_has_been_mapped() {
    let world = world().await;
    for (client, scope, groups) in [
        (ClientRole::Basic, "openid profile email groups", json!(["Admin Role", "User Role", "Custom Roll"])),
        (ClientRole::Basic, "openid profile email", json!(null)),
        (ClientRole::GroupsNotMapped, "openid profile email groups", json!(null)),
        (ClientRole::GroupsAsText, "openid profile email groups", json!("Admin Role;User Role;Custom Roll")),
    ] {
        for generation in [V1, V2] {
            let json = world.password(generation, client, UserRole::PeggySue, scope).await.json();
            let me = world.me(generation, Some(&bearer(&json["access_token"]))).await.json();
            assert_eq!(me["groups"], groups, "{client:?} {scope}");
            assert_eq!(decode(&json["id_token"]).1["groups"], groups, "{client:?} {scope}");
            assert_eq!(me.get("groups").is_some(), !groups.is_null());
        }
    }
    let json =
        world.password(V1, ClientRole::Basic, UserRole::PeggySue, "openid profile email groups").await.json();
    assert_eq!(world.me(V1, Some(&bearer(&json["access_token"]))).await.literal(), (200, SAMPLE));
}

#[tokio::test]
async fn no_scopes_were_supplied() {
    let world = world().await;
    for generation in [V1, V2] {
        let json = world.password(generation, ClientRole::Basic, UserRole::PeggySue, "").await.json();
        let me = world.me(generation, Some(&bearer(&json["access_token"]))).await;
        assert_eq!(me.literal(), (200, "{}"));
    }
}

#[tokio::test]
async fn the_authorization_header_is_missing() {
    let world = world().await;
    for generation in [V1, V2] {
        let me = world.me(generation, None).await;
        assert_eq!(
            me.literal(),
            (400, r#"{"error":"invalid_request","error_description":"no bearer token provided"}"#)
        );
    }
}

#[tokio::test]
async fn the_authorization_header_value_needs_to_be_bearer_access_token() {
    let world = world().await;
    for header in ["Bearer", "Bearer ", "token", "Basic YTpi", "Bearer two words"] {
        let me = world.me(V1, Some(header)).await;
        assert_eq!(
            me.literal(),
            (
                400,
                r#"{"error":"invalid_request","error_description":"invalid authorization header value format"}"#
            ),
            "{header}"
        );
    }
}

#[tokio::test]
async fn an_unknown_expired_or_foreign_token_is_invalid() {
    let world = world().await;
    let invalid = (401, r#"{"error":"invalid_token","error_description":"invalid token provided"}"#);
    let json = world.password(V1, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
    let token = bearer(&json["access_token"]);
    assert_eq!(world.me(V1, Some("Bearer unknown")).await.literal(), invalid);
    let foreign = world.me(V2, Some(&token)).await;
    assert_eq!(foreign.literal(), invalid, "a v1 token at a v2 endpoint");
    assert!(foreign.header("www-authenticate").starts_with("Bearer "));
    assert_eq!(world.me(V1, Some(&bearer(&json["refresh_token"]))).await.literal(), invalid);
    world.pass_time(3_599);
    assert_eq!(world.me(V1, Some(&token)).await.status, 200);
    world.pass_time(1);
    assert_eq!(world.me(V1, Some(&token)).await.literal(), invalid, "expired");
}

#[tokio::test]
async fn each_scope_brings_its_claims() {
    let world = world().await;
    for (scope, claims) in [
        ("openid", &["sub"][..]),
        ("openid email", &["sub", "email"]),
        ("openid name", &["sub", "name", "given_name", "family_name"]),
        ("openid phone", &["sub", "phone_number"]),
        ("openid groups", &["sub", "groups"]),
        ("openid params", &["sub", "params"]),
        ("openid profile", &["sub", "preferred_username", "name", "updated_at", "given_name", "family_name"]),
    ] {
        let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, scope).await.json();
        let me = world.me(V2, Some(&bearer(&json["access_token"]))).await.json();
        assert_eq!(names(&me), claims, "{scope}");
    }
}

#[tokio::test]
async fn one_application_gets_it_as_a_signed_jwt() {
    let world = world().await;
    let json =
        world.password(V2, ClientRole::SignedUserInfo, UserRole::PeggySue, "openid email").await.json();
    let me = world.me(V2, Some(&bearer(&json["access_token"]))).await;
    assert_eq!((me.status, me.header("content-type")), (200, "application/jwt; charset=utf-8"));
    let (header, claims) = decode(&json!(me.body));
    assert_eq!(header["alg"], "RS256");
    assert_eq!(names(&claims), ["sub", "email", "aud", "iss"]);
    assert_eq!(claims["iss"], world.simulator.issuer(V2));
    assert_eq!(claims["aud"], world.client(ClientRole::SignedUserInfo).client_id);
}
