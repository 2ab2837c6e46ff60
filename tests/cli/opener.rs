//! A browser that is a script: it notes the address, and a person of the tests goes there.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use url::Url;

use crate::harness::{Ended, Run};

/// A program that notes the address which it is to open.
pub(crate) struct Opener {
    folder: TempDir,
}

impl Opener {
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("latchkey-browser-").unwrap();
        let script = "printf '%s' \"$1\" > \"$0.new\" && mv \"$0.new\" \"$0.address\"\n";
        std::fs::write(folder.path().join("open"), script).unwrap();
        Self { folder }
    }

    pub(crate) fn command(&self) -> String {
        format!("--browser=/bin/sh {}", self.folder.path().join("open").display())
    }

    pub(crate) fn note(&self) -> PathBuf {
        self.folder.path().join("open.address")
    }

    pub(crate) fn was_asked(&self) -> bool {
        self.note().exists()
    }

    /// Starts a run and waits for the address.
    pub(crate) fn open(&self, run: Run) -> (JoinHandle<Ended>, Url) {
        let run = run.argument(&self.command());
        let running = std::thread::spawn(move || run.ended());
        let began = Instant::now();
        while !self.was_asked() {
            assert!(!running.is_finished(), "{:?}", running.join());
            assert!(began.elapsed() < Duration::from_secs(20), "no address");
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = std::fs::read_to_string(self.note()).unwrap();
        std::fs::remove_file(self.note()).unwrap();
        (running, Url::parse(&address).unwrap())
    }
}
