//! Sends requests and brings whole answers, within bounds of bytes and time, and records each.
//!
//! Follows no redirect, keeps no cookie, repeats no request. Knows nothing of tokens beyond what the
//! recorder takes out; what an answer means is the business of `latchkey-oidc`.

mod problems;
mod progress;
mod proxy;
mod tls;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use latchkey_oidc::http::{Endpoint, HttpAnswer, HttpRequest, Method};
use latchkey_oidc::{Problem, ProblemKind};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::problems::Situation;
use self::progress::{Progress, WatchConnections};
use self::proxy::Proxies;
use crate::policy::Policy;
use crate::recorder::{Recorder, Recording};

/// How many bytes and how much time an answer may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body, after decompression.
    pub body_bytes: usize,
    /// Bytes of all header names and values together.
    pub head_bytes: usize,
    /// From looking up the name to the end of the TLS handshake.
    pub connect: Duration,
    /// Longest silence: until the head is complete, and between two pieces of the body.
    pub idle: Duration,
    /// The whole exchange.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            head_bytes: 256 * 1024,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(15),
            total: Duration::from_secs(30),
        }
    }
}

/// How the transport is set up.
#[derive(Debug, Clone, Default)]
pub struct TransportOptions {
    /// PEM file with certificate authorities that are trusted besides the system's.
    pub extra_ca_file: Option<PathBuf>,
    /// Of this computer: whom it allows to be asked, and whom it trusts besides.
    pub policy: Arc<Policy>,
    /// Bounds of every exchange.
    pub limits: Limits,
}

/// How long an unused connection is kept.
///
/// A connection that the server closes while it lies unused is noticed and replaced before anything
/// is sent. What remains is a close that crosses a request on the wire, which for a POST ends as
/// [`ProblemKind::OutcomeUnknown`]. Staying below the 60 s and 75 s at which load balancers
/// commonly close keeps that rare, while filling in a form still finds its connection open.
const POOL_IDLE: Duration = Duration::from_secs(50);

/// Sends requests. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    limits: Limits,
    extra_ca_file: Option<PathBuf>,
    policy: Arc<Policy>,
    proxies: Proxies,
    /// For loopback hosts: never through a proxy.
    direct: reqwest::Client,
    /// For all others: through the system's proxy, where there is one.
    proxied: reqwest::Client,
}

impl Transport {
    /// Reads the extra CA file, where one is set, and the system's trust store and proxy settings.
    ///
    /// # Errors
    /// [`ProblemKind::Configuration`] where the CA file cannot be read or holds no certificate.
    pub fn new(options: TransportOptions) -> Result<Self, Problem> {
        Self::build(options, Proxies::of_the_system())
    }

    /// As [`Transport::new`] with this proxy (`http://host:port`) for every host but loopback.
    #[doc(hidden)]
    pub fn through_proxy(options: TransportOptions, proxy: &str) -> Result<Self, Problem> {
        Self::build(options, Proxies::only(proxy))
    }

    fn build(options: TransportOptions, proxies: Proxies) -> Result<Self, Problem> {
        let tls = tls::client_config(options.extra_ca_file.as_deref(), options.policy.extra_ca_file())?;
        let client = |proxied: bool| {
            let builder = reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .tls_info(true)
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(options.limits.connect)
                .connector_layer(WatchConnections)
                .pool_idle_timeout(POOL_IDLE)
                .http2_max_header_list_size(u32::try_from(options.limits.head_bytes).unwrap_or(u32::MAX));
            let builder = if proxied { proxies.apply(builder) } else { builder.no_proxy() };
            builder.build().map_err(problems::cannot_start)
        };
        let (direct, proxied) = (client(false)?, client(true)?);
        Ok(Self {
            inner: Arc::new(Inner {
                limits: options.limits,
                extra_ca_file: options.extra_ca_file,
                policy: options.policy,
                proxies,
                direct,
                proxied,
            }),
        })
    }

    /// The policy that it was set up under.
    #[must_use]
    pub fn policy(&self) -> &Arc<Policy> {
        &self.inner.policy
    }

