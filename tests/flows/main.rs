//! Whole flows: the program, its configuration folder and a keychain against the simulated tenant, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod bookkeeping;
mod cancelling;
mod certification;
mod code_sessions;
mod configuration_page;
mod ending;
mod implicit_errors;
mod implicit_page;
mod in_browser;
mod introspected;
mod keychain_refuses;
mod managed;
mod password_errors;
mod password_page;
mod refreshing;
mod round_trips;
mod two_refreshes;
mod userinfo_page;
