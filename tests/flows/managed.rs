//! A computer whose policy sets connections and issuers: what is managed cannot be changed, and who may not be asked
//! is asked nothing.

use std::path::Path;
use std::sync::Arc;

use latchkey_client::client::{BrowserSignIn, Client, Keep, SignOut, TokenChoice};
use latchkey_client::connection::Connection;
use latchkey_client::input::{Field, InputProblem};
use latchkey_client::keychain::{Keychain, SecretKind};
use latchkey_client::policy::{Policy, yields};
use latchkey_client::provider;
use latchkey_client::recorder::Recorder;
use latchkey_client::report::Outcome;
use latchkey_client::sign_in::browser::{Answering, BrowserRequest, Leaving, UserAgent};
use latchkey_client::store::Store;
use latchkey_client::transport::Transport;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Fix, Problem, ProblemKind, Secret};
use latchkey_simulator::{ClientRole, Generation, UserRole};
use serde_json::{Value, json};
use support::flows::{Flow, OFFLINE, assert_signed_in};
use tokio_util::sync::CancellationToken;
use url::Url;

/// A program on a managed computer.
struct Managed {
    flow: Flow,
    keychain: Keychain,
    policy: tempfile::TempDir,
    client: Arc<Client>,
}

impl Managed {
    /// `policy` is made for the tenant.
    async fn start(policy: impl FnOnce(&Flow) -> Value) -> Self {
        let flow = Flow::start().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.json"), policy(&flow).to_string()).unwrap();
        let keychain = Keychain::memory();
        let client = open(folder.path(), flow.folder(), &keychain);
        Self { flow, keychain, policy: folder, client }
    }

    fn restart(&mut self) {
        self.client = open(self.policy.path(), self.flow.folder(), &self.keychain);
    }

    /// The one that the policy sets.
    async fn connection(&self) -> Connection {
        let connections = self.client.connections().await.unwrap().connections;
        connections.into_iter().find(|connection| connection.managed).expect("one is managed")
    }

    fn secret(&self) -> Secret {
        Secret::from(self.flow.simulator.client(ClientRole::Basic).unwrap().client_secret.as_deref().unwrap())
    }

    /// A connection that was saved before this computer was managed, with its refresh token.
    async fn saved_before(&self, name: &str) -> Connection {
        let unmanaged =
            Client::with_transport(Store::at(self.flow.folder().to_owned()), self.keychain.clone(), any());
        let mut draft = self.flow.draft(Generation::V2, ClientRole::Basic);
        draft.name = name.to_owned();
        let saved = unmanaged.save(draft).await.unwrap();
        let typed = self.flow.typed(UserRole::PeggySue, OFFLINE);
        let cancel = CancellationToken::new();
        let report = unmanaged.sign_in_password(&saved, typed, cancel, &|_| {}).await.unwrap();
        assert_signed_in(&report);
        saved
    }
}

fn any() -> Transport {
    Transport::new(latchkey_client::transport::TransportOptions::default()).unwrap()
}

fn open(policy: &Path, folder: &Path, keychain: &Keychain) -> Arc<Client> {
    let policy = Arc::new(Policy::read(&policy.join("policy.json")).unwrap());
    let transport = Transport::new(policy.transport_options(None)).unwrap();
    Arc::new(Client::with_transport(Store::at(folder.to_owned()), keychain.clone(), transport))
}

fn payroll(flow: &Flow) -> Value {
    let app = flow.simulator.client(ClientRole::Basic).unwrap();
    json!({"version": 1, "connections": [{
        "name": "Payroll", "issuer": flow.simulator.issuer(Generation::V2), "client_id": app.client_id,
        "auth_method": "basic", "scopes": ["openid", "profile", "offline_access"]
    }]})
}

fn elsewhere(_: &Flow) -> Value {
    json!({"version": 1, "allowed_issuers": ["https://acme.onelogin.com/oidc/2"]})
}

/// It is never opened.
struct Nobody;

impl UserAgent for Nobody {
    fn answer<'a>(&'a self, url: &'a Url, _: ResponseMode, _: &'a CancellationToken) -> Answering<'a> {
        panic!("{url} was opened")
    }

    fn leave<'a>(&'a self, _: &'a Secret, shown: &'a str, _: &'a CancellationToken) -> Leaving<'a> {
        panic!("{shown} was opened")
    }
}

