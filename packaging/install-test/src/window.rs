//! The window as the user sees it: started from its menu entry, on the screen, with keys and a page.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use latchkey_packaging::contents::DESKTOP_ENTRY;
use latchkey_packaging::error::{read_text, write};
use latchkey_packaging::{Error, Result};
use serde_json::json;
use thirtyfour::{By, Capabilities, WebDriver};

use crate::root::Root;
use crate::session::{HOME, Session, failed, until};

/// Where the script below is: in the home of the user, whose it is.
const STARTER: &str = "/home/ann/from-menu";
/// Starts the program from its menu entry as a desktop does, and stays as long as the program, which is what whoever drives
/// the page waits for.
const FROM_MENU: &str = "#!/bin/sh
gtk-launch latchkey-desktop || exit
until pid=$(pgrep --newest --full '^latchkey-desktop'); do sleep 0.05; done
exec tail --pid=\"$pid\" --follow /dev/null
";

/// The menu entry.
pub(crate) struct Entry {
    /// The program that it starts.
    pub(crate) program: String,
}

impl Entry {
    /// Reads it, and makes sure that it claims nothing but a place in the menu.
    pub(crate) fn read(root: &Root) -> Result<Self> {
        let text = read_text(&root.at("/usr/share/applications").join(DESKTOP_ENTRY))?;
        let claims: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("MimeType") || line.contains("x-scheme-handler"))
            .collect();
        let handlers = root
            .admin("grep")
            .args(["--recursive", "--files-with-matches", "x-scheme-handler.*latchkey", "/usr/share", "/etc"])
            .try_run()?
            .text();
        if !claims.is_empty() || !handlers.is_empty() {
            return Err(Error::unfit(format!("a URL scheme or file type is claimed: {claims:?} {handlers}")));
        }
        let program = text.lines().find_map(|line| line.strip_prefix("Exec="));
        let program = program.ok_or_else(|| Error::unfit("the menu entry starts nothing"))?;
        match program.split_whitespace().count() {
            1 => Ok(Self { program: program.to_owned() }),
            _ => {
                Err(Error::unfit(format!("the menu entry starts `{program}`, which is not understood here")))
            }
        }
    }

    /// Starts the program as a desktop does, without anybody driving its page.
    pub(crate) fn start(&self, session: &Session<'_>) -> Result<Shown> {
        let id = DESKTOP_ENTRY.trim_end_matches(".desktop");
        let mut child = session.start_child(session.command("gtk-launch").arg(id))?;
        child.wait().map_err(|error| failed("gtk-launch", &error))?;
        Shown::find(session)
    }

    /// Starts it a second time and returns how long that took. It must end by itself and be content.
    pub(crate) fn start_again(&self, session: &Session<'_>) -> Result<Duration> {
        let started = Instant::now();
        session.run("timeout", &["20", &self.program])?;
        Ok(started.elapsed())
    }

    /// How many of it are running.
    pub(crate) fn running(&self, session: &Session<'_>) -> Result<usize> {
        let list = session.try_run("pgrep", &["--full", &format!("^{}", self.program)])?;
        Ok(String::from_utf8_lossy(&list.stdout).lines().count())
    }
}

/// A window on the screen.
pub(crate) struct Shown {
    id: String,
}

impl Shown {
    /// Latchkey's, once it is there.
    pub(crate) fn find(session: &Session<'_>) -> Result<Self> {
        let id = until("the window is on the screen", || visible(session))?;
        Ok(Self { id })
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self, session: &Session<'_>) -> Result<(u32, u32)> {
        let text = session.run("xdotool", &["getwindowgeometry", "--shell", &self.id])?;
        let number = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
        number("WIDTH=").zip(number("HEIGHT=")).ok_or_else(|| failed("xdotool getwindowgeometry", &text))
    }

    /// Draws it to another size, as with the mouse at its border.
    pub(crate) fn resize(&self, session: &Session<'_>, (width, height): (u32, u32)) -> Result<()> {
        session.run("xdotool", &["windowsize", &self.id, &width.to_string(), &height.to_string()])?;
        until("the window has its new size", || Ok((self.size(session)? == (width, height)).then_some(())))
    }

    /// Puts it away.
    pub(crate) fn minimise(&self, session: &Session<'_>) -> Result<()> {
        session.run("xdotool", &["windowminimize", &self.id])?;
        until("the window is put away", || Ok(visible(session)?.is_none().then_some(())))
    }

    /// Waits until it is on the screen again, and has the focus.
    pub(crate) fn is_in_front(&self, session: &Session<'_>) -> Result<()> {
        until("the first window is in front", || {
            let active = session.try_run("xdotool", &["getactivewindow"])?;
            let active = String::from_utf8_lossy(&active.stdout).trim() == self.id;
            Ok((active && visible(session)?.as_ref() == Some(&self.id)).then_some(()))
        })
    }

