//! What stays on disk, what Latchkey can change by itself, and hosts that must be confirmed.

use latchkey_client::connection::{Connection, LastRun};
use latchkey_client::report::Outcome;
use latchkey_client::store::new_id;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Fix, ProblemKind, Secret, Status};
use latchkey_simulator::{
    AnswerFault, ClaimFault, ClientRole, Faults, Generation, IdTokenFault, MetadataFault, UserRole,
};
use serde_json::json;
use support::flows::{Flow, OFFLINE, SCOPES, assert_problem, assert_signed_in, problem, sent};

async fn last_run(flow: &Flow, connection: &Connection) -> Option<LastRun> {
    flow.read_again(connection).await.last_run
}

#[tokio::test]
async fn how_the_last_run_ended_is_noted() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    assert_eq!(last_run(&flow, &connection).await, None);
    flow.signed_in(&connection).await;
    let noted = last_run(&flow, &connection).await.unwrap();
    assert_eq!((noted.outcome, noted.subject.as_deref()), (Outcome::SignedIn, Some("32916209")));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(noted.at.try_into().unwrap()) < 60, "{noted:?}");

    for (faults, user, outcome) in [
        (Faults::default(), UserRole::Locked, Outcome::ProviderError),
        (
            Faults { token: Some(AnswerFault::Drop), ..Faults::default() },
            UserRole::PeggySue,
            Outcome::NetworkError,
        ),
        (
            Faults { id_token: Some(IdTokenFault::Claim(ClaimFault::WrongSubject)), ..Faults::default() },
            UserRole::PeggySue,
            // Another user may sign in at any time: it is UserInfo that differs.
            Outcome::Rejected,
        ),
    ] {
        flow.fault(faults);
        flow.sign_in(&connection, user, SCOPES).await;
        let noted = last_run(&flow, &connection).await.unwrap();
        assert_eq!(noted.outcome, outcome);
        assert_eq!(noted.subject.as_deref(), Some("32916209"), "the stored token is still this user's");
    }
}

#[tokio::test]
async fn a_made_up_connection_leaves_no_file() {
    let flow = Flow::start().await;
    let app = flow.simulator.client(ClientRole::Basic).unwrap();
    let connection = Connection {
        id: new_id(),
        name: String::new(),
        issuer: flow.simulator.issuer(Generation::V2),
        client_id: app.client_id.clone(),
        auth_method: AuthMethod::Basic,
        redirect_uri: None,
        post_logout_redirect_uri: None,
        scopes: Vec::new(),
        username: None,
        demo: false,
        managed: false,
        confirmed_hosts: Vec::new(),
        last_run: None,
    };
    let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
    typed.client_secret = app.client_secret.as_deref().map(Secret::from);
    typed.keep = latchkey_client::client::Keep::SessionOnly;
    let report = flow.submit(&connection, typed).await;
    assert_signed_in(&report);
    let left: Vec<_> =
        std::fs::read_dir(flow.folder()).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn nothing_secret_is_in_the_configuration_folder() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let refresh_token = flow.signed_in(&connection).await;
    let session = flow.client.desk(&connection.id).session.unwrap();
    let user = flow.simulator.user(UserRole::PeggySue).unwrap();
    let app = flow.simulator.client(ClientRole::Basic).unwrap();
    let secrets = [
        refresh_token.expose(),
        session.access_token.as_ref().unwrap().expose(),
        session.id_token.as_ref().unwrap().expose(),
        user.password.as_str(),
        app.client_secret.as_deref().unwrap(),
    ];
    let mut files = 0;
    for entry in std::fs::read_dir(flow.folder()).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", entry.path().display());
        files += 1;
    }
    assert!(files > 0);
    let recorded = serde_json::to_string(&flow.traffic(&connection)).unwrap();
    assert!(secrets.iter().all(|secret| !recorded.contains(secret)), "a secret is recorded");
    let report = serde_json::to_string(&*flow.client.desk(&connection.id).report.unwrap()).unwrap();
    assert!(secrets.iter().all(|secret| !report.contains(secret)), "a secret is in the report");
}

#[tokio::test]
async fn each_fix_changes_the_saved_connection() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for (fix, expected) in [
        (Fix::UseAuthMethod { method: AuthMethod::Post }, json!("post")),
        (Fix::AddScope { scope: "groups".to_owned() }, json!("groups")),
        (Fix::RemoveScope { scope: "email".to_owned() }, json!("email")),
        (Fix::ConfirmHost { host: "login.acme.example:8443".to_owned() }, json!("login.acme.example:8443")),
        (Fix::UseIssuer { issuer: "https://acme.onelogin.com/oidc/2".to_owned() }, json!("acme")),
    ] {
        let before = flow.read_again(&connection).await;
        let changed = flow.client.apply(&connection.id, &fix).await.unwrap();
        assert_eq!(flow.read_again(&connection).await, changed, "{expected}");
        assert_ne!(changed, before);
        // Twice is once.
        assert_eq!(flow.client.apply(&connection.id, &fix).await.unwrap(), changed, "{expected}");
    }
    let changed = flow.read_again(&connection).await;
    assert_eq!(changed.auth_method, AuthMethod::Post);
    assert_eq!(changed.scopes, ["openid", "profile", "groups"]);
    assert_eq!(changed.issuer, "https://acme.onelogin.com/oidc/2");
    assert!(changed.confirmed_hosts.is_empty(), "another issuer asks again for its hosts");
    let bad = Fix::UseIssuer { issuer: "http://acme.onelogin.com/oidc/2".to_owned() };
    assert_eq!(flow.client.apply(&connection.id, &bad).await.unwrap_err().kind, ProblemKind::InvalidIssuer);
}

