//! Connections and settings in one versioned file, shared by window and command line.
//!
//! `connections.json` in the platform's configuration folder. It is replaced whole, never written in
//! place. A damaged file is set aside, a newer one left alone; neither is ever overwritten.

mod lock;
mod notes;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use latchkey_oidc::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::macros::format_description;

pub use self::lock::RefreshLock;
pub use self::notes::Note;
use crate::connection::Connection;

/// The version that this program writes. It reads the first one as well, which had fewer members: a program that
/// knows that one alone must see a newer file, not a damaged one.
const VERSION: u64 = 2;
const OLDEST: u64 = 1;
const FILE: &str = "connections.json";
/// How long another process may take to write.
const LOCK_LIMIT: Duration = Duration::from_secs(5);

/// What holds for all connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Settings {
    /// PEM file with certificate authorities that are trusted besides the system's.
    pub extra_ca_file: Option<String>,
}

/// What the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// What holds for all connections.
    pub settings: Settings,
    /// In the order of the list.
    pub connections: Vec<Connection>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// In the order of the list.
    pub connections: Vec<Connection>,
    /// What holds for all connections.
    pub settings: Settings,
    /// Where a damaged file was put; there are no connections then.
    pub set_aside: Option<PathBuf>,
}

/// As written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    #[serde(default)]
    settings: Settings,
    connections: Vec<Connection>,
}

/// The one part that every version has.
#[derive(Deserialize)]
struct AnyVersion {
    version: u64,
}

enum State {
    Missing,
    Good(Contents),
    Damaged(String),
}