    /// Closes it with the window manager's key, and waits until the program has ended.
    pub(crate) fn close(self, session: &Session<'_>, entry: &Entry) -> Result<()> {
        session.run("xdotool", &["windowactivate", "--sync", &self.id])?;
        session.run("xdotool", &["key", "--clearmodifiers", "alt+F4"])?;
        until("the program ends with its window", || Ok((entry.running(session)? == 0).then_some(())))
    }
}

fn visible(session: &Session<'_>) -> Result<Option<String>> {
    let found = session.try_run("xdotool", &["search", "--onlyvisible", "--name", "^Latchkey$"])?;
    Ok(String::from_utf8_lossy(&found.stdout).lines().next().map(str::to_owned))
}

/// The page of a window that was started from the menu entry.
pub(crate) struct Page {
    driver: WebDriver,
    _process: Child,
}

impl Page {
    /// Starts the program, and is there when its page is.
    pub(crate) async fn start(session: &Session<'_>, root: &Root) -> Result<Self> {
        let starter = root.at(STARTER);
        write(&starter, FROM_MENU)?;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&starter, executable).map_err(Error::file("change", &starter))?;
        let (process, port) = start_driver(session)?;
        let mut capabilities = Capabilities::new();
        let options = json!({"binary": STARTER, "args": []});
        capabilities.set("webkitgtk:browserOptions", options).map_err(|error| failed("WebDriver", &error))?;
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
            .request_timeout(Duration::from_secs(60))
            .await
            .map_err(|error| failed("the window, started from its menu entry", &error))?;
        let page = Self { driver, _process: process };
        page.shows("main h1", "").await?;
        Ok(page)
    }

    /// Clicks on the element with this `data-testid`.
    pub(crate) async fn click(&self, hook: &str) -> Result<()> {
        let css = format!("[data-testid=\"{hook}\"]");
        self.click_by(By::Css(css.as_str()), hook).await
    }

    /// Clicks on the button with this name.
    pub(crate) async fn press(&self, name: &str) -> Result<()> {
        let path = format!("//button[normalize-space(.)='{name}']");
        self.click_by(By::XPath(path.as_str()), name).await
    }

    async fn click_by(&self, by: By, name: &str) -> Result<()> {
        let clicked = async || {
            let element = self.driver.find(by.clone()).await?;
            element.scroll_into_view().await?;
            element.click().await
        };
        soon(&format!("`{name}` can be clicked"), async || clicked().await.map_err(|error| error.to_string()))
            .await
    }

    /// Waits until an element reads like this.
    pub(crate) async fn shows(&self, css: &str, text: &str) -> Result<()> {
        let script = "return document.querySelector(arguments[0])?.innerText ?? null;";
        let reads = async || match self.driver.execute(script, vec![json!(css)]).await {
            Ok(now) => match now.json().as_str() {
                Some(now) if now.contains(text) => Ok(()),
                now => Err(format!("it reads {now:?}")),
            },
            Err(error) => Err(error.to_string()),
        };
        soon(&format!("`{css}` shows `{text}`"), reads).await
    }

    /// Takes a picture, unless the page does not let itself be painted any more.
    pub(crate) async fn picture(&self, to: &std::path::Path) {
        // WebKit gives the picture with the next frame, and makes none while nothing changes.
        let paint = "setInterval(() => { document.body.style.outline = \
                     `1px solid rgb(0 0 0 / ${Math.random() / 1000})`; }, 30);";
        let _ = tokio::time::timeout(Duration::from_secs(10), async {
            let _ = self.driver.execute(paint, Vec::new()).await;
            self.driver.screenshot(to).await
        })
        .await;
    }

    /// Leaves the window to the user.
    pub(crate) fn leave(self) {
        // The session ends with the program; ending it over HTTP would end the program.
        let _ = self.driver.leak();
    }
}

async fn soon(what: &str, mut ask: impl AsyncFnMut() -> std::result::Result<(), String>) -> Result<()> {
    let started = Instant::now();
    loop {
        match ask().await {
            Ok(()) => return Ok(()),
            Err(last) if started.elapsed() > Duration::from_secs(30) => {
                return Err(Error::unfit(format!("{what}: not within 30 s; {last}")));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(30)).await,
        }
    }
}

fn start_driver(session: &Session<'_>) -> Result<(Child, u16)> {
    // Somebody may take the port before the driver does; then it ends at once.
    for _ in 0..5 {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = port.map_err(|error| failed("a free port", &error))?.port();
        let mut command = session.command("env");
        // Tauri lets itself be driven only when it is told so.
        command.args(["TAURI_WEBVIEW_AUTOMATION=true", "WebKitWebDriver", "--host=127.0.0.1"]);
        command.arg(format!("--port={port}"));
        let mut child = session.start_child(&mut command)?;
        let listens = until("WebKitWebDriver listens", || {
            let ended = child.try_wait().map_err(|error| failed("WebKitWebDriver", &error))?.is_some();
            let open = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            Ok((ended || open).then_some(open && !ended))
        })?;
        if listens {
            return Ok((child, port));
        }
    }
    Err(Error::unfit(format!("WebKitWebDriver does not start; see the log of the session, home {HOME}")))
}
