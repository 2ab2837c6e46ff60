//! The authorization endpoint's half of the protocol: every response type in every response mode, what is
//! refused and why, and what the session's endpoints answer.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod flow;
mod never_panics;
mod probe;
mod refusals;
mod session;
mod sign_out;