/// Signs in where an endpoint is on another host, before and after that is confirmed.
async fn asks_before_secrets_go_elsewhere(member: &str, path: &str) {
    let mut flow = Flow::start().await;
    let host = format!("localhost:{}", flow.simulator.port());
    let url = json!(format!("http://{host}/oidc/2{path}"));
    flow.fault(Faults { metadata: Some(MetadataFault::Set(member.to_owned(), url)), ..Faults::default() });
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_eq!(report.outcome, Outcome::Rejected);
    assert_problem(&report, ProblemKind::UnconfirmedHost, &host, "confirm it for this connection");
    assert!(problem(&report).explanation.contains("Nothing was sent there"));
    assert_eq!(flow.requests().token, 0, "{member}: the password was sent");
    flow.assert_nothing_kept(&connection).await;

    let fix = problem(&report).fix.clone().unwrap();
    assert_eq!(fix, Fix::ConfirmHost { host });
    let confirmed = flow.client.apply(&connection.id, &fix).await.unwrap();
    flow.restart();
    let report = flow.sign_in(&confirmed, UserRole::PeggySue, OFFLINE).await;
    assert_signed_in(&report);
    let finding = support::flows::finding(&report, latchkey_oidc::Check::MetadataEndpoints);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.received.contains(member), "{finding:?}");
    assert_signed_in(flow.refresh(&confirmed).await.as_ref());
    // For this connection alone.
    let other = flow.connection(Generation::V2, ClientRole::Post).await;
    let report = flow.sign_in(&other, UserRole::PeggySue, SCOPES).await;
    assert_eq!(problem(&report).kind, ProblemKind::UnconfirmedHost);
}

#[tokio::test]
async fn h15_a_token_endpoint_on_another_host_gets_no_password_until_it_is_confirmed() {
    asks_before_secrets_go_elsewhere("token_endpoint", "/token").await;
}

#[tokio::test]
async fn h15_a_userinfo_on_another_host_is_asked_about_before_a_password_is_sent() {
    asks_before_secrets_go_elsewhere("userinfo_endpoint", "/me").await;
}

#[tokio::test]
async fn keys_may_lie_on_another_host_since_nothing_secret_goes_there() {
    let flow = Flow::start().await;
    let url = format!("http://localhost:{}/oidc/2/certs", flow.simulator.port());
    flow.fault(Faults {
        metadata: Some(MetadataFault::Set("jwks_uri".to_owned(), json!(url))),
        ..Faults::default()
    });
    let connection = flow.v2().await;
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
}

#[tokio::test]
async fn h18_retry_after_is_said_and_nothing_is_repeated() {
    for (status, wait, said) in [
        (429, Some("120"), "wait 2 min"),
        (503, Some("Thu, 12 Apr 2018 23:55:59 GMT"), "until Thu, 12 Apr 2018"),
        (429, None, "wait a while"),
    ] {
        let flow = Flow::start().await;
        let connection = flow.v2().await;
        flow.fault(Faults {
            token: Some(AnswerFault::Replace {
                status,
                content_type: Some("application/json".to_owned()),
                headers: wait.map(|wait| ("retry-after".to_owned(), wait.to_owned())).into_iter().collect(),
                body: r#"{"error":"too_many_requests"}"#.to_owned(),
            }),
            ..Faults::default()
        });
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        assert_problem(&report, ProblemKind::RateLimited, said, "Nothing is repeated by itself");
        assert_eq!(problem(&report).http_status, Some(status));
        assert_eq!(sent(&report).len(), 3);
        assert_eq!(flow.requests().token, 1);
        flow.assert_nothing_kept(&connection).await;
    }
}

#[tokio::test]
async fn removing_a_connection_removes_its_keychain_entries() {
    use latchkey_client::keychain::SecretKind;
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    flow.client.remove(&connection.id).await.unwrap();
    for kind in [SecretKind::RefreshToken, SecretKind::ClientSecret] {
        assert_eq!(flow.client.keychain().peek(&connection.id, kind).await.unwrap(), None);
    }
    assert!(flow.client.connection(&connection.id).await.is_err());
    assert!(flow.client.desk(&connection.id).session.is_none());
}
