//! Claim values in words: times, groups, custom attributes.

use serde_json::Value;
use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::compare::listed;
use crate::catalogue::harmless;
use crate::timestamp::{numeric_date, utc};

/// From here a number counts milliseconds: as seconds it would be the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;
/// From here it counts neither.
const TOO_LARGE_FROM: i64 = 100_000_000_000_000;

/// How `updated_at` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A string with a time zone: OneLogin v1.
    Iso8601,
    /// A number: OneLogin v2, as its page has it.
    Milliseconds,
    /// A number: OIDC Core §5.1, and OneLogin v2 in real tokens.
    Seconds,
}

impl Shape {
    fn label(self) -> &'static str {
        match self {
            Self::Iso8601 => "ISO 8601",
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
        }
    }
}

/// A time that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970, a fraction cut off.
    pub seconds: i64,
    /// How it was written.
    pub shape: Shape,
}

impl Moment {
    /// `2017-11-10 06:36:34 UTC (milliseconds)`.
    #[must_use]
    pub fn reading(self) -> String {
        format!("{} ({})", utc(self.seconds), self.shape.label())
    }
}

/// Reads `updated_at` in its three shapes, told apart by type and magnitude.
///
/// # Errors
/// What is wrong with any other value, in words: `a number written as a string`.
pub fn updated_at(value: &Value) -> Result<Moment, &'static str> {
    match value {
        Value::String(text) => iso_8601(text.trim()),
        Value::Number(_) => match numeric_date(value) {
            Ok(number) if number >= TOO_LARGE_FROM => Err("too large for seconds or milliseconds"),
            Ok(number) if number >= MILLISECONDS_FROM => {
                Ok(Moment { seconds: number / 1_000, shape: Shape::Milliseconds })
            }
            Ok(seconds) => Ok(Moment { seconds, shape: Shape::Seconds }),
            Err(_) => Err("a number that is no time"),
        },
        _ => Err("neither a string nor a number"),
    }
}

fn iso_8601(text: &str) -> Result<Moment, &'static str> {
    // The longest form with a zone is far shorter; a parser need not see 200 kB.
    if text.is_empty() || text.len() > 64 {
        return Err(if text.is_empty() { "an empty string" } else { "a string that is no ISO 8601 time" });
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a number written as a string");
    }
    if let Ok(moment) = OffsetDateTime::parse(text, &Iso8601::PARSING) {
        return Ok(Moment { seconds: moment.unix_timestamp(), shape: Shape::Iso8601 });
    }
    match PrimitiveDateTime::parse(text, &Iso8601::PARSING) {
        Ok(_) => Err("an ISO 8601 time without a time zone"),
        Err(_) => Err("a string that is no ISO 8601 time"),
    }
}

/// The reading of a claim in ID token, UserInfo and introspection; where they read differently, each.
pub(super) fn of(name: &str, values: [Option<&Value>; 3]) -> Option<String> {
    let [id_token, userinfo, introspection] = values;
    let readings = [
        ("ID token", id_token.and_then(|value| one(name, value))),
        ("UserInfo", userinfo.and_then(|value| one(name, value))),
        ("introspection", introspection.and_then(|value| of_token(name, value).or_else(|| one(name, value)))),
    ];
    let mut there = readings.into_iter().filter_map(|(place, reading)| Some((place, reading?)));
    let (place, first) = there.next()?;
    let others: Vec<_> = there.collect();
    if others.iter().all(|(_, reading)| *reading == first) {
        return Some(first);
    }
    let others = others.iter().map(|(place, reading)| format!("; {place}: {reading}"));
    Some(format!("{place}: {first}{}", others.collect::<String>()))
}

/// What introspection says of the token, not of the user (RFC 7662 §2.2).
fn of_token(name: &str, value: &Value) -> Option<String> {
    let reading = match (name, value) {
        ("active", Value::Bool(true)) => "the provider takes the access token",
        ("active", Value::Bool(false)) => "the provider does not take the access token any more",
        ("token_type", Value::String(text)) if text.eq_ignore_ascii_case("bearer") => {
            "whoever holds it can use it"
        }
        ("token_type", Value::String(text)) if text == "access_token" => "an access token",
        ("client_id", Value::String(_)) => "the client that it was issued to",
        _ => return None,
    };
    Some(reading.to_owned())
}

fn one(name: &str, value: &Value) -> Option<String> {
    match name {
        "updated_at" => Some(match updated_at(value) {
            Ok(moment) => moment.reading(),
            Err(fault) => format!("not a time: {fault}"),
        }),
        "exp" | "iat" | "nbf" | "auth_time" => Some(numeric(value)),
        "groups" => Some(groups(value)),
        "params" | "custom_fields" => Some(attributes(value)),
        "sid" if value.is_string() => Some("the session at the provider".to_owned()),
        _ => None,
    }
}

fn numeric(value: &Value) -> String {
    match numeric_date(value) {
        Ok(number) if (MILLISECONDS_FROM..TOO_LARGE_FROM).contains(&number) => {
            format!("{} if these are milliseconds; seconds are due", utc(number / 1_000))
        }
        Ok(seconds) => utc(seconds),
        Err(fault) => format!("not a time: {fault}"),
    }
}

/// `3 groups`, `a single string: Admin Role`, `an empty list`.
pub(super) fn groups(value: &Value) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(items) => {
            let count = counted(items.len(), "group");
            match items.iter().filter(|item| !item.is_string()).count() {
                0 => count,
                odd => format!("{count}, {odd} of them not a string"),
            }
        }
        Value::String(text) => match (harmless(text, 80), parts(text)) {
            (None, _) => "an empty string".to_owned(),
            (Some(text), 0 | 1) => format!("a single string: {text}"),
            (Some(text), parts) => format!("a single string of {parts} parts between semicolons: {text}"),
        },
        Value::Null => "null".to_owned(),
        _ => "neither a list nor a string".to_owned(),
    }
}

/// Whether a single string, alone or in a list, holds several groups between semicolons.
pub(super) fn is_delimited(value: &Value) -> bool {
    match value {
        Value::String(text) => parts(text) > 1,
        Value::Array(items) => matches!(items.as_slice(), [Value::String(text)] if parts(text) > 1),
        _ => false,
    }
}

/// The setting that gives groups another shape.
pub(super) fn shape_note(name: &str, values: [Option<&Value>; 3], onelogin: bool) -> Option<String> {
    (name == "groups" && values.into_iter().flatten().any(is_delimited))
        .then(|| delimited_remedy(onelogin).to_owned())
}

/// What to do about groups between semicolons.
pub(super) fn delimited_remedy(onelogin: bool) -> &'static str {
    if onelogin {
        "For a list, choose Semicolon Delimited Input at Applications › the app › Parameters › Groups."
    } else {
        "For a list, let the provider send each group as its own entry."
    }
}

fn parts(text: &str) -> usize {
    text.split(';').filter(|part| !part.trim().is_empty()).count()
}

fn attributes(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "no attributes".to_owned(),
        Value::Object(members) => {
            let names = listed(members.keys().map(String::as_str), members.len());
            format!("{}: {names}", counted(members.len(), "attribute"))
        }
        Value::Null => "null".to_owned(),
        _ => "not an object".to_owned(),
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
