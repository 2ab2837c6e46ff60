//! Introspection and revocation for all three authentication methods.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, UserRole};
use serde_json::{Value, json};

use crate::common::{NOW, World, bearer, names, world};

const METHODS: [ClientRole; 3] = [ClientRole::Basic, ClientRole::Post, ClientRole::Public];
const INACTIVE: (u16, &str) = (200, r#"{"active":false}"#);

async fn tokens(
    world: &World,
    generation: latchkey_simulator::Generation,
    role: ClientRole,
) -> (String, String) {
    let json = world.password(generation, role, UserRole::PeggySue, "openid offline_access").await.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&json["access_token"]), text(&json["refresh_token"]))
}

#[tokio::test]
async fn a_live_token_is_active_and_described() {
    let world = world().await;
    for role in METHODS {
        let client = world.client(role);
        let (access, refresh) = tokens(&world, V2, role).await;
        for (token, kind, lifetime) in
            [(&access, "access_token", 3_600), (&refresh, "refresh_token", 30 * 86_400)]
        {
            let answer = world.post(V2, "/token/introspection", &client, &[("token", token)]).await;
            assert_eq!(answer.status, 200);
            let json = answer.json();
            assert_eq!(
                names(&json),
                ["active", "sub", "client_id", "exp", "iat", "iss", "jti", "scope", "token_type"]
            );
            assert_eq!(json["active"], true);
            assert_eq!(json["sub"], "32916209");
            assert_eq!(json["client_id"], *client.client_id);
            assert_eq!(json["exp"], NOW + lifetime);
            assert_eq!(json["iss"], world.simulator.issuer(V2));
            assert_eq!(json["token_type"], kind);
        }
    }
}

#[tokio::test]
async fn an_unknown_expired_or_foreign_token_is_inactive() {
    let world = world().await;
    let (client, stranger) = (world.client(ClientRole::Basic), world.client(ClientRole::Public));
    let (access, _) = tokens(&world, V2, ClientRole::Basic).await;
    let ask = async |generation, client, token: &str| {
        world.post(generation, "/token/introspection", client, &[("token", token)]).await
    };
    assert_eq!(ask(V2, &client, "unknown").await.literal(), INACTIVE);
    assert_eq!(ask(V1, &client, &access).await.literal(), INACTIVE);
    assert_eq!(ask(V2, &stranger, &access).await.literal(), INACTIVE);
    world.pass_time(3_600);
    assert_eq!(ask(V2, &client, &access).await.literal(), INACTIVE);
}

#[tokio::test]
async fn the_token_parameter_is_required() {
    let world = world().await;
    for path in ["/token/introspection", "/token/revocation"] {
        let answer = world.post(V2, path, &world.client(ClientRole::Basic), &[]).await;
        assert_eq!(
            answer.literal(),
            (
                400,
                r#"{"error":"invalid_request","error_description":"missing required parameter(s). (token)"}"#
            )
        );
    }
}

#[tokio::test]
async fn v1_answers_an_empty_object_and_the_second_time_unsupported_token_type() {
    let world = world().await;
    for role in METHODS {
        let client = world.client(role);
        let (access, refresh) = tokens(&world, V1, role).await;
        for token in [&access, &refresh] {
            let answer = world.post(V1, "/token/revocation", &client, &[("token", token)]).await;
            assert_eq!(answer.literal(), (200, "{}"));
            let answer = world.post(V1, "/token/revocation", &client, &[("token", token)]).await;
            assert_eq!(
                answer.literal(),
                (
                    400,
                    r#"{"error":"unsupported_token_type","error_description":"revocation of the presented token type is not supported"}"#
                )
            );
        }
    }
}

#[tokio::test]
async fn v2_answers_200_each_time() {
    let world = world().await;
    for role in METHODS {
        let (access, _) = tokens(&world, V2, role).await;
        for token in [&*access, &*access, "unknown"] {
            let answer = world.post(V2, "/token/revocation", &world.client(role), &[("token", token)]).await;
            assert_eq!(answer.literal(), (200, ""));
        }
    }
}

#[tokio::test]
async fn revoking_an_access_token_ends_that_one() {
    let world = world().await;
    for generation in [V1, V2] {
        let client = world.client(ClientRole::Basic);
        let (access, refresh) = tokens(&world, generation, ClientRole::Basic).await;
        world.post(generation, "/token/revocation", &client, &[("token", &access)]).await;
        assert_eq!(world.me(generation, Some(&bearer(&json!(access)))).await.status, 401);
        let introspected =
            world.post(generation, "/token/introspection", &client, &[("token", &access)]).await;
        assert_eq!(introspected.literal(), INACTIVE);
        assert_eq!(world.refresh(generation, ClientRole::Basic, &refresh).await.status, 200);
    }
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_all_that_came_from_its_sign_in_in_v2() {
    let world = world().await;
    for generation in [V1, V2] {
        let client = world.client(ClientRole::Basic);
        let (access, refresh) = tokens(&world, generation, ClientRole::Basic).await;
        let (other, _) = tokens(&world, generation, ClientRole::Basic).await;
        world.post(generation, "/token/revocation", &client, &[("token", &refresh)]).await;
        assert_eq!(world.refresh(generation, ClientRole::Basic, &refresh).await.status, 400);
        let status = world.me(generation, Some(&bearer(&json!(access)))).await.status;
        assert_eq!(status, if generation == V2 { 401 } else { 200 });
        assert_eq!(world.me(generation, Some(&bearer(&json!(other)))).await.status, 200, "another sign-in");
    }
}

#[tokio::test]
async fn another_application_cannot_revoke_a_token() {
    let world = world().await;
    let (access, _) = tokens(&world, V2, ClientRole::Basic).await;
    let answer =
        world.post(V2, "/token/revocation", &world.client(ClientRole::Public), &[("token", &access)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(world.me(V2, Some(&bearer(&json!(access)))).await.status, 200);
}
