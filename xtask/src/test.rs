//! `cargo xtask test`: everything that has to hold, the quick and likely failures first.
//!
//! All stages that build use the same packages, features and profile, so no dependency is compiled twice for one
//! purpose: `lint` and `docs` share one set of checked dependencies, `build`, `bindings` and `tests` one of built ones.

use std::time::{Duration, Instant};

use crate::bindings;
use crate::licences;
use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, seconds};
use crate::workspace;

struct Stage {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), Failure>,
}

const STAGES: &[Stage] = &[
    Stage { name: "setup", about: "system packages, Node, packages of the page", run: set_up },
    Stage { name: "format", about: "Rust as cargo fmt writes it", run: format },
    Stage { name: "licences", about: "what may be linked in", run: licences::check },
    Stage { name: "ui", about: "format, lints, types, tests and build of the page", run: ui },
    Stage { name: "peers", about: "packages of the independent providers", run: peers },
    Stage { name: "lint", about: "Clippy, warnings are errors", run: lint },
    Stage { name: "docs", about: "documentation without warnings", run: docs },
    Stage { name: "build", about: "the programs and every test", run: build },
    Stage { name: "bindings", about: "TypeScript types as the Rust types give them", run: bindings::check },
    Stage { name: "tests", about: "every test, the real window too", run: tests },
];

/// `cargo xtask test`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let chosen = match arguments {
        [] => STAGES,
        [option] if option == "--list" => {
            for stage in STAGES {
                println!("  {:<10}{}", stage.name, stage.about);
            }
            return Ok(());
        }
        [option, name] if option == "--only" => {
            let index = position(name)?;
            &STAGES[index..=index]
        }
        [option, name] if option == "--from" => &STAGES[position(name)?..],
        [option] if option == "--only" || option == "--from" => {
            return Err(Failure::usage(format!("a stage after {option}: {}", names()), ""));
        }
        [other, ..] => return Err(Failure::usage("--list, --only STAGE or --from STAGE", other)),
    };

    let mut times = Vec::new();
    let mut outcome = Ok(());
    for (index, stage) in chosen.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", index + 1, chosen.len(), stage.name, stage.about);
        let started = Instant::now();
        outcome = (stage.run)();
        times.push(started.elapsed());
        if outcome.is_err() {
            break;
        }
    }
    println!("\n{}", summary(chosen, &times, outcome.is_ok()));
    outcome.map_err(|failure| {
        let name = chosen[times.len().saturating_sub(1)].name;
        Failure {
            to_do: format!("{}\n            Then go on with: cargo xtask test --from {name}", failure.to_do),
            ..failure
        }
    })
}

fn position(name: &str) -> Result<usize, Failure> {
    STAGES
        .iter()
        .position(|stage| stage.name == name)
        .ok_or_else(|| Failure::usage(format!("a stage: {}", names()), name))
}

fn names() -> String {
    STAGES.iter().map(|stage| stage.name).collect::<Vec<_>>().join(", ")
}

fn summary(stages: &[Stage], times: &[Duration], all_passed: bool) -> String {
    let mut text = String::new();
    for (index, stage) in stages.iter().enumerate() {
        let (result, time) = match times.get(index) {
            None => ("not run", String::new()),
            Some(time) if index + 1 == times.len() && !all_passed => ("failed", seconds(*time)),
            Some(time) => ("passed", seconds(*time)),
        };
        text.push_str(&format!("  {:<10}{result:<9}{time:>14}\n", stage.name));
    }
    text.push_str(&format!("  {:<19}{:>14}", "together", seconds(times.iter().sum())));
    text
}

fn set_up() -> Result<(), Failure> {
    setup::prepare(Purpose::Test)
}

fn format() -> Result<(), Failure> {
    workspace::cargo(["fmt", "--all", "--check"]).or("cargo fmt --all").run()
}

fn ui() -> Result<(), Failure> {
    let folder = workspace::ui();
    npm::install(&folder)?;
    npm::script(&folder, "format:check").or("npm run format, in ui").run()?;
    npm::script(&folder, "lint").run()?;
    npm::script(&folder, "check").run()?;
    npm::script(&folder, "test").run()?;
    // The window's program contains the page, so this comes before anything that compiles it.
    npm::script(&folder, "build").run()
}

fn peers() -> Result<(), Failure> {
    let folder = workspace::root().join("tests/peers");
    let entries = std::fs::read_dir(&folder).map_err(|error| Failure::file("read", &folder, &error))?;
    let mut peers: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("package-lock.json").is_file())
        .collect();
    peers.sort();
    peers.iter().try_for_each(|peer| npm::install(peer))
}

fn lint() -> Result<(), Failure> {
    workspace::cargo_everything("clippy", ["--all-targets", "--", "--deny", "warnings"])
        .or("Correct what Clippy names, or allow it at that place with a reason.")
        .run()?;
    workspace::cargo(["clippy", "--package", "xtask", "--all-targets", "--", "--deny", "warnings"]).run()
}

fn docs() -> Result<(), Failure> {
    workspace::cargo_everything("doc", ["--no-deps"]).variable("RUSTDOCFLAGS", "--deny warnings").run()
}

fn build() -> Result<(), Failure> {
    workspace::cargo_everything("build", ["--all-targets"]).run()
}

fn tests() -> Result<(), Failure> {
    workspace::cargo(["test", "--package", "xtask"]).run()?;
    workspace::cargo_everything("test", ["--no-fail-fast"])
        .or("Find `FAILED` in the output above; one test alone: cargo test --package PACKAGE NAME")
        .run()
}

#[cfg(test)]
mod tests_of_the_stages {
    use super::*;

    #[test]
    fn the_page_is_built_before_the_window_that_contains_it() {
        for stage in ["lint", "docs", "build", "bindings", "tests"] {
            assert!(position("ui").unwrap() < position(stage).unwrap());
        }
    }

    #[test]
    fn the_summary_tells_passed_failed_and_not_run_apart() {
        let times = [Duration::from_secs(2), Duration::from_secs(90)];
        let text = summary(&STAGES[..3], &times, false);
        assert!(text.contains("setup     passed"), "{text}");
        assert!(text.contains("format    failed"), "{text}");
        assert!(text.contains("licences  not run"), "{text}");
        assert!(text.contains("1 min 32 s"), "{text}");
        assert!(!summary(&STAGES[..2], &times, true).contains("failed"));
    }

    #[test]
    fn an_unknown_stage_names_the_known_ones() {
        let failure = run(&["--only".to_owned(), "tets".to_owned()]).unwrap_err();
        assert!(failure.expected.contains("bindings, tests"));
    }
}
