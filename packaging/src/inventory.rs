//! What the programs are made of: crates by `cargo metadata`, the page's packages by its lock file. One list, for the
//! licences and for the SBOM.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::Value;

use crate::error::read_text;
use crate::project::{DESKTOP, NAME, Project, metadata};
use crate::tool::Tool;
use crate::{Error, Result};

/// Which registry a component is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// This repository.
    Own,
    /// crates.io.
    Cargo,
    /// npmjs.com.
    Npm,
}

/// One thing that is linked in or shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Where it is from.
    pub origin: Origin,
    /// Its name there.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SPDX expression that it names, if it names one.
    pub licence: Option<String>,
    /// Where its source is kept.
    pub repository: Option<String>,
    /// The digest that the lock file pins: algorithm as CycloneDX names it, and hexadecimal value.
    pub digest: Option<(&'static str, String)>,
    /// The folder with its files, licences among them.
    pub folder: PathBuf,
    /// What it uses in turn, as package URLs.
    pub uses: BTreeSet<String>,
}

impl Component {
    /// The package URL, which names it for every tool.
    #[must_use]
    pub fn url(&self) -> String {
        let version = self.version.replace('+', "%2B");
        match self.origin {
            Origin::Own | Origin::Cargo => format!("pkg:cargo/{}@{version}", self.name),
            Origin::Npm => format!("pkg:npm/{}@{version}", self.name.replace('@', "%40")),
        }
    }
}

/// Everything, in the order of origin, name and version.
pub fn collect(project: &Project) -> Result<Vec<Component>> {
    let mut all = crates(project)?;
    all.extend(packages(project)?);
    all.sort_by(|one, other| {
        (one.origin, &one.name, &one.version).cmp(&(other.origin, &other.name, &other.version))
    });
    Ok(all)
}

fn crates(project: &Project) -> Result<Vec<Component>> {
    let host = Tool::new("rustc", "rustc").args(["-vV"]).folder(&project.root).run()?.text();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Error::unfit("rustc -vV names no host"))?;
    let metadata = metadata(&project.root, &["--filter-platform", host])?;
    let checksums = checksums(&read_text(&project.root.join("Cargo.lock"))?);
    linked(&metadata, &checksums)
}

/// What both programs use without what only builds or tests them. Macros are among it: what they write is linked in.
fn linked(metadata: &Value, checksums: &BTreeMap<(String, String), String>) -> Result<Vec<Component>> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let packages: BTreeMap<String, Value> = list(&metadata["packages"])
        .into_iter()
        .filter_map(|package| Some((package["id"].as_str()?.to_owned(), package)))
        .collect();
    let nodes: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .into_iter()
        .filter_map(|node| {
            let normal = |dependency: &&Value| {
                dependency["dep_kinds"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
            };
            let below = node["deps"].as_array()?.iter().filter(normal);
            let below = below.filter_map(|dependency| text(&dependency["pkg"])).collect();
            Some((node["id"].as_str()?.to_owned(), below))
        })
        .collect();
    let mut open: Vec<&String> = packages
        .iter()
        .filter(|(_, package)| {
            package["source"].is_null() && (package["name"] == NAME || package["name"] == DESKTOP)
        })
        .map(|(id, _)| id)
        .collect();
    if open.len() != 2 {
        return Err(Error::unfit(format!("cargo metadata does not name both {NAME} and {DESKTOP}")));
    }
    let mut reached = BTreeMap::new();
    while let Some(id) = open.pop() {
        if reached.contains_key(id) {
            continue;
        }
        let package = packages.get(id).ok_or_else(|| Error::unfit(format!("no package {id}")))?;
        let (name, version) =
            (text(&package["name"]).unwrap_or_default(), text(&package["version"]).unwrap_or_default());
        let manifest = PathBuf::from(text(&package["manifest_path"]).unwrap_or_default());
        let digest = checksums.get(&(name.clone(), version.clone())).cloned();
        reached.insert(
            id,
            Component {
                origin: if package["source"].is_null() { Origin::Own } else { Origin::Cargo },
                licence: text(&package["license"]).map(|licence| licence.replace('/', " OR ")),
                repository: text(&package["repository"]),
                digest: digest.map(|digest| ("SHA-256", digest)),
                folder: manifest.parent().unwrap_or(Path::new("")).to_path_buf(),
                uses: BTreeSet::new(),
                name,
                version,
            },
        );
        open.extend(nodes.get(id).into_iter().flatten());
    }
    let urls: BTreeMap<&String, String> =
        reached.iter().map(|(id, component)| (*id, component.url())).collect();
    for (id, component) in &mut reached {
        component.uses =
            nodes.get(*id).into_iter().flatten().filter_map(|below| urls.get(below).cloned()).collect();
    }
    Ok(reached.into_values().collect())
}

