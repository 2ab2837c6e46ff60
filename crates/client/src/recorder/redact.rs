//! Takes secrets out of text: by value in the encodings that answers echo them in, by the names of
//! parameters, and by the shape of a JWT.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use latchkey_oidc::Secret;
use latchkey_oidc::text::visible;
use zeroize::Zeroizing;

use crate::exchange::{Header, Redaction};

/// Shorter values would be found everywhere, and so be given away.
const SHORTEST: usize = 4;
/// Base64 without its edges says too little below this.
const SHORTEST_BASE64: usize = 6;

/// Members and parameters whose value is taken out whatever it is.
const SECRET_NAMES: [&str; 16] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "client_secret",
    "password",
    "code_verifier",
    "registration_access_token",
    "id_token_hint",
    "logout_token",
    "assertion",
    "client_assertion",
    "device_code",
    "session_token",
    "subject_token",
    "token",
];

/// The name under which a member's or parameter's value is taken out. `refreshToken` is OneLogin's.
pub(super) fn secret_name(name: &str) -> Option<&'static str> {
    let plain =
        |name: &str| name.chars().filter(|c| *c != '_' && *c != '-').collect::<String>().to_ascii_lowercase();
    let name = plain(name);
    SECRET_NAMES.into_iter().find(|candidate| plain(candidate) == name)
}

/// A secret to look for.
pub(super) struct Known {
    what: String,
    fingerprint: Option<String>,
    value: Secret,
    needles: Vec<Zeroizing<String>>,
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

    pub(super) fn same_value(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Replaces secrets, and notes what it replaced.
pub(super) struct Redactor {
    known: Vec<Arc<Known>>,
    redactions: RefCell<Vec<Redaction>>,
}

impl Redactor {
    pub(super) fn new(known: Vec<Arc<Known>>) -> Self {
        Self { known, redactions: RefCell::default() }
    }

    pub(super) fn into_redactions(self) -> Vec<Redaction> {
        self.redactions.into_inner()
    }

    pub(super) fn note(&self, what: &str, fingerprint: Option<String>) {
        let redaction = Redaction { what: visible(what), fingerprint };
        let mut redactions = self.redactions.borrow_mut();
        if !redactions.contains(&redaction) && redactions.len() < 256 {
            redactions.push(redaction);
        }
    }

    /// What stands in a secret's place.
    pub(super) fn placeholder(&self, what: &str, fingerprint: Option<String>) -> String {
        self.note(what, fingerprint.clone());
        let what = visible(what);
        match fingerprint {
            Some(fingerprint) => format!("[{what} {fingerprint}]"),
            None => format!("[{what}]"),
        }
    }

    /// The placeholder for a value that its name gives away.
    pub(super) fn named(&self, what: &str, value: &str) -> String {
        let credential = matches!(what, "password" | "client_secret");
        self.placeholder(what, (!credential).then(|| Secret::from(value).fingerprint()))
    }

    /// Takes out known values and anything of a JWT's shape.
    pub(super) fn text(&self, text: &str) -> String {
        let mut found: Vec<(Range<usize>, Option<&Known>)> = jwts(text).map(|range| (range, None)).collect();
        for known in &self.known {
            for needle in &known.needles {
                for (start, part) in text.match_indices(needle.as_str()) {
                    found.push((start..start + part.len(), Some(known)));
                }
            }
        }
        if found.is_empty() {
            return text.to_owned();
        }
        // Overlapping finds become one, named after the first and longest.
        found.sort_by_key(|(range, known)| (range.start, std::cmp::Reverse(range.end), known.is_none()));
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        let mut rest = found.into_iter().peekable();
        while let Some((mut range, known)) = rest.next() {
            while let Some((next, _)) = rest.next_if(|(next, _)| next.start < range.end) {
                range.end = range.end.max(next.end);
            }
            out.push_str(&text[done..range.start]);
            out.push_str(&match known {
                Some(known) => self.placeholder(&known.what, known.fingerprint.clone()),
                None => self.placeholder("JWT", Some(Secret::from(&text[range.clone()]).fingerprint())),
            });
            done = range.end;
        }
        out.push_str(&text[done..]);
        out
    }

    /// Takes out the values of secret parameters, `…?code=…&…` or `#access_token=…`, wherever they stand.
    pub(super) fn parameters(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, equals)) = next_assignment(rest) {
            let after = &rest[before + equals..];
            let head = &rest[..before + equals];
            let name =
                head[..before].rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).next();
            // In `%26code%3D` the name follows the digits of an escape.
            let name = name.map(|name| name.strip_prefix("26").or(name.strip_prefix("3F")).unwrap_or(name));
            out.push_str(head);
            rest = after;
            let Some(what) = name.and_then(secret_name) else { continue };
            let end = value_end(after, equals > 1);
            // A placeholder of the pass by value stays.
            if end > 0 && !after.starts_with('[') {
                let value: String = percent_decoded(&after[..end]);
                out.push_str(&self.named(what, &value));
                rest = &after[end..];
            }
        }
        out.push_str(rest);
        out
    }

    /// A response header.
    pub(super) fn header(&self, name: &str, value: &str) -> Header {
        let value = if name == "set-cookie" {
            self.note("cookie", None);
            let (cookie, attributes) = value.split_once(';').unwrap_or((value, ""));
            let cookie_name = cookie.split_once('=').map_or("", |(name, _)| name);
            let separator = if attributes.is_empty() { "" } else { ";" };
            format!("{cookie_name}=[cookie]{separator}{attributes}")
        } else if ["cookie", "token", "secret", "password", "authorization"]
            .iter()
            .any(|word| name.contains(word))
        {
            self.placeholder(name, Some(Secret::from(value).fingerprint()))
        } else {
            value.to_owned()
        };
        Header { name: visible(&self.text(name)), value: visible(&self.parameters(&self.text(&value))) }
    }

    /// Cuts the beginning of a secret from the end of a text that broke off.
    pub(super) fn without_started_secret<'a>(&self, text: &'a str) -> &'a str {
        let mut end = text.len();
        for needle in self.known.iter().flat_map(|known| &known.needles) {
            let started = needle
                .char_indices()
                .map(|(at, _)| at)
                .filter(|at| *at >= SHORTEST)
                .filter(|at| text.ends_with(&needle[..*at]))
                .max();
            end = end.min(text.len() - started.unwrap_or(0));
        }
        let word = text.rfind(|c: char| !is_jwt_char(c) && c != '.').map_or(0, |at| at + 1);
        if text.is_char_boundary(word)
            && JWT_BEGINNINGS.iter().any(|beginning| text[word..].starts_with(beginning))
        {
            end = end.min(word);
        }
        &text[..end]
    }
}

