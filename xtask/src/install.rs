//! `cargo xtask install-test`: the packages installed, used, upgraded and removed in a bare Debian, with apt as an administrator
//! has it and a desktop as a user has it.
//!
//! The program that does it mounts and starts a lot. It gets mounts and processes of its own from `unshare`, so all of
//! it ends with the program, whatever becomes of that.

use std::path::PathBuf;

use crate::npm;
use crate::setup::{self, Purpose};
use crate::step::{Failure, Step};
use crate::workspace;

const INSTALL_TEST: &str = "latchkey-install-test";

/// What has to be there before minutes are spent: a program and the Debian package that has it.
const NEEDS: [(&str, &str); 4] =
    [("debootstrap", "debootstrap"), ("unshare", "util-linux"), ("gpg", "gnupg"), ("dpkg-deb", "dpkg")];

/// The first process of the test. It waits for the test and buries whatever the test's programs leave behind.
const FIRST: &str = "\"$0\" \"$@\" & wait \"$!\"";

/// The options that go to the program as they are.
#[derive(Default, Debug, PartialEq, Eq)]
struct Wanted {
    packages: Option<PathBuf>,
    mirror: Option<String>,
}

/// `cargo xtask install-test [--packages DIR] [--mirror URL]`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let wanted = read(arguments)?;
    check()?;
    let to_build = wanted.packages.is_none();
    println!("[1/3] Set-up");
    setup::prepare(if to_build { Purpose::Window } else { Purpose::Terminal })?;
    println!("[2/3] What installs and looks");
    if to_build {
        npm::script(&workspace::ui(), "build").run()?;
    }
    workspace::cargo(["build", "--quiet", "--package", INSTALL_TEST]).run()?;
    println!(
        "[3/3] A bare Debian (packages are built first unless --packages names them; that takes minutes)"
    );
    let target = workspace::target()?;
    let cache = target.join("install-test");
    std::fs::create_dir_all(&cache).map_err(|error| Failure::file("make", &cache, &error))?;
    let mut step = Step::new("unshare")
        .args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .args(["sh", "-c", FIRST])
        .args([workspace::program(INSTALL_TEST)?])
        .args(["--cache".as_ref(), cache.as_os_str()])
        .args(["--failures".as_ref(), target.join("desktop-failures").as_os_str()])
        .folder(workspace::root())
        .or("The message above says what was expected. Pictures and the session's log are in target/desktop-failures; \
             removing target/install-test lets the next run fetch Debian anew.");
    if let Some(packages) = &wanted.packages {
        let packages = packages.canonicalize().map_err(|error| Failure::file("read", packages, &error))?;
        step = step.args(["--packages".as_ref(), packages.as_os_str()]);
    }
    if let Some(mirror) = &wanted.mirror {
        step = step.args(["--mirror", mirror]);
    }
    let outcome = step.run();
    // Nothing is mounted in it any more, nor was anything but what the test made.
    let root = cache.join("root");
    let removed = Step::new("rm").args(["--recursive", "--force", "--one-file-system"]).args([&root]).run();
    outcome.and(removed)
}

fn check() -> Result<(), Failure> {
    if std::env::consts::OS != "linux" {
        return Err(Failure::new(
            "Linux, which the packages are for",
            std::env::consts::OS,
            "Run it on Debian.",
        ));
    }
    if Step::new("id").args(["-u"]).answer().is_none_or(|id| id != "0") {
        return Err(Failure::new(
            "to be root, who alone may make a Debian in a folder and enter it",
            "another user",
            "Run it as root, on a machine or in a virtual machine that is yours.",
        ));
    }
    for (program, package) in NEEDS {
        if Step::new(program).args(["--version"]).answer().is_none() {
            return Err(Failure::new(
                format!("{program}, which the test needs"),
                "it is not on the PATH",
                format!("apt-get install {package}"),
            ));
        }
    }
    Ok(())
}

fn read(arguments: &[String]) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    let mut rest = arguments.iter();
    while let Some(option) = rest.next() {
        match (option.as_str(), rest.next()) {
            ("--packages", Some(folder)) => wanted.packages = Some(folder.into()),
            ("--mirror", Some(address)) => wanted.mirror = Some(address.clone()),
            _ => return Err(Failure::usage("nothing, --packages DIR or --mirror URL", option)),
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_an_unknown_one_names_the_known_ones() {
        let read = |line: &str| read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let wanted = read("--packages dist --mirror http://127.0.0.1/debian").unwrap();
        assert_eq!(wanted.packages, Some(PathBuf::from("dist")));
        assert_eq!(wanted.mirror.as_deref(), Some("http://127.0.0.1/debian"));
        assert_eq!(read("").unwrap(), Wanted::default());
        for line in ["--packages", "dist", "--keep x"] {
            assert!(read(line).unwrap_err().expected.contains("--packages DIR"), "{line}");
        }
    }
}
