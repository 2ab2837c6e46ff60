//! H-24: the keychain held, empty, locked, absent and slow. On Linux against a real GNOME Keyring on a
//! D-Bus of its own, in a child process with a HOME of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // Tests, and their helpers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use latchkey_client::keychain::{Keychain, KeychainError, MemoryKeychain, SecretKind, SecretStore};
use latchkey_oidc::{Problem, ProblemKind, Secret};

const TOKEN: SecretKind = SecretKind::RefreshToken;
const ID: &str = "0123456789abcdef0123456789abcdef";

/// A keychain that does as told.
#[derive(Default)]
struct Fake {
    memory: MemoryKeychain,
    delay: Duration,
    locked: std::sync::Mutex<bool>,
    /// What a prompt brings: it stays locked where `None`.
    unlocks: Option<Duration>,
    forgets: bool,
    changes: bool,
    running: AtomicUsize,
    calls: AtomicUsize,
}

impl Fake {
    fn call<T>(&self, result: impl FnOnce() -> Result<T, KeychainError>) -> Result<T, KeychainError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.running.fetch_add(1, Ordering::SeqCst), 0, "one call at a time");
        std::thread::sleep(self.delay);
        self.running.fetch_sub(1, Ordering::SeqCst);
        if *self.locked.lock().unwrap() { Err(KeychainError::Locked) } else { result() }
    }
}

impl SecretStore for Fake {
    fn get(&self, id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        self.call(|| self.memory.get(id, kind))
    }

    fn set(&self, id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        self.call(|| match (self.forgets, self.changes) {
            (true, _) => Ok(()),
            (_, true) => self.memory.set(id, kind, &Secret::from("something else")),
            _ => self.memory.set(id, kind, secret),
        })
    }

    fn delete(&self, id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        self.call(|| self.memory.delete(id, kind))
    }

    fn unlock(&self, limit: Duration) -> Result<(), KeychainError> {
        match self.unlocks {
            Some(after) if after <= limit => {
                std::thread::sleep(after);
                *self.locked.lock().unwrap() = false;
                Ok(())
            }
            Some(_) => Err(KeychainError::TimedOut),
            None => Err(KeychainError::Locked),
        }
    }
}

#[tokio::test]
async fn a_value_is_kept_for_its_connection_and_kind_alone() {
    let keychain = Keychain::memory();
    let secret = Secret::from("value");
    keychain.set(ID, TOKEN, &secret).await.unwrap();
    assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), Some(secret.clone()));
    assert_eq!(keychain.peek(ID, TOKEN).await.unwrap(), Some(secret));
    assert_eq!(keychain.get(ID, SecretKind::ClientSecret).await.unwrap(), None);
    assert_eq!(keychain.get("another", TOKEN).await.unwrap(), None);
    keychain.delete(ID, TOKEN).await.unwrap();
    keychain.delete(ID, TOKEN).await.unwrap();
    assert_eq!(keychain.get(ID, TOKEN).await.unwrap(), None);
}

#[tokio::test]
async fn h23_a_write_that_reads_back_otherwise_has_failed() {
    for fake in [Fake { forgets: true, ..Fake::default() }, Fake { changes: true, ..Fake::default() }] {
        let keychain = Keychain::new(Arc::new(fake), Duration::from_secs(1));
        let error = keychain.set(ID, TOKEN, &Secret::from("value")).await.unwrap_err();
        assert!(matches!(error, KeychainError::Failed(_)), "{error:?}");
    }
}

#[tokio::test]
async fn h24_a_slow_keychain_times_out_without_holding_up_the_async_threads_or_piling_up() {
    let fake = Arc::new(Fake { delay: Duration::from_secs(3), ..Fake::default() });
    let keychain = Keychain::new(fake.clone(), Duration::from_millis(200));
    let started = Instant::now();
    let mut ticks = 0;
    let secret = Secret::from("value");
    let calls = async {
        tokio::join!(
            keychain.get(ID, TOKEN),
            keychain.peek(ID, TOKEN),
            keychain.delete(ID, TOKEN),
            keychain.set(ID, TOKEN, &secret)
        )
    };
    tokio::pin!(calls);
    // On this one thread: the calls must not hold it.
    let results = loop {
        tokio::select! {
            results = &mut calls => break results,
            () = tokio::time::sleep(Duration::from_millis(10)) => ticks += 1,
        }
    };
    assert!(ticks > 5, "{ticks}");
    assert!(started.elapsed() < Duration::from_millis(2500), "{:?}", started.elapsed());
    assert_eq!(results.0, Err(KeychainError::TimedOut));
    assert_eq!(results.1, Err(KeychainError::TimedOut));
    assert_eq!(results.2, Err(KeychainError::TimedOut));
    assert_eq!(results.3, Err(KeychainError::TimedOut));
    assert_eq!(fake.calls.load(Ordering::SeqCst), 1, "the others never reached it");
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert_eq!(fake.calls.load(Ordering::SeqCst), 1, "nor later, when nobody waits any more");
}

#[tokio::test]
async fn h24_a_locked_keychain_asks_once_and_goes_on_where_it_is_unlocked() {
    let fake = || Fake { unlocks: Some(Duration::from_millis(1500)), ..Fake::default() };
    let locked = |fake: Fake| {
        fake.memory.set(ID, TOKEN, &Secret::from("value")).unwrap();
        *fake.locked.lock().unwrap() = true;
        // The limit of a call is shorter than what a person takes.
        Keychain::new(Arc::new(fake), Duration::from_secs(1))
    };
    assert_eq!(locked(fake()).get(ID, TOKEN).await.unwrap(), Some(Secret::from("value")));
    locked(fake()).set(ID, TOKEN, &Secret::from("new")).await.unwrap();
    locked(fake()).delete(ID, TOKEN).await.unwrap();

    assert_eq!(locked(fake()).peek(ID, TOKEN).await, Err(KeychainError::Locked), "a look asks nobody");
    let unasked = locked(fake()).with_prompt_limit(Duration::ZERO);
    assert_eq!(unasked.get(ID, TOKEN).await, Err(KeychainError::Locked));
    let dismissed = locked(Fake { unlocks: None, ..Fake::default() });
    assert_eq!(dismissed.get(ID, TOKEN).await, Err(KeychainError::Locked));
    let ignored = locked(Fake { unlocks: Some(Duration::MAX), ..Fake::default() });
    assert_eq!(ignored.get(ID, TOKEN).await, Err(KeychainError::TimedOut));
}

#[test]
fn h24_every_error_says_what_to_do_and_offers_this_session() {
    let errors = [
        (KeychainError::Absent, ProblemKind::KeychainAbsent),
        (KeychainError::Locked, ProblemKind::KeychainLocked),
        (KeychainError::TimedOut, ProblemKind::KeychainTimedOut),
        (KeychainError::TooLong { bytes: 4000, limit: 2560 }, ProblemKind::KeychainFailed),
        (KeychainError::Failed("its words".into()), ProblemKind::KeychainFailed),
    ];
    for (error, kind) in errors {
        let problem = Problem::from(error);
        assert_eq!(problem.kind, kind);
        assert!(problem.remedy.contains("this session only"), "{}", problem.remedy);
        assert!(problem.explanation.chars().next().unwrap().is_uppercase(), "{}", problem.explanation);
    }
}

#[cfg(target_os = "linux")]
#[path = "keychain/gnome_keyring.rs"]
mod gnome_keyring;
#[cfg(target_os = "linux")]
#[path = "keychain/hanging_service.rs"]
mod hanging_service;
#[cfg(target_os = "linux")]
#[path = "keychain/session.rs"]
mod session;