/// `{"`, `{ `, `{\n` and `{\r` in base64.
const JWT_BEGINNINGS: [&str; 4] = ["eyJ", "eyA", "ewo", "ew0"];

fn is_jwt_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn jwts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + JWT_BEGINNINGS.iter().filter_map(|b| text[from..].find(b)).min()?;
            let run = text[start..].find(|c| !is_jwt_char(c) && c != '.').map_or(text.len(), |at| start + at);
            from = run.max(start + 3);
            let parts: Vec<usize> = text[start..run].split('.').map(str::len).collect();
            if parts.len() >= 3 && parts[0] >= 10 && parts[1] >= 10 {
                return Some(start..run);
            }
        }
    })
}

/// Where the next `=` or `%3D` stands, and its length.
fn next_assignment(text: &str) -> Option<(usize, usize)> {
    let plain = text.find('=').map(|at| (at, 1));
    let escaped = ["%3D", "%3d"].iter().filter_map(|e| text.find(e)).min().map(|at| (at, 3));
    match (plain, escaped) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn value_end(text: &str, escaped: bool) -> usize {
    let plain = text
        .find(|c: char| {
            c.is_whitespace() || matches!(c, '&' | '#' | ';' | '"' | '\'' | '<' | '>' | ',' | ')' | '\\')
        })
        .unwrap_or(text.len());
    if escaped {
        plain.min(["%26", "%23"].iter().filter_map(|e| text.find(e)).min().unwrap_or(text.len()))
    } else {
        plain
    }
}

fn percent_decoded(text: &str) -> String {
    // The name is a dummy: the decoder takes whole pairs.
    let pair = format!("v={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The forms in which a value may come back.
fn needles(value: &str) -> Vec<Zeroizing<String>> {
    if value.len() < SHORTEST {
        return Vec::new();
    }
    let mut needles: Vec<String> = vec![value.to_owned(), value.to_ascii_lowercase()];
    // UTF-8 read as latin-1, as header values are; and latin-1 read as UTF-8.
    needles.push(value.bytes().map(char::from).collect());
    needles.push(
        value.chars().map(|c| if ('\u{80}'..='\u{ff}').contains(&c) { '\u{fffd}' } else { c }).collect(),
    );
    // What form encoding, RFC 3986, encodeURIComponent, encodeURI and URL parsers leave as it is.
    for kept in ["*-._", "-._~", "-_.!~*'()", "-_.!~*'();/?:@&=+$,#", "-_.!~*'();/?:@&=+$,[]|\\^`{}%"] {
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
    if value.len() >= SHORTEST_BASE64 {
        needles.extend(inside_base64(value.as_bytes()));
    }
    let hex = |upper: bool| {
        value.bytes().fold(String::new(), |mut out, byte| {
            let _ = if upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
            out
        })
    };
    needles.extend([hex(false), hex(true)]);
    needles.sort();
    needles.dedup();
    needles.into_iter().map(Zeroizing::new).collect()
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
    let engines =
        [&alphabet::STANDARD, &alphabet::URL_SAFE].map(|alphabet| GeneralPurpose::new(alphabet, NO_PAD));
    let mut found = Vec::with_capacity(6);
    for engine in engines {
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