#[tokio::test]
async fn a_managed_connection_works_as_any_other_and_stands_in_no_file() {
    let mut managed = Managed::start(payroll).await;
    let connection = managed.connection().await;
    // Its secret is the user's own affair.
    managed.client.keep_client_secret(&connection.id, &managed.secret()).await.unwrap();
    let typed = managed.flow.typed(UserRole::PeggySue, OFFLINE);
    let cancel = CancellationToken::new;
    let report = managed.client.sign_in_password(&connection, typed, cancel(), &|_| {}).await.unwrap();
    assert_signed_in(&report);
    let after = managed.connection().await;
    assert_eq!(after.username.as_deref(), Some("peggy.sue"));
    let first = after.last_run.unwrap();
    assert_eq!((first.outcome, first.subject.as_deref()), (Outcome::SignedIn, Some("32916209")));

    // Keychain entries, and whom a refresh must bring, outlive the program.
    managed.restart();
    let again = managed.connection().await;
    assert_eq!(
        (&again.id, again.last_run.clone().and_then(|run| run.subject)),
        (&connection.id, first.subject)
    );
    let report = managed.client.refresh(&again, None, cancel(), &|_| {}).await.unwrap();
    assert_signed_in(&report);
    assert!(!managed.flow.folder().join("connections.json").exists());
    // Nor is it written beside one of the user's.
    managed
        .client
        .put(Connection { id: "1".repeat(32), name: "Own".into(), managed: false, ..again })
        .await
        .unwrap();
    let text = std::fs::read_to_string(managed.flow.folder().join("connections.json")).unwrap();
    assert!(text.contains("Own") && !text.contains("Payroll") && !text.contains("managed"), "{text}");
}

#[tokio::test]
async fn a_managed_connection_is_not_changed_and_who_can_is_said() {
    let managed = Managed::start(payroll).await;
    let (client, connection) = (&managed.client, managed.connection().await);
    client.keep_client_secret(&connection.id, &managed.secret()).await.unwrap();
    let mut draft = managed.flow.draft(Generation::V2, ClientRole::Basic);
    draft.id = Some(connection.id.clone());
    let mut refused: Vec<Problem> = vec![
        client.save(draft).await.unwrap_err().problem,
        client.remove(&connection.id).await.unwrap_err(),
        client.put(Connection { managed: false, ..connection.clone() }).await.unwrap_err(),
    ];
    for fix in [
        Fix::UseAuthMethod { method: AuthMethod::Post },
        Fix::UseIssuer { issuer: "https://b.example".into() },
        Fix::AddScope { scope: "groups".into() },
        Fix::RemoveScope { scope: "profile".into() },
        Fix::ConfirmHost { host: "b.example".into() },
    ] {
        refused.push(client.apply(&connection.id, &fix).await.unwrap_err());
    }
    for problem in refused {
        assert_eq!(problem.kind, ProblemKind::Policy);
        assert!(problem.explanation.contains("Payroll"), "{}", problem.explanation);
        assert!(problem.remedy.contains("policy.json"), "{}", problem.remedy);
    }
    assert_eq!(managed.connection().await, connection);
    assert_eq!(
        managed.keychain.peek(&connection.id, SecretKind::ClientSecret).await,
        Ok(Some(managed.secret()))
    );
    assert_eq!(managed.flow.requests().total(), 0);
    assert!(!managed.flow.folder().join("connections.json").exists());
}

