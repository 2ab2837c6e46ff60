//! Declares the window's commands, so that a capability can name them; without this every local window could call all.

fn main() {
    const COMMANDS: &[&str] = &[
        "window_ready",
        "app_state",
        "discover",
        "connection_save",
        "client_secret_keep",
        "connection_remove",
        "connection_fix",
        "demo_start",
        "sign_in_password",
        "sign_in_refresh",
        "sign_in_browser",
        "browser_open",
        "browser_take",
        "browser_front",
        "browser_session_forget",
        "cancel",
        "password_curl",
        "report",
        "session",
        "token_reveal",
        "token_copy",
        "session_forget",
        "session_introspect",
        "session_revoke",
        "session_sign_out",
        "claims",
        "provider",
        "traffic",
        "exchange_curl",
        "traffic_clear",
        "settings_save",
        "choose_ca_file",
        "copy_text",
        "open_folder",
    ];
    let attributes =
        tauri_build::Attributes::new().app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
