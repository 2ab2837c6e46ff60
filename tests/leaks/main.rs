//! H-26: secrets are planted, used in every way there is, and then looked for wherever they must not be.
#![cfg(target_os = "linux")] // the real window is driven there alone
#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod canaries;
mod login_window;
mod places;
mod tenant;
mod terminal;
mod window;
