//! A run can be stopped at any await: while the name is looked up, while connecting, before the head,
//! within the body.

use std::time::{Duration, Instant};

use latchkey_client::recorder::Recorder;
use latchkey_oidc::http::HttpRequest;
use latchkey_oidc::{Problem, ProblemKind};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::support::{Peer, get, post, serve, transport};

/// Sends and stops after 150 ms, which must end it at once.
async fn cancelled(request: &HttpRequest) -> (Problem, Recorder) {
    let (recorder, cancel) = (Recorder::new(), CancellationToken::new());
    let stopper = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        stopper.cancel();
    });
    let started = Instant::now();
    let problem = transport(Default::default()).send(request, &recorder, &cancel).await.unwrap_err();
    assert!((100..1000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(problem.kind, ProblemKind::Cancelled);
    assert_eq!(recorder.exchanges()[0].problem.as_ref().unwrap().kind, ProblemKind::Cancelled);
    (problem, recorder)
}

#[tokio::test]
async fn h16_cancelled_before_it_began_nothing_is_sent() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
    })
    .await;
    let (recorder, cancel) = (Recorder::new(), CancellationToken::new());
    cancel.cancel();
    let problem =
        transport(Default::default()).send(&post(server.url("/")), &recorder, &cancel).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Cancelled);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn h16_cancelled_during_the_tls_handshake_nothing_was_sent() {
    // Accepts, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap()).parse().unwrap();
    let (problem, recorder) = cancelled(&post(url)).await;
    assert!(!problem.explanation.contains("may have reached"), "{}", problem.explanation);
    assert_eq!(recorder.exchanges()[0].status, None);
}

#[tokio::test]
async fn h16_cancelled_before_the_head_a_post_may_have_arrived() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.wait_for_end().await;
    })
    .await;
    let (problem, _) = cancelled(&post(server.url("/token"))).await;
    assert!(problem.explanation.contains("may have reached the provider"), "{}", problem.explanation);
    let (problem, _) = cancelled(&get(server.url("/"))).await;
    assert!(!problem.explanation.contains("may have reached"), "{}", problem.explanation);
}

#[tokio::test]
async fn h16_cancelled_within_the_body_the_head_is_recorded_and_the_connection_closed() {
    let (closed, mut was_closed) = tokio::sync::mpsc::unbounded_channel();
    let server = serve(move |mut peer: Peer| {
        let closed = closed.clone();
        async move {
            peer.request().await;
            peer.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"access_token\":\"half-a-tok").await;
            peer.wait_for_end().await;
            let _ = closed.send(());
        }
    })
    .await;
    let (_, recorder) = cancelled(&get(server.url("/"))).await;
    let exchange = &recorder.exchanges()[0];
    assert_eq!(exchange.status, Some(200));
    let body = exchange.response_body.as_ref().unwrap();
    assert!(body.truncated && !body.text.contains("half-a-tok"), "{}", body.text);
    tokio::time::timeout(Duration::from_secs(2), was_closed.recv()).await.unwrap();
}
