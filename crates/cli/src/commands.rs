//! The commands, each in a module of its own.

mod assemble;
mod browser;
mod completions;
mod connection;
mod manual;
mod present;
mod provider;
mod refresh;
mod session;
mod sign_in;
mod simulate;
mod userinfo;
mod verify;

use latchkey_client::input::InputProblem;
use latchkey_oidc::Problem;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::args::{Arguments, Command, Connection, Everywhere, SignIn};
use crate::exit::Exit;
use crate::output::{self, Output, json};
use crate::signals;

/// Runs a command to its end, whichever that is.
pub(crate) async fn run(arguments: Arguments, output: &Output) -> Exit {
    let Arguments { everywhere, command } = arguments;
    let cancel = CancellationToken::new();
    signals::watch(&cancel);
    let shape = Shape::of(&command);
    let result = dispatch(command, &everywhere, output, cancel).await;
    result.unwrap_or_else(|problem| {
        if output.json {
            shape.nothing_done(output, &problem.problem);
        }
        output.complain(&problem);
        Exit::of_kind(problem.problem.kind)
    })
}

async fn dispatch(
    command: Command,
    everywhere: &Everywhere,
    output: &Output,
    cancel: CancellationToken,
) -> Result<Exit, InputProblem> {
    let open = |saved: bool| App::open(everywhere, output, cancel.clone(), saved);
    match command {
        Command::SignIn(SignIn::Password(wanted)) => {
            let app = open(wanted.target.connection.is_some())?;
            sign_in::password(&app, wanted).await
        }
        Command::SignIn(SignIn::Browser(wanted)) => {
            let app = open(wanted.target.connection.is_some())?;
            sign_in::browser(&app, wanted).await
        }
        Command::Provider(wanted) => {
            let app = open(wanted.connection.is_some())?;
            provider::run(&app, &wanted).await
        }
        Command::Verify(wanted) => {
            let app = open(wanted.target.connection.is_some())?;
            verify::run(&app, &wanted).await
        }
        Command::Userinfo(wanted) => userinfo::run(&open(true)?, &wanted).await,
        Command::Refresh(wanted) => refresh::run(&open(true)?, &wanted).await,
        Command::Introspect(wanted) => session::introspect(&open(true)?, &wanted).await,
        Command::Revoke(wanted) => session::revoke(&open(true)?, &wanted).await,
        Command::SignOut(wanted) => session::sign_out(&open(true)?, &wanted).await,
        Command::Connection(wanted) => connection::run(&open(true)?, wanted).await,
        Command::Simulate(wanted) => simulate::run(&wanted, output, &cancel).await,
        Command::Completions(wanted) => Ok(completions::run(&wanted, output)?),
        Command::Manual(wanted) => Ok(manual::run(&wanted)?),
    }
}

/// The document that a command prints when a problem leaves nothing else to say.
enum Shape {
    Run,
    Session,
    Provider,
    Connections,
    OneConnection,
    /// No document.
    None,
}

impl Shape {
    fn of(command: &Command) -> Self {
        match command {
            Command::SignIn(_) | Command::Verify(_) | Command::Userinfo(_) | Command::Refresh(_) => Self::Run,
            Command::Introspect(_) | Command::Revoke(_) | Command::SignOut(_) => Self::Session,
            Command::Provider(_) => Self::Provider,
            Command::Connection(Connection::List) => Self::Connections,
            Command::Connection(_) => Self::OneConnection,
            Command::Simulate(_) | Command::Completions(_) | Command::Manual(_) => Self::None,
        }
    }

    fn nothing_done(&self, output: &Output, problem: &Problem) {
        let error = Some(problem.into());
        let printed = match self {
            Self::Run => output.document(&json::nothing_run(problem)),
            Self::Session => output.document(&output::session::nothing_done(problem)),
            Self::Provider => output.document(&output::provider::nothing_done(problem)),
            Self::Connections => output.document(&connection::ListDocument { connections: &[], error }),
            Self::OneConnection => output.document(&connection::OneDocument { connection: None, error }),
            Self::None => Ok(()),
        };
        // Where even that cannot be written, the complaint on standard error and the exit code say it.
        drop(printed);
    }
}
