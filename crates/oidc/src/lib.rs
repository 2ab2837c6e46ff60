//! OpenID Connect as data: what to send, what an answer means, whether it holds, and how to mend it.
//!
//! Knows no network, no clock and no random source: time and randomness are passed in, so that every
//! rule can be tested by a table. Anything that came from a provider is hostile until parsed here.

pub mod answer;
pub mod authorization;
pub mod authorization_probe;
pub mod authorization_response;
pub mod base64url;
pub mod catalogue;
pub mod claims;
pub mod client_auth;
pub mod end_session;
pub mod explain;
pub mod finding;
pub mod http;
pub mod id_token;
pub mod introspection;
pub mod issuer;
pub mod json;
pub mod jwk;
pub mod jws;
pub mod metadata;
mod named;
pub mod pkce;
pub mod problem;
pub mod redirect_uri;
pub mod response_type;
pub mod revocation;
pub mod secret;
pub mod signature;
pub mod text;
pub mod timestamp;
pub mod token;
pub mod userinfo;

pub use finding::{Check, Finding, Status};
pub use problem::{Fix, Problem, ProblemKind};
pub use secret::Secret;

// The modules' own tests share keys and tokens with the larger suites in `tests`.
#[cfg(test)]
extern crate self as latchkey_oidc;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
