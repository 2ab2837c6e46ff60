//! Sign-out in a person's browser: what comes back is judged, and so is that nothing does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_client::client::{BrowserSignIn, Keep, SignOut};
use latchkey_client::connection::Connection;
use latchkey_client::input::Field;
use latchkey_client::loopback::Loopback;
use latchkey_client::report::SignInReport;
use latchkey_client::session_report::{SessionOutcome, SessionReport};
use latchkey_client::sign_in::browser::{Answering, Brought, BrowserRequest, Leaving, UserAgent};
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, Problem, ProblemKind, Secret, Status};
use latchkey_simulator::{AnswerFault, ClientRole, EndSessionFault, Faults, Generation, MetadataFault};
use serde_json::json;
use support::flows::{Flow, SCOPES, assert_signed_in, problem};
use support::person::Person;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{answering, checks, sent};

/// What the person does with the end-session page.
enum Comes {
    /// Opens it, and comes back where the provider sends them.
    Back,
    /// Opens it, and closes the window: nothing comes back.
    Away,
    /// Is told the address, and has not opened it yet.
    Later,
    /// Comes to this address.
    To(&'static str),
}

/// A browser that keeps its cookies, and the listeners of a session.
struct Browser {
    person: Arc<Mutex<Person>>,
    signed_in_at: Loopback,
    signed_out_at: Loopback,
    comes: Comes,
    /// The address of the end-session page.
    left_at: Mutex<Option<Secret>>,
}

async fn listener(path: &str) -> Loopback {
    Loopback::bind(&RedirectUri::parse(&format!("http://127.0.0.1{path}")).unwrap()).await.unwrap()
}

impl Browser {
    async fn of(person: &Arc<Mutex<Person>>, comes: Comes) -> Self {
        Self {
            person: Arc::clone(person),
            signed_in_at: listener("/callback").await,
            signed_out_at: listener("/signed-out").await,
            comes,
            left_at: Mutex::default(),
        }
    }

    fn opens(&self, url: &str) -> tokio::task::JoinHandle<String> {
        let (person, url) = (Arc::clone(&self.person), Url::parse(url).unwrap());
        tokio::task::spawn_blocking(move || person.lock().unwrap().sign_in(&url, "peggy.sue", "demo-peggy"))
    }
}

impl UserAgent for Browser {
    fn answer<'a>(&'a self, url: &'a Url, mode: ResponseMode, _: &'a CancellationToken) -> Answering<'a> {
        Box::pin(async move {
            let walk = self.opens(url.as_str());
            let answer = self.signed_in_at.answer(mode).await;
            walk.await.unwrap();
            answer.map(Brought::Answer)
        })
    }

    fn leave<'a>(&'a self, url: &'a Secret, shown: &'a str, _: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async move {
            *self.left_at.lock().unwrap() = Some(url.clone());
            assert!(!shown.contains("eyJ"), "{shown}");
            match self.comes {
                Comes::Back => {
                    let walk = self.opens(url.expose());
                    let answer = self.signed_out_at.answer(ResponseMode::Query).await;
                    assert!(walk.await.unwrap().contains("You can close this window"));
                    answer.map(Some)
                }
                Comes::Away => {
                    self.opens(url.expose()).await.unwrap();
                    Ok(None)
                }
                Comes::Later => Ok(None),
                Comes::To(address) => Ok(Some(Received::navigation(Secret::from(address)))),
            }
        })
    }
}

/// A session of a code, and the browser in which the person signed in for it.
async fn session(flow: &Flow) -> (Connection, Arc<Mutex<Person>>) {
    let connection = flow.connection(Generation::V2, ClientRole::Native).await;
    let person = Arc::default();
    assert_signed_in(sign_in(flow, &connection, &person, None).await.as_ref());
    assert!(flow.stored(&connection).await.is_some());
    (connection, person)
}

async fn sign_in(
    flow: &Flow,
    connection: &Connection,
    person: &Arc<Mutex<Person>>,
    prompt: Option<&str>,
) -> Arc<SignInReport> {
    let browser = Browser::of(person, Comes::Back).await;
    let redirect_uri = browser.signed_in_at.redirect_uri().clone();
    let request = BrowserRequest {
        prompt: prompt.map(str::to_owned),
        ..BrowserRequest::new(redirect_uri, ResponseType::Code, &[SCOPES])
    };
    let asked = BrowserSignIn { request, client_secret: None, keep: Keep::Keychain };
    let cancel = CancellationToken::new();
    flow.client.sign_in_browser(connection, asked, &browser, cancel, &|_| {}).await.unwrap()
}

async fn sign_out(flow: &Flow, connection: &Connection, browser: &Browser, asked: SignOut) -> SessionReport {
    let cancel = CancellationToken::new();
    flow.client.sign_out(connection, asked, None, Some(browser), cancel).await.unwrap()
}

