//! What outlives a simulator: enough to honour its refresh tokens again, and nothing that could be used as one.
//!
//! The caller stores it where it likes. A file that does not parse is a caller's matter: starting without a state is
//! always possible. What parses but does not fit (another version, a client or person that is gone, a digest that is
//! none) is dropped at start, entry by entry.

use serde::{Deserialize, Serialize};

use crate::options::Generation;

/// The version that this code writes and reads.
const VERSION: u32 = 1;

/// A snapshot of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The shape of this document; a state of another version is ignored.
    pub version: u32,
    /// The port that was served, so that the same issuer can be offered again.
    pub port: u16,
    /// Digests of the refresh tokens that are still of interest.
    pub refresh_tokens: Vec<RefreshTokenState>,
}

impl State {
    pub(crate) fn new(port: u16, refresh_tokens: Vec<RefreshTokenState>) -> Self {
        Self { version: VERSION, port, refresh_tokens }
    }

    /// Whether this code can read it.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        self.version == VERSION
    }
}

/// One refresh token, known by its digest alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenState {
    /// SHA-256 of the token, in lower-case hexadecimal.
    pub digest: String,
    /// Whom it was issued to.
    pub client_id: String,
    /// The `sub` of the person.
    pub sub: String,
    /// What was granted, separated by spaces.
    pub scope: String,
    /// The issuer it belongs to.
    pub generation: Generation,
    /// All tokens of one sign-in share it.
    pub family: String,
    /// The browser session that it came from, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the person gave their password in the browser, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Whether it was exchanged already; kept so that its reuse is noticed.
    pub used: bool,
}
