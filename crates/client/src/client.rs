//! One program's worth of Latchkey: the saved connections, what is known of their providers, and the
//! sessions in memory. Window and command line both stand on it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::{Fix, Problem, ProblemKind, Secret};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::connection::{Connection, LastRun};
use crate::input::{self, ConnectionDraft, InputProblem};
use crate::keychain::{Keychain, KeychainError, SecretKind};
use crate::provider::{self, Provider};
use crate::recorder::Recorder;
use crate::report::{Kept, Note, Outcome, SignInReport};
use crate::run::{OnProgress, Run};
use crate::session::Session;
use crate::sign_in::{self, Credentials, Ended, KeepRotated, NothingRotates, SignIn};
use crate::store::{Loaded, Settings, Store};
use crate::transport::{Transport, TransportOptions};

/// How long a second refresh of one connection waits for the first, in this or another process.
const REFRESH_WAIT: Duration = Duration::from_secs(40);

/// The program's state. Share it behind an `Arc`.
pub struct Client {
    store: Store,
    keychain: Keychain,
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

/// What is kept after a run.
struct Keeping {
    keep: Keep,
    /// Who signed in, as typed.
    username: Option<String>,
    refreshed: Option<Refreshed>,
}

/// What a refresh did to the refresh tokens.
struct Refreshed {
    /// The token that was sent.
    used: Secret,
    /// The token that came in its place and may be used.
    rotated: Option<Secret>,
    /// How storing it ended, where that was tried.
    stored: Option<Result<(), KeychainError>>,
    /// `sub` of the first sign-in.
    subject: Option<String>,
}

/// Stores a rotated refresh token in the keychain as soon as it may be used.
struct Rotation<'a> {
    keychain: &'a Keychain,
    connection_id: &'a str,
    keep: Keep,
    kept: Mutex<Option<RotatedToken>>,
}

/// A rotated token, and how storing it ended where that was tried.
type RotatedToken = (Secret, Option<Result<(), KeychainError>>);

impl KeepRotated for Rotation<'_> {
    async fn keep(&self, refresh_token: &Secret) {
        let stored = match self.keep {
            // `set` reads back and compares before it answers.
            Keep::Keychain => {
                Some(self.keychain.set(self.connection_id, SecretKind::RefreshToken, refresh_token).await)
            }
            Keep::SessionOnly => None,
        };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((refresh_token.clone(), stored));
    }
}

/// A password sign-in as it was asked for.
pub struct PasswordSignIn {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Secret,
    /// Asked for, in order.
    pub scopes: Vec<String>,
    /// For this time, in place of the stored one.
    pub client_secret: Option<Secret>,
    /// Where a refresh token goes.
    pub keep: Keep,
}

impl Client {
    /// Opens the configuration folder. An extra CA file that cannot be read is reported beside.
    ///
    /// # Errors
    /// The configuration cannot be read, or no transport can be set up.
    pub fn open(store: Store, keychain: Keychain) -> Result<(Self, Loaded, Option<Problem>), Problem> {
        let loaded = store.load()?;
        let options = |extra_ca_file: Option<PathBuf>| TransportOptions {
            extra_ca_file,
            ..TransportOptions::default()
        };
        let wanted = loaded.settings.extra_ca_file.clone().map(PathBuf::from);
        let (transport, ca_problem) = match Transport::new(options(wanted)) {
            Ok(transport) => (transport, None),
            Err(problem) => (Transport::new(options(None))?, Some(problem)),
        };
        Ok((Self::with_transport(store, keychain, transport), loaded, ca_problem))
    }

