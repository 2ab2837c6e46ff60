//! What happens in a login window: where its page goes, what comes, what fails.

mod listening;
mod trust;

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use gtk::prelude::GtkWindowExt as _;
use gtk::{gio, glib};
use javascriptcore::ValueExt as _;
use latchkey_client::sign_in::browser::ShownPage;
use latchkey_oidc::Problem;
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::issuer::is_loopback;
use tokio::sync::mpsc::UnboundedSender;
use url::Url;
use webkit2gtk::glib::prelude::Cast as _;
use webkit2gtk::{
    LoadEvent, NavigationPolicyDecision, NetworkError, PolicyDecision, PolicyDecisionExt as _,
    PolicyDecisionType, PolicyError, ResponsePolicyDecision, ResponsePolicyDecisionExt as _,
    URIRequestExt as _, URIResponseExt as _, UserContentInjectedFrames, UserContentManager,
    UserContentManagerExt as _, UserScript, UserScriptInjectionTime, WebContextExt as _, WebView,
    WebViewExt as _,
};

use self::listening::listen;
use self::trust::{host_of, vouches};
use crate::browser::gate::{Gate, Passage};
use crate::browser::login_window::Event;
use crate::browser::view::bar::{self, Bar};
use crate::browser::view::{Order, failures};
use crate::dto::{LoginPage, PageTls};

/// A page may take so long before that is said.
const SLOW: Duration = Duration::from_secs(10);
/// And so long before it is given up.
const LONGEST: Duration = Duration::from_secs(60);
/// Scripts of ours run in a world of their own: nothing that a page defines is seen there.
const WORLD: &str = "latchkey";
/// An error page is short. More of it is not read.
const TEXT: &str = "document.documentElement.innerText.slice(0, 65536)";
/// Runs in every frame: that there is one is heard here wherever it hides, in a closed shadow tree too. No page sees it.
/// One without an address is the page's own.
const FRAME: &str =
    "if (window !== top && location.href !== 'about:blank') webkit.messageHandlers.frame.postMessage(null);";
/// What it is heard by.
const HEARD: &str = "frame";
/// Frames in the page, those in open shadow trees included.
const FRAMES: &str = "(() => {
    const frames = (root) => [...root.querySelectorAll('*')].reduce(
        (sum, one) => sum + (one.shadowRoot ? frames(one.shadowRoot) : 0)
            + Number(['IFRAME', 'FRAME', 'OBJECT', 'EMBED', 'FENCEDFRAME'].includes(one.tagName.toUpperCase())), 0);
    return frames(document) + window.length;
})()";

/// One login window: its page, and what happens with it.
pub(super) struct View {
    pub(super) window: gtk::Window,
    pub(super) webview: WebView,
    bar: Bar,
    gate: Gate,
    events: UnboundedSender<Event>,
    extra_ca_files: Vec<PathBuf>,
    page: RefCell<LoginPage>,
    /// Counts the loads, so that a timer knows its own.
    load: Cell<u64>,
    /// Something was shown since the last load began.
    committed: Cell<bool>,
    /// Something was ever shown.
    shown: Cell<bool>,
    /// A form that a frame, or a page with frames, posted to the redirect URI was stopped.
    stopped: Cell<bool>,
    /// A redirect to what no login window opens: where the page itself stops for it, nothing else comes.
    refused: RefCell<Option<String>>,
    /// An answer that a redirect brought: it counts when the page itself stops for it, as no frame's redirect does.
    redirected: RefCell<Option<(String, Received)>>,
    /// An answer that a script brought while there were frames: it counts when the person says so.
    offered: RefCell<Option<Received>>,
    /// The page has had a frame, as that frame said.
    framed: Cell<bool>,
    /// Hosts whose certificate the extra file vouched for.
    vouched: RefCell<Vec<String>>,
}

/// Has every frame say that it is one.
pub(super) fn notice_frames(contents: &UserContentManager) {
    contents.register_script_message_handler_in_world(HEARD, WORLD);
    let (frames, time) = (UserContentInjectedFrames::AllFrames, UserScriptInjectionTime::Start);
    contents.add_script(&UserScript::for_world(FRAME, frames, time, WORLD, &[], &[]));
}

impl View {
    /// Listens to the web view. Nothing is loaded yet.
    pub(super) fn new(
        window: gtk::Window,
        webview: WebView,
        bar: Bar,
        order: Order,
        events: UnboundedSender<Event>,
    ) -> Rc<Self> {
        let host = host_of(order.url.expose());
        let view = Rc::new(Self {
            window,
            webview,
            bar,
            gate: order.gate,
            events,
            extra_ca_files: order.extra_ca_files,
            page: RefCell::new(LoginPage { host, loading: true, ..LoginPage::default() }),
            load: Cell::new(0),
            committed: Cell::new(false),
            shown: Cell::new(false),
            stopped: Cell::new(false),
            refused: RefCell::default(),
            redirected: RefCell::default(),
            offered: RefCell::default(),
            framed: Cell::new(false),
            vouched: RefCell::default(),
        });
        listen(&view);
        view.tell();
        view
    }

