//! `cargo xtask package`, `sign`, `verify` and `package-test`: the set-up and the page, then the program that does the work.
//!
//! That program is a crate of its own, so that this one stays free of what packages are written with.

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step};
use crate::workspace;

const PACKAGING: &str = "latchkey-packaging";

/// `cargo xtask package --out DIR [--with FOLDER] [--revision N]`.
pub(crate) fn package(arguments: &[String]) -> Result<(), Failure> {
    build_and("package", arguments)
}

/// `cargo xtask package-test [--rebuild]`.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    build_and("package-test", arguments)
}

/// `cargo xtask sign DIR`.
pub(crate) fn sign(arguments: &[String]) -> Result<(), Failure> {
    start("sign", arguments)
}

/// `cargo xtask verify DIR [--key FILE]`.
pub(crate) fn verify(arguments: &[String]) -> Result<(), Failure> {
    start("verify", arguments)
}

fn build_and(command: &str, arguments: &[String]) -> Result<(), Failure> {
    only_on_linux()?;
    println!("[1/3] Set-up");
    setup::prepare(Purpose::Package)?;
    println!("[2/3] The page");
    npm::script(&workspace::ui(), "build").run()?;
    println!("[3/3] The packages (the first time this takes minutes)");
    start(command, arguments)
}

fn start(command: &str, arguments: &[String]) -> Result<(), Failure> {
    only_on_linux()?;
    workspace::cargo(["build", "--quiet", "--package", PACKAGING]).run()?;
    Step::new(workspace::program(PACKAGING)?)
        .args([command])
        .args(arguments)
        .keeping_the_signing_key()
        .or("The message above names the file or the program; docs/release.md says what is needed.")
        .run()
}

fn only_on_linux() -> Result<(), Failure> {
    match std::env::consts::OS {
        "linux" => Ok(()),
        other => Err(Failure::new(
            "Linux, which the packages are for",
            other,
            "docs/release.md says how installers for other systems are made.",
        )),
    }
}
