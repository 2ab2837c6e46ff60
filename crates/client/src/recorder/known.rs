//! Secrets to look for, in the encodings that answers echo them in.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use latchkey_oidc::Secret;
use latchkey_oidc::http::form_encode;
use latchkey_oidc::text::{is_plain, visible};
use zeroize::Zeroizing;

use super::redact::secret_name;

/// Shorter values would be found everywhere, and so be given away.
pub(super) const SHORTEST: usize = 4;
/// Base64 without its edges says too little below this.
const SHORTEST_BASE64: usize = 6;

/// A secret to look for.
pub(super) struct Known {
    pub(super) what: String,
    pub(super) fingerprint: Option<String>,
    value: Secret,
    pub(super) needles: Vec<Zeroizing<String>>,
}

impl Known {
    pub(super) fn new(what: &str, secret: &Secret, credential: bool) -> Self {
        let what = secret_name(what).map_or_else(|| what.to_owned(), str::to_owned);
        Self {
            fingerprint: (!credential).then(|| secret.fingerprint()),
            needles: needles(secret.expose()),
            value: secret.clone(),
            what,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.needles.is_empty()
    }

    pub(super) fn has_value(&self, value: &Secret) -> bool {
        self.value == *value
    }

    /// Whether it was made from these.
    pub(super) fn is_of(&self, what: &str, value: &Secret, credential: bool) -> bool {
        let what = secret_name(what).unwrap_or(what);
        self.what == what && self.fingerprint.is_none() == credential && self.has_value(value)
    }
}

/// Finds all needles of all secrets in one pass: by their first four bytes, and a filter before that.
pub(super) struct Index {
    pub(super) known: Vec<Arc<Known>>,
    filter: Vec<u64>,
    /// Sorted. Made anew whenever something is learned, which is why it is no map.
    beginnings: Vec<Beginning>,
}

/// The first bytes of a needle, and its place: in the list of secrets, and in the needles of that.
type Beginning = ([u8; SHORTEST], usize, usize);

impl Index {
    pub(super) fn new(known: Vec<Arc<Known>>) -> Self {
        let (mut filter, mut beginnings) = (vec![0; 1024], Vec::new());
        for (secret, known) in known.iter().enumerate() {
            for (number, needle) in known.needles.iter().enumerate() {
                let Some(beginning) = needle.as_bytes().first_chunk() else { continue };
                let bit = filter_bit(beginning);
                filter[bit / 64] |= 1 << (bit % 64);
                beginnings.push((*beginning, secret, number));
            }
        }
        beginnings.sort_unstable();
        Self { known, filter, beginnings }
    }

