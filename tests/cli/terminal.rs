//! At a terminal: prompts without echo, colours, and Ctrl-C.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::harness::{Home, Run, Tenant};

/// The program at a terminal of its own, which `script` makes.
struct Session {
    child: Child,
    pieces: Receiver<Vec<u8>>,
    seen: String,
}

impl Session {
    fn start(run: &Run, columns: u32) -> Self {
        let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap().replace('\'', "'\\''"));
        let words: Vec<String> =
            std::iter::once(run.command.get_program()).chain(run.command.get_args()).map(quoted).collect();
        let line = format!(
            "stty rows 40 cols {columns}; {}; echo \"ended with $?, $(stty -a | grep -o '.echo ')\"",
            words.join(" ")
        );
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env_clear();
        for (name, value) in run.command.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command.env("SHELL", "/bin/sh").env("TERM", "xterm");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (send, pieces) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, pieces, seen: String::new() }
    }

    /// Waits until the terminal shows this.
    fn until(&mut self, text: &str) -> &mut Self {
        let deadline = Instant::now() + Duration::from_secs(15);
        while !self.seen.contains(text) {
            match self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.push_str(&String::from_utf8_lossy(&piece)),
                Err(_) => panic!("{text} did not appear: {}", self.seen),
            }
        }
        self
    }

    fn types(&mut self, text: &str) -> &mut Self {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
        self
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn at_a_terminal(home: &Home, tenant: &Tenant) -> Run {
    home.latchkey(&["sign-in", "password", "--issuer", &tenant.issuer, "--client-id", &tenant.client_id])
        .argument("--username=peggy.sue")
}

#[test]
fn password_and_client_secret_are_asked_for_and_never_shown() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut session = Session::start(&at_a_terminal(&home, &tenant), 100);
    session
        .until(&format!("Client secret of {}: ", tenant.client_id))
        .types(&format!("{}\n", tenant.client_secret));
    session.until("Password of peggy.sue: ").types("demo-peggy\n");
    session.until("ended with 0,  echo");
    let seen = &session.seen;
    assert!(seen.contains("\u{1b}[32mSigned in as Peggy Sue"), "{seen}");
    assert!(!seen.contains(&tenant.client_secret) && !seen.contains("demo-peggy"), "{seen}");
    assert!(seen.contains("Under way: metadata …"), "{seen}");
}

#[test]
fn colours_are_off_when_asked_for_and_lines_fit_the_terminal() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let runs = [
        at_a_terminal(&home, &tenant).argument("--no-color"),
        at_a_terminal(&home, &tenant).env("NO_COLOR", "1"),
    ];
    for run in runs {
        let mut session = Session::start(&run.secret(&tenant.client_secret), 72);
        session.until("Password of peggy.sue: ").types("demo-peggy\n");
        session.until("ended with 0");
        let page = &session.seen[session.seen.find("Signed in").unwrap()..];
        assert!(!page.contains('\u{1b}'), "{page}");
        let longest = page.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
        assert!(longest <= 72, "{longest}: {page}");
    }
}

#[test]
fn ctrl_c_at_a_prompt_gives_the_terminal_its_echo_back() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut session = Session::start(&at_a_terminal(&home, &tenant).secret(&tenant.client_secret), 100);
    session.until("Password of peggy.sue: ").types("half a pass\u{3}");
    // The shell would end as well, did it not wait for a program that handles the signal.
    session.until("ended with 4,  echo");
    assert!(session.seen.contains("Interrupted before anything was sent"), "{}", session.seen);
    assert!(!session.seen.contains("half a pass"), "{}", session.seen);
    assert_eq!(tenant.simulator.requests().total(), 0);
}

#[test]
fn removing_a_connection_is_asked_for() {
    let (home, tenant) = (Home::new(), Tenant::start());
    tenant.save(&home, "Payroll");
    for (answer, code, left) in [("n", 4, 1), ("y", 0, 0)] {
        let mut session = Session::start(&home.latchkey(&["connection", "remove", "payroll"]), 100);
        session.until("Remove “Payroll”").until("[y/N] ").types(&format!("{answer}\n"));
        session.until(&format!("ended with {code}"));
        let list = home.latchkey(&["connection", "list"]).document().1;
        assert_eq!(list["connections"].as_array().unwrap().len(), left);
    }
}
