//! Whether two claim values are the same, and in what they differ.

use serde_json::{Number, Value};

use super::reading::updated_at;
use crate::catalogue::harmless;

/// Members that a difference names at most.
const NAMED: usize = 5;

/// Equal as JSON: numbers by value, members in any order, list entries in order.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// What kind of difference it is, where a sentence says more than the two values.
pub(super) fn difference(name: &str, a: &Value, b: &Value) -> Option<String> {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) if only_reordered(a, b) => {
            Some("The same entries in another order.".to_owned())
        }
        (Value::Object(a), Value::Object(b)) => {
            let differing = |name: &&String| match (a.get(*name), b.get(*name)) {
                (Some(a), Some(b)) => !same(a, b),
                _ => true,
            };
            let more = b.keys().filter(|name| !a.contains_key(*name));
            let names: Vec<_> = a.keys().chain(more).filter(differing).collect();
            Some(format!("Different in {}.", listed(names.iter().map(|name| name.as_str()), names.len())))
        }
        _ if name == "updated_at" => {
            let (a, b) = (updated_at(a).ok()?, updated_at(b).ok()?);
            (a.seconds == b.seconds).then(|| "The same moment in two shapes.".to_owned())
        }
        _ => None,
    }
}

/// `a, b and 3 more`, names made harmless.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>, count: usize) -> String {
    let mut out = names.take(NAMED).map(shown_name).collect::<Vec<_>>().join(", ");
    if count > NAMED {
        out.push_str(&format!(" and {} more", count - NAMED));
    }
    out
}

fn shown_name(name: &str) -> String {
    harmless(name, 60).unwrap_or_else(|| "an empty name".to_owned())
}

fn only_reordered(a: &[Value], b: &[Value]) -> bool {
    fn sorted(items: &[Value]) -> Option<Vec<&str>> {
        let mut texts = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
        texts.sort_unstable();
        Some(texts)
    }
    a.len() == b.len() && sorted(a).is_some_and(|a| Some(a) == sorted(b))
}

fn same_number(a: &Number, b: &Number) -> bool {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a.as_f64() == b.as_f64(),
        _ => false,
    }
}

/// The integer that a number is, `2.0` and `2e0` included; `None` for a fraction or beyond 100 bits.
fn whole(number: &Number) -> Option<i128> {
    if let Some(value) = number.as_i64() {
        return Some(i128::from(value));
    }
    if let Some(value) = number.as_u64() {
        return Some(i128::from(value));
    }
    let value = number.as_f64()?;
    #[allow(clippy::cast_possible_truncation)] // Bounded well within 127 bits, and without a fraction.
    (value.fract() == 0.0 && value.abs() < 1e30).then_some(value as i128)
}
