//! OneLogin's page “Implicit Flow”: each error that it lists, as the authorization endpoint says it and as it is
//! explained. Those that never reach the redirect URI are found before a browser opens; where an application is at
//! fault, which Latchkey is not, they are taken from the page that shows them.

use latchkey_client::connection::Connection;
use latchkey_client::report::{Outcome, SignInReport};
use latchkey_client::sign_in::browser::BrowserRequest;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseType;
use latchkey_oidc::{Check, Fix, ProblemKind, Status};
use latchkey_simulator::{ClientRole, Generation, UserRole};
use serde_json::{Value, json};
use support::flows::{Flow, assert_problem, assert_signed_in, finding, problem};
use support::person::{Answer, visit};
use url::Url;

use crate::in_browser::{Browser, Fields, REDIRECT_URI, request, sign_in};

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];
const STATE: &str = "61c07cd68b0c65a0e9a35bf6c4f472f4";

fn documented() -> BrowserRequest {
    request(ResponseType::IdTokenToken, "openid profile")
}

/// The endpoint's answer to a complete request in which this is changed; without a value it is left out.
fn raw(connection: &Connection, name: &str, value: Option<&str>) -> Answer {
    let complete = [
        ("client_id", connection.client_id.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "id_token token"),
        ("scope", "openid"),
        ("state", STATE),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    let changed = complete.into_iter().filter(|(known, _)| *known != name);
    let changed = changed.chain(value.map(|value| (name, value)));
    let url = Url::parse_with_params(&format!("{}/auth", connection.issuer), changed).unwrap();
    let target = &url[url::Position::BeforePath..];
    visit(url.authority(), url.authority(), "GET", target, None, None)
}

/// The error on the page that a person sees: nothing may go to the redirect URI.
fn shown(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.header("location")), (400, None));
    assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    serde_json::from_str(&answer.body).unwrap()
}

/// The error at the redirect URI, and the sign that it follows.
fn sent_back(answer: &Answer) -> (String, Fields) {
    assert_eq!(answer.status, 302);
    let added = answer.header("location").unwrap().strip_prefix(REDIRECT_URI).unwrap();
    let (sign, parameters) = added.split_at(1);
    (sign.to_owned(), url::form_urlencoded::parse(parameters.as_bytes()).into_owned().collect())
}

fn fields(pairs: [(&str, &str); 3]) -> Fields {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn without(name: &str, mut asked: Fields) -> Fields {
    asked.retain(|(known, _)| known != name);
    asked
}

/// Asserts that it is the provider's error, that it is explained with a place in OneLogin's portal, and that nothing
/// is kept.
async fn assert_explained(
    flow: &Flow,
    connection: &Connection,
    report: &SignInReport,
    code: &str,
    explanation: &str,
    remedy: &str,
) {
    assert_eq!(report.outcome, Outcome::ProviderError);
    assert_problem(report, ProblemKind::OauthError, explanation, remedy);
    let problem = problem(report);
    assert_eq!(problem.code.as_deref(), Some(code));
    assert_eq!(problem.endpoint, Some(Endpoint::Authorization));
    assert!(report.id_token.is_none() && report.userinfo.is_none());
    flow.assert_nothing_kept(connection).await;
}

/// Whether a browser was opened.
fn was_used(browser: &Browser) -> bool {
    browser.times_used() > 0
}

#[tokio::test]
async fn missing_the_nonce() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        assert_eq!(
            shown(&raw(&connection, "nonce", None)),
            json!({"error": "invalid_request", "error_description": "missing required parameter(s). (nonce)"})
        );
        let browser = Browser::of(&flow, UserRole::Sally).changing(|asked| without("nonce", asked));
        let report = sign_in(&flow, &connection, documented(), &browser).await;
        let remedy = "fresh random nonce with every request";
        assert_explained(&flow, &connection, &report, "invalid_request", "carried no nonce", remedy).await;
        assert_eq!(problem(&report).http_status, Some(400));
    }
}

#[tokio::test]
async fn missing_the_redirect_uri() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        assert_eq!(
            shown(&raw(&connection, "redirect_uri", None)),
            json!({
                "error": "invalid_request",
                "error_description": "missing required parameter(s). (redirect_uri)",
            })
        );
        let browser = Browser::of(&flow, UserRole::Sally).changing(|asked| without("redirect_uri", asked));
        let report = sign_in(&flow, &connection, documented(), &browser).await;
        let remedy = "Configuration › Redirect URIs, character for character";
        assert_explained(&flow, &connection, &report, "invalid_request", "carried no redirect URI", remedy)
            .await;
    }
}

#[tokio::test]
async fn invalid_redirect_uri() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let other = "https://payroll.acme.example/callback/";
        let error = shown(&raw(&connection, "redirect_uri", Some(other)));
        assert_eq!(error["error"], "redirect_uri_mismatch");
        // The page has the singular, live answers of v2 the plural.
        let text = error["error_description"].as_str().unwrap();
        assert!(
            text.starts_with("redirect_uri did not match any client's registered redirect_uri"),
            "{text}"
        );

        let browser = Browser::of(&flow, UserRole::Sally);
        let asked = BrowserRequest { redirect_uri: RedirectUri::parse(other).unwrap(), ..documented() };
        let report = sign_in(&flow, &connection, asked, &browser).await;
        // “Note that there is a 10 minute delay when updating the allowed redirect_uri list.”
        let remedy = "Configuration › Redirect URIs. A change there takes up to 10 minutes";
        let code = "redirect_uri_mismatch";
        assert_explained(&flow, &connection, &report, code, "is not registered for this client", remedy)
            .await;
        assert!(!was_used(&browser), "found before a browser opens");
    }
}

