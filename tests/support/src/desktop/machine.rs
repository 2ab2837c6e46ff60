//! A computer for one test: a screen, a session bus, a keychain and a home folder, all its own.
#![allow(clippy::expect_used)] // whoever sets up a test wants to hear at once what is missing

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::programs::Group;

/// How the keychain of a computer is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeychainState {
    /// GNOME Keyring, open.
    Unlocked,
    /// GNOME Keyring, locked, and nobody to answer its prompt.
    Locked,
    /// No session bus, so no keychain.
    Absent,
}

/// Everything that outlives a restart of the window. It ends when this value is dropped.
#[derive(Debug)]
pub struct Machine {
    keyring: Option<Group>,
    _bus: Option<Group>,
    _screen: Group,
    display: String,
    dark: bool,
    keychain: KeychainState,
    folder: TempDir,
}

const START_LIMIT: Duration = Duration::from_secs(20);

/// Folders below the home folder, as a login sets them.
const FOLDERS: [(&str, &str); 6] = [
    ("HOME", ""),
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_STATE_HOME", ".local/state"),
    ("XDG_RUNTIME_DIR", "run"),
];

impl Machine {
    /// Starts it. `dark`: the desktop prefers dark.
    ///
    /// # Panics
    ///
    /// When a program is missing or does not start.
    #[must_use]
    pub fn start(keychain: KeychainState, dark: bool) -> Self {
        let folder = TempDir::with_prefix("latchkey-").expect("a temporary folder");
        for (_, name) in FOLDERS {
            std::fs::create_dir_all(folder.path().join("home").join(name)).expect("a folder");
        }
        let (screen, display) = start_screen();
        let bus = (keychain != KeychainState::Absent).then(|| start_bus(folder.path()));
        let mut machine = Self { keyring: None, _bus: bus, _screen: screen, display, dark, keychain, folder };
        if keychain != KeychainState::Absent {
            machine.start_keyring(true);
        }
        if keychain == KeychainState::Locked {
            machine.lock_keychain();
        }
        machine
    }

    /// As after a login without a password: the keyring is there, and locked.
    pub fn lock_keychain(&mut self) {
        self.keyring = None;
        self.start_keyring(false);
    }

    /// As after the next login.
    pub fn unlock_keychain(&mut self) {
        self.keyring = None;
        self.start_keyring(true);
    }

    /// The keyring is there, and answers nothing until it is started again.
    pub fn freeze_keychain(&self) {
        if let Some(keyring) = &self.keyring {
            keyring.signal("STOP");
        }
    }

    /// The name of its screen.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The home folder, with the runtime folder in it.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Where the connections are.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.home().join(".config/latchkey")
    }

    /// What the window and its processes wrote to standard output and standard error, over all starts.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.folder.path().join("window.log")
    }

    /// A program on this computer: in its session, with nothing of ours in its environment.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for (variable, name) in FOLDERS {
            command.env(variable, self.home().join(name));
        }
        command.env("LANG", "C.UTF-8").env("DISPLAY", &self.display);
        if self.keychain != KeychainState::Absent {
            command.env("DBUS_SESSION_BUS_ADDRESS", bus_address(self.folder.path()));
        }
        // No graphics card, and no accessibility bus.
        command.env("LIBGL_ALWAYS_SOFTWARE", "1").env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        command.env("NO_AT_BRIDGE", "1").env("GDK_BACKEND", "x11");
        if self.dark {
            command.env("GTK_THEME", "Adwaita:dark");
        }
        command
    }

    /// The secret that another program finds in the keychain under this account.
    ///
    /// # Panics
    ///
    /// When `secret-tool` is missing.
    #[must_use]
    pub fn keychain_entry(&self, account: &str) -> Option<String> {
        let output = self
            .command("secret-tool")
            .args(["lookup", "service", "Latchkey", "username", account])
            .output()
            .expect("secret-tool (package libsecret-tools)");
        let secret = String::from_utf8(output.stdout).expect("text");
        (!secret.is_empty()).then_some(secret)
    }

    /// Every attribute of every entry of ours, without the secrets' values.
    ///
    /// # Panics
    ///
    /// When `secret-tool` is missing.
    #[must_use]
    pub fn keychain_accounts(&self) -> Vec<String> {
        let output = self
            .command("secret-tool")
            .args(["search", "--all", "service", "Latchkey"])
            .output()
            .expect("secret-tool (package libsecret-tools)");
        // The attributes are on one stream and the rest on the other, depending on the version.
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text)
            .lines()
            .filter_map(|line| line.strip_prefix("attribute.username = "))
            .map(str::to_owned)
            .collect()
    }

    fn start_keyring(&mut self, unlocked: bool) {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if unlocked {
            command.arg("--unlock");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = Group::start(&mut command);
        if let Some(mut stdin) = keyring.child.stdin.take() {
            // The password ends with the pipe.
            stdin.write_all(b"keyring password").expect("gnome-keyring-daemon reads its password");
        }
        self.keyring = Some(keyring);
        until("the keychain is on the bus", || {
            let answer = self
                .command("dbus-send")
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .output()
                .expect("dbus-send (package dbus)");
            String::from_utf8_lossy(&answer.stdout).contains("boolean true").then_some(())
        });
    }
}

fn start_screen() -> (Group, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp", "-noreset"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut screen = Group::start(&mut command);
    let mut number = String::new();
    let stdout = screen.child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut number).expect("Xvfb says its display");
    let number = number.trim();
    assert!(!number.is_empty(), "Xvfb found no free display");
    (screen, format!(":{number}"))
}

fn bus_address(folder: &Path) -> String {
    format!("unix:path={}", folder.join("home/run/bus").display())
}

/// A bus that starts no services: no portal, no settings daemon, no prompt is there to wait for.
fn start_bus(folder: &Path) -> Group {
    let config = folder.join("bus.conf");
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\
         <busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
         <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>\
         </busconfig>",
        bus_address(folder)
    );
    let mut file = File::create(&config).expect("a file");
    file.write_all(text.as_bytes()).expect("a file");
    let mut command = Command::new("dbus-daemon");
    command.arg("--config-file").arg(&config).args(["--nofork", "--print-address=1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut bus = Group::start(&mut command);
    let stdout = bus.child.stdout.take().expect("a pipe");
    let mut address = String::new();
    BufReader::new(stdout).read_line(&mut address).expect("dbus-daemon says its address");
    assert!(!address.trim().is_empty(), "dbus-daemon did not start");
    bus
}

/// Asks again until there is an answer.
pub(super) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < START_LIMIT, "{what}: not within {} s", START_LIMIT.as_secs());
        std::thread::sleep(Duration::from_millis(10));
    }
}
