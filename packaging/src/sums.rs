//! SHA256SUMS, as `sha256sum --check` reads it, over everything in a folder but itself and its signature.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::{read, write};
use crate::{Error, Result};

/// The file.
pub const SUMS: &str = "SHA256SUMS";
/// Its detached signature.
pub const SUMS_SIGNATURE: &str = "SHA256SUMS.asc";

/// SHA-256 in small hexadecimal letters.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file below `folder`, by its path with slashes. Anything but a file or a folder is an error.
pub fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).map_err(Error::file("read", &next))?;
        for entry in entries {
            let entry = entry.map_err(Error::file("read", &next))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(Error::file("read", &next))?);
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let name = relative.to_string_lossy().replace('\\', "/");
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                found.insert(name, path);
            } else {
                return Err(Error::check(name, "is neither a file nor a folder"));
            }
        }
    }
    Ok(found)
}

/// Writes SHA256SUMS.
pub fn make(folder: &Path) -> Result<()> {
    let mut text = String::new();
    for (name, path) in files(folder)? {
        if name != SUMS && name != SUMS_SIGNATURE {
            text.push_str(&format!("{}  {name}\n", sha256(&read(&path)?)));
        }
    }
    write(&folder.join(SUMS), text)
}

/// Checks that the folder has exactly the files of SHA256SUMS, each with its sum. Returns how many.
pub fn check(folder: &Path) -> Result<usize> {
    let text = String::from_utf8(read(&folder.join(SUMS))?).map_err(|_| Error::check(SUMS, "is no text"))?;
    let mut listed = parse(&text)?;
    let count = listed.len();
    for (name, path) in files(folder)? {
        if name == SUMS || name == SUMS_SIGNATURE {
            continue;
        }
        let wanted = listed.remove(&name).ok_or_else(|| Error::check(&name, format!("is not in {SUMS}")))?;
        let came = sha256(&read(&path)?);
        if came != wanted {
            return Err(Error::check(&name, format!("has the SHA-256 {came}, and {SUMS} says {wanted}")));
        }
    }
    match listed.into_keys().next() {
        None => Ok(count),
        Some(name) => Err(Error::check(&name, format!("is in {SUMS} and not in the folder"))),
    }
}

/// The sums by name. Nothing is forgiven, so that each byte of the file counts.
fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let mut listed = BTreeMap::new();
    let body = text.strip_suffix('\n').ok_or_else(|| Error::check(SUMS, "does not end with a line"))?;
    for line in body.split('\n') {
        let (sum, name) = line
            .split_once("  ")
            .filter(|(sum, name)| {
                sum.len() == 64
                    && sum.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                    && !name.is_empty()
            })
            .ok_or_else(|| Error::check(SUMS, format!("has a line that is no sum: {line:?}")))?;
        if listed.insert(name.to_owned(), sum.to_owned()).is_some() {
            return Err(Error::check(SUMS, format!("lists {name} twice")));
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flipped_byte_is_noticed_and_its_file_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(&folder.join("a"), "one").unwrap();
        write(&folder.join("below/b"), "two").unwrap();
        make(folder).unwrap();
        assert_eq!(check(folder).unwrap(), 2);
        for name in ["a", "below/b"] {
            let good = read(&folder.join(name)).unwrap();
            for index in 0..good.len() {
                let mut bad = good.clone();
                bad[index] ^= 1;
                write(&folder.join(name), bad).unwrap();
                let message = check(folder).unwrap_err().to_string();
                assert!(message.starts_with(&format!("{name}: ")), "{message}");
            }
            write(&folder.join(name), good).unwrap();
        }
        let good = read(&folder.join(SUMS)).unwrap();
        for index in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[index] ^= 1 << bit;
                write(&folder.join(SUMS), bad).unwrap();
                assert!(check(folder).is_err(), "byte {index}, bit {bit}");
            }
        }
    }

    #[test]
    fn files_that_are_missing_or_too_many_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(&folder.join("a"), "one").unwrap();
        make(folder).unwrap();
        write(&folder.join("b"), "two").unwrap();
        assert!(check(folder).unwrap_err().to_string().starts_with("b: "));
        std::fs::remove_file(folder.join("b")).unwrap();
        std::fs::remove_file(folder.join("a")).unwrap();
        assert!(check(folder).unwrap_err().to_string().starts_with("a: "));
    }
}
