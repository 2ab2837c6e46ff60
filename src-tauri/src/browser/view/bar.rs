//! The strip above the page: whose page it is, and whether the way there is protected. No page can draw there.

use gtk::prelude::{BoxExt as _, ButtonExt as _, LabelExt as _, StyleContextExt as _, WidgetExt as _};

use crate::dto::{LoginPage, PageTls};

/// The strip.
pub(super) struct Bar {
    row: gtk::Box,
    host: gtk::Label,
    state: gtk::Label,
    take: gtk::Button,
}

impl Bar {
    pub(super) fn new() -> Self {
        let row = gtk::Box::new(gtk::Orientation::Horizontal, 10);
        row.set_margin_start(12);
        row.set_margin_end(12);
        row.set_margin_top(8);
        row.set_margin_bottom(8);
        let host = gtk::Label::new(None);
        host.set_ellipsize(gtk::pango::EllipsizeMode::Start);
        host.set_xalign(0.0);
        host.set_selectable(false);
        let bold = gtk::pango::AttrList::new();
        bold.insert(gtk::pango::AttrInt::new_weight(gtk::pango::Weight::Bold));
        host.set_attributes(Some(&bold));
        let state = gtk::Label::new(None);
        state.set_xalign(0.0);
        state.set_ellipsize(gtk::pango::EllipsizeMode::End);
        state.style_context().add_class("dim-label");
        let take = gtk::Button::with_label("");
        // It comes and goes with the page.
        take.set_no_show_all(true);
        row.pack_start(&host, false, true, 0);
        row.pack_start(&state, true, true, 0);
        row.pack_end(&take, false, false, 0);
        Self { row, host, state, take }
    }

    pub(super) fn widget(&self) -> &gtk::Box {
        &self.row
    }

    pub(super) fn on_take(&self, act: impl Fn() + 'static) {
        self.take.connect_clicked(move |_| act());
    }

    pub(super) fn show(&self, page: &LoginPage) {
        self.host.set_text(&page.host);
        let state = state(page);
        self.state.set_text(&state);
        self.row.set_tooltip_text(Some(&format!("{}: {state}", page.host)));
        let failed = page.http_status.is_some_and(|status| status >= 400);
        self.take.set_label(if page.offered { "Take it as the answer" } else { "Use what the page shows" });
        self.take.set_visible(page.offered || (failed && !page.loading));
    }
}

/// The window's title: for window lists, and where the strip is out of sight.
pub(super) fn title(page: &LoginPage) -> String {
    let tls = match page.tls {
        PageTls::Holds => "TLS holds",
        PageTls::Loopback => "this computer",
        PageTls::None => "no TLS",
    };
    if page.loading {
        return format!("Latchkey login: {}", page.host);
    }
    format!("Latchkey login: {} ({tls})", page.host)
}

fn state(page: &LoginPage) -> String {
    if page.offered {
        return "The page, or a frame in it, went to the redirect URI".to_owned();
    }
    if page.slow {
        return "The page is slow to come".to_owned();
    }
    if page.loading && page.http_status.is_none() {
        return "Loading…".to_owned();
    }
    let tls = match page.tls {
        PageTls::Holds => "TLS holds",
        PageTls::Loopback => "On this computer, no TLS needed",
        PageTls::None => "Not protected: no TLS",
    };
    match page.http_status {
        Some(status) if status >= 400 => format!("{tls} · HTTP {status}"),
        _ => tls.to_owned(),
    }
}
