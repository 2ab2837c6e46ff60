//! The same bounds and promises over HTTP/2, which providers offer by ALPN.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use latchkey_client::recorder::Recorder;
use latchkey_oidc::ProblemKind;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::{get, post, send};
use crate::tls::{Authority, trusting};

/// What a request gets by its path.
async fn answer(request: http::Request<RecvStream>, mut respond: SendResponse<bytes::Bytes>) {
    let head = |status: u16| http::Response::builder().status(status).body(()).unwrap();
    match request.uri().path() {
        "/refused" => respond.send_reset(Reason::REFUSED_STREAM),
        "/reset" => respond.send_reset(Reason::INTERNAL_ERROR),
        "/half" => {
            let mut stream = respond.send_response(head(200), false).unwrap();
            stream.send_data("half".into(), false).unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            stream.send_reset(Reason::INTERNAL_ERROR);
        }
        "/endless" => {
            let mut stream = respond.send_response(head(200), false).unwrap();
            while stream.send_data(vec![b'x'; 1024].into(), false).is_ok() {
                tokio::task::yield_now().await;
            }
        }
        "/silent" => std::future::pending().await,
        _ => {
            let mut stream = respond.send_response(head(200), false).unwrap();
            stream.send_data("{}".into(), true).unwrap();
        }
    }
}

struct Http2 {
    authority: Authority,
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Http2 {
    async fn start() -> Self {
        let authority = Authority::new();
        let mut config = authority.config(&["127.0.0.1"]);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            authority,
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (acceptor, requests) = (acceptor.clone(), requests.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        requests.fetch_add(1, Ordering::SeqCst);
                        tokio::spawn(answer(request, respond));
                    }
                });
            }
        });
        server
    }

    fn url(&self, path: &str) -> Url {
        format!("https://127.0.0.1:{}{path}", self.port).parse().unwrap()
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn two_requests_at_once_share_one_connection_of_http2() {
    let server = Http2::start().await;
    let (transport, recorder, cancel) =
        (trusting(server.authority.file()).unwrap(), Recorder::new(), CancellationToken::new());
    let requests = [post(server.url("/token")), get(server.url("/certs"))];
    transport.send(&requests[0], &recorder, &cancel).await.unwrap();
    let (one, two) = tokio::join!(
        transport.send(&requests[0], &recorder, &cancel),
        transport.send(&requests[1], &recorder, &cancel)
    );
    assert_eq!((one.unwrap().body, two.unwrap().body), (b"{}".to_vec(), b"{}".to_vec()));
    assert_eq!(server.counts(), (1, 3));
    assert_eq!(recorder.get(0).unwrap().version.as_deref(), Some("HTTP/2.0"));
}

#[tokio::test]
async fn h19_a_post_is_not_repeated_over_http2_even_where_the_server_would_allow_it() {
    for path in ["/refused", "/reset", "/half"] {
        let server = Http2::start().await;
        let transport = trusting(server.authority.file()).unwrap();
        let problem = send(&transport, &post(server.url(path))).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::OutcomeUnknown, "{path}");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(server.counts(), (1, 1), "{path}");
    }
}

#[tokio::test]
async fn h16_the_bounds_hold_over_http2() {
    let server = Http2::start().await;
    let transport = trusting(server.authority.file()).unwrap();
    for (path, kind) in [("/endless", ProblemKind::TooLarge), ("/silent", ProblemKind::TimedOut)] {
        assert_eq!(send(&transport, &get(server.url(path))).await.unwrap_err().kind, kind);
    }
    // One stream's failure leaves the connection to the others.
    assert_eq!(send(&transport, &get(server.url("/"))).await.unwrap().status, 200);
    assert_eq!(server.counts().0, 1);
}
