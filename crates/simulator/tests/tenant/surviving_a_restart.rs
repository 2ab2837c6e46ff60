//! A refresh token outlives the simulator that issued it, and no token is ever in what is kept.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, Options, Simulator, State, UserRole};
use serde_json::Value;

use crate::common::{World, world, world_with};

const SCOPE: &str = "openid offline_access";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Stops the world and starts another with its state, which was JSON in between.
async fn restarted(world: World) -> World {
    let state = serde_json::to_string(&world.simulator.state()).unwrap();
    world.simulator.stop().await;
    let state: State = serde_json::from_str(&state).unwrap();
    world_with(Options { state: Some(state), ..Options::default() }).await
}

#[tokio::test]
async fn the_same_issuer_honours_the_refresh_token_again() {
    let before = world().await;
    let issuer = before.simulator.issuer(V2);
    let first = before.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json();
    let after = restarted(before).await;
    assert_eq!(after.simulator.issuer(V2), issuer);
    let second = after.refresh(V2, ClientRole::Basic, &text(&first["refresh_token"])).await;
    assert_eq!(second.status, 200);
    let (before, after) =
        (crate::common::decode(&first["id_token"]).1, crate::common::decode(&second.json()["id_token"]).1);
    for claim in ["iss", "sub", "aud", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
}

#[tokio::test]
async fn a_token_that_was_used_before_the_restart_stays_used() {
    let before = world().await;
    let first =
        text(&before.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json()["refresh_token"]);
    let second = text(&before.refresh(V2, ClientRole::Basic, &first).await.json()["refresh_token"]);
    let after = restarted(before).await;
    assert_eq!(after.refresh(V2, ClientRole::Basic, &first).await.status, 400);
    assert_eq!(after.refresh(V2, ClientRole::Basic, &second).await.status, 400, "the family ended");
}

#[tokio::test]
async fn what_a_browser_signed_in_keeps_its_session_and_time() {
    let before = world().await;
    let asked = crate::browser::request(&before.client(ClientRole::Basic), "code");
    let (code, cookie) = before.code(V2, &asked, UserRole::Sally).await;
    let first = before.exchange(V2, ClientRole::Basic, &code, &[]).await.json();
    let after = restarted(before).await;
    let second = after.refresh(V2, ClientRole::Basic, &text(&first["refresh_token"])).await.json();
    let (before, refreshed) =
        (crate::common::decode(&first["id_token"]).1, crate::common::decode(&second["id_token"]).1);
    for claim in ["sid", "auth_time"] {
        assert!(!before[claim].is_null() && before[claim] == refreshed[claim], "{claim}");
    }
    assert_eq!(after.open(V2, &asked, &cookie).await.status, 200, "the cookie itself is forgotten");
}

#[tokio::test]
async fn no_token_is_in_the_state() {
    let world = world().await;
    let json = world.password(V1, ClientRole::OldRefreshToken, UserRole::Sally, SCOPE).await.json();
    let state = serde_json::to_string(&world.simulator.state()).unwrap();
    for member in ["access_token", "refresh_token", "id_token"] {
        assert!(!state.contains(&text(&json[member])), "{member}");
    }
    assert!(!state.contains(world.client(ClientRole::OldRefreshToken).client_secret.as_deref().unwrap()));
    assert_eq!(world.simulator.state().refresh_tokens.len(), 1);
}

#[tokio::test]
async fn what_does_not_fit_is_dropped_and_the_rest_is_kept() {
    let before = world().await;
    let token =
        text(&before.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json()["refresh_token"]);
    let mut state = before.simulator.state();
    before.simulator.stop().await;
    let good = state.refresh_tokens[0].clone();
    for bad in 0..5 {
        let mut entry = good.clone();
        match bad {
            0 => entry.client_id = "vanished".to_owned(),
            1 => entry.sub = "1".to_owned(),
            2 => entry.digest = "../é".to_owned(),
            3 => entry.issued_at = i64::MIN,
            _ => entry.issued_at = i64::MAX,
        }
        if bad != 2 {
            entry.digest = format!("{bad}{}", &good.digest[1..]);
        }
        state.refresh_tokens.push(entry);
    }
    let after = world_with(Options { state: Some(state), ..Options::default() }).await;
    let kept = after.simulator.state().refresh_tokens;
    assert_eq!(kept, [good]);
    assert_eq!(after.refresh(V2, ClientRole::Basic, &token).await.status, 200);
}

#[tokio::test]
async fn a_state_of_another_version_is_ignored() {
    let before = world().await;
    before.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await;
    let mut state = before.simulator.state();
    state.version += 1;
    assert!(!state.is_supported());
    let after = world_with(Options { state: Some(state), ..Options::default() }).await;
    assert!(after.simulator.state().refresh_tokens.is_empty());
}

#[tokio::test]
async fn foreign_and_damaged_documents_are_an_error_and_no_panic() {
    for text in ["", "{", "[]", "{}", "null", r#"{"version":1,"port":99999,"refresh_tokens":[]}"#] {
        assert!(serde_json::from_str::<State>(text).is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_taken_port_is_an_error_when_asked_for_and_another_is_found_when_only_remembered() {
    let first = world().await;
    let port = first.simulator.port();
    let error = Simulator::start(Options { port, ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("port {port} on 127.0.0.1 cannot be used")), "{error}");
    let state = first.simulator.state();
    let second = Simulator::start(Options { state: Some(state), ..Options::default() }).await.unwrap();
    assert_ne!(second.port(), port);
}
