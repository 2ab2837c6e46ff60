//! Takes the answer of a sign-in in the system's browser (RFC 8252 §7.3): listens on this computer alone, at the
//! redirect URI's own port and path, for one answer. Everything else gets 404 and changes nothing.
//!
//! Knows nothing of what an answer means.

mod doorway;
mod pages;
mod place;
mod visit;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseMode;
use latchkey_oidc::{Problem, ProblemKind};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use self::doorway::Doorway;
use self::place::Place;
pub use self::place::PlaceFault;
use self::visit::Visits;

/// Connections that are served at the same time.
const MAX_VISITS: usize = 32;

/// A listener that waits for one answer. Dropping it closes it.
#[derive(Debug)]
pub struct Loopback {
    redirect_uri: RedirectUri,
    listeners: Mutex<Vec<TcpListener>>,
}

impl Loopback {
    /// Listens where the redirect URI leads: at its port, or at a free one where it has none. A browser may take
    /// `localhost` for 127.0.0.1 or ::1, so both are listened at.
    ///
    /// # Errors
    /// The redirect URI leads elsewhere, or the port cannot be had.
    pub async fn bind(redirect_uri: &RedirectUri) -> Result<Self, PlaceFault> {
        let place = Place::of(redirect_uri)?;
        let listeners = place.listen().await?;
        let port = match listeners.first() {
            Some(listener) => listener.local_addr().map_err(|error| place.refused(error))?.port(),
            None => return Err(PlaceFault::Elsewhere),
        };
        Ok(Self { redirect_uri: place.at_port(redirect_uri, port)?, listeners: Mutex::new(listeners) })
    }

    /// The redirect URI to send: with the port that was found, where it had none.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Waits for the answer, gives its page to the browser, and closes. `mode` is where the answer should come.
    ///
    /// # Errors
    /// It was closed before.
    pub async fn answer(&self, mode: ResponseMode) -> Result<Received, Problem> {
        let listeners = std::mem::take(&mut *lock(&self.listeners));
        let (streams, mut incoming) = mpsc::channel(MAX_VISITS);
        let mut doors = JoinSet::new();
        for listener in listeners {
            doors.spawn(accept(listener, streams.clone()));
        }
        drop(streams);
        let visits = Arc::new(Visits {
            authority: place::authority(&self.redirect_uri),
            redirect_uri: self.redirect_uri.clone(),
            mode,
            answered: AtomicBool::new(false),
            pages: Mutex::default(),
        });
        let mut under_way = JoinSet::new();
        loop {
            tokio::select! {
                stream = incoming.recv(), if under_way.len() < MAX_VISITS => match stream {
                    Some(stream) => { under_way.spawn(visit::serve(stream, Arc::clone(&visits))); }
                    None => return Err(closed()),
                },
                Some(visit) = under_way.join_next() => {
                    if let Ok(Some(received)) = visit {
                        return Ok(received);
                    }
                }
            }
        }
    }
}

async fn accept(listener: TcpListener, streams: mpsc::Sender<TcpStream>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if streams.send(stream).await.is_err() {
                    return;
                }
            }
            // A visitor that went away, or too many open files: the next one may fare better.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn closed() -> Problem {
    Problem::new(
        ProblemKind::Configuration,
        "The listener for the answer is closed: it takes one answer.",
        "Sign in again.",
    )
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Every change is complete before anything can panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
