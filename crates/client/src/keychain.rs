//! Refresh tokens and client secrets in the system's keychain, and nowhere else.
//!
//! Calls to a keychain block, and may wait for a person: they run off the async threads, one at a
//! time, and within a limit. Locked and empty are different answers.

mod problem;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
mod vault;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_oidc::Secret;
use tokio::sync::{Semaphore, oneshot};

#[cfg(all(unix, not(target_os = "macos")))]
use self::secret_service as system;
#[cfg(any(target_os = "macos", target_os = "windows"))]
use self::vault as system;

/// The name under which the keychain lists what is ours.
pub const SERVICE: &str = "Latchkey";

/// What is kept for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// The newest refresh token.
    RefreshToken,
    /// The client secret.
    ClientSecret,
}

impl SecretKind {
    /// The account under [`SERVICE`]: `<connection id>/refresh-token`.
    #[must_use]
    pub fn account(self, connection_id: &str) -> String {
        match self {
            Self::RefreshToken => format!("{connection_id}/refresh-token"),
            Self::ClientSecret => format!("{connection_id}/client-secret"),
        }
    }
}

/// Why the keychain did not do it. `From` makes a [`latchkey_oidc::Problem`] of it, with the remedy for this platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// No keychain service answers.
    #[error("no keychain service")]
    Absent,
    /// It is locked, or its prompt was dismissed.
    #[error("the keychain is locked")]
    Locked,
    /// No answer within the limit.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// The value does not fit.
    #[error("{bytes} bytes are more than the keychain's {limit}")]
    TooLong {
        /// Size of the value.
        bytes: usize,
        /// What fits.
        limit: usize,
    },
    /// Anything else; the keychain's own words.
    #[error("{0}")]
    Failed(String),
}

/// A keychain. Calls block.
pub trait SecretStore: Send + Sync + 'static {
    /// The value, `None` where there is certainly none. Never waits for a person where that can be avoided.
    ///
    /// # Errors
    /// [`KeychainError::Locked`] where it cannot be known.
    fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError>;

    /// Writes or replaces the value.
    ///
    /// # Errors
    /// See [`KeychainError`].
    fn set(&self, connection_id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError>;

    /// Removes the value; done as well where there is none.
    ///
    /// # Errors
    /// See [`KeychainError`].
    fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError>;

    /// Asks the person to unlock it, and waits at most `limit`. After that no prompt of ours is left.
    ///
    /// # Errors
    /// [`KeychainError::Locked`] where the prompt was dismissed, or there is no way to show one.
    fn unlock(&self, limit: Duration) -> Result<(), KeychainError> {
        let _ = limit;
        Err(KeychainError::Locked)
    }
}

/// The system's keychain: Secret Service, macOS keychain, Windows credential manager.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsKeychain;

impl SecretStore for OsKeychain {
    fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        system::get(&kind.account(connection_id))
    }

    fn set(&self, connection_id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        system::set(&kind.account(connection_id), secret)
    }

    fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        system::delete(&kind.account(connection_id))
    }

    fn unlock(&self, limit: Duration) -> Result<(), KeychainError> {
        system::unlock(limit)
    }
}

/// Forgets everything with the process. For tests.
#[derive(Debug, Default)]
pub struct MemoryKeychain {
    values: Mutex<HashMap<(String, SecretKind), Secret>>,
}

impl MemoryKeychain {
    fn values(&self) -> std::sync::MutexGuard<'_, HashMap<(String, SecretKind), Secret>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretStore for MemoryKeychain {
    fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        Ok(self.values().get(&(connection_id.to_owned(), kind)).cloned())
    }

    fn set(&self, connection_id: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        self.values().insert((connection_id.to_owned(), kind), secret.clone());
        Ok(())
    }

    fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        self.values().remove(&(connection_id.to_owned(), kind));
        Ok(())
    }
}

/// How long a keychain may take that asks nobody.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a person may take to unlock it.
const PROMPT_LIMIT: Duration = Duration::from_secs(60);

/// A keychain for async code. Cheap to clone; clones share the one worker.
#[derive(Clone)]
pub struct Keychain {
    store: Arc<dyn SecretStore>,
    limit: Duration,
    prompt_limit: Duration,
    /// A call that hangs keeps its permit, so that later ones time out instead of piling up threads.
    worker: Arc<Semaphore>,
}

