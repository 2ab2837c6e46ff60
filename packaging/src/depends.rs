//! What the packages depend on: what the programs are linked with, asked of the system, and the few things that linking
//! does not show.

use std::path::Path;

use crate::elf::Needs;
use crate::error::write;
use crate::programs::Programs;
use crate::project::NAME;
use crate::tool::Tool;
use crate::{Error, Result};

/// TLS trusts the system's certificates, which nothing is linked with.
pub const CERTIFICATES: &str = "ca-certificates";

/// Keychains, of which one is enough, and what opens the system's browser. Without them Latchkey runs, and says what it lacks.
pub const DEB_RECOMMENDS: &str = "gnome-keyring | libkf5wallet-bin | keepassxc, xdg-utils";
/// The same for systems with rpm.
pub const RPM_RECOMMENDS: [&str; 2] =
    ["(gnome-keyring or kf6-kwallet or kf5-kwallet or keepassxc)", "xdg-utils"];

/// The Debian packages of the libraries, for builders without `dpkg-shlibdeps`. No versions are known there.
const DEB_PACKAGES: &[(&str, &str)] = &[
    ("ld-linux-x86-64.so.2", "libc6"),
    ("ld-linux-aarch64.so.1", "libc6"),
    ("libc.so.6", "libc6"),
    ("libm.so.6", "libc6"),
    ("libgcc_s.so.1", "libgcc-s1"),
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libgobject-2.0.so.0", "libglib2.0-0"),
    ("libgio-2.0.so.0", "libglib2.0-0"),
    ("libgtk-3.so.0", "libgtk-3-0"),
    ("libgdk-3.so.0", "libgtk-3-0"),
    ("libgdk_pixbuf-2.0.so.0", "libgdk-pixbuf-2.0-0"),
    ("libcairo.so.2", "libcairo2"),
    ("libcairo-gobject.so.2", "libcairo-gobject2"),
    ("libpango-1.0.so.0", "libpango-1.0-0"),
    ("libatk-1.0.so.0", "libatk1.0-0"),
    ("libsoup-3.0.so.0", "libsoup-3.0-0"),
    ("libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.1-0"),
    ("libjavascriptcoregtk-4.1.so.0", "libjavascriptcoregtk-4.1-0"),
    ("libdbus-1.so.3", "libdbus-1-3"),
    ("libX11.so.6", "libx11-6"),
];

/// The `Depends` of the .deb.
pub fn deb(programs: &Programs) -> Result<String> {
    let libraries = match shlibdeps(programs) {
        Err(Error::Missing { .. }) => from_sonames(&Needs::together(&[&programs.desktop, &programs.cli])?)?,
        other => other?,
    };
    Ok(format!("{CERTIFICATES}, {libraries}"))
}

/// What Debian's own tool derives, with the oldest version of each library that has every symbol in use.
fn shlibdeps(programs: &Programs) -> Result<String> {
    let folder = tempfile::tempdir().map_err(Error::file("make", Path::new("a temporary folder")))?;
    // It wants a source package around it.
    let control = format!("Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n");
    write(&folder.path().join("debian/control"), control)?;
    let answer = Tool::new("dpkg-shlibdeps", "dpkg-dev")
        .args(["-O"])
        .args([&programs.desktop, &programs.cli])
        .folder(folder.path())
        .run()?;
    let text = answer.text();
    text.lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="))
        .map(|list| list.trim().to_owned())
        .filter(|list| !list.is_empty())
        .ok_or_else(|| Error::unfit(format!("dpkg-shlibdeps names no libraries: {text}")))
}

fn from_sonames(needs: &Needs) -> Result<String> {
    let mut packages = Vec::new();
    for soname in &needs.libraries {
        let known = DEB_PACKAGES.iter().find(|(known, _)| known == soname);
        let (_, package) = known.ok_or_else(|| {
            Error::unfit(format!(
                "the Debian package of {soname} is not known; install dpkg-dev, or add it to depends.rs"
            ))
        })?;
        packages.push(*package);
    }
    packages.sort_unstable();
    packages.dedup();
    Ok(packages.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_debians_tool_each_library_becomes_its_package_once() {
        let needs = |names: &[&str]| Needs {
            libraries: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Needs::default()
        };
        let known = needs(&["libm.so.6", "libc.so.6", "libgtk-3.so.0"]);
        assert_eq!(from_sonames(&known).unwrap(), "libc6, libgtk-3-0");
        let message = from_sonames(&needs(&["libodd.so.1"])).unwrap_err().to_string();
        assert!(message.contains("libodd.so.1"), "{message}");
    }
}
