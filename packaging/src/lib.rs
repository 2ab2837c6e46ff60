//! The Linux packages of Latchkey: a .deb and a .rpm with both programs, their signatures, an apt repository, and the
//! checks that a person who received them can repeat.
//!
//! Packages are written by libraries and not by `dpkg-deb` and `rpmbuild`: their versions are pinned in Cargo.lock, so
//! the same source gives the same bytes on every machine, whatever tools it has. Signing and checking use the tools
//! that the receiving systems use (`debsigs`, `rpmsign`, `gpg`; `debsig-verify`, `rpmkeys`), since theirs is the
//! judgement that counts.

pub mod apt;
pub mod contents;
pub mod deb;
pub mod depends;
pub mod elf;
pub mod error;
pub mod inventory;
pub mod licences;
pub mod package;
pub mod programs;
pub mod project;
pub mod rpm;
pub mod sbom;
pub mod signing;
pub mod sums;
pub mod tool;
pub mod tree;
pub mod trial;
pub mod verify;

pub use error::{Error, Result};
