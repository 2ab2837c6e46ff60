//! v1's page "Implicit Flow", sentence by sentence, and where v2 differs.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, UserRole};
use serde_json::json;

use crate::browser::{
    CALLBACK, Fields, RE_AUTH, cookie, fields, fragment, location, names, query, request, value, with,
    without,
};
use crate::common::{NOW, World, bearer, decode, world};

const TYPES: [&str; 2] = ["id_token", "id_token token"];

fn asking(world: &World, response_type: &str) -> Fields {
    request(&world.client(ClientRole::Basic), response_type)
}

#[tokio::test]
async fn authenticates_a_user_and_generates_an_id_token() {
    let world = world().await;
    for generation in [V1, V2] {
        let answer = world.sign_in(generation, &asking(&world, "id_token"), UserRole::Sally).await;
        assert_eq!(location(&answer).as_str().split('#').next(), Some(CALLBACK));
        let got = fragment(&answer);
        assert_eq!(names(&got), ["id_token", "state"]);
        assert_eq!(
            value(&got, "state"),
            "a state & more",
            "the state parameter provided in the initial request"
        );
        let (header, claims) = decode(&json!(value(&got, "id_token")));
        assert_eq!(header["alg"], "RS256");
        assert_eq!(claims["nonce"], "n-0S6_WzA2Mj", "a JWT containing user information and nonce");
        assert_eq!((&claims["sub"], &claims["name"]), (&json!("35666371"), &json!("Sally Tyler")));
        assert_eq!(claims["auth_time"], NOW);
        assert_eq!(claims.get("at_hash"), None, "no access token to vouch for");
        assert_eq!(claims.get("sid").is_some(), generation == V2);
    }
}

#[tokio::test]
async fn the_access_token_beside_it_is_hashed_and_works_at_userinfo() {
    let world = world().await;
    for generation in [V1, V2] {
        let answer = world.sign_in(generation, &asking(&world, "id_token token"), UserRole::Sally).await;
        let got = fragment(&answer);
        assert_eq!(names(&got), ["id_token", "access_token", "expires_in", "token_type", "state"]);
        assert_eq!((value(&got, "token_type"), value(&got, "expires_in")), ("Bearer".into(), "3600".into()));
        let access = value(&got, "access_token");
        let (_, claims) = decode(&json!(value(&got, "id_token")));
        let hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, access.as_bytes()).as_ref()[..16]);
        assert_eq!(claims["at_hash"], json!(hash));
        let me = world.me(generation, Some(&bearer(&json!(access)))).await;
        assert_eq!(me.json()["sub"], "35666371");
    }
}

#[tokio::test]
async fn profile_and_groups_bring_additional_user_information() {
    let world = world().await;
    let asked = with(asking(&world, "id_token"), "scope", "openid profile groups unheard_of");
    let got = fragment(&world.sign_in(V1, &asked, UserRole::Sally).await);
    let (_, claims) = decode(&json!(value(&got, "id_token")));
    assert_eq!(claims["groups"], json!(["Admin Role", "User Role", "Custom Roll"]));
    let asked = with(asked, "scope", "openid");
    let got = fragment(&world.sign_in(V1, &asked, UserRole::Sally).await);
    let (_, claims) = decode(&json!(value(&got, "id_token")));
    assert_eq!((claims.get("groups"), claims.get("name")), (None, None));
}

#[tokio::test]
async fn acr_values_force_a_fresh_sign_in_and_come_back_in_the_id_token() {
    let world = world().await;
    let asked = asking(&world, "id_token");
    let first = world.sign_in(V2, &asked, UserRole::PeggySue).await;
    let (_, claims) = decode(&json!(value(&fragment(&first), "id_token")));
    assert_eq!(claims.get("acr"), None);
    let again = world.open(V2, &asked, &cookie(&first)).await;
    assert_eq!(names(&fragment(&again)), ["id_token", "state"], "the session is enough");

    let asked = with(asked, "acr_values", RE_AUTH);
    world.pass_time(10);
    let page = world.open(V2, &asked, &cookie(&first)).await;
    assert_eq!(page.status, 200, "regardless of their current session state");
    let answer =
        world.fill_in(&page, &[("username", "peggy.sue"), ("password", "demo-peggy")], &cookie(&first)).await;
    let (_, claims) = decode(&json!(value(&fragment(&answer), "id_token")));
    assert_eq!((&claims["acr"], &claims["auth_time"]), (&json!(RE_AUTH), &json!(NOW + 10)));
}

#[tokio::test]
async fn prompt_login_always_asks_and_prompt_none_never_does() {
    let world = world().await;
    let asked = asking(&world, "id_token");
    let silent = with(asked.clone(), "prompt", "none");
    let refused = fragment(&world.open(V1, &silent, "").await);
    assert_eq!(
        refused,
        fields(&[
            ("error", "login_required"),
            ("error_description", "End-User authentication is required"),
            ("state", "a state & more"),
        ])
    );
    let session = cookie(&world.sign_in(V1, &asked, UserRole::Sally).await);
    assert_eq!(names(&fragment(&world.open(V1, &silent, &session).await)), ["id_token", "state"]);
    assert_eq!(world.open(V1, &with(asked, "prompt", "login"), &session).await.status, 200);
    for (name, value) in [("acr_values", RE_AUTH), ("max_age", "0")] {
        let refused = fragment(&world.open(V1, &with(silent.clone(), name, value), &session).await);
        assert_eq!(refused[0].1, "login_required", "{name} asks for what prompt forbids");
    }
    assert_eq!(
        fragment(&world.open(V2, &silent, &session).await)[0].1,
        "login_required",
        "the generations do not share a session"
    );
}

