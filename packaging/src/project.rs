//! What is known of the project before anything is built: where it is, its version, and the one time that everything in
//! a package has.

use std::path::{Path, PathBuf};

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use crate::tool::Tool;
use crate::{Error, Result};

/// The package's name, and the command line's.
pub const NAME: &str = "latchkey";
/// The window's program.
pub const DESKTOP: &str = "latchkey-desktop";
/// One line on what it is.
pub const SUMMARY: &str = "Sign in to OneLogin or any OpenID Connect provider and see every check";
/// Why somebody would install it, in paragraphs of one line.
pub const DESCRIPTION: [&str; 2] = [
    "Latchkey signs in to OneLogin, or any OpenID Connect provider, the way your application would, shows every exchange \
     and every check, and when something is wrong names the cause and the setting to change.",
    "This package has the window (latchkey-desktop) and the command line for scripts and continuous integration (latchkey).",
];
/// SPDX expression of the project's own licence.
pub const LICENCE: &str = "Apache-2.0 OR MIT";

/// Names another maintainer in the packages: `Name <address>`.
pub const MAINTAINER: &str = "LATCHKEY_MAINTAINER";
/// A package needs an address that answers; whoever publishes has one, the source has none.
const NO_MAINTAINER: &str = "The Latchkey developers <latchkey@example.com>";

/// The project, at one commit.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder with the workspace's Cargo.toml.
    pub root: PathBuf,
    /// The workspace's version.
    pub version: String,
    /// Counts the packages made of one version.
    pub revision: u32,
    /// Seconds since 1970: the last commit's, or `SOURCE_DATE_EPOCH`.
    pub epoch: u32,
    /// Who answers for the packages.
    pub maintainer: String,
}

impl Project {
    /// The project that this program was built from.
    pub fn here(revision: u32) -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        let metadata = metadata(&root, &["--no-deps"])?;
        let version = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == NAME)
            .and_then(|package| package["version"].as_str())
            .ok_or_else(|| Error::unfit("cargo metadata names no package latchkey"))?;
        Ok(Self {
            version: version.to_owned(),
            revision,
            epoch: epoch(&root)?,
            maintainer: set(MAINTAINER).unwrap_or_else(|| NO_MAINTAINER.to_owned()),
            root,
        })
    }

    /// One that tests can package.
    #[cfg(test)]
    pub(crate) fn example() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        Self {
            root,
            version: "1.2.3".to_owned(),
            revision: 2,
            epoch: 1_700_000_000,
            maintainer: "Ann <ann@example.com>".to_owned(),
        }
    }

    /// The version with its revision, as both formats write it: `0.1.0-1`.
    #[must_use]
    pub fn full_version(&self) -> String {
        format!("{}-{}", self.version, self.revision)
    }

    /// The time of everything in the packages.
    #[must_use]
    pub fn time(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(i64::from(self.epoch)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The time as mail has it: `Tue, 24 Nov 2026 09:00:00 +0000`.
    #[must_use]
    pub fn mail_time(&self) -> String {
        self.time().format(&Rfc2822).unwrap_or_default()
    }

    /// The time as `2026-11-24T09:00:00Z`.
    #[must_use]
    pub fn iso_time(&self) -> String {
        self.time().format(&Rfc3339).unwrap_or_default()
    }

    /// The day as `2026-11-24`.
    #[must_use]
    pub fn day(&self) -> String {
        self.time().date().to_string()
    }
}

/// This machine's architecture, as .deb names it.
pub fn deb_architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => Err(Error::unfit(format!("no .deb architecture is known for {other}"))),
    }
}

/// The cargo that started us.
#[must_use]
pub fn cargo() -> Tool {
    Tool::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), "cargo")
}

/// `cargo metadata` of a workspace.
pub fn metadata(root: &Path, more: &[&str]) -> Result<Value> {
    let answer =
        cargo().args(["metadata", "--format-version", "1", "--locked"]).args(more).folder(root).run()?;
    serde_json::from_slice(&answer.out).map_err(|error| Error::unfit(format!("cargo metadata: {error}")))
}

/// An environment variable that is set to something.
#[must_use]
pub fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn epoch(root: &Path) -> Result<u32> {
    let text = match set("SOURCE_DATE_EPOCH") {
        Some(text) => text,
        None => Tool::new("git", "git").args(["log", "-1", "--format=%ct"]).folder(root).run()?.text(),
    };
    text.trim().parse().map_err(|_| Error::unfit(format!("SOURCE_DATE_EPOCH is not a time: {}", text.trim())))
}
