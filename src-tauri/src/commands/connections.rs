//! Connections: looked up while typed, saved, changed, removed.

use latchkey_client::connection::Connection;
use latchkey_client::input::{ConnectionDraft, Field, InputProblem};
use latchkey_client::provider::Provider;
use latchkey_client::recorder::Recorder;
use latchkey_oidc::catalogue::Grant;
use latchkey_oidc::issuer::{Generation, Issuer};
use latchkey_oidc::{Fix, Secret};
use tauri::{AppHandle, State};

use super::Answer;
use crate::app::App;
use crate::dto::{DiscoverInput, Discovery};

/// Looks a provider up for a connection that is being typed.
#[tauri::command]
pub(crate) async fn discover(app: State<'_, App>, input: DiscoverInput, run: String) -> Answer<Discovery> {
    let issuer = match &input {
        DiscoverInput::Onelogin { text } => Issuer::onelogin(text),
        DiscoverInput::Issuer { text } => Issuer::parse(text),
    };
    let at_issuer = |problem| InputProblem { problem, field: Some(Field::Issuer) };
    let issuer = issuer.map_err(at_issuer)?;
    let guard = app.run(&run);
    let provider =
        app.client()?.look_up(issuer.as_str(), &Recorder::new(), &guard.token).await.map_err(at_issuer)?;
    Ok(offered(&provider))
}

/// Saves a new or changed connection.
#[tauri::command]
pub(crate) async fn connection_save(app: State<'_, App>, draft: ConnectionDraft) -> Answer<Connection> {
    app.client()?.save(draft).await
}

/// Keeps a client secret in the keychain: for a managed connection, which no form saves.
#[tauri::command]
pub(crate) async fn client_secret_keep(
    app: State<'_, App>,
    connection: String,
    client_secret: Secret,
) -> Answer<()> {
    let client = app.client()?;
    let connection = client.connection(&connection).await?;
    client.keep_client_secret(&connection.id, &client_secret).await
}

/// Removes a connection, its keychain entries, and the cookies that the login window kept for it.
#[tauri::command]
pub(crate) async fn connection_remove(
    handle: AppHandle,
    app: State<'_, App>,
    connection: String,
) -> Answer<()> {
    app.client()?.remove(&connection).await?;
    app.forget_jar(&handle, &connection);
    Ok(())
}

/// Makes a change that a problem offered.
#[tauri::command]
pub(crate) async fn connection_fix(app: State<'_, App>, connection: String, fix: Fix) -> Answer<Connection> {
    Ok(app.client()?.apply(&connection, &fix).await?)
}

/// Starts the demo tenant and gives its connection.
#[tauri::command]
pub(crate) async fn demo_start(app: State<'_, App>) -> Answer<Connection> {
    Ok(app.demo.start(app.client()?).await?)
}

fn offered(provider: &Provider) -> Discovery {
    let generation = provider.generation();
    let mut scopes = provider.metadata.scopes_supported.clone().unwrap_or_else(|| vec!["openid".to_owned()]);
    // OneLogin takes it with the password grant, though its metadata do not say so.
    if generation == Generation::OneloginV2 && !scopes.iter().any(|scope| scope == "offline_access") {
        scopes.push("offline_access".to_owned());
    }
    Discovery {
        issuer: provider.issuer.as_str().to_owned(),
        onelogin: generation.is_onelogin(),
        retired: provider.issuer.is_retired(),
        findings: provider.findings.clone(),
        methods: provider.metadata.auth_methods(),
        scopes,
        password_grant: provider.metadata.offers_grant(Grant::Password),
    }
}
