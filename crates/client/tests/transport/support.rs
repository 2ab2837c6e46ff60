//! Servers on loopback that speak HTTP byte by byte, as a test wants it.
#![allow(dead_code)] // Shared by several test programs, none of which uses all of it.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_client::recorder::Recorder;
use latchkey_client::transport::{Limits, Transport, TransportOptions};
use latchkey_oidc::http::{Endpoint, FieldValue, HttpAnswer, HttpRequest, Method};
use latchkey_oidc::{Problem, Secret};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use url::Url;

pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// One connection, as the server sees it.
pub(crate) struct Peer {
    /// 0 for the first connection.
    pub(crate) number: usize,
    stream: Box<dyn Io>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// The next request, head and body; `None` where the connection ended.
    pub(crate) async fn request(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            if let Some(head) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let length: usize = text
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned)
                    })
                    .map_or(0, |value| value.parse().unwrap());
                if bytes.len() >= head + 4 + length {
                    self.requests.lock().unwrap().push(text.clone());
                    return Some(text);
                }
            }
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Whether all was taken.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// A whole answer; the connection stays open.
    pub(crate) async fn answer(&mut self, status: &str, headers: &str, body: impl AsRef<[u8]>) -> bool {
        let body = body.as_ref();
        let mut bytes =
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        self.write(bytes).await
    }

    pub(crate) async fn json(&mut self, body: &str) -> bool {
        self.answer("200 OK", "content-type: application/json\r\n", body).await
    }

    /// Waits until the client lets go of the connection.
    pub(crate) async fn wait_for_end(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(1..) = self.stream.read(&mut buffer).await {}
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    scheme: &'static str,
}

impl Server {
    pub(crate) fn url(&self, path: &str) -> Url {
        self.url_at("127.0.0.1", path)
    }

    pub(crate) fn url_at(&self, host: &str, path: &str) -> Url {
        format!("{}://{host}:{}{path}", self.scheme, self.address.port()).parse().unwrap()
    }

    /// All requests that arrived whole.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Plain HTTP; `handle` gets each connection.
pub(crate) async fn serve<F, Fut>(handle: F) -> Server
where
    F: Fn(Peer) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    listen("http", move |stream| async move { Some(Box::new(stream) as Box<dyn Io>) }, handle).await
}

/// The same over TLS.
pub(crate) async fn serve_tls<F, Fut>(config: Arc<rustls::ServerConfig>, handle: F) -> Server
where
    F: Fn(Peer) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(config);
    let accept = move |stream| {
        let acceptor = acceptor.clone();
        async move { Some(Box::new(acceptor.accept(stream).await.ok()?) as Box<dyn Io>) }
    };
    listen("https", accept, handle).await
}

async fn listen<A, AFut, F, Fut>(scheme: &'static str, accept: A, handle: F) -> Server
where
    A: Fn(TcpStream) -> AFut + Send + Sync + 'static,
    AFut: Future<Output = Option<Box<dyn Io>>> + Send + 'static,
    F: Fn(Peer) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server {
        address: listener.local_addr().unwrap(),
        requests: Arc::default(),
        connections: Arc::default(),
        scheme,
    };
    let (requests, connections) = (server.requests.clone(), server.connections.clone());
    let (accept, handle) = (Arc::new(accept), Arc::new(handle));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let number = connections.fetch_add(1, Ordering::SeqCst);
            let (accept, handle, requests) = (accept.clone(), handle.clone(), requests.clone());
            tokio::spawn(async move {
                if let Some(stream) = accept(stream).await {
                    handle(Peer { number, stream, requests }).await;
                }
            });
        }
    });
    server
}

/// Bounds small enough for a test to reach them.
pub(crate) fn small() -> Limits {
    Limits {
        body_bytes: 64 * 1024,
        head_bytes: 16 * 1024,
        connect: Duration::from_millis(1500),
        idle: Duration::from_millis(400),
        total: Duration::from_millis(2500),
    }
}

pub(crate) fn transport(limits: Limits) -> Transport {
    Transport::new(TransportOptions { limits, ..TransportOptions::default() }).unwrap()
}

pub(crate) fn get(url: Url) -> HttpRequest {
    HttpRequest::get(Endpoint::Discovery, url)
}

/// A refresh, which must never go out twice.
pub(crate) fn post(url: Url) -> HttpRequest {
    HttpRequest {
        endpoint: Endpoint::Token,
        method: Method::Post,
        url,
        authorization: None,
        form: Some(vec![
            ("grant_type".into(), FieldValue::Plain("refresh_token".into())),
            ("refresh_token".into(), FieldValue::Token(Secret::from("refresh-token-of-the-test"))),
        ]),
        accept: "application/json",
    }
}

/// Sends with a recorder of its own and checks what holds for every exchange.
pub(crate) async fn send(transport: &Transport, request: &HttpRequest) -> Result<HttpAnswer, Problem> {
    let recorder = Recorder::new();
    let result = transport.send(request, &recorder, &CancellationToken::new()).await;
    let exchanges = recorder.exchanges();
    assert_eq!(exchanges.len(), 1, "each exchange is recorded once");
    match &result {
        Ok(answer) => {
            assert_eq!(exchanges[0].status, Some(answer.status));
            assert!(exchanges[0].problem.is_none());
        }
        Err(problem) => {
            assert_eq!(problem.endpoint, Some(request.endpoint));
            assert!(!problem.explanation.is_empty() && !problem.remedy.is_empty());
            assert_eq!(exchanges[0].problem.as_ref().map(|p| p.kind), Some(problem.kind));
        }
    }
    result
}

/// Runs this test program again for one test alone, with other environment variables.
pub(crate) fn run_alone(test: &str, environment: &[(&str, &str)]) {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("LATCHKEY_TEST_ALONE", test);
    for name in [
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "https_proxy",
        "http_proxy",
        "all_proxy",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test {test} was not found");
}

pub(crate) fn is_alone(test: &str) -> bool {
    std::env::var("LATCHKEY_TEST_ALONE").is_ok_and(|alone| alone == test)
}
