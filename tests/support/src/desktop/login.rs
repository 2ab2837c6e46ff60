//! The login window, as a person sees and uses it. It is no part of the page that WebDriver drives, so keys and
//! clicks come from the screen.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use std::cell::Cell;

use super::screen::{self, Titles};
use super::{Desktop, LIMIT, Machine};

/// A login window on the screen.
#[derive(Debug)]
pub struct LoginWindow<'a> {
    desktop: &'a Desktop,
    id: u32,
    titles: Titles,
    /// How many pages have been waited for.
    seen: Cell<usize>,
}

impl Desktop {
    /// The login window, once it shows a page.
    pub async fn login_window(&self) -> LoginWindow<'_> {
        let login = self.login_window_opens().await;
        login.next_page().await;
        login
    }

    /// The login window, whatever it shows.
    pub async fn login_window_opens(&self) -> LoginWindow<'_> {
        let id = self.until("a login window is on the screen", async || self.login_windows().pop()).await;
        let titles = Titles::of(self.machine.display(), id);
        LoginWindow { desktop: self, id, titles, seen: Cell::new(0) }
    }

    /// The login windows on the screen.
    #[must_use]
    pub fn login_windows(&self) -> Vec<u32> {
        let found = xdotool(&self.machine, &["search", "--onlyvisible", "--name", "^Latchkey login"]);
        found.unwrap_or_default().lines().filter_map(|id| id.parse().ok()).collect()
    }

    /// Waits until no login window is open.
    pub async fn login_window_is_closed(&self) {
        self.until("the login window is closed", async || self.login_windows().is_empty().then_some(()))
            .await;
    }
}

impl LoginWindow<'_> {
    /// What window lists show, from the first title that was seen to the last.
    #[must_use]
    pub fn titles(&self) -> Vec<String> {
        self.titles.all()
    }

    /// What window lists show now.
    #[must_use]
    pub fn title(&self) -> String {
        self.titles().pop().unwrap_or_default()
    }

    /// Waits until one more page is there than the last time. A page that is there has its TLS in the title.
    pub async fn next_page(&self) {
        let wanted = self.seen.get() + 1;
        let there = async || (self.pages() >= wanted).then_some(());
        self.desktop.until("the login window shows the next page", there).await;
        self.seen.set(wanted);
    }

    /// Presses Return on each page that comes, until the run has ended: the pages of a provider that asks whether that is
    /// fine.
    pub async fn agrees(&self) {
        let more = async || {
            let ended = self.desktop.has_ended().await;
            (ended || self.pages() > self.seen.get()).then_some(ended)
        };
        while !self.desktop.until("the login window shows the next page, or the run ends", more).await {
            self.seen.set(self.seen.get() + 1);
            let id = self.id.to_string();
            // It may have closed by now.
            let _ = xdotool(&self.desktop.machine, &["windowfocus", "--sync", &id, "key", "Return"]);
        }
    }

    /// Its number on the screen.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// Waits until the title contains a text.
    pub async fn is_titled(&self, text: &str) {
        let started = std::time::Instant::now();
        while !self.title().contains(text) {
            assert!(started.elapsed() < LIMIT, "no title with `{text}`: {:?}", self.titles());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// How many pages have come.
    fn pages(&self) -> usize {
        let there: Vec<bool> = self.titles().iter().map(|title| title.contains('(')).collect();
        (0..there.len()).filter(|at| there[*at] && (*at == 0 || !there[*at - 1])).count()
    }

    /// Signs in at a page with the fields `username` and `password`, the first of them with the focus.
    pub fn signs_in(&self, username: &str, password: &str) {
        self.types(username);
        self.presses(&["Tab"]);
        self.types(password);
        self.presses(&["Return"]);
    }

    /// Types into whatever has the focus in the window.
    pub fn types(&self, text: &str) {
        self.keys(&["type", "--delay", "4", text]);
    }

    /// Presses keys one after the other, by the names that X gives them.
    pub fn presses(&self, keys: &[&str]) {
        let mut arguments = vec!["key", "--delay", "4"];
        arguments.extend(keys);
        self.keys(&arguments);
    }

    /// Clicks at a place of the window, bar included, in pixels from its upper left corner.
    pub fn clicks(&self, x: u32, y: u32) {
        let id = self.id.to_string();
        let (x, y) = (x.to_string(), y.to_string());
        let arguments = ["windowraise", &id, "mousemove", "--window", &id, &x, &y, "click", "1"];
        xdotool(&self.desktop.machine, &arguments).expect("the window takes clicks");
    }

    /// Presses the button in the strip above the page that takes what is there, until it has been there to be pressed.
    pub async fn takes(&self) {
        let pressed = async || {
            if self.desktop.has_ended().await {
                return Some(());
            }
            let id = self.id.to_string();
            // The window closes as soon as it has been pressed.
            let _ = xdotool(
                &self.desktop.machine,
                &["windowraise", &id, "mousemove", "--window", &id, "440", "51", "click", "1"],
            );
            None
        };
        self.desktop.until("what the login window shows is taken", pressed).await;
    }

    /// Closes it as its own button does.
    pub fn closes(&self) {
        screen::close(self.desktop.machine.display(), self.id);
    }

    /// There is no window manager, so the focus goes where it is put.
    fn keys(&self, keys: &[&str]) {
        let id = self.id.to_string();
        let mut arguments = vec!["windowfocus", "--sync", &id];
        arguments.extend(keys);
        xdotool(&self.desktop.machine, &arguments).expect("the window takes the focus and keys");
    }
}

fn xdotool(machine: &Machine, arguments: &[&str]) -> Option<String> {
    let output = machine.command("xdotool").args(arguments).output().expect("xdotool (package xdotool)");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