impl std::fmt::Debug for Keychain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keychain").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Keychain {
    /// Each call may take `limit`; a prompt to unlock may take 60 s besides.
    #[must_use]
    pub fn new(store: Arc<dyn SecretStore>, limit: Duration) -> Self {
        Self { store, limit, prompt_limit: PROMPT_LIMIT, worker: Arc::new(Semaphore::new(1)) }
    }

    /// The system's keychain.
    #[must_use]
    pub fn system() -> Self {
        // macOS asks in the middle of a call; elsewhere unlocking is a call of its own.
        let limit = if cfg!(target_os = "macos") { PROMPT_LIMIT } else { LIMIT };
        Self::new(Arc::new(OsKeychain), limit)
    }

    /// One that forgets everything with the process. For tests.
    #[must_use]
    pub fn memory() -> Self {
        Self::new(Arc::new(MemoryKeychain::default()), LIMIT)
    }

    /// How long a person may take to unlock it; zero asks nobody.
    #[must_use]
    pub fn with_prompt_limit(mut self, limit: Duration) -> Self {
        self.prompt_limit = limit;
        self
    }

    /// What is stored, without asking anybody to unlock: for the state of a connection, at any time.
    ///
    /// # Errors
    /// [`KeychainError::Locked`] where it cannot be known.
    pub async fn peek(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        let id = connection_id.to_owned();
        self.run(self.limit, move |store| store.get(&id, kind)).await
    }

    /// What is stored. A locked keychain may ask to be unlocked.
    ///
    /// # Errors
    /// [`KeychainError::Locked`] where that was dismissed.
    pub async fn get(&self, connection_id: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        let id = connection_id.to_owned();
        self.unlocked(move |store| store.get(&id, kind)).await
    }

    /// Writes, reads back and compares. A locked keychain may ask to be unlocked.
    ///
    /// # Errors
    /// See [`KeychainError`]; [`KeychainError::Failed`] where another value was read back.
    pub async fn set(
        &self,
        connection_id: &str,
        kind: SecretKind,
        secret: &Secret,
    ) -> Result<(), KeychainError> {
        let (id, secret) = (connection_id.to_owned(), secret.clone());
        self.unlocked(move |store| {
            store.set(&id, kind, &secret)?;
            match store.get(&id, kind)? {
                Some(back) if back == secret => Ok(()),
                Some(_) => {
                    Err(KeychainError::Failed("another value was read back than had been written".into()))
                }
                None => {
                    Err(KeychainError::Failed("what had been written was not there when read back".into()))
                }
            }
        })
        .await
    }

    /// Removes the value; done as well where there is none. A locked keychain may ask to be unlocked.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub async fn delete(&self, connection_id: &str, kind: SecretKind) -> Result<(), KeychainError> {
        let id = connection_id.to_owned();
        self.unlocked(move |store| store.delete(&id, kind)).await
    }

    /// Runs `job`, and once more after unlocking.
    async fn unlocked<T, F>(&self, job: F) -> Result<T, KeychainError>
    where
        T: Send + 'static,
        F: Fn(&dyn SecretStore) -> Result<T, KeychainError> + Send + Sync + 'static,
    {
        let job = Arc::new(job);
        let again = job.clone();
        match self.run(self.limit, move |store| job(store)).await {
            Err(KeychainError::Locked) if !self.prompt_limit.is_zero() => {}
            other => return other,
        }
        let limit = self.prompt_limit;
        // The store ends its prompt by itself; the margin is for one that does not.
        self.run(limit + self.limit, move |store| store.unlock(limit)).await?;
        self.run(self.limit, move |store| again(store)).await
    }

    async fn run<T, F>(&self, limit: Duration, job: F) -> Result<T, KeychainError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn SecretStore) -> Result<T, KeychainError> + Send + 'static,
    {
        let store = self.store.clone();
        let worker = self.worker.clone();
        let work = async move {
            let permit = worker.acquire_owned().await.map_err(|_| KeychainError::TimedOut)?;
            let (done, result) = oneshot::channel();
            // A thread of its own: the runtime would wait for a blocking task that hangs, and so keep
            // the program from ending.
            std::thread::Builder::new()
                .name("keychain".to_owned())
                .spawn(move || {
                    let _permit = permit;
                    // Nobody waits any more where sending fails.
                    let _ = done.send(job(&*store));
                })
                .map_err(|error| KeychainError::Failed(error.to_string()))?;
            result
                .await
                .unwrap_or_else(|_| Err(KeychainError::Failed("the call to the keychain panicked".into())))
        };
        tokio::time::timeout(limit, work).await.unwrap_or(Err(KeychainError::TimedOut))
    }
}
