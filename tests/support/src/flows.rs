//! A simulated tenant and one program that signs in to it: what the tests of whole flows stand on.
//!
//! Everything goes through [`Client`], as it does in the window and on the command line.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test's support fails by panicking

use std::sync::{Arc, Mutex, PoisonError};

use latchkey_client::client::{Client, Keep, PasswordSignIn};
use latchkey_client::connection::Connection;
use latchkey_client::exchange::Exchange;
use latchkey_client::input::{ConnectionDraft, InputProblem};
use latchkey_client::keychain::{Keychain, SecretKind};
use latchkey_client::report::{Outcome, Progress, SignInReport, Step};
use latchkey_client::store::Store;
use latchkey_client::transport::{Limits, Transport, TransportOptions};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Check, Finding, Problem, ProblemKind, Secret, Status};
use latchkey_simulator::{ClientRole, Faults, Generation, Options, Requests, Simulator, UserRole};
use tokio_util::sync::CancellationToken;

/// The scopes of an ordinary sign-in.
pub const SCOPES: &str = "openid profile email";
/// The same with what v2 needs for a refresh token.
pub const OFFLINE: &str = "openid profile email offline_access";

/// What a flow is set up with.
pub struct Setup {
    /// For the simulator.
    pub options: Options,
    /// In memory by default.
    pub keychain: Keychain,
    /// Of the transport.
    pub limits: Limits,
}

impl Default for Setup {
    fn default() -> Self {
        Self { options: Options::default(), keychain: Keychain::memory(), limits: Limits::default() }
    }
}

/// Tenants that an earlier flow is done with: making one's keys takes longer than a sign-in.
static USED: Mutex<Vec<Simulator>> = Mutex::new(Vec::new());

/// A tenant that may be used again.
pub struct Tenant {
    simulator: Option<Simulator>,
    reusable: bool,
}

impl std::ops::Deref for Tenant {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        self.simulator.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if let Some(simulator) = self.simulator.take().filter(|_| self.reusable) {
            simulator.set_faults(Faults::default());
            USED.lock().unwrap_or_else(PoisonError::into_inner).push(simulator);
        }
    }
}

/// A tenant, and a program with a configuration folder and a keychain of its own.
pub struct Flow {
    /// The tenant.
    pub simulator: Tenant,
    /// What the tenant was asked by earlier flows.
    earlier: Requests,
    /// The program.
    pub client: Arc<Client>,
    keychain: Keychain,
    limits: Limits,
    folder: tempfile::TempDir,
}

impl Flow {
    /// Both with their defaults.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// With something going wrong from the start.
    pub async fn faulty(faults: Faults) -> Self {
        Self::with(Setup { options: Options { faults, ..Options::default() }, ..Setup::default() }).await
    }

    /// As set up.
    pub async fn with(setup: Setup) -> Self {
        let simulator = Simulator::start(setup.options).await.unwrap();
        Self::at(Tenant { simulator: Some(simulator), reusable: false }, setup.keychain, setup.limits)
    }

    /// With something going wrong, at a tenant that may have served before and will again. For flows that wait for
    /// all their answers and rotate no keys.
    pub async fn at_used_tenant(faults: Faults) -> Self {
        let used = USED.lock().unwrap().pop();
        let simulator = match used {
            Some(simulator) => simulator,
            None => Simulator::start(Options::default()).await.unwrap(),
        };
        simulator.set_faults(faults);
        let tenant = Tenant { simulator: Some(simulator), reusable: true };
        Self::at(tenant, Keychain::memory(), Limits::default())
    }

    fn at(simulator: Tenant, keychain: Keychain, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let client = open(folder.path(), &keychain, &limits);
        let earlier = simulator.requests();
        Self { simulator, earlier, client, keychain, limits, folder }
    }

    /// The program ends and starts anew: what it knew is gone, file and keychain stay.
    pub fn restart(&mut self) {
        self.client = open(self.folder.path(), &self.keychain, &self.limits);
    }

    /// The configuration folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// From now on this goes wrong, and nothing else.
    pub fn fault(&self, faults: Faults) {
        self.simulator.set_faults(faults);
    }

