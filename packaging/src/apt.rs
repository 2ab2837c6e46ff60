//! An apt repository: the pool, an index of it, and a Release file that is signed. It holds this version; who keeps
//! earlier ones adds their packages to the pool before the index is made.

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::contents::gzip;
use crate::deb::control_of;
use crate::error::{read, write};
use crate::project::{NAME, Project, deb_architecture};
use crate::signing::Signer;
use crate::sums::{files, sha256};
use crate::{Error, Result};

/// The folder of the repository, below the folder of the release.
pub const FOLDER: &str = "apt";
/// The suite that people put into their sources.
pub const SUITE: &str = "stable";
/// Its one component.
pub const COMPONENT: &str = "main";

/// The folder with the Release file.
#[must_use]
pub fn suite(repository: &Path) -> PathBuf {
    repository.join("dists").join(SUITE)
}

/// Writes pool, indexes and the unsigned Release file.
pub fn make(project: &Project, repository: &Path, packages: &[PathBuf]) -> Result<()> {
    for package in packages {
        let name = package.file_name().unwrap_or_default();
        write(&repository.join(format!("pool/{COMPONENT}/l/{NAME}")).join(name), read(package)?)?;
    }
    index(project, repository)
}

/// Writes the indexes of what is in the pool, and the unsigned Release file.
pub fn index(project: &Project, repository: &Path) -> Result<()> {
    let architecture = deb_architecture()?;
    let mut packages = String::new();
    for (name, path) in files(&repository.join("pool"))? {
        let bytes = read(&path)?;
        packages.push_str(control_of(&bytes)?.trim_end());
        packages.push_str(&format!(
            "\nFilename: pool/{name}\nSize: {}\nSHA256: {}\n\n",
            bytes.len(),
            sha256(&bytes)
        ));
    }
    let suite = suite(repository);
    let folder = format!("{COMPONENT}/binary-{architecture}");
    let indexes = [
        (format!("{folder}/Packages"), packages.clone().into_bytes()),
        (format!("{folder}/Packages.gz"), gzip(packages.as_bytes())?),
    ];
    let mut release = format!(
        "Origin: Latchkey\nLabel: Latchkey\nSuite: {SUITE}\nCodename: {SUITE}\nVersion: {}\nDate: {}\n\
         Architectures: {architecture}\nComponents: {COMPONENT}\nDescription: Packages of Latchkey\nSHA256:\n",
        project.version,
        // apt wants the zone by its old name.
        project.mail_time().replace("+0000", "UTC"),
    );
    for (name, bytes) in &indexes {
        release.push_str(&format!(" {} {} {name}\n", sha256(bytes), bytes.len()));
        write(&suite.join(name), bytes)?;
    }
    write(&suite.join("Release"), release)
}

/// Signs the Release file, in both of the ways that apt looks for.
pub fn sign(repository: &Path, signer: &Signer) -> Result<()> {
    let suite = suite(repository);
    let release = read(&suite.join("Release"))?;
    write(&suite.join("InRelease"), signer.clear(&release)?)?;
    write(&suite.join("Release.gpg"), signer.detached(&release)?)
}

/// Follows the chain below a Release file that was checked: to the indexes, and from them to the packages.
pub fn check(repository: &Path, release: &str, name: impl Fn(&Path) -> String) -> Result<()> {
    let suite = suite(repository);
    let sums = release.split_once("\nSHA256:\n").map_or("", |(_, sums)| sums);
    let mut packages = 0;
    for line in sums.lines().take_while(|line| line.starts_with(' ')) {
        let [sum, size, file] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(Error::check(
                name(&suite.join("Release")),
                format!("has a line that is no sum: {line:?}"),
            ));
        };
        let path = suite.join(file);
        let bytes = read(&path)?;
        if sha256(&bytes) != sum || bytes.len().to_string() != size {
            return Err(Error::check(name(&path), "is not what the signed Release file says"));
        }
        let index = if file.ends_with(".gz") {
            std::io::read_to_string(GzDecoder::new(bytes.as_slice()))
        } else {
            String::from_utf8(bytes).map_err(std::io::Error::other)
        };
        let index = index.map_err(|error| Error::check(name(&path), error.to_string()))?;
        packages += check_index(repository, &index, &name)?;
    }
    if packages == 0 {
        return Err(Error::check(name(&suite.join("Release")), "leads to no package"));
    }
    Ok(())
}

fn check_index(repository: &Path, index: &str, name: &impl Fn(&Path) -> String) -> Result<usize> {
    let mut count = 0;
    for block in index.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let value = |key: &str| block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let path = repository.join(value("Filename").unwrap_or_default());
        let bytes = read(&path)?;
        if value("SHA256") != Some(sha256(&bytes).as_str()) {
            return Err(Error::check(name(&path), "is not what the signed index says"));
        }
        count += 1;
    }
    Ok(count)
}