#[tokio::test]
async fn the_managed_connection_has_its_name_before_the_users_own_which_stays() {
    let managed = Managed::start(payroll).await;
    let own = managed.saved_before("PAYROLL").await;
    let client = &managed.client;
    let all = client.connections().await.unwrap().connections;
    assert_eq!(all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Payroll", "PAYROLL"]);
    assert_eq!(all.iter().map(|one| yields(one, &all)).collect::<Vec<_>>(), [false, true]);
    assert!(client.connection_named("payroll").await.unwrap().managed);
    assert_eq!(client.connection(&own.id).await.unwrap().name, "PAYROLL");

    // A new one cannot take the name; the old one can give it up.
    let mut draft = managed.flow.draft(Generation::V2, ClientRole::Basic);
    draft.name = "payroll".into();
    let refused: InputProblem = client.save(draft).await.unwrap_err();
    assert_eq!(refused.field, Some(Field::Name));
    let mut draft = managed.flow.draft(Generation::V2, ClientRole::Basic);
    (draft.id, draft.name) = (Some(own.id.clone()), "My payroll".into());
    client.save(draft).await.unwrap();
    assert_eq!(client.connection_named("My payroll").await.unwrap().id, own.id);

    // Whoever removes one means the own, as long as there is one.
    let named = client.connection_to_remove("my payroll").await.unwrap();
    client.remove(&named.id).await.unwrap();
    assert!(client.connection_to_remove("payroll").await.unwrap().managed);
}

#[tokio::test]
async fn an_issuer_that_is_not_allowed_is_asked_nothing() {
    let managed = Managed::start(elsewhere).await;
    let (client, own) = (&managed.client, managed.saved_before("Own").await);
    let before = managed.flow.requests().total();
    let (cancel, recorder) = (CancellationToken::new, Recorder::new());
    let token = || TokenChoice::Given(Secret::from("a token"));
    let browser = || BrowserSignIn {
        request: BrowserRequest::new(
            RedirectUri::parse("https://payroll.acme.example/callback").unwrap(),
            ResponseType::Code,
            &["openid"],
        ),
        client_secret: None,
        keep: Keep::SessionOnly,
    };
    let typed = managed.flow.typed(UserRole::PeggySue, OFFLINE);
    let mut moved = managed.flow.draft(Generation::V2, ClientRole::Post);
    moved.id = Some(own.id.clone());
    let transport = client.transport();
    let issuer = Issuer::parse(&own.issuer).unwrap();
    let refused: [(&str, Problem); 10] = [
        ("look-up", client.look_up(&own.issuer, &recorder, &cancel()).await.unwrap_err()),
        (
            "the one way to a provider",
            provider::look_up_metadata(&issuer, &transport, &recorder, &cancel()).await.unwrap_err(),
        ),
        ("password", client.sign_in_password(&own, typed, cancel(), &|_| {}).await.unwrap_err().problem),
        (
            "browser",
            client.sign_in_browser(&own, browser(), &Nobody, cancel(), &|_| {}).await.unwrap_err().problem,
        ),
        ("refresh", client.refresh(&own, None, cancel(), &|_| {}).await.unwrap_err().problem),
        ("introspect", client.introspect(&own, token(), None, cancel()).await.unwrap_err().problem),
        ("revoke", client.revoke(&own, token(), None, cancel()).await.unwrap_err().problem),
        (
            "sign-out",
            client
                .sign_out(&own, SignOut::default(), None, Some(&Nobody), cancel())
                .await
                .unwrap_err()
                .problem,
        ),
        ("save", client.save(moved).await.unwrap_err().problem),
        ("put", client.put(own.clone()).await.unwrap_err()),
    ];
    for (what, problem) in refused {
        assert_eq!(problem.kind, ProblemKind::Policy, "{what}: {problem:?}");
        assert!(problem.explanation.contains(&own.issuer), "{what}: {}", problem.explanation);
    }
    assert_eq!(managed.flow.requests().total(), before);
    assert!(recorder.exchanges().is_empty() && client.desk(&own.id).recorder.exchanges().is_empty());
    // It is still the user's to look at and to remove.
    assert_eq!(client.connection(&own.id).await.unwrap().issuer, own.issuer);

    // The tenant that the program runs itself is on this computer.
    client.policy().permit_demo(&own.issuer);
    assert!(client.look_up(&own.issuer, &recorder, &cancel()).await.is_ok());
    client.remove(&own.id).await.unwrap();
}

#[tokio::test]
async fn what_the_policy_lists_and_what_it_connects_to_may_be_asked() {
    let managed = Managed::start(|flow| {
        let mut policy = payroll(flow);
        policy["allowed_issuers"] = json!([]);
        policy
    })
    .await;
    let connection = managed.connection().await;
    let mut typed = managed.flow.typed(UserRole::PeggySue, OFFLINE);
    typed.client_secret = Some(managed.secret());
    let report = managed.client.sign_in_password(&connection, typed, CancellationToken::new(), &|_| {}).await;
    assert_signed_in(&report.unwrap());
}
