//! Which file goes where in each package.

use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, GzBuilder};

use crate::error::{read, read_text};
use crate::programs::Programs;
use crate::project::{DESKTOP, LICENCE, NAME, Project};
use crate::tree::Tree;
use crate::{Error, Result};

/// The desktop entry's file name. Window systems find the entry of a window by the program's name.
pub const DESKTOP_ENTRY: &str = "latchkey-desktop.desktop";
/// The file with what software centres show.
pub const METAINFO: &str = "app.latchkey.desktop.metainfo.xml";
/// The licences of everything that is linked in or shipped in the page.
pub const THIRD_PARTY: &str = "third-party-licences.txt";

/// Sizes of the drawn icons, and the files of `icons/` that have them.
const ICONS: [(u32, &str); 4] =
    [(32, "32x32.png"), (128, "128x128.png"), (256, "128x128@2x.png"), (512, "icon.png")];

/// The two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Debian, Ubuntu and their relatives.
    Deb,
    /// Fedora, RHEL, openSUSE and their relatives.
    Rpm,
}

/// What was made for the packages, beside the programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// The CycloneDX document.
    pub sbom: Vec<u8>,
    /// The third parties' licences.
    pub third_party: Vec<u8>,
}

/// Every file of a package.
pub fn tree(project: &Project, programs: &Programs, documents: &Documents, format: Format) -> Result<Tree> {
    let ours = project.root.join("packaging/linux");
    let text = |name: &str| Ok(filled(project, &read_text(&ours.join(name))?));
    let mut tree = Tree::default();
    tree.program(format!("usr/bin/{DESKTOP}"), read(&programs.desktop)?);
    tree.program(format!("usr/bin/{NAME}"), read(&programs.cli)?);
    tree.file(format!("usr/share/applications/{DESKTOP_ENTRY}"), text(DESKTOP_ENTRY)?);
    tree.file(format!("usr/share/metainfo/{METAINFO}"), text(METAINFO)?);
    icons(&project.root.join("icons"), &mut tree)?;

    for (page, bytes) in &programs.manual {
        tree.documentation(format!("usr/share/man/man1/{page}.gz"), gzip(bytes)?);
    }
    let page = format!("{DESKTOP}.1");
    tree.documentation(format!("usr/share/man/man1/{page}.gz"), gzip(text(&page)?.as_bytes())?);
    for (shell, script) in &programs.completions {
        tree.file(completion(shell, format)?, script.clone());
    }

    let documentation = format!("usr/share/doc/{NAME}");
    tree.documentation(format!("{documentation}/{NAME}.cdx.json"), documents.sbom.clone());
    let changes = read(&project.root.join("CHANGELOG.md"))?;
    match format {
        Format::Deb => {
            tree.licence(format!("{documentation}/copyright"), copyright(project)?);
            tree.documentation(format!("{documentation}/changelog.gz"), gzip(&changes)?);
            let entry = debian_changelog(project);
            tree.documentation(format!("{documentation}/changelog.Debian.gz"), gzip(entry.as_bytes())?);
            tree.licence(format!("{documentation}/{THIRD_PARTY}.gz"), gzip(&documents.third_party)?);
            tree.file(format!("usr/share/lintian/overrides/{NAME}"), text("lintian-overrides")?);
        }
        Format::Rpm => {
            let licences = format!("usr/share/licenses/{NAME}");
            tree.documentation(format!("{documentation}/CHANGELOG.md"), changes);
            tree.licence(format!("{licences}/{THIRD_PARTY}"), documents.third_party.clone());
        }
    }
    let licences = match format {
        Format::Deb => documentation,
        Format::Rpm => format!("usr/share/licenses/{NAME}"),
    };
    for file in ["LICENSE-APACHE", "LICENSE-MIT"] {
        tree.licence(format!("{licences}/{file}"), read(&project.root.join(file))?);
    }
    Ok(tree)
}

fn icons(folder: &Path, tree: &mut Tree) -> Result<()> {
    let hicolor = "usr/share/icons/hicolor";
    for (size, file) in ICONS {
        let bytes = read(&folder.join(file))?;
        if png_size(&bytes) != Some((size, size)) {
            return Err(Error::unfit(format!("icons/{file} is no square PNG of {size} pixels")));
        }
        tree.file(format!("{hicolor}/{size}x{size}/apps/{DESKTOP}.png"), bytes);
    }
    tree.file(format!("{hicolor}/scalable/apps/{DESKTOP}.svg"), read(&folder.join("latchkey.svg"))?);
    Ok(())
}

/// Width and height, which a PNG has at a fixed place.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    bytes.starts_with(b"\x89PNG").then_some(())?;
    Some((number(16)?, number(20)?))
}

fn completion(shell: &str, format: Format) -> Result<String> {
    Ok(match (shell, format) {
        ("bash", _) => format!("usr/share/bash-completion/completions/{NAME}"),
        ("fish", _) => format!("usr/share/fish/vendor_completions.d/{NAME}.fish"),
        ("zsh", Format::Deb) => format!("usr/share/zsh/vendor-completions/_{NAME}"),
        ("zsh", Format::Rpm) => format!("usr/share/zsh/site-functions/_{NAME}"),
        (other, _) => return Err(Error::unfit(format!("no folder is known for completions of {other}"))),
    })
}

