//! The tenant against its documents, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod common;
mod configuration_page;
mod faulty_answers;
mod faulty_tokens;
mod introspection_and_revocation;
mod one_authentication;
mod password_page;
mod people;
mod refreshing;
mod serving;
mod surviving_a_restart;
mod userinfo_page;
