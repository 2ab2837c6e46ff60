//! One program's worth of Latchkey: the saved connections, what is known of their providers, and the
//! sessions in memory. Window and command line both stand on it.

mod browsing;
mod connections;
mod ending;
mod signing;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use self::browsing::BrowserSignIn;
pub use self::ending::{SignOut, TokenChoice};
pub use self::signing::PasswordSignIn;
use crate::keychain::Keychain;
use crate::policy::Policy;
use crate::provider::{self, Provider};
use crate::recorder::Recorder;
use crate::report::{Kept, SignInReport};
use crate::session::Session;
use crate::store::{Loaded, Store};
use crate::transport::Transport;

/// The program's state. Share it behind an `Arc`.
pub struct Client {
    store: Store,
    keychain: Keychain,
    policy: Arc<Policy>,
    transport: RwLock<Transport>,
    providers: Mutex<HashMap<String, Arc<Provider>>>,
    desks: Mutex<HashMap<String, Desk>>,
}

/// What the program holds in memory for one connection.
#[derive(Clone, Default)]
pub struct Desk {
    /// Every exchange since the start, or since it was cleared.
    pub recorder: Recorder,
    /// Of the last accepted sign-in.
    pub session: Option<Arc<Session>>,
    /// Of the last run.
    pub report: Option<Arc<SignInReport>>,
    /// A client secret that the keychain did not take.
    pub client_secret: Option<Secret>,
    /// The keychain's client secret, read once: a round trip to the keychain takes longer than one to a provider.
    read_secret: Option<Secret>,
    /// A rotated refresh token that neither the keychain nor a session holds.
    rotated: Option<Secret>,
}

impl Desk {
    /// Whether a client secret is held in memory.
    #[must_use]
    pub fn has_client_secret(&self) -> bool {
        self.client_secret.is_some() || self.read_secret.is_some()
    }

    /// The tokens and what is shown of them; the client secret stays.
    fn forget(&mut self) {
        self.session = None;
        self.report = None;
        self.rotated = None;
    }

    /// Remembers what introspection said, where it was of this session's access token.
    fn introspected(&mut self, token: &Secret, claims: Value) {
        if let Some(session) = &mut self.session
            && session.access_token.as_ref() == Some(token)
        {
            Arc::make_mut(session).introspection = Some(claims);
        }
    }

    /// A refresh that ended before its session was accepted has used up a refresh token: the one that came in its
    /// place goes where that was.
    fn renew(&mut self, used: &Secret, rotated: Secret, kept: Kept) {
        match self.session.as_deref() {
            Some(session) if session.refresh_token.as_ref() == Some(used) => {
                let renewed = Session { refresh_token: Some(rotated), kept, ..session.clone() };
                self.session = Some(Arc::new(renewed));
                self.rotated = None;
            }
            _ => self.rotated = Some(rotated).filter(|_| kept == Kept::SessionOnly),
        }
    }
}

/// Whether a refresh token goes to the keychain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Keep {
    /// Stored in the keychain.
    Keychain,
    /// In memory until the program ends.
    SessionOnly,
}

impl Client {
    /// Opens the configuration folder. An extra CA file of the user's that cannot be read is reported beside.
    ///
    /// # Errors
    /// The configuration or the policy's CA file cannot be read, or no transport can be set up.
    pub fn open(
        store: Store,
        keychain: Keychain,
        policy: Policy,
    ) -> Result<(Self, Loaded, Option<Problem>), Problem> {
        let policy = Arc::new(policy);
        let loaded = store.load()?;
        let wanted = loaded.settings.extra_ca_file.clone().map(PathBuf::from);
        let (transport, ca_problem) = match Transport::new(policy.transport_options(wanted)) {
            Ok(transport) => (transport, None),
            Err(problem) => (Transport::new(policy.transport_options(None))?, Some(problem)),
        };
        Ok((Self::with_transport(store, keychain, transport), loaded, ca_problem))
    }

    /// With a transport of one's own, under its policy.
    #[must_use]
    pub fn with_transport(store: Store, keychain: Keychain, transport: Transport) -> Self {
        Self {
            store,
            keychain,
            policy: Arc::clone(transport.policy()),
            transport: RwLock::new(transport),
            providers: Mutex::default(),
            desks: Mutex::default(),
        }
    }

    /// The configuration folder.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The keychain.
    #[must_use]
    pub fn keychain(&self) -> &Keychain {
        &self.keychain
    }

    /// The policy of this computer, as it was read at the start.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The transport as it is now set up.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is held in memory for a connection.
    #[must_use]
    pub fn desk(&self, connection_id: &str) -> Desk {
        self.desks().entry(connection_id.to_owned()).or_default().clone()
    }

    /// What is known of a provider, without a request.
    #[must_use]
    pub fn known_provider(&self, issuer: &str) -> Option<Arc<Provider>> {
        self.providers().get(issuer).cloned()
    }

    /// Looks a provider up, metadata and keys, and remembers it.
    ///
    /// # Errors
    /// What stops a sign-in before it begins.
    pub async fn look_up(
        &self,
        issuer: &str,
        recorder: &Recorder,
        cancel: &CancellationToken,
    ) -> Result<Arc<Provider>, Problem> {
        let issuer = Issuer::parse(issuer)?;
        let provider = provider::look_up(&issuer, &self.transport(), recorder, cancel)
            .await
            .map_err(|problem| recorder.redacted_problem(problem))?;
        Ok(self.remember(provider))
    }

    fn remember(&self, provider: Provider) -> Arc<Provider> {
        let provider = Arc::new(provider);
        self.providers().insert(provider.issuer.as_str().to_owned(), Arc::clone(&provider));
        provider
    }

    fn desks(&self) -> MutexGuard<'_, HashMap<String, Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn providers(&self) -> MutexGuard<'_, HashMap<String, Arc<Provider>>> {
        self.providers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Problem::new(
            ProblemKind::Configuration,
            "Reading or writing the configuration was broken off.",
            "Try again.",
        ))
    })
}