/// With the redirect URI that the browser's listener is at.
fn back(browser: &Browser) -> SignOut {
    let uri = browser.signed_out_at.redirect_uri().as_str().to_owned();
    SignOut { post_logout_redirect_uri: Some(uri), ..SignOut::default() }
}

/// The check of the return: its status, and what came.
fn state(report: &SessionReport) -> (Status, &str) {
    let finding = report.findings.iter().find(|finding| finding.check == Check::EndSessionState).unwrap();
    (finding.status, &finding.received)
}

#[tokio::test]
async fn rp_init_logout_in_a_browser_ends_its_session_too_and_forgets_what_is_kept() {
    let flow = Flow::start().await;
    let (connection, person) = session(&flow).await;
    assert_signed_in(sign_in(&flow, &connection, &person, Some("none")).await.as_ref());

    let browser = Browser::of(&person, Comes::Back).await;
    let report = sign_out(&flow, &connection, &browser, back(&browser)).await;

    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    assert_eq!(state(&report), (Status::Passed, "same"));
    assert!(checks(&report).contains(&(Check::RevocationProof, Status::Passed)), "{report:#?}");
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert!(report.forgotten);
    flow.assert_nothing_kept(&connection).await;
    // It was the browser that asked, not this program.
    assert!(!sent(&report).contains(&Endpoint::EndSession), "{report:#?}");
    let refused = sign_in(&flow, &connection, &person, Some("none")).await;
    assert_eq!(problem(&refused).code.as_deref(), Some("login_required"));
}

#[tokio::test]
async fn the_id_token_goes_to_the_browser_alone_and_a_new_state_each_time() {
    let flow = Flow::start().await;
    let mut states = Vec::new();
    for _ in 0..2 {
        let (connection, person) = session(&flow).await;
        let id_token = flow.client.desk(&connection.id).session.as_ref().unwrap().id_token.clone().unwrap();
        let browser = Browser::of(&person, Comes::Back).await;
        let report = sign_out(&flow, &connection, &browser, back(&browser)).await;
        let left_at = Url::parse(browser.left_at.lock().unwrap().as_ref().unwrap().expose()).unwrap();
        let value =
            |name: &str| left_at.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
        assert_eq!(value("id_token_hint"), id_token.expose());
        assert_eq!(value("post_logout_redirect_uri"), browser.signed_out_at.redirect_uri().as_str());
        states.push(value("state"));
        let address = report.address.as_ref().unwrap();
        assert!(address.contains(&id_token.fingerprint()), "{address}");
        let told = format!("{report:?} {:?}", flow.traffic(&connection));
        assert!(!told.contains(id_token.expose()), "the ID token stands in the report");
        flow.client.remove(&connection.id).await.unwrap();
    }
    assert_ne!(states[0], states[1]);
}

#[tokio::test]
async fn rp_init_logout_no_state_and_other_state_in_a_browser_complete_and_are_said() {
    let flow = Flow::start().await;
    for (fault, received) in
        [(EndSessionFault::NoState, "missing"), (EndSessionFault::WrongState, "the state of another request")]
    {
        flow.fault(Faults::default());
        let (connection, person) = session(&flow).await;
        flow.fault(Faults { end_session_answer: Some(fault), ..Faults::default() });
        let browser = Browser::of(&person, Comes::Back).await;
        let report = sign_out(&flow, &connection, &browser, back(&browser)).await;
        assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
        assert_eq!(state(&report), (Status::Warning, received));
        assert!(report.forgotten);
        flow.client.remove(&connection.id).await.unwrap();
    }
}

#[tokio::test]
async fn h11_a_return_to_an_address_that_looks_alike_is_none() {
    let flow = Flow::start().await;
    let (connection, person) = session(&flow).await;
    let browser = Browser::of(&person, Comes::To("http://127.0.0.1:1/signed-out/?state=1")).await;
    let report = sign_out(&flow, &connection, &browser, back(&browser)).await;
    let (status, received) = state(&report);
    assert_eq!(status, Status::Warning);
    assert!(received.starts_with("a redirect elsewhere"), "{received}");
    assert_eq!(report.outcome, SessionOutcome::Unclear, "{report:#?}");
    assert!(!report.forgotten && flow.stored(&connection).await.is_some());
}

