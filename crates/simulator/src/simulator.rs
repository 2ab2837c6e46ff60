//! Starts and stops the tenant. It runs on a thread and runtime of its own: a signature or a slow fault never holds
//! up the program around it, and when the thread ends every connection ends with it.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::clients::{Client, ClientRole, clients};
use crate::codes::Codes;
use crate::description::Description;
use crate::faults::Faults;
use crate::keys::{KeyFailure, KeyRing};
use crate::options::{Generation, Options, StartError};
use crate::requests::Requests;
use crate::server;
use crate::sessions::Sessions;
use crate::state::State;
use crate::store::Store;
use crate::tenant::{Tenant, lock};
use crate::users::{User, UserRole, users};
use crate::wire::{Grip, Loopback};

/// A running tenant. Dropping it stops it.
pub struct Simulator {
    tenant: Arc<Tenant>,
    /// Dropped or sent to: the server ends.
    stop: Option<oneshot::Sender<()>>,
    /// Resolves when the server has ended.
    ended: Option<oneshot::Receiver<()>>,
}

impl Simulator {
    /// Binds, makes keys, and serves.
    ///
    /// # Errors
    /// The port cannot be had, or the system gives no thread or key.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("latchkey-simulator".to_owned())
            .spawn(move || {
                run(options, started, stopped);
                // The listener is gone by now, so the port is free again.
                let _ = end.send(());
            })
            .map_err(StartError::Thread)?;
        let unexpected = |_| StartError::Thread(io::Error::other("it ended before it served"));
        let tenant = starting.await.map_err(unexpected)??;
        Ok(Self { tenant, stop: Some(stop), ended: Some(ended) })
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.tenant.port
    }

    /// The issuer of a generation, whether or not it is served.
    #[must_use]
    pub fn issuer(&self, generation: Generation) -> String {
        self.tenant.issuer(generation)
    }

    /// Issuers, clients and people, in the shape that `latchkey simulate` prints.
    #[must_use]
    pub fn description(&self) -> Description {
        Description::of(&self.tenant)
    }

    /// The first application of a role; `None` for [`ClientRole::Other`] unless one was added.
    #[must_use]
    pub fn client(&self, role: ClientRole) -> Option<&Client> {
        self.tenant.clients.iter().find(|client| client.role == role)
    }

    /// The first person of a role; `None` for [`UserRole::Other`] unless one was added.
    #[must_use]
    pub fn user(&self, role: UserRole) -> Option<&User> {
        self.tenant.users.iter().find(|user| user.role == role)
    }

    /// What a later simulator needs to honour the refresh tokens of this one. It holds no token.
    #[must_use]
    pub fn state(&self) -> State {
        State::new(self.tenant.port, lock(&self.tenant.store).snapshot(self.tenant.now()))
    }

    /// How often each endpoint was asked so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        *lock(&self.tenant.requests)
    }

    /// From the next request on, this goes wrong and nothing else.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.tenant.faults) = Arc::new(faults);
    }

    /// From the next request on, answers take this long.
    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.tenant.latency) = latency;
    }

    /// Another key signs from now on; the old one stays published beside it.
    ///
    /// # Errors
    /// The system gives no key.
    pub fn rotate_keys(&self) -> Result<(), StartError> {
        lock(&self.tenant.keys).rotate().map_err(|KeyFailure| StartError::Keys)
    }

    /// Stops, and returns when the port is free again.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        if let Some(ended) = self.ended.take() {
            // An error means that it has ended already.
            let _ = ended.await;
        }
    }
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Simulator").field("port", &self.tenant.port).finish_non_exhaustive()
    }
}

/// The thread: serves until `stopped` resolves.
fn run(
    options: Options,
    started: oneshot::Sender<Result<Arc<Tenant>, StartError>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = started.send(Err(StartError::Thread(error)));
            return;
        }
    };
    runtime.block_on(async {
        let (listener, tenant) = match open(options).await {
            Ok(opened) => opened,
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        };
        let service = Router::new()
            .fallback(server::handle)
            .with_state(Arc::clone(&tenant))
            .into_make_service_with_connect_info::<Grip>();
        let serving = axum::serve(Loopback(listener), service);
        if started.send(Ok(tenant)).is_err() {
            return;
        }
        tokio::select! {
            served = serving => tracing::debug!(?served, "the server ended by itself"),
            _ = stopped => {}
        }
    });
}

async fn open(options: Options) -> Result<(TcpListener, Arc<Tenant>), StartError> {
    let state = options.state.filter(State::is_supported);
    let (listener, port) = bind(options.port, state.as_ref().map(|state| state.port)).await?;
    let now = (options.clock)();
    let (mut clients, mut users) = (clients(), users());
    clients.extend(options.more_clients);
    users.extend(options.more_users);
    let store =
        Store::restore(state.map(|state| state.refresh_tokens).unwrap_or_default(), &clients, &users, now);
    let keys = KeyRing::generate().map_err(|KeyFailure| StartError::Keys)?;
    let tenant = Tenant {
        port,
        generation: options.generation,
        clients,
        users,
        clock: options.clock,
        keys: Mutex::new(keys),
        store: Mutex::new(store),
        codes: Mutex::new(Codes::default()),
        sessions: Mutex::new(Sessions::default()),
        response_iss: options.response_iss,
        faults: Mutex::new(Arc::new(options.faults)),
        requests: Mutex::new(Requests::default()),
        latency: Mutex::new(options.latency),
    };
    Ok((listener, Arc::new(tenant)))
}

/// The port that was asked for; else the one served before, if it is free; else any.
async fn bind(asked: u16, before: Option<u16>) -> Result<(TcpListener, u16), StartError> {
    let failed = |port| move |source| StartError::Bind { port, source };
    let before = before.filter(|_| asked == 0).unwrap_or(0);
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, asked.max(before))).await {
        Err(_) if before != 0 => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
        bound => bound,
    };
    let listener = listener.map_err(failed(asked))?;
    let port = listener.local_addr().map_err(failed(asked))?.port();
    Ok((listener, port))
}
