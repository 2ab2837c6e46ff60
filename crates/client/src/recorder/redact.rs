//! Takes secrets out of text: by value, by the names of parameters, and by the shape of a JWT.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use latchkey_oidc::Secret;
use latchkey_oidc::text::visible;

use super::known::{Index, Known, SHORTEST};
use crate::exchange::{Header, Redaction};

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
    // Asked for every string of an answer, so nothing is copied for it.
    fn plain(name: &str) -> impl Iterator<Item = u8> {
        name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase())
    }
    SECRET_NAMES.into_iter().find(|candidate| plain(candidate).eq(plain(name)))
}

/// Replaces secrets, and notes what it replaced.
pub(super) struct Redactor {
    index: Arc<Index>,
    redactions: RefCell<Vec<Redaction>>,
}

impl Redactor {
    pub(super) fn new(index: Arc<Index>) -> Self {
        Self { index, redactions: RefCell::default() }
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
    pub(super) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found: Vec<(Range<usize>, Option<&Known>)> = jwts(text).map(|range| (range, None)).collect();
        self.index.find(text, |range, known| found.push((range, Some(known))));
        if found.is_empty() {
            return Cow::Borrowed(text);
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
        Cow::Owned(out)
    }

    /// Both passes, by value and by name.
    pub(super) fn all<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.text(text) {
            Cow::Borrowed(text) => self.parameters(text),
            Cow::Owned(text) => Cow::Owned(self.parameters(&text).into_owned()),
        }
    }

    /// Takes out the values of secret parameters, `…?code=…&…` or `#access_token=…`, wherever they stand.
    pub(super) fn parameters<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if next_assignment(text).is_none() {
            return Cow::Borrowed(text);
        }
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
            // A placeholder of the pass by value stays.
            if after.starts_with('[') {
                continue;
            }
            let end = value_end(after, equals > 1);
            if end > 0 {
                let value: String = percent_decoded(&after[..end]);
                out.push_str(&self.named(what, &value));
                rest = &after[end..];
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
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
        Header { name: visible(&self.text(name)), value: visible(&self.all(&value)) }
    }

    /// Cuts the beginning of a secret from the end of a text that broke off.
    pub(super) fn without_started_secret<'a>(&self, text: &'a str) -> &'a str {
        let mut end = text.len();
        for needle in self.index.known.iter().flat_map(|known| &known.needles) {
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

/// Of the first two parts of what is taken for a JWT.
const SHORTEST_PART: usize = 10;

fn jwts(text: &str) -> impl Iterator<Item = Range<usize>> {
    // Most texts of an answer are too short for two such parts and their dots.
    let text = if text.len() < 2 * (SHORTEST_PART + 1) { "" } else { text };
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = text[from..].match_indices('e').find_map(|(at, _)| {
                let rest = &text[from + at..];
                JWT_BEGINNINGS.iter().any(|beginning| rest.starts_with(beginning)).then_some(from + at)
            })?;
            let run = text[start..].find(|c| !is_jwt_char(c) && c != '.').map_or(text.len(), |at| start + at);
            from = run.max(start + 3);
            let parts: Vec<usize> = text[start..run].split('.').map(str::len).collect();
            if parts.len() >= 3 && parts[0] >= SHORTEST_PART && parts[1] >= SHORTEST_PART {
                return Some(start..run);
            }
        }
    })
}

/// Where the next `=` or `%3D` stands, and its length.
fn next_assignment(text: &str) -> Option<(usize, usize)> {
    text.match_indices(['=', '%']).find_map(|(at, found)| {
        match (found, text.as_bytes().get(at + 1..at + 3)) {
            ("=", _) => Some((at, 1)),
            (_, Some(b"3D" | b"3d")) => Some((at, 3)),
            _ => None,
        }
    })
}

fn value_end(text: &str, escaped: bool) -> usize {
    let plain = text
        .find(|c: char| {
            c.is_whitespace() || matches!(c, '&' | '#' | ';' | '"' | '\'' | '<' | '>' | ',' | ')' | '\\')
        })
        .unwrap_or(text.len());
    if escaped {
        // Not beyond: whoever makes an answer of nothing but assignments must not have it searched to its end for each.
        ["%26", "%23"].iter().filter_map(|escaped| text[..plain].find(escaped)).min().unwrap_or(plain)
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// The shortest of three: what else the machine does must not decide.
    fn time(redactor: &Redactor, text: &str) -> Duration {
        let once = || {
            let began = Instant::now();
            std::hint::black_box(redactor.all(text));
            began.elapsed()
        };
        (0..3).map(|_| once()).min().unwrap_or_default()
    }

    #[test]
    fn h17_an_answer_of_nothing_but_assignments_takes_no_longer_than_its_length() {
        let redactor = Redactor::new(Arc::new(Index::new(Vec::new())));
        for piece in ["code=[", "code%3Dx code%3Dx ", "code%3D[", "a=", "eyJ", "eyJ.", "code=x%3D", "% = "] {
            let short = time(&redactor, &piece.repeat(16 * 1024 / piece.len()));
            let long = time(&redactor, &piece.repeat(16 * 16 * 1024 / piece.len()));
            // 16 times as long; a search to the end for each piece would take 256 times the time.
            assert!(long < short * 100, "{piece}: {short:?}, sixteen times as much: {long:?}");
        }
    }
}
