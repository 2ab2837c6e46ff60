//! v1's page "Provider Configuration", v2's live document, and the keys that they lead to.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, Generation, Options, UserRole};
use serde_json::Value;

use crate::common::{World, decode, names, world, world_with};

/// The sample response of the page, member by member, with its own white space removed.
const V1_SAMPLE: &str = r#"{"acr_values_supported":["onelogin:nist:level:1:re-auth"],"authorization_endpoint":"https://openid-connect.onelogin.com/oidc/auth","claims_parameter_supported":true,"claims_supported":["acr","auth_time","company","custom_fields","department","email","family_name","given_name","groups","iss","locale_code","name","phone_number","preferred_username","sub","title","updated_at"],"grant_types_supported":["authorization_code","implicit","refresh_token","password"],"id_token_signing_alg_values_supported":["RS256"],"issuer":"https://openid-connect.onelogin.com/oidc","jwks_uri":"https://openid-connect.onelogin.com/oidc/certs","request_parameter_supported":false,"request_uri_parameter_supported":false,"response_modes_supported":["form_post","fragment","query"],"response_types_supported":["code","id_token token","id_token"],"scopes_supported":["openid","name","profile","groups","email","phone"],"subject_types_supported":["public"],"token_endpoint":"https://openid-connect.onelogin.com/oidc/token","token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],"userinfo_endpoint":"https://openid-connect.onelogin.com/oidc/me","userinfo_signing_alg_values_supported":[],"code_challenge_methods_supported":["plain","S256"],"introspection_endpoint":"https://openid-connect.onelogin.com/oidc/token/introspection","introspection_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],"revocation_endpoint":"https://openid-connect.onelogin.com/oidc/token/revocation","revocation_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post"],"claim_types_supported":["normal"]}"#;

/// As a live tenant answered.
const V2_LIVE: &str = r#"{"acr_values_supported":["onelogin:nist:level:1:re-auth"],"authorization_endpoint":"https://common.onelogin.com/oidc/2/auth","claim_types_supported":["normal"],"claims_parameter_supported":true,"claims_supported":["sub","email","preferred_username","name","updated_at","given_name","family_name","locale","groups","email_verified","params","phone_number","acr","sid","auth_time","iss"],"code_challenge_methods_supported":["S256"],"end_session_endpoint":"https://common.onelogin.com/oidc/2/logout","grant_types_supported":["authorization_code","implicit","refresh_token","client_credentials","password"],"id_token_signing_alg_values_supported":["HS256","RS256","PS256"],"introspection_endpoint":"https://common.onelogin.com/oidc/2/token/introspection","introspection_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"issuer":"https://common.onelogin.com/oidc/2","jwks_uri":"https://common.onelogin.com/oidc/2/certs","registration_endpoint":"https://common.onelogin.com/oidc/2/register","request_parameter_supported":false,"request_uri_parameter_supported":false,"response_modes_supported":["form_post","fragment","query"],"response_types_supported":["code","id_token token","id_token"],"revocation_endpoint":"https://common.onelogin.com/oidc/2/token/revocation","revocation_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"scopes_supported":["openid","name","profile","groups","email","params","phone"],"subject_types_supported":["public"],"token_endpoint":"https://common.onelogin.com/oidc/2/token","token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"userinfo_endpoint":"https://common.onelogin.com/oidc/2/me","userinfo_signing_alg_values_supported":["HS256","RS256","PS256"]}"#;

async fn discovery(world: &World, generation: Generation) -> crate::common::Got {
    world.get(&world.url(generation, "/.well-known/openid-configuration")).await
}

#[tokio::test]
async fn the_sample_response_is_answered_with_this_tenants_addresses() {
    let world = world().await;
    let expected = V1_SAMPLE.replace("https://openid-connect.onelogin.com/oidc", &world.simulator.issuer(V1));
    let answer = discovery(&world, V1).await;
    assert_eq!(answer.literal(), (200, expected.as_str()));
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn the_live_v2_document_is_answered_with_this_tenants_addresses() {
    let world = world().await;
    let expected = V2_LIVE.replace("https://common.onelogin.com/oidc/2", &world.simulator.issuer(V2));
    assert_eq!(discovery(&world, V2).await.literal(), (200, expected.as_str()));
}

#[tokio::test]
async fn the_issuers_are_the_documented_paths_on_loopback() {
    let world = world().await;
    let port = world.simulator.port();
    assert_eq!(world.simulator.issuer(V1), format!("http://127.0.0.1:{port}/oidc"));
    assert_eq!(world.simulator.issuer(V2), format!("http://127.0.0.1:{port}/oidc/2"));
}

#[tokio::test]
async fn one_generation_alone_can_be_served() {
    let world = world_with(Options { generation: Some(V2), ..Options::default() }).await;
    assert_eq!(discovery(&world, V2).await.status, 200);
    assert_eq!(discovery(&world, V1).await.status, 404);
    let description = serde_json::to_value(world.simulator.description()).unwrap();
    assert_eq!(names(&description["issuers"]), ["v2"]);
}

#[tokio::test]
async fn the_key_set_holds_one_2048_bit_key_that_verifies_the_tokens() {
    let world = world().await;
    for generation in [V1, V2] {
        let keys = world.get(&world.url(generation, "/certs")).await.json();
        let key = &keys["keys"][0];
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
        assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&"RSA".into(), &"sig".into(), &"RS256".into()));
        assert_eq!(bytes(&key["n"]).len(), 256);
        let answer = world.password(generation, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
        assert!(verifies(&answer["id_token"], key));
        assert_eq!(decode(&answer["id_token"]).0["kid"], key["kid"]);
    }
}

#[tokio::test]
async fn a_rotated_key_signs_at_once_and_the_old_one_stays_published() {
    let world = world().await;
    let before = world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
    world.simulator.rotate_keys().unwrap();
    let after = world.password(V2, ClientRole::Basic, UserRole::PeggySue, "openid").await.json();
    let keys = world.get(&world.url(V2, "/certs")).await.json();
    assert!(verifies(&after["id_token"], &keys["keys"][0]));
    assert!(!verifies(&before["id_token"], &keys["keys"][0]));
    assert!(verifies(&before["id_token"], &keys["keys"][1]));
    assert_ne!(keys["keys"][0]["kid"], keys["keys"][1]["kid"]);
}

pub(crate) fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

/// RS256, without any code of the simulator's.
pub(crate) fn verifies(token: &Value, key: &Value) -> bool {
    let (input, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
    let public = RsaPublicKeyComponents { n: bytes(&key["n"]), e: bytes(&key["e"]) };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature).is_ok()
}