#[tokio::test]
async fn without_a_redirect_uri_the_ended_token_is_the_proof_and_the_session_is_forgotten() {
    let flow = Flow::start().await;
    for (late, revoke_only) in [(false, false), (true, false), (false, true), (true, true)] {
        let (connection, person) = session(&flow).await;
        let browser = Browser::of(&person, if late { Comes::Later } else { Comes::Away }).await;
        let asked = SignOut { revoke_only, ..SignOut::default() };
        let looked = flow.requests().introspection;
        let gets_there = async {
            // Once before the browser was sent off, and once after: the token was still active then.
            while late && flow.requests().introspection < looked + 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            if late {
                let left_at = browser.left_at.lock().unwrap().clone().unwrap();
                browser.opens(left_at.expose()).await.unwrap();
            }
        };
        let (report, ()) = tokio::join!(sign_out(&flow, &connection, &browser, asked), gets_there);
        assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
        assert_eq!(checks(&report).last(), Some(&(Check::RevocationProof, Status::Passed)));
        assert!(report.findings.iter().all(|finding| finding.check != Check::EndSessionState));
        assert!(report.forgotten);
        let silent = sign_in(&flow, &connection, &person, Some("none")).await;
        assert_eq!(
            silent.error.is_none(),
            revoke_only,
            "logout=false leaves the user signed in: {silent:#?}"
        );
        flow.client.remove(&connection.id).await.unwrap();
    }
}

#[tokio::test]
async fn where_nothing_comes_back_and_the_token_lives_on_it_is_said_and_the_session_stays() {
    let flow = Flow::start().await;
    let (connection, person) = session(&flow).await;
    // A page that asks to confirm, and nobody does.
    let page = AnswerFault::Replace {
        status: 200,
        content_type: Some("text/html".to_owned()),
        headers: Vec::new(),
        body: "<p>Do you want to sign out?".to_owned(),
    };
    flow.fault(Faults {
        end_session: Some(page),
        introspection: Some(answering(200, r#"{"active": true}"#)),
        ..Faults::default()
    });
    for (revoke_only, with_uri) in [(false, true), (false, false), (true, false)] {
        let browser = Browser::of(&person, Comes::Away).await;
        let asked = if with_uri { back(&browser) } else { SignOut { revoke_only, ..SignOut::default() } };
        let report = sign_out(&flow, &connection, &browser, asked).await;
        assert_eq!(report.outcome, SessionOutcome::Unclear, "{report:#?}");
        assert_eq!(checks(&report).last(), Some(&(Check::RevocationProof, Status::NotDue)));
        if with_uri {
            assert_eq!(state(&report), (Status::Warning, "nothing came back"));
        }
        let remedy = &report.notes.last().unwrap().remedy;
        assert!(remedy.contains("post-logout redirect URI"), "{remedy}");
        assert!(!report.forgotten && flow.stored(&connection).await.is_some());
    }
}

#[tokio::test]
async fn without_introspection_a_return_alone_is_enough_and_a_closed_window_is_not() {
    let flow = Flow::faulty(Faults {
        metadata: Some(MetadataFault::Remove("introspection_endpoint".to_owned())),
        ..Faults::default()
    })
    .await;
    let (connection, person) = session(&flow).await;
    let away = Browser::of(&person, Comes::Away).await;
    let report = sign_out(&flow, &connection, &away, SignOut::default()).await;
    assert_eq!((report.outcome, report.forgotten), (SessionOutcome::Unclear, false), "{report:#?}");
    // The token is as good as ended, and the hint is still known.
    let browser = Browser::of(&person, Comes::Back).await;
    let report = sign_out(&flow, &connection, &browser, back(&browser)).await;
    assert_eq!((report.outcome, report.forgotten), (SessionOutcome::Done, true), "{report:#?}");
}

/// Nobody opens anything.
struct Refuses(ProblemKind);

impl UserAgent for Refuses {
    fn answer<'a>(&'a self, url: &'a Url, _: ResponseMode, _: &'a CancellationToken) -> Answering<'a> {
        panic!("nobody signs in here: {url}")
    }

    fn leave<'a>(&'a self, _: &'a Secret, _: &'a str, _: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async { Err(Problem::new(self.0, "No browser.", "Get one.")) })
    }
}

#[tokio::test]
async fn a_browser_that_is_cancelled_or_missing_leaves_everything_as_it_was() {
    let flow = Flow::start().await;
    let (connection, _) = session(&flow).await;
    let token = flow.stored(&connection).await;
    for kind in [ProblemKind::Cancelled, ProblemKind::Configuration] {
        let cancel = CancellationToken::new();
        let asked = SignOut::default();
        let report =
            flow.client.sign_out(&connection, asked, None, Some(&Refuses(kind)), cancel).await.unwrap();
        assert_eq!(report.error.as_ref().unwrap().kind, kind);
        assert!(report.address.is_some() && !report.forgotten, "{report:#?}");
        assert_eq!(flow.stored(&connection).await, token);
    }
    let asked = SignOut { post_logout_redirect_uri: Some("/signed-out".to_owned()), ..SignOut::default() };
    let agent = Refuses(ProblemKind::Cancelled);
    let before = flow.requests();
    let cancel = CancellationToken::new();
    let refused = flow.client.sign_out(&connection, asked, None, Some(&agent), cancel).await.unwrap_err();
    assert_eq!(refused.field, Some(Field::PostLogoutRedirectUri));
    assert_eq!(flow.requests(), before);
    assert_eq!(json!(refused.problem.kind), json!("invalid_input"));
}
