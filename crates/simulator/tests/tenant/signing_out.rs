//! v2's end-session endpoint.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, EndSessionFault, Faults, UserRole};
use serde_json::{Value, json};
use url::Url;

use crate::browser::{Fields, cookie, fields, fragment, location, request, value, with};
use crate::common::{Got, World, bearer, got, world};

const RETURN: &str = "https://payroll.acme.example/signed-out";

struct SignedIn {
    cookie: String,
    tokens: Value,
}

async fn signed_in(world: &World, user: UserRole) -> SignedIn {
    let (code, cookie) = world.code(V2, &request(&world.client(ClientRole::Basic), "code"), user).await;
    let tokens = world.exchange(V2, ClientRole::Basic, &code, &[]).await.json();
    SignedIn { cookie, tokens }
}

fn hint(signed_in: &SignedIn) -> Fields {
    fields(&[
        ("id_token_hint", signed_in.tokens["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", RETURN),
        ("state", "a state & more"),
    ])
}

async fn sign_out(world: &World, fields: &Fields, cookie: &str) -> Got {
    let url = Url::parse_with_params(&world.url(V2, "/logout"), fields).unwrap();
    got(world.http.get(url).header("cookie", cookie)).await
}

async fn is_signed_in(world: &World, cookie: &str) -> bool {
    let asked = with(request(&world.client(ClientRole::Basic), "id_token"), "prompt", "none");
    fragment(&world.open(V2, &asked, cookie).await)[0].0 == "id_token"
}

async fn token_works(world: &World, tokens: &Value) -> bool {
    world.me(V2, Some(&bearer(&tokens["access_token"]))).await.status == 200
}

#[tokio::test]
async fn it_ends_the_session_and_its_tokens_and_returns_with_the_state() {
    let world = world().await;
    let before = signed_in(&world, UserRole::Sally).await;
    assert!(is_signed_in(&world, &before.cookie).await && token_works(&world, &before.tokens).await);
    let answer = sign_out(&world, &with(hint(&before), "logout", "true"), &before.cookie).await;
    assert_eq!(location(&answer).as_str(), format!("{RETURN}?state=a%20state%20%26%20more"));
    assert!(answer.header("set-cookie").starts_with("demo_session_v2=; Path=/oidc/2; Max-Age=0;"));
    assert!(!is_signed_in(&world, &before.cookie).await && !token_works(&world, &before.tokens).await);
    let refresh = before.tokens["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(V2, ClientRole::Basic, refresh).await.status, 400);
}

#[tokio::test]
async fn logout_false_revokes_the_tokens_alone() {
    let world = world().await;
    let before = signed_in(&world, UserRole::Sally).await;
    let answer = sign_out(&world, &with(hint(&before), "logout", "false"), &before.cookie).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (302, ""));
    assert!(is_signed_in(&world, &before.cookie).await && !token_works(&world, &before.tokens).await);
}

#[tokio::test]
async fn without_a_redirect_uri_a_page_says_so_and_a_post_works_too() {
    let world = world().await;
    let before = signed_in(&world, UserRole::Sally).await;
    let form = fields(&[("id_token_hint", before.tokens["id_token"].as_str().unwrap())]);
    let page = got(world.http.post(world.url(V2, "/logout")).form(&form)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You are signed out"), "{}", page.body);
    assert!(!is_signed_in(&world, &before.cookie).await, "the hint names the session, cookie or not");
}

#[tokio::test]
async fn a_password_sign_ins_id_token_is_a_hint_too() {
    let world = world().await;
    let tokens = world.password(V2, ClientRole::Basic, UserRole::Sally, "openid").await.json();
    let form = fields(&[("id_token_hint", tokens["id_token"].as_str().unwrap())]);
    assert_eq!(sign_out(&world, &form, "").await.status, 200);
    assert!(!token_works(&world, &tokens).await);
}

#[tokio::test]
async fn somebody_elses_hint_leaves_the_session_of_this_browser_alone() {
    let world = world().await;
    let (sally, peggy) =
        (signed_in(&world, UserRole::Sally).await, signed_in(&world, UserRole::PeggySue).await);
    let answer = sign_out(&world, &hint(&sally), &peggy.cookie).await;
    assert_eq!(answer.header("set-cookie"), "");
    assert!(is_signed_in(&world, &peggy.cookie).await && !is_signed_in(&world, &sally.cookie).await);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_ends() {
    let world = world().await;
    let before = signed_in(&world, UserRole::Sally).await;
    let v1 = world.password(V1, ClientRole::Basic, UserRole::Sally, "openid").await.json();
    for (name, bad, description) in [
        (
            "post_logout_redirect_uri",
            "https://payroll.acme.example/callback",
            "post_logout_redirect_uri not registered",
        ),
        (
            "post_logout_redirect_uri",
            "https://payroll.acme.example/signed-out/",
            "post_logout_redirect_uri not registered",
        ),
        ("id_token_hint", "e30.e30.", "could not validate id_token_hint"),
        ("id_token_hint", v1["id_token"].as_str().unwrap(), "could not validate id_token_hint"),
        ("id_token_hint", "", "missing required parameter(s). (id_token_hint)"),
        ("logout", "maybe", "logout must be true or false"),
        ("client_id", "nobody", "client_id does not match the provided id_token_hint"),
    ] {
        let answer = sign_out(&world, &with(hint(&before), name, bad), &before.cookie).await;
        assert_eq!(
            (answer.status, answer.json()["error_description"].as_str()),
            (400, Some(description)),
            "{bad}"
        );
    }
    assert!(is_signed_in(&world, &before.cookie).await && token_works(&world, &before.tokens).await);
}

#[tokio::test]
async fn a_native_client_returns_to_any_port() {
    let world = world().await;
    let asked = request(&world.client(ClientRole::Native), "id_token");
    let asked = with(asked, "redirect_uri", "http://127.0.0.1:50001/callback");
    let answer = world.sign_in(V2, &asked, UserRole::Sally).await;
    let form = fields(&[
        ("id_token_hint", &value(&fragment(&answer), "id_token")),
        ("post_logout_redirect_uri", "http://127.0.0.1:50002/signed-out"),
    ]);
    let answer = sign_out(&world, &form, &cookie(&answer)).await;
    assert_eq!(answer.header("location"), "http://127.0.0.1:50002/signed-out");
}

#[tokio::test]
async fn the_state_can_come_back_missing_or_as_another() {
    let world = world().await;
    for (fault, query) in [
        (EndSessionFault::NoState, None),
        (EndSessionFault::WrongState, Some("state=the%20state%20of%20another%20request")),
    ] {
        let before = signed_in(&world, UserRole::Sally).await;
        world.simulator.set_faults(Faults { end_session_answer: Some(fault), ..Faults::default() });
        let answer = sign_out(&world, &hint(&before), &before.cookie).await;
        assert_eq!(location(&answer).query(), query);
    }
}

#[tokio::test]
async fn v1_has_none() {
    let world = world().await;
    assert_eq!(world.get(&world.url(V1, "/logout")).await.status, 404);
    let metadata = world.get(&world.url(V1, "/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata.get("end_session_endpoint"), None);
    assert_eq!(world.simulator.requests().end_session, 0);
    assert_eq!(json!(world.simulator.requests().unknown), 1);
}
