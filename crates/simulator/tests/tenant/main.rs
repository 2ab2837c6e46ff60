//! The tenant against its documents, over HTTP.

mod common;
mod password_page;
