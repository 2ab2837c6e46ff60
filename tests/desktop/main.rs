//! The real window under a screen of its own, driven through WebDriver, with a real keychain.
#![cfg(target_os = "linux")] // WebDriver can drive a webview there alone
#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod boundaries;
mod common;
mod connections;
mod ending;
mod failures;
mod first_start;
mod keyboard;
mod keychain;
mod login_answers;
mod login_failures;
mod login_first_page;
mod login_frames;
mod login_hostile;
mod login_isolation;
mod login_main_window;
mod login_matrix;
mod login_sessions;
mod looks;
mod managed;
mod sizes;
mod system_browser;
mod tabs;
