//! What the commands share: the client, the demo tenant, the runs that can be cancelled, the clipboard.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;

use latchkey_client::client::Client;
use latchkey_client::connection::Connection;
use latchkey_client::provider_view::ProviderView;
use latchkey_client::store::Loaded;
use latchkey_oidc::{Problem, ProblemKind};
use tokio_util::sync::CancellationToken;

use crate::browser::Steering;
use crate::clipboard::Clipboard;
use crate::demo::Demo;

/// The state behind every command.
pub(crate) struct App {
    /// Opened by a thread of its own while the window comes up.
    opened: LazyLock<Opened, Box<dyn FnOnce() -> Opened + Send>>,
    /// The demo tenant.
    pub(crate) demo: Demo,
    /// Whether to open with it.
    pub(crate) opens_demo: bool,
    /// What may be cancelled, by the name that the window gave it.
    runs: Mutex<HashMap<String, CancellationToken>>,
    /// The browser runs under way.
    pub(crate) steering: Steering,
    /// The connections whose login window keeps its cookies.
    kept_jars: Mutex<HashSet<String>>,
    /// The last view of each provider.
    pub(crate) views: Mutex<HashMap<String, Arc<ProviderView>>>,
    /// For secrets: cleared after a while.
    pub(crate) clipboard: Clipboard,
}

/// What [`Client::open`] gives.
pub(crate) type Opening = Result<(Client, Loaded, Option<Problem>), Problem>;

/// What came of opening the configuration.
struct Opened {
    client: Result<Client, Problem>,
    /// Told once to the window.
    first_load: Mutex<FirstLoad>,
}

impl Opened {
    fn of(opening: Opening) -> Self {
        let (client, first_load) = match opening {
            Ok((client, loaded, problem)) => {
                let set_aside = loaded.set_aside.map(|path| path.display().to_string());
                (Ok(client), FirstLoad { set_aside, problem })
            }
            Err(problem) => (Err(problem), FirstLoad::default()),
        };
        Self { client, first_load: Mutex::new(first_load) }
    }
}

/// What was seen when the configuration was opened.
#[derive(Default)]
pub(crate) struct FirstLoad {
    /// Where a damaged file was put.
    pub(crate) set_aside: Option<String>,
    /// A CA file that could not be read.
    pub(crate) problem: Option<Problem>,
}

impl App {
    /// The app on the configuration that a thread is opening.
    pub(crate) fn new(opening: JoinHandle<Opening>, opens_demo: bool) -> Self {
        Self {
            opened: LazyLock::new(Box::new(move || {
                Opened::of(opening.join().unwrap_or_else(|_| Err(broken_off())))
            })),
            demo: Demo::default(),
            opens_demo,
            runs: Mutex::default(),
            steering: Steering::default(),
            kept_jars: Mutex::default(),
            views: Mutex::default(),
            clipboard: Clipboard::default(),
        }
    }

    /// The client, or why the configuration cannot be used.
    pub(crate) fn client(&self) -> Result<&Client, Problem> {
        self.opened.client.as_ref().map_err(Clone::clone)
    }

    /// What was seen when the configuration was opened; nothing when it is asked for again.
    pub(crate) fn first_load(&self) -> FirstLoad {
        std::mem::take(&mut self.opened.first_load.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A saved connection; the demo's tenant is running when this returns.
    pub(crate) async fn connection(&self, id: &str) -> Result<Connection, Problem> {
        let client = self.client()?;
        let connection = client.connection(id).await?;
        if connection.demo { self.demo.start(client).await } else { Ok(connection) }
    }

    /// PEM files of authorities that are trusted besides the system's: the user's, and the policy's.
    pub(crate) async fn extra_ca_files(&self) -> Result<Vec<PathBuf>, Problem> {
        let client = self.client()?;
        let own = client.connections().await?.settings.extra_ca_file.map(PathBuf::from);
        Ok(own.into_iter().chain(client.policy().extra_ca_file().map(Path::to_owned)).collect())
    }

    /// A run that the window can cancel until the guard is dropped.
    pub(crate) fn run(&self, name: &str) -> RunGuard<'_> {
        let token = CancellationToken::new();
        self.runs().insert(name.to_owned(), token.clone());
        RunGuard { app: self, name: name.to_owned(), token }
    }

    /// Cancels a run; one that has ended is no error.
    pub(crate) fn cancel(&self, name: &str) {
        if let Some(token) = self.runs().get(name) {
            token.cancel();
        }
    }

    /// The connections whose login window keeps its cookies.
    pub(crate) fn kept_jars(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.kept_jars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self) -> std::sync::MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn broken_off() -> Problem {
    Problem::new(
        ProblemKind::Configuration,
        "Opening the configuration was broken off.",
        "Close Latchkey and start it again.",
    )
}

/// Keeps a run cancellable.
pub(crate) struct RunGuard<'a> {
    app: &'a App,
    name: String,
    /// Cancelled from the window.
    pub(crate) token: CancellationToken,
}

impl Drop for RunGuard<'_> {
    fn drop(&mut self) {
        self.app.runs().remove(&self.name);
    }
}
