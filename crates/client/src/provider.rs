//! A provider's metadata and keys, looked up and kept while the program runs.

use std::sync::Arc;

use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::issuer::{EndpointPlace, Generation, Issuer};
use latchkey_oidc::jwk::{self, KeySet};
use latchkey_oidc::metadata::{self, ProviderMetadata};
use latchkey_oidc::{Finding, Problem, ProblemKind};
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::recorder::Recorder;
use crate::transport::Transport;

/// What is known of a provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// As the connection names it.
    pub issuer: Issuer,
    /// Parsed and checked. Shared, since every run takes the provider along.
    pub metadata: Arc<ProviderMetadata>,
    /// Of the metadata.
    pub findings: Vec<Finding>,
    /// The key set as last fetched; `None` where it could not be had.
    pub keys: Option<Keys>,
    /// Why there is no key set.
    pub keys_problem: Option<Problem>,
    /// Unix time in seconds of the metadata.
    pub fetched_at: i64,
}

/// A key set with its findings.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The keys.
    pub set: KeySet,
    /// Of the key set.
    pub findings: Vec<Finding>,
}

impl Provider {
    /// Whose rules it follows.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.metadata.generation()
    }
}

/// Fetches and checks the metadata alone. Nothing else is sent to an issuer before this, so here the policy is asked.
///
/// # Errors
/// [`ProblemKind::Policy`] for an issuer that this computer's policy does not allow, before anything is sent, and
/// What stops a sign-in before it begins.
pub async fn look_up_metadata(
    issuer: &Issuer,
    transport: &Transport,
    recorder: &Recorder,
    cancel: &CancellationToken,
) -> Result<Provider, Problem> {
    transport.policy().permit(issuer.as_str())?;
    let answer = transport.send(&metadata::request(issuer), recorder, cancel).await?;
    let (metadata, findings) = metadata::parse(&answer, issuer)?;
    Ok(Provider {
        issuer: issuer.clone(),
        metadata: Arc::new(metadata),
        findings,
        keys: None,
        keys_problem: None,
        fetched_at: clock::now(),
    })
}

/// Fetches the key set that the metadata name.
///
/// # Errors
/// No `jwks_uri`, one that may not be used, or what came of the request.
pub async fn look_up_keys(
    provider: &Provider,
    transport: &Transport,
    recorder: &Recorder,
    cancel: &CancellationToken,
) -> Result<Keys, Problem> {
    let Some(url) = &provider.metadata.jwks_uri else {
        return Err(metadata::missing("jwks_uri", latchkey_oidc::http::Endpoint::Jwks));
    };
    // Nothing secret goes to the key set, so another public host is fine here.
    match provider.issuer.check_endpoint(url) {
        Ok(EndpointPlace::Same | EndpointPlace::OtherHost) => {}
        Err(reason) => return Err(metadata::unsafe_endpoint("jwks_uri", url, reason)),
    }
    let answer: HttpAnswer = transport.send(&jwk::request(url.clone()), recorder, cancel).await?;
    let (set, findings) = jwk::parse(&answer)?;
    Ok(Keys { set, findings })
}

/// Fetches metadata and keys, for display and to be ready.
///
/// # Errors
/// As [`look_up_metadata`]; a key set that cannot be had is noted in the result. Cancelling is an error throughout.
pub async fn look_up(
    issuer: &Issuer,
    transport: &Transport,
    recorder: &Recorder,
    cancel: &CancellationToken,
) -> Result<Provider, Problem> {
    let mut provider = look_up_metadata(issuer, transport, recorder, cancel).await?;
    if latchkey_oidc::finding::any_failed(&provider.findings) {
        return Ok(provider);
    }
    match look_up_keys(&provider, transport, recorder, cancel).await {
        Ok(keys) => provider.keys = Some(keys),
        Err(problem) if problem.kind == ProblemKind::Cancelled => return Err(problem),
        Err(problem) => provider.keys_problem = Some(problem),
    }
    Ok(provider)
}
