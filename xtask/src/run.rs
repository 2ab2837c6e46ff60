//! `cargo xtask run`: from a fresh clone to a window with the demo tenant, or the same sign-in in a terminal.
//!
//! The debug profile is used because what counts the first time is the wait: it builds in about two thirds of the
//! time of the release profile, and the demo does not feel slower for it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step, seconds};
use crate::workspace::{self, CLI, DESKTOP};

/// How long the simulator may take to make its keys and say where it is.
const SIMULATOR_LIMIT: Duration = Duration::from_secs(30);

/// The documented person who signs in.
const USER: &str = "peggy.sue";

/// `cargo xtask run`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let wants_terminal = match arguments {
        [] => false,
        [one] if one == "--terminal" => true,
        [other, ..] => return Err(Failure::usage("nothing, or --terminal", other)),
    };
    if wants_terminal {
        return in_the_terminal();
    }
    if !has_display() {
        println!("There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open.");
        println!("The same sign-in follows in the terminal.\n");
        return in_the_terminal();
    }
    in_the_window()
}

fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    std::env::consts::OS != "linux" || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

fn in_the_window() -> Result<(), Failure> {
    let started = Instant::now();
    println!("[1/4] Set-up");
    setup::prepare(Purpose::Window)?;
    println!("[2/4] The page");
    npm::script(&workspace::ui(), "build").run()?;
    println!("[3/4] The program (the first time this takes minutes)");
    workspace::cargo(["build", "--package", DESKTOP]).run()?;
    println!("[4/4] Latchkey with the demo tenant, {} after the start", seconds(started.elapsed()));
    Step::new(workspace::program(DESKTOP)?)
        .args(["--demo"])
        .or("If no window came up, check that this user may use the display; `cargo xtask run --terminal` needs none.")
        .run()
}

fn in_the_terminal() -> Result<(), Failure> {
    println!("[1/4] Set-up");
    setup::prepare(Purpose::Terminal)?;
    println!("[2/4] The command line (the first time this takes minutes)");
    workspace::cargo(["build", "--package", CLI]).run()?;
    println!("[3/4] The demo tenant");
    let (simulator, tenant) = Simulator::start()?;
    println!("  $ latchkey simulate");
    println!("    a OneLogin tenant at {}", tenant.issuer);
    println!("[4/4] Signing in as {USER}\n");
    let outcome = sign_in(&tenant);
    drop(simulator);
    outcome
}

fn sign_in(tenant: &Tenant) -> Result<(), Failure> {
    let step = Step::new(workspace::program(CLI)?)
        .args(["sign-in", "password", "--issuer", &tenant.issuer, "--client-id", &tenant.client_id])
        .args(["--auth-method", "basic", "--username", USER, "--password-stdin"])
        .variable("LATCHKEY_CLIENT_SECRET", &tenant.client_secret);
    println!("  $ {}\n", step.line());
    let mut child = step.command().stdin(Stdio::piped()).spawn().map_err(|error| step.missing(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that stopped before it read the password says so by its exit code.
        let _ = writeln!(stdin, "{}", tenant.password);
    }
    let status = child.wait().map_err(|error| step.missing(&error))?;
    if status.success() {
        println!("\nWith a display, `cargo xtask run` shows this in a window.");
        return Ok(());
    }
    Err(Failure::new(
        "the documented user to sign in at the demo tenant",
        format!("{status}"),
        "The output above says why. This is a fault of Latchkey: please report it.",
    ))
}

/// What the terminal needs of the simulator's line.
#[derive(Debug, PartialEq, Eq)]
struct Tenant {
    issuer: String,
    client_id: String,
    client_secret: String,
    password: String,
}

impl Tenant {
    /// Reads the line that `latchkey simulate` prints before it serves.
    fn read(line: &str) -> Option<Self> {
        let facts: Value = serde_json::from_str(line).ok()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let client = facts["clients"].as_array()?.iter().find(|client| client["auth_method"] == "basic")?;
        let user = facts["users"].as_array()?.iter().find(|user| user["username"] == USER)?;
        Some(Self {
            issuer: text(&facts["issuers"]["v2"])?,
            client_id: text(&client["client_id"])?,
            client_secret: text(&client["client_secret"])?,
            password: text(&user["password"])?,
        })
    }
}

/// The running simulator; it ends with this value.
struct Simulator(Child);

impl Simulator {
    fn start() -> Result<(Self, Tenant), Failure> {
        // Should this program be killed, the pipe closes and the simulator ends with it.
        let step = Step::new(workspace::program(CLI)?).args(["simulate", "--until-stdin-closes"]);
        let mut child = step
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| step.missing(&error))?;
        let stdout = child.stdout.take();
        let simulator = Self(child);
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = stdout.map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten();
            let _ = sender.send(lines.next());
            // The pipe stays open and read, so that the simulator never blocks on it.
            lines.for_each(drop);
        });
        let failure = |came: String| {
            let expected =
                "`latchkey simulate` to print one line of JSON with its issuers, clients and users";
            Failure::new(expected, came, "Run it alone to see why: cargo run --package latchkey -- simulate")
        };
        match receiver.recv_timeout(SIMULATOR_LIMIT) {
            Ok(Some(Ok(line))) => match Tenant::read(&line) {
                Some(tenant) => Ok((simulator, tenant)),
                None => Err(failure(format!("this line: {line}"))),
            },
            Ok(Some(Err(error))) => Err(failure(error.to_string())),
            Ok(None) => Err(failure("it ended without one".to_owned())),
            Err(_) => Err(failure(format!("nothing within {}", seconds(SIMULATOR_LIMIT)))),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulators_line_names_all_that_a_sign_in_needs() {
        let line = r#"{"issuers":{"v1":"http://127.0.0.1:1/oidc","v2":"http://127.0.0.1:1/oidc/2"},
            "clients":[{"client_id":"p","client_secret":null,"auth_method":"none","redirect_uris":[]},
                       {"client_id":"b","client_secret":"s","auth_method":"basic","redirect_uris":[]}],
            "users":[{"username":"sally","password":"y","outcome":"ok"},
                     {"username":"peggy.sue","password":"x","outcome":"ok"}]}"#;
        let tenant = Tenant::read(line).unwrap();
        assert_eq!(tenant.issuer, "http://127.0.0.1:1/oidc/2");
        assert_eq!((tenant.client_id.as_str(), tenant.client_secret.as_str()), ("b", "s"));
        assert_eq!(tenant.password, "x");
    }

    #[test]
    fn another_line_is_not_taken_for_it() {
        for line in ["", "{}", "Serving on port 1", r#"{"issuers":{"v2":"x"},"clients":[],"users":[]}"#] {
            assert_eq!(Tenant::read(line), None, "{line}");
        }
    }
}
