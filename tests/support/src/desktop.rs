//! The real window on a computer of its own, as a user sees and uses it.
//!
//! Everything here waits for a condition, with a limit, and panics with words that say what was not there.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

mod login;
mod machine;
mod page;
mod runs;
mod screen;
mod tasks;
mod window;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thirtyfour::WebDriver;

pub use self::login::LoginWindow;
pub use self::machine::{KeychainState, Machine};
pub use self::page::hook;
pub use self::runs::{Asked, NOWHERE, assert_explained, assert_signed_in, status};
pub use self::tasks::NewConnection;
use self::window::Window;

/// How long a condition may take to come true. Ten times what a slow machine needs.
pub const LIMIT: Duration = Duration::from_secs(15);

/// What a window is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The keychain of the computer.
    pub keychain: KeychainState,
    /// Whether the desktop prefers dark.
    pub dark: bool,
    /// The arguments of the program.
    pub arguments: Vec<&'static str>,
    /// Variables of its environment.
    pub variables: Vec<(&'static str, String)>,
    /// A configuration file that is there before the first start.
    pub connections: Option<String>,
}

impl Setup {
    /// A first start with an open keychain.
    #[must_use]
    pub fn first_start() -> Self {
        Self {
            keychain: KeychainState::Unlocked,
            dark: false,
            arguments: Vec::new(),
            variables: Vec::new(),
            connections: None,
        }
    }

    /// A start with the demo tenant.
    #[must_use]
    pub fn demo() -> Self {
        Self { arguments: vec!["--demo"], ..Self::first_start() }
    }

    /// On a computer whose keychain is like this.
    #[must_use]
    pub fn keychain(self, keychain: KeychainState) -> Self {
        Self { keychain, ..self }
    }
}

/// A computer with the window open.
#[derive(Debug)]
pub struct Desktop {
    window: Option<Window>,
    /// The computer.
    pub machine: Machine,
    setup: Setup,
}

/// Runs a test against the window. A screenshot and the page's source are kept when it fails.
///
/// # Panics
///
/// When the test does, or the window does not open.
pub async fn desktop(setup: Setup, test: impl AsyncFnOnce(&mut Desktop)) {
    let mut desktop = Desktop::prepared(setup);
    let outcome = {
        let mut future = std::pin::pin!(async {
            desktop.start().await;
            test(&mut desktop).await;
        });
        std::future::poll_fn(|context| {
            match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                Ok(poll) => poll.map(Ok),
                Err(panic) => std::task::Poll::Ready(Err(panic)),
            }
        })
        .await
    };
    if let Err(panic) = outcome {
        desktop.keep_failure().await;
        resume_unwind(panic);
    }
}

impl Desktop {
    fn prepared(setup: Setup) -> Self {
        let machine = Machine::start(setup.keychain, setup.dark);
        if let Some(connections) = &setup.connections {
            std::fs::create_dir_all(machine.config()).expect("a folder");
            std::fs::write(machine.config().join("connections.json"), connections).expect("a file");
        }
        Self { window: None, machine, setup }
    }

    /// Starts the program; the page is there when this returns.
    pub async fn start(&mut self) {
        let window = Window::open(&self.machine, &self.setup.arguments, &self.setup.variables).await;
        self.window = Some(window);
        self.see("main h1").await;
    }

    /// Ends the program without asking it, as a crash or a power cut does.
    pub fn end(&mut self) {
        self.window = None;
    }

    /// Ends the program and starts it again on the same computer.
    pub async fn restart(&mut self) {
        self.end();
        self.start().await;
    }

    /// The arguments of the next start.
    pub fn set_arguments(&mut self, arguments: Vec<&'static str>) {
        self.setup.arguments = arguments;
    }

    /// The browser session.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.window.as_ref().expect("the window is open").driver
    }

    /// The program, its helpers and WebDriver.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.window.as_ref().map(|window| window.processes.processes()).unwrap_or_default()
    }

    /// Asks until there is an answer.
    ///
    /// # Panics
    ///
    /// When there is none within [`LIMIT`].
    pub async fn until<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(started.elapsed() < LIMIT, "{what}: not within {} s", LIMIT.as_secs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn keep_failure(&self) {
        let Some(window) = &self.window else { return };
        let folder = failures();
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("main").replace("::", ".");
        let _ = std::fs::create_dir_all(&folder);
        // A page that hangs must not hang what is said about it.
        let picture = folder.join(format!("{name}.png"));
        let _ = tokio::time::timeout(LIMIT, async {
            let _ = window.driver.execute(KEEP_PAINTING, Vec::new()).await;
            window.driver.screenshot(&picture).await
        })
        .await;
        if let Ok(Ok(source)) = tokio::time::timeout(LIMIT, window.driver.source()).await {
            let _ = std::fs::write(folder.join(format!("{name}.html")), source);
        }
        let _ = std::fs::copy(self.machine.log_file(), folder.join(format!("{name}.log")));
    }
}

/// WebKit takes a picture with the next frame, and a page that is painted on the processor makes none while nothing
/// changes.
pub const KEEP_PAINTING: &str = "let even = false; window.painting = setInterval(() => { even = !even; \
    document.body.style.outline = `1px solid rgb(0 0 0 / ${even ? 0 : 0.0001})`; }, 30);";

/// `target/desktop-failures`.
fn failures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/desktop-failures")
}
