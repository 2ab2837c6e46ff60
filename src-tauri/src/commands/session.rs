//! The session: tokens without their values, Reveal and Copy on request, what the keychain holds, the claims.

use latchkey_client::keychain::{KeychainError, SecretKind};
use latchkey_client::recorder::Recorder;
use latchkey_client::report::{DecodedToken, Kept, Outcome};
use latchkey_client::session::{Session, TokenKind};
use latchkey_oidc::claims::{self, ClaimsView};
use latchkey_oidc::jws::Jws;
use latchkey_oidc::{Problem, ProblemKind};
use serde_json::Value;
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::clipboard;
use crate::dto::{SessionToken, SessionView, Stored, StoredState};

/// The tokens in memory, and what the keychain holds. Never shows a keychain prompt.
#[tauri::command]
pub(crate) async fn session(app: State<'_, App>, connection: String) -> Answer<SessionView> {
    let client = app.client()?;
    let stored = stored(&app, &connection).await?;
    let desk = client.desk(&connection);
    let browser_session = app.keeps_jar(&connection);
    Ok(match desk.session {
        Some(session) => SessionView {
            tokens: tokens(&session, &desk.recorder),
            refresh_token_kept: session.kept,
            stored,
            subject: session.subject.as_deref().map(latchkey_oidc::text::visible),
            scope: Some(latchkey_oidc::text::visible(&session.scope.join(" "))),
            browser_session,
        },
        None => {
            let kept = if stored.state == StoredState::Held { Kept::Keychain } else { Kept::None };
            SessionView {
                tokens: Vec::new(),
                refresh_token_kept: kept,
                stored,
                subject: None,
                scope: None,
                browser_session,
            }
        }
    })
}

/// The value of a token, on an explicit Reveal.
#[tauri::command]
pub(crate) async fn token_reveal(app: State<'_, App>, connection: String, kind: TokenKind) -> Answer<String> {
    let session = app.client()?.desk(&connection).session.ok_or_else(no_session)?;
    let token = session.token(kind).ok_or_else(no_session)?;
    Ok(token.expose().to_owned())
}

/// Copies a token, for a minute.
#[tauri::command]
pub(crate) async fn token_copy(
    handle: AppHandle,
    app: State<'_, App>,
    connection: String,
    kind: TokenKind,
) -> Answer<()> {
    let session = app.client()?.desk(&connection).session.ok_or_else(no_session)?;
    let token = session.token(kind).ok_or_else(no_session)?;
    Ok(clipboard::copy_secret(&handle, token)?)
}

/// Forgets the tokens, here and in the keychain.
#[tauri::command]
pub(crate) async fn session_forget(app: State<'_, App>, connection: String) -> Answer<()> {
    Ok(app.client()?.forget(&connection).await?)
}

/// The claims of the last run, or else of the session.
#[tauri::command]
pub(crate) async fn claims(app: State<'_, App>, connection: String) -> Answer<Option<ClaimsView>> {
    let client = app.client()?;
    let saved = client.connection(&connection).await?;
    let desk = client.desk(&connection);
    let session = desk.session.as_deref();
    let asked = session.map_or(&saved.scopes, |session| &session.asked);
    let provider = client.known_provider(&saved.issuer);
    let onelogin = provider.is_some_and(|provider| provider.generation().is_onelogin());
    // A refused token is shown as well: what is wrong with it is what the tester wants to see.
    let refused = desk.report.as_ref().filter(|report| report.outcome == Outcome::Rejected);
    let (id_token, userinfo, introspection) =
        match (refused.and_then(|report| report.id_token.as_ref()), session) {
            (Some(refused), _) => (Some(refused.claims.clone()), None, None),
            (None, Some(session)) => (
                session.id_token_claims.clone().map(Value::Object),
                session.userinfo.clone().map(Value::Object),
                session.introspection.as_ref(),
            ),
            (None, None) => return Ok(None),
        };
    Ok(Some(claims::view(id_token.as_ref(), userinfo.as_ref(), introspection, asked, onelogin)))
}

async fn stored(app: &App, connection: &str) -> Result<Stored, Problem> {
    let client = app.client()?;
    let in_memory = client.desk(connection).has_client_secret();
    let refresh_token = client.keychain().peek(connection, SecretKind::RefreshToken).await;
    let (state, problem) = match refresh_token {
        Ok(Some(_)) => (StoredState::Held, None),
        Ok(None) => (StoredState::Empty, None),
        Err(error) => (
            match error {
                KeychainError::Absent => StoredState::Absent,
                KeychainError::Locked => StoredState::Locked,
                KeychainError::TimedOut => StoredState::TimedOut,
                KeychainError::TooLong { .. } | KeychainError::Failed(_) => StoredState::Failed,
            },
            Some(Problem::from(error)),
        ),
    };
    let client_secret = match (in_memory, problem.is_none()) {
        (true, _) => Some(true),
        // A keychain that did not answer once is not asked again.
        (false, false) => None,
        (false, true) => client
            .keychain()
            .peek(connection, SecretKind::ClientSecret)
            .await
            .ok()
            .map(|secret| secret.is_some()),
    };
    Ok(Stored { state, client_secret, problem })
}

fn tokens(session: &Session, recorder: &Recorder) -> Vec<SessionToken> {
    // A token may quote what was sent, or another token.
    let shown = |members| {
        let mut value = Value::Object(members);
        recorder.redact_json(&mut value);
        value
    };
    [TokenKind::IdToken, TokenKind::AccessToken, TokenKind::RefreshToken]
        .into_iter()
        .filter_map(|kind| {
            let token = session.token(kind)?;
            Some(SessionToken {
                kind,
                fingerprint: token.fingerprint(),
                obtained_at: session.obtained_at,
                expires_at: session.expires_at(kind),
                bytes: token.expose().len(),
                decoded: Jws::parse(token)
                    .ok()
                    .map(|jws| DecodedToken { header: shown(jws.header), claims: shown(jws.claims) }),
            })
        })
        .collect()
}

fn no_session() -> Problem {
    Problem::new(
        ProblemKind::NothingStored,
        "There is no such token in memory.",
        "Sign in, or refresh from the keychain.",
    )
}
