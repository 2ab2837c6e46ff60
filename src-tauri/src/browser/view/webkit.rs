//! The login window on Linux: a window and a web view of WebKitGTK, made here and not by Tauri, so that none of
//! Tauri's scripts, schemes and commands are in it.

mod page;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gtk::prelude::{BoxExt as _, ContainerExt as _, GtkWindowExt as _, WidgetExt as _};
use gtk::{gio, glib};
use tauri::{AppHandle, Manager as _};
use tokio::sync::mpsc::UnboundedSender;
use webkit2gtk::{
    DownloadExt as _, HardwareAccelerationPolicy, SettingsExt as _, UserContentInjectedFrames,
    UserContentManager, UserContentManagerExt as _, UserScript, UserScriptInjectionTime, WebContext,
    WebContextExt as _, WebView, WebViewExt as _, WebsiteDataManagerExtManual as _, WebsiteDataTypes,
};

use self::page::View;
use super::bar::Bar;
use super::{Jar, Order};
use crate::browser::login_window::Event;
use crate::window::MAIN;

thread_local! {
    /// The open windows, by number.
    static OPEN: RefCell<BTreeMap<u64, Rc<View>>> = const { RefCell::new(BTreeMap::new()) };
    /// The kept cookies, by connection. In memory alone.
    static KEPT: RefCell<BTreeMap<String, WebContext>> = const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn open(app: &AppHandle, number: u64, order: Order, events: UnboundedSender<Event>) {
    let context = match &order.jar {
        Jar::Fresh => contained(),
        Jar::Kept(connection) => {
            KEPT.with_borrow_mut(|kept| kept.entry(connection.clone()).or_insert_with(contained).clone())
        }
    };
    let first = order.url.clone();
    let contents = UserContentManager::new();
    if let Some(script) = order.gate.script() {
        let (frames, time) = (UserContentInjectedFrames::TopFrame, UserScriptInjectionTime::Start);
        contents.add_script(&UserScript::new(&script, frames, time, &[], &[]));
    }
    page::notice_frames(&contents);
    let webview = WebView::builder().web_context(&context).user_content_manager(&contents).build();
    limit(&webview);
    let window = gtk::Window::new(gtk::WindowType::Toplevel);
    window.set_default_size(520, 720);
    if let Some(main) = app.get_webview_window(MAIN).and_then(|main| main.gtk_window().ok()) {
        window.set_transient_for(Some(&main));
        window.set_icon(main.icon().as_ref());
    }
    let bar = Bar::new();
    let rows = gtk::Box::new(gtk::Orientation::Vertical, 0);
    rows.pack_start(bar.widget(), false, false, 0);
    rows.pack_start(&webview, true, true, 0);
    window.add(&rows);
    let view = View::new(window, webview, bar, order, events);
    view.window.show_all();
    view.webview.grab_focus();
    view.webview.load_uri(first.expose());
    OPEN.with_borrow_mut(|open| open.insert(number, view));
}

pub(super) fn take(number: u64) {
    with(number, |view| view.take());
}

pub(super) fn front(number: u64) {
    with(number, |view| view.window.present());
}

pub(super) fn close(number: u64) {
    if let Some(view) = OPEN.with_borrow_mut(|open| open.remove(&number)) {
        view.window.close();
    }
}

pub(super) fn forget(connection: &str) {
    if let Some(context) = KEPT.with_borrow_mut(|kept| kept.remove(connection))
        && let Some(data) = webkit2gtk::WebContextExt::website_data_manager(&context)
    {
        // What a window that is still open has as well.
        data.clear(WebsiteDataTypes::ALL, glib::TimeSpan(0), gio::Cancellable::NONE, |_| {});
    }
}

fn with(number: u64, act: impl FnOnce(&Rc<View>)) {
    if let Some(view) = OPEN.with_borrow(|open| open.get(&number).cloned()) {
        act(&view);
    }
}

/// Cookies and storage in memory alone, and no file ever fetched.
fn contained() -> WebContext {
    let context = WebContext::new_ephemeral();
    context.connect_download_started(|_, download| download.cancel());
    context
}

/// What a login page has no need of. Windows, notifications, cameras and files are refused in [`View`].
fn limit(webview: &WebView) {
    let Some(settings) = webkit2gtk::WebViewExt::settings(webview) else { return };
    settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    settings.set_javascript_can_open_windows_automatically(false);
    settings.set_javascript_can_access_clipboard(false);
    settings.set_enable_developer_extras(false);
    settings.set_enable_fullscreen(false);
    settings.set_enable_media_stream(false);
    settings.set_enable_page_cache(false);
}
