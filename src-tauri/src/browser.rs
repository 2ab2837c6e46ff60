//! Sign-in in a browser: the login window of ours, or the system's browser. What both have: the address can be
//! read before it is opened, and the main window can steer them.

mod gate;
pub(crate) mod login_window;
pub(crate) mod system;
pub(crate) mod view;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use latchkey_oidc::{Problem, ProblemKind};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::dto::BrowserProgress;

/// Who hears of a run.
pub(crate) type Told = Arc<dyn Fn(BrowserProgress) + Send + Sync>;

/// What the main window may ask of a browser run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// Go on from the address.
    Open,
    /// End with what the login window shows.
    Take,
    /// Bring the login window to the front.
    Front,
}

/// The browser runs under way, by the name that the window gave them.
#[derive(Default)]
pub(crate) struct Steering {
    runs: Mutex<HashMap<String, mpsc::UnboundedSender<Command>>>,
}

impl Steering {
    /// Takes commands for a run until the guard is dropped.
    pub(crate) fn begin(&self, run: &str) -> (Steered<'_>, mpsc::UnboundedReceiver<Command>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.runs().insert(run.to_owned(), sender);
        (Steered { steering: self, run: run.to_owned() }, receiver)
    }

    /// Passes a command on; a run that has ended needs none.
    pub(crate) fn tell(&self, run: &str, command: Command) {
        if let Some(sender) = self.runs().get(run) {
            let _ = sender.send(command);
        }
    }

    fn runs(&self) -> std::sync::MutexGuard<'_, HashMap<String, mpsc::UnboundedSender<Command>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a run steerable.
pub(crate) struct Steered<'a> {
    steering: &'a Steering,
    run: String,
}

impl Drop for Steered<'_> {
    fn drop(&mut self) {
        self.steering.runs().remove(&self.run);
    }
}

/// Shows the address, and where that was asked for waits until the person goes on.
async fn opened(
    url: &str,
    show_first: bool,
    told: &Told,
    commands: &mut mpsc::UnboundedReceiver<Command>,
    cancel: &CancellationToken,
) -> Result<(), Problem> {
    let address = |waiting| BrowserProgress::Address { url: url.to_owned(), waiting };
    told(address(show_first));
    if !show_first {
        return Ok(());
    }
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(cancelled()),
            command = commands.recv() => match command {
                Some(Command::Open) => break,
                Some(_) => {}
                None => return Err(cancelled()),
            },
        }
    }
    told(address(false));
    Ok(())
}

fn cancelled() -> Problem {
    Problem::new(
        ProblemKind::Cancelled,
        "Cancelled before an answer came.",
        "Start again when you like. What a browser still shows leads nowhere.",
    )
}
