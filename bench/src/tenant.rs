//! The demo tenant that everything is measured against, and the one application and person that are used.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use latchkey_client::client::{Client, Keep, PasswordSignIn};
use latchkey_client::connection::Connection;
use latchkey_client::keychain::Keychain;
use latchkey_client::report::{Outcome, SignInReport};
use latchkey_client::store::{self, Store};
use latchkey_client::transport::{Transport, TransportOptions};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Secret, text};
use latchkey_simulator::{ClientRole, Generation, Options, Simulator, UserRole};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Failure;

/// Registered for the application; nothing listens there.
pub(crate) const REDIRECT_URI: &str = "https://payroll.acme.example/callback";
pub(crate) const SCOPE: &str = "openid profile groups";

/// A running tenant with what a sign-in there needs.
pub(crate) struct Tenant {
    pub(crate) simulator: Simulator,
    pub(crate) connection: Connection,
    pub(crate) secret: Secret,
    pub(crate) username: String,
    pub(crate) password: Secret,
    folder: tempfile::TempDir,
}

impl Tenant {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let simulator = Simulator::start(Options::default()).await?;
        let app = simulator.client(ClientRole::Basic).ok_or("no client")?;
        let user = simulator.user(UserRole::PeggySue).ok_or("no user")?;
        // As the file has it: whatever else a connection has is left to its default.
        let connection: Connection = serde_json::from_value(json!({
            "id": store::new_id(),
            "name": "bench",
            "issuer": simulator.issuer(Generation::V2),
            "client_id": app.client_id,
            "auth_method": AuthMethod::Basic,
            "redirect_uri": REDIRECT_URI,
            "scopes": SCOPE.split(' ').collect::<Vec<_>>(),
        }))?;
        let secret = Secret::from(app.client_secret.as_deref().ok_or("no secret")?);
        let (username, password) = (user.username.clone(), Secret::from(user.password.as_str()));
        Ok(Self { simulator, connection, secret, username, password, folder: tempfile::tempdir()? })
    }

    /// How long every answer takes from now on.
    pub(crate) fn latency(&self, milliseconds: u64) {
        self.simulator.set_latency(Duration::from_millis(milliseconds));
    }

    /// A client that knows nothing of the provider, has no connection open, and keeps all secrets in memory.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let transport = Transport::new(TransportOptions::default()).map_err(|problem| problem.explanation)?;
        Ok(Client::with_transport(Store::at(self.folder.path().to_owned()), Keychain::memory(), transport))
    }

    /// Saves the connection for a program that keeps its own in `folder`.
    pub(crate) async fn saved_in(&self, folder: PathBuf) -> Result<Connection, Failure> {
        let transport = Transport::new(TransportOptions::default()).map_err(|problem| problem.explanation)?;
        let client = Client::with_transport(Store::at(folder), Keychain::memory(), transport);
        Ok(client.put(self.connection.clone()).await.map_err(|problem| problem.explanation)?)
    }

    /// Milliseconds that a whole password sign-in takes.
    pub(crate) async fn sign_in(&self, client: &Client) -> Result<f64, Failure> {
        let request = PasswordSignIn {
            username: self.username.clone(),
            password: self.password.clone(),
            scopes: self.connection.scopes.clone(),
            client_secret: Some(self.secret.clone()),
            keep: Keep::SessionOnly,
        };
        let began = Instant::now();
        let report = client
            .sign_in_password(&self.connection, request, CancellationToken::new(), &|_| {})
            .await
            .map_err(|problem| problem.problem.explanation)?;
        let took = began.elapsed();
        signed_in(&report)?;
        Ok(took.as_secs_f64() * 1e3)
    }

    /// What `bench/peers` signs in with.
    pub(crate) fn for_node(&self) -> Value {
        json!({
            "issuer": self.connection.issuer,
            "client_id": self.connection.client_id,
            "client_secret": self.secret.expose(),
            "username": self.username,
            "password": self.password.expose(),
            "scope": SCOPE,
            "redirect_uri": REDIRECT_URI,
        })
    }
}

/// A figure of a sign-in that failed would be the figure of something else.
pub(crate) fn signed_in(report: &SignInReport) -> Result<(), Failure> {
    if report.outcome == Outcome::SignedIn {
        return Ok(());
    }
    let why = report.error.as_ref().map(|error| text::visible(&error.explanation));
    Err(format!("not signed in: {why:?}").into())
}
