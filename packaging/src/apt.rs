//! An apt repository: the pool, an index of it, and a Release file that is signed. It holds
//! this version and no earlier one.

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::contents::gzip;
use crate::deb::control_of;
use crate::error::{read, read_text, write};
use crate::project::{NAME, Project, deb_architecture};
use crate::signing::Signer;
use crate::sums::sha256;
use crate::{Error, Result};

/// The folder of the repository, below the folder of the release.
pub const FOLDER: &str = "apt";
/// The suite that people put into their sources.
pub const SUITE: &str = "stable";
/// Its one component.
pub const COMPONENT: &str = "main";

/// Where the sums of the indexes begin.
const SUMS: &str = "SHA256:\n";
const ARCHITECTURES: &str = "Architectures: ";

/// The folder with the Release file.
#[must_use]
pub fn suite(repository: &Path) -> PathBuf {
    repository.join("dists").join(SUITE)
}

/// The head of the Release file.
pub fn head(project: &Project) -> Result<String> {
    Ok(format!(
        "Origin: Latchkey\nLabel: Latchkey\nSuite: {SUITE}\nCodename: {SUITE}\nVersion: {}\nDate: {}\n\
         {ARCHITECTURES}{}\nComponents: {COMPONENT}\nDescription: Packages of Latchkey\n",
        project.version,
        // apt wants the zone by its old name.
        project.mail_time().replace("+0000", "UTC"),
        deb_architecture()?,
    ))
}

/// The head of the Release file of a repository that is there already.
pub fn head_of(repository: &Path) -> Result<String> {
    let release = suite(repository).join("Release");
    let text = read_text(&release)?;
    let (head, _) =
        text.split_once(SUMS).ok_or_else(|| Error::unfit(format!("{} lists no sums", release.display())))?;
    Ok(head.to_owned())
}

/// Writes the pool, its indexes and the unsigned Release file.
pub fn make(head: &str, repository: &Path, packages: &[PathBuf]) -> Result<()> {
    let architecture = head
        .lines()
        .find_map(|line| line.strip_prefix(ARCHITECTURES))
        .ok_or_else(|| Error::unfit("the Release file names no architecture"))?;
    let mut list = String::new();
    for package in packages {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        let place = format!("pool/{COMPONENT}/l/{NAME}/{name}");
        let bytes = read(package)?;
        list.push_str(control_of(&bytes)?.trim_end());
        list.push_str(&format!("\nFilename: {place}\nSize: {}\nSHA256: {}\n\n", bytes.len(), sha256(&bytes)));
        write(&repository.join(place), bytes)?;
    }
    let suite = suite(repository);
    let folder = format!("{COMPONENT}/binary-{architecture}");
    let indexes = [
        (format!("{folder}/Packages"), list.clone().into_bytes()),
        (format!("{folder}/Packages.gz"), gzip(list.as_bytes())?),
    ];
    let mut release = format!("{head}{SUMS}");
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
    let sums = release.split_once(SUMS).map_or("", |(_, sums)| sums);
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