    pub(super) fn find<'a>(&'a self, text: &str, mut found: impl FnMut(Range<usize>, &'a Known)) {
        for (at, beginning) in text.as_bytes().windows(SHORTEST).enumerate() {
            let Ok(beginning) = <&[u8; SHORTEST]>::try_from(beginning) else { continue };
            let bit = filter_bit(beginning);
            if self.filter[bit / 64] & (1 << (bit % 64)) == 0 {
                continue;
            }
            let first = self.beginnings.partition_point(|(other, ..)| other < beginning);
            let same = self.beginnings[first..].iter().take_while(|(other, ..)| other == beginning);
            for (_, secret, number) in same {
                let known = &self.known[*secret];
                let needle = known.needles[*number].as_bytes();
                if text.as_bytes()[at..].starts_with(needle) {
                    found(at..at + needle.len(), known);
                }
            }
        }
    }
}

/// One of 65,536.
fn filter_bit(beginning: &[u8; SHORTEST]) -> usize {
    (u32::from_le_bytes(*beginning).wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// The forms in which a value may come back.
fn needles(value: &str) -> Vec<Zeroizing<String>> {
    if value.len() < SHORTEST {
        return Vec::new();
    }
    // A token as JWTs and most others are written: no encoding of text changes a character of it.
    let unchanged = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    needles_of(value, unchanged)
}

fn needles_of(value: &str, unchanged: bool) -> Vec<Zeroizing<String>> {
    let mut needles: Vec<String> = vec![value.to_owned(), value.to_ascii_lowercase()];
    if !value.is_ascii() {
        // UTF-8 read as latin-1, as header values are; and latin-1 read as UTF-8.
        needles.push(value.bytes().map(char::from).collect());
        needles.push(
            value.chars().map(|c| if ('\u{80}'..='\u{ff}').contains(&c) { '\u{fffd}' } else { c }).collect(),
        );
    }
    if !unchanged {
        needles.extend(encoded(value));
    }
    if value.len() >= SHORTEST_BASE64 {
        needles.extend(inside_base64(value.as_bytes()));
        if !unchanged {
            needles.extend(inside_base64(form_encode(value).as_bytes()));
            needles.extend(inside_base64(json_escaped(value, 0).as_bytes()));
        }
    }
    let hex = |digits: &[u8; 16]| {
        value.bytes().fold(String::with_capacity(value.len() * 2), |mut out, byte| {
            out.push(char::from(digits[usize::from(byte >> 4)]));
            out.push(char::from(digits[usize::from(byte & 15)]));
            out
        })
    };
    needles.extend([hex(b"0123456789abcdef"), hex(b"0123456789ABCDEF")]);
    // UTF-8 read as latin-1, as header values are.
    for at in 0..needles.len() {
        if !needles[at].is_ascii() {
            needles.push(needles[at].bytes().map(char::from).collect());
        }
    }
    // Made harmless before it got here.
    for at in 0..needles.len() {
        if is_plain(&needles[at]) {
            continue;
        }
        let harmless = visible(&needles[at]);
        if harmless != needles[at] {
            needles.push(harmless);
        }
    }
    needles.sort();
    needles.dedup();
    needles.into_iter().map(Zeroizing::new).collect()
}

/// The value as text is encoded on its way.
fn encoded(value: &str) -> Vec<String> {
    let mut needles = Vec::new();
    // What form encoding, RFC 3986, encodeURIComponent, encodeURI and URL parsers leave as it is.
    for kept in [
        "*-._",
        "-._~",
        "-_.!~*'()",
        "-_.!~*'();/?:@&=+$,#",
        "-_.!~*'();/?:@&=+$,[]|\\^`{}%",
        "-_.!~*();/?:@&=+$,[]|\\^`{}%",
    ] {
        for space in ["%20", "+"] {
            needles.push(percent(value, kept, space, false));
            needles.push(percent(value, kept, space, true));
        }
    }
    for escapes in 0..16u8 {
        needles.push(json_escaped(value, escapes));
    }
    for apostrophe in ["'", "&#39;", "&#x27;", "&apos;"] {
        let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        needles.push(html.replace('\'', apostrophe));
        needles.push(html.replace('\'', apostrophe).replace('"', "&quot;"));
        needles.push(html.replace('\'', apostrophe).replace('"', "&#34;"));
    }
    needles
}

fn percent(value: &str, kept: &str, space: &str, lower: bool) -> String {
    let mut out = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || (c.is_ascii() && kept.contains(c)) {
            out.push(c);
        } else if byte == b' ' {
            out.push_str(space);
        } else if lower {
            let _ = write!(out, "%{byte:02x}");
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// JSON's escapes, with a bit each for: `\/`, HTML characters as `\u003c`, beyond ASCII as `\u00e4`, upper-case digits.
fn json_escaped(value: &str, escapes: u8) -> String {
    let unicode = |out: &mut String, unit: u16| {
        let _ = if escapes & 8 == 0 { write!(out, "\\u{unit:04x}") } else { write!(out, "\\u{unit:04X}") };
    };
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if escapes & 1 != 0 => out.push_str("\\/"),
            '<' | '>' | '&' | '\'' if escapes & 2 != 0 => unicode(&mut out, c as u16),
            c if c.is_control() || (!c.is_ascii() && escapes & 4 != 0) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    unicode(&mut out, *unit);
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// What any base64 that contains the value contains, wherever the value stands in it.
fn inside_base64(value: &[u8]) -> impl Iterator<Item = String> {
    const ENGINES: [GeneralPurpose; 2] =
        [GeneralPurpose::new(&alphabet::STANDARD, NO_PAD), GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD)];
    let mut found = Vec::with_capacity(6);
    for engine in &ENGINES {
        for before in 0..3 {
            let mut bytes = Zeroizing::new(vec![0; before]);
            bytes.extend_from_slice(value);
            let encoded = engine.encode(&*bytes);
            // The first characters depend on what stands before, the last on what follows.
            let first = (before * 8).div_ceil(6);
            let last = bytes.len() * 8 / 6;
            found.push(encoded[first..last].to_owned());
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h26_a_token_that_no_encoding_changes_is_looked_for_in_the_same_forms() {
        for value in ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIx-_.c2ln", "abcd", "demo-peggy", "0.A_-z"] {
            assert_eq!(needles(value), needles_of(value, false), "{value}");
        }
        assert!(needles("a b&c").iter().any(|needle| **needle == *"a+b%26c"));
    }
}
