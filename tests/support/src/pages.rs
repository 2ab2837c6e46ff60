//! A server of pages that a test writes, and a tenant whose authorization endpoint is such a page.

#![allow(clippy::expect_used)] // whoever sets up a test wants to hear at once what is missing

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use latchkey_simulator::{Faults, Generation, MetadataFault, Options, Simulator};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};
use url::form_urlencoded;

/// How long a request may take to come. Ten times what a slow machine needs.
const LIMIT: Duration = Duration::from_secs(15);

/// One request.
#[derive(Debug, Clone)]
pub struct Visit {
    /// `GET` or another.
    pub method: String,
    /// Path and query, as they came.
    pub target: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
}

impl Visit {
    /// The target up to its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The target after its path.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// A parameter of the query, empty where there is none.
    #[must_use]
    pub fn parameter(&self, wanted: &str) -> String {
        value_of(self.query(), wanted)
    }

    /// A header, by its name in small letters.
    #[must_use]
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// Whether this is the client that asks before the window opens.
    #[must_use]
    pub fn is_probe(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.starts_with("application/json"))
    }
}

/// A value of an encoded form, empty where there is none.
#[must_use]
pub fn value_of(form: &str, wanted: &str) -> String {
    form_urlencoded::parse(form.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Status 200 and HTML.
    Page(String),
    /// 302.
    Redirect(String),
    /// Status, further headers and body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// None, and the connection stays open.
    Silence,
    /// None, and the connection closes.
    Close,
}

impl Reply {
    /// A page with this body.
    #[must_use]
    pub fn page(body: &str) -> Self {
        Self::Page(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Latchkey</title><body>{body}</body></html>"
        ))
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let html = ("content-type", "text/html; charset=utf-8".to_owned());
        let (status, headers, body) = match self {
            Self::Page(html_text) => (200, vec![html], html_text.clone()),
            Self::Redirect(location) => (302, vec![("location", location.clone())], String::new()),
            Self::Answer(status, headers, body) => (*status, headers.clone(), body.clone()),
            Self::Silence | Self::Close => return None,
        };
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} Test\r\nconnection: close\r\ncache-control: no-store\r\n\
             access-control-allow-origin: *\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        Some([head.into_bytes(), body.into_bytes()].concat())
    }
}

type Answering = Arc<dyn Fn(&Visit) -> Reply + Send + Sync>;

/// A server on loopback. It ends when this value is dropped.
pub struct PageServer {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    visits: Mutex<Vec<Visit>>,
    connections: AtomicUsize,
    bytes: AtomicUsize,
    stopped: AtomicBool,
    answer: Answering,
}

impl PageServer {
    /// Serves on any free port.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn start(answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(0, None, answer)
    }

    /// Serves on a port that others may use: waits until it is free.
    ///
    /// # Panics
    ///
    /// When it does not become free.
    #[must_use]
    pub fn on(port: u16, answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(port, None, answer)
    }

    /// Serves with TLS on any free port.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn with_tls(config: ServerConfig, answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(0, Some(Arc::new(config)), answer)
    }

    fn serve(
        port: u16,
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Visit) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let started = Instant::now();
        let listener = loop {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
                Ok(listener) => break listener,
                Err(error) if started.elapsed() > LIMIT => panic!("port {port} is not free: {error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            visits: Mutex::default(),
            connections: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            answer: Arc::new(answer),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let accepting = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || accept(&listener, tls.as_ref(), &shared))
        };
        Self { address, scheme, shared, accepting: Some(accepting) }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// An address on it.
    #[must_use]
    pub fn at(&self, target: &str) -> String {
        format!("{}://{}{target}", self.scheme, self.address)
    }

    /// The same by the computer's name.
    #[must_use]
    pub fn at_localhost(&self, target: &str) -> String {
        format!("{}://localhost:{}{target}", self.scheme, self.port())
    }

    /// What came so far.
    #[must_use]
    pub fn visits(&self) -> Vec<Visit> {
        self.shared.visits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What came to a path, decoded queries for what a page reported there.
    #[must_use]
    pub fn at_path(&self, path: &str) -> Vec<Visit> {
        self.visits().into_iter().filter(|visit| visit.path() == path).collect()
    }

    /// Waits for a request.
    ///
    /// # Panics
    ///
    /// When it does not come.
    pub async fn sees(&self, what: &str, is: impl Fn(&Visit) -> bool) -> Visit {
        let started = Instant::now();
        loop {
            if let Some(visit) = self.visits().into_iter().find(&is) {
                return visit;
            }
            if started.elapsed() > LIMIT {
                let targets = self.visits().into_iter().rev().take(5).map(|visit| visit.target);
                panic!("{what}: never asked for. The last were: {:#?}", targets.collect::<Vec<_>>());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many bytes came, whole requests or not.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shared.bytes.load(Ordering::SeqCst)
    }

    /// How many connections came.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

impl std::fmt::Debug for PageServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PageServer").field("address", &self.address).finish_non_exhaustive()
    }
}

fn accept(listener: &TcpListener, tls: Option<&Arc<ServerConfig>>, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, shared) = (tls.cloned(), Arc::clone(shared));
        std::thread::spawn(move || match tls {
            None => serve_one(stream, &shared),
            Some(config) => {
                if let Ok(connection) = ServerConnection::new(config) {
                    serve_one(StreamOwned::new(connection, stream), &shared);
                }
            }
        });
    }
}

