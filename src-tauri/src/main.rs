//! The window of Latchkey: thin commands on `latchkey-client`, and what only a window has.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod app;
mod browser;
mod clipboard;
mod commands;
mod demo;
mod dto;
mod window;

use latchkey_client::client::Client;
use latchkey_client::keychain::Keychain;
use latchkey_client::logging;
use latchkey_client::policy::Policy;
use latchkey_client::store::Store;
use tauri::{Manager as _, RunEvent};

use crate::app::App;

/// A sign-in makes thousands of small texts, which this allocator hands out quicker than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    start_log();
    let opens_demo = std::env::args().skip(1).any(|argument| argument == "--demo");
    // Beside the window's own start: reading the system's certificate authorities takes a while.
    let opening = std::thread::spawn(|| {
        Policy::of_this_computer()
            .and_then(|policy| Client::open(Store::in_default_folder()?, Keychain::system(), policy))
    });
    let built = tauri::Builder::default()
        // First, so that a second start ends before it opens a window.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::show(app)))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(App::new(opening, opens_demo))
        .invoke_handler(tauri::generate_handler![
            commands::settings::window_ready,
            commands::settings::app_state,
            commands::settings::settings_save,
            commands::settings::choose_ca_file,
            commands::settings::copy_text,
            commands::settings::open_folder,
            commands::connections::discover,
            commands::connections::connection_save,
            commands::connections::client_secret_keep,
            commands::connections::connection_remove,
            commands::connections::connection_fix,
            commands::connections::demo_start,
            commands::sign_in::sign_in_password,
            commands::sign_in::sign_in_refresh,
            commands::browser::sign_in_browser,
            commands::browser::browser_open,
            commands::browser::browser_take,
            commands::browser::browser_front,
            commands::browser::browser_session_forget,
            commands::sign_in::cancel,
            commands::sign_in::password_curl,
            commands::sign_in::report,
            commands::session::session,
            commands::session::token_reveal,
            commands::session::token_copy,
            commands::session::session_forget,
            commands::ending::session_introspect,
            commands::ending::session_revoke,
            commands::ending::session_sign_out,
            commands::session::claims,
            commands::provider::provider,
            commands::traffic::traffic,
            commands::traffic::exchange_curl,
            commands::traffic::traffic_clear,
        ])
        .setup(|app| Ok(window::open(app)?))
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(|app, event| {
            if let RunEvent::Exit = event {
                clipboard::clear(app);
                tauri::async_runtime::block_on(app.state::<App>().demo.remember());
            }
        }),
        Err(error) => {
            // Without a window this is all that can be said, and where it can be said.
            tracing::error!(%error, "the window could not be opened");
            std::process::exit(1);
        }
    }
}

/// Errors alone, unless `LATCHKEY_LOG` names another level.
fn start_log() {
    let wanted = std::env::var(logging::VARIABLE).unwrap_or_default();
    let directives =
        logging::directives(&wanted).or_else(|| logging::directives("error")).unwrap_or_default();
    let filter = tracing_subscriber::EnvFilter::new(directives);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
