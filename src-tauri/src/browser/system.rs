//! The system's browser: opens the address there, and listens at the redirect URI (RFC 8252 §7.3).

use std::time::Duration;

use latchkey_client::loopback::{Doorway, Loopback};
use latchkey_client::sign_in::browser::{Answering, Brought, Leaving, UserAgent};
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::response_type::ResponseMode;
use latchkey_oidc::{Problem, Secret};
use tauri_plugin_opener::open_url;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Command, Told, cancelled, opened};
use crate::dto::BrowserProgress;

/// How long a person may take to open the address of a sign-out that comes back nowhere.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The system's browser for one request.
pub(crate) struct SystemBrowser {
    /// `None` for a sign-out without a redirect URI.
    loopback: Option<Loopback>,
    show_first: bool,
    told: Told,
    commands: Mutex<mpsc::UnboundedReceiver<Command>>,
}

impl SystemBrowser {
    /// The listener is there before anybody is told of it.
    pub(crate) fn new(
        loopback: Option<Loopback>,
        show_first: bool,
        told: Told,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self { loopback, show_first, told, commands: Mutex::new(commands) }
    }

    /// What came at the redirect URI, after `address` was opened.
    async fn answer_after(
        &self,
        address: &Url,
        shown: &str,
        mode: ResponseMode,
        cancel: &CancellationToken,
    ) -> Result<Received, Problem> {
        let Some(loopback) = &self.loopback else { return Err(cancelled()) };
        let way = async {
            let mut commands = self.commands.lock().await;
            // The listener waits meanwhile: whoever copies the address may open it anywhere.
            opened(shown, self.show_first, &self.told, &mut commands, cancel).await?;
            self.open(address).await;
            // Only the answer or the person ends it from here on.
            cancel.cancelled().await;
            Err(cancelled())
        };
        tokio::select! {
            biased;
            received = loopback.answer(mode) => received,
            ended = way => ended,
        }
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
        Box::pin(async move { self.answer_after(url, url.as_str(), mode, cancel).await.map(Brought::Answer) })
    }

    fn leave<'a>(&'a self, url: &'a Secret, shown: &'a str, cancel: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async move {
            // The ID token is in the address: a door leads there, so that no other program reads it.
            let doorway = Doorway::open().await?;
            let led = doorway.lead_to(url);
            if self.loopback.is_none() {
                self.open(doorway.url()).await;
                return tokio::select! {
                    biased;
                    () = cancel.cancelled() => Err(cancelled()),
                    () = led => Ok(None),
                    // Where no browser came: nothing else would end it.
                    () = tokio::time::sleep(LONGEST) => Ok(None),
                };
            }
            let led = async {
                led.await;
                std::future::pending().await
            };
            tokio::select! {
                biased;
                received = self.answer_after(doorway.url(), shown, ResponseMode::Query, cancel) => received.map(Some),
                never = led => never,
            }
        })
    }
}
