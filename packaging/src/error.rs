//! Why packaging or verifying stopped. Each message names the file or the program, which is what somebody can act on.

use std::io;
use std::path::{Path, PathBuf};

/// The result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why packaging or verifying stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file could not be read, written or removed.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program did not start.
    #[error("`{program}` does not start ({source}); on Debian it is in the package {package}")]
    Missing {
        /// The program.
        program: String,
        /// The Debian package that has it.
        package: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("`{line}` failed ({status}):\n{output}")]
    Tool {
        /// The program and its arguments.
        line: String,
        /// How it ended.
        status: String,
        /// What it wrote.
        output: String,
    },
    /// What the project, the environment or the caller gives cannot be packaged.
    #[error("{0}")]
    Unfit(String),
    /// A file is not what was published.
    #[error("{file}: {reason}")]
    Check {
        /// The file, relative to the folder that is verified.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// A file that cannot be read, written or removed.
    pub fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { action, path, source }
    }

    /// A file that is not what was published.
    pub fn check(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Check { file: file.into(), reason: reason.into() }
    }

    /// Something that cannot be packaged.
    pub fn unfit(reason: impl Into<String>) -> Self {
        Self::Unfit(reason.into())
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(Error::file("read", path))
}

/// Reads a whole text file.
pub fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::file("read", path))
}

/// Writes a file, and the folders above it.
pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
    }
    std::fs::write(path, bytes).map_err(Error::file("write", path))
}
