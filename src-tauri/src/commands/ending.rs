//! Introspection, revocation and sign-out of the session, cancelled at any moment.

use std::sync::Arc;

use latchkey_client::client::{SignOut, TokenChoice};
use latchkey_client::input::Field;
use latchkey_client::session::TokenKind;
use latchkey_client::session_report::SessionReport;
use latchkey_client::sign_in::browser::UserAgent;
use latchkey_oidc::{Problem, ProblemKind};
use tauri::{AppHandle, State};

use super::Answer;
use super::browser::listening;
use crate::app::App;
use crate::browser::Told;
use crate::browser::login_window::LoginWindow;
use crate::browser::system::SystemBrowser;
use crate::dto::{Browser, SignOutRequest, TokenRequest};

/// Asks the provider whether a token is active.
#[tauri::command]
pub(crate) async fn session_introspect(app: State<'_, App>, request: TokenRequest) -> Answer<SessionReport> {
    let connection = app.connection(&request.connection).await?;
    let guard = app.run(&request.run);
    let token = choice(request.token)?;
    app.client()?.introspect(&connection, token, request.client_secret, guard.token.clone()).await
}

/// Revokes a token, with the proof.
#[tauri::command]
pub(crate) async fn session_revoke(app: State<'_, App>, request: TokenRequest) -> Answer<SessionReport> {
    let connection = app.connection(&request.connection).await?;
    let guard = app.run(&request.run);
    let token = choice(request.token)?;
    let report = app.client()?.revoke(&connection, token, request.client_secret, guard.token.clone()).await;
    if connection.demo {
        app.demo.remember().await;
    }
    report
}

/// Signs out at the provider: from here, in the login window, or in the system's browser.
#[tauri::command]
pub(crate) async fn session_sign_out(
    handle: AppHandle,
    app: State<'_, App>,
    request: SignOutRequest,
) -> Answer<SessionReport> {
    let connection = app.connection(&request.connection).await?;
    let client = app.client()?;
    if request.browser == Some(Browser::LoginWindow) {
        client.policy().permit_login_window()?;
    }
    let guard = app.run(&request.run);
    let (_steered, commands) = app.steering.begin(&request.run);
    // The address stands in the report.
    let told: Told = Arc::new(|_| ());
    let mut sign_out = SignOut {
        id_token: None,
        post_logout_redirect_uri: request.post_logout_redirect_uri,
        revoke_only: request.revoke_only,
    };
    let back = sign_out.post_logout_redirect_uri()?;
    let agent: Option<Box<dyn UserAgent + Send + '_>> = match request.browser {
        None => None,
        Some(Browser::LoginWindow) => {
            let jar = app.jar(&connection.id, app.keeps_jar(&connection.id));
            let extra_ca_files = app.extra_ca_files().await?;
            let window = LoginWindow::new(&handle, back, jar, told, commands).trusting(extra_ca_files);
            Some(Box::new(window))
        }
        Some(Browser::System) => {
            let loopback = match &back {
                Some(uri) => Some(listening(uri, Field::PostLogoutRedirectUri).await?),
                None => None,
            };
            // With the port that was found, where it had none.
            sign_out.post_logout_redirect_uri =
                loopback.as_ref().map(|loopback| loopback.redirect_uri().as_str().to_owned());
            Some(Box::new(SystemBrowser::new(loopback, false, told, commands)))
        }
    };
    let agent = agent.as_deref().map(|agent| agent as &dyn UserAgent);
    let cancel = guard.token.clone();
    let report = client.sign_out(&connection, sign_out, request.client_secret, agent, cancel).await;
    if connection.demo {
        app.demo.remember().await;
    }
    report
}

fn choice(kind: TokenKind) -> Result<TokenChoice, Problem> {
    match kind {
        TokenKind::AccessToken => Ok(TokenChoice::AccessToken),
        TokenKind::RefreshToken => Ok(TokenChoice::RefreshToken),
        TokenKind::IdToken => Err(Problem::new(
            ProblemKind::InvalidInput,
            "An ID token is neither introspected nor revoked.",
            "Choose the access token or the refresh token.",
        )),
    }
}
