//! The whole flow against two providers that nobody here wrote: npm `oidc-provider` 3.0.3 and the current one.
//!
//! They are mounted at OneLogin's paths, and are not OneLogin: nothing that is said of them may name its portal.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

use std::sync::Arc;
use std::time::Duration;

use latchkey_client::client::{BrowserSignIn, Client, Keep, PasswordSignIn};
use latchkey_client::connection::Connection;
use latchkey_client::input::ConnectionDraft;
use latchkey_client::keychain::{Keychain, SecretKind};
use latchkey_client::loopback::Loopback;
use latchkey_client::report::{Kept, Outcome, SignInReport};
use latchkey_client::sign_in::browser::{Answering, Brought, BrowserRequest, Leaving, UserAgent};
use latchkey_client::transport::Limits;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::issuer::Generation;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, Fix, ProblemKind, Secret, Status};
use serde_json::json;
use support::flows::{assert_problem, assert_signed_in, finding, open, problem, sent, status};
use support::peers::{Peer, PeerKind};
use support::person::Person;
use tokio_util::sync::CancellationToken;

const SCOPES: &str = "openid profile email groups params offline_access";

/// A provider and a program.
struct Bench {
    kind: PeerKind,
    peer: Peer,
    client: Arc<Client>,
    keychain: Keychain,
    folder: tempfile::TempDir,
}

impl Bench {
    fn start(kind: PeerKind) -> Self {
        let peer = Peer::start(kind);
        let (folder, keychain) = (tempfile::tempdir().unwrap(), Keychain::memory());
        let client = open(folder.path(), &keychain, &Limits::default());
        Self { kind, peer, client, keychain, folder }
    }

    fn restart(&mut self) {
        self.client = open(self.folder.path(), &self.keychain, &Limits::default());
    }

    fn draft(&self, client_id: &str) -> ConnectionDraft {
        let app = self.peer.client(client_id);
        ConnectionDraft {
            id: None,
            name: client_id.to_owned(),
            issuer: self.peer.issuer.clone(),
            client_id: client_id.to_owned(),
            auth_method: match app.auth_method.as_str() {
                "basic" => AuthMethod::Basic,
                "post" => AuthMethod::Post,
                _ => AuthMethod::None,
            },
            client_secret: app.client_secret.as_deref().map(Secret::from),
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scopes: vec![SCOPES.to_owned()],
            username: None,
        }
    }

    async fn connection(&self, client_id: &str) -> Connection {
        self.client.save(self.draft(client_id)).await.unwrap()
    }

    async fn sign_in(&self, connection: &Connection, scopes: &str) -> Arc<SignInReport> {
        let password = self.peer.user("peggy.sue").password.clone();
        self.sign_in_with(connection, &password, scopes).await
    }

    async fn sign_in_with(&self, connection: &Connection, password: &str, scopes: &str) -> Arc<SignInReport> {
        let typed = PasswordSignIn {
            username: "peggy.sue".to_owned(),
            password: Secret::from(password),
            scopes: vec![scopes.to_owned()],
            client_secret: None,
            keep: Keep::Keychain,
        };
        let cancel = CancellationToken::new();
        self.client.sign_in_password(connection, typed, cancel, &|_| {}).await.unwrap()
    }

    async fn refresh(&self, connection: &Connection) -> Arc<SignInReport> {
        let connection = self.client.connection(&connection.id).await.unwrap();
        self.client.refresh(&connection, None, CancellationToken::new(), &|_| {}).await.unwrap()
    }

    async fn stored(&self, connection: &Connection) -> Option<Secret> {
        self.keychain.peek(&connection.id, SecretKind::RefreshToken).await.unwrap()
    }
}

/// No place of OneLogin's portal is named, since this is not OneLogin.
fn assert_not_onelogin(report: &SignInReport) {
    let notes = report.notes.iter().map(|note| note.remedy.as_str());
    let error =
        report.error.iter().flat_map(|problem| [problem.remedy.as_str(), problem.explanation.as_str()]);
    for text in notes.chain(error) {
        assert!(!text.contains("Applications ›") && !text.contains("Users ›"), "{text}");
    }
}

/// Asserts an error of the provider and what is said of it.
fn assert_refused(report: &SignInReport, codes: &[&str], explanation: &str, remedy: &str) {
    assert_eq!(report.outcome, Outcome::ProviderError);
    assert_problem(report, ProblemKind::OauthError, explanation, remedy);
    let code = problem(report).code.as_deref().unwrap();
    assert!(codes.contains(&code), "{code}");
    assert_eq!(problem(report).endpoint, Some(Endpoint::Token));
    assert!(!sent(report).contains(&Endpoint::Userinfo));
    assert_not_onelogin(report);
}

