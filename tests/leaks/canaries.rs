//! Secrets, and every form in which they would be recognised.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use url::form_urlencoded;

/// Shorter pieces would be found by chance.
const SHORTEST: usize = 10;
/// How much of a pattern is looked up at each byte.
const HEAD: usize = 8;

/// The planted secrets.
#[derive(Default)]
pub(crate) struct Canaries {
    names: BTreeSet<String>,
    patterns: HashMap<Vec<u8>, String>,
}

impl Canaries {
    /// From now on this value is looked for, and its second half too: cut short is not taken out.
    pub(crate) fn plant(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 2 * SHORTEST, "{name} is too short to be told from chance");
        let middle = (secret.len() / 2..).find(|at| secret.is_char_boundary(*at)).unwrap();
        for (part, value) in [("", secret), (", second half", &secret[middle..])] {
            for (form, bytes) in forms(value) {
                if bytes.len() >= SHORTEST {
                    self.patterns.entry(bytes).or_insert_with(|| format!("{name}{part}, {form}"));
                }
            }
        }
        self.names.insert(name.to_owned());
    }

    /// What of them is in these bytes.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> BTreeSet<&str> {
        let mut by_head: HashMap<&[u8], Vec<(&[u8], &str)>> = HashMap::new();
        for (pattern, name) in &self.patterns {
            by_head.entry(&pattern[..HEAD]).or_default().push((pattern, name));
        }
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(HEAD - 1) {
            if let Some(candidates) = by_head.get(&bytes[at..at + HEAD]) {
                found.extend(
                    candidates
                        .iter()
                        .filter(|(pattern, _)| bytes[at..].starts_with(pattern))
                        .map(|(_, name)| *name),
                );
            }
        }
        found
    }

    /// Fails where one of them is found.
    pub(crate) fn absent_from(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let found = self.found_in(bytes.as_ref());
        // The names alone: the message of a failed test is a place that can leak, too.
        assert!(found.is_empty(), "{place} holds {found:?}");
    }

    /// Fails where one of them is in a file of the folder, or in a file's name. Returns how many were read.
    pub(crate) fn absent_from_folder(&self, folder: &Path) -> usize {
        let mut read = 0;
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            self.absent_from("a file's name", path.as_os_str().as_encoded_bytes());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => read += self.absent_from_folder(&path),
                Ok(kind) if kind.is_file() => {
                    // Temporary files may go while the program runs.
                    if let Ok(bytes) = std::fs::read(&path) {
                        self.absent_from(&path.display().to_string(), bytes);
                        read += 1;
                    }
                }
                _ => {}
            }
        }
        read
    }

    /// The number of planted secrets.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }
}

fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = serde_json::to_string(secret).unwrap();
    let ascii_json: String = secret.chars().fold(String::new(), |out, c| match c {
        '"' | '\\' => format!("{out}\\{c}"),
        c if c.is_ascii() => format!("{out}{c}"),
        c => c.encode_utf16(&mut [0; 2]).iter().fold(out, |out, unit| format!("{out}\\u{unit:04x}")),
    });
    let percent = |kept: &str| -> String {
        secret
            .bytes()
            .map(|byte| {
                let kept = byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte);
                if kept { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            })
            .collect()
    };
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut all = vec![
        ("raw", secret.to_owned().into_bytes()),
        ("UTF-16", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("JSON", json.as_bytes()[1..json.len() - 1].to_vec()),
        ("JSON in ASCII", ascii_json.into_bytes()),
        ("JSON in JSON", {
            let twice = serde_json::to_string(&json).unwrap();
            twice.as_bytes()[3..twice.len() - 3].to_vec()
        }),
        ("Rust's Debug", {
            let debug = format!("{secret:?}");
            debug.as_bytes()[1..debug.len() - 1].to_vec()
        }),
        ("percent-encoded", percent("-._~").into_bytes()),
        ("percent-encoded in lower case", percent("-._~").to_lowercase().into_bytes()),
        ("percent-encoded as JavaScript does", percent("-._~!*'()").into_bytes()),
        ("form-encoded", form.clone().into_bytes()),
        (
            "form-encoded twice",
            form_urlencoded::byte_serialize(form.as_bytes()).collect::<String>().into_bytes(),
        ),
        ("HTML", html.clone().into_bytes()),
        ("HTML with quotes", html.replace('"', "&quot;").replace('\'', "&#39;").into_bytes()),
        ("hexadecimal", secret.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()),
    ];
    for alignment in 0..3 {
        for (name, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
            for value in [secret, &form] {
                let mut bytes = vec![0; alignment];
                bytes.extend_from_slice(value.as_bytes());
                let encoded = engine.encode(&bytes);
                // What depends on the bytes before and after is no part of the pattern.
                let start = [0, 2, 3][alignment];
                let end = bytes.len() / 3 * 4;
                all.push((name, encoded.as_bytes()[start..end].to_vec()));
            }
        }
    }
    all
}

#[test]
fn the_search_finds_a_planted_secret_in_every_form_and_alignment() {
    let secret = "pa ss\"wö<r&d>%+/=\\'$(x)-0123456789";
    let mut canaries = Canaries::default();
    canaries.plant("password", secret);
    assert_eq!(canaries.found_in(b"nothing of the kind, and pa ss"), BTreeSet::new());

    let folder = tempfile::tempdir().unwrap();
    let control = folder.path().join("control.txt");
    let json = serde_json::json!({"error_description": format!("no such user: {secret}")}).to_string();
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("password", secret).finish();
    let mut planted = vec![
        format!("before {secret} after").into_bytes(),
        serde_json::to_string(&json).unwrap().into_bytes(),
        json.into_bytes(),
        form.into_bytes(),
        format!("{:?}", Some(secret)).into_bytes(),
        secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        // Cut short.
        secret.as_bytes()[secret.len() / 2..].to_vec(),
    ];
    for before in ["", "x", "xy", "client-id:", "client id:"] {
        let credentials = format!("{before}{secret}{before}");
        planted.push(STANDARD.encode(&credentials).into_bytes());
        planted.push(URL_SAFE.encode(&credentials).into_bytes());
    }
    for bytes in planted {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        std::fs::write(&control, &bytes).unwrap();
        assert!(!canaries.found_in(&bytes).is_empty(), "not found: {text}");
        let caught = std::panic::catch_unwind(|| {
            canaries.absent_from_folder(folder.path());
        });
        assert!(caught.is_err(), "not found in a file: {text}");
    }
    std::fs::write(&control, "nothing").unwrap();
    assert_eq!(canaries.absent_from_folder(folder.path()), 1);
}
