//! `cargo xtask bench`: each figure beside its floor, in one run, in the release profile.
//!
//! The window needs a display of its own and a message bus that no other Latchkey is on, so it measures under both.

use std::path::PathBuf;

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step};
use crate::workspace::{self, DESKTOP};

const EMPTY: &str = "latchkey-empty-window";
const BENCH: &str = "latchkey-bench";

/// `cargo xtask bench [--report FILE]`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let report = match arguments {
        [] => None,
        [option, file] if option == "--report" => Some(PathBuf::from(file)),
        [other, ..] => return Err(Failure::usage("nothing, or --report FILE", other)),
    };
    if std::env::consts::OS != "linux" {
        return Err(Failure::new(
            "Linux, where the window can be measured on a display of its own",
            std::env::consts::OS,
            "Run the benchmark on Linux.",
        ));
    }
    println!("[1/3] Set-up");
    setup::prepare(Purpose::Test)?;
    println!("[2/3] The programs, in the release profile (the first time this takes minutes)");
    npm::script(&workspace::ui(), "build").run()?;
    workspace::cargo(["build", "--release", "--package", DESKTOP, "--package", EMPTY, "--package", BENCH])
        .run()?;
    println!("[3/3] Measuring, nine rounds each; leave the machine alone meanwhile");
    let program = |name: &str| workspace::target().map(|folder| folder.join("release").join(name));
    let mut step = Step::new("dbus-run-session")
        .args(["--"])
        .args([program(BENCH)?, program(DESKTOP)?, program(EMPTY)?])
        .or("A line that ends in `over its bound` names the figure; on a busy machine measure again when it is idle.");
    if let Some(report) = report {
        step = step.args([report]);
    }
    step.run()
}