    /// What the tenant was asked so far.
    pub fn requests(&self) -> Requests {
        let (now, before) = (self.simulator.requests(), self.earlier);
        Requests {
            discovery: now.discovery - before.discovery,
            certs: now.certs - before.certs,
            authorization: now.authorization - before.authorization,
            token: now.token - before.token,
            userinfo: now.userinfo - before.userinfo,
            introspection: now.introspection - before.introspection,
            revocation: now.revocation - before.revocation,
            end_session: now.end_session - before.end_session,
            unknown: now.unknown - before.unknown,
        }
    }

    /// The form of a connection to one of the tenant's applications, its secret included.
    pub fn draft(&self, generation: Generation, role: ClientRole) -> ConnectionDraft {
        let app = self.simulator.client(role).expect("the tenant has this application");
        ConnectionDraft {
            id: None,
            name: format!("{} {generation}", app.name),
            issuer: self.simulator.issuer(generation),
            client_id: app.client_id.clone(),
            auth_method: match app.auth_method {
                latchkey_simulator::AuthMethod::Basic => AuthMethod::Basic,
                latchkey_simulator::AuthMethod::Post => AuthMethod::Post,
                latchkey_simulator::AuthMethod::None => AuthMethod::None,
            },
            client_secret: app.client_secret.as_deref().map(Secret::from),
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scopes: vec![SCOPES.to_owned()],
            username: None,
        }
    }

    /// A saved connection.
    pub async fn connection(&self, generation: Generation, role: ClientRole) -> Connection {
        self.saved(self.draft(generation, role)).await
    }

    /// A saved connection to the ordinary v2 application.
    pub async fn v2(&self) -> Connection {
        self.connection(Generation::V2, ClientRole::Basic).await
    }

    /// Saves a form.
    pub async fn saved(&self, draft: ConnectionDraft) -> Connection {
        self.client.save(draft).await.expect("the connection can be saved")
    }

    /// The connection as the file has it now.
    pub async fn read_again(&self, connection: &Connection) -> Connection {
        self.client.connection(&connection.id).await.expect("the connection is still saved")
    }

    /// What somebody types who signs in.
    pub fn typed(&self, user: UserRole, scopes: &str) -> PasswordSignIn {
        let user = self.simulator.user(user).expect("the tenant has this person");
        PasswordSignIn {
            username: user.username.clone(),
            password: Secret::from(user.password.as_str()),
            scopes: vec![scopes.to_owned()],
            client_secret: None,
            keep: Keep::Keychain,
        }
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, connection: &Connection, user: UserRole, scopes: &str) -> Arc<SignInReport> {
        self.submit(connection, self.typed(user, scopes)).await
    }

    /// Signs in with what was typed.
    pub async fn submit(&self, connection: &Connection, typed: PasswordSignIn) -> Arc<SignInReport> {
        self.client
            .sign_in_password(connection, typed, CancellationToken::new(), &|_| {})
            .await
            .expect("the input is complete")
    }

    /// Refreshes, as the window does: with the connection as it stands in the file.
    pub async fn refresh(&self, connection: &Connection) -> Arc<SignInReport> {
        self.try_refresh(connection).await.expect("there is a refresh token")
    }

    /// The same where there may be nothing to refresh with.
    ///
    /// # Errors
    /// As [`Client::refresh`].
    pub async fn try_refresh(&self, connection: &Connection) -> Result<Arc<SignInReport>, InputProblem> {
        let connection = self.read_again(connection).await;
        self.client.refresh(&connection, None, CancellationToken::new(), &|_| {}).await
    }

    /// The refresh token in the keychain.
    pub async fn stored(&self, connection: &Connection) -> Option<Secret> {
        self.keychain.peek(&connection.id, SecretKind::RefreshToken).await.expect("the keychain answers")
    }

    /// The refresh token in memory.
    pub fn in_memory(&self, connection: &Connection) -> Option<Secret> {
        self.client.desk(&connection.id).session.as_ref()?.refresh_token.clone()
    }

    /// Everything that was sent for the connection, oldest first.
    pub fn traffic(&self, connection: &Connection) -> Vec<Exchange> {
        self.client.desk(&connection.id).recorder.exchanges()
    }

    /// A sign-in that must succeed and leave a refresh token in the keychain.
    pub async fn signed_in(&self, connection: &Connection) -> Secret {
        let report = self.sign_in(connection, UserRole::PeggySue, OFFLINE).await;
        assert_signed_in(&report);
        self.stored(connection).await.expect("the refresh token is stored")
    }

