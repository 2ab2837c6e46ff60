//! What has to be on the machine before anything is built: system packages, Node, the page's packages.
//!
//! On Debian and its relatives the missing packages are installed; elsewhere they are named. Nothing of the user's
//! own set-up is changed: no global npm package, no toolchain, no configuration.

use std::path::Path;

use crate::npm;
use crate::step::{Failure, Step};
use crate::workspace;

/// What the machine is to be able to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// Build the command line.
    Terminal,
    /// Build and open the window.
    Window,
    /// Run every test, the window's too.
    Test,
    /// Make, sign and verify packages, and ask the distributions' checks what they think of them.
    Package,
}

/// A C compiler for the cryptography, and the certificates that cargo and npm trust.
const TERMINAL: [&str; 2] = ["build-essential", "ca-certificates"];

/// The web view and what the toolkit links against.
const WINDOW: [&str; 3] = ["libwebkit2gtk-4.1-dev", "librsvg2-dev", "pkg-config"];

/// A screen, a driver for the web view, a message bus and a keychain, all of them only for the tests.
const TEST: [&str; 8] =
    ["webkit2gtk-driver", "xvfb", "xauth", "xdotool", "dbus", "gnome-keyring", "libsecret-tools", "curl"];

/// What packages are made, signed and judged with.
const PACKAGE: [&str; 9] = [
    "appstream",
    "debsig-verify",
    "debsigs",
    "desktop-file-utils",
    "dpkg-dev",
    "git",
    "gnupg",
    "lintian",
    "rpm",
];

impl Purpose {
    fn packages(self) -> Vec<&'static str> {
        let sets: &[&[&'static str]] = match self {
            Self::Terminal => &[&TERMINAL],
            Self::Window => &[&TERMINAL, &WINDOW],
            Self::Test => &[&TERMINAL, &WINDOW, &TEST],
            Self::Package => &[&TERMINAL, &WINDOW, &PACKAGE],
        };
        sets.concat()
    }
}

/// `cargo xtask setup`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    match arguments {
        [] => prepare(Purpose::Test),
        [one] if one == "test" => prepare(Purpose::Test),
        [one] if one == "run" => prepare(Purpose::Window),
        [other, ..] => Err(Failure::usage("run or test", other)),
    }
}

/// Makes the machine ready for `purpose`.
pub(crate) fn prepare(purpose: Purpose) -> Result<(), Failure> {
    system(purpose)?;
    if purpose != Purpose::Terminal {
        npm::check_node()?;
        npm::install(&workspace::ui())?;
    }
    Ok(())
}

fn system(purpose: Purpose) -> Result<(), Failure> {
    match std::env::consts::OS {
        "linux" if is_debian(&release()) => debian(purpose),
        "linux" => other_linux(purpose),
        "macos" => macos(purpose),
        "windows" => {
            println!(
                "  Windows needs the Visual Studio Build Tools (C++) and WebView2, which Windows 11 has"
            );
            without_window_tests(purpose)
        }
        other => {
            println!("  no set-up is known for {other}; going on");
            Ok(())
        }
    }
}

fn release() -> String {
    std::fs::read_to_string("/etc/os-release").unwrap_or_default()
}

/// Whether /etc/os-release describes Debian or a system made from it, and so has dpkg and apt.
fn is_debian(release: &str) -> bool {
    release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .any(|id| id == "debian" || id == "ubuntu")
}

fn debian(purpose: Purpose) -> Result<(), Failure> {
    let missing: Vec<&str> =
        purpose.packages().into_iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        println!("  system packages are there");
        return Ok(());
    }
    println!("  installing with apt-get: {}", missing.join(" "));
    let by_hand =
        format!("Install them yourself, as root: apt-get update && apt-get install {}", missing.join(" "));
    apt_get(&["update"], &by_hand)?.run()?;
    let install: Vec<&str> =
        ["install", "--yes", "--no-install-recommends"].into_iter().chain(missing.iter().copied()).collect();
    apt_get(&install, &by_hand)?.run()?;
    match missing.into_iter().find(|package| !is_installed(package)) {
        None => Ok(()),
        Some(package) => Err(Failure::new(format!("{package} to be installed"), "it is not", by_hand)),
    }
}

