//! How a simulator is started.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clients::Client;
use crate::faults::Faults;
use crate::state::State;
use crate::users::User;

/// Seconds since 1970, as the tenant sees them.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The two generations of OneLogin's OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// `/oidc`, removed from service in 2021: opaque access tokens, a refresh token with each password grant.
    V1,
    /// `/oidc/2`: access tokens are JWTs, a refresh token needs `offline_access`.
    V2,
}

impl Generation {
    /// The path of the issuer.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::V1 => "/oidc",
            Self::V2 => "/oidc/2",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}

/// A generation is `v1` or `v2`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a generation is v1 or v2")]
pub struct UnknownGeneration;

impl FromStr for Generation {
    type Err = UnknownGeneration;

    fn from_str(text: &str) -> Result<Self, UnknownGeneration> {
        match text {
            "v1" => Ok(Self::V1),
            "v2" => Ok(Self::V2),
            _ => Err(UnknownGeneration),
        }
    }
}

/// What a simulator is started with; the default is both generations on a free port, without faults.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1. Zero: the port of `state` if it is free, otherwise any free one.
    pub port: u16,
    /// Every whole answer arrives this much after its request.
    pub latency: Duration,
    /// What goes wrong on request.
    pub faults: Faults,
    /// The one generation to serve; both if `None`.
    pub generation: Option<Generation>,
    /// What an earlier simulator left: its refresh tokens are honoured again.
    pub state: Option<State>,
    /// Whether v2's authorization responses name the issuer, and its metadata promises it (RFC 9207).
    pub response_iss: bool,
    /// The tenant's clock.
    pub clock: Clock,
    /// Clients beside the documented ones, for a test that needs its own secret.
    pub more_clients: Vec<Client>,
    /// People beside the documented ones.
    pub more_users: Vec<User>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            latency: Duration::ZERO,
            faults: Faults::default(),
            generation: None,
            state: None,
            response_iss: false,
            clock: Arc::new(system_time),
            more_clients: Vec::new(),
            more_users: Vec::new(),
        }
    }
}

/// The system clock in whole seconds; zero for a clock set before 1970.
fn system_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Why a simulator did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port is taken, or may not be bound.
    #[error("port {port} on 127.0.0.1 cannot be used: {source}")]
    Bind {
        /// The port that was asked for; zero for any.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// No signing key could be made.
    #[error("a signing key could not be made")]
    Keys,
    /// The server's own thread could not be started.
    #[error("the simulator's thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}
