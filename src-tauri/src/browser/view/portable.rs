//! The login window on Windows and macOS: a window of Tauri's without a capability. Not tried there yet.

use std::cell::RefCell;
use std::collections::BTreeMap;

use latchkey_client::sign_in::browser::ShownPage;
use latchkey_oidc::{Problem, ProblemKind};
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tokio::sync::mpsc::UnboundedSender;

use super::Order;
use crate::browser::gate::Passage;
use crate::browser::login_window::Event;
use crate::dto::{LoginPage, PageTls};

thread_local! {
    static OPEN: RefCell<BTreeMap<u64, (WebviewWindow, UnboundedSender<Event>)>> =
        const { RefCell::new(BTreeMap::new()) };
}

pub(super) fn open(app: &AppHandle, number: u64, order: Order, events: UnboundedSender<Event>) {
    let Order { url, gate, .. } = order;
    let Ok(url) = Url::parse(url.expose()) else { return };
    let script = gate.script().unwrap_or_default();
    let (told, seen, closing) = (events.clone(), events.clone(), events.clone());
    let built = WebviewWindowBuilder::new(app, format!("login-{number}"), WebviewUrl::External(url))
        .title("Latchkey login")
        .inner_size(520.0, 720.0)
        .incognito(true)
        .initialization_script(script)
        .on_navigation(move |url| match gate.judge(url.as_str(), false) {
            Passage::Page => true,
            Passage::Refused => false,
            Passage::Answer { received, .. } => {
                let _ = told.send(Event::Answer(received));
                false
            }
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .on_page_load(move |window, load| {
            let page = page(load.url(), load.event() == PageLoadEvent::Started);
            let _ = window.set_title(&format!("Latchkey login: {}", page.host));
            let _ = seen.send(Event::Page(page));
        })
        .build();
    match built {
        Ok(window) => {
            window.on_window_event(move |event| {
                if let WindowEvent::CloseRequested { .. } = event {
                    let _ = closing.send(Event::Closed);
                }
            });
            OPEN.with_borrow_mut(|open| open.insert(number, (window, events)));
        }
        Err(error) => {
            let problem = Problem::new(
                ProblemKind::Configuration,
                "The login window could not be opened.",
                "Use the system's browser.",
            );
            let _ = events.send(Event::Failed(problem.with_description(&error.to_string())));
        }
    }
}

/// The text of a page cannot be read here.
pub(super) fn take(number: u64) {
    OPEN.with_borrow(|open| {
        if let Some((_, events)) = open.get(&number) {
            let _ = events.send(Event::Taken(ShownPage { text: String::new(), http_status: None }));
        }
    });
}

pub(super) fn front(number: u64) {
    OPEN.with_borrow(|open| {
        if let Some((window, _)) = open.get(&number) {
            let _ = window.set_focus();
        }
    });
}

pub(super) fn close(number: u64) {
    if let Some((window, _)) = OPEN.with_borrow_mut(|open| open.remove(&number)) {
        let _ = window.close();
    }
}

pub(super) fn forget(_connection: &str) {}

fn page(url: &Url, loading: bool) -> LoginPage {
    // These web views refuse a certificate that the system does not trust.
    let tls = match (url.scheme(), url.host_str()) {
        ("https", _) => PageTls::Holds,
        ("http", Some("127.0.0.1" | "localhost" | "[::1]")) => PageTls::Loopback,
        _ => PageTls::None,
    };
    LoginPage { host: url.authority().to_owned(), tls, loading, ..LoginPage::default() }
}