    /// With a transport of one's own.
    #[must_use]
    pub fn with_transport(store: Store, keychain: Keychain, transport: Transport) -> Self {
        Self {
            store,
            keychain,
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

    // ── Connections ────────────────────────────────────────────────────────────────────────────

    /// The saved connections.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn connections(&self) -> Result<Loaded, Problem> {
        let store = self.store.clone();
        blocking(move || store.load()).await
    }

    /// One of them, by id.
    ///
    /// # Errors
    /// The file cannot be read, or there is no such connection.
    pub async fn connection(&self, id: &str) -> Result<Connection, Problem> {
        let loaded = self.connections().await?;
        loaded.connections.into_iter().find(|connection| connection.id == id).ok_or_else(gone)
    }

    /// One of them, by name without regard to case.
    ///
    /// # Errors
    /// The file cannot be read, or there is no such connection.
    pub async fn connection_named(&self, name: &str) -> Result<Connection, Problem> {
        let loaded = self.connections().await?;
        let names: Vec<String> =
            loaded.connections.iter().map(|connection| connection.name.clone()).collect();
        loaded
            .connections
            .into_iter()
            .find(|connection| connection.name.to_lowercase() == name.to_lowercase())
            .ok_or_else(|| {
                let remedy = if names.is_empty() {
                    "There are none yet: add one with `latchkey connection add`, or in the window.".to_owned()
                } else {
                    format!("The saved ones are: {}.", names.join(", "))
                };
                Problem::new(
                    ProblemKind::InvalidInput,
                    format!("There is no connection named “{}”.", latchkey_oidc::text::visible(name)),
                    remedy,
                )
            })
    }

    /// Saves a new or changed connection, and its client secret in the keychain.
    ///
    /// # Errors
    /// A field that cannot be saved; the keychain, in which case nothing was saved; or the file.
    pub async fn save(&self, draft: ConnectionDraft) -> Result<Connection, InputProblem> {
        let others = self.connections().await?.connections;
        let connection = draft.check(&others)?;
        if let Some(secret) = draft.client_secret.as_ref().filter(|secret| !secret.is_empty()) {
            self.keychain.set(&connection.id, SecretKind::ClientSecret, secret).await.map_err(|error| {
                InputProblem { problem: error.into(), field: Some(input::Field::ClientSecret) }
            })?;
            let mut desks = self.desks();
            let desk = desks.entry(connection.id.clone()).or_default();
            desk.client_secret = None;
            desk.read_secret = Some(secret.clone());
        }
        Ok(self.put(connection).await?)
    }

    /// Keeps a client secret in memory until the program ends, where the keychain does not take it.
    pub fn keep_client_secret_for_now(&self, connection_id: &str, secret: Secret) {
        self.desks().entry(connection_id.to_owned()).or_default().client_secret = Some(secret);
    }

    /// Writes a connection as it is, new or in place of the one with its id.
    ///
    /// # Errors
    /// The file, or a name that was taken meanwhile.
    pub async fn put(&self, connection: Connection) -> Result<Connection, Problem> {
        let store = self.store.clone();
        blocking(move || {
            store.update(|contents| {
                let name = connection.name.to_lowercase();
                if contents
                    .connections
                    .iter()
                    .any(|other| other.id != connection.id && other.name.to_lowercase() == name)
                {
                    return Err(Problem::new(
                        ProblemKind::InvalidInput,
                        format!("There is a connection named “{}” already.", connection.name),
                        "Choose another name.",
                    ));
                }
                match contents.connections.iter_mut().find(|other| other.id == connection.id) {
                    Some(place) => *place = connection.clone(),
                    None => contents.connections.push(connection.clone()),
                }
                Ok(connection)
            })
        })
        .await
    }

    /// Removes a connection, its keychain entries and what is held in memory.
    ///
    /// # Errors
    /// The keychain, in which case the connection stays, so that its entries can still be found; or the file.
    pub async fn remove(&self, id: &str) -> Result<(), Problem> {
        for kind in [SecretKind::RefreshToken, SecretKind::ClientSecret] {
            match self.keychain.delete(id, kind).await {
                // Without a keychain nothing can be in it.
                Ok(()) | Err(KeychainError::Absent) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let (store, gone) = (self.store.clone(), id.to_owned());
        blocking(move || {
            store.update(|contents| {
                contents.connections.retain(|connection| connection.id != gone);
                Ok(())
            })
        })
        .await?;
        self.desks().remove(id);
        Ok(())
    }

    /// Makes a change that a problem offered.
    ///
    /// # Errors
    /// The file, or a change that makes no valid connection.
    pub async fn apply(&self, id: &str, fix: &Fix) -> Result<Connection, Problem> {
        let mut connection = self.connection(id).await?;
        match fix {
            Fix::UseAuthMethod { method } => connection.auth_method = *method,
            Fix::UseIssuer { issuer } => {
                connection.issuer = Issuer::parse(issuer)?.as_str().to_owned();
                connection.confirmed_hosts.clear();
            }
            Fix::AddScope { scope } => {
                if !connection.scopes.contains(scope) {
                    connection.scopes.push(scope.clone());
                }
            }
            Fix::RemoveScope { scope } => connection.scopes.retain(|known| known != scope),
            Fix::ConfirmHost { host } => {
                if !connection.confirmed_hosts.contains(host) {
                    connection.confirmed_hosts.push(host.clone());
                }
            }
        }
        self.put(connection).await
    }

    /// Changes the settings; the transport follows.
    ///
    /// # Errors
    /// A CA file that cannot be used, or the file. Nothing is changed then.
    pub async fn change_settings(&self, settings: Settings) -> Result<Settings, InputProblem> {
        let wanted = settings.extra_ca_file.clone().map(PathBuf::from);
        let transport =
            Transport::new(TransportOptions { extra_ca_file: wanted, ..TransportOptions::default() })
                .map_err(|problem| InputProblem { problem, field: Some(input::Field::ExtraCaFile) })?;
        let (store, saved) = (self.store.clone(), settings.clone());
        blocking(move || {
            store.update(|contents| {
                contents.settings = saved;
                Ok(())
            })
        })
        .await?;
        *self.transport.write().unwrap_or_else(PoisonError::into_inner) = transport;
        Ok(settings)
    }

    // ── Providers ──────────────────────────────────────────────────────────────────────────────

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
        let provider = provider::look_up(&issuer, &self.transport(), recorder, cancel).await?;
        Ok(self.remember(provider))
    }

    fn remember(&self, provider: Provider) -> Arc<Provider> {
        let provider = Arc::new(provider);
        self.providers().insert(provider.issuer.as_str().to_owned(), Arc::clone(&provider));
        provider
    }

    // ── Sign-in ────────────────────────────────────────────────────────────────────────────────

    /// Signs in with a password and remembers what came.
    ///
    /// # Errors
    /// Only what is wrong with the input or the keychain before anything is sent. How the run ended is in the report.
    pub async fn sign_in_password(
        &self,
        connection: &Connection,
        request: PasswordSignIn,
        cancel: CancellationToken,
        on_progress: &OnProgress,
    ) -> Result<Arc<SignInReport>, InputProblem> {
        input::check_credentials(&request.username, &request.password)?;
        let scopes = input::check_scopes(&request.scopes)?;
        let client = self.client_auth(connection, request.client_secret).await?;
        let desk = self.desk(&connection.id);
        let run = Run::new(&sign_in::STEPS, cancel, on_progress);
        let known = self.known_provider(&connection.issuer);
        let ended = sign_in::sign_in(
            SignIn {
                connection,
                client: &client,
                credentials: Credentials::Password {
                    username: &request.username,
                    password: &request.password,
                    scopes: &scopes,
                },
                provider: known.as_deref(),
            },
            &self.transport(),
            &desk.recorder,
            &run,
            &NothingRotates,
        )
        .await;
        Ok(self
            .settle(
                connection,
                ended,
                Keeping { keep: request.keep, username: Some(request.username), refreshed: None },
            )
            .await)
    }

    /// Refreshes with the token of the keychain, or of this program's session where that was not stored.
    ///
    /// One refresh at a time, over processes: the token is read after the lock is held, so that a token that
    /// another process has just used is not used again.
    ///
    /// # Errors
    /// There is no refresh token, or the keychain refused, before anything is sent.
    pub async fn refresh(
        &self,
        connection: &Connection,
        client_secret: Option<Secret>,
        cancel: CancellationToken,
        on_progress: &OnProgress,
    ) -> Result<Arc<SignInReport>, InputProblem> {
        let client = self.client_auth(connection, client_secret).await?;
        let lock = tokio::select! {
            lock = self.store.refresh_lock(&connection.id, REFRESH_WAIT) => lock?,
            () = cancel.cancelled() => return Err(cancelled().into()),
        };
        let desk = self.desk(&connection.id);
        let session = desk.session.as_deref();
        let in_memory = session
            .filter(|session| session.kept == Kept::SessionOnly)
            .and_then(|session| session.refresh_token.clone());
        let (refresh_token, keep) = match desk.rotated.clone().or(in_memory) {
            Some(token) => (token, Keep::SessionOnly),
            None => {
                let stored = self
                    .keychain
                    .get(&connection.id, SecretKind::RefreshToken)
                    .await
                    .map_err(Problem::from)?;
                (stored.ok_or_else(nothing_stored)?, Keep::Keychain)
            }
        };
        // The session in memory may be another user's, or another process has refreshed or signed in since.
        let session = session.filter(|session| session.refresh_token.as_ref() == Some(&refresh_token));
        let subject = match session.and_then(|session| session.subject.clone()) {
            Some(subject) => Some(subject),
            None => self.noted_subject(connection).await,
        };
        let scopes = session.map_or(&connection.scopes, |session| &session.asked);
        let run = Run::new(&sign_in::STEPS, cancel, on_progress);
        let known = self.known_provider(&connection.issuer);
        let rotation = Rotation {
            keychain: &self.keychain,
            connection_id: &connection.id,
            keep,
            kept: Mutex::new(None),
        };
        let ended = sign_in::sign_in(
            SignIn {
                connection,
                client: &client,
                credentials: Credentials::Refresh {
                    refresh_token: &refresh_token,
                    subject: subject.as_deref(),
                    scopes,
                },
                provider: known.as_deref(),
            },
            &self.transport(),
            &desk.recorder,
            &run,
            &rotation,
        )
        .await;
        let (rotated, stored) = rotation.kept.into_inner().unwrap_or_else(PoisonError::into_inner).unzip();
        let refreshed = Refreshed { used: refresh_token, rotated, stored: stored.flatten(), subject };
        let report = self
            .settle(connection, ended, Keeping { keep, username: None, refreshed: Some(refreshed) })
            .await;
        drop(lock);
        Ok(report)
    }

    /// Forgets a connection's tokens: in memory, and the refresh token in the keychain.
    ///
    /// # Errors
    /// The keychain; what is in memory is forgotten all the same.
    pub async fn forget(&self, connection_id: &str) -> Result<(), Problem> {
        if let Some(desk) = self.desks().get_mut(connection_id) {
            desk.session = None;
            desk.report = None;
            desk.rotated = None;
        }
        match self.keychain.delete(connection_id, SecretKind::RefreshToken).await {
            Ok(()) | Err(KeychainError::Absent) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The credentials of a connection's client: `given`, else kept in memory, else from the keychain.
    ///
    /// # Errors
    /// A secret is needed and cannot be had.
    pub async fn client_auth(
        &self,
        connection: &Connection,
        given: Option<Secret>,
    ) -> Result<ClientAuth, InputProblem> {
        let method = connection.auth_method;
        let secret = match given.filter(|secret| !secret.is_empty()) {
            _ if !method.needs_secret() => None,
            Some(secret) => Some(secret),
            None => self.stored_client_secret(&connection.id).await?,
        };
        ClientAuth::new(method, &connection.client_id, secret).ok_or_else(|| input::missing_secret(method))
    }

    /// The client secret kept in memory, else that of the keychain, which may ask the user to unlock it.
    async fn stored_client_secret(&self, connection_id: &str) -> Result<Option<Secret>, InputProblem> {
        let desk = self.desk(connection_id);
        if let Some(secret) = desk.client_secret.or(desk.read_secret) {
            return Ok(Some(secret));
        }
        let stored = self.keychain.get(connection_id, SecretKind::ClientSecret).await.map_err(|error| {
            InputProblem { problem: error.into(), field: Some(input::Field::ClientSecret) }
        })?;
        self.desks().entry(connection_id.to_owned()).or_default().read_secret.clone_from(&stored);
        Ok(stored)
    }

    /// Remembers how a run ended: session, report, provider, keychain, and the dot in the list.
    async fn settle(&self, connection: &Connection, ended: Ended, keeping: Keeping) -> Arc<SignInReport> {
        let Ended { mut report, mut session, provider } = ended;
        if let Some(provider) = provider {
            self.remember(provider);
        }
        if report.outcome == Outcome::ProviderError {
            // Perhaps the secret was changed elsewhere: read it anew next time.
            self.desks().entry(connection.id.clone()).or_default().read_secret = None;
        }
        let rotated = keeping.refreshed.as_ref().and_then(|refreshed| refreshed.rotated.as_ref());
        let refresh_token = match &session {
            Some(session) => session.refresh_token.as_ref(),
            None => rotated,
        };
        let kept = self.keep(connection, refresh_token, &keeping, &mut report.notes).await;
        report.refresh_token_kept = kept;
        if let Some(session) = &mut session {
            session.kept = kept;
        }
        let subject = match &session {
            Some(session) => session.subject.clone(),
            None => keeping.refreshed.as_ref().and_then(|refreshed| refreshed.subject.clone()),
        };
        let report = Arc::new(report);
        {
            let mut desks = self.desks();
            let desk = desks.entry(connection.id.clone()).or_default();
            match (session, keeping.refreshed) {
                (Some(session), _) => {
                    desk.session = Some(Arc::new(session));
                    desk.rotated = None;
                }
                (None, Some(Refreshed { used, rotated: Some(rotated), .. })) => {
                    desk.renew(&used, rotated, kept)
                }
                (None, _) => {}
            }
            desk.report = Some(Arc::clone(&report));
        }
        self.note_run(connection, report.outcome, keeping.username, subject, kept).await;
        report
    }

    /// Puts a refresh token where it was asked to go; a keychain that refuses leaves it in memory, and a note.
    async fn keep(
        &self,
        connection: &Connection,
        refresh_token: Option<&Secret>,
        keeping: &Keeping,
        notes: &mut Vec<Note>,
    ) -> Kept {
        let Some(refresh_token) = refresh_token else { return Kept::None };
        if keeping.keep == Keep::SessionOnly {
            return Kept::SessionOnly;
        }
        let stored = match keeping.refreshed.as_ref().and_then(|refreshed| refreshed.stored.clone()) {
            Some(stored) => stored,
            None => self.keychain.set(&connection.id, SecretKind::RefreshToken, refresh_token).await,
        };
        match stored {
            Ok(()) => Kept::Keychain,
            Err(error) => {
                let problem = Problem::from(error);
                notes.push(Note {
                    title: format!("The refresh token is not in the keychain: {}", problem.explanation),
                    remedy: format!("It stays in memory until Latchkey closes. {}", problem.remedy),
                });
                Kept::SessionOnly
            }
        }
    }

    /// `sub` of the user whose refresh token the keychain holds, as the file has it now.
    async fn noted_subject(&self, connection: &Connection) -> Option<String> {
        let saved = self.connection(&connection.id).await;
        saved.ok().and_then(|saved| saved.last_run).or_else(|| connection.last_run.clone())?.subject
    }

    /// Only a dot in a list: a file that cannot be written is said when something is saved, not here.
    ///
    /// The subject goes with the keychain's refresh token: a run that stored none leaves it as it is.
    async fn note_run(
        &self,
        connection: &Connection,
        outcome: Outcome,
        username: Option<String>,
        subject: Option<String>,
        kept: Kept,
    ) {
        let (store, id) = (self.store.clone(), connection.id.clone());
        let noted = blocking(move || {
            // A connection made up for one run leaves no trace.
            if !store.load()?.connections.iter().any(|saved| saved.id == id) {
                return Ok(());
            }
            store.update(|contents| {
                if let Some(saved) = contents.connections.iter_mut().find(|saved| saved.id == id) {
                    let before = saved.last_run.take().and_then(|run| run.subject);
                    let subject = match kept {
                        Kept::Keychain => subject,
                        Kept::SessionOnly | Kept::None => before.or(subject),
                    };
                    saved.last_run = Some(LastRun { outcome, at: clock::now(), subject });
                    // Who signed in last is the likely next one.
                    if outcome == Outcome::SignedIn && username.is_some() {
                        saved.username = username;
                    }
                }
                Ok(())
            })
        })
        .await;
        if let Err(problem) = noted {
            tracing::warn!(kind = ?problem.kind, "the outcome of the run could not be noted");
        }
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

fn gone() -> Problem {
    Problem::new(
        ProblemKind::InvalidInput,
        "This connection does not exist any more.",
        "It was removed, perhaps from the command line. Choose another one.",
    )
}

fn nothing_stored() -> Problem {
    Problem::new(
        ProblemKind::NothingStored,
        "There is no refresh token for this connection.",
        "Sign in first, with the scope offline_access where the provider needs it. OneLogin: Applications › the app › SSO › Refresh Token Timeout.",
    )
}

fn cancelled() -> Problem {
    Problem::new(ProblemKind::Cancelled, "Cancelled before anything was sent.", "Start again when you like.")
}
