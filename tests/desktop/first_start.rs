//! The first start and the first sign-in.

use support::axe;
use support::desktop::{Setup, desktop, hook};
use thirtyfour::By;

#[tokio::test]
async fn the_first_start_offers_three_doors() {
    desktop(Setup::first_start(), async |window| {
        for door in ["door-demo", "door-onelogin", "door-issuer"] {
            window.hook(door).await;
        }
        axe::check(window, "first start").await;
        window.click("door-issuer").await;
        window.hook("nc-issuer").await;
        window.press("Cancel").await;
        window.click("door-onelogin").await;
        window.hook("nc-subdomain").await;
        window.press("Cancel").await;
        window.click("door-demo").await;
        assert_eq!(window.value("si-username").await, "peggy.sue");
        axe::check(window, "the demo tenant before the first run").await;
    })
    .await;
}

/// Setting out without the demo, so that the first screen comes with the page and is asked for by nobody.
#[tokio::test]
async fn a_page_that_is_loaded_again_shows_what_there_is_now() {
    desktop(Setup::first_start(), async |window| {
        window.click("door-demo").await;
        window.hook("si-username").await;
        window.driver().refresh().await.unwrap();
        window.hook("connection-Demo tenant").await;
        assert!(!window.is_there(&hook("first-start")).await, "the screen of the start came again");
        window.restart().await;
        window.hook("connection-Demo tenant").await;
    })
    .await;
}

#[tokio::test]
async fn signing_in_to_the_demo_tenant_shows_who_and_every_check() {
    desktop(Setup::demo(), async |window| {
        window.click("demo-user-peggy.sue").await;
        assert_eq!(window.value("si-username").await, "peggy.sue");
        assert_eq!(window.value("si-password").await, "demo-peggy");
        window.click("si-submit").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        let rows = window.driver().find_all(By::Css("[data-testid^='finding-']")).await.unwrap();
        assert!(rows.len() > 15, "{} checks", rows.len());
        for row in rows {
            let name = row.attr("data-testid").await.unwrap().unwrap();
            assert_ne!(row.attr("data-status").await.unwrap().unwrap(), "failed", "{name}");
            for column in 1..=2 {
                let cell = row.find_all(By::Tag("td")).await.unwrap().swap_remove(column - 1);
                assert_ne!(cell.text().await.unwrap().trim(), "", "{name}, column {column}");
            }
        }
        for check in ["id_token_signature", "id_token_issuer", "id_token_audience", "user_info_subject"] {
            let row = window.hook(&format!("finding-{check}")).await;
            assert_eq!(row.attr("data-status").await.unwrap().unwrap(), "passed", "{check}");
        }
        axe::check(window, "a successful sign-in").await;
    })
    .await;
}

#[tokio::test]
async fn the_session_shows_three_tokens_and_reveals_only_what_is_asked_for() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("peggy.sue").await;
        window.click("tab-session").await;
        window.reads(&hook("session-stored"), "The keychain holds a refresh token").await;
        for token in ["id_token", "access_token", "refresh_token"] {
            window.hook(&format!("token-{token}")).await;
        }
        let id = window.connection("Demo tenant").await;
        let value = window.machine.keychain_entry(&format!("{id}/refresh-token")).expect("a refresh token");
        assert!(!window.page_text().await.contains(&value));
        axe::check(window, "the session").await;

        window.press("Reveal Refresh token").await;
        window.reads(&hook("token-refresh_token"), &value).await;
        axe::check(window, "the session with a revealed token").await;
        window.press("Hide Refresh token").await;
        window
            .until("the token is hidden", async || (!window.page_text().await.contains(&value)).then_some(()))
            .await;

        window.press("Reveal Refresh token").await;
        window.reads(&hook("token-refresh_token"), &value).await;
        window.click("tab-claims").await;
        window.click("tab-session").await;
        window.hook("token-refresh_token").await;
        assert!(!window.page_text().await.contains(&value), "a revealed value outlives its tab");

        window.press("Decode ID token").await;
        window.reads(&hook("token-id_token"), "\"32916209\"").await;
        axe::check(window, "the session with a decoded token").await;

        window.press("Copy Access token").await;
        window.reads(&hook("token-access_token"), "Copied").await;
        let copied = window.clipboard().await;
        assert_eq!(copied.split('.').count(), 3, "an access token is a JWT here");
        assert!(!window.page_text().await.contains(&copied));
    })
    .await;
}
