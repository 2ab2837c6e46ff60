//! v1's page "Resource Owner Password Grant", sentence by sentence.

use crate::common::{NOW, bearer, decode, names, world};
use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, GrantType, UserRole};
use serde_json::Value;

#[tokio::test]
async fn the_sample_request_gets_the_members_of_the_sample_response_in_their_order() {
    let world = world().await;
    let client = world.client(ClientRole::Documented);
    let header = crate::common::basic(&client.client_id, client.client_secret.as_deref().unwrap());
    let answer = world
        .http
        .post(world.url(V1, "/token"))
        .header("authorization", header)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("username=rich&password=password&client_id=ba88ac70-1234-0135-527a&grant_type=password&scope=openid");
    let answer = crate::common::got(answer).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let json = answer.json();
    assert_eq!(names(&json), ["access_token", "expires_in", "token_type", "refresh_token"]);
    assert_eq!(json["expires_in"], 3600);
    assert_eq!(json["token_type"], "Bearer");
    assert!(!json["access_token"].as_str().unwrap().contains('.'), "v1's access tokens are opaque");
}

#[tokio::test]
async fn other_applications_get_an_id_token_in_v1_too() {
    let world = world().await;
    let json =
        world.password(V1, ClientRole::Basic, UserRole::PeggySue, "openid profile email groups").await.json();
    assert_eq!(names(&json), ["access_token", "expires_in", "token_type", "refresh_token", "id_token"]);
    let (header, claims) = decode(&json["id_token"]);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(claims["sub"], "32916209");
}

#[tokio::test]
async fn the_sample_id_token_has_its_claims_in_their_order() {
    let world = world().await;
    let json =
        world.password(V1, ClientRole::Basic, UserRole::Sally, "openid profile email groups").await.json();
    let (_, claims) = decode(&json["id_token"]);
    assert_eq!(
        names(&claims),
        [
            "sub",
            "email",
            "preferred_username",
            "name",
            "updated_at",
            "given_name",
            "family_name",
            "groups",
            "acr",
            "at_hash",
            "rt_hash",
            "aud",
            "exp",
            "iat",
            "iss",
        ]
    );
    assert_eq!(claims["sub"], "35666371");
    assert_eq!(claims["preferred_username"], "sally");
    assert_eq!(claims["name"], "Sally Tyler");
    assert_eq!(claims["updated_at"], "2018-04-12T21:55:56Z");
    assert_eq!(claims["groups"], serde_json::json!(["Admin Role", "User Role", "Custom Roll"]));
    assert_eq!(claims["acr"], "onelogin:nist:level:1:re-auth");
    assert_eq!(claims["aud"], "78d1d040-20c9-0136-5146-067351775fae92920");
    assert_eq!(claims["exp"], 1_523_577_359);
    assert_eq!(claims["iat"], NOW);
}

#[tokio::test]
async fn a_v2_id_token_has_the_claims_of_a_real_one() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid profile email").await.json();
    assert_eq!(names(&json), ["access_token", "expires_in", "id_token", "scope", "token_type"]);
    let (_, claims) = decode(&json["id_token"]);
    assert_eq!(
        names(&claims),
        [
            "sub",
            "email",
            "preferred_username",
            "name",
            "updated_at",
            "given_name",
            "family_name",
            "at_hash",
            "sid",
            "aud",
            "exp",
            "iat",
            "iss",
        ]
    );
    assert_eq!(claims["updated_at"], 1_510_295_794);
    let (_, access) = decode(&json["access_token"]);
    assert_eq!(names(&access), ["jti", "sub", "iss", "aud", "iat", "exp", "scope"]);
    assert_eq!(access["scope"], "openid profile email");
}

#[tokio::test]
async fn v2_gives_a_refresh_token_only_for_offline_access() {
    let world = world().await;
    let without = world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
    assert_eq!(without.get("refresh_token"), None);
    let with =
        world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid offline_access").await.json();
    assert!(with["refresh_token"].is_string());
    assert_eq!(with["scope"], "openid offline_access");
}

#[tokio::test]
async fn v1_gives_a_refresh_token_only_with_a_refresh_token_timeout() {
    let world = world().await;
    let json = world.password(V1, ClientRole::NoRefreshToken, UserRole::PeggySue, "openid").await.json();
    assert_eq!(json.get("refresh_token"), None);
}

