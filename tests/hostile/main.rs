//! Hostile and broken answers through the whole program; each test is named after its row (`h14_…`).

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included
