//! Two OpenID providers that nobody here wrote, run by Node from `tests/peers`.
//!
//! They are what tells a client that agrees with its own simulator from one that agrees with the specification.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use serde::Deserialize;

/// How long a provider may take to make its keys and listen. Ten times what a slow machine needs.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Which provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PeerKind {
    /// `oidc-provider` 3.0.3 of 2018: `rt_hash`, ISO 8601 `updated_at`, a refresh token from every password grant,
    /// `invalid_client` with status 400.
    V1Like,
    /// The current `oidc-provider`: `updated_at` in seconds, refresh tokens only for `offline_access`,
    /// `invalid_client` with status 401, `iss` in authorization responses.
    V2Like,
}

impl PeerKind {
    /// Both of them, for a test that says the same of each.
    pub const ALL: [Self; 2] = [Self::V1Like, Self::V2Like];

    fn folder(self) -> PathBuf {
        let name = match self {
            Self::V1Like => "v1-like",
            Self::V2Like => "v2-like",
        };
        Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
    }
}

/// A client that the provider knows.
#[derive(Clone, Deserialize)]
pub struct PeerClient {
    /// `basic-client`, `post-client`, `public-client`, `signed-userinfo-client` or `native-client`.
    pub client_id: String,
    /// Contains every character that form encoding has to get right; none for a public client.
    pub client_secret: Option<String>,
    /// `basic`, `post` or `none`.
    pub auth_method: String,
    /// What the client may be sent back to. Nothing listens there.
    pub redirect_uris: Vec<String>,
    /// Whether UserInfo comes as a signed JWT.
    pub signed_userinfo: bool,
}

/// A person who can sign in.
#[derive(Clone, Deserialize)]
pub struct PeerUser {
    /// What is typed.
    pub username: String,
    /// Different at every start.
    pub password: String,
    /// The `sub` of this person's tokens.
    pub sub: String,
}

/// A running provider. It ends when this value is dropped, and by itself when the test's process dies.
pub struct Peer {
    /// Its issuer, on loopback over plain http.
    pub issuer: String,
    /// The clients it knows.
    pub clients: Vec<PeerClient>,
    /// The people it knows.
    pub users: Vec<PeerUser>,
    process: Process,
}

#[derive(Deserialize)]
struct Facts {
    issuer: String,
    clients: Vec<PeerClient>,
    users: Vec<PeerUser>,
}

impl Peer {
    /// Starts the provider and waits until it listens.
    ///
    /// # Panics
    ///
    /// When Node or the provider's packages are missing, or it does not listen within a minute. The message says
    /// what to do.
    #[must_use]
    pub fn start(kind: PeerKind) -> Self {
        match Self::try_start(kind) {
            Ok(peer) => peer,
            Err(message) => panic!("{message}"),
        }
    }

    fn try_start(kind: PeerKind) -> Result<Self, String> {
        let folder = kind.folder();
        if !folder.join("node_modules/oidc-provider").is_dir() {
            return Err(format!(
                "The packages of {} are not installed. Run `cargo xtask test --only peers`.",
                folder.display()
            ));
        }
        let child = Command::new("node")
            .arg("server.mjs")
            .current_dir(&folder)
            // The provider ends when this pipe does.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`node` did not start ({error}). Install Node 20.19 or newer."))?;
        let mut process = Process(child);
        let said = process.collect_errors();
        let trouble = |what: &str| {
            let said = said.lock().unwrap_or_else(PoisonError::into_inner);
            format!("The provider in {} {what}. It said:\n{said}", folder.display())
        };

        let line = process.first_line().map_err(|what| trouble(&what))?;
        let facts: Facts = serde_json::from_str(&line)
            .map_err(|error| trouble(&format!("printed `{line}`, which is not what was agreed ({error})")))?;
        Ok(Self { issuer: facts.issuer, clients: facts.clients, users: facts.users, process })
    }

    /// The client with this id.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn client(&self, client_id: &str) -> &PeerClient {
        match self.clients.iter().find(|client| client.client_id == client_id) {
            Some(client) => client,
            None => panic!("{} knows no client {client_id}", self.issuer),
        }
    }

    /// The person with this user name.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn user(&self, username: &str) -> &PeerUser {
        match self.users.iter().find(|user| user.username == username) {
            Some(user) => user,
            None => panic!("{} knows no user {username}", self.issuer),
        }
    }

    /// The provider's process, for a test that ends it in the middle of something.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.0.id()
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the clients and users: a leak test searches output for their secrets.
        formatter.debug_struct("Peer").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

struct Process(Child);

impl Process {
    /// Reads standard error from the start, so that the pipe never fills.
    fn collect_errors(&mut self) -> Arc<Mutex<String>> {
        let said = Arc::new(Mutex::new(String::new()));
        if let Some(stderr) = self.0.stderr.take() {
            let said = Arc::clone(&said);
            std::thread::spawn(move || {
                for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        said
    }

    fn first_line(&mut self) -> Result<String, String> {
        let stdout = self.0.stdout.take();
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = stdout.map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten();
            // The receiver is gone only when nobody waits any more.
            let _ = sender.send(lines.next());
            lines.for_each(drop);
        });
        match receiver.recv_timeout(START_LIMIT) {
            Ok(Some(Ok(line))) => Ok(line),
            Ok(Some(Err(error))) => Err(format!("could not be read ({error})")),
            Ok(None) => Err("ended before it listened".to_owned()),
            Err(_) => Err(format!("did not listen within {} s", START_LIMIT.as_secs())),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_providers_start_listen_and_end() {
        for kind in PeerKind::ALL {
            let peer = Peer::start(kind);
            let address = peer.issuer.trim_start_matches("http://").split('/').next().unwrap().to_owned();
            assert!(std::net::TcpStream::connect(&address).is_ok());
            assert_eq!(peer.user("peggy.sue").sub, "32916209");
            assert_eq!(peer.client("public-client").client_secret, None);
            assert!(!format!("{peer:?}").contains(&peer.user("sally").password));
            drop(peer);
            assert!(std::net::TcpStream::connect(&address).is_err());
        }
    }
}
