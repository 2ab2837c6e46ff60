//! The real window under a screen of its own, driven through WebDriver, with a real keychain.
#![cfg(target_os = "linux")] // WebDriver can drive a webview there alone

mod boundaries;
mod common;
mod connections;
mod failures;
mod first_start;
mod keyboard;
mod keychain;
mod looks;
mod sizes;
mod tabs;