    /// Asserts that a refused sign-in left nothing behind.
    pub async fn assert_nothing_kept(&self, connection: &Connection) {
        assert_eq!(self.stored(connection).await, None, "a refresh token was stored");
        assert!(self.client.desk(&connection.id).session.is_none(), "a session was kept");
    }
}

/// A program on a configuration folder and a keychain.
#[must_use]
pub fn open(folder: &std::path::Path, keychain: &Keychain, limits: &Limits) -> Arc<Client> {
    let options = TransportOptions { limits: limits.clone(), ..TransportOptions::default() };
    let transport = Transport::new(options).expect("a transport can be set up");
    Arc::new(Client::with_transport(Store::at(folder.to_owned()), keychain.clone(), transport))
}

/// The finding of a check; the first where there are several.
///
/// # Panics
/// When the check was not made.
#[must_use]
pub fn finding(report: &SignInReport, check: Check) -> &Finding {
    match report.findings.iter().find(|finding| finding.check == check) {
        Some(finding) => finding,
        None => panic!("{check:?} was not checked: {}", told(report)),
    }
}

/// How a check ended.
#[must_use]
pub fn status(report: &SignInReport, check: Check) -> Status {
    finding(report, check).status
}

/// The checks that failed, in order.
#[must_use]
pub fn failed(report: &SignInReport) -> Vec<Check> {
    report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Failed)
        .map(|finding| finding.check)
        .collect()
}

/// Why it did not end well.
///
/// # Panics
/// When it did.
#[must_use]
pub fn problem(report: &SignInReport) -> &Problem {
    report.error.as_ref().expect("the run did not end well")
}

/// What was sent in the run, in the order of the answers.
#[must_use]
pub fn sent(report: &SignInReport) -> Vec<Endpoint> {
    report.exchanges.iter().map(|exchange| exchange.name).collect()
}

/// # Panics
/// When the sign-in did not succeed; says why.
pub fn assert_signed_in(report: &SignInReport) {
    assert_eq!(report.outcome, Outcome::SignedIn, "{}", told(report));
    assert_eq!(report.error, None);
}

/// Asserts that this check refused the sign-in, and that the report says so.
///
/// # Panics
/// When it did not.
pub fn assert_rejected(report: &SignInReport, check: Check) {
    assert_eq!(report.outcome, Outcome::Rejected, "{}", told(report));
    let failed = failed(report);
    assert!(failed.contains(&check), "{check:?} is not among the failed ones: {}", told(report));
    let problem = problem(report);
    assert_eq!(problem.kind, ProblemKind::Rejected);
    assert!(problem.explanation.contains("expected"), "{}", problem.explanation);
    assert!(!problem.remedy.is_empty(), "{}", problem.explanation);
    assert!(report.userinfo.is_none(), "UserInfo of a refused sign-in is shown");
}

/// Asserts kind, and that explanation and remedy speak of these.
///
/// # Panics
/// When they do not.
pub fn assert_problem(report: &SignInReport, kind: ProblemKind, explanation: &str, remedy: &str) {
    let problem = problem(report);
    assert_eq!(problem.kind, kind, "{}", told(report));
    let explained = problem.explanation.contains(explanation);
    assert!(explained, "“{}” does not say “{explanation}”", problem.explanation);
    assert!(problem.remedy.contains(remedy), "“{}” does not say “{remedy}”", problem.remedy);
}

/// The outcome in short, for a failed assertion.
#[must_use]
pub fn told(report: &SignInReport) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Failed | Status::Warning))
        .map(|finding| {
            format!("{:?} {:?}: {} / {}", finding.check, finding.status, finding.expected, finding.received)
        })
        .collect();
    format!("{:?}, {:?}, {findings:#?}", report.outcome, report.error)
}

/// Progress events, kept.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Vec<Step>>>>);

impl Heard {
    /// For the `on_progress` of a run.
    pub fn listener(&self) -> impl Fn(Progress) + Send + Sync + use<> {
        let events = Arc::clone(&self.0);
        move |Progress::Steps { steps }| events.lock().unwrap().push(steps)
    }

    /// What was heard so far: all steps at each event.
    #[must_use]
    pub fn events(&self) -> Vec<Vec<Step>> {
        self.0.lock().unwrap().clone()
    }
}
