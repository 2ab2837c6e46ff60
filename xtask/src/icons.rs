//! The bundler's icons, drawn from `icons/latchkey.svg` by Tauri's own generator at a fixed version.

use std::path::Path;

use crate::npm;
use crate::step::Failure;
use crate::workspace;

const GENERATOR: &str = "@tauri-apps/cli@2.12.5";

/// The files that src-tauri/tauri.conf.json names; the generator draws more, for stores and phones.
const WANTED: [&str; 6] = ["32x32.png", "128x128.png", "128x128@2x.png", "icon.png", "icon.ico", "icon.icns"];

/// `cargo xtask icons`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        return Err(Failure::usage("no argument", argument));
    }
    npm::check_node()?;
    let icons = workspace::root().join("icons");
    let drawn = workspace::target()?.join("icons");
    let (source, output) = (icons.join("latchkey.svg"), drawn.display().to_string());
    npm::npm(&icons, &["exec", "--yes", "--package", GENERATOR, "--", "tauri", "icon"])
        .args([source.as_os_str(), "--output".as_ref(), output.as_ref()])
        .or("Check that icons/latchkey.svg is a square SVG and that the npm registry can be reached.")
        .run()?;
    for name in WANTED {
        let bytes = read(&drawn.join(name))?;
        let bytes = if name == "icon.icns" { sorted_icns(&bytes).unwrap_or(bytes) } else { bytes };
        let to = icons.join(name);
        std::fs::write(&to, bytes).map_err(|error| Failure::file("write", &to, &error))?;
        println!("  icons/{name}");
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

/// The same ICNS file with its entries in the order of their types: the generator writes them in a random order,
/// and a file that changes at every run cannot be reviewed. Nothing when the file is not ICNS.
fn sorted_icns(bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = bytes.split_at_checked(8)?;
    if !header.starts_with(b"icns") {
        return None;
    }
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
        if length < 8 {
            return None;
        }
        let (entry, after) = rest.split_at_checked(length)?;
        entries.push(entry);
        rest = after;
    }
    entries.sort();
    Some([header, &entries.concat()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icns_entries_are_sorted_and_nothing_is_lost() {
        let file = b"icns\0\0\0\x1cic08\0\0\0\x0aBBic07\0\0\0\x0aAA";
        assert_eq!(sorted_icns(file).unwrap(), b"icns\0\0\0\x1cic07\0\0\0\x0aAAic08\0\0\0\x0aBB");
    }

    #[test]
    fn what_is_no_icns_file_is_left_alone() {
        for bytes in [
            &b"PNG"[..],
            b"icns\0\0\0\x0cic08",
            b"icns\0\0\0\x10ic08\0\0\0\x01",
            b"icns\0\0\0\x10ic08\0\0\0\xff",
        ] {
            assert!(sorted_icns(bytes).is_none());
        }
    }

    #[test]
    fn every_wanted_icon_is_there() {
        for name in WANTED {
            assert!(workspace::root().join("icons").join(name).is_file(), "{name}");
        }
    }
}
