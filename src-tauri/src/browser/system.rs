//! The system's browser: opens the address there, and listens at the redirect URI (RFC 8252 §7.3).

use latchkey_client::loopback::Loopback;
use latchkey_client::sign_in::browser::{Answering, Brought, UserAgent};
use latchkey_oidc::response_type::ResponseMode;
use tauri_plugin_opener::open_url;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Command, Told, cancelled, opened};
use crate::dto::BrowserProgress;

/// The system's browser for one request.
pub(crate) struct SystemBrowser {
    loopback: Loopback,
    show_first: bool,
    told: Told,
    commands: Mutex<mpsc::UnboundedReceiver<Command>>,
}

impl SystemBrowser {
    /// The listener is there before anybody is told of it.
    pub(crate) fn new(
        loopback: Loopback,
        show_first: bool,
        told: Told,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self { loopback, show_first, told, commands: Mutex::new(commands) }
    }

    /// Opens the address, and says whether that could be done.
    async fn open(&self, url: &Url) {
        let address = url.as_str().to_owned();
        let result = tauri::async_runtime::spawn_blocking(move || open_url(address, None::<&str>)).await;
        (self.told)(BrowserProgress::Browser { opened: matches!(result, Ok(Ok(()))) });
    }
}

impl UserAgent for SystemBrowser {
    fn answer<'a>(
        &'a self,
        url: &'a Url,
        mode: ResponseMode,
        cancel: &'a CancellationToken,
    ) -> Answering<'a> {
        Box::pin(async move {
            let answer = self.loopback.answer(mode);
            let way = async {
                let mut commands = self.commands.lock().await;
                // The listener waits meanwhile: whoever copies the address may open it anywhere.
                opened(url, self.show_first, &self.told, &mut commands, cancel).await?;
                self.open(url).await;
                // Only the answer or the person ends it from here on.
                cancel.cancelled().await;
                Err(cancelled())
            };
            tokio::select! {
                biased;
                received = answer => received.map(Brought::Answer),
                ended = way => ended,
            }
        })
    }
}