/// A person at the peer's own pages, and the listener that takes the answer.
struct Agent {
    loopback: Loopback,
    subject: String,
}

impl UserAgent for Agent {
    fn answer<'a>(
        &'a self,
        url: &'a url::Url,
        mode: ResponseMode,
        _cancel: &'a CancellationToken,
    ) -> Answering<'a> {
        Box::pin(async move {
            let (url, subject) = (url.clone(), self.subject.clone());
            let walk = tokio::task::spawn_blocking(move || Person::default().sign_in_at_peer(&url, &subject));
            let answer = tokio::time::timeout(Duration::from_secs(30), self.loopback.answer(mode)).await;
            let page = walk.await.unwrap();
            answer.unwrap_or_else(|_| panic!("no answer came, the last page is {page}")).map(Brought::Answer)
        })
    }

    fn leave<'a>(&'a self, _: &'a Secret, shown: &'a str, _: &'a CancellationToken) -> Leaving<'a> {
        panic!("nobody signs out here: {shown}")
    }
}

#[tokio::test]
async fn every_response_type_and_mode_signs_in_through_the_browser() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        let connection = bench.connection("native-client").await;
        for response_type in ResponseType::ALL {
            for response_mode in [None, Some(ResponseMode::Fragment), Some(ResponseMode::FormPost)] {
                let loopback = RedirectUri::parse("http://127.0.0.1/callback").unwrap();
                let loopback = Loopback::bind(&loopback).await.unwrap();
                let request = BrowserRequest {
                    response_mode,
                    max_age: Some(600),
                    ui_locales: vec!["en".to_owned()],
                    extra: vec![("display".to_owned(), "page".to_owned())],
                    ..BrowserRequest::new(
                        loopback.redirect_uri().clone(),
                        response_type,
                        &["openid profile groups"],
                    )
                };
                let asked = BrowserSignIn { request, client_secret: None, keep: Keep::SessionOnly };
                let agent = Agent { loopback, subject: bench.peer.user("peggy.sue").sub.clone() };
                let cancel = CancellationToken::new();
                let report =
                    bench.client.sign_in_browser(&connection, asked, &agent, cancel, &|_| {}).await.unwrap();
                let what = format!("{kind:?} {response_type} {response_mode:?}");
                assert_eq!(report.outcome, Outcome::SignedIn, "{what}: {:?}", report.error);
                for check in [Check::AuthorizationState, Check::IdTokenNonce, Check::IdTokenSignature] {
                    assert_eq!(status(&report, check), Status::Passed, "{what}: {check:?}");
                }
                assert_eq!(report.userinfo.is_some(), response_type != ResponseType::IdToken, "{what}");
                assert_eq!(sent(&report).contains(&Endpoint::Token), !response_type.is_implicit(), "{what}");
                assert_not_onelogin(&report);
            }
        }
    }
}

/// Both repeat the nonce of the sign-in in the ID token of a refresh, which OIDC Core §12.2 allows.
#[tokio::test]
async fn a_code_session_is_refreshed_before_and_after_a_restart() {
    for kind in PeerKind::ALL {
        let mut bench = Bench::start(kind);
        let connection = bench.connection("native-client").await;
        let loopback = RedirectUri::parse("http://127.0.0.1/callback").unwrap();
        let loopback = Loopback::bind(&loopback).await.unwrap();
        let request = BrowserRequest {
            // The current one gives a refresh token only to whom somebody agreed to it just now.
            prompt: Some("consent".to_owned()),
            ..BrowserRequest::new(loopback.redirect_uri().clone(), ResponseType::Code, &[SCOPES])
        };
        let asked = BrowserSignIn { request, client_secret: None, keep: Keep::Keychain };
        let agent = Agent { loopback, subject: bench.peer.user("peggy.sue").sub.clone() };
        let cancel = CancellationToken::new();
        let report = bench.client.sign_in_browser(&connection, asked, &agent, cancel, &|_| {}).await.unwrap();
        assert_signed_in(&report);
        let nonce = report.id_token.as_ref().unwrap().claims["nonce"].clone();
        let first = bench.stored(&connection).await.unwrap();
        for restarted in [false, true, true] {
            if restarted {
                bench.restart();
            }
            let report = bench.refresh(&connection).await;
            assert_signed_in(&report);
            assert_eq!(report.id_token.as_ref().unwrap().claims["nonce"], nonce, "{kind:?}");
            for check in [Check::IdTokenNonce, Check::IdTokenUnchanged, Check::UserInfoSubject] {
                assert_eq!(status(&report, check), Status::Passed, "{kind:?} {check:?}");
            }
        }
        assert!(bench.stored(&connection).await.unwrap() != first, "{kind:?} rotates");
    }
}

