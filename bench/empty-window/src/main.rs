//! A Tauri window with nothing in it. What Latchkey takes beyond it is its own.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::io::Write as _;

/// Says on stderr that the page is painted, as Latchkey does.
#[tauri::command]
fn window_ready() {
    let _ = writeln!(std::io::stderr(), "window ready");
}

fn main() {
    let built = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![window_ready])
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(|_, _| {}),
        Err(_) => std::process::exit(1),
    }
}
