//! `latchkey simulate`: the tenant alone, for scripts and tests.

use std::io::Read as _;
use std::time::Duration;

use latchkey_client::input::InputProblem;
use latchkey_oidc::{Problem, ProblemKind};
use latchkey_simulator::{Options, Simulator, StartError};
use tokio_util::sync::CancellationToken;

use crate::args::Simulate;
use crate::exit::Exit;
use crate::output::Output;

pub(super) async fn run(
    wanted: &Simulate,
    output: &Output,
    cancel: &CancellationToken,
) -> Result<Exit, InputProblem> {
    let options = Options {
        port: wanted.port,
        latency: Duration::from_millis(wanted.latency_ms),
        generation: wanted.generation.map(Into::into),
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.map_err(|error| not_started(&error))?;
    let line = serde_json::to_string(&simulator.description()).map_err(|error| {
        Problem::new(ProblemKind::Configuration, "The tenant cannot be described.", "Report this fault.")
            .with_description(&error.to_string())
    })?;
    output.raw(&format!("{line}\n"))?;
    let closed = async {
        if wanted.until_stdin_closes {
            let _ = tokio::task::spawn_blocking(drain_stdin).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = closed => {}
    }
    simulator.stop().await;
    Ok(Exit::Done)
}

/// Returns when whoever holds the other end closes it.
fn drain_stdin() {
    let mut stdin = std::io::stdin().lock();
    let mut buffer = [0; 1024];
    while stdin.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
}

fn not_started(error: &StartError) -> Problem {
    let remedy = match error {
        StartError::Bind { .. } => "Choose another --port, or leave it out for a free one.",
        StartError::Keys | StartError::Thread(_) => "Close other programs and try again.",
    };
    Problem::new(ProblemKind::Configuration, "The simulator cannot start.", remedy)
        .with_description(&error.to_string())
}