/// The configuration folder. Cheap to clone. Its calls block: run them off the async threads.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// `LATCHKEY_CONFIG_DIR`, or else `latchkey` in the platform's configuration folder.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where the platform names no such folder.
    pub fn in_default_folder() -> Result<Self, Problem> {
        if let Some(folder) = std::env::var_os("LATCHKEY_CONFIG_DIR").filter(|folder| !folder.is_empty()) {
            return Ok(Self::at(folder.into()));
        }
        let folder = dirs::config_dir().ok_or_else(|| {
            Problem::new(
                ProblemKind::Configuration,
                "This system names no folder for configuration files.",
                "Set the environment variable HOME, or LATCHKEY_CONFIG_DIR to a folder of your own.",
            )
        })?;
        Ok(Self::at(folder.join("latchkey")))
    }

    /// The configuration in `folder`, which is created with the first change.
    #[must_use]
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the configuration is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Reads the file. A missing one is empty; a damaged one is renamed, never overwritten.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where it cannot be read, set aside, or is of a newer version.
    pub fn load(&self) -> Result<Loaded, Problem> {
        let loaded = |contents: Contents| Loaded {
            connections: contents.connections,
            settings: contents.settings,
            set_aside: None,
        };
        match self.read()? {
            State::Missing => return Ok(Loaded::default()),
            State::Good(contents) => return Ok(loaded(contents)),
            State::Damaged(_) => {}
        }
        // Once more under the lock: another process may just have set it aside and begun a new one.
        let _lock = self.lock()?;
        match self.read()? {
            State::Missing => Ok(Loaded::default()),
            State::Good(contents) => Ok(loaded(contents)),
            State::Damaged(_) => Ok(Loaded { set_aside: Some(self.set_aside()?), ..Loaded::default() }),
        }
    }

    /// Reads, changes and writes, while no other process does. Writes nothing where nothing changed.
    ///
    /// # Errors
    /// What `change` returns, or [`ProblemKind::Configuration`]; the file is as before in either case.
    /// A damaged file is an error here: [`Store::load`] sets it aside, and says so.
    pub fn update<T>(&self, change: impl FnOnce(&mut Contents) -> Result<T, Problem>) -> Result<T, Problem> {
        let _lock = self.lock()?;
        let before = match self.read()? {
            State::Missing => Contents::default(),
            State::Good(contents) => contents,
            State::Damaged(detail) => return Err(self.damaged(&detail)),
        };
        let mut contents = before.clone();
        let result = change(&mut contents)?;
        if contents != before {
            self.write(contents).map_err(|error| self.not_written(&error))?;
        }
        Ok(result)
    }

    /// Holds other processes off this connection's refresh token. Waits at most `limit`.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where another process does not let go, or the lock file cannot
    /// be created.
    pub async fn refresh_lock(&self, connection_id: &str, limit: Duration) -> Result<RefreshLock, Problem> {
        RefreshLock::acquire(&self.folder, connection_id, limit).await
    }

    fn read(&self) -> Result<State, Problem> {
        let text = match fs::read(self.file()) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            Err(error) => return Err(self.not_read(&error)),
        };
        // The version first: a newer file may look quite different.
        match serde_json::from_slice::<AnyVersion>(&text) {
            Ok(AnyVersion { version }) if version > VERSION => return Err(self.newer(version)),
            Ok(AnyVersion { version: OLDEST..=VERSION }) => {}
            Ok(AnyVersion { version }) => return Ok(State::Damaged(format!("unknown version {version}"))),
            Err(error) => return Ok(State::Damaged(error.to_string())),
        }
        Ok(match serde_json::from_slice::<File>(&text) {
            Ok(file) => State::Good(Contents { settings: file.settings, connections: file.connections }),
            Err(error) => State::Damaged(error.to_string()),
        })
    }

    fn write(&self, contents: Contents) -> io::Result<()> {
        // Whoever keeps the file elsewhere and links to it finds the link still there.
        let target = fs::canonicalize(self.file()).unwrap_or_else(|_| self.file());
        let file = File { version: VERSION, settings: contents.settings, connections: contents.connections };
        replace(&target, &without_managed(serde_json::to_value(&file)?))
    }

    /// Renames the damaged file. Called under the lock.
    fn set_aside(&self) -> Result<PathBuf, Problem> {
        let stamp = OffsetDateTime::now_utc()
            .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
            .unwrap_or_else(|_| "unknown-time".to_owned());
        let candidates = std::iter::once(String::new()).chain((2..1000).map(|number| format!("-{number}")));
        for suffix in candidates {
            let path = self.folder.join(format!("connections.damaged-{stamp}{suffix}.json"));
            if path.symlink_metadata().is_err() {
                return match fs::rename(self.file(), &path) {
                    Ok(()) => Ok(path),
                    Err(error) => Err(self.not_written(&error)),
                };
            }
        }
        Err(self.not_written(&io::Error::from(io::ErrorKind::AlreadyExists)))
    }

    fn lock(&self) -> Result<fs::File, Problem> {
        create_folder(&self.folder).map_err(|error| self.not_written(&error))?;
        let file =
            lock::open(&self.folder.join("connections.lock")).map_err(|error| self.not_written(&error))?;
        match lock::wait(&file, LOCK_LIMIT) {
            Ok(true) => Ok(file),
            Ok(false) => Err(Problem::new(
                ProblemKind::Configuration,
                format!(
                    "Another Latchkey process has held {} for {} s.",
                    self.file().display(),
                    LOCK_LIMIT.as_secs()
                ),
                "Wait until it is done, or end it, then try again. Nothing was changed.",
            )),
            Err(error) => Err(self.not_written(&error)),
        }
    }

    fn not_read(&self, error: &io::Error) -> Problem {
        Problem::new(
            ProblemKind::Configuration,
            format!("The configuration file {} cannot be read.", self.file().display()),
            "Give your account the right to read it, or set LATCHKEY_CONFIG_DIR to another folder.",
        )
        .with_description(&error.to_string())
    }

    fn not_written(&self, error: &io::Error) -> Problem {
        Problem::new(
            ProblemKind::Configuration,
            format!("The configuration in {} cannot be written. Nothing was changed.", self.folder.display()),
            format!(
                "Give your account the right to write to the folder {} and make sure that the disk is not full, or set \
                 LATCHKEY_CONFIG_DIR to another folder.",
                self.folder.display()
            ),
        )
        .with_description(&error.to_string())
    }

    fn newer(&self, version: u64) -> Problem {
        Problem::new(
            ProblemKind::Configuration,
            format!(
                "The configuration file {} was written by a newer Latchkey (version {version} of the file; this one \
                 knows {VERSION}). It was left as it is.",
                self.file().display()
            ),
            "Install the newer Latchkey again, or set LATCHKEY_CONFIG_DIR to another folder for this one.",
        )
    }

    fn damaged(&self, detail: &str) -> Problem {
        Problem::new(
            ProblemKind::Configuration,
            format!("The configuration file {} is damaged. Nothing was changed.", self.file().display()),
            "Mend or remove the file. When Latchkey next starts, it sets the file aside, renamed, and begins a new one.",
        )
        .with_description(detail)
    }
}

/// A new connection's id: 32 hexadecimal digits.
#[must_use]
pub fn new_id() -> String {
    use std::fmt::Write as _;
    let mut bytes = [0u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // An id is no secret: it must be unique, not unguessable.
        let mix = OffsetDateTime::now_utc().unix_timestamp_nanos() ^ (i128::from(std::process::id()) << 96);
        bytes = mix.to_be_bytes();
    }
    bytes.iter().fold(String::with_capacity(32), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// Puts a file in the place of another, whole or not at all.
fn replace(target: &Path, content: &impl Serialize) -> io::Result<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    // Readable by its owner alone, and removed again unless it takes the file's place.
    let mut temporary =
        tempfile::Builder::new().prefix(".connections-").suffix(".tmp").tempfile_in(folder)?;
    serde_json::to_writer_pretty(&mut temporary, content)?;
    temporary.write_all(b"\n")?;
    temporary.as_file().sync_all()?;
    temporary.persist(target)?;
    // Windows has no such thing, and needs none.
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

/// Whose connection it is stands in no file: what a policy manages is never written.
fn without_managed(mut file: serde_json::Value) -> serde_json::Value {
    let connections = file.get_mut("connections").and_then(serde_json::Value::as_array_mut);
    for connection in connections.into_iter().flatten() {
        if let Some(members) = connection.as_object_mut() {
            members.shift_remove("managed");
        }
    }
    file
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
