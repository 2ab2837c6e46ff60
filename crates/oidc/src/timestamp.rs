//! NumericDate (RFC 7519 §2) read without leniency, and times in words.

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

/// How far two clocks may differ, in seconds.
pub const LEEWAY: i64 = 60;

/// Why a value is no NumericDate. Never taken for an absent one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeFault {
    /// A string, boolean, …
    #[error("it must be a number")]
    NotANumber,
    /// Before 1970.
    #[error("it must not be negative")]
    Negative,
    /// Not within 64 bits.
    #[error("it is out of range")]
    OutOfRange,
}

/// Seconds since 1970. A fraction is cut off towards the past.
///
/// # Errors
/// For anything but a number from 0 to the largest 64-bit integer.
pub fn numeric_date(value: &Value) -> Result<i64, TimeFault> {
    let Value::Number(number) = value else { return Err(TimeFault::NotANumber) };
    if let Some(seconds) = number.as_i64() {
        return if seconds < 0 { Err(TimeFault::Negative) } else { Ok(seconds) };
    }
    let Some(seconds) = number.as_f64() else { return Err(TimeFault::OutOfRange) };
    if seconds < 0.0 {
        return Err(TimeFault::Negative);
    }
    // 2^63 is the first f64 beyond i64.
    if !seconds.is_finite() || seconds >= 9_223_372_036_854_775_808.0 {
        return Err(TimeFault::OutOfRange);
    }
    #[allow(clippy::cast_possible_truncation)] // Checked on the line above.
    Ok(seconds.floor() as i64)
}

/// `2026-11-24 20:31:07 UTC`; the bare number where no calendar reaches.
#[must_use]
pub fn utc(seconds: i64) -> String {
    // Room for what a finding adds: how far that is from now.
    let mut text = String::with_capacity(48);
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(seconds) else {
        return format!("{seconds} s after 1970");
    };
    match u32::try_from(moment.year()) {
        Ok(year @ ..=9999) => digits(&mut text, year, 4),
        _ => text.push_str(&format!("{:04}", moment.year())),
    }
    let parts = [
        ('-', u8::from(moment.month())),
        ('-', moment.day()),
        (' ', moment.hour()),
        (':', moment.minute()),
        (':', moment.second()),
    ];
    for (before, number) in parts {
        text.push(before);
        digits(&mut text, u32::from(number), 2);
    }
    text.push_str(" UTC");
    text
}

/// So many decimal digits. A validation writes dozens of them, and the formatting machinery is slow at that.
fn digits(text: &mut String, number: u32, count: u32) {
    for place in (0..count).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

/// `1 h 59 min`, `2 min 5 s`, `3 days`: at most two units.
#[must_use]
pub fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (days, hours, minutes, rest) =
        (seconds / 86_400, seconds % 86_400 / 3_600, seconds % 3_600 / 60, seconds % 60);
    let days_text = || if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match (days, hours, minutes, rest) {
        (0, 0, 0, s) => format!("{s} s"),
        (0, 0, m, 0) => format!("{m} min"),
        (0, 0, m, s) => format!("{m} min {s} s"),
        (0, h, 0, _) => format!("{h} h"),
        (0, h, m, _) => format!("{h} h {m} min"),
        (_, 0, _, _) => days_text(),
        (_, h, _, _) => format!("{} {h} h", days_text()),
    }
}

/// A moment seen from now: `in 1 h 59 min`, `2 s ago`, `now`.
#[must_use]
pub fn relative(moment: i64, now: i64) -> String {
    match moment.saturating_sub(now) {
        0 => "now".to_owned(),
        ahead if ahead > 0 => format!("in {}", span(ahead)),
        behind => format!("{} ago", span(behind)),
    }
}

/// Seconds since 1970 of an HTTP date (RFC 9110 §5.6.7, the preferred form alone).
#[must_use]
pub fn http_date(text: &str) -> Option<i64> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    time::PrimitiveDateTime::parse(text.trim(), &format)
        .ok()
        .map(|moment| moment.assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn h09_a_bad_time_is_an_error_never_absent() {
        assert_eq!(numeric_date(&json!(1523577359)), Ok(1_523_577_359));
        assert_eq!(numeric_date(&json!(1523577359.9)), Ok(1_523_577_359));
        assert_eq!(numeric_date(&json!(0)), Ok(0));
        assert_eq!(numeric_date(&json!("1523577359")), Err(TimeFault::NotANumber));
        assert_eq!(numeric_date(&json!(null)), Err(TimeFault::NotANumber));
        assert_eq!(numeric_date(&json!(-1)), Err(TimeFault::Negative));
        assert_eq!(numeric_date(&json!(-0.5)), Err(TimeFault::Negative));
        assert_eq!(numeric_date(&json!(9_223_372_036_854_775_808_u64)), Err(TimeFault::OutOfRange));
        assert_eq!(numeric_date(&json!(1e300)), Err(TimeFault::OutOfRange));
    }

    #[test]
    fn times_read_well() {
        assert_eq!(utc(1_523_577_359), "2018-04-12 23:55:59 UTC");
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(253_402_300_799), "9999-12-31 23:59:59 UTC");
        assert_eq!(utc(-62_167_219_201), "-001-12-31 23:59:59 UTC");
        assert_eq!(utc(i64::MAX), "9223372036854775807 s after 1970");
        assert_eq!(relative(7_140, 0), "in 1 h 59 min");
        assert_eq!(relative(0, 2), "2 s ago");
        assert_eq!(span(86_400 * 3 + 3_600), "3 days 1 h");
        assert_eq!(http_date("Thu, 12 Apr 2018 23:55:59 GMT"), Some(1_523_577_359));
        assert_eq!(http_date("yesterday"), None);
    }
}
