//! Makes a JSON object one that must be refused, textually: no library writes such documents.

use crate::faults::JsonFault;

/// The same object with the fault in it.
pub(crate) fn damage(object: &str, fault: JsonFault) -> Vec<u8> {
    match fault {
        JsonFault::DuplicateMember => duplicate_first_member(object).into_bytes(),
        JsonFault::Deep(depth) => {
            with_member(object, format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes())
        }
        JsonFault::ByteOrderMark => format!("\u{feff}{object}").into_bytes(),
        JsonFault::NotANumber => with_member(object, b"NaN"),
        JsonFault::LoneSurrogate => with_member(object, br#""\ud800""#),
        JsonFault::NotUtf8 => with_member(object, b"\"\xff\""),
        JsonFault::TrailingBytes => format!("{object} trailing").into_bytes(),
        JsonFault::NotAnObject => format!("[{object}]").into_bytes(),
    }
}

/// The object with one more member at its end.
fn with_member(object: &str, value: &[u8]) -> Vec<u8> {
    let open = object.strip_suffix('}').unwrap_or(object);
    let comma = if open.trim_end().ends_with('{') { "" } else { "," };
    [open.as_bytes(), comma.as_bytes(), b"\"fault\":", value, b"}"].concat()
}

/// The first member twice, the second time with another value.
fn duplicate_first_member(object: &str) -> String {
    let name_end = object.get(2..).and_then(|rest| rest.find('"')).map(|at| at + 3);
    match name_end {
        Some(end) if object.starts_with("{\"") => {
            let name = &object[1..end];
            let open = object.strip_suffix('}').unwrap_or(object);
            format!("{open},{name}:\"another\"}}")
        }
        _ => r#"{"fault":1,"fault":2}"#.to_owned(),
    }
}
