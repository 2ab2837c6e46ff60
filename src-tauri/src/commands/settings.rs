//! The program as a whole: its state, its settings, the clipboard and the configuration folder.

use latchkey_client::store::Settings;
use latchkey_oidc::{Problem, ProblemKind};
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_opener::OpenerExt as _;

use super::Answer;
use crate::app::{App, FirstLoad};
use crate::browser::view::KEEPS_SESSIONS;
use crate::clipboard;
use crate::dto::{AppState, PolicyView};

/// The page has painted its first screen: what the benchmark waits for.
#[tauri::command]
pub(crate) fn window_ready() {
    tracing::info!("window ready");
}

/// What the window needs after a change from elsewhere, and when it opens without [`first_state`].
#[tauri::command]
pub(crate) async fn app_state(app: State<'_, App>) -> Answer<AppState> {
    Ok(state_of(&app).await)
}

/// What the window needs when it opens, for the page to have it from its first line on: asking would cost a frame.
///
/// `None` where the demo tenant has to be started first, which takes longer than painting that it is under way.
pub(crate) fn first_state(app: &App) -> Option<AppState> {
    (!app.opens_demo).then(|| tauri::async_runtime::block_on(state_of(app)))
}

async fn state_of(app: &App) -> AppState {
    let FirstLoad { set_aside, problem: first_problem } = app.first_load();
    let (mut state, client) = (
        AppState {
            connections: Vec::new(),
            set_aside,
            problem: first_problem,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings: Settings::default(),
            demo: None,
            selected: None,
            kept_sessions: KEEPS_SESSIONS,
            policy: None,
        },
        match app.client() {
            Ok(client) => client,
            Err(problem) => return unusable(problem),
        },
    );
    state.policy = PolicyView::of(client.policy());
    if app.opens_demo {
        match app.demo.start(client).await {
            Ok(connection) => state.selected = Some(connection.id),
            Err(problem) => state.problem = Some(problem),
        }
    }
    match client.connections().await {
        Ok(loaded) => {
            state.connections = loaded.connections;
            state.settings = loaded.settings;
            state.set_aside = state.set_aside.or(loaded.set_aside.map(|path| path.display().to_string()));
        }
        Err(problem) => state.problem = Some(problem),
    }
    state.demo = app.demo.facts().await;
    state
}

fn unusable(problem: Problem) -> AppState {
    AppState {
        connections: Vec::new(),
        set_aside: None,
        problem: Some(problem),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        settings: Settings::default(),
        demo: None,
        selected: None,
        kept_sessions: KEEPS_SESSIONS,
        policy: None,
    }
}

/// Saves the settings.
#[tauri::command]
pub(crate) async fn settings_save(app: State<'_, App>, settings: Settings) -> Answer<Settings> {
    app.client()?.change_settings(settings).await
}

/// Lets the user choose a PEM file.
#[tauri::command]
pub(crate) async fn choose_ca_file(app: AppHandle) -> Answer<Option<String>> {
    let (send, receive) = tokio::sync::oneshot::channel();
    app.dialog()
        .file()
        .set_title("Choose a CA certificate file")
        .add_filter("PEM certificates", &["pem", "crt", "cer"])
        .pick_file(move |file| {
            let _ = send.send(file);
        });
    let chosen = receive.await.ok().flatten();
    Ok(chosen.and_then(|file| file.into_path().ok()).map(|path| path.display().to_string()))
}

/// Copies text that is no secret.
#[tauri::command]
pub(crate) async fn copy_text(app: AppHandle, text: String) -> Answer<()> {
    Ok(clipboard::copy(&app, &text)?)
}

/// Opens the configuration folder in the file manager.
#[tauri::command]
pub(crate) async fn open_folder(handle: AppHandle, app: State<'_, App>) -> Answer<()> {
    let folder = app.client()?.store().folder().display().to_string();
    handle.opener().open_path(&folder, None::<&str>).map_err(|error| {
        Problem::new(
            ProblemKind::Configuration,
            "The folder could not be opened.",
            format!("Open it yourself: {folder}"),
        )
        .with_description(&error.to_string())
        .into()
    })
}
