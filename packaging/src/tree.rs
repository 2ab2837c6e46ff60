//! The files of a package before either format knows them: sorted by path, with a mode each, and no owner or time, which
//! are the same for all.

use std::collections::{BTreeMap, BTreeSet};

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its permissions.
    pub mode: u32,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// What the package manager is told about it.
    pub kind: Kind,
}

/// What a file is for, as far as package managers tell files apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Belongs to the programs.
    Plain,
    /// Is read by people only, and may be left out by those who want no documentation.
    Documentation,
    /// States a licence, and is never left out.
    Licence,
}

/// Files by their path, which has no leading slash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, Entry>);

impl Tree {
    /// Adds a program.
    pub fn program(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.add(path, 0o755, bytes, Kind::Plain);
    }

    /// Adds a file.
    pub fn file(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.add(path, 0o644, bytes, Kind::Plain);
    }

    /// Adds documentation.
    pub fn documentation(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.add(path, 0o644, bytes, Kind::Documentation);
    }

    /// Adds a licence.
    pub fn licence(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.add(path, 0o644, bytes, Kind::Licence);
    }

    fn add(&mut self, path: impl Into<String>, mode: u32, bytes: impl Into<Vec<u8>>, kind: Kind) {
        self.0.insert(path.into(), Entry { mode, bytes: bytes.into(), kind });
    }

    /// The files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.0.get(path)
    }

    /// Every folder that a file is in, parents first.
    #[must_use]
    pub fn folders(&self) -> BTreeSet<String> {
        let mut folders = BTreeSet::new();
        for path in self.0.keys() {
            let mut rest = path.as_str();
            while let Some((folder, _)) = rest.rsplit_once('/') {
                folders.insert(folder.to_owned());
                rest = folder;
            }
        }
        folders
    }

    /// What the installed files take, in KiB, each rounded up as file systems do.
    #[must_use]
    pub fn installed_kib(&self) -> u64 {
        let files: u64 = self.0.values().map(|entry| (entry.bytes.len() as u64).div_ceil(1024)).sum();
        files + self.folders().len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_before_what_is_in_them() {
        let mut tree = Tree::default();
        tree.file("usr/share/doc/latchkey/a", "1");
        tree.program("usr/bin/latchkey", "2");
        let folders: Vec<String> = tree.folders().into_iter().collect();
        assert_eq!(folders, ["usr", "usr/bin", "usr/share", "usr/share/doc", "usr/share/doc/latchkey"]);
        assert_eq!(tree.installed_kib(), 7);
    }
}
