//! The window, driven through WebKit's own WebDriver: scripts in its page, and nothing else.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Failure;
use crate::display::{Display, LIMIT, Running};

/// A window with a session. Both end with this value.
pub(crate) struct Driver {
    http: reqwest::Client,
    session: String,
    // Ends the program as well, which is in its process group.
    _driver: Running,
}

impl Driver {
    /// Opens the program's window.
    pub(crate) async fn open(display: &Display, program: &Path, arguments: &[&str]) -> Result<Self, Failure> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut command = display.command(Path::new("WebKitWebDriver"));
        command.args(["--host=127.0.0.1", &format!("--port={port}")]).env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Running::start(&mut command)?;
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if began.elapsed() > LIMIT {
                return Err("WebKitWebDriver (package webkit2gtk-driver) does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let http = reqwest::Client::builder().no_proxy().timeout(LIMIT * 2).build()?;
        let address = format!("http://127.0.0.1:{port}/session");
        let options = json!({"binary": program, "args": arguments});
        let wanted = json!({"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}});
        let opened = answer(http.post(&address).json(&wanted)).await?;
        let session = opened["sessionId"].as_str().ok_or("WebDriver opened no session")?;
        let session = format!("{address}/{session}");
        let limits = json!({"script": LIMIT.as_millis() as u64});
        answer(http.post(format!("{session}/timeouts")).json(&limits)).await?;
        Ok(Self { http, session, _driver: driver })
    }

    /// Runs the body of an asynchronous function in the page, and returns what that returns.
    pub(crate) async fn run(&self, body: &str, arguments: Value) -> Result<Value, Failure> {
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             (async function (given) {{ {HELPERS} {body} }})(arguments[0]).then(\
             (value) => done({{value}}), (error) => done({{error: String(error?.message ?? JSON.stringify(error))}}));"
        );
        let request = json!({"script": script, "args": [arguments]});
        let url = format!("{}/execute/async", self.session);
        let answer = answer(self.http.post(url).json(&request)).await?;
        match answer["error"].as_str() {
            Some(error) => Err(format!("a script in the window: {error}").into()),
            None => Ok(answer["value"].clone()),
        }
    }
}

/// What the scripts share. Everything waits with a limit, so that a page without an element is an error.
const HELPERS: &str = "
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const find = (css) => document.querySelector(css);
    const seen = async (css, text = '') => {
        const until = performance.now() + 30000;
        for (;;) {
            const found = find(css);
            if (found && found.textContent.includes(text)) return found;
            if (performance.now() > until) throw new Error(`${css} with “${text}” is not there`);
            await frame();
        }
    };
    const hook = (name) => `[data-testid='${name}']`;
    const invoke = (command, given) => window.__TAURI_INTERNALS__.invoke(command, given);
";

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, Failure> {
    let mut answer: Value = request.send().await?.json().await?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) => Err(format!("WebDriver: {error}: {}", value["message"]).into()),
        None => Ok(value),
    }
}
