//! This computer's clock, in the units of the protocol.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in seconds.
#[must_use]
pub fn now() -> i64 {
    since_epoch().as_secs().try_into().unwrap_or(i64::MAX)
}

/// Unix time in milliseconds.
#[must_use]
pub fn now_ms() -> i64 {
    since_epoch().as_millis().try_into().unwrap_or(i64::MAX)
}

/// A clock set before 1970 counts as 1970: every token then fails its checks, which is right.
fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
