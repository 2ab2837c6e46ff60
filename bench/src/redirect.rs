//! From the redirect to the verdict: what a person waits for after the provider's page is done, at 50 ms.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use latchkey_client::client::{BrowserSignIn, Client, Keep};
use latchkey_client::sign_in::browser::{Answering, Brought, BrowserRequest, Leaving, UserAgent};
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Problem, ProblemKind, Secret, pkce};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::Failure;
use crate::floor::Floor;
use crate::peers::Node;
use crate::report::{Line, ROUNDS, Series};
use crate::tenant::{REDIRECT_URI, SCOPE, Tenant, signed_in};

const LATENCY: u64 = 50;
const BOUND: f64 = 1.2;

pub(crate) async fn measure(node: &mut Node) -> Result<Vec<Line>, Failure> {
    let tenant = Tenant::start().await?;
    node.ask("begin", tenant.for_node())?;
    let floor = Floor::connected(&tenant).await?;
    let client = tenant.client()?;
    let (mut ours, mut bare, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    // In the first round everybody looks the provider up.
    for round in 0..=ROUNDS {
        let (code, verifier) = code(&tenant, &floor).await?;
        tenant.latency(LATENCY);
        let bare_ms = floor.code(&code, &verifier).await?;
        tenant.latency(0);
        let url = node.ask("authorize", json!({}))?["url"].as_str().unwrap_or_default().parse()?;
        let redirected = floor.redirected(&url).await?;
        tenant.latency(LATENCY);
        let theirs_ms = node.time("redirected", json!({"url": redirected}))?;
        tenant.latency(0);
        let ours_ms = sign_in(&tenant, &client, &floor).await?;
        tenant.latency(0);
        if round > 0 {
            ours.push(ours_ms);
            bare.push(bare_ms);
            theirs.push(theirs_ms);
        }
    }
    tenant.simulator.stop().await;
    let floor = Series::new("two round trips", bare);
    let line = Line::ratio("redirect to verdict, code, 50 ms latency", "ms", ours, floor, BOUND);
    Ok(vec![line.beside(Series::new("openid-client", theirs))])
}

/// A code, and the verifier that goes with it.
async fn code(tenant: &Tenant, floor: &Floor<'_>) -> Result<(String, String), Failure> {
    let verifier = pkce::verifier(&[7; 32]);
    let parameters = [
        ("response_type", "code"),
        ("client_id", tenant.connection.client_id.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("scope", SCOPE),
        ("state", "state"),
        ("nonce", "nonce"),
        ("code_challenge", &pkce::challenge(&verifier)),
        ("code_challenge_method", "S256"),
    ];
    let url = Url::parse_with_params(&format!("{}/auth", tenant.connection.issuer), parameters)?;
    let redirected = Url::parse(&floor.redirected(&url).await?)?;
    let code = redirected.query_pairs().find(|(name, _)| name == "code").ok_or("no code")?.1.into_owned();
    Ok((code, verifier.expose().to_owned()))
}

async fn sign_in(tenant: &Tenant, client: &Client, floor: &Floor<'_>) -> Result<f64, Failure> {
    let agent = Agent { tenant, floor, redirected: Mutex::new(None) };
    let request = BrowserRequest {
        scopes: tenant.connection.scopes.clone(),
        ..BrowserRequest::new(RedirectUri::parse(REDIRECT_URI)?, ResponseType::Code, &[])
    };
    let asked =
        BrowserSignIn { request, client_secret: Some(tenant.secret.clone()), keep: Keep::SessionOnly };
    let report = client
        .sign_in_browser(&tenant.connection, asked, &agent, CancellationToken::new(), &|_| {})
        .await
        .map_err(|problem| problem.problem.explanation)?;
    let ended = Instant::now();
    signed_in(&report)?;
    let redirected = agent.redirected.into_inner().unwrap_or_else(PoisonError::into_inner);
    let redirected = redirected.ok_or("the browser was not asked")?;
    Ok((ended - redirected).as_secs_f64() * 1e3)
}

/// A person who signs in at once, before the latency begins.
struct Agent<'a> {
    tenant: &'a Tenant,
    floor: &'a Floor<'a>,
    redirected: Mutex<Option<Instant>>,
}

impl UserAgent for Agent<'_> {
    fn answer<'a>(
        &'a self,
        url: &'a Url,
        _mode: ResponseMode,
        _cancel: &'a CancellationToken,
    ) -> Answering<'a> {
        Box::pin(async move {
            let redirected = self.floor.redirected(url).await.map_err(|error| {
                Problem::new(ProblemKind::HttpStatus, error.to_string(), "Look at the benchmark's tenant.")
            })?;
            self.tenant.latency(LATENCY);
            *self.redirected.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            Ok(Brought::Answer(Received::navigation(Secret::new(redirected))))
        })
    }

    fn leave<'a>(&'a self, _url: &'a Secret, _shown: &'a str, _cancel: &'a CancellationToken) -> Leaving<'a> {
        Box::pin(async { Ok(None) })
    }
}
