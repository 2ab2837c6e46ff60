//! What the web view and its window tell, and whom.

use std::rc::Rc;

use gtk::glib;
use gtk::prelude::WidgetExt as _;
use webkit2gtk::{
    FileChooserRequestExt as _, PermissionRequestExt as _, PolicyDecisionExt as _,
    UserContentManagerExt as _, WebViewExt as _,
};

use super::{HEARD, View};
use crate::browser::login_window::Event;
use crate::browser::view::failures;

/// Listens, and refuses what a login page has no need of.
pub(super) fn listen(view: &Rc<View>) {
    let webview = &view.webview;
    let weak = Rc::downgrade(view);
    let on = {
        let weak = weak.clone();
        move || weak.upgrade()
    };
    {
        let on = on.clone();
        webview.connect_decide_policy(move |_, decision, kind| {
            match on() {
                Some(view) => view.decide(decision, kind),
                None => decision.ignore(),
            }
            true
        });
    }
    if let Some(contents) = webview.user_content_manager() {
        let on = on.clone();
        contents.connect_script_message_received(Some(HEARD), move |_, _| {
            if let Some(view) = on() {
                view.framed.set(true);
            }
        });
    }
    {
        let on = on.clone();
        webview.connect_load_changed(move |_, event| {
            if let Some(view) = on() {
                view.load_changed(event);
            }
        });
    }
    {
        let on = on.clone();
        webview.connect_load_failed(move |_, _, address, error| {
            if let Some(view) = on() {
                view.load_failed(address, error);
            }
            // No page of the web view's own.
            true
        });
    }
    {
        let on = on.clone();
        webview.connect_load_failed_with_tls_errors(move |_, address, certificate, faults| {
            if let Some(view) = on() {
                view.tls_failed(address, certificate, faults);
            }
            true
        });
    }
    {
        let on = on.clone();
        webview.connect_web_process_terminated(move |_, _| {
            if let Some(view) = on() {
                view.fail(failures::ended(&view.page.borrow().host));
            }
        });
    }
    {
        let on = on.clone();
        webview.connect_authenticate(move |_, _| {
            if let Some(view) = on() {
                view.is_asking();
            }
            // The dialog is WebKit's.
            false
        });
    }
    webview.connect_create(|_, _| None);
    webview.connect_permission_request(|_, request| {
        request.deny();
        true
    });
    webview.connect_run_file_chooser(|_, request| {
        request.cancel();
        true
    });
    webview.connect_print(|_, _| true);
    webview.connect_show_notification(|_, _| true);
    webview.connect_enter_fullscreen(|_| true);
    {
        let on = on.clone();
        view.bar.on_take(move || {
            if let Some(view) = on() {
                view.take();
            }
        });
    }
    view.window.connect_delete_event(move |_, _| {
        if let Some(view) = on() {
            let _ = view.events.send(Event::Closed);
        }
        glib::Propagation::Proceed
    });
}
