//! Introspection, revocation and sign-out of the session, cancelled at any moment.

use latchkey_client::client::{SignOut, TokenChoice};
use latchkey_client::session::TokenKind;
use latchkey_client::session_report::SessionReport;
use latchkey_oidc::{Problem, ProblemKind};
use tauri::State;

use super::Answer;
use crate::app::App;
use crate::dto::{SignOutRequest, TokenRequest};

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

/// Signs out at the provider.
#[tauri::command]
pub(crate) async fn session_sign_out(app: State<'_, App>, request: SignOutRequest) -> Answer<SessionReport> {
    let connection = app.connection(&request.connection).await?;
    let guard = app.run(&request.run);
    let sign_out = SignOut {
        id_token: None,
        post_logout_redirect_uri: request.post_logout_redirect_uri,
        revoke_only: request.revoke_only,
    };
    let report =
        app.client()?.sign_out(&connection, sign_out, request.client_secret, guard.token.clone()).await;
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
