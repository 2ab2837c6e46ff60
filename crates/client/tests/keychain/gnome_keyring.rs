//! Against the real thing.

use std::process::Command;
use std::time::{Duration, Instant};

use latchkey_client::keychain::{Keychain, KeychainError, SecretKind};
use latchkey_oidc::Secret;

use crate::session::{Home, LOCKED, UNLOCKED, part};
use crate::{ID, TOKEN};

fn system() -> Keychain {
    Keychain::system().with_prompt_limit(Duration::from_secs(3))
}

#[tokio::test]
async fn h24_a_round_trip_and_an_empty_keychain() {
    if part().is_none() {
        return Home::new().session(UNLOCKED, "gnome_keyring::h24_a_round_trip_and_an_empty_keychain", "run");
    }
    let keychain = system();
    let started = Instant::now();
    assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), None);
    println!("empty read: {:?}", started.elapsed());
    keychain.delete(ID, TOKEN).await.unwrap();
    let started = Instant::now();
    let long = "long".repeat(16 * 1024);
    for value in ["first", "second ünï \"quoted\"\n$HOME", long.as_str(), ""] {
        let secret = Secret::from(value);
        keychain.set(ID, TOKEN, &secret).await.unwrap();
        assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), Some(secret));
    }
    println!("four writes, read back, and four reads: {:?}", started.elapsed());
    keychain.set(ID, SecretKind::ClientSecret, &Secret::from("client secret")).await.unwrap();
    assert_eq!(keychain.get("another", TOKEN).await.unwrap(), None);
    // Other tools find it under the names that the documentation gives.
    let lookup = Command::new("secret-tool")
        .args(["lookup", "service", "Latchkey", "username", &format!("{ID}/client-secret")])
        .output()
        .unwrap();
    assert_eq!(lookup.stdout, b"client secret");
    keychain.delete(ID, TOKEN).await.unwrap();
    assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), None);
    assert!(keychain.get(ID, SecretKind::ClientSecret).await.unwrap().is_some());
}

#[tokio::test]
async fn h24_what_was_kept_is_there_after_a_restart_and_locked_is_not_mistaken_for_empty() {
    const NAME: &str =
        "gnome_keyring::h24_what_was_kept_is_there_after_a_restart_and_locked_is_not_mistaken_for_empty";
    let keychain = system();
    match part().as_deref() {
        None => {
            let home = Home::new();
            home.session(UNLOCKED, NAME, "write");
            home.session(UNLOCKED, NAME, "read");
            home.session(LOCKED, NAME, "locked");
            home.session(UNLOCKED, NAME, "read");
        }
        Some("write") => keychain.set(ID, TOKEN, &Secret::from("kept")).await.unwrap(),
        Some("read") => assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), Some(Secret::from("kept"))),
        Some(_) => {
            for id in [ID, "of which nothing is kept"] {
                let started = Instant::now();
                assert_eq!(keychain.peek(id, TOKEN).await, Err(KeychainError::Locked));
                println!("a look at a locked keychain: {:?}", started.elapsed());
                // No screen to ask on: the prompt ends by itself or at its limit, and never hangs.
                let started = Instant::now();
                let error = keychain.get(id, TOKEN).await.unwrap_err();
                println!("unlocking without a screen: {error:?} after {:?}", started.elapsed());
                assert!(matches!(error, KeychainError::Locked | KeychainError::TimedOut), "{error:?}");
                let error = keychain.set(id, TOKEN, &Secret::from("overwritten")).await.unwrap_err();
                assert!(matches!(error, KeychainError::Locked | KeychainError::TimedOut), "{error:?}");
                let error = keychain.delete(id, TOKEN).await.unwrap_err();
                assert!(matches!(error, KeychainError::Locked | KeychainError::TimedOut), "{error:?}");
                assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
                assert_eq!(
                    keychain.peek(id, TOKEN).await,
                    Err(KeychainError::Locked),
                    "still answers at once"
                );
            }
        }
    }
}

#[tokio::test]
async fn h24_a_keychain_that_was_never_set_up_is_empty_and_refuses_to_write() {
    const NAME: &str = "gnome_keyring::h24_a_keychain_that_was_never_set_up_is_empty_and_refuses_to_write";
    if part().is_none() {
        return Home::new().session(LOCKED, NAME, "run");
    }
    let keychain = system();
    assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), None);
    keychain.delete(ID, TOKEN).await.unwrap();
    let started = Instant::now();
    let error = keychain.set(ID, TOKEN, &Secret::from("value")).await.unwrap_err();
    println!("creating a keyring without a screen: {error:?} after {:?}", started.elapsed());
    assert!(matches!(error, KeychainError::Locked | KeychainError::TimedOut), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    assert_eq!(keychain.peek(ID, TOKEN).await.unwrap(), None);
}

#[tokio::test]
async fn h24_no_bus_and_no_service_are_absent_and_a_service_that_starts_later_is_found() {
    const NAME: &str =
        "gnome_keyring::h24_no_bus_and_no_service_are_absent_and_a_service_that_starts_later_is_found";
    let keychain = system();
    match part().as_deref() {
        None => {
            let home = Home::new();
            let program = std::env::current_exe().unwrap();
            home.run(home.command(program.to_str().unwrap()), NAME, "absent");
            for address in ["unix:path=/nonexistent/bus", "nonsense", ""] {
                let mut command = home.command(program.to_str().unwrap());
                command.env("DBUS_SESSION_BUS_ADDRESS", address);
                home.run(command, NAME, "absent");
            }
            // A bus on which nothing can be started.
            home.session_without_services("", NAME, "absent");
            home.session_without_services("", NAME, "later");
        }
        Some("absent") => {
            let started = Instant::now();
            let secret = Secret::from("value");
            assert_eq!(keychain.peek(ID, TOKEN).await, Err(KeychainError::Absent));
            assert_eq!(keychain.get(ID, TOKEN).await, Err(KeychainError::Absent));
            assert_eq!(keychain.set(ID, TOKEN, &secret).await, Err(KeychainError::Absent));
            assert_eq!(keychain.delete(ID, TOKEN).await, Err(KeychainError::Absent));
            println!("four calls without a service: {:?}", started.elapsed());
            assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        }
        Some(_) => {
            assert_eq!(keychain.get(ID, TOKEN).await, Err(KeychainError::Absent));
            let started = Command::new("sh").args(["-c", UNLOCKED]).status().unwrap();
            assert!(started.success());
            // It goes into the background before it has its name on the bus.
            let secret = Secret::from("value");
            let started = Instant::now();
            while keychain.set(ID, TOKEN, &secret).await == Err(KeychainError::Absent) {
                assert!(started.elapsed() < Duration::from_secs(5));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), Some(secret));
        }
    }
}
