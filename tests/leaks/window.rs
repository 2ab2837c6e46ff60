//! Everything that the window can do with secrets, and then every place.

use latchkey_simulator::{Faults, Generation};
use support::desktop::{Desktop, NewConnection, Setup, desktop, hook};

use crate::canaries::Canaries;
use crate::places;
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME, claimed, indiscreet, quoted, tenant};

const NAME: &str = "Canary";

#[tokio::test]
async fn h26_no_secret_of_the_window_is_anywhere_but_in_the_keychain() {
    let tenant = tenant().await;
    let trace = |name| (name, "trace".to_owned());
    let variables = vec![trace("LATCHKEY_LOG"), trace("RUST_LOG"), ("RUST_BACKTRACE", "1".to_owned())];
    desktop(Setup { variables, ..Setup::first_start() }, async |window| {
        let mut canaries = Canaries::default();
        canaries.plant("the password", PASSWORD);
        canaries.plant("the client secret", CLIENT_SECRET);
        window
            .connect(&NewConnection {
                name: NAME.to_owned(),
                issuer: tenant.issuer(Generation::V2),
                client_id: CLIENT_ID.to_owned(),
                method: "basic",
                client_secret: CLIENT_SECRET.to_owned(),
            })
            .await;
        let id = window.connection(NAME).await;
        window.sign_in_with(USERNAME, PASSWORD).await;
        window.reads(&hook("verdict"), "Signed in as Carla Canary").await;
        plant_tokens(window, &id, &mut canaries, "sign-in").await;
        everywhere(window, &id, &canaries).await;

        copies_and_reveals(window, &canaries).await;
        window.click("tab-session").await;
        window.click("refresh-submit").await;
        window.reads("main", "Refreshed for Carla Canary").await;
        plant_tokens(window, &id, &mut canaries, "refresh").await;
        everywhere(window, &id, &canaries).await;

        window.click("tab-signin").await;
        window.click("way-password").await;
        for faults in indiscreet() {
            tenant.set_faults(faults);
            window.sign_in_with(USERNAME, PASSWORD).await;
            window.hook("problem").await;
            window.reads(&hook("verdict"), "Nothing was stored.").await;
            everywhere(window, &id, &canaries).await;
            window.click("tab-signin").await;
        }
        for faults in quoted() {
            tenant.set_faults(faults);
            window.sign_in_with(USERNAME, PASSWORD).await;
            window.hook("problem").await;
            window.reads(&hook("verdict"), "The tokens are shown as untrusted.").await;
            everywhere(window, &id, &canaries).await;
            window.click("tab-signin").await;
        }
        tenant.set_faults(claimed());
        window.sign_in_with(USERNAME, PASSWORD).await;
        window.reads(&hook("verdict"), "Signed in as Carla Canary").await;
        plant_tokens(window, &id, &mut canaries, "sign-in with the password in its claims").await;
        everywhere(window, &id, &canaries).await;
        tenant.set_faults(Faults::default());

        window.restart().await;
        window.click("way-refresh").await;
        window.reads(&hook("session-stored"), "The keychain holds a refresh token").await;
        window.click("refresh-submit").await;
        window.reads(&hook("verdict"), "Refreshed for Carla Canary").await;
        plant_tokens(window, &id, &mut canaries, "refresh after a restart").await;
        everywhere(window, &id, &canaries).await;
        assert!(canaries.count() >= 11, "{} secrets", canaries.count());

        // The test would have noticed: the log is at its loudest, and the keychain does hold them.
        let log = std::fs::read_to_string(window.machine.log_file()).unwrap();
        assert!(log.contains("window ready"), "the log was off");
        // What libraries trace holds headers and messages of D-Bus: no level of ours lets them.
        assert!(!log.contains("TRACE"), "a library logged");
        let kept = window.machine.keychain_entry(&format!("{id}/refresh-token")).unwrap();
        assert!(!canaries.found_in(kept.as_bytes()).is_empty());
        window.end();
        places::files(window, &canaries);
    })
    .await;
}

async fn plant_tokens(window: &Desktop, id: &str, canaries: &mut Canaries, when: &str) {
    for kind in ["access_token", "refresh_token", "id_token"] {
        let token = window.token(id, kind).await;
        canaries.plant(&format!("the {kind} of the {when}"), &token);
        if let Some((_, signature)) = token.rsplit_once('.') {
            canaries.plant(&format!("the signature of the {kind} of the {when}"), signature);
        }
    }
}

/// Reveal and hide, decode, and every Copy. What is copied on purpose is a token; commands hold none.
async fn copies_and_reveals(window: &Desktop, canaries: &Canaries) {
    window.click("tab-session").await;
    for token in ["Access token", "Refresh token", "ID token"] {
        window.press(&format!("Reveal {token}")).await;
        // What is shown on purpose is found: the search works on this page.
        window
            .until("the token is shown", async || {
                (!canaries.found_in(window.page_text().await.as_bytes()).is_empty()).then_some(())
            })
            .await;
        window.press(&format!("Hide {token}")).await;
    }
    window.press("Decode Access token").await;
    window.press("Reveal Access token").await;
    window.hook("token-access_token").await;
    window.click("tab-traffic").await;
    for exchange in ["Token", "UserInfo"] {
        window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", exchange).await;
        window.reads("section.detail h2", exchange).await;
        window.click("copy-curl").await;
        window.reads(&hook("copy-curl"), "Copied").await;
        let copied = window.clipboard().await;
        assert!(copied.contains("curl"), "{exchange}");
        canaries.absent_from("a copied command", copied);
    }
    window.click("tab-signin").await;
    window.click("si-curl").await;
    window.reads(&hook("si-curl"), "Copied").await;
    canaries.absent_from("a copied command", window.clipboard().await);
}

async fn everywhere(window: &Desktop, id: &str, canaries: &Canaries) {
    for tab in ["signin", "session", "claims", "provider", "traffic"] {
        window.click(&format!("tab-{tab}")).await;
        window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
        places::page(window, canaries).await;
    }
    let exchanges =
        window.driver().find_all(thirtyfour::By::Css("[data-testid^='exchange-']")).await.unwrap();
    for number in 0..exchanges.len() {
        window.click_on(&format!("li:nth-child({}) > [data-testid^='exchange-']", number + 1)).await;
        places::page(window, canaries).await;
    }
    places::commands(window, id, canaries).await;
    places::processes(window, canaries);
    places::files(window, canaries);
}
