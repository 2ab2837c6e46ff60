//! Node and npm: the version check, and an install only when the lock file changed.

use std::path::Path;

use crate::step::{Failure, Step};
use crate::workspace;

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The oldest Node that Vite and the Svelte compiler run on.
const OLDEST: (u32, u32) = (20, 19);

/// What the last install was made from, kept inside the folder that the install makes.
const STAMP: &str = "node_modules/.latchkey-installed-from";

/// Checks that Node is there and new enough.
pub(crate) fn check_node() -> Result<(), Failure> {
    let found = Step::new("node").args(["--version"]).answer();
    let expected = format!("Node {}.{} or newer", OLDEST.0, OLDEST.1);
    let to_do = "Install a current Node from https://nodejs.org and open a new terminal.";
    match found {
        None => Err(Failure::new(expected, "no `node` on the PATH", to_do)),
        Some(version) if is_new_enough(&version) => Ok(()),
        Some(version) => Err(Failure::new(expected, format!("Node {version}"), to_do)),
    }
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) >= OLDEST,
        _ => false,
    }
}

/// Installs the packages of `folder` exactly as its lock file says, unless they are there already.
pub(crate) fn install(folder: &Path) -> Result<(), Failure> {
    let lock = folder.join("package-lock.json");
    let wanted = std::fs::read(&lock).map_err(|error| Failure::file("read", &lock, &error))?;
    let stamp = folder.join(STAMP);
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        println!("  packages of {} are up to date", shown(folder));
        return Ok(());
    }
    println!("  installing the packages of {}", shown(folder));
    // `npm ci` empties node_modules first, so a stamp never outlives an install that broke off.
    npm(folder, &["ci", "--no-audit", "--no-fund", "--no-update-notifier"])
        .or("Check the connection to the npm registry (npm ping); behind a proxy set HTTPS_PROXY.")
        .run()?;
    std::fs::write(&stamp, &wanted).map_err(|error| Failure::file("write", &stamp, &error))
}

/// A script of the folder's package.json.
pub(crate) fn script(folder: &Path, name: &str) -> Step {
    npm(folder, &["run", "--silent", name])
}

/// An npm command in `folder`.
pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Step {
    Step::new(NPM).args(arguments).folder(folder)
}

fn shown(folder: &Path) -> String {
    folder.strip_prefix(workspace::root()).unwrap_or(folder).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_node_that_runs_the_build_is_new_enough() {
        for version in ["v20.19.0", "v20.20.2", "v22.0.0", "24.1.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v20.18.9", "v18.20.0", "", "v", "nonsense"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