    fn decide(self: &Rc<Self>, decision: &PolicyDecision, kind: PolicyDecisionType) {
        match kind {
            PolicyDecisionType::NavigationAction => self.navigation(decision),
            PolicyDecisionType::Response => self.response(decision),
            // A window of its own.
            _ => decision.ignore(),
        }
    }

    fn navigation(self: &Rc<Self>, decision: &PolicyDecision) {
        let action = decision
            .downcast_ref::<NavigationPolicyDecision>()
            .and_then(webkit2gtk::NavigationPolicyDecisionExt::navigation_action);
        let request = action.as_ref().and_then(webkit2gtk::NavigationAction::request);
        let address = request.as_ref().and_then(|request| request.uri());
        let (Some(mut action), Some(request), Some(address)) = (action, request, address) else {
            return decision.ignore();
        };
        let posted = request.http_method().is_some_and(|method| method == "POST");
        match self.gate.judge(&address, posted) {
            Passage::Page => decision.use_(),
            Passage::Refused => {
                decision.ignore();
                if action.is_redirect() {
                    *self.refused.borrow_mut() = Some(address.to_string());
                }
            }
            Passage::Answer { received, from_the_page } => {
                // First of all: nothing of it leaves.
                decision.ignore();
                if from_the_page {
                    self.answer(received);
                } else if action.is_redirect() {
                    *self.redirected.borrow_mut() = Some((address.to_string(), received));
                } else {
                    // One that only looks like it is rejected whatever its fields are.
                    self.arrived(received, posted, self.gate.is_redirect_uri(&address));
                }
            }
        }
    }

    /// A script, a link or a form went to the redirect URI, of the page or of a frame in it. Where there is no
    /// frame it was the page.
    fn arrived(self: &Rc<Self>, received: Received, posted: bool, is_redirect_uri: bool) {
        let view = Rc::clone(self);
        let nothing = gio::Cancellable::NONE;
        self.webview.evaluate_javascript(FRAMES, Some(WORLD), None, nothing, move |frames| {
            let none_seen = frames.is_ok_and(|frames| frames.is_number() && frames.to_int32() == 0);
            let alone = none_seen && !view.framed.get();
            match (alone, posted) {
                (true, true) if is_redirect_uri => view.fail(failures::posted_past()),
                (true, _) => view.answer(received),
                // The fields of the form are not known, so there is nothing to offer.
                (false, true) => {
                    view.stopped.set(true);
                    view.tell();
                }
                (false, false) => {
                    *view.offered.borrow_mut() = Some(received);
                    view.change(|page| page.offered = true);
                }
            }
        });
    }

