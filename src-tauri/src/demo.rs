//! The demo tenant: the simulator inside the program, started when it is first used.
//!
//! It remembers its refresh tokens, as digests, and its port beside the connections, so that a demo session can be
//! refreshed after a restart as a real one can.

use std::io::Write as _;
use std::path::PathBuf;

use latchkey_client::client::Client;
use latchkey_client::connection::Connection;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use latchkey_simulator::{ClientRole, Generation, Options, Simulator, State};
use tokio::sync::Mutex;

use crate::dto::{DemoFacts, DemoUser};

const NAME: &str = "Demo tenant";
/// Registered for the demo's app; nothing listens there, as for a real application on this computer.
const REDIRECT_URI: &str = "https://payroll.acme.example/callback";
const POST_LOGOUT_REDIRECT_URI: &str = "https://payroll.acme.example/signed-out";
const STATE_FILE: &str = "demo-tenant.json";

/// The demo tenant, running or not.
#[derive(Default)]
pub(crate) struct Demo {
    running: Mutex<Option<Running>>,
}

struct Running {
    simulator: Simulator,
    state_file: PathBuf,
}

impl Demo {
    /// Starts it unless it runs, and brings its connection up to date.
    pub(crate) async fn start(&self, client: &Client) -> Result<Connection, Problem> {
        let mut running = self.running.lock().await;
        if running.is_none() {
            let state_file = client.store().folder().join(STATE_FILE);
            // A damaged file costs the demo its old refresh tokens, nothing else.
            let state = std::fs::read(&state_file)
                .ok()
                .and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
            let simulator = Simulator::start(Options { state, ..Options::default() })
                .await
                .map_err(|error| not_started(&error))?;
            *running = Some(Running { simulator, state_file });
        }
        let Some(Running { simulator, .. }) = running.as_ref() else {
            return Err(not_started(&"it ended at once"));
        };
        let issuer = simulator.issuer(Generation::V2);
        client.policy().permit_demo(&issuer);
        let app = simulator.client(ClientRole::Basic).ok_or_else(|| not_started(&"it has no client"))?;
        let saved = client.connections().await?.connections.into_iter().find(|connection| connection.demo);
        let connection = match saved {
            Some(saved) => {
                let current = Connection {
                    issuer,
                    client_id: app.client_id.clone(),
                    redirect_uri: saved.redirect_uri.clone().or_else(|| Some(REDIRECT_URI.to_owned())),
                    post_logout_redirect_uri: saved
                        .post_logout_redirect_uri
                        .clone()
                        .or_else(|| Some(POST_LOGOUT_REDIRECT_URI.to_owned())),
                    ..saved.clone()
                };
                if current == saved { saved } else { client.put(current).await? }
            }
            None => client.put(fresh(issuer, app.client_id.clone(), client).await?).await?,
        };
        if let Some(secret) = app.client_secret.as_ref() {
            // A published demo value: it needs no keychain.
            client.keep_client_secret_for_now(&connection.id, Secret::from(secret.as_str()));
        }
        Ok(connection)
    }

    /// What the window shows beside the form; `None` while it does not run.
    pub(crate) async fn facts(&self) -> Option<DemoFacts> {
        let running = self.running.lock().await;
        let simulator = &running.as_ref()?.simulator;
        let users = simulator
            .description()
            .users
            .into_iter()
            .map(|user| DemoUser { username: user.username, password: user.password, outcome: user.outcome })
            .collect();
        Some(DemoFacts { issuer: simulator.issuer(Generation::V2), users })
    }

    /// Writes down what a later start needs. Nothing that could sign in is in it.
    pub(crate) async fn remember(&self) {
        let running = self.running.lock().await;
        if let Some(running) = running.as_ref()
            && let Err(error) = write(&running.state_file, &running.simulator.state())
        {
            tracing::warn!(kind = ?error.kind(), "the demo tenant's state could not be written");
        }
    }
}

/// A new demo connection, under a name that is free.
async fn fresh(issuer: String, client_id: String, client: &Client) -> Result<Connection, Problem> {
    let taken: Vec<String> = client
        .connections()
        .await?
        .connections
        .iter()
        .map(|connection| connection.name.to_lowercase())
        .collect();
    let name = std::iter::once(NAME.to_owned())
        .chain((2..).map(|number| format!("{NAME} {number}")))
        .find(|name| !taken.contains(&name.to_lowercase()))
        .unwrap_or_else(|| NAME.to_owned());
    Ok(Connection {
        id: latchkey_client::store::new_id(),
        name,
        issuer,
        client_id,
        auth_method: AuthMethod::Basic,
        redirect_uri: Some(REDIRECT_URI.to_owned()),
        post_logout_redirect_uri: Some(POST_LOGOUT_REDIRECT_URI.to_owned()),
        scopes: ["openid", "profile", "email", "groups", "offline_access"].map(str::to_owned).to_vec(),
        username: Some("peggy.sue".to_owned()),
        demo: true,
        managed: false,
        confirmed_hosts: Vec::new(),
        last_run: None,
    })
}

fn write(file: &std::path::Path, state: &State) -> std::io::Result<()> {
    let draft = file.with_extension("tmp");
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&draft)?;
    written.write_all(&serde_json::to_vec(state)?)?;
    written.sync_all()?;
    std::fs::rename(&draft, file)
}

fn not_started(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        ProblemKind::Configuration,
        "The demo tenant could not be started on this computer.",
        "It needs a free port on 127.0.0.1. Close programs that use many ports, or look at the firewall.",
    )
    .with_description(&error.to_string())
}