#[tokio::test]
async fn login_hint_prepopulates_the_username_field() {
    let world = world().await;
    let page = world.open(V2, &with(asking(&world, "id_token"), "login_hint", "\"sally\"<b>"), "").await;
    assert!(page.body.contains(r#"name="username" value="&quot;sally&quot;&lt;b&gt;""#), "{}", page.body);
}

#[tokio::test]
async fn an_invalid_response_type_is_told_to_the_client() {
    let world = world().await;
    for asked in ["token", "code id_token", "id_token id_token"] {
        let got = fragment(&world.open(V1, &asking(&world, asked), "").await);
        assert_eq!(value(&got, "error"), "unsupported_response_type");
        assert_eq!(value(&got, "error_description"), format!("response type not supported. ({asked})"));
        assert_eq!(value(&got, "state"), "a state & more");
    }
    let got = query(&world.open(V2, &asking(&world, "something"), "").await);
    assert_eq!(value(&got, "error"), "unsupported_response_type", "in the query, as it names no token");
    let got = query(&world.open(V2, &without(asking(&world, "id_token"), "response_type"), "").await);
    assert_eq!(value(&got, "error_description"), "missing required parameter(s). (response_type)");
}

#[tokio::test]
async fn a_missing_scope_is_told_to_the_client() {
    let world = world().await;
    for asked in
        [without(asking(&world, "id_token"), "scope"), with(asking(&world, "id_token"), "scope", "profile")]
    {
        let got = fragment(&world.open(V1, &asked, "").await);
        assert_eq!(value(&got, "error"), "invalid_request");
        assert_eq!(value(&got, "error_description"), "missing required parameter(s) scope");
    }
}

#[tokio::test]
async fn v2_refuses_offline_access_here() {
    let world = world().await;
    for response_type in TYPES {
        let asked = with(asking(&world, response_type), "scope", "openid offline_access");
        let got = fragment(&world.open(V2, &asked, "").await);
        assert_eq!(value(&got, "error"), "invalid_scope");
        assert_eq!(value(&got, "error_description"), "some of requested scopes are not whitelisted");
        assert_eq!(world.open(V1, &asked, "").await.status, 200);
    }
    let asked = with(asking(&world, "code"), "scope", "openid offline_access");
    assert_eq!(value(&query(&world.open(V2, &asked, "").await), "error"), "invalid_scope");
}

#[tokio::test]
async fn what_may_not_be_redirected_is_a_page_of_json() {
    let world = world().await;
    let asked = asking(&world, "id_token token");
    let state = asked[4].1.clone();
    let unknown =
        with(with(asked.clone(), "client_id", "nobody"), "state", "61c07cd68b0c65a0e9a35bf6c4f472f4");
    for (fields, body) in [
        (
            without(asked.clone(), "nonce"),
            r#"{"error":"invalid_request","error_description":"missing required parameter(s). (nonce)"}"#,
        ),
        (
            without(asked.clone(), "redirect_uri"),
            r#"{"error":"invalid_request","error_description":"missing required parameter(s). (redirect_uri)"}"#,
        ),
        (
            with(asked.clone(), "redirect_uri", "https://payroll.acme.example/callback/"),
            r#"{"error":"redirect_uri_mismatch","error_description":"redirect_uri did not match any client's registered redirect_uri"}"#,
        ),
        (
            unknown,
            r#"{"error":"invalid_client","error_description":"client is invalid","state":"61c07cd68b0c65a0e9a35bf6c4f472f4"}"#,
        ),
        (
            without(asked.clone(), "client_id"),
            r#"{"error":"invalid_request","error_description":"missing required parameter(s). (client_id)"}"#,
        ),
    ] {
        let page = world.open(V1, &fields, "").await;
        assert_eq!(page.literal(), (400, body));
        assert_eq!(page.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(page.header("location"), "");
    }
    assert_eq!(state, "a state & more");
    let mut twice = asked;
    twice.push(("state".to_owned(), "another".to_owned()));
    assert_eq!(world.open(V2, &twice, "").await.status, 400, "ambiguous");
}

#[tokio::test]
async fn redirect_uris_are_compared_character_by_character() {
    let world = world().await;
    for uri in [
        "https://payroll.acme.example/Callback",
        "https://payroll.acme.example:443/callback",
        "https://payroll.acme.example/callback?x=1",
        "https://payroll.acme.example/callback#",
        "https://user@payroll.acme.example/callback",
        "https://payroll.acme.example/x/../callback",
        "https://payroll.acme.example.evil/callback",
        "http://127.0.0.1:8081/callback",
    ] {
        let page = world.open(V2, &with(asking(&world, "id_token"), "redirect_uri", uri), "").await;
        assert_eq!(page.json()["error"], "redirect_uri_mismatch", "{uri}");
    }
}
