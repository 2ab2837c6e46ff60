//! The commands, each in a module of its own.

mod completions;
mod present;
mod sign_in;
mod simulate;

use latchkey_client::input::InputProblem;
use latchkey_oidc::Problem;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::args::{Arguments, Command, Everywhere, SignIn};
use crate::exit::Exit;
use crate::output::{Output, json};
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
        Command::Simulate(wanted) => simulate::run(&wanted, output, &cancel).await,
        Command::Completions(wanted) => Ok(completions::run(&wanted, output)?),
        _ => unimplemented!(),
    }
}

/// The document that a command prints when a problem leaves nothing else to say.
enum Shape {
    Run,
    /// No document.
    None,
}

impl Shape {
    fn of(command: &Command) -> Self {
        match command {
            Command::SignIn(_) | Command::Verify(_) | Command::Userinfo(_) | Command::Refresh(_) => Self::Run,
            _ => Self::None,
        }
    }

    fn nothing_done(&self, output: &Output, problem: &Problem) {
        let printed = match self {
            Self::Run => output.document(&json::nothing_run(problem)),
            Self::None => Ok(()),
        };
        // The complaint that follows goes elsewhere, and the exit code says the rest.
        drop(printed);
    }
}
