//! Sign-in and refresh on saved connections, and what is remembered of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use tokio_util::sync::CancellationToken;

use super::{Client, Keep, blocking};
use crate::clock;
use crate::connection::{Connection, LastRun};
use crate::input::{self, InputProblem};
use crate::keychain::{Keychain, KeychainError, SecretKind};
use crate::report::{Kept, Note, Outcome, SignInReport};
use crate::run::{OnProgress, Run};
use crate::session::Session;
use crate::sign_in::{self, Credentials, Ended, KeepRotated, NothingRotates, SignIn};

/// How long a second refresh of one connection waits for the first, in this or another process.
pub(super) const REFRESH_WAIT: Duration = Duration::from_secs(40);

/// What is kept after a run.
pub(super) struct Keeping {
    pub(super) keep: Keep,
    /// Who signed in, as typed.
    pub(super) username: Option<String>,
    pub(super) refreshed: Option<Refreshed>,
}

/// What a refresh did to the refresh tokens.
pub(super) struct Refreshed {
    /// The token that was sent.
    used: Secret,
    /// The token that came in its place and may be used.
    rotated: Option<Secret>,
    /// How storing it ended, where that was tried.
    stored: Option<Result<(), KeychainError>>,
    first: First,
}

/// What a refresh must stay with.
#[derive(Clone, Default)]
struct First {
    /// `sub` of the first sign-in.
    subject: Option<String>,
    /// The nonce that was sent with it.
    nonce: Option<String>,
}

impl First {
    fn of(session: &Session) -> Self {
        Self { subject: session.subject.clone(), nonce: session.nonce.clone() }
    }

    fn noted(run: LastRun) -> Self {
        Self { subject: run.subject, nonce: run.nonce }
    }
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
        self.policy.permit(&connection.issuer)?;
        input::check_credentials(&request.username, &request.password)?;
        let scopes = input::check_scopes(&request.scopes)?;
        let client = or_cancelled(&cancel, self.client_auth(connection, request.client_secret)).await??;
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
        self.policy.permit(&connection.issuer)?;
        let client = or_cancelled(&cancel, self.client_auth(connection, client_secret)).await??;
        let lock = or_cancelled(&cancel, self.store.refresh_lock(&connection.id, REFRESH_WAIT)).await??;
        let desk = self.desk(&connection.id);
        let session = desk.session.as_deref();
        let in_memory = session
            .filter(|session| session.kept == Kept::SessionOnly)
            .and_then(|session| session.refresh_token.clone());
        let (refresh_token, keep) = match desk.rotated.clone().or(in_memory) {
            Some(token) => (token, Keep::SessionOnly),
            None => {
                let stored = self.keychain.get(&connection.id, SecretKind::RefreshToken);
                let stored = or_cancelled(&cancel, stored).await?.map_err(Problem::from)?;
                (stored.ok_or_else(nothing_stored)?, Keep::Keychain)
            }
        };
        // The session in memory may be another user's, or another process has refreshed or signed in since.
        let session = session.filter(|session| session.refresh_token.as_ref() == Some(&refresh_token));
        let first = match session.filter(|session| session.subject.is_some()) {
            Some(session) => First::of(session),
            None => self.noted_first(connection).await,
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
                    subject: first.subject.as_deref(),
                    nonce: first.nonce.as_deref(),
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
        let refreshed = Refreshed { used: refresh_token, rotated, stored: stored.flatten(), first };
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
            desk.forget();
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
    pub(super) async fn settle(
        &self,
        connection: &Connection,
        ended: Ended,
        keeping: Keeping,
    ) -> Arc<SignInReport> {
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
        let first = match (&session, &keeping.refreshed) {
            (Some(session), _) => First::of(session),
            (None, Some(refreshed)) => refreshed.first.clone(),
            (None, None) => First::default(),
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
        // Who stops a run has learnt nothing of the connection; a token that came before that has to be accounted for.
        let stopped = report.error.as_ref().is_some_and(|error| error.kind == ProblemKind::Cancelled);
        if !stopped || kept == Kept::Keychain {
            self.note_run(connection, report.outcome, keeping.username, first, kept).await;
        }
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

    /// The sign-in whose refresh token the keychain holds, as the file has it now.
    async fn noted_first(&self, connection: &Connection) -> First {
        let saved = self.connection(&connection.id).await;
        let run = saved.ok().and_then(|saved| saved.last_run).or_else(|| connection.last_run.clone());
        run.map(First::noted).unwrap_or_default()
    }

    /// Only a dot in a list: a file that cannot be written is said when something is saved, not here.
    ///
    /// Subject and nonce go with the keychain's refresh token: a run that stored none leaves it as it is.
    async fn note_run(
        &self,
        connection: &Connection,
        outcome: Outcome,
        username: Option<String>,
        first: First,
        kept: Kept,
    ) {
        let (store, id) = (self.store.clone(), connection.id.clone());
        let managed = self.policy.manages(&id);
        let noted = blocking(move || {
            // Who signed in last is the likely next one.
            let username = username.filter(|_| outcome == Outcome::SignedIn);
            if managed {
                return store.note(&id, |note| {
                    note.last_run = Some(run(outcome, note.last_run.take(), first, kept));
                    note.username = username.or(note.username.take());
                });
            }
            // A connection made up for one run leaves no trace.
            if !store.load()?.connections.iter().any(|saved| saved.id == id) {
                return Ok(());
            }
            store.update(|contents| {
                if let Some(saved) = contents.connections.iter_mut().find(|saved| saved.id == id) {
                    saved.last_run = Some(run(outcome, saved.last_run.take(), first, kept));
                    saved.username = username.or(saved.username.take());
                }
                Ok(())
            })
        })
        .await;
        if let Err(problem) = noted {
            tracing::warn!(kind = ?problem.kind, "the outcome of the run could not be noted");
        }
    }
}

/// How a run ended, with the sign-in that the keychain's refresh token is of.
fn run(outcome: Outcome, before: Option<LastRun>, first: First, kept: Kept) -> LastRun {
    let before = before.map(First::noted);
    let First { subject, nonce } = match kept {
        Kept::Keychain => first,
        Kept::SessionOnly | Kept::None => before.filter(|before| before.subject.is_some()).unwrap_or(first),
    };
    LastRun { outcome, at: clock::now(), subject, nonce }
}

/// A keychain may wait for a person, and a lock for another process: neither keeps anybody from cancelling.
pub(super) async fn or_cancelled<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = T>,
) -> Result<T, Problem> {
    tokio::select! {
        // What needs no waiting is done: the run itself then tells that it was cancelled.
        biased;
        done = work => Ok(done),
        () = cancel.cancelled() => Err(cancelled()),
    }
}

pub(super) fn nothing_stored() -> Problem {
    Problem::new(
        ProblemKind::NothingStored,
        "There is no refresh token for this connection.",
        "Sign in first, with the scope offline_access where the provider needs it. OneLogin: Applications › the app › SSO › Refresh Token Timeout.",
    )
}

fn cancelled() -> Problem {
    Problem::new(ProblemKind::Cancelled, "Cancelled before anything was sent.", "Start again when you like.")
}
