//! Dark, and narrow: every screen is there, and breaks no rule of accessibility.

use support::axe;
use support::desktop::{Desktop, Setup, desktop, hook};

#[tokio::test]
async fn every_screen_in_the_dark() {
    desktop(Setup { dark: true, ..Setup::first_start() }, async |window| {
        let dark =
            window.script("return matchMedia('(prefers-color-scheme: dark)').matches;", Vec::new()).await;
        assert_eq!(dark, true);
        every_screen(window, "dark").await;
    })
    .await;
}

#[tokio::test]
async fn every_screen_at_760_pixels() {
    desktop(Setup::first_start(), async |window| {
        let dark =
            window.script("return matchMedia('(prefers-color-scheme: dark)').matches;", Vec::new()).await;
        assert_eq!(dark, false);
        window.set_width(760).await;
        every_screen(window, "760 px").await;
    })
    .await;
}

async fn every_screen(window: &Desktop, look: &str) {
    look_at(window, look, "first start").await;
    window.click("door-onelogin").await;
    window.click("nc-save").await;
    look_at(window, look, "a form with errors").await;
    window.press("Cancel").await;
    window.click("door-demo").await;
    window.sign_in("lou.locked").await;
    look_at(window, look, "a refused sign-in").await;
    window.sign_in("peggy.sue").await;
    window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    look_at(window, look, "a sign-in").await;
    window.click("way-refresh").await;
    look_at(window, look, "Refresh").await;
    for tab in ["session", "claims", "provider", "traffic"] {
        window.click(&format!("tab-{tab}")).await;
        window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
        look_at(window, look, tab).await;
    }
    window.click("tab-provider").await;
    window.click("provider-keys").await;
    look_at(window, look, "keys").await;
    window.click("connection-remove").await;
    window.hook("remove-confirm").await;
    look_at(window, look, "a question").await;
    window.press("Cancel").await;
    window.gone(&hook("remove-confirm")).await;
    window.click("settings").await;
    look_at(window, look, "settings").await;
}

/// No rule is broken, and nothing is cut off at the side.
async fn look_at(window: &Desktop, look: &str, screen: &str) {
    axe::check(window, &format!("{screen}, {look}")).await;
    let overflow = window
        .script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth;",
            Vec::new(),
        )
        .await;
    assert_eq!(overflow, 0, "{screen}, {look}: wider than the window");
}