#[tokio::test]
async fn invalid_client_id() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let mut draft = flow.draft(generation, ClientRole::Basic);
        let right = flow.saved(draft.clone()).await;
        assert_eq!(
            shown(&raw(&right, "client_id", Some("nobody"))),
            json!({"error": "invalid_client", "error_description": "client is invalid", "state": STATE})
        );
        draft.client_id = "nobody".to_owned();
        draft.name = format!("{generation} nobody");
        let connection = flow.saved(draft).await;
        let browser = Browser::of(&flow, UserRole::Sally);
        let report = sign_in(&flow, &connection, documented(), &browser).await;
        let explanation = "No client with this client id";
        let remedy = "SSO, and check that the issuer is of the same tenant";
        assert_explained(&flow, &connection, &report, "invalid_client", explanation, remedy).await;
        assert!(!was_used(&browser), "found before a browser opens");
    }
}

#[tokio::test]
async fn invalid_response_type() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        // In the query where no token is named, in the fragment otherwise.
        for (asked, sign) in [("id_tokenx", "?"), ("token", "#")] {
            let (place, got) = sent_back(&raw(&connection, "response_type", Some(asked)));
            assert_eq!(place, sign, "{asked}");
            let description = format!("response type not supported. ({asked})");
            let expected = [
                ("error", "unsupported_response_type"),
                ("error_description", &description),
                ("state", STATE),
            ];
            assert_eq!(got, fields(expected));
        }
        for change in [(|asked| set("response_type", "id_tokenx", asked)) as fn(Fields) -> Fields, |asked| {
            set("response_type", "token", asked)
        }] {
            let browser = Browser::of(&flow, UserRole::Sally).changing(change);
            let report = sign_in(&flow, &connection, documented(), &browser).await;
            let code = "unsupported_response_type";
            let explanation = "does not know the response type";
            assert_explained(&flow, &connection, &report, code, explanation, "response_types_supported")
                .await;
            assert_eq!(finding(&report, Check::AuthorizationState).status, Status::Passed);
        }
    }
}

fn set(name: &str, value: &str, mut asked: Fields) -> Fields {
    for (known, old) in &mut asked {
        if known == name {
            value.clone_into(old);
        }
    }
    asked
}

#[tokio::test]
async fn missing_the_scope_parameter() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let expected = fields([
            ("error", "invalid_request"),
            ("error_description", "missing required parameter(s) scope"),
            ("state", STATE),
        ]);
        for without_openid in [None, Some("profile")] {
            let (sign, got) = sent_back(&raw(&connection, "scope", without_openid));
            assert_eq!((sign.as_str(), &got), ("#", &expected));
        }
        for scopes in ["", "profile"] {
            let browser = Browser::of(&flow, UserRole::Sally);
            let report =
                sign_in(&flow, &connection, request(ResponseType::IdTokenToken, scopes), &browser).await;
            let explanation = "carried no scope, or one without openid";
            assert_explained(&flow, &connection, &report, "invalid_request", explanation, "Ask for openid")
                .await;
            assert_eq!(problem(&report).fix, Some(Fix::AddScope { scope: "openid".to_owned() }));
            assert!(!was_used(&browser), "found before a browser opens");
        }
        // The remedy is one.
        let browser = Browser::of(&flow, UserRole::Sally);
        let report =
            sign_in(&flow, &connection, request(ResponseType::IdTokenToken, "openid profile"), &browser)
                .await;
        assert_signed_in(&report);
        flow.client.forget(&connection.id).await.unwrap();
    }
}

#[tokio::test]
async fn prompt_none_and_the_user_was_not_authenticated() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let (sign, got) = sent_back(&raw(&connection, "prompt", Some("none")));
        let expected = fields([
            ("error", "login_required"),
            ("error_description", "End-User authentication is required"),
            ("state", STATE),
        ]);
        assert_eq!((sign.as_str(), got), ("#", expected));
        // Whether there is a session is the browser's affair: it is asked, and shows no page.
        let browser = Browser::of(&flow, UserRole::Sally);
        let silent = BrowserRequest { prompt: Some("none".to_owned()), ..documented() };
        let report = sign_in(&flow, &connection, silent, &browser).await;
        let explanation = "prompt=none, and this browser has no session";
        assert_explained(&flow, &connection, &report, "login_required", explanation, "send prompt=login")
            .await;
        assert!(was_used(&browser) && browser.last().login_page.is_none());
    }
}

#[tokio::test]
async fn v2_does_not_grant_offline_access_here() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let (sign, got) = sent_back(&raw(&connection, "scope", Some("openid offline_access")));
    let expected = fields([
        ("error", "invalid_scope"),
        ("error_description", "some of requested scopes are not whitelisted"),
        ("state", STATE),
    ]);
    assert_eq!((sign.as_str(), got), ("#", expected));
    let browser = Browser::of(&flow, UserRole::Sally);
    let report =
        sign_in(&flow, &connection, request(ResponseType::IdTokenToken, "openid offline_access"), &browser)
            .await;
    let remedy = "Do not ask for offline_access here";
    assert_explained(&flow, &connection, &report, "invalid_scope", "does not grant offline_access", remedy)
        .await;
    assert_eq!(problem(&report).fix, Some(Fix::RemoveScope { scope: "offline_access".to_owned() }));
}