    fn response(&self, decision: &PolicyDecision) {
        let Some(response) = decision.downcast_ref::<ResponsePolicyDecision>() else {
            return decision.ignore();
        };
        let status =
            response.response().map(|answer| answer.status_code()).and_then(|code| u16::try_from(code).ok());
        // Of a type that could be shown, and to be kept as a file all the same.
        let attached = response
            .response()
            .and_then(|answer| answer.http_headers()?.one("Content-Disposition"))
            .is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("attachment"));
        let shown = response.is_mime_type_supported() && !attached;
        if shown {
            decision.use_()
        } else {
            decision.ignore()
        }
        if !response.is_main_frame_main_resource() {
            return;
        }
        if shown && !matches!(status, Some(204 | 205)) {
            self.page.borrow_mut().http_status = status.filter(|status| *status > 0);
        }
        // A file beside a page that stays, as a link to some terms is, is nothing to end a sign-in for.
        if (!shown && !self.shown.get()) || matches!(status, Some(204 | 205)) {
            // An answer without a body has a type all the same, of WebKit's making.
            let kind = response.response().and_then(|answer| answer.mime_type()).filter(|_| !shown);
            self.fail(failures::no_page(&self.loading_host(), status, kind.as_deref()));
        }
    }

    fn load_changed(self: &Rc<Self>, event: LoadEvent) {
        match event {
            LoadEvent::Started => {
                self.committed.set(false);
                self.watch();
                self.change(|page| page.loading = true);
            }
            LoadEvent::Committed => {
                self.committed.set(true);
                self.shown.set(true);
                self.stopped.set(false);
                self.framed.set(false);
                self.offered.borrow_mut().take();
                let address = self.webview.uri().unwrap_or_default();
                let tls = self.tls_of(&address);
                let host = host_of(&address);
                if tls == PageTls::None
                    && address.starts_with("https:")
                    && let Some((_, faults)) = self.webview.tls_info()
                {
                    // WebKit lets a certificate pass that an earlier window let pass, whatever is trusted now.
                    self.webview.stop_loading();
                    return self.fail(failures::tls(&host, faults));
                }
                self.change(|page| {
                    *page = LoginPage { host, tls, loading: true, slow: false, offered: false, ..*page };
                });
            }
            LoadEvent::Finished => self.change(|page| {
                page.loading = false;
                page.slow = false;
            }),
            _ => {}
        }
    }

    /// A page that does not come is spoken of, then given up.
    fn watch(self: &Rc<Self>) {
        let load = self.load.get() + 1;
        self.load.set(load);
        for (after, given_up) in [(SLOW, false), (LONGEST, true)] {
            let weak = Rc::downgrade(self);
            glib::timeout_add_local_once(after, move || {
                let Some(view) = weak.upgrade().filter(|view| view.load.get() == load) else { return };
                if view.committed.get() || !view.webview.is_loading() {
                    return;
                }
                if given_up {
                    view.fail(failures::never_came(&view.loading_host(), LONGEST));
                } else {
                    view.change(|page| page.slow = true);
                }
            });
        }
    }

    /// A dialog asks the person for a name and password, or for a certificate: that takes its time.
    pub(super) fn is_asking(&self) {
        self.load.set(self.load.get() + 1);
    }

    fn load_failed(&self, address: &str, error: &glib::Error) {
        if error.matches(PolicyError::FrameLoadInterruptedByPolicyChange) {
            // Stopped here: by the gate, at the redirect URI or at something else.
            let redirected = self.redirected.borrow_mut().take_if(|(stopped, _)| stopped == address);
            if let Some((_, received)) = redirected {
                self.answer(received);
            }
            let refused = self.refused.borrow_mut().take_if(|refused| refused == address);
            // A page that stays where it is explains itself.
            if refused.is_some() && !self.shown.get() {
                self.fail(failures::nowhere_to_go(address));
            }
        } else if !error.matches(NetworkError::Cancelled) {
            // Cancelled is what happens to a page when another one is opened before it came.
            self.fail(failures::not_loaded(address, error));
        }
        self.change(|page| page.loading = false);
    }

    /// The system does not trust the certificate. The extra files' authorities may.
    fn tls_failed(&self, address: &str, certificate: &gio::TlsCertificate, faults: gio::TlsCertificateFlags) {
        let url = Url::parse(address).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned();
        if let Some(url) = &url
            && !self.vouched.borrow().contains(&host)
            && self.extra_ca_files.iter().any(|file| vouches(file, url, certificate))
            && let Some(context) = webkit2gtk::WebViewExt::context(&self.webview)
        {
            context.allow_tls_certificate_for_host(certificate, &host);
            self.vouched.borrow_mut().push(host);
            let (webview, address) = (self.webview.clone(), address.to_owned());
            // Later: what is begun while a load fails is stopped with it.
            glib::idle_add_local_once(move || webview.load_uri(&address));
            return;
        }
        self.fail(failures::tls(&host, faults));
    }

    /// Ends it with what it shows, or with the answer that was offered.
    pub(super) fn take(self: &Rc<Self>) {
        if let Some(received) = self.offered.borrow_mut().take() {
            return self.answer(received);
        }
        let view = Rc::clone(self);
        self.webview.evaluate_javascript(TEXT, Some(WORLD), None, gio::Cancellable::NONE, move |text| {
            let text = text.map(|text| text.to_str().to_string()).unwrap_or_default();
            let http_status = view.page.borrow().http_status;
            let _ = view.events.send(Event::Taken(ShownPage { text, http_status }));
        });
    }

    fn answer(&self, received: Received) {
        let _ = self.events.send(Event::Answer(received));
    }

    fn fail(&self, problem: Problem) {
        let _ = self.events.send(Event::Failed(problem));
    }

    fn change(&self, change: impl FnOnce(&mut LoginPage)) {
        let before = self.page.borrow().clone();
        change(&mut self.page.borrow_mut());
        if *self.page.borrow() != before {
            self.tell();
        }
    }

    /// To the person at the window and to the main window.
    fn tell(&self) {
        let page = self.page.borrow().clone();
        self.window.set_title(&bar::title(&page));
        self.bar.show(&page, self.shown.get(), self.stopped.get());
        let _ = self.events.send(Event::Page(page));
    }

    fn loading_host(&self) -> String {
        host_of(&self.webview.uri().unwrap_or_default())
    }

    fn tls_of(&self, address: &str) -> PageTls {
        let Ok(url) = Url::parse(address) else { return PageTls::None };
        let trusted = || {
            self.webview.tls_info().is_some_and(|(certificate, faults)| {
                faults.is_empty() || self.extra_ca_files.iter().any(|file| vouches(file, &url, &certificate))
            })
        };
        match url.scheme() {
            "https" if trusted() => PageTls::Holds,
            "http" if is_loopback(&url) => PageTls::Loopback,
            _ => PageTls::None,
        }
    }
}
