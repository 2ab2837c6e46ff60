//! The browser session of the login window: fresh for each sign-in, or kept for a connection until it is forgotten.

use latchkey_simulator::{ClientRole, Faults};
use serde_json::json;
use support::desktop::{
    Asked, Desktop, NewConnection, Setup, assert_explained, assert_signed_in, desktop, status,
};

use crate::common::{client, tenant};
use crate::login_matrix::RESPONSES;

#[tokio::test]
async fn a_kept_session_signs_in_without_a_page_in_every_mode_until_it_is_forgotten_and_no_other_connection_has_it()
 {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let (mut ids, silent) = (Vec::new(), Asked::code().prompt("none").keeping());
        for role in [ClientRole::Basic, ClientRole::Public] {
            let app = client(&tenant, role);
            window.connect(&NewConnection::to(&tenant, app)).await;
            ids.push(window.connection(&app.name).await);
        }
        let [ours, other] = ids.as_slice() else { panic!("{ids:?}") };
        assert!(!is_kept(window, ours).await);
        nobody(window, ours, &silent).await;

        window.begin(ours, &Asked::code().keeping()).await;
        window.login_window().await.signs_in("peggy.sue", "demo-peggy");
        assert_signed_in(&window.ended().await, "a session that is kept");
        assert!(is_kept(window, ours).await);
        for (response_type, response_mode) in RESPONSES {
            let asked = silent.clone().response(response_type, response_mode);
            window.begin(ours, &asked).await;
            let report = window.ended().await;
            assert_signed_in(&report, &format!("{asked:?}"));
            assert_eq!(status(&report, "authorization_response_mode"), "passed", "{asked:?}");
            let told = window.told().await;
            let page = told.iter().find(|told| told["page"]["http_status"] == 200);
            // A form that posts itself is a page of its own.
            assert!(page.is_none() || response_mode == "form_post", "{page:#?}");
        }
        // Without a prompt the session does as well, and prompt=login asks all the same.
        window.begin(ours, &Asked::code().keeping()).await;
        assert_signed_in(&window.ended().await, "no prompt, a kept session");
        window.begin(ours, &Asked::code().keeping().prompt("login")).await;
        window.login_window().await.signs_in("peggy.sue", "demo-peggy");
        assert_signed_in(&window.ended().await, "prompt=login, a kept session");

        assert!(!is_kept(window, other).await);
        nobody(window, other, &silent).await;
        // A window that keeps nothing finds nothing either.
        nobody(window, ours, &Asked { keep_session: false, ..silent.clone() }).await;

        // Forgetting the session of one leaves the other's alone.
        window.begin(other, &Asked::code().keeping()).await;
        window.login_window().await.signs_in("sally", "demo-sally");
        assert_signed_in(&window.ended().await, "the other connection's own session");
        window.invoke("browser_session_forget", json!({"connection": ours})).await.unwrap();
        assert!(!is_kept(window, ours).await && is_kept(window, other).await);
        nobody(window, ours, &silent).await;
        window.begin(other, &silent).await;
        let report = window.ended().await;
        assert_signed_in(&report, "the other session");
        assert_eq!(report["who"], "Sally Tyler");

        // In memory alone: it ends with the program.
        window.restart().await;
        nobody(window, other, &silent).await;
    })
    .await;
}

async fn is_kept(window: &Desktop, connection: &str) -> bool {
    window.invoke("session", json!({"connection": connection})).await.unwrap()["browser_session"] == true
}

async fn nobody(window: &Desktop, connection: &str, asked: &Asked) {
    window.begin(connection, asked).await;
    let report = window.ended().await;
    assert_explained(&report, "provider_error", "oauth_error", "session");
    assert_eq!(report["error"]["code"], "login_required");
}
