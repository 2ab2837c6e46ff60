//! Takes the pictures of the documents from the real window: `cargo xtask pictures`.
#![allow(clippy::expect_used)] // whoever takes pictures wants to hear at once what is missing

use std::path::{Path, PathBuf};

use support::desktop::{Desktop, KEEP_PAINTING, Setup, desktop, hook};

#[tokio::main]
async fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("the folder for the pictures"));
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    desktop(Setup::first_start(), async |window| {
        take(window, &folder, "first-start").await;
        window.click("door-demo").await;
        sign_in(window).await;
        take(window, &folder, "sign-in-light").await;
        for tab in ["claims", "session", "provider", "traffic"] {
            window.click(&format!("tab-{tab}")).await;
            window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
            if tab == "traffic" {
                window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", "Token").await;
                window.reads("section.detail h2", "Token").await;
            }
            take(window, &folder, tab).await;
        }
        window.click("tab-signin").await;
        at_the_provider(window, &folder).await;
        window.click("way-password").await;
        window.sign_in("mia.mfa").await;
        window.reads(&hook("problem"), "MFA").await;
        take(window, &folder, "refused").await;
    })
    .await;
    desktop(Setup { dark: true, ..Setup::demo() }, async |window| {
        sign_in(window).await;
        take(window, &folder, "sign-in-dark").await;
    })
    .await;
}

async fn sign_in(window: &Desktop) {
    window.sign_in("peggy.sue").await;
    window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
}

/// The Browser way while its login window is open, and the login window.
async fn at_the_provider(window: &Desktop, folder: &Path) {
    window.click("way-browser").await;
    window.click("bw-submit").await;
    let login = window.login_window().await;
    window.reads(&hook("bw-page"), "127.0.0.1").await;
    take(window, folder, "browser").await;
    // WebDriver does not see this window.
    let picture = folder.join("login-window.png");
    let taken = window.machine.command("import").args(["-window", &login.id()]).arg(&picture).status();
    assert!(taken.expect("import (package imagemagick)").success(), "a picture of the login window");
    login.signs_in("peggy.sue", "demo-peggy");
    window.login_window_is_closed().await;
    window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
}

/// One picture, without what a pointer or the focus leave behind.
async fn take(window: &Desktop, folder: &Path, name: &str) {
    let pointer_away = window.driver().action_chain().move_to(1, 1);
    pointer_away.perform().await.expect("the pointer can be moved");
    window.script_later(COME_TO_REST, Vec::new()).await.expect("the page comes to rest");
    window.script(KEEP_PAINTING, Vec::new()).await;
    let file = folder.join(format!("{name}.png"));
    window.driver().screenshot(&file).await.expect("a picture");
    window.script("clearInterval(window.painting);", Vec::new()).await;
}

const COME_TO_REST: &str = "document.activeElement?.blur(); await document.fonts.ready; \
    document.querySelectorAll('*').forEach((one) => { one.scrollTop = 0; }); \
    await Promise.all(document.getAnimations() \
        .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity) \
        .map((one) => one.finished.catch(() => {})));";
