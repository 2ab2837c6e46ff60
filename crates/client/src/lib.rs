//! Runs the protocol for the window and the command line: transport and its limits, recorder,
//! keychain, connections, sign-in and session.
//!
//! Knows no window and no terminal. What is said to people is in the types of `latchkey-oidc`.

pub mod client;
pub mod clock;
pub mod connection;
pub mod curl;
mod errand;
pub mod exchange;
pub mod input;
pub mod keychain;
pub mod logging;
pub mod loopback;
pub mod policy;
pub mod provider;
pub mod provider_view;
pub mod random;
pub mod recorder;
pub mod report;
pub mod run;
pub mod session;
pub mod session_report;
pub mod sign_in;
pub mod store;
pub mod transport;