/// A text of `packaging/linux` with the version and the day in it.
fn filled(project: &Project, text: &str) -> String {
    text.replace("@VERSION@", &project.version).replace("@DATE@", &project.day())
}

/// The licence in the form that Debian's tools read. The text of Apache-2.0 is on every Debian system.
fn copyright(project: &Project) -> Result<String> {
    let mit = read_text(&project.root.join("LICENSE-MIT"))?;
    let holder = mit
        .lines()
        .find_map(|line| line.strip_prefix("Copyright (c) "))
        .ok_or_else(|| Error::unfit("LICENSE-MIT names no holder of the copyright"))?;
    let mut text = format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: Latchkey\n\
         Comment: What is linked into the programs, and what the page is made of, is listed\n \
         with its licences in /usr/share/doc/{NAME}/{THIRD_PARTY}.gz\n\n\
         Files: *\nCopyright: {holder}\nLicense: {}\n\n\
         License: Apache-2.0\n On Debian systems the whole text is in /usr/share/common-licenses/Apache-2.0\n\n\
         License: MIT\n",
        LICENCE.replace("OR", "or")
    );
    for line in mit.trim_end().lines() {
        text.push_str(if line.trim().is_empty() { " ." } else { " " });
        text.push_str(line.trim_end());
        text.push('\n');
    }
    Ok(text)
}

fn debian_changelog(project: &Project) -> String {
    format!(
        "{NAME} ({}) stable; urgency=medium\n\n  * Packaged by the project itself; what changed is in changelog.gz.\n\n \
         -- {}  {}\n",
        project.full_version(),
        project.maintainer,
        project.mail_time()
    )
}

/// gzip without a time or a name in it.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::unfit(format!("gzip: {error}"));
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes).map_err(failed)?;
    encoder.finish().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packaged(format: Format) -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "program").unwrap();
        let programs = Programs {
            desktop: program.clone(),
            cli: program,
            manual: [("latchkey.1".to_owned(), b"page".to_vec())].into(),
            completions: crate::programs::SHELLS.map(|shell| (shell, b"script".to_vec())).into(),
        };
        let documents = Documents { sbom: b"{}".to_vec(), third_party: b"licences".to_vec() };
        tree(&Project::example(), &programs, &documents, format).unwrap()
    }

    #[test]
    fn both_packages_have_programs_entry_icons_pages_completions_licences_and_sbom() {
        for (format, licence) in [(Format::Deb, "doc"), (Format::Rpm, "licenses")] {
            let tree = packaged(format);
            for path in [
                "usr/bin/latchkey",
                "usr/bin/latchkey-desktop",
                "usr/share/applications/latchkey-desktop.desktop",
                "usr/share/metainfo/app.latchkey.desktop.metainfo.xml",
                "usr/share/icons/hicolor/256x256/apps/latchkey-desktop.png",
                "usr/share/icons/hicolor/scalable/apps/latchkey-desktop.svg",
                "usr/share/man/man1/latchkey.1.gz",
                "usr/share/man/man1/latchkey-desktop.1.gz",
                "usr/share/bash-completion/completions/latchkey",
                "usr/share/fish/vendor_completions.d/latchkey.fish",
                "usr/share/doc/latchkey/latchkey.cdx.json",
                &format!("usr/share/{licence}/latchkey/LICENSE-MIT"),
            ] {
                assert!(tree.get(path).is_some(), "{format:?}: {path}");
            }
            let programs: Vec<&str> =
                tree.files().filter(|(_, entry)| entry.mode == 0o755).map(|(path, _)| path).collect();
            assert_eq!(programs, ["usr/bin/latchkey", "usr/bin/latchkey-desktop"]);
        }
    }

    #[test]
    fn the_desktop_entry_claims_no_url_scheme_and_no_file_type() {
        let tree = packaged(Format::Deb);
        let entry = tree.get("usr/share/applications/latchkey-desktop.desktop").unwrap();
        let text = String::from_utf8(entry.bytes.clone()).unwrap();
        assert!(text.contains("\nExec=latchkey-desktop\n"), "{text}");
        assert!(!text.contains("MimeType") && !text.contains("x-scheme-handler"), "{text}");
    }

    #[test]
    fn no_placeholder_is_left_in_what_is_filled_in() {
        let tree = packaged(Format::Rpm);
        let entry = tree.get("usr/share/metainfo/app.latchkey.desktop.metainfo.xml").unwrap();
        let text = String::from_utf8(entry.bytes.clone()).unwrap();
        assert!(text.contains(r#"version="1.2.3""#) && text.contains(r#"date="2023-11-14""#), "{text}");
        assert!(!text.contains('@'), "{text}");
    }

    #[test]
    fn the_copyright_file_names_the_holder_and_both_licences() {
        let text = copyright(&Project::example()).unwrap();
        assert!(text.contains("\nLicense: Apache-2.0 or MIT\n"), "{text}");
        assert!(text.contains("\nLicense: MIT\n ") && text.contains("\n .\n"), "{text}");
    }

    #[test]
    fn gzip_has_no_time_in_it() {
        assert_eq!(gzip(b"text").unwrap()[3..8], [0; 5]);
    }
}
