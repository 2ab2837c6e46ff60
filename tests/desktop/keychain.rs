//! What outlives the window, and where: the keychain, or nothing.

use latchkey_simulator::{ClientRole, Faults};
use support::axe;
use support::desktop::{Desktop, KeychainState, NewConnection, Setup, desktop, hook};

use crate::common::{client, tenant};

#[tokio::test]
async fn after_a_restart_the_demo_session_is_refreshed_from_the_keychain_and_forgotten() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Refresh token kept in the keychain").await;
        let id = window.connection("Demo tenant").await;
        let account = format!("{id}/refresh-token");
        let first = window.machine.keychain_entry(&account).expect("a refresh token");

        window.set_arguments(Vec::new());
        window.restart().await;
        window.reads("main", "The keychain holds a refresh token from an earlier sign-in.").await;
        axe::check(window, "a start with something in the keychain").await;
        window.press("Go to Refresh").await;
        window.reads(&hook("session-stored"), "The keychain holds a refresh token").await;
        axe::check(window, "the way Refresh").await;
        window.click("refresh-submit").await;
        window.reads(&hook("verdict"), "Refreshed for Peggy Sue").await;
        let second = window.machine.keychain_entry(&account).expect("a refresh token");
        assert_ne!(first, second, "the refresh token rotates");
        assert_eq!(window.token(&id, "refresh_token").await, second);
        axe::check(window, "a refresh").await;

        window.click("tab-session").await;
        window.click("forget").await;
        axe::check(window, "the question before forgetting").await;
        window.click("forget-confirm").await;
        window.reads(&hook("session-stored"), "The keychain holds no refresh token").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
        assert_eq!(window.machine.keychain_accounts(), Vec::<String>::new());
        axe::check(window, "a forgotten session").await;
        window.restart().await;
        window.click("tab-session").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
    })
    .await;
}

#[tokio::test]
async fn a_connection_of_ones_own_refreshes_after_a_restart_and_leaves_nothing_when_it_is_removed() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let app = client(&tenant, ClientRole::Basic);
        window.connect(&NewConnection::to(&tenant, app)).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        let id = window.connection(&app.name).await;
        let secret = window.machine.keychain_entry(&format!("{id}/client-secret"));
        assert_eq!(secret, app.client_secret);

        window.restart().await;
        window.click("way-refresh").await;
        window.reads(&hook("session-stored"), "The keychain holds a refresh token").await;
        assert!(!window.is_there(&hook("si-client-secret")).await, "the secret is in the keychain");
        window.click("refresh-submit").await;
        window.reads(&hook("verdict"), "Refreshed for Peggy Sue").await;

        window.click("connection-remove").await;
        window.click("remove-confirm").await;
        window.hook("first-start").await;
        assert_eq!(window.machine.keychain_accounts(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn h24_a_locked_keychain_is_said_and_this_session_only_works() {
    desktop(Setup::demo().keychain(KeychainState::Locked), async |window| {
        window.reads("main", "is locked, or its prompt was dismissed").await;
        axe::check(window, "a locked keychain").await;
        window.click("si-keep").await;
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Refresh token kept until this window closes.").await;
        session_only_works(window).await;
    })
    .await;
}

#[tokio::test]
async fn h24_keeping_in_a_locked_keychain_never_freezes_the_window() {
    desktop(Setup::demo().keychain(KeychainState::Locked), async |window| {
        window.click("demo-user-peggy.sue").await;
        window.click("si-submit").await;
        let started = std::time::Instant::now();
        for tab in ["provider", "traffic", "signin"] {
            window.click(&format!("tab-{tab}")).await;
            window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
        }
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        window.reads("section[aria-label=Result]", "The refresh token is not in the keychain").await;
        axe::check(window, "a refresh token that could not be kept").await;
        session_only_works(window).await;
    })
    .await;
}

#[tokio::test]
async fn h24_a_keychain_that_answers_nothing_is_given_up_and_never_freezes_the_window() {
    desktop(Setup::demo(), async |window| {
        window.click("tab-session").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
        window.click("tab-signin").await;
        window.machine.freeze_keychain();
        window.click("demo-user-peggy.sue").await;
        window.click("si-submit").await;
        let started = std::time::Instant::now();
        for tab in ["provider", "traffic", "signin"] {
            window.click(&format!("tab-{tab}")).await;
            window.see(&format!("#tab-{tab}[aria-selected=true]")).await;
        }
        assert!(started.elapsed().as_secs() < 4, "{:?}", started.elapsed());
        window.reads(&hook("verdict"), "Refresh token kept until this window closes.").await;
        window.reads("section[aria-label=Result]", "did not answer in time").await;
        axe::check(window, "a keychain that does not answer").await;
    })
    .await;
}

#[tokio::test]
async fn h24_a_keychain_that_is_unlocked_again_is_used_again() {
    desktop(Setup::demo().keychain(KeychainState::Locked), async |window| {
        window.reads("main", "is locked, or its prompt was dismissed").await;
        window.machine.unlock_keychain();
        window.press("Try again").await;
        window.click("tab-session").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
        window.click("tab-signin").await;
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Refresh token kept in the keychain").await;
    })
    .await;
}

#[tokio::test]
async fn h24_without_a_keychain_service_this_session_only_works() {
    desktop(Setup::demo().keychain(KeychainState::Absent), async |window| {
        window.reads("main", "No keychain service answers").await;
        assert!(!window.is_there(&hook("si-keep")).await, "nothing is offered that cannot be done");
        axe::check(window, "no keychain").await;
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Refresh token kept until this window closes.").await;
        session_only_works(window).await;
    })
    .await;
}

#[tokio::test]
async fn h24_without_a_keychain_a_connection_is_saved_without_its_secret_which_is_asked_for_each_time() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start().keychain(KeychainState::Absent), async |window| {
        let new = NewConnection::to(&tenant, client(&tenant, ClientRole::Basic));
        window.fill_connection(&new).await;
        window.click("nc-save").await;
        window.reads("main", "No keychain service answers").await;
        assert_eq!(window.value("nc-client-secret").await, new.client_secret);
        axe::check(window, "a secret that cannot be kept").await;
        window.press("Save without the secret").await;
        window.fill("si-client-secret", &new.client_secret).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        assert_not_on_disk(window, &new.client_secret);
    })
    .await;
}

/// After a sign-in: the token is in memory, refreshes there, and is in no file.
async fn session_only_works(window: &Desktop) {
    let id = window.connection("Demo tenant").await;
    let token = window.token(&id, "refresh_token").await;
    assert_not_on_disk(window, &token);
    window.click("tab-session").await;
    window.reads(&hook("session-stored"), "This window holds a refresh token until it closes.").await;
    axe::check(window, "a session in memory").await;
    window.click("refresh-submit").await;
    window.reads("main", "Refreshed for Peggy Sue").await;
    let rotated = window.token(&id, "refresh_token").await;
    assert_ne!(token, rotated);
    assert_not_on_disk(window, &rotated);
}

fn assert_not_on_disk(window: &Desktop, secret: &str) {
    for file in files(&window.machine.home()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "{} holds the secret", file.display());
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}
