//! `latchkey completions`.

use clap::CommandFactory as _;
use latchkey_oidc::Problem;

use crate::args::{Arguments, Completions};
use crate::exit::Exit;
use crate::output::Output;

pub(super) fn run(wanted: &Completions, output: &Output) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut Arguments::command(), "latchkey", &mut script);
    output.raw(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
