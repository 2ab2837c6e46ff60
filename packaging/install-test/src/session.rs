//! An ordinary user at a desktop in the root: a message bus, a screen, a window manager and a keychain that the login opened.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use latchkey_packaging::error::read_text;
use latchkey_packaging::{Error, Result};

use crate::root::{Root, log};

/// The user's name.
pub(crate) const USER: &str = "ann";
/// The user's folder in the root.
pub(crate) const HOME: &str = "/home/ann";
/// Where the user's session puts its sockets.
const RUNTIME: &str = "/run/user/ann";
/// What everything in the sessions wrote, in the root.
pub(crate) const LOG: &str = "/var/log/session.log";
/// How long a condition may take to come true.
const LIMIT: Duration = Duration::from_secs(30);

/// What a desktop has, and whoever drives and watches it. None of it is needed by the package.
pub(crate) const TOOLS: [&str; 8] = [
    "dbus-daemon",
    "libgtk-3-bin",
    "libsecret-tools",
    "openbox",
    "procps",
    "webkit2gtk-driver",
    "xdotool",
    "xvfb",
];

/// A session, from login to logout.
pub(crate) struct Session<'a> {
    root: &'a Root,
    display: String,
    children: Vec<Child>,
}

/// Makes the user.
pub(crate) fn add_user(root: &Root) -> Result<()> {
    root.admin("useradd").args(["--create-home", "--shell", "/bin/sh", USER]).run()?;
    // As pam_systemd and Xorg's package do on a real desktop.
    let script = format!(
        "install --directory --mode=700 --owner={USER} --group={USER} {RUNTIME} && \
         install --directory --mode=1777 /tmp/.X11-unix"
    );
    root.admin("sh").args(["-c", &script]).run().map(drop)
}

impl<'a> Session<'a> {
    /// Logs in.
    pub(crate) fn start(root: &'a Root) -> Result<Self> {
        let mut session = Self { root, display: String::new(), children: Vec::new() };
        let address = format!("--address={}", bus());
        session.spawn("dbus-daemon", &["--session", "--nofork", &address])?;
        until("the message bus answers", || {
            Ok(session.try_run("dbus-send", &LIST)?.status.success().then_some(()))
        })?;

        let screen = ["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp", "-noreset"];
        let mut child = session.start_child(session.command("Xvfb").args(screen).stdout(Stdio::piped()))?;
        let mut number = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut number).map_err(|error| failed("Xvfb", &error))?;
        }
        session.children.push(child);
        session.display = format!(":{}", number.trim());
        session.spawn("openbox", &[])?;

        // The password of the login opens the keychain.
        let mut keyring = session.command("gnome-keyring-daemon");
        keyring.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped());
        let mut child = session.start_child(&mut keyring)?;
        if let Some(mut input) = child.stdin.take() {
            input
                .write_all(b"the login's password")
                .map_err(|error| failed("gnome-keyring-daemon", &error))?;
        }
        session.children.push(child);
        until("the keychain is on the bus", || {
            let names = session.try_run("dbus-send", &LIST)?.stdout;
            Ok(String::from_utf8_lossy(&names).contains("org.freedesktop.secrets").then_some(()))
        })?;
        Ok(session)
    }

    /// Logs out: everything of the user's ends.
    pub(crate) fn end(mut self) -> Result<()> {
        // The root's processes are this run's own, so these are all of this user's and nobody else's.
        let _ = self.try_run("sh", &["-c", "kill -KILL -1"])?;
        for child in &mut self.children {
            child.wait().map_err(|error| failed("a program of the session", &error))?;
        }
        Ok(())
    }

    /// A program of the user's, in the session.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("chroot");
        command.arg(format!("--userspec={USER}:{USER}")).arg("--groups=").arg(self.root.folder());
        command.args(["env", "-i", &format!("--chdir={HOME}")]);
        command.args(["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"]);
        for (name, value) in [
            ("HOME", HOME),
            ("USER", USER),
            ("LOGNAME", USER),
            ("XDG_RUNTIME_DIR", RUNTIME),
            ("DBUS_SESSION_BUS_ADDRESS", &bus()),
            ("DISPLAY", &self.display),
        ] {
            command.arg(format!("{name}={value}"));
        }
        command.arg(program).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts a program that stays.
    pub(crate) fn spawn(&mut self, program: &str, arguments: &[&str]) -> Result<()> {
        let child = self.start_child(self.command(program).args(arguments))?;
        self.children.push(child);
        Ok(())
    }

    /// Starts a program. What it says on standard error goes to the log.
    pub(crate) fn start_child(&self, command: &mut Command) -> Result<Child> {
        let file = log(&self.root.at(LOG))?;
        command.stderr(file);
        command.spawn().map_err(|error| failed("chroot", &error))
    }

    /// Runs a program, whatever comes of it.
    pub(crate) fn try_run(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = self.command(program);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.output().map_err(|error| failed(program, &error))
    }

    /// Runs a program and returns what it wrote on standard output.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let output = self.try_run(program, arguments)?;
        text(program, &output)
    }

    /// A file in the user's home.
    pub(crate) fn file(&self, path: &str) -> Result<String> {
        read_text(&self.root.at(HOME).join(path))
    }

    /// What the keychain holds of ours, as another program finds it: attribute by attribute, with the values.
    pub(crate) fn keychain(&self) -> Result<String> {
        let output = self.try_run("secret-tool", &["search", "--all", "service", "Latchkey"])?;
        let all = [output.stdout, output.stderr].concat();
        let mut lines: Vec<String> = String::from_utf8_lossy(&all)
            .lines()
            .filter(|line| line.starts_with("secret = ") || line.starts_with("attribute.username = "))
            .map(str::to_owned)
            .collect();
        lines.sort();
        Ok(lines.join("\n"))
    }
}

/// What a program wrote, if it was content.
pub(crate) fn text(program: &str, output: &Output) -> Result<String> {
    let out = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(out);
    }
    let err = String::from_utf8_lossy(&output.stderr);
    Err(Error::unfit(format!("{program}, as an ordinary user, failed ({}):\n{out}\n{err}", output.status)))
}

const LIST: [&str; 5] = [
    "--session",
    "--print-reply",
    "--dest=org.freedesktop.DBus",
    "/org/freedesktop/DBus",
    "org.freedesktop.DBus.ListNames",
];

fn bus() -> String {
    format!("unix:path={RUNTIME}/bus")
}

pub(crate) fn failed(what: &str, error: &dyn std::fmt::Display) -> Error {
    Error::unfit(format!("{what}: {error}"))
}

/// Asks until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if started.elapsed() > LIMIT {
            return Err(Error::unfit(format!("{what}: not within {} s", LIMIT.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(30));
    }
}
