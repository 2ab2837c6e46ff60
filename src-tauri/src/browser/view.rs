//! The login window itself, on the main thread. It has no capability and no bridge to the program.

#[cfg(target_os = "linux")]
mod bar;
#[cfg(target_os = "linux")]
mod failures;
#[cfg(target_os = "linux")]
mod webkit;

#[cfg(not(target_os = "linux"))]
mod portable;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use latchkey_oidc::{Problem, ProblemKind, Secret};
use tauri::AppHandle;
use tokio::sync::mpsc::UnboundedSender;

use super::gate::Gate;
use super::login_window::Event;

#[cfg(not(target_os = "linux"))]
use self::portable as platform;
#[cfg(target_os = "linux")]
use self::webkit as platform;

/// Whether cookies can be kept from one login window to the next on this system.
pub(crate) const KEEPS_SESSIONS: bool = cfg!(target_os = "linux");

/// Whose cookies a window has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Jar {
    /// Nobody's: they are made with the window and end with it.
    Fresh,
    /// A connection's own, in memory until the program ends or they are forgotten.
    Kept(String),
}

/// A window to open.
pub(crate) struct Order {
    /// The first page. An ID token may stand in it.
    pub(crate) url: Secret,
    /// Where its pages may go.
    pub(crate) gate: Gate,
    /// Its cookies.
    pub(crate) jar: Jar,
    /// PEM files of authorities that are trusted besides the system's.
    pub(crate) extra_ca_files: Vec<PathBuf>,
}

/// An open login window. Dropping it closes the window.
pub(crate) struct Opened {
    app: AppHandle,
    number: u64,
}

/// Opens a login window. `events` hears what happens in it.
///
/// # Errors
/// The program is ending.
pub(crate) fn open(app: &AppHandle, order: Order, events: UnboundedSender<Event>) -> Result<Opened, Problem> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let handle = app.clone();
    app.run_on_main_thread(move || platform::open(&handle, number, order, events)).map_err(|error| {
        Problem::new(
            ProblemKind::Configuration,
            "The login window could not be opened.",
            "Start Latchkey again, or use the system's browser.",
        )
        .with_description(&error.to_string())
    })?;
    Ok(Opened { app: app.clone(), number })
}

/// Forgets the cookies of a connection.
pub(crate) fn forget(app: &AppHandle, connection: &str) {
    let connection = connection.to_owned();
    let _ = app.run_on_main_thread(move || platform::forget(&connection));
}

impl Opened {
    /// Ends it with what it shows.
    pub(crate) fn take(&self) {
        let number = self.number;
        let _ = self.app.run_on_main_thread(move || platform::take(number));
    }

    /// Brings it to the front.
    pub(crate) fn front(&self) {
        let number = self.number;
        let _ = self.app.run_on_main_thread(move || platform::front(number));
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let number = self.number;
        let _ = self.app.run_on_main_thread(move || platform::close(number));
    }
}
