//! What the tests share.

pub mod flows;
pub mod keychains;
pub mod peers;
