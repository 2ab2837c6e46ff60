//! A window and a web view with the page that it is told to show, and nothing else: the floor for the login window.
//!
//! On each line of standard input an address, which gets a window with cookies of its own, or `close`.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::RefCell;
    use std::io::Write as _;
    use std::process::ExitCode;

    use gtk::glib;
    use gtk::prelude::{ContainerExt as _, GtkWindowExt as _, WidgetExt as _};
    use webkit2gtk::{LoadEvent, WebContext, WebView, WebViewExt as _};

    thread_local! {
        static OPEN: RefCell<Vec<gtk::Window>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn main() -> ExitCode {
        if gtk::init().is_err() {
            return ExitCode::FAILURE;
        }
        // As in Latchkey, one window is there already, and WebKit's processes with it.
        let main = WebView::new();
        main.connect_load_changed(|_, event| {
            if event == LoadEvent::Finished {
                let _ = writeln!(std::io::stderr(), "window ready");
            }
        });
        window(&main, 1240, 820).show_all();
        main.load_html("<!doctype html>", None);
        std::thread::spawn(|| {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                glib::idle_add_once(move || obey(&line));
            }
            glib::idle_add_once(gtk::main_quit);
        });
        gtk::main();
        ExitCode::SUCCESS
    }

    fn obey(line: &str) {
        if line == "close" {
            OPEN.with_borrow_mut(|open| open.drain(..).for_each(|window| window.close()));
            return;
        }
        let webview = WebView::builder().web_context(&WebContext::new_ephemeral()).build();
        let window = window(&webview, 520, 720);
        window.show_all();
        webview.load_uri(line);
        OPEN.with_borrow_mut(|open| open.push(window));
    }

    fn window(webview: &WebView, width: i32, height: i32) -> gtk::Window {
        let window = gtk::Window::new(gtk::WindowType::Toplevel);
        window.set_default_size(width, height);
        window.add(webview);
        window
    }
}
