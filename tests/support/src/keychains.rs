//! Keychains that a test can see into: one in files, which two processes can share, and one that refuses.
//!
//! For the tokens of a simulator alone: nothing here protects anything.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test's support fails by panicking

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use latchkey_client::keychain::{KeychainError, MemoryKeychain, SecretKind, SecretStore};
use latchkey_oidc::Secret;

/// What a keychain in files does around a write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Crash {
    /// Nothing.
    #[default]
    Never,
    /// The process dies before a refresh token is written.
    BeforeWriting,
    /// The process dies when it is written, before anybody hears of it.
    AfterWriting,
}

/// One file for each secret.
pub struct FileKeychain {
    /// Where.
    pub folder: PathBuf,
    /// When the process dies.
    pub crash: Crash,
}

impl FileKeychain {
    fn path(&self, connection_id: &str, kind: SecretKind) -> PathBuf {
        self.folder.join(kind.account(connection_id).replace('/', "."))
    }
}

impl SecretStore for FileKeychain {
    fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        Ok(fs::read_to_string(self.path(connection_id, kind)).ok().map(Secret::new))
    }

    fn set(&self, connection_id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        let rotates = kind == SecretKind::RefreshToken;
        if rotates && self.crash == Crash::BeforeWriting {
            std::process::abort();
        }
        fs::write(self.path(connection_id, kind), secret.expose()).unwrap();
        if rotates && self.crash == Crash::AfterWriting {
            std::process::abort();
        }
        Ok(())
    }

    fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        let _ = fs::remove_file(self.path(connection_id, kind));
        Ok(())
    }
}

/// How a keychain refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Every call ends so.
    With(KeychainError),
    /// Every call takes this long, then works.
    Slow(Duration),
    /// What is written is not there afterwards.
    Forgetful,
}

/// Holds client secrets, and refuses refresh tokens once it was told to.
#[derive(Default)]
pub struct RefusingKeychain {
    inner: MemoryKeychain,
    refusal: Mutex<Option<Refusal>>,
}

impl RefusingKeychain {
    /// From now on.
    pub fn refuse(&self, refusal: Option<Refusal>) {
        *self.refusal.lock().unwrap() = refusal;
    }

    fn refusal(&self, kind: SecretKind) -> Option<Refusal> {
        self.refusal.lock().unwrap().clone().filter(|_| kind == SecretKind::RefreshToken)
    }
}

impl SecretStore for RefusingKeychain {
    fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        match self.refusal(kind) {
            Some(Refusal::With(error)) => return Err(error),
            Some(Refusal::Slow(pause)) => std::thread::sleep(pause),
            Some(Refusal::Forgetful) | None => {}
        }
        self.inner.get(connection_id, kind)
    }

    fn set(&self, connection_id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        match self.refusal(kind) {
            Some(Refusal::With(error)) => return Err(error),
            Some(Refusal::Forgetful) => return Ok(()),
            Some(Refusal::Slow(pause)) => std::thread::sleep(pause),
            None => {}
        }
        self.inner.set(connection_id, kind, secret)
    }

    fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        match self.refusal(kind) {
            Some(Refusal::With(error)) => Err(error),
            _ => self.inner.delete(connection_id, kind),
        }
    }
}
