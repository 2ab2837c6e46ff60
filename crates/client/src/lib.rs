//! Runs the protocol for the window and the command line: transport and its limits, recorder,
//! keychain, connections, sign-in and session.
//!
//! Knows no window and no terminal. What is said to people is in the types of `latchkey-oidc`.

pub mod connection;
pub mod exchange;
pub mod recorder;
pub mod report;
pub mod transport;
