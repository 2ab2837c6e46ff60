//! What whoever manages this computer has set for everybody who uses it: connections that cannot be changed, the
//! issuers that may be asked, whether there is a login window, and one more file of certificate authorities.
//!
//! Read once, at the start. A policy that cannot be read is never skipped.

mod file;
mod place;

use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use latchkey_oidc::{Problem, ProblemKind};

use crate::connection::Connection;
use crate::transport::TransportOptions;

/// The environment variable that names another file, which counts where the system has none.
pub const VARIABLE: &str = "LATCHKEY_POLICY_FILE";

/// The policy of this computer. The default is that of a computer nobody manages.
#[derive(Debug)]
pub struct Policy {
    file: Option<PathBuf>,
    connections: Vec<Connection>,
    allowed_issuers: Option<Vec<String>>,
    login_window: bool,
    extra_ca_file: Option<PathBuf>,
    /// The issuer of the demo tenant that this program runs itself.
    demo: RwLock<Option<String>>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            file: None,
            connections: Vec::new(),
            allowed_issuers: None,
            login_window: true,
            extra_ca_file: None,
            demo: RwLock::default(),
        }
    }
}

impl Policy {
    /// That of the system's file, else of the one that [`VARIABLE`] names, else none.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where there is one that cannot be used: nothing may be done then.
    pub fn of_this_computer() -> Result<Self, Problem> {
        let named = std::env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        match place::find(&place::of_the_system()?, named)? {
            Some(place) => place.read(),
            None => Ok(Self::default()),
        }
    }

    /// That of one file.
    ///
    /// # Errors
    /// As [`Policy::of_this_computer`], and where there is no such file.
    pub fn read(file: &Path) -> Result<Self, Problem> {
        place::Place::named(file.to_owned()).read()
    }

    /// The file, where this computer is managed.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// In the order of the file.
    #[must_use]
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Whether a connection is one of the file's.
    #[must_use]
    pub fn manages(&self, id: &str) -> bool {
        self.connections.iter().any(|connection| connection.id == id)
    }

    /// The issuers that may be asked, those of the managed connections among them. `None`: every one.
    #[must_use]
    pub fn allowed_issuers(&self) -> Option<&[String]> {
        self.allowed_issuers.as_deref()
    }

    /// Whether the login window may open.
    #[must_use]
    pub fn login_window(&self) -> bool {
        self.login_window
    }

    /// PEM file with certificate authorities that are trusted besides the system's and the user's.
    #[must_use]
    pub fn extra_ca_file(&self) -> Option<&Path> {
        self.extra_ca_file.as_deref()
    }

    /// The transport's options under this policy, with the user's own extra CA file.
    #[must_use]
    pub fn transport_options(
        self: &std::sync::Arc<Self>,
        extra_ca_file: Option<PathBuf>,
    ) -> TransportOptions {
        TransportOptions { extra_ca_file, policy: std::sync::Arc::clone(self), ..TransportOptions::default() }
    }

    /// Lets the demo tenant of this program be asked, wherever it listens: nothing leaves this computer for it.
    pub fn permit_demo(&self, issuer: &str) {
        *self.demo.write().unwrap_or_else(PoisonError::into_inner) = Some(issuer.to_owned());
    }

    /// Whether an issuer may be asked.
    ///
    /// # Errors
    /// [`ProblemKind::Policy`] where it may not: nothing must be sent to it then.
    pub fn permit(&self, issuer: &str) -> Result<(), Problem> {
        let (Some(allowed), Some(file)) = (&self.allowed_issuers, &self.file) else { return Ok(()) };
        let demo = || self.demo.read().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(issuer);
        if allowed.iter().any(|one| one == issuer) || demo() {
            return Ok(());
        }
        let mut choice = match allowed.as_slice() {
            [] => "It allows none.".to_owned(),
            [only] => format!("It allows {only}."),
            several => {
                let first: Vec<&str> = several.iter().take(5).map(String::as_str).collect();
                let more = if several.len() > first.len() { " and others" } else { "" };
                format!("It allows {}{more}.", first.join(", "))
            }
        };
        if let Some(near) =
            allowed.iter().find(|one| one.trim_end_matches('/') == issuer.trim_end_matches('/'))
        {
            choice = format!("It allows {near}, and an issuer is compared by every character.");
        }
        Err(Problem::new(
            ProblemKind::Policy,
            format!(
                "The issuer {} is not among those that this computer's policy allows. Nothing was sent.",
                latchkey_oidc::text::visible(issuer)
            ),
            format!("{choice} {}", ask(file)),
        ))
    }

    /// Whether the login window may open.
    ///
    /// # Errors
    /// [`ProblemKind::Policy`] where it may not.
    pub fn permit_login_window(&self) -> Result<(), Problem> {
        let Some(file) = self.file.as_ref().filter(|_| !self.login_window) else { return Ok(()) };
        Err(Problem::new(
            ProblemKind::Policy,
            "This computer's policy turns the login window off. Nothing was sent.",
            format!("Use the system browser. {}", ask(file)),
        ))
    }

    /// Whether a connection may be changed here.
    ///
    /// # Errors
    /// [`ProblemKind::Policy`] for a managed one.
    pub fn permit_change(&self, id: &str) -> Result<(), Problem> {
        let managed = self.connections.iter().find(|connection| connection.id == id);
        let (Some(managed), Some(file)) = (managed, &self.file) else { return Ok(()) };
        Err(Problem::new(
            ProblemKind::Policy,
            format!(
                "“{}” is set by this computer's policy and cannot be changed or removed here.",
                managed.name
            ),
            ask(file),
        ))
    }
}

/// Whether a user's connection has the name of a managed one, which goes before it.
#[must_use]
pub fn yields(connection: &Connection, all: &[Connection]) -> bool {
    !connection.managed && all.iter().any(|other| other.managed && same_name(&other.name, &connection.name))
}

/// As `--connection` compares them.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn ask(file: &Path) -> String {
    format!("Whoever manages this computer can change that, in {}.", file.display())
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
