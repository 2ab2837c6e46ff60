//! A D-Bus session of its own for a test, with a HOME of its own: this program starts again within it,
//! for the same test alone, which finds out by [`part`] that it is there.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Starts GNOME Keyring with a login keyring that is open.
pub(crate) const UNLOCKED: &str =
    "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1;";
/// Starts it as after a login without a password.
pub(crate) const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1;";

/// Gone with the test.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["run", "data"] {
            std::fs::create_dir(home.path().join(folder)).unwrap();
        }
        Self(home)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
        command.env("XDG_RUNTIME_DIR", self.path("run"));
        command
    }

    /// Runs `part` of the test `name` in a D-Bus session after `set_up`.
    pub(crate) fn session(&self, set_up: &str, name: &str, part: &str) {
        let mut command = self.command("dbus-run-session");
        command.args(["--", "sh", "-c", &format!("{set_up} exec \"$0\" \"$@\"")]);
        command.arg(std::env::current_exe().unwrap());
        self.run(command, name, part);
    }

    pub(crate) fn run(&self, mut command: Command, name: &str, part: &str) {
        command.args(["--exact", name, "--nocapture"]).env("LATCHKEY_TEST_PART", part);
        let output =
            command.output().expect("dbus-run-session (packages dbus, gnome-keyring) must be installed");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{part}\n{}\n{}", text(&output.stdout), text(&output.stderr));
        print!("{part}: {}", text(&output.stdout));
        assert!(text(&output.stdout).contains("1 passed"), "the test {name} was not found");
    }
}

/// Which part of a test to run, within a session.
pub(crate) fn part() -> Option<String> {
    std::env::var("LATCHKEY_TEST_PART").ok()
}

impl Home {
    /// The same on a bus that can start no service.
    pub(crate) fn session_without_services(&self, set_up: &str, name: &str, part: &str) {
        let config = self.path("bus.conf");
        let socket = format!("unix:dir={}", self.path("run").display());
        write_bus_config(&config, &socket);
        let mut command = self.command("dbus-run-session");
        command.arg("--config-file").arg(config);
        command.args(["--", "sh", "-c", &format!("{set_up} exec \"$0\" \"$@\"")]);
        command.arg(std::env::current_exe().unwrap());
        self.run(command, name, part);
    }
}

fn write_bus_config(path: &Path, socket: &str) {
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\
         <busconfig><type>session</type><listen>{socket}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>\
         <allow own=\"*\"/></policy></busconfig>"
    );
    std::fs::write(path, text).unwrap();
}
