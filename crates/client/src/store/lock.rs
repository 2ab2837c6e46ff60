//! Lock files. The system drops a lock with the process that holds it, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use latchkey_oidc::{Problem, ProblemKind};

const POLL: Duration = Duration::from_millis(20);

/// Opens the file that a lock is held on. It stays behind: removing it would let two hold it.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the lock could be had within `limit`.
pub(super) fn wait(file: &File, limit: Duration) -> io::Result<bool> {
    let end = Instant::now() + limit;
    while !try_lock(file)? {
        if Instant::now() >= end {
            return Ok(false);
        }
        std::thread::sleep(POLL);
    }
    Ok(true)
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// One refresh of a connection at a time, over processes: a refresh token that rotates may be sent once.
///
/// Let go when dropped.
#[derive(Debug)]
pub struct RefreshLock {
    _file: File,
}

impl RefreshLock {
    /// Waits until no other process refreshes this connection, at most `limit`.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where the other does not let go, or the file in `locks` below
    /// `folder` cannot be created.
    pub async fn acquire(folder: &Path, connection_id: &str, limit: Duration) -> Result<Self, Problem> {
        let folder = folder.join("locks");
        // The id is read from a file that people may edit: it must not name a path.
        let name: String = connection_id.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        let path = folder.join(format!("{name}.lock"));
        let failed = |error: &io::Error| {
            Problem::new(
                ProblemKind::Configuration,
                format!("The lock file {} cannot be used. Nothing was sent.", path.display()),
                format!(
                    "Give your account the right to write to {}, or set LATCHKEY_CONFIG_DIR to another folder.",
                    folder.display()
                ),
            )
            .with_description(&error.to_string())
        };
        super::create_folder(&folder).map_err(|error| failed(&error))?;
        let file = open(&path).map_err(|error| failed(&error))?;
        let end = Instant::now() + limit;
        loop {
            if try_lock(&file).map_err(|error| failed(&error))? {
                return Ok(Self { _file: file });
            }
            if Instant::now() >= end {
                return Err(Problem::new(
                    ProblemKind::Configuration,
                    "Another Latchkey process is refreshing this connection and has not finished. Nothing was sent.",
                    "Wait until it is done, then refresh again. If it hangs, end that process: the lock goes with it.",
                ));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}
