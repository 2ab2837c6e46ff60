//! `latchkey-packaging`: what `cargo xtask package`, `sign`, `verify` and `package-test` run.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "telling people what happens is all it does")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchkey_packaging::project::Project;
use latchkey_packaging::signing::{KEY, Signer};
use latchkey_packaging::{Error, Result, package, programs, trial, verify};

const USAGE: &str = "\
latchkey-packaging package --out DIR [--with FOLDER] [--revision N]
latchkey-packaging sign DIR
latchkey-packaging verify DIR [--key FILE]
latchkey-packaging documents --out DIR
latchkey-packaging package-test [--rebuild]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let mut options = Options::read(arguments)?;
    match options.command.as_str() {
        "package" => {
            let out = options.out.take().ok_or_else(|| usage("--out DIR is missing"))?;
            make(&options, &out)
        }
        "documents" => {
            let out = options.out.take().ok_or_else(|| usage("--out DIR is missing"))?;
            package::documents(&Project::here(options.revision)?, &out)
        }
        "sign" => {
            let signer = Signer::from_environment()?
                .ok_or_else(|| Error::unfit(format!("{KEY} is not set, so nothing can be signed")))?;
            sign(&signer, &options.folder()?)
        }
        "verify" => check(&options.folder()?, options.key.as_deref()),
        "package-test" => {
            trial::run(&Project::here(options.revision)?, options.rebuild, &|line| println!("  {line}"))
        }
        other => Err(usage(&format!("`{other}` is no command"))),
    }
}

fn make(options: &Options, out: &Path) -> Result<()> {
    // A key that cannot sign should be known before the minutes of a build.
    let signer = Signer::from_environment()?;
    let project = Project::here(options.revision)?;
    let programs = programs::build(&project, &project.root.join(programs::TARGET))?;
    package::assemble(&project, &programs, options.with.as_deref(), out)?;
    match signer {
        Some(signer) => sign(&signer, out),
        None => {
            println!("{KEY} is not set: the packages are not signed.");
            check(out, None)
        }
    }
}

fn sign(signer: &Signer, out: &Path) -> Result<()> {
    package::sign(signer, out)?;
    println!("Signed with {}.", signer.fingerprint());
    check(out, None)
}

fn check(folder: &Path, key: Option<&Path>) -> Result<()> {
    let verdict = verify::folder(folder, key)?;
    verdict.0.iter().for_each(|line| println!("  {line}"));
    println!("{}: verified", folder.display());
    Ok(())
}

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    command: String,
    folder: Option<PathBuf>,
    out: Option<PathBuf>,
    with: Option<PathBuf>,
    key: Option<PathBuf>,
    revision: u32,
    rebuild: bool,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut words = arguments.iter();
        let command = words.next().ok_or_else(|| usage("no command"))?.clone();
        let mut options = Self { command, revision: 1, ..Self::default() };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| usage(&format!("{word} needs a value")));
            match (options.command.as_str(), word.as_str()) {
                ("package" | "documents", "--out") => options.out = Some(value()?.into()),
                ("package", "--with") => options.with = Some(value()?.into()),
                ("package", "--revision") => {
                    options.revision =
                        value()?.parse().map_err(|_| usage("--revision is a number from 1"))?;
                }
                ("verify", "--key") => options.key = Some(value()?.into()),
                ("package-test", "--rebuild") => options.rebuild = true,
                ("sign" | "verify", folder) if !folder.starts_with('-') && options.folder.is_none() => {
                    options.folder = Some(folder.into());
                }
                (command, other) => return Err(usage(&format!("{command} does not take `{other}`"))),
            }
        }
        Ok(options)
    }

    fn folder(&self) -> Result<PathBuf> {
        self.folder.clone().ok_or_else(|| usage("the folder is missing"))
    }
}

fn usage(what: &str) -> Error {
    Error::unfit(format!("{what}\n\n{USAGE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        Options::read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_belong_to_their_command() {
        assert_eq!(read("documents --out dist").unwrap().out, Some("dist".into()));
        let options = read("package --out dist --revision 2").unwrap();
        assert_eq!((options.out, options.revision), (Some("dist".into()), 2));
        assert_eq!(read("verify dist --key k").unwrap().folder, Some("dist".into()));
        for line in [
            "verify dist --out x",
            "documents --out dist --with x",
            "package dist",
            "package --out",
            "sign a b",
            "package --out d --revision x",
        ] {
            assert!(read(line).unwrap_err().to_string().contains("latchkey-packaging package"), "{line}");
        }
    }
}
