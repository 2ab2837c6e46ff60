//! `latchkey` as scripts and people meet it: the built program, its exit codes, its one document, its text.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

#[cfg(unix)]
mod browser;
#[cfg(target_os = "linux")]
mod browser_session;
mod completions;
mod connections;
mod documents;
mod harness;
#[cfg(target_os = "linux")]
mod keychain;
mod managed;
mod network;
#[cfg(unix)]
mod opener;
mod outcomes;
#[cfg(unix)]
mod peers;
mod secrets;
#[cfg(target_os = "linux")]
mod session;
mod simulate;
#[cfg(target_os = "linux")]
mod terminal;
mod text;
mod usage;
mod verify;
