//! The bill of materials, as CycloneDX 1.6 JSON: what the inventory lists, with licences, digests and who uses whom.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::inventory::{Component, Origin};
use crate::project::{LICENCE, NAME, Project, SUMMARY};
use crate::{Error, Result};

/// The document.
pub fn document(project: &Project, components: &[Component]) -> Result<Vec<u8>> {
    let root = format!("pkg:generic/{NAME}@{}", project.version);
    // The page is no crate, so what it uses is used by the whole.
    let direct = components.iter().filter(|one| one.origin != Origin::Cargo).map(Component::url);
    let mut dependencies = vec![json!({ "ref": root, "dependsOn": direct.collect::<Vec<_>>() })];
    dependencies.extend(components.iter().map(|one| json!({ "ref": one.url(), "dependsOn": one.uses })));
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": project.iso_time(),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": NAME,
                "version": project.version,
                "description": SUMMARY,
                "licenses": [{ "expression": LICENCE }],
                "purl": root,
            },
        },
        "components": components.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    });
    let text = document.to_string();
    document["serialNumber"] = json!(serial_number(text.as_bytes()));
    let mut bytes = serde_json::to_vec_pretty(&document).map_err(|error| Error::unfit(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn component(one: &Component) -> Value {
    let mut value = json!({
        "type": "library",
        "bom-ref": one.url(),
        "name": one.name,
        "version": one.version,
        "scope": "required",
        "purl": one.url(),
    });
    if let Some(licence) = &one.licence {
        value["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some((algorithm, digest)) = &one.digest {
        value["hashes"] = json!([{ "alg": algorithm, "content": digest }]);
    }
    if let Some(repository) = &one.repository {
        value["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    value
}

/// A UUID of version 8 (RFC 9562 §5.8) made from the content, so that the same content has the same number.
fn serial_number(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let mut bytes: Vec<u8> = digest.iter().copied().take(16).collect();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_component_has_its_url_licence_digest_and_uses() {
        let one = |origin, name: &str, uses: &[&str]| Component {
            origin,
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: Some("MIT".to_owned()),
            repository: None,
            digest: Some(("SHA-256", "00".to_owned())),
            folder: PathBuf::new(),
            uses: uses.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(),
        };
        let components =
            [one(Origin::Own, NAME, &["pkg:cargo/serde@1.0.0"]), one(Origin::Cargo, "serde", &[])];
        let bytes = document(&Project::example(), &components).unwrap();
        assert_eq!(bytes, document(&Project::example(), &components).unwrap());
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
        assert_eq!(value["components"][1]["hashes"][0]["content"], "00");
        assert_eq!(value["dependencies"][1]["dependsOn"][0], "pkg:cargo/serde@1.0.0");
        let number = value["serialNumber"].as_str().unwrap();
        assert_eq!((number.len(), number.as_bytes()[23]), (45, b'8'), "{number}");
    }
}
