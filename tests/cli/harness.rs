//! A home folder without a keychain, the program in it, and a tenant to sign in at.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use latchkey_simulator::{ClientRole, Faults, Generation, Options, Simulator};
use serde_json::Value;
use support::programs::program;
use tempfile::TempDir;

/// A home folder of its own: nothing of whoever runs the tests is read or written.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::with_prefix("latchkey-cli-").unwrap() }
    }

    /// Where the connections are.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// `latchkey` with these arguments.
    pub(crate) fn latchkey(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(program("latchkey"));
        command.args(arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("LATCHKEY_CONFIG_DIR", self.config());
        // No keychain: neither a bus that is named nor one that is found.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:").env("XDG_RUNTIME_DIR", self.folder.path());
        Run { command, stdin: String::new() }
    }
}

/// One run of the program.
pub(crate) struct Run {
    pub(crate) command: Command,
    stdin: String,
}

impl Run {
    pub(crate) fn of(command: Command) -> Self {
        Self { command, stdin: String::new() }
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn secret(self, value: &str) -> Self {
        self.env("LATCHKEY_CLIENT_SECRET", value)
    }

    pub(crate) fn stdin(mut self, text: impl Into<String>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Runs it to its end. Neither output is a terminal.
    pub(crate) fn ended(mut self) -> Ended {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = self.stdin;
        // It may end before it has read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Ended::of(output)
    }

    /// Runs it with `--json` and reads the one document.
    pub(crate) fn document(self) -> (i32, Value) {
        let ended = self.argument("--json").ended();
        (ended.code, ended.json())
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output, which must be one document and nothing else.
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(document) => document,
            Err(error) => panic!("no single document ({error}): {self:?}"),
        }
    }

    /// Both outputs together.
    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }
}

/// A tenant and the way to sign in at it.
pub(crate) struct Tenant {
    pub(crate) simulator: Simulator,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Tenant {
    pub(crate) fn start() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn faulty(faults: Faults) -> Self {
        Self::with(Options { faults, ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        let client = simulator.client(ClientRole::Basic).unwrap();
        let (client_id, client_secret) = (client.client_id.clone(), client.client_secret.clone().unwrap());
        let issuer = simulator.issuer(Generation::V2);
        Self { simulator, issuer, client_id, client_secret }
    }

    /// `sign-in password` with the password on standard input; further arguments may follow.
    pub(crate) fn sign_in(&self, home: &Home, username: &str, password: &str) -> Run {
        home.latchkey(&["sign-in", "password", "--issuer", &self.issuer, "--client-id", &self.client_id])
            .argument("--username")
            .argument(username)
            .argument("--password-stdin")
            .secret(&self.client_secret)
            .stdin(format!("{password}\n"))
    }

    /// The same for Peggy Sue.
    pub(crate) fn peggy(&self, home: &Home) -> Run {
        self.sign_in(home, "peggy.sue", "demo-peggy")
    }

    /// Saves this tenant as a connection without a client secret.
    pub(crate) fn save(&self, home: &Home, name: &str) {
        let ended = home
            .latchkey(&["connection", "add", "--name", name, "--issuer", &self.issuer])
            .argument("--client-id")
            .argument(&self.client_id)
            .argument("--username=peggy.sue")
            .argument("--scope=openid profile offline_access")
            .ended();
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}

/// The names of an object's members, in order.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Whether a text holds anything that hides or steers; line ends are fine.
pub(crate) fn steers(text: &str) -> bool {
    latchkey_oidc::text::visible_block(text) != text
}
