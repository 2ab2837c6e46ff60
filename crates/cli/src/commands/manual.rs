//! `latchkey manual`: the manual pages, made from the same definitions as `--help`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;
use latchkey_oidc::{Problem, ProblemKind};

use crate::args::{Arguments, Manual};
use crate::exit::Exit;

pub(super) fn run(wanted: &Manual) -> Result<Exit, Problem> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let version = command.get_version().unwrap_or_default().to_owned();
    pages(&command, &version, &wanted.folder).map_err(|error| {
        Problem::new(
            ProblemKind::InvalidInput,
            "The manual pages cannot be written.",
            "Name a folder that is there and yours to write.",
        )
        .with_description(&error.to_string())
    })?;
    Ok(Exit::Done)
}

/// One page for the command and for each one below it that `--help` shows.
fn pages(command: &clap::Command, version: &str, folder: &Path) -> io::Result<()> {
    let page = Man::new(command.clone()).source(format!("Latchkey {version}")).manual("Latchkey");
    let mut file = File::create(folder.join(page.get_filename()))?;
    page.render(&mut file)?;
    file.flush()?;
    let shown = command.get_subcommands().filter(|below| !below.is_hide_set());
    shown.into_iter().try_for_each(|below| pages(below, version, folder))
}
