//! Asks the person at the terminal, or reads lines of standard input. Both end at Ctrl-C.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::time::Duration;

use latchkey_client::input::{Field, InputProblem};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// Longest line that is read: tokens with thousands of groups fit.
const MAX_LINE: u64 = 1024 * 1024;

/// How long a read that was interrupted may take to end. One that waits for a key never does.
const LEAVE: Duration = Duration::from_millis(300);

/// Whether somebody is there to answer.
pub(crate) fn possible() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks for a secret, without showing what is typed.
pub(crate) async fn secret(question: &str, cancel: &CancellationToken) -> Result<Secret, Problem> {
    let question = format!("{}: ", visible(question));
    // Before the question: who answers at once must not see it either.
    let echo = Echo::hide();
    let typed = off_thread(cancel, move || rpassword::prompt_password(question)).await;
    echo.restore();
    if cancel.is_cancelled() {
        let _ = writeln!(std::io::stderr().lock());
    }
    typed.map(Secret::new)
}

/// Asks a question that only “y” or “yes” agrees to.
pub(crate) async fn agreed(question: &str, cancel: &CancellationToken) -> Result<bool, Problem> {
    {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{} [y/N] ", visible(question));
        let _ = stderr.flush();
    }
    let answer = off_thread(cancel, read_line).await?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// The next line of standard input as a secret; at a terminal it is asked for, and not shown.
pub(crate) async fn line(
    what: &str,
    option: &str,
    field: Option<Field>,
    cancel: &CancellationToken,
) -> Result<Secret, InputProblem> {
    let line = if possible() {
        secret(&capitalised(what), cancel).await?
    } else {
        Secret::new(std::mem::take(&mut *off_thread(cancel, read_line).await?))
    };
    if line.is_empty() { Err(missing(what, option, field)) } else { Ok(line) }
}

/// The next line of standard input without the white space around it: a token, which is pasted and may be long.
pub(crate) async fn token(
    what: &str,
    option: &str,
    cancel: &CancellationToken,
) -> Result<Secret, InputProblem> {
    let line = off_thread(cancel, read_line).await?;
    let token = Secret::from(line.trim());
    if token.is_empty() { Err(missing(what, option, None)) } else { Ok(token) }
}

fn missing(what: &str, option: &str, field: Option<Field>) -> InputProblem {
    InputProblem {
        problem: Problem::new(
            ProblemKind::InvalidInput,
            format!("There is no {what} on standard input."),
            format!("{option} reads one line: write the {what} there, and nothing else."),
        ),
        field,
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// One line without its end. Empty at the end of the input.
fn read_line() -> std::io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    std::io::stdin().lock().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.len() as u64 == MAX_LINE {
        return Err(std::io::Error::other("the line is longer than 1 MiB"));
    }
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    std::str::from_utf8(text)
        .map(|text| Zeroizing::new(text.to_owned()))
        .map_err(|_| std::io::Error::other("it is not UTF-8"))
}

/// Runs what blocks on a thread of its own, which is left behind at Ctrl-C.
async fn off_thread<T: Send + 'static>(
    cancel: &CancellationToken,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, Problem> {
    let mut work = tokio::task::spawn_blocking(work);
    let result = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            // The prompt raises the signal by itself, and then puts the terminal back as it found it: only after that
            // is it ours to put back.
            let _ = tokio::time::timeout(LEAVE, &mut work).await;
            return Err(interrupted());
        }
        result = &mut work => result,
    };
    let result = result.unwrap_or_else(|_| Err(std::io::Error::other("reading was broken off")));
    result.map_err(|error| {
        // The prompt reads keys by itself, Ctrl-C among them.
        if error.kind() == std::io::ErrorKind::Interrupted {
            return interrupted();
        }
        Problem::new(
            ProblemKind::InvalidInput,
            "Standard input, or the terminal, cannot be read.",
            "Run it at a terminal, or write one line of UTF-8 to standard input.",
        )
        .with_description(&error.to_string())
    })
}

/// Stopped before anything was sent.
pub(crate) fn interrupted() -> Problem {
    Problem::new(
        ProblemKind::Cancelled,
        "Interrupted before anything was sent.",
        "Start again when you like.",
    )
}

/// How the terminal was before what is typed was hidden.
struct Echo {
    #[cfg(unix)]
    before: Option<(std::fs::File, rustix::termios::Termios)>,
}

impl Echo {
    #[cfg(unix)]
    fn hide() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

        let terminal = std::fs::File::open("/dev/tty").ok();
        let before = terminal.and_then(|terminal| {
            let state = tcgetattr(&terminal).ok()?;
            let mut hidden = state.clone();
            // The prompt's own mode, so that it finds what is typed before it reads, Ctrl-C among it.
            hidden.local_modes -=
                LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
            hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
            hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&terminal, OptionalActions::Now, &hidden).ok()?;
            Some((terminal, state))
        });
        Self { before }
    }

    #[cfg(unix)]
    fn restore(&self) {
        if let Some((terminal, state)) = &self.before {
            let _ = rustix::termios::tcsetattr(terminal, rustix::termios::OptionalActions::Now, state);
        }
    }

    /// The Windows console gives every program its own mode back.
    #[cfg(not(unix))]
    fn hide() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    fn restore(&self) {}
}