/// The digests of Cargo.lock, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for block in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
            Some(line.trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(checksum)) =
            (value("name"), value("version"), value("checksum"))
        {
            found.insert((name, version), checksum);
        }
    }
    found
}

fn packages(project: &Project) -> Result<Vec<Component>> {
    let ui = project.root.join("ui");
    let lock: Value = json(&ui.join("package-lock.json"))?;
    let listed =
        lock["packages"].as_object().ok_or_else(|| Error::unfit("ui/package-lock.json lists no packages"))?;
    let shipped = |place: &str, entry: &Value| {
        !place.is_empty() && entry["dev"] != true && entry["devOptional"] != true && entry["optional"] != true
    };
    let mut found = Vec::new();
    for (place, entry) in listed.iter().filter(|(place, entry)| shipped(place, entry)) {
        let name = place.rsplit("node_modules/").next().unwrap_or(place).to_owned();
        let folder = ui.join(place);
        let manifest: Value = json(&folder.join("package.json"))?;
        let names = |value: &Value| -> Vec<String> {
            value.as_object().into_iter().flat_map(|map| map.keys().cloned()).collect()
        };
        let mut uses = BTreeSet::new();
        for wanted in names(&entry["dependencies"]).into_iter().chain(names(&entry["peerDependencies"])) {
            if let Some((at, used)) = resolve(listed, place, &wanted).filter(|(at, used)| shipped(at, used)) {
                let version = used["version"].as_str().unwrap_or_default();
                let name = at.rsplit("node_modules/").next().unwrap_or(&at);
                uses.insert(format!("pkg:npm/{}@{version}", name.replace('@', "%40")));
            }
        }
        let licence = entry["license"].as_str().or(manifest["license"].as_str());
        let repository = manifest["repository"]["url"].as_str().or(manifest["repository"].as_str());
        found.push(Component {
            origin: Origin::Npm,
            version: entry["version"].as_str().unwrap_or_default().to_owned(),
            licence: licence.map(str::to_owned),
            repository: repository.map(web_address),
            digest: entry["integrity"].as_str().and_then(integrity),
            name,
            folder,
            uses,
        });
    }
    Ok(found)
}

/// Where Node finds `wanted` from `place`: in its own node_modules, or in those of the folders above.
fn resolve<'a>(
    listed: &'a serde_json::Map<String, Value>,
    place: &str,
    wanted: &str,
) -> Option<(String, &'a Value)> {
    let mut from = Some(place);
    while let Some(folder) = from {
        let at = format!("{folder}/node_modules/{wanted}");
        if let Some(entry) = listed.get(&at) {
            return Some((at, entry));
        }
        from = folder.rsplit_once("/node_modules/").map(|(above, _)| above);
    }
    let at = format!("node_modules/{wanted}");
    listed.get(&at).map(|entry| (at, entry))
}

