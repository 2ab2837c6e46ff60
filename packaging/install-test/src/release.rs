//! Two signed releases, one newer than the other, as they lie on a server.

use std::path::{Path, PathBuf};

use latchkey_packaging::error::{read, read_text, write};
use latchkey_packaging::package::{self, PUBLIC_KEY};
use latchkey_packaging::programs::{self, TARGET};
use latchkey_packaging::project::Project;
use latchkey_packaging::signing::{Signer, trial_key};
use latchkey_packaging::tool::Tool;
use latchkey_packaging::{Error, Result, apt, sums};

/// A signed repository and the key that signed it.
pub(crate) struct Release {
    pub(crate) repository: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) version: String,
}

/// What is installed first, and the upgrade from it.
pub(crate) struct Releases {
    pub(crate) first: Release,
    pub(crate) second: Release,
    /// Signs the second, and whatever is made to be refused.
    pub(crate) signer: Signer,
}

/// A key that nobody has seen.
pub(crate) fn new_signer() -> Result<Signer> {
    // gpg wants some passphrase.
    let words = "guards nothing";
    Signer::new(&trial_key(words)?, Some(words))
}

/// The packages in `given`, or new ones, and the same with a higher version. Everything made is below `place`.
pub(crate) fn prepare(given: Option<&Path>, place: &Path) -> Result<Releases> {
    let signer = new_signer()?;
    let folder = match given {
        Some(folder) => folder.to_path_buf(),
        None => {
            let project = Project::here(1)?;
            let programs = programs::build(&project, &project.root.join(TARGET))?;
            let folder = place.join("packages");
            package::assemble(&project, &programs, None, &folder)?;
            package::sign(&signer, &folder)?;
            folder
        }
    };
    let deb = deb_in(&folder)?;
    let (repository, key) = (folder.join(apt::FOLDER), folder.join(PUBLIC_KEY));
    if !key.is_file() {
        return Err(Error::unfit(format!(
            "the packages in {} are not signed; set LATCHKEY_SIGNING_KEY and run `cargo xtask sign` on it",
            folder.display()
        )));
    }
    let first = Release { repository, key, version: field(&deb, "Version")? };
    let second = raised(&first, &deb, &signer, place)?;
    Ok(Releases { first, second, signer })
}

/// The same programs with a higher version.
fn raised(first: &Release, deb: &Path, signer: &Signer, place: &Path) -> Result<Release> {
    let unpacked = place.join("unpacked");
    Tool::new("dpkg-deb", "dpkg")
        .args(["--raw-extract".as_ref(), deb.as_os_str(), unpacked.as_os_str()])
        .run()?;
    let version = format!("{}.1", first.version);
    let control = unpacked.join("DEBIAN/control");
    let text = read_text(&control)?;
    write(
        &control,
        text.replace(&format!("Version: {}\n", first.version), &format!("Version: {version}\n")),
    )?;
    let deb = place.join(format!("latchkey_{version}_{}.deb", field(deb, "Architecture")?));
    Tool::new("dpkg-deb", "dpkg")
        .args(["--root-owner-group", "-Zxz", "-z1", "--build"])
        .args([unpacked, deb.clone()])
        .run()?;
    let repository = place.join("second");
    apt::make(&apt::head_of(&first.repository)?, &repository, &[deb])?;
    apt::sign(&repository, signer)?;
    let key = place.join("second.asc");
    write(&key, signer.public_key()?)?;
    Ok(Release { repository, key, version })
}

/// Copies a repository to where it is served from, in place of what is there.
pub(crate) fn publish(repository: &Path, served: &Path) -> Result<()> {
    if served.exists() {
        std::fs::remove_dir_all(served).map_err(Error::file("empty", served))?;
    }
    for (name, path) in sums::files(repository)? {
        write(&served.join(name), read(&path)?)?;
    }
    Ok(())
}

/// The one .deb in a folder.
pub(crate) fn deb_in(folder: &Path) -> Result<PathBuf> {
    let is_deb = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "deb");
    let debs: Vec<PathBuf> = package::packages(folder)?.into_iter().filter(is_deb).collect();
    match debs.as_slice() {
        [one] => Ok(one.clone()),
        other => Err(Error::unfit(format!("{} has {} .deb files, not one", folder.display(), other.len()))),
    }
}

fn field(deb: &Path, name: &str) -> Result<String> {
    let answer =
        Tool::new("dpkg-deb", "dpkg").args(["--field".as_ref(), deb.as_os_str()]).args([name]).run()?;
    Ok(answer.text().trim().to_owned())
}
