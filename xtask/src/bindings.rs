//! The TypeScript types of the page, written by ts-rs from the Rust types that cross to it.
//!
//! ts-rs makes one test for each exported type (`export_bindings_…`), and each writes a file. They are written to a
//! folder of their own and compared, so a check never changes the source, and a type that is gone is noticed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::step::Failure;
use crate::workspace;

/// `cargo xtask bindings`: writes them again.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        return Err(Failure::usage("no argument", argument));
    }
    let fresh = generate()?;
    let differences = differences(&committed(), &fresh)?;
    if differences.is_empty() {
        println!("  the bindings are up to date");
        return Ok(());
    }
    let folder = committed();
    for difference in &differences {
        let (from, to) = (fresh.join(difference.path()), folder.join(difference.path()));
        let outcome = match difference {
            Difference::Stray(_) => std::fs::remove_file(&to),
            Difference::Missing(_) | Difference::Changed(_) => {
                to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
                    std::fs::copy(&from, &to)?;
                    Ok(())
                })
            }
        };
        outcome.map_err(|error| Failure::file("write", &to, &error))?;
        println!("  {difference}");
    }
    Ok(())
}

/// Fails when the committed bindings are not what the Rust types give.
pub(crate) fn check() -> Result<(), Failure> {
    let differences = differences(&committed(), &generate()?)?;
    if differences.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = differences.iter().map(ToString::to_string).collect();
    Err(Failure::new(
        "ui/src/lib/bindings to be what the Rust types give",
        list.join("\n            "),
        "cargo xtask bindings, then look at the change and commit it.",
    ))
}

fn committed() -> PathBuf {
    workspace::ui().join("src/lib/bindings")
}

/// Writes the bindings into a fresh folder below the target folder.
fn generate() -> Result<PathBuf, Failure> {
    let folder = workspace::target()?.join("bindings");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| Failure::file("empty", &folder, &error))?;
    }
    workspace::cargo_everything("test", ["--lib", "--bins", "export_bindings"])
        .variable("TS_RS_EXPORT_DIR", &folder)
        .or("Correct the type that ts-rs cannot express, or name its TypeScript with #[ts(type = \"…\")].")
        .run()?;
    Ok(folder)
}

/// One file that is not as it should be; the path is relative to the bindings folder.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    Missing(PathBuf),
    Changed(PathBuf),
    Stray(PathBuf),
}

impl Difference {
    fn path(&self) -> &Path {
        match self {
            Self::Missing(path) | Self::Changed(path) | Self::Stray(path) => path,
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path().display();
        match self {
            Self::Missing(_) => write!(formatter, "{path}: not there yet"),
            Self::Changed(_) => write!(formatter, "{path}: differs"),
            Self::Stray(_) => write!(formatter, "{path}: no Rust type writes it"),
        }
    }
}

fn differences(committed: &Path, fresh: &Path) -> Result<Vec<Difference>, Failure> {
    let (mut old, new) = (files(committed)?, files(fresh)?);
    let mut found = Vec::new();
    for (path, content) in new {
        match old.remove(&path) {
            None => found.push(Difference::Missing(path)),
            // Git may have changed the line ends on the way in.
            Some(before) if before.replace("\r\n", "\n") != content.replace("\r\n", "\n") => {
                found.push(Difference::Changed(path));
            }
            Some(_) => {}
        }
    }
    found.extend(old.into_keys().map(Difference::Stray));
    Ok(found)
}

/// Every file below `folder`, by relative path; none when the folder is not there.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, String>, Failure> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = match std::fs::read_dir(&next) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::file("read", &next, &error)),
        };
        for entry in entries {
            let path = entry.map_err(|error| Failure::file("read", &next, &error))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let text =
                    std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, &error))?;
                found.insert(path.strip_prefix(folder).unwrap_or(&path).to_path_buf(), text);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_changed_and_stray_files_are_told_apart() {
        let folder = std::env::temp_dir().join(format!("latchkey-xtask-bindings-{}", std::process::id()));
        let (old, new) = (folder.join("old"), folder.join("new"));
        std::fs::create_dir_all(old.join("deep")).unwrap();
        std::fs::create_dir_all(new.join("deep")).unwrap();
        for (path, text) in [
            (old.join("Same.ts"), "one\r\n"),
            (new.join("Same.ts"), "one\n"),
            (old.join("deep/Changed.ts"), "one"),
            (new.join("deep/Changed.ts"), "two"),
            (old.join("Gone.ts"), ""),
            (new.join("New.ts"), ""),
        ] {
            std::fs::write(path, text).unwrap();
        }
        let found = differences(&old, &new).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            found,
            [
                Difference::Missing("New.ts".into()),
                Difference::Changed("deep/Changed.ts".into()),
                Difference::Stray("Gone.ts".into()),
            ]
        );
    }
}
