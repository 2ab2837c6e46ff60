//! The recorder: no secret in any recording, in whichever form it comes back; and commands made of recordings.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // Tests, and their helpers.

#[path = "transport/support.rs"]
mod support;

#[path = "recorder/bodies.rs"]
mod bodies;
#[path = "recorder/canaries.rs"]
mod canaries;
#[path = "recorder/curl.rs"]
mod curl;
#[path = "recorder/keeping.rs"]
mod keeping;