/// A repository as package.json names it, as an address that a browser opens.
fn web_address(named: &str) -> String {
    let plain = named.trim_start_matches("git+").trim_end_matches(".git");
    match plain.strip_prefix("git://").or_else(|| plain.strip_prefix("ssh://git@")) {
        Some(rest) => format!("https://{rest}"),
        None if plain.contains("://") => plain.to_owned(),
        // `owner/name` and `github:owner/name` both mean GitHub.
        None => format!("https://github.com/{}", plain.trim_start_matches("github:")),
    }
}

/// npm's `sha512-<base64>` as CycloneDX has it.
fn integrity(text: &str) -> Option<(&'static str, String)> {
    let encoded = text.split_whitespace().find_map(|one| one.strip_prefix("sha512-"))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    Some(("SHA-512", bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn json(path: &Path) -> Result<Value> {
    let text = read_text(path)?;
    serde_json::from_str(&text).map_err(|error| Error::unfit(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_only_builds_or_tests_is_not_listed() {
        let package = |id: &str, source: Option<&str>| {
            json!({ "id": id, "name": id, "version": "1.0.0", "source": source, "license": "MIT/Apache-2.0",
                    "manifest_path": format!("/{id}/Cargo.toml"), "repository": null })
        };
        let uses = |id: &str, kind: Option<&str>| json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package(NAME, None), package(DESKTOP, None), package("serde", Some("registry")),
                         package("cc", Some("registry")), package("proptest", Some("registry"))],
            "resolve": { "nodes": [
                { "id": NAME, "deps": [uses("serde", None), uses("proptest", Some("dev"))] },
                { "id": DESKTOP, "deps": [uses("serde", None), uses("cc", Some("build"))] },
                { "id": "serde", "deps": [] },
            ] },
        });
        let checksums = checksums("[[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nchecksum = \"abc\"\n");
        let found = linked(&metadata, &checksums).unwrap();
        let names: Vec<&str> = found.iter().map(|component| component.name.as_str()).collect();
        assert_eq!(names, [NAME, DESKTOP, "serde"]);
        assert_eq!(found[2].digest, Some(("SHA-256", "abc".to_owned())));
        assert_eq!(found[2].licence.as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(found[0].uses.iter().collect::<Vec<_>>(), ["pkg:cargo/serde@1.0.0"]);
    }

    #[test]
    fn a_package_is_found_where_node_finds_it() {
        let lock = json!({ "node_modules/a/node_modules/c": { "version": "1" }, "node_modules/c": { "version": "2" } });
        let listed = lock.as_object().unwrap();
        let version = |place| resolve(listed, place, "c").unwrap().1["version"].as_str().unwrap();
        assert_eq!(version("node_modules/a"), "1");
        assert_eq!(version("node_modules/a/node_modules/b"), "1");
        assert_eq!(version("node_modules/b"), "2");
    }

    #[test]
    fn package_urls_escape_what_they_must() {
        let mut component = Component {
            origin: Origin::Npm,
            name: "@tauri-apps/api".to_owned(),
            version: "2.0.0+b".to_owned(),
            licence: None,
            repository: None,
            digest: None,
            folder: PathBuf::new(),
            uses: BTreeSet::new(),
        };
        assert_eq!(component.url(), "pkg:npm/%40tauri-apps/api@2.0.0%2Bb");
        component.origin = Origin::Cargo;
        component.name = "serde".to_owned();
        assert_eq!(component.url(), "pkg:cargo/serde@2.0.0%2Bb");
    }

    #[test]
    fn repositories_become_addresses() {
        for (named, address) in [
            ("git+https://github.com/a/b.git", "https://github.com/a/b"),
            ("git://github.com/a/b.git", "https://github.com/a/b"),
            ("github:a/b", "https://github.com/a/b"),
            ("a/b", "https://github.com/a/b"),
        ] {
            assert_eq!(web_address(named), address);
        }
        assert_eq!(integrity("sha512-AAE="), Some(("SHA-512", "0001".to_owned())));
    }
}
