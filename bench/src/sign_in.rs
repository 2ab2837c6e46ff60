//! A password sign-in beside the round trips it cannot do without, against the demo tenant at 50 ms.
//!
//! The floor sends the same requests one after the other over kept connections, and reads the answers.

use std::time::{Duration, Instant};

use latchkey_client::client::{Client, Keep, PasswordSignIn};
use latchkey_client::connection::Connection;
use latchkey_client::keychain::Keychain;
use latchkey_client::report::Outcome;
use latchkey_client::store::Store;
use latchkey_client::transport::{Transport, TransportOptions};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Secret, text};
use latchkey_simulator::{ClientRole, Generation, Options, Simulator, UserRole};
use tokio_util::sync::CancellationToken;

use crate::figures::{Figure, ROUNDS};

const LATENCY: Duration = Duration::from_millis(50);

type Failure = Box<dyn std::error::Error>;

pub(crate) async fn measure() -> Result<Vec<Figure>, Failure> {
    let simulator = Simulator::start(Options { latency: LATENCY, ..Options::default() }).await?;
    let bench = Bench::new(&simulator)?;
    let (mut known, mut two) = (Vec::new(), Vec::new());
    let (mut unknown, mut three) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let floor = Floor::new(&bench).await?;
        two.push(floor.time(false).await?);
        three.push(floor.time(true).await?);
        let client = bench.client()?;
        unknown.push(bench.time(&client).await?);
        // The provider is known now, and its connections are open.
        known.push(bench.time(&client).await?);
    }
    simulator.stop().await;
    let figure =
        |name, ours, floor_name, floor| Figure { name, ours, floor_name, floor, unit: "ms", bound: 1.10 };
    Ok(vec![
        figure("password sign-in, provider known, 50 ms latency", known, "two round trips", two),
        figure("password sign-in, provider unknown, 50 ms latency", unknown, "three round trips", three),
    ])
}

struct Bench {
    folder: tempfile::TempDir,
    connection: Connection,
    secret: Secret,
    username: String,
    password: Secret,
}

impl Bench {
    fn new(simulator: &Simulator) -> Result<Self, Failure> {
        let app = simulator.client(ClientRole::Basic).ok_or("no client")?;
        let user = simulator.user(UserRole::PeggySue).ok_or("no user")?;
        let connection = Connection {
            id: latchkey_client::store::new_id(),
            name: "bench".into(),
            issuer: simulator.issuer(Generation::V2),
            client_id: app.client_id.clone(),
            auth_method: AuthMethod::Basic,
            redirect_uri: None,
            scopes: vec!["openid".into(), "profile".into(), "groups".into()],
            username: None,
            demo: false,
            confirmed_hosts: Vec::new(),
            last_run: None,
        };
        Ok(Self {
            folder: tempfile::tempdir()?,
            connection,
            secret: Secret::from(app.client_secret.as_deref().ok_or("no secret")?),
            username: user.username.clone(),
            password: Secret::from(user.password.as_str()),
        })
    }

    fn client(&self) -> Result<Client, Failure> {
        let transport = Transport::new(TransportOptions::default()).map_err(|problem| problem.explanation)?;
        Ok(Client::with_transport(Store::at(self.folder.path().to_owned()), Keychain::memory(), transport))
    }

    async fn time(&self, client: &Client) -> Result<f64, Failure> {
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
        if report.outcome != Outcome::SignedIn {
            return Err(format!(
                "not signed in: {:?}",
                report.error.as_ref().map(|error| text::visible(&error.explanation))
            )
            .into());
        }
        Ok(took.as_secs_f64() * 1e3)
    }
}

/// The bare requests, with the transport library alone.
struct Floor<'a> {
    bench: &'a Bench,
    http: reqwest::Client,
}

impl<'a> Floor<'a> {
    async fn new(bench: &'a Bench) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let floor = Self { bench, http };
        floor.discovery().await?;
        Ok(floor)
    }

    async fn time(&self, with_discovery: bool) -> Result<f64, Failure> {
        let began = Instant::now();
        if with_discovery {
            self.discovery().await?;
        }
        let issuer = &self.bench.connection.issuer;
        let form = [
            ("grant_type", "password"),
            ("username", &self.bench.username),
            ("password", self.bench.password.expose()),
            ("scope", &self.bench.connection.scopes.join(" ")),
        ];
        let answer = self
            .http
            .post(format!("{issuer}/token"))
            .basic_auth(&self.bench.connection.client_id, Some(self.bench.secret.expose()))
            .form(&form)
            .send()
            .await?
            .error_for_status()?;
        let tokens: serde_json::Value = answer.json().await?;
        let access_token = tokens["access_token"].as_str().ok_or("no access token")?;
        self.http
            .get(format!("{issuer}/me"))
            .bearer_auth(access_token)
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    async fn discovery(&self) -> Result<(), Failure> {
        let url = format!("{}/.well-known/openid-configuration", self.bench.connection.issuer);
        self.http.get(url).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }
}
