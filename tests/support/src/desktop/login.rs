//! The login window, as a person sees and uses it. It is no part of the page that WebDriver drives, so keys and
//! clicks come from the screen.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use super::{Desktop, Machine};

/// A login window on the screen.
#[derive(Debug)]
pub struct LoginWindow<'a> {
    machine: &'a Machine,
    id: String,
}

impl Desktop {
    /// The login window, once its page is there.
    pub async fn login_window(&self) -> LoginWindow<'_> {
        let id = self.until("a login window is on the screen", async || self.login_windows().pop()).await;
        let login = LoginWindow { machine: &self.machine, id };
        self.until("the login window has its page", async || login.title().contains('(').then_some(())).await;
        login
    }

    /// The login windows on the screen.
    #[must_use]
    pub fn login_windows(&self) -> Vec<String> {
        let found = xdotool(&self.machine, &["search", "--onlyvisible", "--name", "^Latchkey login"]);
        found.unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Waits until no login window is open.
    pub async fn login_window_is_closed(&self) {
        self.until("the login window is closed", async || self.login_windows().is_empty().then_some(())).await;
    }
}

impl LoginWindow<'_> {
    /// What window lists show.
    #[must_use]
    pub fn title(&self) -> String {
        xdotool(self.machine, &["getwindowname", &self.id]).unwrap_or_default().trim().to_owned()
    }

    /// Types into whatever has the focus in the window.
    pub fn types(&self, text: &str) {
        self.focus();
        xdotool(self.machine, &["type", "--delay", "5", text]).expect("the window takes keys");
    }

    /// Presses keys, by the names that X gives them.
    pub fn presses(&self, keys: &str) {
        self.focus();
        xdotool(self.machine, &["key", keys]).expect("the window takes keys");
    }

    /// Closes it as its own button does.
    pub fn closes(&self) {
        xdotool(self.machine, &["windowclose", &self.id]).expect("the window closes");
    }

    /// There is no window manager, so the focus goes where it is put.
    fn focus(&self) {
        xdotool(self.machine, &["windowfocus", "--sync", &self.id]).expect("the window takes the focus");
    }
}

fn xdotool(machine: &Machine, arguments: &[&str]) -> Option<String> {
    let output = machine.command("xdotool").args(arguments).output().expect("xdotool (package xdotool)");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
