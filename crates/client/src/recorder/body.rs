//! Response bodies as they may be shown. Works on the text itself, not on a parsed value, so that a
//! recording shows duplicate members, odd numbers and broken JSON as they came.

use std::borrow::Cow;

use latchkey_oidc::Secret;
use latchkey_oidc::text::visible_block;

use super::redact::{Redactor, secret_name};
use crate::exchange::RecordedBody;

/// Most tokens that are taken from one answer.
const MAX_TOKENS: usize = 8;

/// What is shorter is taken out where it stands, but not looked for elsewhere: `"token": "none"`.
const SHORTEST_TOKEN: usize = 8;

/// Tokens that the answer hands out, for the recorder to learn. Lenient: the answer is not parsed yet.
pub(super) fn secret_members(text: &str) -> Vec<(String, Secret)> {
    let mut found = Vec::new();
    let mut lexemes = Lexer::new(text).peekable();
    while let Some(lexeme) = lexemes.next() {
        let Some(name) = lexeme.secret_key() else { continue };
        if lexemes.next_if(|next| next.text == ":").is_none() {
            continue;
        }
        if let Some(value) = lexemes.peek().and_then(Lexeme::decoded)
            && is_secret(name, &value)
            && value.len() >= SHORTEST_TOKEN
        {
            found.push((name.to_owned(), Secret::new(value.into_owned())));
            if found.len() == MAX_TOKENS {
                break;
            }
        }
    }
    found
}

/// The body for a recording: redacted, pretty-printed where it is JSON, harmless, at most `limit` bytes.
pub(super) fn recorded(text: &str, redactor: &Redactor, incomplete: bool, limit: usize) -> RecordedBody {
    let json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let text = if incomplete { redactor.without_started_secret(text) } else { text };
    let (redacted, mut truncated) = rewritten(text, redactor, json, limit);
    let redacted = if json { redactor.text(&redacted) } else { redactor.all(&redacted) };
    let mut shown = visible_block(&redacted);
    if shown.len() > limit {
        let end = (0..=limit).rev().find(|at| shown.is_char_boundary(*at)).unwrap_or(0);
        shown.truncate(end);
        truncated = true;
    }
    RecordedBody { text: shown, bytes: 0, truncated: truncated || incomplete, json }
}

/// Replaces the values of secret members, and secrets within strings however they are escaped.
fn rewritten(text: &str, redactor: &Redactor, pretty: bool, limit: usize) -> (String, bool) {
    let mut out =
        Printer { out: String::with_capacity(text.len().min(limit) + 64), depth: 0, pretty, fresh: true };
    let mut lexemes = Lexer::new(text).peekable();
    while let Some(lexeme) = lexemes.next() {
        // Pretty-printing may make much of little. Other text is wanted whole: a secret may stand across its end.
        if pretty && out.out.len() > limit {
            return (out.out, true);
        }
        let key = lexeme.secret_key();
        out.put(&lexeme, &shown(&lexeme, redactor), lexemes.peek());
        let Some(name) = key else { continue };
        let Some(colon) = lexemes.next_if(|next| next.text == ":") else { continue };
        out.put(&colon, ":", None);
        let Some(value) = lexemes.next() else { break };
        if matches!(value.text, "{" | "[") {
            let end = skip_composite(&mut lexemes, text.len());
            let placeholder = redactor.named(name, &text[value.start..end]);
            out.value(&value, &placeholder);
        } else if value.decoded().is_some_and(|decoded| is_secret(name, &decoded)) {
            out.value(&value, &redactor.named(name, &value.decoded().unwrap_or_default()));
        } else if !matches!(value.text, "null" | "true" | "false")
            && value.decoded().is_none()
            && is_secret(name, value.text)
        {
            out.value(&value, &redactor.named(name, value.text));
        } else {
            out.put(&value, &shown(&value, redactor), lexemes.peek());
        }
    }
    (out.out, false)
}

