//! What is remembered of the runs of managed connections, which have no place in the file of connections.
//!
//! `managed.json` beside it, by connection id. A refresh after a restart needs it: it must bring the user of the first
//! sign-in. A file that cannot be read costs that and the dots in the list, and is written anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use latchkey_oidc::Problem;
use serde::{Deserialize, Serialize};

use super::Store;
use crate::connection::LastRun;

/// How a managed connection's last run ended, and who signed in last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// As a saved connection has it.
    pub last_run: Option<LastRun>,
    /// As a saved connection has it.
    pub username: Option<String>,
}

impl Store {
    /// By connection id.
    #[must_use]
    pub fn notes(&self) -> BTreeMap<String, Note> {
        let read = fs::read(self.notes_file()).ok();
        read.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Changes one of them, while no other process does.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`](latchkey_oidc::ProblemKind::Configuration); the file is as before then.
    pub fn note(&self, id: &str, change: impl FnOnce(&mut Note)) -> Result<(), Problem> {
        let _lock = self.lock()?;
        let mut notes = self.notes();
        change(notes.entry(id.to_owned()).or_default());
        super::replace(&self.notes_file(), &notes).map_err(|error| self.not_written(&error))
    }

    fn notes_file(&self) -> PathBuf {
        self.folder.join("managed.json")
    }
}