fn serve_one(mut stream: impl Read + Write, shared: &Shared) {
    let Some(visit) = read(&mut stream, shared) else { return };
    // First known, then answered: who has the answer finds the request.
    shared.visits.lock().unwrap_or_else(PoisonError::into_inner).push(visit.clone());
    let reply = (shared.answer)(&visit);
    match reply.bytes() {
        Some(bytes) => {
            let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
            // Until the other side has read it all.
            let _ = std::io::copy(&mut stream.take(1024), &mut std::io::sink());
        }
        None if matches!(reply, Reply::Silence) => {
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
        None => {}
    }
}

fn read(stream: &mut impl Read, shared: &Shared) -> Option<Visit> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let mut more = |bytes: &mut Vec<u8>| {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        shared.bytes.fetch_add(read, Ordering::SeqCst);
        bytes.extend_from_slice(&chunk[..read]);
        Some(())
    };
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        more(&mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_default();
    while bytes.len() < end + 4 + length {
        more(&mut bytes)?;
    }
    let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    Some(Visit { method, target, headers, body })
}

/// What a page is made of: the request of the login window, and where it would have gone.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The request.
    pub visit: &'a Visit,
    /// The tenant's own page for the same request.
    pub onward: String,
}

impl Scene<'_> {
    /// The redirect URI of the request.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.visit.parameter("redirect_uri")
    }

    /// The state of the request, encoded.
    #[must_use]
    pub fn state(&self) -> String {
        form_urlencoded::byte_serialize(self.visit.parameter("state").as_bytes()).collect()
    }

    /// An answer to the request that would end it: an error that nobody else makes, at the redirect URI.
    #[must_use]
    pub fn answer(&self, error: &str) -> String {
        format!("{}?error={error}&state={}", self.redirect_uri(), self.state())
    }

    /// A page with a large button in its upper left corner, on which the person goes on to the tenant's own page.
    #[must_use]
    pub fn page(&self, body: &str) -> Reply {
        let onward = self.onward.replace('&', "&amp;");
        Reply::page(&format!(
            "<a id=onward href=\"{onward}\" style=\"position:fixed;left:0;top:0;width:240px;height:120px;z-index:9;\
             background:#cde\">Go on</a>{body}"
        ))
    }
}

/// Where [`Scene::page`] has its button, in the login window.
pub const ONWARD: (u32, u32) = (120, 110);

type Showing = Arc<dyn Fn(&Scene<'_>) -> Reply + Send + Sync>;

/// A tenant whose authorization endpoint shows what a test writes; all else is as it should be.
pub struct Stage {
    /// The tenant.
    pub simulator: Simulator,
    /// Where its authorization endpoint is.
    pub server: PageServer,
    showing: Arc<Mutex<Showing>>,
}

impl Stage {
    /// Starts both. Paths other than `/auth` and `/authorize-me` are answered by `other`.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub async fn start(other: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Options::default(), other).await
    }

    /// The same with a tenant of one's own.
    ///
    /// # Panics
    ///
    /// When they do not start.
    pub async fn with(options: Options, other: impl Fn(&Visit) -> Reply + Send + Sync + 'static) -> Self {
        let simulator = Simulator::start(options).await.expect("a tenant");
        let issuer = simulator.issuer(Generation::V2);
        let showing: Arc<Mutex<Showing>> = Arc::new(Mutex::new(Arc::new(|scene: &Scene<'_>| scene.page(""))));
        let shown = Arc::clone(&showing);
        let server = PageServer::start(move |visit| match visit.path() {
            "/auth" if visit.is_probe() => Reply::page("A page to sign in at"),
            "/auth" => {
                let page = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
                page(&Scene { visit, onward: format!("{issuer}/auth?{}", visit.query()) })
            }
            _ => other(visit),
        });
        let endpoint = MetadataFault::Set("authorization_endpoint".to_owned(), server.at("/auth").into());
        simulator.set_faults(Faults { metadata: Some(endpoint), ..Faults::default() });
        Self { simulator, server, showing }
    }

    /// What the next login windows show first.
    pub fn shows(&self, page: impl Fn(&Scene<'_>) -> Reply + Send + Sync + 'static) {
        *self.showing.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(page);
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Stage").field("server", &self.server).finish_non_exhaustive()
    }
}

/// A certificate authority that no system trusts, and its PEM file.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    ///
    /// When there is no key to be had.
    #[must_use]
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // A name of its own: with that of its certificates, each of them would look self-signed.
        params.distinguished_name.push(DnType::CommonName, "Authority of a test");
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    /// Its PEM file.
    #[must_use]
    pub fn file(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A server with a certificate of this authority for a name; `change` spoils it.
    ///
    /// # Panics
    ///
    /// When there is no key to be had.
    #[must_use]
    pub fn config(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().to_vec().into()],
                key.serialize_der().try_into().expect("a key"),
            )
            .expect("a configuration")
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}
