//! The .deb: an `ar` archive of a version, the control files and the files, each written in one order with one time.

use std::io::{Cursor, Read as _, Write as _};

use liblzma::write::XzEncoder;
use md5::{Digest as _, Md5};

use crate::depends::DEB_RECOMMENDS;
use crate::project::{DESCRIPTION, NAME, Project, SUMMARY, deb_architecture};
use crate::tree::Tree;
use crate::{Error, Result};

/// What a signed package carries after the members that it signs.
pub const SIGNATURE_MEMBER: &str = "_gpgorigin";

/// The archive's members, in the order that dpkg wants.
pub const MEMBERS: [&str; 3] = ["debian-binary", "control.tar.xz", "data.tar.xz"];

/// The file name of the package.
pub fn file_name(project: &Project) -> Result<String> {
    Ok(format!("{NAME}_{}_{}.deb", project.full_version(), deb_architecture()?))
}

/// The control file.
pub fn control(project: &Project, tree: &Tree, depends: &str) -> Result<String> {
    let mut text = format!(
        "Package: {NAME}\nVersion: {}\nArchitecture: {}\nMaintainer: {}\nInstalled-Size: {}\nDepends: {depends}\n\
         Recommends: {DEB_RECOMMENDS}\nSection: web\nPriority: optional\nDescription: {SUMMARY}\n",
        project.full_version(),
        deb_architecture()?,
        project.maintainer,
        tree.installed_kib(),
    );
    for (index, paragraph) in DESCRIPTION.iter().enumerate() {
        if index > 0 {
            text.push_str(" .\n");
        }
        for line in wrapped(paragraph, 78) {
            text.push_str(&format!(" {line}\n"));
        }
    }
    Ok(text)
}

/// The whole package, unsigned.
pub fn build(project: &Project, tree: &Tree, control: &str) -> Result<Vec<u8>> {
    let mut facts = Tree::default();
    facts.file("control", control);
    facts.file("md5sums", md5sums(tree));
    let members: [Vec<u8>; 3] =
        [b"2.0\n".to_vec(), xz(&archive(&facts, project.epoch)?)?, xz(&archive(tree, project.epoch)?)?];
    let mut package = ar::Builder::new(Vec::new());
    for (name, bytes) in MEMBERS.iter().zip(&members) {
        let mut header = ar::Header::new(name.as_bytes().to_vec(), bytes.len() as u64);
        header.set_mode(0o100_644);
        header.set_mtime(u64::from(project.epoch));
        package.append(&header, bytes.as_slice()).map_err(failed)?;
    }
    package.into_inner().map_err(failed)
}

/// The names and contents of an archive's members.
pub fn members(package: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut archive = ar::Archive::new(Cursor::new(package));
    let mut found = Vec::new();
    while let Some(entry) = archive.next_entry() {
        let mut entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(entry.header().identifier()).into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(failed)?;
        found.push((name, bytes));
    }
    Ok(found)
}

/// The control file of a package that is there already.
pub fn control_of(package: &[u8]) -> Result<String> {
    let members = members(package)?;
    let (_, packed) = members
        .iter()
        .find(|(name, _)| name == MEMBERS[1])
        .ok_or_else(|| Error::unfit(format!("the package has no {}", MEMBERS[1])))?;
    let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(packed.as_slice()));
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        if entry.path().is_ok_and(|path| path.as_os_str() == "./control" || path.as_os_str() == "control") {
            let mut text = String::new();
            entry.read_to_string(&mut text).map_err(failed)?;
            return Ok(text);
        }
    }
    Err(Error::unfit("the package has no control file"))
}

fn md5sums(tree: &Tree) -> String {
    let line = |(path, entry): (&str, &crate::tree::Entry)| {
        let sum: String = Md5::digest(&entry.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{sum}  {path}\n")
    };
    tree.files().map(line).collect()
}

/// A tar archive with the folders first, everything owned by root and of one time.
fn archive(tree: &Tree, epoch: u32) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |path: &str, folder: bool, mode: u32, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(if folder { tar::EntryType::Directory } else { tar::EntryType::Regular });
        header.set_mode(mode);
        header.set_mtime(u64::from(epoch));
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_size(bytes.len() as u64);
        // The library drops the leading `./` that dpkg's own archives have, so the name is written by hand.
        let name = if folder { format!("./{path}/") } else { format!("./{path}") };
        let name = if path.is_empty() { "./".to_owned() } else { name };
        let field = &mut header.as_old_mut().name;
        if name.len() > field.len() {
            return Err(std::io::Error::other(format!("{name} is too long for a tar header")));
        }
        field.fill(0);
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, bytes)
    };
    add("", true, 0o755, &[]).map_err(failed)?;
    for folder in tree.folders() {
        add(&folder, true, 0o755, &[]).map_err(failed)?;
    }
    for (path, entry) in tree.files() {
        add(path, false, entry.mode, &entry.bytes).map_err(failed)?;
    }
    archive.into_inner().map_err(failed)
}

fn xz(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = XzEncoder::new(Vec::new(), 9);
    encoder.write_all(bytes).map_err(failed)?;
    encoder.finish().map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::unfit(format!("the .deb: {error}"))
}

/// A paragraph in lines of at most `width` letters.
fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in paragraph.split_whitespace() {
        let full = lines.last().is_some_and(|line| !line.is_empty() && line.len() + 1 + word.len() > width);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let mut tree = Tree::default();
        tree.file("usr/share/b", "two");
        tree.program("usr/bin/a", "one");
        tree
    }

    #[test]
    fn two_runs_give_the_same_bytes_and_the_control_file_can_be_read_back() {
        let control = control(&Project::example(), &tree(), "libc6").unwrap();
        let first = build(&Project::example(), &tree(), &control).unwrap();
        assert_eq!(first, build(&Project::example(), &tree(), &control).unwrap());
        assert_eq!(control_of(&first).unwrap(), control);
        let names: Vec<String> = members(&first).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, MEMBERS);
    }

    #[test]
    fn the_archive_has_folders_before_files_and_belongs_to_root() {
        let bytes = archive(&tree(), 7).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.mtime().unwrap()), (0, 7));
            assert_eq!(header.username().unwrap(), Some("root"));
            let name = String::from_utf8_lossy(&header.as_old().name).trim_end_matches('\0').to_owned();
            seen.push((name, header.mode().unwrap()));
        }
        let wanted = [
            ("./", 0o755),
            ("./usr/", 0o755),
            ("./usr/bin/", 0o755),
            ("./usr/share/", 0o755),
            ("./usr/bin/a", 0o755),
            ("./usr/share/b", 0o644),
        ];
        assert_eq!(seen, wanted.map(|(name, mode)| (name.to_owned(), mode)));
    }

    #[test]
    fn the_description_is_wrapped_with_its_paragraphs_apart() {
        let text = control(&Project::example(), &tree(), "libc6").unwrap();
        let (_, description) = text.split_once("Description: ").unwrap();
        assert!(description.contains("\n .\n"), "{description}");
        assert!(description.lines().skip(1).all(|line| line.starts_with(' ') && line.len() <= 80));
    }
}
