//! Whole flows: the program, its configuration folder and a keychain against the simulated tenant, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod configuration_page;
mod password_errors;
mod password_page;
mod round_trips;
mod userinfo_page;
