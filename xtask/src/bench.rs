//! `cargo xtask bench`: each figure beside its floor and beside what people use instead, in one run, in the release
//! profile.
//!
//! The window needs a display of its own and a message bus that no other Latchkey is on, so it measures under both.

use std::path::PathBuf;

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step};
use crate::workspace::{self, CLI, DESKTOP};

const EMPTY: &str = "latchkey-empty-window";
const BENCH: &str = "latchkey-bench";

/// The options that `latchkey-bench` takes from here.
#[derive(Default, Debug, PartialEq, Eq)]
struct Wanted {
    report: Option<PathBuf>,
    packages: Option<PathBuf>,
    only: Option<String>,
}

/// `cargo xtask bench`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let wanted = read(arguments)?;
    if std::env::consts::OS != "linux" {
        return Err(Failure::new(
            "Linux, where the window can be measured on a display of its own",
            std::env::consts::OS,
            "Run the benchmark on Linux.",
        ));
    }
    println!("[1/3] Set-up");
    setup::prepare(Purpose::Test)?;
    npm::install(&workspace::root().join("bench/peers"))?;
    println!("[2/3] The programs, in the release profile (the first time this takes minutes)");
    npm::script(&workspace::ui(), "build").run()?;
    let packages = [DESKTOP, CLI, EMPTY, BENCH].into_iter().flat_map(|package| ["--package", package]);
    workspace::cargo(["build", "--release"].into_iter().chain(packages)).run()?;
    println!("[3/3] Measuring, nine rounds or more; leave the machine alone meanwhile");
    let programs = workspace::target()?.join("release");
    let mut step = Step::new("dbus-run-session")
        .args(["--config-file".as_ref(), workspace::root().join("bench/bus.conf").as_os_str()])
        .args(["--".as_ref(), programs.join(BENCH).as_os_str()])
        .args(["--programs".as_ref(), programs.as_os_str()])
        .or("A line that ends in `over its bound` or `not measured` names the figure; on a busy machine measure \
             again when it is idle. The size of packages needs --packages DIR.");
    for (option, value) in [("--report", &wanted.report), ("--packages", &wanted.packages)] {
        if let Some(path) = value {
            step = step.args([option.as_ref(), path.as_os_str()]);
        }
    }
    if let Some(part) = &wanted.only {
        step = step.args(["--only", part]);
    }
    step.run()
}

fn read(arguments: &[String]) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        let known = matches!(option.as_str(), "--report" | "--packages" | "--only");
        let value = rest
            .next()
            .filter(|_| known)
            .ok_or_else(|| Failure::usage("nothing, --report FILE, --packages DIR or --only PART", option))?;
        match option.as_str() {
            "--report" => wanted.report = Some(PathBuf::from(value)),
            "--packages" => wanted.packages = Some(PathBuf::from(value)),
            _ => wanted.only = Some(value.clone()),
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_an_unknown_one_names_the_known_ones() {
        let read = |line: &str| read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let wanted = read("--packages dist --report figures.md").unwrap();
        assert_eq!(wanted.packages, Some(PathBuf::from("dist")));
        assert_eq!(wanted.report, Some(PathBuf::from("figures.md")));
        assert_eq!(read("").unwrap(), Wanted::default());
        for line in ["--report", "figures.md", "--rounds 3"] {
            assert!(read(line).unwrap_err().expected.contains("--packages DIR"), "{line}");
        }
    }
}
