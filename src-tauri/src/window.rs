//! The main window: its size, and where it may go.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder};

use crate::app::App;
use crate::commands::settings::first_state;

/// The only window with a capability.
pub(crate) const MAIN: &str = "main";

/// Opens the main window.
pub(crate) fn open(app: &tauri::App) -> tauri::Result<()> {
    let builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Latchkey")
        .inner_size(1240.0, 820.0)
        .min_inner_size(720.0, 560.0)
        // The page never leaves the program: whatever else it is asked to open stays closed.
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    let window = match first_state(&app.state::<App>()) {
        Some(state) => builder.initialization_script(laid_down(&serde_json::to_string(&state)?)),
        None => builder,
    }
    .build()?;
    #[cfg(target_os = "linux")]
    window.with_webview(paint_on_the_processor)?;
    Ok(())
}

/// Sets what `ui/src/lib/platform/first-state.ts` reads, before the page's own scripts run. JSON is a JavaScript expression.
fn laid_down(state: &str) -> String {
    format!("Object.defineProperty(window, 'latchkeyFirstState', {{ value: {state}, configurable: true }});")
}

/// Forms and tables need no graphics processor: without it the window starts sooner and takes a third less memory.
#[cfg(target_os = "linux")]
fn paint_on_the_processor(webview: tauri::webview::PlatformWebview) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};

    if let Some(settings) = webview.inner().settings() {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    }
}

/// Brings the main window to the front, for a second start.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

fn is_own_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str(), url.port()) {
        ("tauri", Some("localhost"), None) => true,
        // Windows serves the page this way.
        ("http" | "https", Some("tauri.localhost"), None) => true,
        ("http", Some("localhost"), Some(1420)) => cfg!(not(feature = "custom-protocol")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_leaves_the_program() {
        for (url, own) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/index.html#x", true),
            ("http://tauri.localhost/", true),
            ("https://tauri.localhost.evil.example/", false),
            ("http://localhost:1420/", cfg!(not(feature = "custom-protocol"))),
            ("https://example.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("about:blank", false),
        ] {
            let url = Url::parse(url).expect("a URL");
            assert_eq!(is_own_page(&url), own, "{url}");
        }
    }
}
