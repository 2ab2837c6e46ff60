//! Authorization responses that must be refused.

use latchkey_simulator::Generation::V2;
use latchkey_simulator::{
    AnswerFault, AuthorizationFault, ClaimFault, ClientRole, Faults, IdTokenFault, Options, ResponseMode,
    UserRole,
};
use serde_json::json;

use crate::browser::{
    CALLBACK, Fields, decoded, fields, fragment, hidden, location, names, query, request, value, with,
};
use crate::common::{Got, World, decode, world, world_with};

async fn response(world: &World, asked: &Fields, fault: AuthorizationFault) -> Got {
    world.simulator.set_faults(Faults { authorization_response: Some(fault), ..Faults::default() });
    world.sign_in(V2, asked, UserRole::Sally).await
}

#[tokio::test]
async fn parameters_are_changed_taken_away_and_repeated() {
    use AuthorizationFault::{Duplicate, NoState, Remove, Set, WrongIss, WrongState};
    let world = world().await;
    let code = request(&world.client(ClientRole::Basic), "code");
    let got = query(&response(&world, &code, WrongState).await);
    assert_eq!(
        (names(&got), value(&got, "state")),
        (vec!["code", "state"], "the state of another request".into())
    );
    assert_eq!(names(&query(&response(&world, &code, NoState).await)), ["code"]);
    let got = query(&response(&world, &code, WrongIss).await);
    assert_eq!(
        (names(&got), value(&got, "iss")),
        (vec!["code", "state", "iss"], "http://127.0.0.1:1/oidc/2".into())
    );
    let got = query(&response(&world, &code, Duplicate("state".to_owned())).await);
    assert_eq!(names(&got), ["code", "state", "state"]);
    assert_eq!(got[1], got[2]);
    let tokens = request(&world.client(ClientRole::Basic), "id_token token");
    let got = fragment(&response(&world, &tokens, Set("token_type".to_owned(), "mac".to_owned())).await);
    assert_eq!(value(&got, "token_type"), "mac");
    let got = fragment(&response(&world, &tokens, Remove("access_token".to_owned())).await);
    assert_eq!(names(&got), ["id_token", "expires_in", "token_type", "state"]);
}

#[tokio::test]
async fn the_state_of_an_error_goes_wrong_too() {
    let world = world().await;
    let silent = with(request(&world.client(ClientRole::Basic), "code"), "prompt", "none");
    let fault = Some(AuthorizationFault::NoState);
    world.simulator.set_faults(Faults { authorization_response: fault, ..Faults::default() });
    assert_eq!(names(&query(&world.open(V2, &silent, "").await)), ["error", "error_description"]);
}

#[tokio::test]
async fn the_issuer_can_be_promised_and_missing() {
    let world = world_with(Options { response_iss: true, ..Options::default() }).await;
    let code = request(&world.client(ClientRole::Basic), "code");
    assert_eq!(names(&query(&response(&world, &code, AuthorizationFault::NoIss).await)), ["code", "state"]);
    let got = query(&response(&world, &code, AuthorizationFault::WrongIss).await);
    assert_eq!(names(&got), ["code", "state", "iss"]);
}

#[tokio::test]
async fn the_answer_comes_in_other_places() {
    let world = world().await;
    let asked = request(&world.client(ClientRole::Basic), "id_token");
    let url = location(&response(&world, &asked, AuthorizationFault::QueryAndFragment).await);
    assert_eq!(url.query(), url.fragment());
    assert_eq!(names(&decoded(url.query().unwrap())), ["id_token", "state"]);
    let answer = response(&world, &asked, AuthorizationFault::Mode(ResponseMode::Query)).await;
    assert_eq!(names(&query(&answer)), ["id_token", "state"]);
    let answer = response(&world, &asked, AuthorizationFault::Mode(ResponseMode::FormPost)).await;
    assert_eq!(names(&hidden(&answer)), ["id_token", "state"]);
    let code = request(&world.client(ClientRole::Basic), "code");
    let answer = response(&world, &code, AuthorizationFault::Mode(ResponseMode::Fragment)).await;
    assert_eq!(names(&fragment(&answer)), ["code", "state"]);
}

#[tokio::test]
async fn an_error_comes_in_place_of_a_success() {
    let world = world().await;
    let asked = request(&world.client(ClientRole::Basic), "code");
    let (code, description) = ("server_error".to_owned(), "\u{202e}<b>".to_owned());
    let got = query(&response(&world, &asked, AuthorizationFault::Error { code, description }).await);
    assert_eq!(
        got,
        fields(&[
            ("error", "server_error"),
            ("error_description", "\u{202e}<b>"),
            ("state", "a state & more")
        ])
    );
}

#[tokio::test]
async fn two_answers_come_from_one_page() {
    let world = world().await;
    let asked = request(&world.client(ClientRole::Basic), "code");
    let page = response(&world, &asked, AuthorizationFault::TwoAnswers).await;
    assert_eq!(page.status, 200);
    let links: Vec<_> =
        page.body.split("href=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    assert!(links[0].starts_with(&format!("{CALLBACK}?code=")), "{links:?}");
    assert!(links[1].starts_with(&format!("{CALLBACK}?error=access_denied")), "{links:?}");
    assert!(links.iter().all(|link| link.ends_with("&amp;state=a%20state%20%26%20more")), "{links:?}");
}

#[tokio::test]
async fn the_faults_of_id_tokens_are_those_of_the_other_grants() {
    let world = world().await;
    let asked = request(&world.client(ClientRole::Basic), "id_token token");
    for (fault, claim, expected) in [
        (ClaimFault::Nonce("another".to_owned()), "nonce", json!("another")),
        (ClaimFault::Remove("nonce".to_owned()), "nonce", json!(null)),
        (ClaimFault::Remove("at_hash".to_owned()), "at_hash", json!(null)),
        (ClaimFault::Set("c_hash".to_owned(), json!("AAAA")), "c_hash", json!("AAAA")),
    ] {
        let id_token = Some(IdTokenFault::Claim(fault));
        world.simulator.set_faults(Faults { id_token, ..Faults::default() });
        let got = fragment(&world.sign_in(V2, &asked, UserRole::Sally).await);
        assert_eq!(decode(&json!(value(&got, "id_token"))).1[claim], expected, "{claim}");
    }
    let id_token = Some(IdTokenFault::Absent);
    world.simulator.set_faults(Faults { id_token, ..Faults::default() });
    let got = fragment(&world.sign_in(V2, &asked, UserRole::Sally).await);
    assert_eq!(names(&got), ["access_token", "expires_in", "token_type", "state"]);
}

#[tokio::test]
async fn the_browsers_endpoints_have_the_faults_of_any_answer() {
    let world = world().await;
    let faults = Faults {
        authorization: Some(AnswerFault::CaptivePortal),
        end_session: Some(AnswerFault::NoContent),
        ..Faults::default()
    };
    world.simulator.set_faults(faults);
    assert!(world.get(&world.url(V2, "/auth")).await.body.contains("guest network"));
    assert_eq!(world.get(&world.url(V2, "/logout")).await.status, 204);
}
