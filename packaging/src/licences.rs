//! One file with the licences of everything that is linked in or shipped: who names which, and each text once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::inventory::{Component, Origin};
use crate::project::Project;
use crate::{Error, Result};

/// How the names of licence files begin, in small letters.
const BEGINNINGS: [&str; 6] = ["license", "licence", "copying", "notice", "unlicense", "copyright"];

/// How the names of code end.
const CODE: [&str; 9] = [".rs", ".c", ".h", ".js", ".ts", ".json", ".toml", ".py", ".html"];

/// Folders with what is not linked in: other packages, which are listed themselves, tests, and sources that are compiled only
/// where the system lacks a library, which is required here.
const ELSEWHERE: [&str; 4] = ["node_modules", "vendor", "tests", "target"];

/// The file.
pub fn collect(project: &Project, components: &[Component]) -> Result<Vec<u8>> {
    let third: Vec<&Component> =
        components.iter().filter(|component| component.origin != Origin::Own).collect();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut without = Vec::new();
    for component in &third {
        let label = format!("{} {}", component.name, component.version);
        let found = texts_in(&component.folder)?;
        if found.is_empty() {
            if component.licence.is_none() {
                return Err(Error::unfit(format!("{label} names no licence and ships none")));
            }
            without.push(label);
            continue;
        }
        for text in found {
            let users = texts.entry(text).or_default();
            if !users.contains(&label) {
                users.push(label.clone());
            }
        }
    }
    let mut file = format!(
        "Third-party licences of Latchkey {}\n\n\
         The programs are linked with the crates below, and the window's page is made of the npm packages.\n\
         First each with the licence that it names, then every text, with those that ship it.\n\n",
        project.version
    );
    for component in &third {
        let registry = if component.origin == Origin::Npm { "npm" } else { "crate" };
        let licence = component.licence.as_deref().unwrap_or("see its text");
        file.push_str(&format!("{registry} {} {}: {licence}\n", component.name, component.version));
        if let Some(repository) = &component.repository {
            file.push_str(&format!("    {repository}\n"));
        }
    }
    if !without.is_empty() {
        file.push_str(
            "\nThese ship no text of the licence that they name. The texts of the common licences are below:\n\n",
        );
        without.iter().for_each(|label| file.push_str(&format!("    {label}\n")));
    }
    let mut ordered: Vec<(String, Vec<String>)> = texts.into_iter().collect();
    ordered.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
    for (text, users) in ordered {
        file.push_str(&format!("\n{}\n{}\n\n{text}\n", "=".repeat(78), users.join(", ")));
    }
    Ok(file.into_bytes())
}

/// The licence texts in a folder and below it, in the order of their paths: crates bring other people's sources along.
fn texts_in(folder: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).map_err(Error::file("read", &next))?;
        for entry in entries {
            let path = entry.map_err(Error::file("read", &next))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if path.is_dir() {
                if !ELSEWHERE.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if is_licence(&name) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let mut texts = Vec::new();
    for path in paths {
        let bytes = crate::error::read(&path)?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let text = text.trim_start_matches('\u{feff}').trim();
        texts.push(text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
    }
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

/// Whether a file of this name, in small letters, is a licence, and not code about licences.
fn is_licence(name: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        && !CODE.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn component(name: &str, folder: &Path, licence: Option<&str>) -> Component {
        Component {
            origin: Origin::Cargo,
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
            repository: None,
            digest: None,
            folder: folder.to_path_buf(),
            uses: BTreeSet::new(),
        }
    }

    #[test]
    fn each_text_stands_once_with_all_who_ship_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("a/LICENSE-MIT"), "Permission\r\n").unwrap();
        std::fs::write(folder.path().join("b/License.txt"), "Permission").unwrap();
        std::fs::write(folder.path().join("c/lib.rs"), "source").unwrap();
        let all = ["a", "b", "c"].map(|name| component(name, &folder.path().join(name), Some("MIT")));
        let text = String::from_utf8(collect(&Project::example(), &all).unwrap()).unwrap();
        assert_eq!(text.matches("Permission").count(), 1, "{text}");
        assert!(text.contains("a 1.0.0, b 1.0.0\n\nPermission"), "{text}");
        assert!(text.contains("    c 1.0.0\n") && !text.contains("source"), "{text}");
    }

    #[test]
    fn licences_of_sources_that_are_brought_along_count_and_code_does_not() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("LICENSE", "own"),
            ("deep/other/COPYING", "other"),
            ("src/license.rs", "code"),
            ("vendor/lib/LICENSE", "not linked"),
        ] {
            crate::error::write(&folder.path().join(path), text).unwrap();
        }
        assert_eq!(texts_in(folder.path()).unwrap(), ["own", "other"]);
    }

    #[test]
    fn neither_a_licence_nor_a_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let odd = [component("odd", folder.path(), None)];
        let message = collect(&Project::example(), &odd).unwrap_err().to_string();
        assert!(message.contains("odd 1.0.0"), "{message}");
    }
}