#[tokio::test]
async fn the_deprecated_member_repeats_the_refresh_token_for_one_application() {
    let world = world().await;
    let json = world.password(V1, ClientRole::OldRefreshToken, UserRole::PeggySue, "openid").await.json();
    assert_eq!(json["refreshToken"], json["refresh_token"]);
    let json = world.password(V1, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
    assert_eq!(json.get("refreshToken"), None);
}

#[tokio::test]
async fn probably_an_invalid_client_id() {
    let world = world().await;
    for generation in [V1, V2] {
        let header = crate::common::basic("no-such-client", "secret");
        let answer = world.post_raw(generation, "/token", Some(&header), &[("grant_type", "password")]).await;
        assert_eq!(
            answer.literal(),
            (400, r#"{"error":"invalid_request","error_description":"Resource not found"}"#)
        );
    }
}

#[tokio::test]
async fn the_grant_type_must_be_one_that_exists_and_that_the_application_has() {
    let world = world().await;
    let answer = world.post(V1, "/token", &world.client(ClientRole::Basic), &[("grant_type", "xxxx")]).await;
    assert_eq!(
        answer.literal(),
        (
            400,
            r#"{"error":"unsupported_grant_type","error_description":"unsupported grant_type requested (xxxx)"}"#
        )
    );
    let client = world.client(ClientRole::NoPasswordGrant);
    assert!(!client.grants.contains(&GrantType::Password));
    let answer = world.password(V2, ClientRole::NoPasswordGrant, UserRole::PeggySue, "openid").await;
    assert_eq!(
        answer.literal(),
        (
            400,
            r#"{"error":"unsupported_grant_type","error_description":"unsupported grant_type requested (password)"}"#
        )
    );
}

#[tokio::test]
async fn the_authorization_header_is_invalid() {
    let world = world().await;
    for generation in [V1, V2] {
        for header in ["Basic", "Basic %%%", "Basic bm8tY29sb24=", "Bearer abc", "Basic OnNlY3JldA=="] {
            for path in ["/token", "/token/introspection", "/token/revocation"] {
                let answer =
                    world.post_raw(generation, path, Some(header), &[("grant_type", "password")]).await;
                assert_eq!(
                    answer.literal(),
                    (
                        400,
                        r#"{"error":"invalid_request","error_description":"invalid authorization header value format"}"#
                    ),
                    "{header}"
                );
            }
        }
    }
}

#[tokio::test]
async fn each_documented_failure_has_a_person_and_the_description_names_it() {
    let world = world().await;
    let failures = [
        (UserRole::Refused, "Authentication Failed"),
        (UserRole::WrongPassword, "Authentication Failed: Invalid user credentials"),
        (UserRole::MfaRequired, "MFA is required for this user"),
        (UserRole::Locked, "User is locked. Access is unauthorized"),
        (UserRole::Suspended, "User is suspended. Access is unauthorized"),
        (UserRole::PasswordExpired, "Password expired"),
        (UserRole::NotAssigned, "Access is unauthorized"),
    ];
    let described = serde_json::to_value(world.simulator.description()).unwrap();
    for (role, text) in failures {
        for generation in [V1, V2] {
            let answer = world.password(generation, ClientRole::Basic, role, "openid").await;
            let expected = format!(r#"{{"error":"invalid_request","error_description":"{text}"}}"#);
            assert_eq!(answer.literal(), (401, expected.as_str()));
        }
        let username = world.user(role).username;
        let entry = described["users"].as_array().unwrap().iter().find(|user| user["username"] == *username);
        assert_eq!(entry.unwrap()["outcome"], text);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_look_alike() {
    let world = world().await;
    let client = world.client(ClientRole::Post);
    for (username, password) in [("peggy.sue", "wrong"), ("nobody", "demo-peggy")] {
        let fields = [("grant_type", "password"), ("username", username), ("password", password)];
        let answer = world.post(V2, "/token", &client, &fields).await;
        assert_eq!(
            answer.literal(),
            (
                401,
                r#"{"error":"invalid_request","error_description":"Authentication Failed: Invalid user credentials"}"#
            )
        );
    }
}

#[tokio::test]
async fn a_missing_parameter_is_named() {
    let world = world().await;
    let client = world.client(ClientRole::Basic);
    for (fields, missing) in [
        (&[][..], "grant_type"),
        (&[("grant_type", "password"), ("password", "x")][..], "username"),
        (&[("grant_type", "password"), ("username", "x"), ("password", "")][..], "password"),
        (&[("grant_type", "refresh_token")][..], "refresh_token"),
    ] {
        let answer = world.post(V2, "/token", &client, fields).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error_description"], format!("missing required parameter(s). ({missing})"));
    }
}

#[tokio::test]
async fn no_scope_is_granted_unless_it_is_asked_for() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, "").await.json();
    assert_eq!(names(&json), ["access_token", "expires_in", "scope", "token_type"]);
    assert_eq!(json["scope"], "");
    let me = world.me(V2, Some(&bearer(&json["access_token"]))).await;
    assert_eq!(me.literal(), (200, "{}"));
}

#[tokio::test]
async fn unknown_and_repeated_scopes_are_dropped() {
    let world = world().await;
    let json =
        world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid  magic openid email").await.json();
    assert_eq!(json["scope"], Value::from("openid email"));
}
