//! The text of a policy file. Everything that is not understood is refused: what was left out by mistake would
//! otherwise be a rule that does not hold.

use std::path::{Path, PathBuf};

use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::issuer::{self, Issuer};
use latchkey_oidc::{Problem, ProblemKind, json};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::Policy;
use crate::connection::Connection;
use crate::input::ConnectionDraft;

const VERSION: u64 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u64,
    #[serde(default)]
    connections: Vec<Managed>,
    allowed_issuers: Option<Vec<String>>,
    login_window: Option<bool>,
    extra_ca_file: Option<String>,
}

/// A connection as it is written there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Managed {
    name: String,
    issuer: String,
    client_id: String,
    auth_method: AuthMethod,
    redirect_uri: Option<String>,
    post_logout_redirect_uri: Option<String>,
    scopes: Vec<String>,
    #[serde(default)]
    confirmed_hosts: Vec<String>,
}

/// Why a file is not taken as a policy.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is of version {0}, and this Latchkey knows {VERSION}")]
    Newer(u64),
    #[error("{0} looks like a secret, and everybody on this computer can read the file")]
    Secret(String),
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// The problem, which names the file.
    pub(super) fn of(self, path: &Path) -> Problem {
        let remedy = match &self {
            Self::Newer(_) => "Install the newer Latchkey, or write the file for this one.",
            Self::Secret(_) => {
                "Take it out of the file, and renew it at the provider: it may have been read. A client secret belongs in \
                 each user's keychain, where the window or `latchkey connection secret NAME` puts it."
            }
            Self::Other(_) => "Whoever manages this computer can mend it.",
        };
        Problem::new(
            ProblemKind::Configuration,
            format!("This computer's policy, {}, cannot be used: {self}.", path.display()),
            format!(
                "{remedy} Latchkey does nothing until that is done and it is started again: a policy is never skipped."
            ),
        )
    }
}

/// Reads and checks all of it.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Policy, Fault> {
    // PowerShell and Notepad write a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value = json::parse(bytes).map_err(|error| Fault::Other(error.to_string()))?;
    // The version first: a newer file may look quite different.
    match value.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(newer) if newer > VERSION => return Err(Fault::Newer(newer)),
        _ => return Err(Fault::Other(format!("its version is not {VERSION}"))),
    }
    scan(&value, "")?;
    let file: File = serde_json::from_slice(bytes).map_err(|error| Fault::Other(error.to_string()))?;
    let mut connections: Vec<Connection> = Vec::new();
    for managed in file.connections {
        let name = managed.name.clone();
        let connection = connection(managed, &connections).map_err(|fault| {
            Fault::Other(format!("connection “{}”: {fault}", latchkey_oidc::text::visible(&name)))
        })?;
        connections.push(connection);
    }
    let allowed_issuers = match file.allowed_issuers {
        None => None,
        Some(listed) => {
            for one in &listed {
                exact(one).map_err(|fault| Fault::Other(format!("allowed_issuers: {fault}")))?;
            }
            let own = connections.iter().map(|connection| connection.issuer.clone());
            let mut all: Vec<String> = Vec::new();
            for issuer in listed.into_iter().chain(own) {
                if !all.contains(&issuer) {
                    all.push(issuer);
                }
            }
            Some(all)
        }
    };
    let extra_ca_file = file.extra_ca_file.map(PathBuf::from);
    if extra_ca_file.as_ref().is_some_and(|path| !path.is_absolute()) {
        return Err(Fault::Other("extra_ca_file is not an absolute path".to_owned()));
    }
    Ok(Policy {
        file: Some(path.to_owned()),
        connections,
        allowed_issuers,
        login_window: file.login_window.unwrap_or(true),
        extra_ca_file,
        ..Policy::default()
    })
}

/// Refuses what looks like a secret, and `null`, which in place of a list would be no rule at all.
fn scan(value: &Value, path: &str) -> Result<(), Fault> {
    match value {
        Value::Null => Err(Fault::Other(format!("{path} is null; leave it out to set nothing"))),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let path = latchkey_oidc::text::visible(&path);
            if looks_secret(name) { Err(Fault::Secret(path)) } else { scan(value, &path) }
        }),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| scan(item, &format!("{path}[{at}]")))
        }
        _ => Ok(()),
    }
}

fn looks_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["secret", "password", "passwd", "passphrase", "privatekey", "apikey", "credential"]
        .iter()
        .any(|word| name.contains(word))
        || name.ends_with("token")
        || name.ends_with("tokens")
}

fn connection(managed: Managed, before: &[Connection]) -> Result<Connection, String> {
    exact(&managed.issuer)?;
    for host in &managed.confirmed_hosts {
        let named = Url::parse(&format!("https://{host}/")).ok().map(|url| issuer::authority(&url));
        if named.as_deref() != Some(host.as_str()) {
            return Err(format!("“{}” is no HOST or HOST:PORT", latchkey_oidc::text::visible(host)));
        }
    }
    let draft = ConnectionDraft {
        id: None,
        name: managed.name,
        issuer: managed.issuer,
        client_id: managed.client_id,
        auth_method: managed.auth_method,
        client_secret: None,
        redirect_uri: managed.redirect_uri,
        post_logout_redirect_uri: managed.post_logout_redirect_uri,
        scopes: managed.scopes,
        username: None,
    };
    let checked = draft.check(before).map_err(|problem| {
        let explanation = problem.problem.explanation;
        explanation.strip_suffix('.').map_or_else(|| explanation.clone(), str::to_owned)
    })?;
    Ok(Connection {
        id: id(&checked, before),
        managed: true,
        confirmed_hosts: managed.confirmed_hosts,
        ..checked
    })
}

/// An issuer as it will be compared: by every character.
fn exact(typed: &str) -> Result<(), String> {
    match Issuer::parse(typed) {
        Ok(issuer) if issuer.as_str() == typed => Ok(()),
        Ok(issuer) => {
            Err(format!("“{}” is not exactly an issuer: write {issuer}", latchkey_oidc::text::visible(typed)))
        }
        Err(problem) => Err(problem
            .explanation
            .strip_suffix('.')
            .map_or_else(|| problem.explanation.clone(), str::to_owned)),
    }
}

/// The keychain entries hang on it, so it must outlive a new name: issuer and client id make it. A further
/// connection of the same client is told apart by its name.
fn id(connection: &Connection, before: &[Connection]) -> String {
    let first = hash(&[&connection.issuer, &connection.client_id]);
    if before.iter().all(|other| other.id != first) {
        return first;
    }
    hash(&[&connection.issuer, &connection.client_id, &connection.name.to_lowercase()])
}

fn hash(parts: &[&str]) -> String {
    use std::fmt::Write as _;
    let text = format!("latchkey managed connection\0{}", parts.join("\0"));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref()[..16].iter().fold(String::with_capacity(32), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}
