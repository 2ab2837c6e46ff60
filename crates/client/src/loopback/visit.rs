//! One connection to the listener: a request, and what it gets.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use latchkey_oidc::Secret;
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::ResponseMode;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use super::{lock, pages};

/// Longest time of a connection.
const LONGEST: Duration = Duration::from_secs(20);
/// Most bytes of a head. Tokens in a query are refused, but shall be seen.
const MAX_HEAD: usize = 256 * 1024;
/// Most bytes of a posted form.
const MAX_BODY: usize = 1024 * 1024;
/// Fragment pages that may still post.
const MAX_PAGES: usize = 16;

/// What all connections share.
pub(super) struct Visits {
    pub(super) redirect_uri: RedirectUri,
    /// `host:port` that a browser names. Another name for this computer is somebody's trick (DNS rebinding).
    pub(super) authority: String,
    /// Where the answer should come.
    pub(super) mode: ResponseMode,
    /// The first answer is the only one.
    pub(super) answered: AtomicBool,
    /// Where a fragment page posts to, and the address that it was the page of.
    pub(super) pages: Mutex<VecDeque<(String, Secret)>>,
}

/// Serves one request, to its end. `Some` where that was the answer.
pub(super) async fn serve(stream: TcpStream, visits: Arc<Visits>) -> Option<Received> {
    let brought = Arc::new(Mutex::new(None));
    let service = service_fn(|request: Request<Incoming>| {
        let (visits, brought) = (Arc::clone(&visits), Arc::clone(&brought));
        async move {
            let (page, received) = visits.respond(request).await;
            if received.is_some() {
                *lock(&brought) = received;
            }
            Ok::<_, Infallible>(page)
        }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // A visitor that is slow, wrong or gone brings nothing.
    let _ = tokio::time::timeout(LONGEST, connection).await;
    lock(&brought).take()
}

type Page = Response<Full<Bytes>>;

impl Visits {
    async fn respond(&self, request: Request<Incoming>) -> (Page, Option<Received>) {
        match self.read(request).await {
            Some(Read::Answer(received)) if !self.answered.swap(true, Ordering::SeqCst) => {
                (page(StatusCode::OK, pages::done()), Some(received))
            }
            Some(Read::FragmentPage(address)) => (self.fragment_page(address), None),
            Some(Read::Answer(_)) | None => (page(StatusCode::NOT_FOUND, pages::nothing_here()), None),
        }
    }

    /// `None`: not for us.
    async fn read(&self, request: Request<Incoming>) -> Option<Read> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        if !host.eq_ignore_ascii_case(&self.authority) || hosts.next().is_some() {
            return None;
        }
        // A page that is fetched ahead may never be seen; the visit itself comes again.
        if request.headers().contains_key(HeaderName::from_static("sec-purpose")) {
            return None;
        }
        if request.uri().authority().is_some() {
            return None;
        }
        let target = request.uri().path_and_query()?.as_str().to_owned();
        if request.method() == Method::POST
            && let Some(address) = self.page_of(&target)
        {
            let body = form(request).await?;
            let fragment = url::form_urlencoded::parse(body.as_bytes())
                .find(|(name, _)| name == pages::FIELD)
                .map(|(_, value)| Zeroizing::new(value.into_owned()))?;
            let whole = Secret::new(format!("{}#{}", address.expose(), *fragment));
            return Some(Read::Answer(Received::navigation(whole)));
        }
        let address = Secret::new(format!("http://{}{target}", self.authority));
        if !self.redirect_uri.matches(address.expose()) {
            return None;
        }
        match *request.method() {
            // Where a fragment should come the page looks for one, even beside a query: both would be two answers.
            Method::GET if self.mode == ResponseMode::Fragment || !self.adds_to_query(&target) => {
                Some(Read::FragmentPage(address))
            }
            Method::GET => Some(Read::Answer(Received::navigation(address))),
            Method::POST => {
                let body = form(request).await?;
                Some(Read::Answer(Received::form_body(address, &Secret::new(body.to_string()))))
            }
            _ => None,
        }
    }

    fn adds_to_query(&self, target: &str) -> bool {
        let query = |text: &str| text.split_once('?').map_or(String::new(), |(_, query)| query.to_owned());
        query(target) != query(self.redirect_uri.as_str())
    }

    /// A page that posts the fragment to a path that only it knows.
    fn fragment_page(&self, address: Secret) -> Page {
        let mut random = [0; 32];
        if getrandom::fill(&mut random).is_err() {
            return page(StatusCode::INTERNAL_SERVER_ERROR, pages::nothing_here());
        }
        let path = format!("/{}", latchkey_oidc::base64url::encode(&random));
        let html = pages::fragment(&path);
        let mut open = lock(&self.pages);
        open.push_back((path, address));
        if open.len() > MAX_PAGES {
            open.pop_front();
        }
        page(StatusCode::OK, html)
    }

    fn page_of(&self, path: &str) -> Option<Secret> {
        lock(&self.pages).iter().find(|(known, _)| known == path).map(|(_, address)| address.clone())
    }
}

enum Read {
    Answer(Received),
    /// The answer may stand in the fragment of this address, which no server sees.
    FragmentPage(Secret),
}

/// The body of a posted form, within bounds.
async fn form(request: Request<Incoming>) -> Option<Zeroizing<String>> {
    let of_form = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = of_form.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let body = Limited::new(request.into_body(), MAX_BODY).collect().await.ok()?.to_bytes();
    std::str::from_utf8(&body).ok().map(|text| Zeroizing::new(text.to_owned()))
}

fn page(status: StatusCode, html: String) -> Page {
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let policy = header::HeaderValue::from_str(&pages::policy());
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        policy.unwrap_or(header::HeaderValue::from_static("default-src 'none'")),
    );
    response
}
