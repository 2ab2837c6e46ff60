//! Where things are, and the one way in which the workspace is built.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::step::{Failure, Step};

/// The window's package and program.
pub(crate) const DESKTOP: &str = "latchkey-desktop";
/// The command line's package and program.
pub(crate) const CLI: &str = "latchkey";

/// The folder that holds the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// The packages that the page and the independent providers need.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// A cargo step in the workspace, with the cargo that started us.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Step {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Step::new(program).args(arguments).folder(root())
}

/// A cargo step over every package but this one, always with the same features.
///
/// The stages of `cargo xtask test` must agree on packages and features, or cargo builds the dependencies once for
/// each of them. This package stays out because a running program cannot be replaced on Windows.
pub(crate) fn cargo_everything<'a>(subcommand: &'a str, rest: impl IntoIterator<Item = &'a str>) -> Step {
    let mut arguments = vec![subcommand, "--workspace", "--exclude", "xtask", "--all-features"];
    if in_ci() {
        arguments.push("--locked");
    }
    arguments.extend(rest);
    cargo(arguments)
}

/// Whether a machine runs this, which means that nobody can answer a question.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// The path of a program of the workspace, in the debug profile.
pub(crate) fn program(name: &str) -> Result<PathBuf, Failure> {
    let folder = target()?.join("debug");
    Ok(folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder that cargo builds into, wherever it was told to.
pub(crate) fn target() -> Result<PathBuf, Failure> {
    let failure = |came: &str| {
        Failure::new("cargo metadata to name the target folder", came, "Check Cargo.toml: cargo metadata")
    };
    let text = cargo(["metadata", "--no-deps", "--format-version", "1"])
        .answer()
        .ok_or_else(|| failure("no answer"))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| failure(&error.to_string()))?;
    let folder = metadata["target_directory"].as_str().ok_or_else(|| failure("no target_directory"))?;
    Ok(PathBuf::from(folder))
}
