//! The commands: each unpacks, asks the client, and hands on what came. No rule of the protocol is here.

pub(crate) mod browser;
pub(crate) mod connections;
pub(crate) mod ending;
pub(crate) mod provider;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod traffic;

/// What every command answers: its value, or a problem with the field it belongs to.
pub(crate) type Answer<T> = Result<T, latchkey_client::input::InputProblem>;