#[tokio::test]
async fn each_client_signs_in_and_is_verified() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        for client_id in ["basic-client", "post-client", "public-client"] {
            let connection = bench.connection(client_id).await;
            let report = bench.sign_in(&connection, SCOPES).await;
            assert_signed_in(&report);
            assert_eq!(report.who.as_deref(), Some("Peggy Sue"), "{kind:?} {client_id}");
            for check in [
                Check::MetadataIssuer,
                Check::IdTokenSignature,
                Check::IdTokenIssuer,
                Check::IdTokenAudience,
                Check::IdTokenExpires,
                Check::IdTokenAccessTokenHash,
                Check::UserInfoSubject,
                Check::UpdatedAt,
                Check::Groups,
            ] {
                assert_eq!(status(&report, check), Status::Passed, "{kind:?} {client_id} {check:?}");
            }
            let rt_hash = status(&report, Check::IdTokenRefreshTokenHash);
            let expected = if kind == PeerKind::V1Like { Status::Passed } else { Status::NotDue };
            assert_eq!(rt_hash, expected, "{kind:?}");
            let userinfo = report.userinfo.as_ref().unwrap();
            assert_eq!(userinfo["sub"], json!("32916209"));
            assert_eq!(userinfo["groups"], json!(["Admin Role", "User Role", "Custom Roll"]));
            assert_eq!(report.refresh_token_kept, Kept::Keychain);
            assert_not_onelogin(&report);
        }
        let known = bench.client.known_provider(&bench.peer.issuer).unwrap();
        assert_eq!(known.generation(), Generation::Other, "{kind:?} is taken for OneLogin");
    }
}

#[tokio::test]
async fn a_refresh_after_a_restart_brings_new_tokens_of_the_same_user() {
    for kind in PeerKind::ALL {
        let mut bench = Bench::start(kind);
        for client_id in ["basic-client", "post-client", "public-client"] {
            let connection = bench.connection(client_id).await;
            assert_signed_in(bench.sign_in(&connection, SCOPES).await.as_ref());
            let first = bench.stored(&connection).await.unwrap();
            bench.restart();
            for _ in 0..2 {
                let report = bench.refresh(&connection).await;
                assert_signed_in(&report);
                assert!(report.userinfo.is_some());
                // Each of them sends an ID token with a refresh.
                assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed);
                assert_eq!(status(&report, Check::IdTokenUnchanged), Status::Passed);
            }
            assert!(bench.stored(&connection).await.unwrap() != first, "{kind:?} rotates");
        }
    }
}

#[tokio::test]
async fn a_rotated_refresh_token_that_comes_back_is_refused_and_explained() {
    let bench = Bench::start(PeerKind::V2Like);
    let connection = bench.connection("basic-client").await;
    assert_signed_in(bench.sign_in(&connection, SCOPES).await.as_ref());
    let old = bench.stored(&connection).await.unwrap();
    assert_signed_in(bench.refresh(&connection).await.as_ref());
    bench.keychain.set(&connection.id, SecretKind::RefreshToken, &old).await.unwrap();
    let report = bench.refresh(&connection).await;
    assert_refused(&report, &["invalid_grant"], "refresh token is not valid any more", "Sign in again");
}

#[tokio::test]
async fn two_refreshes_at_once_do_not_reuse_a_token() {
    let bench = Bench::start(PeerKind::V2Like);
    let connection = bench.connection("post-client").await;
    assert_signed_in(bench.sign_in(&connection, SCOPES).await.as_ref());
    let (one, two) = tokio::join!(bench.refresh(&connection), bench.refresh(&connection));
    assert_signed_in(&one);
    assert_signed_in(&two);
    assert_signed_in(bench.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn signed_userinfo_is_verified() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        let connection = bench.connection("signed-userinfo-client").await;
        let report = bench.sign_in(&connection, SCOPES).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::UserInfoSignature), Status::Passed, "{kind:?}");
        assert_eq!(report.userinfo.as_ref().unwrap()["email"], json!("peggy.sue@onelogin.com"));
        let report = bench.refresh(&connection).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::UserInfoSignature), Status::Passed, "{kind:?}");
    }
}

