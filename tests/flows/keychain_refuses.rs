//! A keychain that does not do it: a clear state, a note, and the session in memory alone (H-24).

use std::sync::Arc;
use std::time::Duration;

use latchkey_client::client::Keep;
use latchkey_client::input::Field;
use latchkey_client::keychain::{Keychain, KeychainError, SecretKind};
use latchkey_client::report::Kept;
use latchkey_oidc::{ProblemKind, Secret};
use latchkey_simulator::{ClientRole, Generation, UserRole};
use support::flows::{Flow, OFFLINE, SCOPES, Setup, assert_signed_in};
use support::keychains::{Refusal, RefusingKeychain};

async fn flow() -> (Flow, Arc<RefusingKeychain>) {
    let store = Arc::new(RefusingKeychain::default());
    let keychain =
        Keychain::new(Arc::clone(&store) as _, Duration::from_millis(300)).with_prompt_limit(Duration::ZERO);
    (Flow::with(Setup { keychain, ..Setup::default() }).await, store)
}

fn refusals() -> Vec<(Refusal, ProblemKind)> {
    vec![
        (Refusal::With(KeychainError::Absent), ProblemKind::KeychainAbsent),
        (Refusal::With(KeychainError::Locked), ProblemKind::KeychainLocked),
        (Refusal::With(KeychainError::TimedOut), ProblemKind::KeychainTimedOut),
        (Refusal::With(KeychainError::TooLong { bytes: 9_000, limit: 2_560 }), ProblemKind::KeychainFailed),
        (Refusal::With(KeychainError::Failed("disk".to_owned())), ProblemKind::KeychainFailed),
        (Refusal::Slow(Duration::from_millis(600)), ProblemKind::KeychainTimedOut),
    ]
}

/// Nothing of the secret is in any file of the configuration folder.
fn assert_not_on_disk(flow: &Flow, secret: &Secret) {
    for entry in std::fs::read_dir(flow.folder()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        assert!(!text.contains(secret.expose()), "{} holds a token", entry.path().display());
    }
}

#[tokio::test]
async fn h24_a_keychain_that_refuses_leaves_the_session_in_memory_and_a_note() {
    for (refusal, _) in refusals() {
        let (flow, store) = flow().await;
        let connection = flow.v2().await;
        store.refuse(Some(refusal.clone()));
        let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
        assert_signed_in(&report);
        assert_eq!(report.refresh_token_kept, Kept::SessionOnly, "{refusal:?}");
        let note = report.notes.iter().find(|note| note.title.contains("not in the keychain")).unwrap();
        assert!(note.remedy.contains("in memory until Latchkey closes"), "{}", note.remedy);
        let token = flow.in_memory(&connection).unwrap();
        assert_not_on_disk(&flow, &token);
        // It works from memory, as often as wanted.
        for _ in 0..2 {
            assert_signed_in(flow.refresh(&connection).await.as_ref());
        }
    }
}

#[tokio::test]
async fn h24_after_a_restart_locked_is_not_taken_for_empty() {
    for (refusal, kind) in refusals() {
        let (mut flow, store) = flow().await;
        let connection = flow.v2().await;
        flow.signed_in(&connection).await;
        flow.restart();
        store.refuse(Some(refusal.clone()));
        let before = flow.requests();
        let problem = flow.try_refresh(&connection).await.unwrap_err().problem;
        assert_eq!(problem.kind, kind, "{refusal:?}");
        assert!(!problem.remedy.is_empty());
        assert_eq!(flow.requests(), before, "something was sent");
        // It comes back with the keychain. A slow call has its one worker until it ends.
        store.refuse(None);
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert_signed_in(flow.refresh(&connection).await.as_ref());
    }
}

#[tokio::test]
async fn h24_what_is_not_there_when_read_back_is_no_success() {
    let (flow, store) = flow().await;
    let connection = flow.v2().await;
    store.refuse(Some(Refusal::Forgetful));
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::SessionOnly);
    assert!(report.notes[0].title.contains("not in the keychain"), "{:?}", report.notes);
}

#[tokio::test]
async fn h24_a_keychain_that_refuses_in_the_middle_of_a_refresh_costs_no_token() {
    let (flow, store) = flow().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    // Reading works, writing does not: as where it locks itself in between.
    store.refuse(Some(Refusal::Forgetful));
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::SessionOnly);
    assert!(report.notes.iter().any(|note| note.title.contains("not in the keychain")));
    assert_eq!(
        flow.stored(&connection).await,
        Some(old),
        "the old one goes only when the new one is written"
    );
    // The new one is used, though the keychain has another.
    store.refuse(None);
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn h24_neither_keychain_nor_key_set_and_still_the_token_is_not_lost() {
    let (mut flow, store) = flow().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    flow.restart();
    store.refuse(Some(Refusal::Forgetful));
    flow.fault(latchkey_simulator::Faults {
        certs: Some(latchkey_simulator::AnswerFault::Drop),
        ..Default::default()
    });
    let report = flow.refresh(&connection).await;
    assert_eq!(report.refresh_token_kept, Kept::SessionOnly);
    assert!(report.notes.iter().any(|note| note.title.contains("not in the keychain")), "{:?}", report.notes);
    assert!(flow.client.desk(&connection.id).session.is_none(), "nothing was verified");
    flow.fault(Default::default());
    store.refuse(None);
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn session_only_by_choice_writes_nothing() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
    typed.keep = Keep::SessionOnly;
    let report = flow.submit(&connection, typed).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::SessionOnly);
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert_eq!(flow.stored(&connection).await, None);
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::SessionOnly);
    assert_eq!(flow.stored(&connection).await, None);
    assert_not_on_disk(&flow, &flow.in_memory(&connection).unwrap());
}

#[tokio::test]
async fn a_client_secret_that_the_keychain_refuses_can_be_kept_for_now() {
    let absent = Keychain::new(Arc::new(Nothing), Duration::from_secs(1)).with_prompt_limit(Duration::ZERO);
    let flow = Flow::with(Setup { keychain: absent, ..Setup::default() }).await;
    let mut draft = flow.draft(Generation::V2, ClientRole::Basic);
    let error = flow.client.save(draft.clone()).await.unwrap_err();
    assert_eq!((error.problem.kind, error.field), (ProblemKind::KeychainAbsent, Some(Field::ClientSecret)));
    assert!(flow.client.connections().await.unwrap().connections.is_empty(), "half a connection was saved");

    let secret = draft.client_secret.take().unwrap();
    let connection = flow.saved(draft).await;
    flow.client.keep_client_secret_for_now(&connection.id, secret);
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
    // Without a keychain nothing is in it: removing works.
    flow.client.remove(&connection.id).await.unwrap();
}

/// No service at all.
struct Nothing;

impl latchkey_client::keychain::SecretStore for Nothing {
    fn get(&self, _: &str, _: SecretKind) -> Result<Option<Secret>, KeychainError> {
        Err(KeychainError::Absent)
    }

    fn set(&self, _: &str, _: SecretKind, _: &Secret) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }

    fn delete(&self, _: &str, _: SecretKind) -> Result<(), KeychainError> {
        Err(KeychainError::Absent)
    }
}
