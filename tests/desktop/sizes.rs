//! H-27: much of everything is shown, and the page goes on answering.

use latchkey_simulator::{ClientRole, Faults, KeySetFault};
use support::axe;
use support::desktop::{Desktop, NewConnection, Setup, desktop, hook};

use crate::common::{client, tenant};

#[tokio::test]
async fn h27_five_thousand_groups_are_counted_opened_and_scrolled_to_the_last() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("greta.groups").await;
        window.reads(&hook("verdict"), "Signed in as Greta Groups").await;
        window.click("tab-claims").await;
        window.reads(&hook("claim-groups"), "5,000 values").await;
        window.click_on("[data-testid=claim-groups] button.open").await;
        window.reads(&hook("claim-groups"), "Group 0001").await;
        scroll_to_the_end(window, "[data-testid=claim-groups] [role=region]").await;
        window.reads(&hook("claim-groups"), "Group 5000").await;
        let rows = window
            .script("return document.querySelectorAll('[data-testid=claim-groups] li').length;", Vec::new());
        assert!(rows.await.as_u64().unwrap() < 200, "only what is on the screen exists");
        axe::check(window, "5,000 groups").await;
        window.click("tab-traffic").await;
        window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", "UserInfo").await;
        window.reads("section.detail", "Group 0001").await;
        answers(window).await;
    })
    .await;
}

#[tokio::test]
async fn h27_two_hundred_kilobytes_of_claims_are_shown_and_filtered() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("clara.claims").await;
        window.reads(&hook("verdict"), "Signed in as Clara Claims").await;
        window.click("tab-claims").await;
        window.hook("claim-custom_001").await;
        axe::check(window, "400 claims").await;
        window.control('f').await;
        window.keys("custom_399").await;
        window.gone(&hook("claim-custom_001")).await;
        window.hook("claim-custom_399").await;
        window.press("JSON").await;
        window.reads("main", "custom_").await;
        answers(window).await;
    })
    .await;
}

#[tokio::test]
async fn h27_a_thousand_keys_are_shown_and_the_right_one_verifies() {
    let tenant = tenant(Faults { key_set: Some(KeySetFault::Many(1_000)), ..Faults::default() }).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        window.click("tab-provider").await;
        window.click("provider-keys").await;
        window.reads("main", "1,001 keys").await;
        scroll_to_the_end(window, "[role=region][aria-label=Keys]").await;
        window.see("tr[aria-rowindex='1002']").await;
        axe::check(window, "1,001 keys").await;
        answers(window).await;
    })
    .await;
}

async fn scroll_to_the_end(window: &Desktop, css: &str) {
    window.see(css).await;
    let script = "const box = document.querySelector(arguments[0]); box.scrollTop = box.scrollHeight;";
    window.script(script, vec![css.into()]).await;
}

/// A frame is painted and a click is answered within a second: how smooth it is, the benchmark says.
async fn answers(window: &Desktop) {
    let started = std::time::Instant::now();
    let frame = "await new Promise((done) => requestAnimationFrame(done));";
    window.script_later(frame, Vec::new()).await.unwrap();
    window.click("tab-signin").await;
    window.see("#tab-signin[aria-selected=true]").await;
    assert!(started.elapsed().as_secs() < 3, "{:?}", started.elapsed());
}