fn skip_composite<'a>(lexemes: &mut impl Iterator<Item = Lexeme<'a>>, whole: usize) -> usize {
    let mut depth = 1usize;
    for lexeme in lexemes {
        match lexeme.text {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return lexeme.start + 1;
        }
    }
    whole
}

fn shown<'a>(lexeme: &Lexeme<'a>, redactor: &Redactor) -> Cow<'a, str> {
    match lexeme.decoded() {
        Some(decoded) => {
            let redacted = redactor.all(&decoded);
            if redacted == decoded {
                Cow::Borrowed(lexeme.text)
            } else {
                Cow::Owned(serde_json::Value::from(redacted).to_string())
            }
        }
        None => redactor.text(lexeme.text),
    }
}

/// `code` is also the name of harmless error codes: `401`, `invalid_grant`.
fn is_secret(name: &str, value: &str) -> bool {
    let harmless = value.is_empty()
        || (name == "code" && (value.len() < 8 || value.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    !harmless
}

/// A piece of JSON, or of something that resembles it.
struct Lexeme<'a> {
    start: usize,
    /// White space before it.
    gap: &'a str,
    text: &'a str,
}

impl<'a> Lexeme<'a> {
    /// The value of a string. One that never ends is taken as it stands.
    fn decoded(&self) -> Option<Cow<'a, str>> {
        let inner = self.text.strip_prefix('"')?;
        let as_it_stands = inner.strip_suffix('"').unwrap_or(inner);
        // Only an escape makes the value another one.
        if !as_it_stands.contains('\\') {
            return Some(Cow::Borrowed(as_it_stands));
        }
        Some(serde_json::from_str(self.text).map_or(Cow::Borrowed(as_it_stands), Cow::Owned))
    }

    fn secret_key(&self) -> Option<&'static str> {
        self.decoded().and_then(|key| secret_name(&key))
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Lexeme<'a>;

    fn next(&mut self) -> Option<Lexeme<'a>> {
        let rest = &self.text[self.at..];
        let gap = rest.len() - rest.trim_start().len();
        let start = self.at + gap;
        let text = &self.text[start..];
        let first = text.chars().next();
        let length = match first {
            None if gap == 0 => return None,
            None => 0,
            Some('"') => string_length(text),
            Some('{' | '}' | '[' | ']' | ':' | ',') => 1,
            Some(_) => text
                .find(|c: char| c.is_whitespace() || matches!(c, '"' | '{' | '}' | '[' | ']' | ':' | ','))
                .unwrap_or(text.len()),
        };
        self.at = start + length;
        Some(Lexeme { start, gap: &rest[..gap], text: &text[..length] })
    }
}

/// To the closing quote, or to the end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

struct Printer {
    out: String,
    depth: usize,
    pretty: bool,
    /// Nothing was printed since the last opening bracket.
    fresh: bool,
}

impl Printer {
    fn value(&mut self, lexeme: &Lexeme<'_>, placeholder: &str) {
        if !self.pretty {
            self.out.push_str(lexeme.gap);
        }
        self.out.push_str(&serde_json::Value::from(placeholder).to_string());
        self.fresh = false;
    }

    fn put(&mut self, lexeme: &Lexeme<'_>, shown: &str, next: Option<&Lexeme<'_>>) {
        if !self.pretty {
            self.out.push_str(lexeme.gap);
            self.out.push_str(shown);
            return;
        }
        match lexeme.text {
            "{" | "[" => {
                self.out.push_str(shown);
                self.depth += 1;
                self.fresh = true;
                if !next.is_some_and(|next| matches!(next.text, "}" | "]")) {
                    self.new_line();
                }
            }
            "}" | "]" => {
                self.depth = self.depth.saturating_sub(1);
                if !self.fresh {
                    self.new_line();
                }
                self.out.push_str(shown);
                self.fresh = false;
            }
            "," => {
                self.out.push(',');
                self.new_line();
            }
            ":" => self.out.push_str(": "),
            _ => {
                self.out.push_str(shown);
                self.fresh = false;
            }
        }
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth));
    }
}
