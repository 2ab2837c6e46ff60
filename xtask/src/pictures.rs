//! `cargo xtask pictures`: the pictures of the documents, taken from the real window.
//!
//! The window is driven as its tests drive it, on a screen and with a keychain of its own.

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step};
use crate::workspace::{self, DESKTOP};

/// `cargo xtask pictures`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let [other, ..] = arguments {
        return Err(Failure::usage("nothing", other));
    }
    if std::env::consts::OS != "linux" {
        return Err(Failure::new(
            "Linux, where the window can be driven on a display of its own",
            std::env::consts::OS,
            "Take the pictures on Linux.",
        ));
    }
    let folder = workspace::root().join("docs/pictures");
    println!("[1/4] Set-up");
    setup::prepare(Purpose::Test)?;
    println!("[2/4] The page");
    npm::script(&workspace::ui(), "build").run()?;
    println!("[3/4] The window, and what drives it");
    workspace::cargo_everything("build", ["--bin", DESKTOP, "--example", "pictures"]).run()?;
    println!("[4/4] The pictures");
    let programs = workspace::target()?.join("debug");
    Step::new(programs.join("examples/pictures"))
        .args([&folder])
        .variable("LATCHKEY_TEST_PROGRAMS", &programs)
        .or("What was on the screen when it failed is in target/desktop-failures.")
        .run()?;
    compress(&folder)
}

/// Makes the files smaller where a program for that is there; they are good without.
fn compress(folder: &std::path::Path) -> Result<(), Failure> {
    if Step::new("pngquant").args(["--version"]).answer().is_none() {
        println!("  pngquant is not there, so the pictures stay as large as the window's driver wrote them");
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::file("read", folder, &error))?;
    let mut pictures: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    pictures.sort();
    Step::new("pngquant").args(["--force", "--ext", ".png", "--strip", "--speed", "1"]).args(pictures).run()
}
