//! The recorded exchanges of a connection. They never held a secret.

use latchkey_client::curl;
use latchkey_client::exchange::Exchange;
use latchkey_oidc::{Problem, ProblemKind};
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::clipboard;

/// Every exchange, oldest first.
#[tauri::command]
pub(crate) async fn traffic(app: State<'_, App>, connection: String) -> Answer<Vec<Exchange>> {
    Ok(app.client()?.desk(&connection).recorder.exchanges())
}

/// Copies an exchange as cURL, with variables in place of the secrets.
#[tauri::command]
pub(crate) async fn exchange_curl(
    handle: AppHandle,
    app: State<'_, App>,
    connection: String,
    exchange: u64,
) -> Answer<()> {
    let exchange = app.client()?.desk(&connection).recorder.get(exchange).ok_or_else(|| {
        Problem::new(ProblemKind::InvalidInput, "This exchange is not kept any more.", "Choose another one.")
    })?;
    Ok(clipboard::copy(&handle, &curl::from_exchange(&exchange))?)
}

/// Forgets the exchanges.
#[tauri::command]
pub(crate) async fn traffic_clear(app: State<'_, App>, connection: String) -> Answer<()> {
    app.client()?.desk(&connection).recorder.clear();
    Ok(())
}
