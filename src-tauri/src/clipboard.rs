//! Secrets on the clipboard: put there from Rust, and cleared after a minute if they are still there.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use latchkey_oidc::{Problem, ProblemKind, Secret};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_clipboard_manager::ClipboardExt as _;

use crate::app::App;

/// How long a secret stays.
pub(crate) const STAYS: Duration = Duration::from_secs(60);

/// The secret that was copied last.
#[derive(Default)]
pub(crate) struct Clipboard {
    copied: Mutex<Option<Secret>>,
}

/// Copies a secret, and clears it after [`STAYS`] where the clipboard still holds it.
pub(crate) fn copy_secret(app: &AppHandle, secret: &Secret) -> Result<(), Problem> {
    copy(app, secret.expose())?;
    let state = app.state::<App>();
    *state.clipboard.copied.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
    let (app, secret) = (app.clone(), secret.clone());
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(STAYS).await;
        clear_if_still_there(&app, &secret);
    });
    Ok(())
}

/// Copies text that is no secret.
pub(crate) fn copy(app: &AppHandle, text: &str) -> Result<(), Problem> {
    app.clipboard().write_text(text).map_err(|error| {
        Problem::new(
            ProblemKind::Configuration,
            "The clipboard could not be used.",
            "Try again; some remote desktops switch the clipboard off.",
        )
        .with_description(&error.to_string())
    })
}

/// Called when the window closes: a secret must not outlive it.
pub(crate) fn clear(app: &AppHandle) {
    let copied = app.state::<App>().clipboard.copied.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(secret) = copied {
        clear_if_still_there(app, &secret);
    }
}

fn clear_if_still_there(app: &AppHandle, secret: &Secret) {
    let now = app.clipboard().read_text().map(Secret::new);
    if now.is_ok_and(|now| now == *secret)
        && let Err(error) = app.clipboard().clear()
    {
        tracing::warn!(%error, "the clipboard could not be cleared");
    }
}
