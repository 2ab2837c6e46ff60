//! A provider's metadata and keys, explained.

use std::sync::{Arc, PoisonError};

use latchkey_client::provider_view::{self, ProviderView};
use tauri::State;

use super::Answer;
use crate::app::App;

/// What is known of a connection's provider; looked up where nothing is, or `again`.
///
/// Called when a connection is opened: the next sign-in then needs no discovery.
#[tauri::command]
pub(crate) async fn provider(
    app: State<'_, App>,
    connection: String,
    again: bool,
    run: String,
) -> Answer<Arc<ProviderView>> {
    let connection = app.connection(&connection).await?;
    let client = app.client()?;
    let guard = app.run(&run);
    let known = client.known_provider(&connection.issuer).filter(|known| !again && known.keys.is_some());
    let provider = match known {
        Some(known) => known,
        None => {
            client.look_up(&connection.issuer, &client.desk(&connection.id).recorder, &guard.token).await?
        }
    };
    let shown = {
        let views = app.views.lock().unwrap_or_else(PoisonError::into_inner);
        views.get(&connection.issuer).filter(|view| view.fetched_at == provider.fetched_at && !again).cloned()
    };
    if let Some(shown) = shown {
        return Ok(shown);
    }
    let folder = client.store().folder().to_owned();
    let view =
        tauri::async_runtime::spawn_blocking(move || Arc::new(provider_view::view(&provider, &folder)))
            .await
            .map_err(|_| {
                latchkey_oidc::Problem::new(
                    latchkey_oidc::ProblemKind::Configuration,
                    "The metadata could not be put together.",
                    "Look again.",
                )
            })?;
    app.views.lock().unwrap_or_else(PoisonError::into_inner).insert(connection.issuer, Arc::clone(&view));
    Ok(view)
}
