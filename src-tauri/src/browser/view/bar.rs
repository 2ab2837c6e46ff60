//! The strip above the page: whose page it is, and whether the way there is protected. No page can draw there.

use gtk::pango::{AttrInt, AttrList, EllipsizeMode, Weight};
use gtk::prelude::{
    BoxExt as _, ButtonExt as _, Cast as _, LabelExt as _, StyleContextExt as _, WidgetExt as _,
};

use crate::dto::{LoginPage, PageTls};

/// The strip: always the host and TLS, below it what else there is to say.
pub(super) struct Bar {
    rows: gtk::Box,
    host: gtk::Label,
    tls: gtk::Label,
    more: gtk::Box,
    news: gtk::Label,
    take: gtk::Button,
}

impl Bar {
    pub(super) fn new() -> Self {
        let rows = gtk::Box::new(gtk::Orientation::Vertical, 6);
        rows.set_margin_start(12);
        rows.set_margin_end(12);
        rows.set_margin_top(8);
        rows.set_margin_bottom(8);
        let (first, host, tls) = (row(), label(EllipsizeMode::Start), label(EllipsizeMode::None));
        let bold = AttrList::new();
        bold.insert(AttrInt::new_weight(Weight::Bold));
        host.set_attributes(Some(&bold));
        tls.style_context().add_class("dim-label");
        first.pack_start(&host, false, true, 0);
        first.pack_start(&tls, false, false, 0);
        let (more, news, take) = (row(), label(EllipsizeMode::End), gtk::Button::with_label(""));
        more.pack_start(&news, true, true, 0);
        more.pack_end(&take, false, false, 0);
        // They come and go with the page.
        for part in [more.upcast_ref::<gtk::Widget>(), news.upcast_ref(), take.upcast_ref()] {
            part.set_no_show_all(true);
        }
        rows.pack_start(&first, false, false, 0);
        rows.pack_start(&more, false, false, 0);
        Self { rows, host, tls, more, news, take }
    }

    pub(super) fn widget(&self) -> &gtk::Box {
        &self.rows
    }

    pub(super) fn on_take(&self, act: impl Fn() + 'static) {
        self.take.connect_clicked(move |_| act());
    }

    /// `shown`: a page has come. `stopped`: a form that went to the redirect URI was stopped.
    pub(super) fn show(&self, page: &LoginPage, shown: bool, stopped: bool) {
        self.host.set_text(&page.host);
        let tls = if shown { tls(page.tls) } else { "Loading…" };
        self.tls.set_text(tls);
        self.rows.set_tooltip_text(Some(&format!("{}: {tls}", page.host)));
        let failed = page.http_status.is_some_and(|status| status >= 400) && !page.loading;
        let news = news(page, shown, stopped);
        self.news.set_text(&news);
        self.take.set_label(if page.offered { "Take it as the answer" } else { "Use what the page shows" });
        self.news.set_visible(!news.is_empty());
        self.take.set_visible(page.offered || failed);
        self.more.set_visible(!news.is_empty() || page.offered || failed);
    }
}

fn row() -> gtk::Box {
    gtk::Box::new(gtk::Orientation::Horizontal, 10)
}

fn label(ellipsize: EllipsizeMode) -> gtk::Label {
    let label = gtk::Label::new(None);
    label.set_xalign(0.0);
    label.set_ellipsize(ellipsize);
    label
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

fn tls(tls: PageTls) -> &'static str {
    match tls {
        PageTls::Holds => "TLS holds",
        PageTls::Loopback => "On this computer, no TLS needed",
        PageTls::None => "Not protected: no TLS",
    }
}

fn news(page: &LoginPage, shown: bool, stopped: bool) -> String {
    match page.http_status {
        _ if page.offered => "The page, or a frame in it, went to the redirect URI.".to_owned(),
        _ if stopped => "A form that a frame posted to the redirect URI was stopped.".to_owned(),
        _ if page.slow => "The next page is slow to come.".to_owned(),
        Some(status) if status >= 400 && shown => format!("The provider answered HTTP {status}."),
        _ => String::new(),
    }
}
