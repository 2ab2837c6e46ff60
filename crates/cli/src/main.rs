//! `latchkey`, the command line: what the window does, for terminals, scripts and continuous integration.
//!
//! Runs nothing by itself: `latchkey-client` does. Here are arguments, prompts, output and exit codes.

mod app;
mod args;
mod commands;
mod exit;
mod logging;
mod output;
mod prompt;
mod secrets;
mod signals;
mod usage;

use std::process::ExitCode;

use latchkey_oidc::{Problem, ProblemKind};

use crate::exit::Exit;
use crate::output::Output;

/// A sign-in makes thousands of small texts, which this allocator hands out quicker than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match usage::parse(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    let output = Output::of(&arguments.everywhere);
    logging::start(&output);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let problem = Problem::new(
                ProblemKind::Configuration,
                "The program cannot start its threads.",
                "Close other programs, or raise the limits of processes and open files.",
            );
            output.complain(&problem.with_description(&error.to_string()).into());
            return Exit::Usage.into();
        }
    };
    let exit = runtime.block_on(commands::run(arguments, &output));
    // A prompt that was interrupted still waits for its line: it must not hold the program.
    runtime.shutdown_background();
    exit.into()
}
