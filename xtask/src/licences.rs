//! What may be linked in or shipped: licences that ask for no more than attribution or, file by file, publication;
//! crates from crates.io; one TLS library.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::step::Failure;
use crate::workspace;

/// Licences that a program under Apache-2.0 or MIT can contain.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    // Its own files stay open; what links to them is not touched.
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

/// Crates that must not come in, with the reason.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "TLS is rustls: one library, the same on every system"),
    ("native-tls", "TLS is rustls: one library, the same on every system"),
];

/// Where crates come from. Anything else is a copy that nobody audits.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Fails when a dependency has a licence, a source or a name that is not allowed.
pub(crate) fn check() -> Result<(), Failure> {
    let step = workspace::cargo(["metadata", "--format-version", "1", "--all-features"]);
    println!("  $ {}", step.line());
    let failure =
        |came: String| Failure::new("cargo metadata to list the dependencies", came, "Check Cargo.toml.");
    let text = step.answer().ok_or_else(|| failure("no answer".to_owned()))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| failure(error.to_string()))?;
    let packages = metadata["packages"].as_array().ok_or_else(|| failure("no packages".to_owned()))?;
    let objections: BTreeSet<String> = packages.iter().filter_map(objection).collect();
    if objections.is_empty() {
        println!("    {} crates, each allowed", packages.len());
        return Ok(());
    }
    Err(Failure::new(
        "dependencies that may be shipped",
        objections.into_iter().collect::<Vec<_>>().join("\n            "),
        "Choose another crate, or add the licence in xtask/src/licences.rs with the reason why it fits.",
    ))
}

fn objection(package: &Value) -> Option<String> {
    let name = package["name"].as_str().unwrap_or("?");
    let version = package["version"].as_str().unwrap_or("?");
    // Without a source it is ours.
    let source = package["source"].as_str()?;
    if let Some((_, reason)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        return Some(format!("{name} {version}: {reason}"));
    }
    if source != REGISTRY {
        return Some(format!("{name} {version}: comes from {source}"));
    }
    match package["license"].as_str() {
        None => Some(format!("{name} {version}: names no licence")),
        Some(licence) if is_allowed(licence) => None,
        Some(licence) => Some(format!("{name} {version}: {licence}")),
    }
}

/// Whether an SPDX expression can be met with the allowed licences. The old `MIT/Apache-2.0` means OR.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    alternatives(&mut rest) == Some(true) && rest.is_empty()
}

/// `a OR b`; AND binds tighter. Nothing when the expression is damaged.
fn alternatives(words: &mut &[&str]) -> Option<bool> {
    let mut met = together(words)?;
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= together(words)?;
    }
    Some(met)
}

fn together(words: &mut &[&str]) -> Option<bool> {
    let mut met = one(words)?;
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words)?;
    }
    Some(met)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let met = alternatives(words)?;
            let [")", rest @ ..] = *words else { return None };
            *words = rest;
            Some(met)
        }
        ["OR" | "AND" | ")", ..] | [] => None,
        [name, "WITH", exception, rest @ ..] => {
            *words = rest;
            Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()))
        }
        [name, rest @ ..] => {
            *words = rest;
            Some(ALLOWED.contains(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_that_can_be_met_are_allowed() {
        for expression in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
            "ISC AND (Apache-2.0 OR ISC) AND BSD-3-Clause",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_allowed(expression), "{expression}");
        }
    }

    #[test]
    fn others_and_damaged_ones_are_not() {
        for expression in
            ["GPL-3.0-only", "MIT AND GPL-3.0-only", "MIT OR", "(MIT", "MIT)", "", "MIT Apache-2.0", "AND"]
        {
            assert!(!is_allowed(expression), "{expression}");
        }
    }

    #[test]
    fn source_name_and_licence_are_each_objected_to() {
        let package = |name: &str, source: Option<&str>, license: Option<&str>| {
            objection(&json!({ "name": name, "version": "1.0.0", "source": source, "license": license }))
        };
        assert_eq!(package("ours", None, None), None);
        assert_eq!(package("good", Some(REGISTRY), Some("MIT")), None);
        assert!(package("openssl-sys", Some(REGISTRY), Some("MIT")).unwrap().contains("rustls"));
        assert!(package("odd", Some("git+https://example.com/odd"), Some("MIT")).unwrap().contains("git+"));
        assert!(package("mute", Some(REGISTRY), None).unwrap().contains("no licence"));
        assert!(package("strict", Some(REGISTRY), Some("AGPL-3.0")).unwrap().contains("AGPL-3.0"));
    }
}
