//! Where output goes: one document on standard output with `--json`, otherwise text; remarks and
//! progress on standard error.

pub(crate) mod hint;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod progress;
pub(crate) mod provider;
pub(crate) mod report;
pub(crate) mod session;
pub(crate) mod table;

use std::io::{self, IsTerminal as _, Write};

use latchkey_client::input::{Field, InputProblem};
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind};
use serde::Serialize;

use self::page::Page;
use crate::args::Everywhere;

/// How to write.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// One document instead of text.
    pub(crate) json: bool,
    /// The values of tokens too.
    pub(crate) show_tokens: bool,
    colour: bool,
    /// Of the terminal; `None` where standard output is none, and lines stay whole for other programs.
    width: Option<usize>,
    /// Whether standard error is a terminal that can redraw a line.
    pub(crate) live: bool,
}

impl Output {
    /// By the arguments, the environment, and whether there is a terminal.
    pub(crate) fn of(everywhere: &Everywhere) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = io::stdout().is_terminal();
        Self {
            json: everywhere.json,
            show_tokens: everywhere.show_tokens,
            colour: terminal && !dumb && !everywhere.no_color && !set("NO_COLOR"),
            width: terminal.then(width),
            live: io::stderr().is_terminal() && !dumb && !everywhere.json,
        }
    }

    /// An empty page in this style.
    pub(crate) fn page(&self) -> Page {
        Page::new(self.colour, self.width)
    }

    /// Prints the one document.
    pub(crate) fn document(&self, document: &impl Serialize) -> Result<(), Problem> {
        written(json::write(&mut io::stdout().lock(), document))
    }

    /// Prints a page.
    pub(crate) fn print(&self, page: &Page) -> Result<(), Problem> {
        self.raw(page.text())
    }

    /// Prints text as it is.
    pub(crate) fn raw(&self, text: &str) -> Result<(), Problem> {
        let mut stdout = io::stdout().lock();
        written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
    }

    /// Says something beside the result, on standard error.
    pub(crate) fn remark(&self, text: &str) {
        // There is nowhere left to complain.
        let _ = writeln!(io::stderr().lock(), "{}", visible(text));
    }

    /// Says what stopped the program before it had a result, on standard error.
    pub(crate) fn complain(&self, problem: &InputProblem) {
        let place = problem.field.map(|field| format!("{}: ", option(field))).unwrap_or_default();
        let InputProblem { problem, .. } = problem;
        let mut text = format!("error: {place}{}", visible(&problem.explanation));
        if let Some(description) = &problem.description {
            text.push_str(&format!("\n  {}", visible(description)));
        }
        if !problem.remedy.is_empty() {
            text.push_str(&format!("\n\n  {}", visible(&problem.remedy)));
        }
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// The option that a field stands for.
fn option(field: Field) -> &'static str {
    match field {
        Field::Name => "--name",
        Field::Issuer => "--issuer",
        Field::ClientId => "--client-id",
        Field::ClientSecret => "client secret",
        Field::RedirectUri => "--redirect-uri",
        Field::PostLogoutRedirectUri => "--post-logout-redirect-uri",
        Field::LoginHint => "--login-hint",
        Field::Resources => "--resource",
        Field::UiLocales => "--ui-locales",
        Field::Extra => "--parameter",
        Field::Username => "--username",
        Field::Password => "password",
        Field::Scopes => "--scope",
        Field::ExtraCaFile => "--ca-file",
    }
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 200)
}

/// A reader who has seen enough is no error.
fn written(result: io::Result<()>) -> Result<(), Problem> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::new(
            ProblemKind::Configuration,
            "Standard output cannot be written.",
            "Make room on the disk, or write elsewhere.",
        )
        .with_description(&error.to_string())),
        _ => Ok(()),
    }
}