#[tokio::test]
async fn refresh_tokens_come_when_the_provider_gives_them() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        let connection = bench.connection("basic-client").await;
        let report = bench.sign_in(&connection, "openid").await;
        assert_signed_in(&report);
        // 3.0.3 gives one each time, as OneLogin's first generation does.
        let expected = if kind == PeerKind::V1Like { Kept::Keychain } else { Kept::None };
        assert_eq!(report.refresh_token_kept, expected, "{kind:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_explained() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        for client_id in ["basic-client", "public-client"] {
            let connection = bench.connection(client_id).await;
            let report = bench.sign_in_with(&connection, "wrong", SCOPES).await;
            assert_refused(
                &report,
                &["invalid_grant"],
                "User name or password is wrong",
                "Check user name and password",
            );
            assert_eq!(problem(&report).http_status, Some(400));
            assert_eq!(bench.stored(&connection).await, None);
        }
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_explained_and_the_other_method_offered() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        for (client_id, other) in [("basic-client", AuthMethod::Post), ("post-client", AuthMethod::Basic)] {
            let draft = ConnectionDraft { client_secret: Some("wrong".into()), ..bench.draft(client_id) };
            let connection = bench.client.save(draft).await.unwrap();
            let report = bench.sign_in(&connection, SCOPES).await;
            assert_refused(
                &report,
                &["invalid_client"],
                "Client authentication failed",
                "Enter client id and client secret anew",
            );
            assert_eq!(problem(&report).fix, Some(Fix::UseAuthMethod { method: other }), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_client_id_is_explained() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        for client_id in ["basic-client", "post-client", "public-client"] {
            let draft = ConnectionDraft { client_id: "no-such-client".to_owned(), ..bench.draft(client_id) };
            let connection = bench.client.save(draft).await.unwrap();
            let report = bench.sign_in(&connection, SCOPES).await;
            assert_refused(&report, &["invalid_client"], "Client authentication failed", "client id");
        }
    }
}

#[tokio::test]
async fn the_wrong_method_is_explained_and_mended_by_the_offered_fix() {
    // 9.x takes the secret in either place; 3.0.3 in one alone, and says so in the words of OneLogin's page.
    let bench = Bench::start(PeerKind::V1Like);
    for (client_id, wrong, explanation, remedy) in [
        ("basic-client", AuthMethod::Post, "due in the Authorization header", "Use Basic"),
        ("post-client", AuthMethod::Basic, "due in the body", "Use POST"),
    ] {
        let draft = ConnectionDraft { auth_method: wrong, ..bench.draft(client_id) };
        let connection = bench.client.save(draft).await.unwrap();
        let report = bench.sign_in(&connection, SCOPES).await;
        assert_refused(&report, &["invalid_request"], explanation, remedy);
        let fix = problem(&report).fix.clone().unwrap();
        let mended = bench.client.apply(&connection.id, &fix).await.unwrap();
        assert_signed_in(bench.sign_in(&mended, SCOPES).await.as_ref());
    }
}

#[tokio::test]
async fn a_slash_too_many_in_the_issuer_is_found_and_mended() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        let draft =
            ConnectionDraft { issuer: format!("{}/", bench.peer.issuer), ..bench.draft("basic-client") };
        let connection = bench.client.save(draft).await.unwrap();
        let report = bench.sign_in(&connection, SCOPES).await;
        assert_problem(&report, ProblemKind::IssuerMismatch, "slash at the end", "character for character");
        let fix = problem(&report).fix.clone().unwrap();
        let mended = bench.client.apply(&connection.id, &fix).await.unwrap();
        assert_signed_in(bench.sign_in(&mended, SCOPES).await.as_ref());
    }
}

#[tokio::test]
async fn a_provider_that_dies_in_between_is_told_as_such() {
    let bench = Bench::start(PeerKind::V2Like);
    let connection = bench.connection("basic-client").await;
    assert_signed_in(bench.sign_in(&connection, SCOPES).await.as_ref());
    let stored = bench.stored(&connection).await;
    let Bench { kind, peer, client, keychain, folder } = bench;
    let issuer = peer.issuer.clone();
    drop(peer);
    let connection = client.connection(&connection.id).await.unwrap();
    let report = client.refresh(&connection, None, CancellationToken::new(), &|_| {}).await.unwrap();
    assert_eq!(report.outcome, Outcome::NetworkError, "{kind:?} {issuer}");
    assert_eq!(problem(&report).kind, ProblemKind::ConnectionRefused);
    assert_eq!(keychain.peek(&connection.id, SecretKind::RefreshToken).await.unwrap(), stored);
    drop(folder);
}

#[tokio::test]
async fn asking_for_groups_where_none_come_is_explained_without_onelogins_menus() {
    for kind in PeerKind::ALL {
        let bench = Bench::start(kind);
        let connection = bench.connection("basic-client").await;
        let report = bench.sign_in(&connection, "openid phone address").await;
        assert_signed_in(&report);
        assert!(report.notes.iter().any(|note| note.title.contains("address")), "{:?}", report.notes);
        assert_not_onelogin(&report);
        assert_eq!(finding(&report, Check::UserInfo).status, Status::Passed);
    }
}
