//! Where the policy file is, and whether it can only be changed by whom it should be.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use latchkey_oidc::Problem;

use super::Policy;
use super::file::{self, Fault};

/// More than any policy needs.
const LONGEST: u64 = 1024 * 1024;

/// A policy file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    path: PathBuf,
    /// Whether it is the system's, which nobody but its administrator may own.
    system: bool,
}

/// The system's file. No environment variable moves it: whoever is bound by a policy sets those.
#[cfg(not(windows))]
pub(super) fn of_the_system() -> Result<PathBuf, Problem> {
    Ok(PathBuf::from(if cfg!(target_os = "macos") {
        "/Library/Application Support/Latchkey/policy.json"
    } else {
        "/etc/latchkey/policy.json"
    }))
}

/// In the folder of programs, where administrators alone write. In that of program data everybody may make a folder,
/// and so lay down a policy, with a certificate authority in it, for everybody else.
#[cfg(windows)]
pub(super) fn of_the_system() -> Result<PathBuf, Problem> {
    windows_registry::LOCAL_MACHINE
        .open(r"SOFTWARE\Microsoft\Windows\CurrentVersion")
        .and_then(|key| key.get_string("ProgramFilesDir"))
        .map(|folder| Path::new(&folder).join("Latchkey").join("policy.json"))
        .map_err(|error| {
            Problem::new(
                latchkey_oidc::ProblemKind::Configuration,
                "Windows does not say where its folder of programs is, so whether this computer has a policy cannot be told.",
                "Repair Windows: the registry's ProgramFilesDir cannot be read.",
            )
            .with_description(&error.to_string())
        })
}

/// The system's file where there is one; else the one that is named.
pub(super) fn find(system: &Path, named: Option<PathBuf>) -> Result<Option<Place>, Problem> {
    // The link itself counts: where it leads to nothing, there is a policy that cannot be read.
    match system.symlink_metadata() {
        Ok(_) => Ok(Some(Place { path: system.to_owned(), system: true })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(named.map(Place::named)),
        Err(error) => Err(Fault::Other(format!("{error}")).of(system)),
    }
}

impl Place {
    pub(super) fn named(path: PathBuf) -> Self {
        Self { path, system: false }
    }

    pub(super) fn read(&self) -> Result<Policy, Problem> {
        self.policy().map_err(|fault| fault.of(&self.path))
    }

    fn policy(&self) -> Result<Policy, Fault> {
        let bytes = read(&self.path, self.system).map_err(Fault::Other)?;
        let policy = file::parse(&bytes, &self.path)?;
        if let Some(authorities) = policy.extra_ca_file() {
            // Whoever can write it decides whom everybody here trusts.
            read(authorities, self.system).map_err(|fault| {
                Fault::Other(format!("extra_ca_file, {}: {fault}", authorities.display()))
            })?;
        }
        Ok(policy)
    }
}

/// Reads a file that nobody but its owner may change.
fn read(path: &Path, system: bool) -> Result<Vec<u8>, String> {
    let opened = fs::File::open(path).map_err(|error| error.to_string())?;
    let metadata = opened.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    guarded(&metadata, system)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let folder = fs::metadata(folder).map_err(|error| error.to_string())?;
        guarded_folder(&folder)?;
    }
    let mut bytes = Vec::new();
    opened.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST {
        return Err("it is longer than 1 MiB".to_owned());
    }
    Ok(bytes)
}

#[cfg(unix)]
fn guarded(metadata: &fs::Metadata, system: bool) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;
    judge(metadata.mode(), metadata.uid(), system)
}

#[cfg(unix)]
fn guarded_folder(metadata: &fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;
    // With the sticky bit, as in /tmp, a file can only be replaced by its owner.
    if metadata.mode() & 0o1002 == 0o002 {
        return Err("everybody on this computer can replace it; take the right to write to its folder from others (chmod o-w)".to_owned());
    }
    Ok(())
}

/// By mode and owner of the file.
#[cfg(unix)]
pub(super) fn judge(mode: u32, owner: u32, system: bool) -> Result<(), String> {
    if mode & 0o002 != 0 {
        return Err(
            "everybody on this computer can change it; take the right to write from others (chmod o-w)"
                .to_owned(),
        );
    }
    if system && owner != 0 {
        return Err("it does not belong to root (chown root)".to_owned());
    }
    Ok(())
}

// Who may write where is in access control lists there, and the folder of programs has them right.
#[cfg(not(unix))]
fn guarded(_metadata: &fs::Metadata, _system: bool) -> Result<(), String> {
    Ok(())
}

#[cfg(not(unix))]
fn guarded_folder(_metadata: &fs::Metadata) -> Result<(), String> {
    Ok(())
}
