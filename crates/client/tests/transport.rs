//! The transport against servers on loopback that behave badly: bounds, losses, TLS, proxies, cancelling.

#[path = "transport/support.rs"]
mod support;

#[path = "transport/bounds.rs"]
mod bounds;
#[path = "transport/cancelling.rs"]
mod cancelling;
#[path = "transport/losses.rs"]
mod losses;
#[path = "transport/proxies.rs"]
mod proxies;
#[path = "transport/tls.rs"]
mod tls;
