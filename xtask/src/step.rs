//! A step: one program with its arguments, run with its output shown, and a failure that says what to do.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What signs the packages. A build script of some dependency has no business with it, so a step does not inherit it.
const SIGNING_KEY: [&str; 2] = ["LATCHKEY_SIGNING_KEY", "LATCHKEY_SIGNING_KEY_PASSPHRASE"];

/// Why a command stopped: what was expected, what came, what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) expected: String,
    pub(crate) came: String,
    pub(crate) to_do: String,
}

impl Failure {
    pub(crate) fn new(
        expected: impl Into<String>,
        came: impl Into<String>,
        to_do: impl Into<String>,
    ) -> Self {
        Self { expected: expected.into(), came: came.into(), to_do: to_do.into() }
    }

    /// An argument that is not understood.
    pub(crate) fn usage(expected: impl Into<String>, came: &str) -> Self {
        Self::new(expected, format!("`{came}`"), "cargo xtask help lists every command and option.")
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(what: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("to {what} {}", path.display()),
            error.to_string(),
            "Check that the folder exists and is yours to write.",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "Stopped.")?;
        writeln!(formatter, "  expected  {}", self.expected)?;
        writeln!(formatter, "  came      {}", self.came)?;
        write!(formatter, "  to do     {}", self.to_do)
    }
}

/// A program to run, with what to tell when it fails.
pub(crate) struct Step {
    program: OsString,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    variables: Vec<(OsString, OsString)>,
    to_do: String,
    interactive: bool,
    signs: bool,
}

impl Step {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            folder: None,
            variables: Vec::new(),
            to_do: "Read the output above; the first error in it is usually the cause.".to_owned(),
            interactive: false,
            signs: false,
        }
    }

    pub(crate) fn args<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    pub(crate) fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    pub(crate) fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// What to do when it fails, in one sentence.
    pub(crate) fn or(mut self, to_do: impl Into<String>) -> Self {
        self.to_do = to_do.into();
        self
    }

    /// Lets the program read the terminal, as for a password that `sudo` asks for.
    pub(crate) fn interactive(mut self) -> Self {
        self.interactive = true;
        self
    }

    /// Lets the program have the signing key.
    pub(crate) fn keeping_the_signing_key(mut self) -> Self {
        self.signs = true;
        self
    }

    /// The program as it would be typed, for the progress line.
    pub(crate) fn line(&self) -> String {
        // A program that was found by its whole path is typed by its name.
        let program = Path::new(&self.program).file_name().unwrap_or(&self.program);
        let mut line = program.to_string_lossy().into_owned();
        for argument in &self.arguments {
            let argument = argument.to_string_lossy();
            line.push(' ');
            if argument.is_empty() || argument.contains(' ') {
                line.push_str(&format!("'{argument}'"));
            } else {
                line.push_str(&argument);
            }
        }
        line
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if !self.signs {
            for name in SIGNING_KEY {
                command.env_remove(name);
            }
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        if !self.interactive {
            command.stdin(Stdio::null());
        }
        command
    }

    /// Runs it with its output shown.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let shown = self.line();
        println!("  $ {shown}");
        let started = Instant::now();
        let status = self.command().status().map_err(|error| self.missing(&error))?;
        if status.success() {
            println!("    done in {}", seconds(started.elapsed()));
            return Ok(());
        }
        let came = match status.code() {
            Some(code) => format!("exit code {code} after {}", seconds(started.elapsed())),
            None => format!("it was ended from outside ({status})"),
        };
        Err(Failure::new(format!("`{shown}` to succeed"), came, &self.to_do))
    }

    /// Runs it without showing anything and returns its standard output, or nothing when it is missing or fails.
    pub(crate) fn answer(&self) -> Option<String> {
        let output = self.command().stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    pub(crate) fn missing(&self, error: &std::io::Error) -> Failure {
        let program = self.program.to_string_lossy();
        Failure::new(
            format!("`{}` to start", self.line()),
            error.to_string(),
            format!("Install `{program}` or put it on the PATH; README.md lists what is needed."),
        )
    }
}

/// A duration as people read it: `0.4 s`, `12 s`, `3 min 20 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis().div_ceil(100);
    match duration.as_secs() {
        0..=9 => format!("{}.{} s", tenths / 10, tenths % 10),
        whole @ 10..=59 => format!("{whole} s"),
        whole => format!("{} min {} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(20)), "0.1 s");
        assert_eq!(seconds(Duration::from_millis(9_300)), "9.3 s");
        assert_eq!(seconds(Duration::from_secs(59)), "59 s");
        assert_eq!(seconds(Duration::from_secs(200)), "3 min 20 s");
    }

    #[test]
    fn a_missing_program_says_which_and_what_to_do() {
        let failure = Step::new("latchkey-no-such-program").run().unwrap_err();
        assert!(failure.expected.contains("latchkey-no-such-program"));
        assert!(failure.to_do.contains("Install"));
    }

    #[cfg(unix)]
    #[test]
    fn a_failing_program_reports_its_exit_code_and_the_remedy() {
        let step = Step::new("sh").args(["-c", "exit 3"]).or("Try again.");
        let failure = step.run().unwrap_err();
        assert!(failure.came.contains("exit code 3"), "{}", failure.came);
        assert_eq!(failure.to_do, "Try again.");
    }

    #[test]
    fn only_the_step_that_signs_has_the_signing_key() {
        let removed = |step: &Step| {
            let command = step.command();
            let without = command.get_envs().filter(|(_, value)| value.is_none());
            without.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(removed(&Step::new("a")), SIGNING_KEY);
        assert!(removed(&Step::new("a").keeping_the_signing_key()).is_empty());
    }

    #[test]
    fn the_shown_line_keeps_arguments_apart() {
        assert_eq!(Step::new("a").args(["b c", ""]).line(), "a 'b c' ''");
        assert_eq!(Step::new("/some/where/a").args(["b"]).line(), "a b");
    }
}
