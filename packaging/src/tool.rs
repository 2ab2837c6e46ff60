//! Other people's programs, run with what they say kept for the message if they fail.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::signing::{KEY, PASSPHRASE};
use crate::{Error, Result};

/// One run of a program.
pub struct Tool {
    program: OsString,
    package: &'static str,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Option<Vec<u8>>,
}

/// What a program wrote, and whether it was content.
pub struct Answer {
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error, as text.
    pub err: String,
    /// Whether it ended with exit code 0.
    pub success: bool,
    status: String,
    line: String,
}

impl Answer {
    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    /// All that was written, for a message.
    #[must_use]
    pub fn everything(&self) -> String {
        format!("{}{}", self.text(), self.err).trim().to_owned()
    }
}

impl Tool {
    /// A program, and the Debian package that has it.
    pub fn new(program: impl AsRef<OsStr>, package: &'static str) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            package,
            arguments: Vec::new(),
            variables: Vec::new(),
            folder: None,
            input: None,
        }
    }

    /// More arguments.
    #[must_use]
    pub fn args<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// An environment variable.
    #[must_use]
    pub fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The folder it runs in.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// What it reads on standard input; nothing without this.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        // Nobody but gpg has any business with the key, and gpg gets it on standard input.
        command.env_remove(KEY).env_remove(PASSPHRASE).env("LC_ALL", "C.UTF-8");
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    fn missing(&self, source: std::io::Error) -> Error {
        let program = self.program.to_string_lossy().into_owned();
        Error::Missing { program, package: self.package, source }
    }

    /// Runs it, whatever comes of it.
    pub fn try_run(&self) -> Result<Answer> {
        let mut command = self.command();
        command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.missing(error))?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            if let (Some(mut stdin), Some(input)) = (stdin, &self.input) {
                // A program that stopped reading says why by its exit code.
                scope.spawn(move || drop(stdin.write_all(input)));
            }
            child.wait_with_output()
        });
        let output = output.map_err(|error| self.missing(error))?;
        Ok(Answer {
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            success: output.status.success(),
            status: output.status.to_string(),
            line: self.line(),
        })
    }

    /// Runs it; a failure is an error with all that it wrote.
    pub fn run(&self) -> Result<Answer> {
        let answer = self.try_run()?;
        if answer.success {
            return Ok(answer);
        }
        let output = answer.everything();
        Err(Error::Tool { line: answer.line, status: answer.status, output })
    }

    /// Runs it with its output on the terminal.
    pub fn run_shown(&self) -> Result<()> {
        let status = self.command().stdin(Stdio::null()).status().map_err(|error| self.missing(error))?;
        if status.success() {
            return Ok(());
        }
        let output = "Its output stands above.".to_owned();
        Err(Error::Tool { line: self.line(), status: status.to_string(), output })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_the_program_wrote() {
        let tool = Tool::new("sh", "dash").args(["-c", "cat; echo no >&2; exit 3"]).input("seen ");
        let message = tool.run().map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("seen no") && message.contains('3'), "{message}");
    }

    #[test]
    fn a_missing_program_names_its_package() {
        let missing = Tool::new("latchkey-no-such", "some-package").run().map(|_| ());
        let message = missing.unwrap_err().to_string();
        assert!(message.contains("some-package"), "{message}");
    }

    #[test]
    fn the_key_is_taken_out_of_the_environment_of_every_program() {
        let command = Tool::new("true", "coreutils").command();
        for name in [KEY, PASSPHRASE] {
            assert!(command.get_envs().any(|(key, value)| key == name && value.is_none()), "{name}");
        }
    }
}
