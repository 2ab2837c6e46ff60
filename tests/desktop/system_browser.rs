//! Sign-in and sign-out in the system's browser, which here is a script that notes what it is to open, and a person of
//! the tests who goes there.

use std::path::PathBuf;

use latchkey_simulator::{ClientRole, Faults};
use support::desktop::{Desktop, NewConnection, Setup, assert_signed_in, desktop, hook, status};
use support::person::Person;
use tempfile::TempDir;
use url::Url;

use crate::common::{client, tenant};

const LOOPBACK: &str = "http://127.0.0.1/callback";

/// What the system opens addresses with.
struct Opener {
    folder: TempDir,
}

impl Opener {
    /// `works`: whether it can open anything.
    fn new(works: bool) -> Self {
        let folder = TempDir::with_prefix("latchkey-opener-").unwrap();
        let script = if works {
            "#!/bin/sh\nprintf '%s' \"$1\" > \"$0.new\" && mv \"$0.new\" \"$0.address\"\n"
        } else {
            "#!/bin/sh\nexit 3\n"
        };
        for name in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
            let file = folder.path().join(name);
            std::fs::write(&file, script).unwrap();
            let rights = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&file, rights).unwrap();
        }
        Self { folder }
    }

    /// A computer on which it comes first.
    fn setup(&self) -> Setup {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.folder.path().display());
        Setup { variables: vec![("PATH", path)], ..Setup::first_start() }
    }

    fn note(&self) -> PathBuf {
        self.folder.path().join("xdg-open.address")
    }

    /// What it was to open, once it was asked.
    async fn address(&self, window: &Desktop) -> Url {
        let text = window
            .until("the system's browser is asked", async || std::fs::read_to_string(self.note()).ok())
            .await;
        std::fs::remove_file(self.note()).unwrap();
        Url::parse(&text).unwrap()
    }
}

/// A person goes to the address and does what the pages ask.
async fn goes(address: Url) -> String {
    let visit = move || Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
    tokio::task::spawn_blocking(visit).await.unwrap()
}

/// The Browser form, set to the system's browser.
async fn choose_system(window: &Desktop) {
    window.click("tab-signin").await;
    window.click("way-browser").await;
    window.click("bw-browser-system").await;
    window.fill("bw-redirect-uri", LOOPBACK).await;
}

#[tokio::test]
async fn the_system_browser_signs_in_and_signs_out_and_the_id_token_is_no_argument() {
    let (tenant, opener) = (tenant(Faults::default()).await, Opener::new(true));
    let new = NewConnection::to(&tenant, client(&tenant, ClientRole::Native));
    desktop(opener.setup(), async |window| {
        window.connect(&new).await;
        let id = window.connection(&new.name).await;
        for response_type in ["code", "id_token token"] {
            choose_system(window).await;
            window.choose("bw-response-type", response_type).await;
            window.click("bw-submit").await;
            let address = opener.address(window).await;
            window.reads(&hook("bw-address"), "response_type").await;
            assert!(window.login_windows().is_empty(), "no window of ours");
            let page = goes(address).await;
            assert!(page.contains("You can close this window"), "{page}");
            let report = window.concluded(&id).await;
            assert_signed_in(&report, response_type);
            assert_eq!(status(&report, "authorization_state"), "passed");
            window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        }
        window.click("tab-session").await;
        window.click("sign-out").await;
        window.hook("sign-out-browser").await;
        window.choose("sign-out-browser", "system").await;
        window.fill("sign-out-uri", "http://127.0.0.1/signed-out").await;
        window.click("sign-out-confirm").await;
        let door = opener.address(window).await;
        assert!(!door.as_str().contains("id_token"), "{door}");
        let page = goes(door).await;
        assert!(page.contains("You can close this window"), "{page}");
        window.reads(&hook("ending-result"), "Signed out").await;
    })
    .await;
}

#[tokio::test]
async fn where_no_browser_opens_the_address_still_works_by_hand() {
    let (tenant, opener) = (tenant(Faults::default()).await, Opener::new(false));
    let new = NewConnection::to(&tenant, client(&tenant, ClientRole::Native));
    desktop(opener.setup(), async |window| {
        window.connect(&new).await;
        let id = window.connection(&new.name).await;
        choose_system(window).await;
        window.click("bw-submit").await;
        window.reads("main", "No browser could be opened").await;
        let shown = window.text(&hook("bw-address")).await;
        let address = Url::parse(&shown.split_whitespace().collect::<String>()).unwrap();
        let page = goes(address).await;
        assert!(page.contains("You can close this window"), "{page}");
        assert_signed_in(&window.concluded(&id).await, "by hand");
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_in_the_login_window_ends_the_session_that_was_kept() {
    desktop(Setup::demo(), async |window| {
        window.hook("si-username").await;
        window.click("way-browser").await;
        window.click("bw-keep-session").await;
        window.click("bw-submit").await;
        window.login_window().await.signs_in("peggy.sue", "demo-peggy");
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        window.login_window_is_closed().await;
        window.click("tab-session").await;
        window.click("sign-out").await;
        window.hook("sign-out-browser").await;
        window.choose("sign-out-browser", "login_window").await;
        window.click("sign-out-confirm").await;
        window.reads(&hook("ending-result"), "Signed out").await;
        window.login_window_is_closed().await;
        // The cookies are those of the sign-in: with the session gone, a page asks again.
        window.click("tab-signin").await;
        window.click("bw-submit").await;
        let login = window.login_window().await;
        login.signs_in("peggy.sue", "demo-peggy");
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    })
    .await;
}
