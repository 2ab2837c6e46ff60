//! `cargo xtask`: set-up, run, test and the other chores, so that nobody has to remember how.
//!
//! It is built before anything else on a bare machine, so it depends on next to nothing, and never on the crates
//! of the workspace: a broken workspace must still be able to say what is wrong with it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "telling people what happens is all it does")]

mod bench;
mod bindings;
mod icons;
mod install;
mod licences;
mod npm;
mod packages;
mod pictures;
mod run;
mod setup;
mod step;
mod test;
mod workspace;

use std::process::ExitCode;

use step::Failure;

/// One subcommand. A new one is a module with a `run` function and a line in [`COMMANDS`].
struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        usage: "run [--terminal]",
        about:
            "Set up, build and open the window with the demo tenant. Without a display, or with --terminal,
              the same sign-in in the terminal",
        run: run::run,
    },
    Command {
        name: "test",
        usage: "test [--list] [--only STAGE | --from STAGE]",
        about: "Set up and check everything: format, lints, types, documentation, every test",
        run: test::run,
    },
    Command {
        name: "bench",
        usage: "bench [--report FILE] [--packages DIR] [--only PART]",
        about: "Measure each figure beside its floor and what people use instead, in the release profile",
        run: bench::run,
    },
    Command {
        name: "setup",
        usage: "setup [run|test]",
        about: "Install what `run` or `test` (the default) needs, and nothing else",
        run: setup::run,
    },
    Command {
        name: "bindings",
        usage: "bindings",
        about: "Write the TypeScript types of the page again from the Rust types",
        run: bindings::run,
    },
    Command {
        name: "icons",
        usage: "icons",
        about: "Draw the bundler's icons again from icons/latchkey.svg",
        run: icons::run,
    },
    Command {
        name: "pictures",
        usage: "pictures",
        about: "Take the pictures in docs/pictures again from the real window",
        run: pictures::run,
    },
    Command {
        name: "package",
        usage: "package --out DIR [--with FOLDER] [--revision N]",
        about: "Make the .deb and the .rpm, signed if LATCHKEY_SIGNING_KEY holds a key; FOLDER has other systems' installers",
        run: packages::package,
    },
    Command {
        name: "sign",
        usage: "sign DIR",
        about: "Sign packages that are there, and the sums of all that is beside them",
        run: packages::sign,
    },
    Command {
        name: "verify",
        usage: "verify DIR [--key FILE]",
        about: "Check the sums, signatures, repository and sizes of a release",
        run: packages::verify,
    },
    Command {
        name: "package-test",
        usage: "package-test [--rebuild]",
        about: "Package twice and compare, sign with a key made for it, damage each file and see it noticed",
        run: packages::test,
    },
    Command {
        name: "install-test",
        usage: "install-test [--packages DIR] [--mirror URL]",
        about: "As root: install, use, upgrade and remove the packages in a bare Debian made for it; DIR has signed ones",
        run: install::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Failure> {
    let (name, rest) = match arguments.split_first() {
        None => ("help", arguments),
        Some((name, rest)) => (name.as_str(), rest),
    };
    if matches!(name, "help" | "--help" | "-h") {
        print!("{}", help());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        return Err(Failure::usage(format!("one of {}", names.join(", ")), name));
    };
    if rest.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("cargo xtask {}\n\n  {}", command.usage, command.about);
        return Ok(());
    }
    (command.run)(rest)
}

fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND\n");
    for command in COMMANDS {
        text.push_str(&format!("\n  {}\n              {}\n", command.usage, command.about));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_named_once_and_its_usage_begins_with_its_name() {
        for (index, command) in COMMANDS.iter().enumerate() {
            assert!(command.usage.starts_with(command.name));
            assert!(COMMANDS[index + 1..].iter().all(|other| other.name != command.name));
            assert!(help().contains(command.usage));
        }
    }

    #[test]
    fn an_unknown_command_names_the_known_ones() {
        let failure = dispatch(&["tset".to_owned()]).unwrap_err().to_string();
        assert!(failure.contains("run, test"), "{failure}");
        assert!(failure.contains("tset"), "{failure}");
    }
}
