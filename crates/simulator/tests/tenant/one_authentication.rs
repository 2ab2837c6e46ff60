//! Client authentication: one method for each application, credentials in one place.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{AuthMethod, Client, ClientRole, Options};

use crate::common::{basic, world, world_with};

const FAILED: (u16, &str) =
    (401, r#"{"error":"invalid_request","error_description":"Authentication Failed"}"#);

fn grant() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "password"),
        ("username", "peggy.sue"),
        ("password", "demo-peggy"),
        ("scope", "openid"),
    ]
}

fn with<'a>(mut fields: Vec<(&'a str, &'a str)>, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.extend_from_slice(more);
    fields
}

#[tokio::test]
async fn each_method_works_at_both_generations() {
    let world = world().await;
    for generation in [V1, V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            assert_eq!(
                world.post(generation, "/token", &world.client(role), &grant()).await.status,
                200,
                "{role:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_application_set_to_basic_refuses_its_secret_in_the_body() {
    let world = world().await;
    let client = world.client(ClientRole::Basic);
    let secret = client.client_secret.as_deref().unwrap();
    for more in [
        &[("client_id", &*client.client_id), ("client_secret", secret)][..],
        &[("client_id", &client.client_id)],
    ] {
        let answer = world.post_raw(V2, "/token", None, &with(grant(), more)).await;
        assert_eq!(
            answer.literal(),
            (
                400,
                r#"{"error":"invalid_request","error_description":"client_secret must be provided in the Authorization header"}"#
            )
        );
    }
}

#[tokio::test]
async fn credentials_in_both_places_are_an_error() {
    let world = world().await;
    for role in [ClientRole::Basic, ClientRole::Post] {
        let client = world.client(role);
        let secret = client.client_secret.as_deref().unwrap();
        let header = basic(&client.client_id, secret);
        let fields = with(grant(), &[("client_id", &client.client_id), ("client_secret", secret)]);
        let answer = world.post_raw(V2, "/token", Some(&header), &fields).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &"invalid_request".into()));
    }
}

#[tokio::test]
async fn the_client_id_beside_the_header_is_no_credential_but_must_be_the_same() {
    let world = world().await;
    let client = world.client(ClientRole::Basic);
    let header = basic(&client.client_id, client.client_secret.as_deref().unwrap());
    let same = with(grant(), &[("client_id", &client.client_id)]);
    assert_eq!(world.post_raw(V1, "/token", Some(&header), &same).await.status, 200);
    let other = with(grant(), &[("client_id", "another")]);
    assert_eq!(world.post_raw(V1, "/token", Some(&header), &other).await.status, 400);
}

#[tokio::test]
async fn a_wrong_secret_or_another_method_fails() {
    let world = world().await;
    let (basic_client, post, public) =
        (world.client(ClientRole::Basic), world.client(ClientRole::Post), world.client(ClientRole::Public));
    let post_secret = post.client_secret.as_deref().unwrap();
    let attempts = [
        (Some(basic(&basic_client.client_id, "wrong")), grant()),
        (Some(basic(&post.client_id, post_secret)), grant()),
        (Some(basic(&public.client_id, "")), grant()),
        (None, with(grant(), &[("client_id", &post.client_id), ("client_secret", "wrong")])),
        (None, with(grant(), &[("client_id", &post.client_id)])),
        (None, with(grant(), &[("client_id", &public.client_id), ("client_secret", "any")])),
    ];
    for (header, fields) in attempts {
        for path in ["/token", "/token/introspection", "/token/revocation"] {
            assert_eq!(world.post_raw(V2, path, header.as_deref(), &fields).await.literal(), FAILED);
        }
    }
}

#[tokio::test]
async fn an_unknown_client_is_unauthorized_at_the_revocation_endpoint() {
    let world = world().await;
    let answer =
        world.post_raw(V2, "/token/revocation", Some(&basic("stranger", "x")), &[("token", "t")]).await;
    assert_eq!(
        answer.literal(),
        (401, r#"{"error":"invalid_request","error_description":"Access is unauthorized"}"#)
    );
}

#[tokio::test]
async fn basic_credentials_are_form_encoded_before_base64() {
    let client = Client::new("an id+with:signs", AuthMethod::Basic, Some("100% & more = secret+ü"));
    let world = world_with(Options { more_clients: vec![client], ..Options::default() }).await;
    let encoded = basic("an+id%2Bwith%3Asigns", "100%25+%26+more+%3D+secret%2B%C3%BC");
    assert_eq!(world.post_raw(V2, "/token", Some(&encoded), &grant()).await.status, 200);
    let raw = basic("an+id%2Bwith%3Asigns", "100% & more = secret+ü");
    assert_eq!(world.post_raw(V2, "/token", Some(&raw), &grant()).await.literal(), FAILED);
}

#[tokio::test]
async fn no_client_at_all_is_a_missing_parameter() {
    let world = world().await;
    let answer = world.post_raw(V2, "/token", None, &grant()).await;
    assert_eq!(answer.json()["error_description"], "missing required parameter(s). (client_id)");
}

#[tokio::test]
async fn a_repeated_parameter_or_another_content_type_is_refused() {
    let world = world().await;
    let client = world.client(ClientRole::Public);
    let twice = with(grant(), &[("username", "sally")]);
    assert_eq!(world.post(V2, "/token", &client, &twice).await.status, 400);
    let json = world.http.post(world.url(V2, "/token")).header("content-type", "application/json").body("{}");
    assert_eq!(crate::common::got(json).await.status, 400);
}
