//! The login window as a browser: shows the provider's page, and brings the first answer.

use std::path::PathBuf;

use latchkey_client::random;
use latchkey_client::sign_in::browser::{Answering, Brought, Leaving, ShownPage, UserAgent};
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseMode;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use tauri::AppHandle;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::gate::Gate;
use super::view::{self, Jar, Order};
use super::{Command, Told, cancelled, opened};
use crate::dto::{BrowserProgress, LoginPage};

/// What happens in the login window.
#[derive(Debug)]
pub(crate) enum Event {
    /// It shows another page, or is loading.
    Page(LoginPage),
    /// The redirect URI was reached.
    Answer(Received),
    /// The person took what the page shows.
    Taken(ShownPage),
    /// A page could not be loaded.
    Failed(Problem),
    /// The person closed it.
    Closed,
}

/// A login window for one request.
pub(crate) struct LoginWindow<'a> {
    app: &'a AppHandle,
    /// `None` for a sign-out without a redirect URI.
    redirect_uri: Option<RedirectUri>,
    /// Whose cookies.
    jar: Jar,
    extra_ca_files: Vec<PathBuf>,
    show_first: bool,
    told: Told,
    commands: Mutex<mpsc::UnboundedReceiver<Command>>,
}

impl<'a> LoginWindow<'a> {
    /// A window that is not yet open.
    pub(crate) fn new(
        app: &'a AppHandle,
        redirect_uri: Option<RedirectUri>,
        jar: Jar,
        told: Told,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            app,
            redirect_uri,
            jar,
            extra_ca_files: Vec::new(),
            show_first: false,
            told,
            commands: Mutex::new(commands),
        }
    }

    /// Trusts the authorities of these files besides the system's.
    pub(crate) fn trusting(self, extra_ca_files: Vec<PathBuf>) -> Self {
        Self { extra_ca_files, ..self }
    }

    /// Waits with the address until the person goes on.
    pub(crate) fn showing_first(self, show_first: bool) -> Self {
        Self { show_first, ..self }
    }

    /// Opens, and waits for what ends it.
    async fn end(&self, url: &Secret, shown: &str, cancel: &CancellationToken) -> Result<End, Problem> {
        let mut commands = self.commands.lock().await;
        opened(shown, self.show_first, &self.told, &mut commands, cancel).await?;
        let provider = Url::parse(url.expose()).map_err(|_| no_address())?;
        let mut random = [0; 16];
        random::fill(&mut random)?;
        let order = Order {
            url: url.clone(),
            gate: Gate::new(self.redirect_uri.clone(), provider.origin(), random),
            jar: self.jar.clone(),
            extra_ca_files: self.extra_ca_files.clone(),
        };
        let (events, mut happening) = mpsc::unbounded_channel();
        // Closed when this is dropped: nothing that comes later counts (H-13).
        let window = view::open(self.app, order, events)?;
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(cancelled()),
                event = happening.recv() => match event {
                    Some(Event::Page(page)) => (self.told)(BrowserProgress::Page { page }),
                    Some(Event::Answer(received)) => return Ok(End::Answer(received)),
                    Some(Event::Taken(page)) => return Ok(End::Taken(page)),
                    Some(Event::Failed(problem)) => return Err(problem),
                    Some(Event::Closed) | None => return Ok(End::Closed),
                },
                Some(command) = commands.recv() => match command {
                    Command::Open => {}
                    Command::Take => window.take(),
                    Command::Front => window.front(),
                },
            }
        }
    }
}

enum End {
    Answer(Received),
    Taken(ShownPage),
    Closed,
}

impl UserAgent for LoginWindow<'_> {
    fn answer<'a>(
        &'a self,
        url: &'a Url,
        _mode: ResponseMode,
        cancel: &'a CancellationToken,
    ) -> Answering<'a> {
        Box::pin(async move {
            match self.end(&Secret::from(url.as_str()), url.as_str(), cancel).await? {
                End::Answer(received) => Ok(Brought::Answer(received)),
                End::Taken(page) => Ok(Brought::Page(page)),
                End::Closed => Err(Problem::new(
                    ProblemKind::Cancelled,
                    "The login window was closed before an answer came.",
                    "Sign in again when you like. Where the page showed an error, “Use what the page shows” explains it.",
                )),
            }
        })
    }

    fn leave<'a>(&'a self, url: &'a Secret, shown: &'a str, cancel: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async move {
            Ok(match self.end(url, shown, cancel).await? {
                End::Answer(received) => Some(received),
                End::Taken(_) | End::Closed => None,
            })
        })
    }
}

fn no_address() -> Problem {
    Problem::new(
        ProblemKind::Malformed,
        "The address to open is no URL.",
        "Look at the provider's metadata (tab Provider).",
    )
}