fn is_installed(package: &str) -> bool {
    Step::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}\n", package])
        .answer()
        .is_some_and(|states| states.lines().any(|state| state == "installed"))
}

/// An apt-get step as root: directly, or with sudo. It waits for another apt to finish and never asks anything but,
/// in a terminal, sudo's password.
fn apt_get(arguments: &[&str], by_hand: &str) -> Result<Step, Failure> {
    let is_root = Step::new("id").args(["-u"]).answer().is_some_and(|id| id == "0");
    let prefix: &[&str] = if is_root {
        &["env"]
    } else if Step::new("sudo").args(["--version"]).answer().is_none() {
        return Err(Failure::new("to be root, or to have sudo", "neither", by_hand));
    } else if workspace::in_ci() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        &["sudo", "--non-interactive", "env"]
    } else {
        &["sudo", "env"]
    };
    let step = Step::new(prefix[0])
        .args(&prefix[1..])
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
        .args(["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"])
        .args(arguments)
        .or(by_hand);
    Ok(if is_root { step } else { step.interactive() })
}

fn other_linux(purpose: Purpose) -> Result<(), Failure> {
    let to_do = "Fedora: dnf install webkit2gtk4.1-devel librsvg2-devel gcc gcc-c++ make pkgconf-pkg-config. \
                 Arch: pacman -S webkit2gtk-4.1 librsvg base-devel.";
    if purpose != Purpose::Terminal {
        for library in ["webkit2gtk-4.1", "librsvg-2.0"] {
            let there = Step::new("pkg-config").args(["--print-errors", "--exists", library]).answer();
            if there.is_none() {
                let came = "pkg-config does not know it";
                return Err(Failure::new(format!("{library} with its development files"), came, to_do));
            }
        }
    }
    if purpose == Purpose::Test {
        let programs =
            ["WebKitWebDriver", "Xvfb", "xdotool", "dbus-run-session", "gnome-keyring-daemon", "secret-tool"];
        if let Some(program) = programs.into_iter().find(|program| !is_on_path(program)) {
            return Err(Failure::new(
                format!("{program}, which the tests of the window need"),
                "it is not on the PATH",
                "Install the web driver of WebKitGTK 4.1, Xvfb, xdotool, D-Bus, gnome-keyring and libsecret's tools.",
            ));
        }
    }
    Ok(())
}

fn is_on_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
    })
}

fn macos(purpose: Purpose) -> Result<(), Failure> {
    if Step::new("xcode-select").args(["--print-path"]).answer().is_none() {
        let expected = "Apple's command line tools";
        return Err(Failure::new(expected, "xcode-select finds none", "Run: xcode-select --install"));
    }
    without_window_tests(purpose)
}

/// The tests of the window drive WebKitGTK, so they run on Linux only.
fn without_window_tests(purpose: Purpose) -> Result<(), Failure> {
    if purpose == Purpose::Test {
        println!("  the tests of the real window need Linux; here they are left out");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_its_relatives_are_known() {
        for release in [
            "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n",
            "ID=ubuntu\nID_LIKE=debian\n",
            "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
        ] {
            assert!(is_debian(release), "{release}");
        }
        for release in
            ["ID=fedora\n", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "", "NAME=debian\n"]
        {
            assert!(!is_debian(release), "{release}");
        }
    }

    #[test]
    fn each_purpose_needs_what_the_smaller_one_needs() {
        let (terminal, window, test) =
            (Purpose::Terminal.packages(), Purpose::Window.packages(), Purpose::Test.packages());
        assert!(terminal.iter().all(|package| window.contains(package)));
        assert!(window.iter().all(|package| test.contains(package)));
        assert!(!window.contains(&"xvfb"));
    }
}
