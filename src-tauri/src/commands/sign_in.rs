//! Sign-in by password and refresh, with progress, and cancelled at any moment.

use std::sync::Arc;

use latchkey_client::client::PasswordSignIn;
use latchkey_client::curl;
use latchkey_client::report::{Progress, SignInReport};
use latchkey_oidc::client_auth::ClientAuth;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Secret, token};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::clipboard;
use crate::dto::{PasswordRequest, RefreshRequest};

/// Signs in with a password.
#[tauri::command]
pub(crate) async fn sign_in_password(
    app: State<'_, App>,
    request: PasswordRequest,
    progress: Channel<Progress>,
) -> Answer<Arc<SignInReport>> {
    let connection = app.connection(&request.connection).await?;
    let guard = app.run(&request.run);
    let sign_in = PasswordSignIn {
        username: request.username,
        password: request.password,
        scopes: request.scopes,
        client_secret: request.client_secret,
        keep: request.keep,
    };
    let on_progress = told(progress);
    let report =
        app.client()?.sign_in_password(&connection, sign_in, guard.token.clone(), &on_progress).await;
    if connection.demo {
        app.demo.remember().await;
    }
    report
}

/// Refreshes a session.
#[tauri::command]
pub(crate) async fn sign_in_refresh(
    app: State<'_, App>,
    request: RefreshRequest,
    progress: Channel<Progress>,
) -> Answer<Arc<SignInReport>> {
    let connection = app.connection(&request.connection).await?;
    let guard = app.run(&request.run);
    let on_progress = told(progress);
    let report =
        app.client()?.refresh(&connection, request.client_secret, guard.token.clone(), &on_progress).await;
    if connection.demo {
        app.demo.remember().await;
    }
    report
}

/// Cancels a run.
#[tauri::command]
pub(crate) fn cancel(app: State<'_, App>, run: String) {
    app.cancel(&run);
}

/// Copies the token request of the password form as cURL, with variables in place of the secrets.
#[tauri::command]
pub(crate) async fn password_curl(
    handle: AppHandle,
    app: State<'_, App>,
    connection: String,
    username: String,
    scopes: Vec<String>,
) -> Answer<()> {
    let connection = app.connection(&connection).await?;
    let client = app.client()?;
    let run = app.run("password_curl");
    let provider = match client.known_provider(&connection.issuer) {
        Some(known) => known,
        None => client.look_up(&connection.issuer, &client.desk(&connection.id).recorder, &run.token).await?,
    };
    let url = provider.metadata.endpoint_for_secrets(
        &provider.issuer,
        Endpoint::Token,
        &connection.confirmed_hosts,
    )?;
    // The command names a variable for each secret, so none is needed to write it.
    let stand_in = Secret::from("set when the command runs");
    let auth = ClientAuth::new(connection.auth_method, &connection.client_id, Some(stand_in.clone()))
        .ok_or_else(|| latchkey_client::input::missing_secret(connection.auth_method))?;
    let request = token::password_request(url, &auth, &username, &stand_in, &scopes, provider.generation());
    Ok(clipboard::copy(&handle, &curl::from_request(&request))?)
}

/// The report of the last run in this window.
#[tauri::command]
pub(crate) async fn report(app: State<'_, App>, connection: String) -> Answer<Option<Arc<SignInReport>>> {
    Ok(app.client()?.desk(&connection).report)
}

/// Progress is a courtesy: a window that is gone does not stop the run.
fn told(channel: Channel<Progress>) -> impl Fn(Progress) + Send + Sync {
    move |progress| {
        let _ = channel.send(progress);
    }
}
