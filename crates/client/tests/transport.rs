//! The transport against servers on loopback that behave badly: bounds, losses, TLS, proxies, cancelling.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // Tests, and their helpers.

#[path = "transport/support.rs"]
mod support;

#[path = "transport/bounds.rs"]
mod bounds;
#[path = "transport/cancelling.rs"]
mod cancelling;
#[path = "transport/http2.rs"]
mod http2;
#[path = "transport/losses.rs"]
mod losses;
#[path = "transport/proxies.rs"]
mod proxies;
#[path = "transport/tls.rs"]
mod tls;
