//! The tenant against its documents, over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod browser;
mod code_flow;
mod common;
mod configuration_page;
mod faulty_answers;
mod faulty_responses;
mod faulty_tokens;
mod implicit_page;
mod introspection_and_revocation;
mod login_page;
mod one_authentication;
mod password_page;
mod people;
mod refreshing;
mod serving;
mod signing_out;
mod surviving_a_restart;
mod userinfo_page;
