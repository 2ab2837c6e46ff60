//! The whole flow against two providers that nobody here wrote.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included
