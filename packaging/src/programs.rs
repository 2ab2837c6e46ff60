//! The two programs, built so that nothing of the machine is in them, and what they say about themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::read;
use crate::project::{DESKTOP, NAME, Project, cargo};
use crate::tool::Tool;
use crate::{Error, Result};

/// Where the programs are built, below the project: not the folder of everyday builds, since other flags there would build
/// every dependency again.
pub const TARGET: &str = "target/package";

/// The shells that packages bring completions for.
pub const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// The built programs and what was made by running them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// Where the window's program is.
    pub desktop: PathBuf,
    /// Where the command line is.
    pub cli: PathBuf,
    /// The manual pages of the command line, by file name.
    pub manual: BTreeMap<String, Vec<u8>>,
    /// Completions, by shell.
    pub completions: BTreeMap<&'static str, Vec<u8>>,
}

/// Builds both programs into `target`, which is [`TARGET`] unless somebody wants to compare.
pub fn build(project: &Project, target: &Path) -> Result<Programs> {
    let places = Places::of(project, target)?;
    // Not RUSTFLAGS, whose flags end at a space.
    let flags = places.rust_flags().join("\u{1f}");
    let compiler = places.c_flags();
    let with_ours = |name: &str| match std::env::var(name) {
        Ok(theirs) if !theirs.is_empty() => format!("{theirs} {compiler}"),
        _ => compiler.clone(),
    };
    cargo()
        .args(["build", "--release", "--locked", "--package", DESKTOP, "--package", NAME, "--target-dir"])
        .args([target])
        .folder(&project.root)
        .variable("CARGO_ENCODED_RUSTFLAGS", flags)
        .variable("CFLAGS", with_ours("CFLAGS"))
        .variable("CXXFLAGS", with_ours("CXXFLAGS"))
        .variable("SOURCE_DATE_EPOCH", project.epoch.to_string())
        .run_shown()?;
    let folder = target.join("release");
    let (desktop, cli) = (folder.join(DESKTOP), folder.join(NAME));
    for program in [&desktop, &cli] {
        places.check(program)?;
    }
    let manual = manual(&cli)?;
    let completions = completions(&cli)?;
    Ok(Programs { desktop, cli, manual, completions })
}

/// The folders of this machine that compilers write into programs, each with what stands there instead.
///
/// The names are those of sources that were unpacked where Debian unpacks them, so a backtrace stays readable.
struct Places(Vec<(String, &'static str)>);

impl Places {
    fn of(project: &Project, target: &Path) -> Result<Self> {
        let home = std::env::home_dir().unwrap_or_default();
        let from = |name: &str, folder: &str| {
            std::env::var_os(name).map_or_else(|| home.join(folder), PathBuf::from)
        };
        let mut folders = vec![
            (from("CARGO_HOME", ".cargo"), "/usr/src/cargo"),
            (from("RUSTUP_HOME", ".rustup"), "/usr/src/rustup"),
            (project.root.clone(), "/usr/src/latchkey"),
        ];
        // The same name as where it usually is.
        if target != project.root.join(TARGET) {
            folders.push((target.to_path_buf(), "/usr/src/latchkey/target/package"));
        }
        let mut places = Vec::new();
        for (path, name) in folders {
            let text = path.to_str().filter(|text| !text.contains(char::is_whitespace)).ok_or_else(|| {
                Error::unfit(format!(
                    "compilers cannot be told about {}; build in a folder without spaces, named in UTF-8",
                    path.display()
                ))
            })?;
            places.push((text.trim_end_matches('/').to_owned(), name));
        }
        Ok(Self(places))
    }

    fn rust_flags(&self) -> Vec<String> {
        // The last that fits is used.
        self.0.iter().map(|(path, name)| format!("--remap-path-prefix={path}={name}")).collect()
    }

    fn c_flags(&self) -> String {
        let flags: Vec<String> =
            self.0.iter().map(|(path, name)| format!("-ffile-prefix-map={path}={name}")).collect();
        flags.join(" ")
    }

    /// Fails when a program names a folder of this machine all the same.
    fn check(&self, program: &Path) -> Result<()> {
        let bytes = read(program)?;
        for (path, _) in self.0.iter().filter(|(path, name)| path != name) {
            if let Some(place) = find(&bytes, path.as_bytes()) {
                let end = bytes.len().min(place + 120);
                let seen = String::from_utf8_lossy(&bytes[place..end]).into_owned();
                let shown: String = seen.chars().take_while(|letter| !letter.is_control()).collect();
                return Err(Error::unfit(format!(
                    "{} names a folder of this machine: {shown}",
                    program.display()
                )));
            }
        }
        Ok(())
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn manual(cli: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let folder = tempfile::tempdir().map_err(Error::file("make", Path::new("a temporary folder")))?;
    Tool::new(cli, NAME).args(["manual".as_ref(), folder.path().as_os_str()]).run()?;
    let mut pages = BTreeMap::new();
    let entries = std::fs::read_dir(folder.path()).map_err(Error::file("read", folder.path()))?;
    for entry in entries {
        let entry = entry.map_err(Error::file("read", folder.path()))?;
        pages.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?);
    }
    Ok(pages)
}

fn completions(cli: &Path) -> Result<BTreeMap<&'static str, Vec<u8>>> {
    let script = |shell| Ok((shell, Tool::new(cli, NAME).args(["completions", shell]).run()?.out));
    SHELLS.into_iter().map(script).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_names_a_folder_of_this_machine_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let places = Places(vec![("/somewhere/else".to_owned(), "/usr/src/latchkey")]);
        std::fs::write(&program, b"\0/usr/src/latchkey/src/main.rs\0").unwrap();
        places.check(&program).unwrap();
        std::fs::write(&program, b"\0/somewhere/else/src/main.rs\0after").unwrap();
        let message = places.check(&program).unwrap_err().to_string();
        assert!(message.ends_with("/somewhere/else/src/main.rs"), "{message}");
    }

    #[test]
    fn each_compiler_is_told_every_folder() {
        let places =
            Places(vec![("/a".to_owned(), "/usr/src/cargo"), ("/b".to_owned(), "/usr/src/latchkey")]);
        assert_eq!(places.rust_flags()[1], "--remap-path-prefix=/b=/usr/src/latchkey");
        assert_eq!(
            places.c_flags(),
            "-ffile-prefix-map=/a=/usr/src/cargo -ffile-prefix-map=/b=/usr/src/latchkey"
        );
    }
}
