//! The system's browser, and the listener that takes its answer.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use latchkey_client::input::{self, Field, InputProblem};
use latchkey_client::loopback::{Doorway, Loopback};
use latchkey_client::sign_in::browser::{Answering, Brought, Leaving, UserAgent};
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseMode;
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind, Secret};
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
    /// `None` for a sign-out without a redirect URI.
    loopback: Option<Loopback>,
    /// In place of the system's browser.
    command: Option<&'a str>,
}

impl<'a> SystemBrowser<'a> {
    /// Listens at the redirect URI before anybody is told of it. With it comes what to send: where it had no port, with
    /// the one that was found.
    pub(super) async fn new(
        app: &'a App,
        redirect_uri: Option<&str>,
        command: Option<&'a str>,
    ) -> Result<(Self, RedirectUri), InputProblem> {
        let typed = redirect_uri.ok_or_else(|| {
            InputProblem::at(
                Field::RedirectUri,
                "The connection has no redirect URI.",
                "Add the connection again with --redirect-uri.",
            )
        })?;
        Self::listening(app, typed, Field::RedirectUri, command).await
    }

    /// The same for a sign-out, which may go without.
    pub(super) async fn to_sign_out(
        app: &'a App,
        post_logout_redirect_uri: Option<&str>,
        command: Option<&'a str>,
    ) -> Result<(Self, Option<RedirectUri>), InputProblem> {
        match post_logout_redirect_uri {
            Some(typed) => {
                let listening = Self::listening(app, typed, Field::PostLogoutRedirectUri, command).await;
                listening.map(|(browser, redirect_uri)| (browser, Some(redirect_uri)))
            }
            None => Ok((Self { output: &app.output, loopback: None, command }, None)),
        }
    }

    async fn listening(
        app: &'a App,
        typed: &str,
        field: Field,
        command: Option<&'a str>,
    ) -> Result<(Self, RedirectUri), InputProblem> {
        let typed = input::redirect_uri(typed, field)?;
        let loopback = Loopback::bind(&typed).await.map_err(|fault| fault.at(&typed, field))?;
        let redirect_uri = loopback.redirect_uri().clone();
        Ok((Self { output: &app.output, loopback: Some(loopback), command }, redirect_uri))
    }

    /// The answer, the person's stop, a browser that does not open, or the end of patience.
    async fn answer_after(
        &self,
        opened: &Url,
        mode: ResponseMode,
        cancel: &CancellationToken,
    ) -> Result<Received, Problem> {
        let Some(loopback) = &self.loopback else { return Err(cancelled()) };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            received = loopback.answer(mode) => received,
            problem = self.open(opened) => Err(problem),
            () = tokio::time::sleep(LONGEST) => Err(Problem::new(
                ProblemKind::TimedOut,
                format!("No answer came to {} within 15 minutes.", loopback.redirect_uri()),
                "Start again. Where the browser shows an error of the provider, its words tell the cause.",
            )),
        }
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
            self.answer_after(url, mode, cancel).await.map(Brought::Answer)
        })
    }

    fn leave<'a>(&'a self, url: &'a Secret, shown: &'a str, cancel: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async move {
            // The ID token is in the address: a door leads there, so that no other program reads it.
            let doorway = Doorway::open().await?;
            self.output.remark("Sign out in a browser on this computer, at this address:");
            self.output.remark(doorway.url().as_str());
            self.output.remark(&format!("It leads to {shown}"));
            if self.loopback.is_none() {
                return tokio::select! {
                    biased;
                    () = cancel.cancelled() => Err(cancelled()),
                    () = doorway.lead_to(url) => Ok(None),
                    problem = self.open(doorway.url()) => Err(problem),
                    () = tokio::time::sleep(LONGEST) => Ok(None),
                };
            }
            tokio::select! {
                biased;
                received = self.answer_after(doorway.url(), ResponseMode::Query, cancel) => received.map(Some),
                never = led(&doorway, url) => never,
            }
        })
    }
}

/// Leads the browser on, and leaves the rest to the listener.
async fn led<T>(doorway: &Doorway, url: &Secret) -> T {
    doorway.lead_to(url).await;
    std::future::pending().await
}

fn cancelled() -> Problem {
    Problem::new(
        ProblemKind::Cancelled,
        "Cancelled before an answer came.",
        "Start again when you like. What the browser still shows leads nowhere.",
    )
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
