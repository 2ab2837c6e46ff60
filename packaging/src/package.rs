//! From the source to a folder that can be published: build, assemble, sign, sum up.

use std::path::{Path, PathBuf};

use crate::contents::{Documents, Format, THIRD_PARTY, tree};
use crate::depends;
use crate::elf::Needs;
use crate::error::{read, write};
use crate::programs::Programs;
use crate::project::{NAME, Project};
use crate::signing::Signer;
use crate::sums::{self, SUMS, SUMS_SIGNATURE};
use crate::{Error, Result, apt, deb, inventory, licences, rpm, sbom};

/// What a package may weigh.
pub const LIMIT: u64 = 8 * 1024 * 1024;
/// The public key, beside what it signed.
pub const PUBLIC_KEY: &str = "latchkey.asc";
/// What debsig-verify needs.
pub const DEBSIG: &str = "debsig";

/// Writes the unsigned packages, and whatever is in `others`, into an empty folder.
pub fn assemble(project: &Project, programs: &Programs, others: Option<&Path>, out: &Path) -> Result<()> {
    empty(out)?;
    let components = inventory::collect(project)?;
    let documents = Documents {
        sbom: sbom::document(project, &components)?,
        third_party: licences::collect(project, &components)?,
    };
    write(&out.join(sbom_name(project)), &documents.sbom)?;

    let files = tree(project, programs, &documents, Format::Deb)?;
    let control = deb::control(project, &files, &depends::deb(programs)?)?;
    weighed(&out.join(deb::file_name(project)?), &deb::build(project, &files, &control)?)?;

    let files = tree(project, programs, &documents, Format::Rpm)?;
    let needs = Needs::together(&[&programs.desktop, &programs.cli])?;
    weighed(&out.join(rpm::file_name(project)), &rpm::build(project, &files, &needs)?)?;

    if let Some(others) = others {
        for (name, path) in sums::files(others)? {
            let to = out.join(&name);
            if to.exists() {
                return Err(Error::unfit(format!("{name} in {} is made here as well", others.display())));
            }
            write(&to, read(&path)?)?;
        }
    }
    finish(&apt::head(project)?, out)
}

/// Writes the licences of third parties and the SBOM alone, for this machine's system: for bundles that other tools make.
pub fn documents(project: &Project, out: &Path) -> Result<()> {
    let components = inventory::collect(project)?;
    write(&out.join(THIRD_PARTY), licences::collect(project, &components)?)?;
    write(&out.join(sbom_name(project)), sbom::document(project, &components)?)
}

/// Signs what [`assemble`] wrote: the packages, the repository made of them, and the sums of everything that is in the folder
/// by now.
pub fn sign(signer: &Signer, out: &Path) -> Result<()> {
    if out.join(PUBLIC_KEY).exists() {
        return Err(Error::unfit(format!("{} is signed already", out.display())));
    }
    for package in packages(out)? {
        if package.extension().is_some_and(|extension| extension == "deb") {
            signer.deb(&package)?;
        } else {
            signer.rpm(&package)?;
        }
    }
    write(&out.join(PUBLIC_KEY), signer.public_key()?)?;
    signer.debsig_policy(&out.join(DEBSIG))?;
    finish(&apt::head_of(&out.join(apt::FOLDER))?, out)?;
    apt::sign(&out.join(apt::FOLDER), signer)?;
    sums::make(out)?;
    write(&out.join(SUMS_SIGNATURE), signer.detached(&read(&out.join(SUMS))?)?)
}

/// The repository and the sums, of the packages as they are now.
fn finish(head: &str, out: &Path) -> Result<()> {
    let repository = out.join(apt::FOLDER);
    if repository.exists() {
        std::fs::remove_dir_all(&repository).map_err(Error::file("empty", &repository))?;
    }
    let debs: Vec<PathBuf> = packages(out)?
        .into_iter()
        .filter(|package| package.extension().is_some_and(|extension| extension == "deb"))
        .collect();
    apt::make(head, &repository, &debs)?;
    sums::make(out)
}

/// The packages that lie in the folder itself.
pub fn packages(out: &Path) -> Result<Vec<PathBuf>> {
    let is_package = |name: &str| !name.contains('/') && (name.ends_with(".deb") || name.ends_with(".rpm"));
    Ok(sums::files(out)?.into_iter().filter(|(name, _)| is_package(name)).map(|(_, path)| path).collect())
}

/// The file name of the bill of materials.
#[must_use]
pub fn sbom_name(project: &Project) -> String {
    format!("{NAME}-{}.cdx.json", project.version)
}

fn weighed(path: &Path, bytes: &[u8]) -> Result<()> {
    if bytes.len() as u64 > LIMIT {
        return Err(Error::unfit(format!(
            "{} has {} bytes, and {LIMIT} are the most",
            path.display(),
            bytes.len()
        )));
    }
    write(path, bytes)
}

/// Makes sure that there is a folder with nothing in it, since everything in it will be summed up and signed.
fn empty(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
    let mut entries = std::fs::read_dir(folder).map_err(Error::file("read", folder))?;
    if entries.next().is_some() {
        return Err(Error::unfit(format!("{} is not empty; name another folder", folder.display())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        empty(&folder.path().join("new")).unwrap();
        let message = empty(folder.path()).unwrap_err().to_string();
        assert!(message.contains("not empty"), "{message}");
    }

    #[test]
    fn a_package_over_the_limit_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.deb");
        let bytes = vec![0; usize::try_from(LIMIT).unwrap() + 1];
        assert!(weighed(&path, &bytes).unwrap_err().to_string().contains("large.deb"));
        assert!(!path.exists());
    }
}
