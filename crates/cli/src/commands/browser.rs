//! The system's browser, and the listener that takes its answer.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use latchkey_client::input::{Field, InputProblem};
use latchkey_client::loopback::{Loopback, PlaceFault};
use latchkey_client::sign_in::browser::{Answering, Brought, UserAgent};
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseMode;
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::app::App;
use crate::output::{Output, progress};

/// How long a person may take.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Opens addresses, and listens at the redirect URI.
pub(super) struct SystemBrowser<'a> {
    output: &'a Output,
    loopback: Loopback,
    /// In place of the system's browser.
    command: Option<&'a str>,
}

impl<'a> SystemBrowser<'a> {
    /// Listens at the redirect URI before anybody is told of it.
    pub(super) async fn new(
        app: &'a App,
        redirect_uri: Option<&str>,
        command: Option<&'a str>,
    ) -> Result<Self, InputProblem> {
        let typed = redirect_uri.ok_or_else(|| {
            at_redirect_uri(
                "The connection has no redirect URI.",
                "Add the connection again with --redirect-uri.",
            )
        })?;
        let redirect_uri = RedirectUri::parse(typed).map_err(|fault| {
            at_redirect_uri(
                format!("“{}” cannot be a redirect URI: {fault}.", visible(typed)),
                "Copy it from the app. OneLogin: Applications › the app › Configuration › Redirect URIs.",
            )
        })?;
        let loopback = Loopback::bind(&redirect_uri).await.map_err(|fault| refused(typed, &fault))?;
        Ok(Self { output: &app.output, loopback, command })
    }

    /// What to send.
    pub(super) fn redirect_uri(&self) -> &RedirectUri {
        self.loopback.redirect_uri()
    }

    /// Opens an address. Returns only where that failed so that no answer can come.
    async fn open(&self, url: &Url) -> Problem {
        let Some(typed) = self.command else {
            let opened = run(platform(url)).await;
            if !matches!(&opened, Ok(status) if status.success()) {
                self.output.remark("No browser could be opened. Open the address above by hand.");
            }
            return std::future::pending().await;
        };
        let (program, arguments) = command(typed);
        let mut command = Command::new(program);
        command.args(arguments).arg(url.as_str()).stderr(Stdio::inherit());
        let what = match run(command).await {
            // It may well end before the page is shown elsewhere.
            Ok(status) if status.success() => return std::future::pending().await,
            Ok(status) => format!("It ended with {status} before an answer came."),
            Err(error) => error.to_string(),
        };
        Problem::new(
            ProblemKind::Configuration,
            format!("The program {} could not open the address.", visible(program)),
            "Check --browser, or leave it out for the system's browser.",
        )
        .with_description(&what)
    }
}

impl UserAgent for SystemBrowser<'_> {
    fn answer<'a>(
        &'a self,
        url: &'a Url,
        mode: ResponseMode,
        cancel: &'a CancellationToken,
    ) -> Answering<'a> {
        Box::pin(async move {
            progress::clear(self.output);
            self.output.remark("Sign in at this address, in a browser on this computer:");
            self.output.remark(url.as_str());
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(Problem::new(
                    ProblemKind::Cancelled,
                    "Cancelled before an answer came.",
                    "Start again when you like. What the browser still shows leads nowhere.",
                )),
                received = self.loopback.answer(mode) => received.map(Brought::Answer),
                problem = self.open(url) => Err(problem),
                () = tokio::time::sleep(LONGEST) => Err(Problem::new(
                    ProblemKind::TimedOut,
                    format!("No answer came to {} within 15 minutes.", self.redirect_uri()),
                    "Start again. Where the browser shows an error of the provider, its words tell the cause.",
                )),
            }
        })
    }
}

/// A program, or one with arguments before the address. A path with blanks in it is a path where it exists.
fn command(typed: &str) -> (&str, Vec<&str>) {
    if Path::new(typed).exists() {
        return (typed, Vec::new());
    }
    let mut words = typed.split_ascii_whitespace();
    (words.next().unwrap_or(typed), words.collect())
}

/// What opens an address here. No shell sees it.
fn platform(url: &Url) -> Command {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url.as_str()).stderr(Stdio::null());
    command
}

/// Standard output is for the result alone, and the client secret is nobody else's business.
async fn run(mut command: Command) -> std::io::Result<ExitStatus> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).env_remove(crate::secrets::VARIABLE);
    command.spawn()?.wait().await
}

fn at_redirect_uri(explanation: impl Into<String>, remedy: impl Into<String>) -> InputProblem {
    InputProblem::at(Field::RedirectUri, explanation, remedy)
}

fn refused(typed: &str, fault: &PlaceFault) -> InputProblem {
    let remedy = match fault {
        PlaceFault::Elsewhere | PlaceFault::Scheme => {
            "Here the answer can be taken on this computer alone. Register a loopback redirect URI for the app, \
             http://127.0.0.1:8080/callback for one, and use that."
        }
        PlaceFault::Port { .. } => {
            "Close the program that has the port, or register another one for the app and use that."
        }
    };
    at_redirect_uri(format!("Nobody can take the answer at “{}”: {fault}.", visible(typed)), remedy)
}
