//! Sign-in in a browser, and what steers it while it is under way.

use std::sync::Arc;

use latchkey_client::client::BrowserSignIn;
use latchkey_client::input::{self, Field};
use latchkey_client::loopback::Loopback;
use latchkey_client::report::{Progress, SignInReport};
use latchkey_client::sign_in::browser::{BrowserRequest, UserAgent};
use latchkey_oidc::redirect_uri::RedirectUri;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::browser::login_window::LoginWindow;
use crate::browser::system::SystemBrowser;
use crate::browser::view::{self, Jar};
use crate::browser::{Command, Told};
use crate::dto::{Browser, BrowserProgress, BrowserSignInRequest};

/// Signs in at the provider's own page.
#[tauri::command]
pub(crate) async fn sign_in_browser(
    handle: AppHandle,
    app: State<'_, App>,
    request: BrowserSignInRequest,
    progress: Channel<BrowserProgress>,
) -> Answer<Arc<SignInReport>> {
    let connection = app.connection(&request.connection).await?;
    let client = app.client()?;
    if request.browser == Browser::LoginWindow {
        client.policy().permit_login_window()?;
    }
    let guard = app.run(&request.run);
    let (_steered, commands) = app.steering.begin(&request.run);
    // Progress is a courtesy: a window that is gone does not stop the run.
    let told: Told = Arc::new(move |said| {
        let _ = progress.send(said);
    });
    let typed = input::redirect_uri(&request.redirect_uri, Field::RedirectUri)?;
    let extra_ca_files = app.extra_ca_files().await?;
    let (redirect_uri, agent): (_, Box<dyn UserAgent + Send + '_>) = match request.browser {
        Browser::LoginWindow => {
            let jar = app.jar(&connection.id, request.keep_browser_session);
            let window = LoginWindow::new(&handle, Some(typed.clone()), jar, Arc::clone(&told), commands)
                .trusting(extra_ca_files)
                .showing_first(request.show_first);
            (typed, Box::new(window))
        }
        Browser::System => {
            let loopback = listening(&typed, Field::RedirectUri).await?;
            let redirect_uri = loopback.redirect_uri().clone();
            let told = Arc::clone(&told);
            (redirect_uri, Box::new(SystemBrowser::new(Some(loopback), request.show_first, told, commands)))
        }
    };
    let sign_in = BrowserSignIn {
        request: BrowserRequest {
            redirect_uri,
            response_type: request.response_type,
            response_mode: request.response_mode,
            scopes: request.scopes,
            prompt: request.prompt,
            login_hint: request.login_hint,
            acr_values: request.acr_values,
            max_age: request.max_age,
            resources: request.resources,
            ui_locales: request.ui_locales,
            extra: request.extra.into_iter().map(|one| (one.name, one.value)).collect(),
        },
        client_secret: request.client_secret,
        keep: request.keep,
    };
    let on_progress = move |progress| match progress {
        Progress::Steps { steps } => told(BrowserProgress::Steps { steps }),
    };
    let report =
        client.sign_in_browser(&connection, sign_in, &*agent, guard.token.clone(), &on_progress).await;
    if connection.demo {
        app.demo.remember().await;
    }
    report
}

/// Goes on from the address that was shown first.
#[tauri::command]
pub(crate) fn browser_open(app: State<'_, App>, run: String) {
    app.steering.tell(&run, Command::Open);
}

/// Ends the run with what the login window shows.
#[tauri::command]
pub(crate) fn browser_take(app: State<'_, App>, run: String) {
    app.steering.tell(&run, Command::Take);
}

/// Brings the login window to the front.
#[tauri::command]
pub(crate) fn browser_front(app: State<'_, App>, run: String) {
    app.steering.tell(&run, Command::Front);
}

/// Forgets the cookies that the login window kept for a connection.
#[tauri::command]
pub(crate) fn browser_session_forget(handle: AppHandle, app: State<'_, App>, connection: String) {
    app.forget_jar(&handle, &connection);
}

/// A listener where a redirect URI leads.
pub(super) async fn listening(redirect_uri: &RedirectUri, field: Field) -> Answer<Loopback> {
    Loopback::bind(redirect_uri).await.map_err(|fault| fault.at(redirect_uri, field))
}

impl App {
    /// Whose cookies the login window has: kept ones are remembered as kept.
    pub(crate) fn jar(&self, connection: &str, keep: bool) -> Jar {
        if !(keep && view::KEEPS_SESSIONS) {
            return Jar::Fresh;
        }
        self.kept_jars().insert(connection.to_owned());
        Jar::Kept(connection.to_owned())
    }

    /// Whether cookies are kept for a connection.
    pub(crate) fn keeps_jar(&self, connection: &str) -> bool {
        self.kept_jars().contains(connection)
    }

    /// Forgets them.
    pub(crate) fn forget_jar(&self, handle: &AppHandle, connection: &str) {
        if self.kept_jars().remove(connection) {
            view::forget(handle, connection);
        }
    }
}
