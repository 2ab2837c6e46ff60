//! From the command to the provider's page in the login window, beside a bare window with the same page, and a bare
//! browser.
//!
//! The page itself says when it is painted, so both sides end at the same moment of the same page.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use latchkey_simulator::{AnswerFault, Faults};
use serde_json::json;
use url::Url;

use crate::Failure;
use crate::display::{Beacon, Display, Running, mini_browser};
use crate::driver::Driver;
use crate::report::{Line, ROUNDS, Series};
use crate::tenant::{REDIRECT_URI, SCOPE, Tenant};

const BOUND: f64 = 1.2;

/// A window that was closed is gone by then, with its processes.
const SETTLED: Duration = Duration::from_millis(500);

const BEGIN: &str = "
    window.ended = null;
    const id = window.__TAURI_INTERNALS__.transformCallback(() => {});
    const began = performance.timeOrigin + performance.now();
    invoke('sign_in_browser', {request: given, progress: `__CHANNEL__:${id}`}).then(
        (report) => { window.ended = report; }, (error) => { window.ended = error; });
    return began;";

const END: &str = "
    await invoke('cancel', {run: given.run});
    while (window.ended === null) await frame();
    return window.ended;";

pub(crate) async fn measure(latchkey: &Path, bare_window: &Path) -> Result<Vec<Line>, Failure> {
    let display = Display::open()?;
    let beacon = Beacon::listen()?;
    let tenant = Tenant::start().await?;
    let url = authorization_url(&tenant)?;
    let page = login_page(&url, &beacon).await?;
    tenant.simulator.set_faults(Faults { authorization: Some(page), ..Faults::default() });
    let connection = tenant.saved_in(display.config()).await?;
    let request = json!({
        "run": "bench", "connection": connection.id, "redirect_uri": REDIRECT_URI, "response_type": "code",
        "response_mode": null, "scopes": connection.scopes, "prompt": null, "login_hint": null, "acr_values": [],
        "max_age": null, "resources": [], "ui_locales": [], "extra": [], "client_secret": tenant.secret.expose(),
        "keep": "session_only", "browser": "login_window", "keep_browser_session": false, "show_first": false,
    });
    let window = Driver::open(&display, latchkey, &[]).await?;
    window.run("await seen('main h1');", json!({})).await?;
    let mut bare = Bare::start(&display, bare_window)?;
    let browser = mini_browser();
    let (mut ours, mut floor, mut browsed) = (Vec::new(), Vec::new(), Vec::new());
    // The first window of each reads WebKit's programs from disk.
    for round in 0..=ROUNDS {
        let bare_ms = bare.time(&url, &beacon)?;
        beacon.forget();
        let began = window.run(BEGIN, request.clone()).await?.as_f64().ok_or("no time from the window")?;
        let shown = match beacon.wait() {
            Ok(shown) => shown,
            Err(error) => {
                return Err(
                    format!("{error}: {}", window.run("return window.ended;", json!({})).await?).into()
                );
            }
        };
        let ours_ms = since_1970(shown)? - began;
        window.run(END, request.clone()).await?;
        std::thread::sleep(SETTLED);
        let browser_ms =
            browser.as_deref().map(|browser| browse(&display, browser, &url, &beacon)).transpose()?;
        if round > 0 {
            ours.push(ours_ms);
            floor.push(bare_ms);
            browsed.extend(browser_ms);
        }
    }
    drop(window);
    tenant.simulator.stop().await;
    let floor = Series::new("an empty window with the same page", floor);
    let line = Line::ratio("login window, from the command to the page", "ms", ours, floor, BOUND);
    Ok(vec![line.beside(Series::new("WebKit's MiniBrowser, started with the page", browsed))])
}

fn authorization_url(tenant: &Tenant) -> Result<Url, Failure> {
    let parameters = [
        ("response_type", "code"),
        ("client_id", tenant.connection.client_id.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("scope", SCOPE),
        ("state", "state"),
        ("nonce", "nonce"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    Ok(Url::parse_with_params(&format!("{}/auth", tenant.connection.issuer), parameters)?)
}

/// The tenant's own login page, which says when it is painted.
async fn login_page(url: &Url, beacon: &Beacon) -> Result<AnswerFault, Failure> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let page = http.get(url.clone()).send().await?.error_for_status()?.text().await?;
    let (before, after) = page.split_once("</body>").ok_or("the login page has no end")?;
    Ok(AnswerFault::Replace {
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        headers: Vec::new(),
        body: format!("{before}{}</body>{after}", beacon.script()),
    })
}

/// The second program of `bench/empty-window`: opens an address that it is told in a window of its own.
struct Bare {
    running: Running,
}

impl Bare {
    fn start(display: &Display, program: &Path) -> Result<Self, Failure> {
        Ok(Self { running: display.start(program)?.running })
    }

    fn time(&mut self, url: &Url, beacon: &Beacon) -> Result<f64, Failure> {
        beacon.forget();
        let began = Instant::now();
        self.tell(url.as_str())?;
        let took = beacon.wait()? - began;
        self.tell("close")?;
        std::thread::sleep(SETTLED);
        Ok(took.as_secs_f64() * 1e3)
    }

    fn tell(&mut self, line: &str) -> Result<(), Failure> {
        let stdin = self.running.child.stdin.as_mut().ok_or("no pipe to the bare window")?;
        writeln!(stdin, "{line}")?;
        Ok(stdin.flush()?)
    }
}

fn browse(display: &Display, browser: &Path, url: &Url, beacon: &Beacon) -> Result<f64, Failure> {
    beacon.forget();
    let began = Instant::now();
    let running = Running::start(display.command(browser).arg(url.as_str()))?;
    let took = beacon.wait()? - began;
    drop(running);
    Ok(took.as_secs_f64() * 1e3)
}

/// Milliseconds, by the clock that pages have as well.
fn since_1970(moment: Instant) -> Result<f64, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok((now - moment.elapsed()).as_secs_f64() * 1e3)
}