    /// Sends one request and waits for the whole answer, whatever its status.
    ///
    /// The exchange is recorded in every case, also where it failed or was cancelled.
    ///
    /// # Errors
    /// [`ProblemKind::Redirect`] for a redirect, which is not followed, except of the endpoints that answer with
    /// one (authorization and end session), where it is the answer; [`ProblemKind::Cancelled`];
    /// the kinds of "the way there" otherwise. 429 and 503 are answers.
    pub async fn send(
        &self,
        request: &HttpRequest,
        recorder: &Recorder,
        cancel: &CancellationToken,
    ) -> Result<HttpAnswer, Problem> {
        let mut recording = Recording::begin(request, recorder);
        let progress = Progress::default();
        let total = self.inner.limits.total;
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(self.situation(request, &progress).cancelled()),
            answer = tokio::time::timeout(total, self.exchange(request, &progress, &mut recording, recorder)) => {
                answer.unwrap_or_else(|_| Err(self.situation(request, &progress).total_time(total)))
            }
        };
        let result = result.map_err(|problem| recorder.redacted_problem(problem.at(request.endpoint)));
        recorder.record(recording, result.as_ref().err());
        result
    }

    fn situation<'a>(&'a self, request: &'a HttpRequest, progress: &Progress) -> Situation<'a> {
        Situation {
            request,
            proxy: self.inner.proxies.for_url(&request.url),
            extra_ca_file: self.inner.extra_ca_file.as_deref(),
            may_have_been_sent: progress.may_have_been_sent(),
        }
    }

    async fn exchange(
        &self,
        request: &HttpRequest,
        progress: &Progress,
        recording: &mut Recording,
        recorder: &Recorder,
    ) -> Result<HttpAnswer, Problem> {
        let limits = &self.inner.limits;
        let mut response = self.head(request, progress, recorder).await?;

        let received_at = OffsetDateTime::now_utc().unix_timestamp();
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes())))
            .collect();
        let head_bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        recording.head(status, format!("{:?}", response.version()), &headers);
        recording.tls(
            response.extensions().get::<reqwest::tls::TlsInfo>().and_then(|info| info.peer_certificate()),
        );
        if head_bytes > limits.head_bytes {
            recording.forget_headers();
            return Err(self.situation(request, progress).head_too_large(limits.head_bytes));
        }

        loop {
            let piece = tokio::time::timeout(limits.idle, response.chunk())
                .await
                .map_err(|_| self.situation(request, progress).silence(limits.idle).with_status(status))?
                .map_err(|error| self.situation(request, progress).body_failed(&error).with_status(status))?;
            let Some(piece) = piece else { break };
            let room = limits.body_bytes - recording.body.len();
            recording.body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room {
                return Err(self
                    .situation(request, progress)
                    .body_too_large(limits.body_bytes)
                    .with_status(status));
            }
        }
        recording.complete();

        let answer = HttpAnswer { status, headers, body: recording.body.to_vec(), received_at };
        let redirects = matches!(request.endpoint, Endpoint::Authorization | Endpoint::EndSession);
        if (300..400).contains(&status)
            && !redirects
            && let Some(location) = answer.header("location")
        {
            return Err(self.situation(request, progress).redirect(status, location));
        }
        if status == 407 {
            return Err(self.situation(request, progress).proxy_wants_a_login());
        }
        Ok(answer)
    }

    /// Connects, sends, and waits for the head of the answer.
    async fn head(
        &self,
        request: &HttpRequest,
        progress: &Progress,
        recorder: &Recorder,
    ) -> Result<reqwest::Response, Problem> {
        let limits = &self.inner.limits;
        let client = if proxy::is_loopback(&request.url) { &self.inner.direct } else { &self.inner.proxied };
        let prepared = prepare(client, request)?;
        let sending = progress.watch(client.execute(prepared));
        tokio::pin!(sending);
        let meanwhile = recorder.work_off();
        tokio::pin!(meanwhile);
        let mut changes = progress.changes();
        let mut silent_until = Instant::now() + limits.idle;
        loop {
            tokio::select! {
                biased;
                result = &mut sending => {
                    return result.map_err(|error| self.situation(request, progress).not_answered(&error, limits));
                }
                // Connecting has a limit of its own; the silence counts from its end.
                Ok(()) = changes.changed() => {
                    silent_until = Instant::now() + limits.idle + if progress.connecting() { limits.connect } else { Duration::ZERO };
                }
                never = &mut meanwhile => match never {},
                () = tokio::time::sleep_until(silent_until) => {
                    return Err(self.situation(request, progress).silence(limits.idle));
                }
            }
        }
    }
}

/// Names the program and its version to the provider.
pub(crate) const USER_AGENT: &str = concat!("Latchkey/", env!("CARGO_PKG_VERSION"));

/// What answers may be compressed with.
pub(crate) const CODINGS: &str = "gzip, deflate, br";

fn prepare(client: &reqwest::Client, request: &HttpRequest) -> Result<reqwest::Request, Problem> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut builder = client
        .request(method, request.url.clone())
        .header(ACCEPT, request.accept)
        .header(ACCEPT_ENCODING, CODINGS);
    if let Some(authorization) = &request.authorization {
        let mut value = HeaderValue::from_str(authorization.header_value().expose()).map_err(|_| {
            Problem::new(
                ProblemKind::InvalidInput,
                "The access token holds characters that cannot be sent in a header. Nothing was sent.",
                "Paste the token again, without line breaks or spaces.",
            )
        })?;
        value.set_sensitive(true);
        builder = builder.header(AUTHORIZATION, value);
    }
    if let Some(body) = request.body() {
        builder =
            builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.expose().to_owned());
    }
    builder.build().map_err(problems::cannot_start)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
