//! Sign-in at the provider's own page: the request, the way through a browser, and what its answer brings.

use std::pin::Pin;

use latchkey_oidc::authorization::{AuthorizationRequest, Pending, Prepared};
use latchkey_oidc::authorization_probe::{self, Verdict};
use latchkey_oidc::authorization_response::{
    self, Agreed, AuthorizationAnswer, AuthorizationOutcome, ImplicitAnswer, Received,
};
use latchkey_oidc::http::{Endpoint, HttpRequest};
use latchkey_oidc::metadata;
use latchkey_oidc::pkce::Randomness;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Problem, ProblemKind, Secret, text};
use tokio_util::sync::CancellationToken;
use url::Url;
use zeroize::Zeroizing;

use super::course::{Course, Obtained};
use super::tokens::Tokens;
use crate::clock;
use crate::provider::Provider;
use crate::random;
use crate::report::{Note, StepName, StepState};

/// What a person chose for a sign-in through the browser.
#[derive(Debug, Clone)]
pub struct BrowserRequest {
    /// Where the answer goes; somebody must be there to take it.
    pub redirect_uri: RedirectUri,
    /// What is asked for.
    pub response_type: ResponseType,
    /// Where it shall come; `None` leaves it to the default of the type.
    pub response_mode: Option<ResponseMode>,
    /// Asked for, in order.
    pub scopes: Vec<String>,
    /// `login`, `none`, or what else the provider knows.
    pub prompt: Option<String>,
    /// The user name to fill in.
    pub login_hint: Option<String>,
    /// In order of preference.
    pub acr_values: Vec<String>,
    /// Oldest sign-in that will do, seconds.
    pub max_age: Option<u32>,
    /// Where access tokens shall be used (RFC 8707 §2).
    pub resources: Vec<String>,
    /// In order of preference (BCP 47).
    pub ui_locales: Vec<String>,
    /// Further parameters, none of which has a field of its own.
    pub extra: Vec<(String, String)>,
}

impl BrowserRequest {
    /// A request with nothing in it that may be left out.
    #[must_use]
    pub fn new(redirect_uri: RedirectUri, response_type: ResponseType, scopes: &[&str]) -> Self {
        Self {
            redirect_uri,
            response_type,
            response_mode: None,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            prompt: None,
            login_hint: None,
            acr_values: Vec::new(),
            max_age: None,
            resources: Vec::new(),
            ui_locales: Vec::new(),
            extra: Vec::new(),
        }
    }
}

/// What a browser brought.
#[derive(Debug)]
pub enum Brought {
    /// The answer at the redirect URI.
    Answer(Received),
    /// None: the person took what the page shows, an error that the provider could not send to the redirect URI.
    Page(ShownPage),
}

/// A page in the browser that leads no further.
#[derive(Debug)]
pub struct ShownPage {
    /// Its text, as it is seen.
    pub text: String,
    /// Its status, where the browser tells it.
    pub http_status: Option<u16>,
}

/// A future that may be stored: [`UserAgent`] is used behind a reference.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Brought, Problem>> + Send + 'a>>;

/// As [`Answering`], for a sign-out. `None`: the person came back without the provider having sent anybody anywhere.
pub type Leaving<'a> = Pin<Box<dyn Future<Output = Result<Option<Received>, Problem>> + Send + 'a>>;

/// Shows the provider's page to a person, and takes the answer at the redirect URI.
pub trait UserAgent: Sync {
    /// Goes to `url` and waits for the one answer. `mode` is where it should come.
    fn answer<'a>(&'a self, url: &'a Url, mode: ResponseMode, cancel: &'a CancellationToken)
    -> Answering<'a>;

    /// Goes to the end-session endpoint and waits for the return, where one is asked for. `url` has the ID token in
    /// it; `shown` is the same for people.
    fn leave<'a>(&'a self, url: &'a Secret, shown: &'a str, cancel: &'a CancellationToken) -> Leaving<'a>;
}

/// What the authorization endpoint brought, judged.
pub(super) enum Authorized {
    /// A code, in the request that exchanges it.
    Code(HttpRequest, Agreed),
    /// Tokens, the ID token not yet verified.
    Tokens(Obtained),
    /// A check failed: nothing of the answer was used.
    Rejected,
}

impl Course<'_, '_> {
    /// From the request to the answer of the authorization endpoint.
    pub(super) async fn authorize(
        &mut self,
        provider: &Provider,
        request: &BrowserRequest,
        agent: &dyn UserAgent,
    ) -> Result<Authorized, Problem> {
        self.run.begin(StepName::Authorization);
        let result = self.authorized(provider, request, agent).await;
        let good = matches!(&result, Ok(Authorized::Code(..) | Authorized::Tokens(_)));
        self.run.end(StepName::Authorization, if good { StepState::Done } else { StepState::Failed });
        result
    }

