//! Sign-ins through the browser, and the browser: it keeps a cookie, shows the tenant's pages to a person, and stops
//! at the redirect URI, whether anybody is there or not.

use std::sync::{Arc, Mutex};

use latchkey_client::client::{BrowserSignIn, Keep};
use latchkey_client::connection::Connection;
use latchkey_client::report::SignInReport;
use latchkey_client::sign_in::browser::{Answering, Brought, BrowserRequest, Leaving, ShownPage, UserAgent};
use latchkey_oidc::Secret;
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_simulator::UserRole;
use support::flows::Flow;
use support::person::{Answer, action, hidden, visit};
use tokio_util::sync::CancellationToken;
use url::Url;
use url::form_urlencoded::Serializer;

/// Registered for every application of the tenant, and far from here.
pub(crate) const REDIRECT_URI: &str = "https://payroll.acme.example/callback";

/// Names and values of a request, in order.
pub(crate) type Fields = Vec<(String, String)>;

/// A complete request, with nothing but what is required.
pub(crate) fn request(response_type: ResponseType, scopes: &str) -> BrowserRequest {
    BrowserRequest::new(RedirectUri::parse(REDIRECT_URI).unwrap(), response_type, &[scopes])
}

/// Signs in and keeps a refresh token in the keychain.
pub(crate) async fn sign_in(
    flow: &Flow,
    connection: &Connection,
    request: BrowserRequest,
    browser: &Browser,
) -> Arc<SignInReport> {
    let asked = BrowserSignIn { request, client_secret: None, keep: Keep::Keychain };
    let signed_in =
        flow.client.sign_in_browser(connection, asked, browser, CancellationToken::new(), &|_| {});
    signed_in.await.expect("the request is complete")
}

/// A code sign-in of Peggy Sue that must succeed and leave a refresh token in the keychain.
pub(crate) async fn signed_in_with_code(flow: &Flow, connection: &Connection) -> Secret {
    let browser = Browser::of(flow, UserRole::PeggySue);
    let report =
        sign_in(flow, connection, request(ResponseType::Code, support::flows::SCOPES), &browser).await;
    support::flows::assert_signed_in(&report);
    flow.stored(connection).await.expect("the refresh token is stored")
}

/// A browser with a person in front of it.
pub(crate) struct Browser {
    username: String,
    password: String,
    change: fn(Fields) -> Fields,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cookie: Option<String>,
    seen: Vec<Seen>,
}

/// What happened between a request and its answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// The names and values of the request, in order.
    pub(crate) asked: Fields,
    /// The address of the request, up to its query.
    pub(crate) endpoint: String,
    /// The user name that stood in the login page; `None` where no page was shown.
    pub(crate) login_page: Option<String>,
    /// The status and the `Location` of the answer, where it was a redirect.
    pub(crate) redirect: Option<(u16, String)>,
}

impl Seen {
    /// A parameter of the request.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        self.asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Browser {
    /// A new one, with no session.
    pub(crate) fn of(flow: &Flow, user: UserRole) -> Self {
        let user = flow.simulator.user(user).expect("the tenant has this person");
        Self {
            username: user.username.clone(),
            password: user.password.clone(),
            change: |asked| asked,
            state: Mutex::default(),
        }
    }

    /// The same, with something on the way that changes the request, as an application with a fault in it would.
    pub(crate) fn changing(mut self, change: fn(Fields) -> Fields) -> Self {
        self.change = change;
        self
    }

    /// What it saw last.
    pub(crate) fn last(&self) -> Seen {
        self.state.lock().unwrap().seen.last().cloned().expect("it was used")
    }

    /// How often it was opened.
    pub(crate) fn times_used(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    fn go(&self, url: &Url) -> Brought {
        let mut state = self.state.lock().unwrap();
        let asked = (self.change)(url.query_pairs().into_owned().collect());
        let mut url = url.clone();
        url.query_pairs_mut().clear().extend_pairs(&asked);
        let endpoint = url.as_str().split('?').next().unwrap_or_default().to_owned();
        let mut seen = Seen { asked, endpoint, ..Seen::default() };
        let mut answer = state.send(&url, None);
        if answer.body.contains("name=\"password\"") {
            let typed = answer.body.split("name=\"username\" value=\"").nth(1).unwrap();
            seen.login_page = typed.split('"').next().map(str::to_owned);
            let mut form = hidden(&answer.body);
            form.push(("username".to_owned(), self.username.clone()));
            form.push(("password".to_owned(), self.password.clone()));
            answer = state.send(&url.join(&action(&answer.body)).unwrap(), Some(&form));
        }
        let location = answer.header("location").map(str::to_owned);
        seen.redirect = location.clone().map(|location| (answer.status, location));
        state.seen.push(seen);
        match location {
            Some(location) => Brought::Answer(Received::navigation(Secret::new(location))),
            None if answer.body.contains("document.forms[0].submit()") => {
                let fields = hidden(&answer.body);
                let fields = fields.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
                Brought::Answer(Received::form_post(Secret::new(action(&answer.body)), fields))
            }
            None => Brought::Page(ShownPage { text: answer.body, http_status: Some(answer.status) }),
        }
    }
}

impl State {
    fn send(&mut self, url: &Url, form: Option<&[(String, String)]>) -> Answer {
        let target = &url[url::Position::BeforePath..];
        let form = form.map(|form| Serializer::new(String::new()).extend_pairs(form).finish());
        let method = if form.is_some() { "POST" } else { "GET" };
        let cookie = self.cookie.as_deref();
        let answer = visit(url.authority(), url.authority(), method, target, cookie, form.as_deref());
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        answer
    }
}

impl UserAgent for Browser {
    fn answer<'a>(&'a self, url: &'a Url, _: ResponseMode, _: &'a CancellationToken) -> Answering<'a> {
        // The tenant runs on a thread of its own, so nobody is kept waiting.
        Box::pin(async move { Ok(self.go(url)) })
    }

    fn leave<'a>(&'a self, _: &'a Secret, shown: &'a str, _: &'a CancellationToken) -> Leaving<'a> {
        panic!("nobody signs out here: {shown}")
    }
}
