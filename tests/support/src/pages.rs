//! A server of pages that a test writes: what stands in for a provider that means no good, or is out of order.

#![allow(clippy::expect_used)] // whoever sets up a test wants to hear at once what is missing

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::form_urlencoded;

mod authority;
mod stage;

pub use self::authority::Authority;
pub use self::stage::{ONWARD, Scene, Stage};

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

    /// A page with one link, in its upper left corner, to where the parameter `to` says.
    #[must_use]
    pub fn leading_on(visit: &Visit) -> Self {
        let onward = visit.parameter("to").replace('&', "&amp;");
        Self::page(&format!(
            "<a href=\"{onward}\" style=\"position:fixed;left:0;top:0;width:240px;height:120px\">Go on</a>"
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