    async fn authorized(
        &mut self,
        provider: &Provider,
        request: &BrowserRequest,
        agent: &dyn UserAgent,
    ) -> Result<Authorized, Problem> {
        let token_endpoint = self.endpoints(provider, request.response_type)?;
        let Prepared { url, pending } = self.prepare(provider, request)?;
        self.recorder.learn("code_verifier", pending.verifier());
        self.probe(provider, &url, &pending).await?;
        let received = match agent.answer(&url, pending.response_mode(), &self.run.cancel).await? {
            Brought::Answer(received) => received,
            Brought::Page(page) => return Err(self.shown(&page, provider)),
        };
        let parsed =
            authorization_response::parse(pending, &received, &provider.metadata, &self.context(provider));
        let AuthorizationAnswer { outcome, findings } = parsed.map_err(|not_ours| {
            Problem::new(ProblemKind::Rejected, not_ours.to_string(), "Sign in again.")
                .at(Endpoint::Authorization)
        })?;
        self.gathered.findings.extend(findings);
        match (outcome, token_endpoint) {
            (AuthorizationOutcome::ProviderError(problem), _) => Err(problem),
            (AuthorizationOutcome::Code(answer), Some(token_endpoint)) => {
                self.recorder.learn("code", answer.code());
                let (http, agreed) = answer.into_request(token_endpoint, self.request.client);
                Ok(Authorized::Code(http, agreed))
            }
            (AuthorizationOutcome::Tokens(answer), _) => Ok(Authorized::Tokens(self.implicit(answer))),
            (AuthorizationOutcome::Code(_), None) => {
                Err(metadata::missing("token_endpoint", Endpoint::Token))
            }
            (AuthorizationOutcome::Rejected, _) => Ok(Authorized::Rejected),
        }
    }

    /// The token endpoint where a code will go there. Whether secrets may go to the endpoints is known now:
    /// better said before a person signs in.
    fn endpoints(&self, provider: &Provider, asked: ResponseType) -> Result<Option<Url>, Problem> {
        let endpoint = |endpoint| {
            let confirmed = &self.request.connection.confirmed_hosts;
            provider.metadata.endpoint_for_secrets(&provider.issuer, endpoint, confirmed)
        };
        if asked != ResponseType::IdToken && provider.metadata.userinfo_endpoint.is_some() {
            endpoint(Endpoint::Userinfo)?;
        }
        if asked.is_implicit() { Ok(None) } else { endpoint(Endpoint::Token).map(Some) }
    }

    fn prepare(&self, provider: &Provider, request: &BrowserRequest) -> Result<Prepared, Problem> {
        const NAME: &str = "authorization_endpoint";
        let Some(endpoint) = &provider.metadata.authorization_endpoint else {
            return Err(metadata::missing(NAME, Endpoint::Authorization));
        };
        // Nothing secret of ours goes there, and the person sees where the page is: another public host is fine.
        if let Err(reason) = provider.issuer.check_endpoint(endpoint) {
            return Err(metadata::unsafe_endpoint(NAME, endpoint, reason));
        }
        let mut bytes = Zeroizing::new([0; 96]);
        random::fill(&mut *bytes)?;
        let mut asked = AuthorizationRequest::new(
            endpoint.clone(),
            provider.issuer.as_str(),
            &self.request.connection.client_id,
            request.redirect_uri.clone(),
            request.response_type,
        );
        asked.response_mode = request.response_mode;
        asked.scopes.clone_from(&request.scopes);
        asked.prompt.clone_from(&request.prompt);
        asked.login_hint.clone_from(&request.login_hint);
        asked.acr_values.clone_from(&request.acr_values);
        asked.max_age = request.max_age;
        asked.resources.clone_from(&request.resources);
        asked.ui_locales.clone_from(&request.ui_locales);
        asked.extra.clone_from(&request.extra);
        Ok(asked.prepare(Randomness::new(&bytes))?)
    }

    /// Asks first, for the errors that never reach the redirect URI.
    async fn probe(&mut self, provider: &Provider, url: &Url, pending: &Pending) -> Result<(), Problem> {
        let http = authorization_probe::request(url.clone());
        let answer = self.transport.send(&http, self.recorder, &self.run.cancel).await?;
        match authorization_probe::judge(&answer, pending, &self.context(provider)) {
            Verdict::GoOn => Ok(()),
            Verdict::Refused(problem) | Verdict::Redirected(problem) => Err(problem),
            Verdict::Unclear(problem) => {
                self.gathered.notes.push(Note {
                    title: "The authorization endpoint gave no clear answer when it was asked before the browser."
                        .to_owned(),
                    remedy: self.recorder.redacted_problem(problem).explanation,
                });
                Ok(())
            }
        }
    }

    /// What a page says that leads no further, explained as far as it can be read.
    fn shown(&self, page: &ShownPage, provider: &Provider) -> Problem {
        let context = self.context(provider);
        if let Some(problem) = authorization_probe::page(&page.text, &context) {
            return Problem { http_status: page.http_status, ..problem };
        }
        let words: Vec<&str> = page.text.split_whitespace().collect();
        let problem = Problem::new(
            ProblemKind::HttpStatus,
            "The provider showed a page that leads no further, in place of an answer.",
            "Its words are below. Compare client id and redirect URI with the app. OneLogin: Applications › the app › \
             SSO and Configuration; a changed redirect URI takes up to 10 minutes.",
        )
        .at(Endpoint::Authorization)
        .with_description(&text::shortened(&words.join(" "), 400));
        Problem { http_status: page.http_status, ..problem }
    }

    fn implicit(&self, answer: ImplicitAnswer) -> Obtained {
        let ImplicitAnswer { id_token, access_token, expires_in, scope, agreed } = answer;
        self.recorder.learn("id_token", &id_token);
        if let Some(access_token) = &access_token {
            self.recorder.learn("access_token", access_token);
        }
        let tokens =
            Tokens { access_token, expires_in, refresh_token: None, id_token: Some(id_token), scope };
        Obtained { tokens, received_at: clock::now(), agreed: Some(agreed) }
    }
}
