//! How many exchanges are kept, and how they are found again.

use latchkey_client::recorder::Recorder;
use latchkey_client::transport::Limits;
use latchkey_oidc::http::Endpoint;
use tokio_util::sync::CancellationToken;

use crate::support::{Peer, Server, get, serve, transport};

async fn answering(bytes: usize) -> Server {
    serve(move |mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.answer("200 OK", "", vec![b'x'; bytes]).await;
        }
    })
    .await
}

#[tokio::test]
async fn the_newest_500_are_kept_with_ascending_ids() {
    let server = answering(1).await;
    let (transport, recorder) = (transport(Limits::default()), Recorder::new());
    for _ in 0..503 {
        transport.send(&get(server.url("/")), &recorder, &CancellationToken::new()).await.unwrap();
    }
    let ids: Vec<u64> = recorder.exchanges().iter().map(|e| e.id).collect();
    assert_eq!(ids, (3..503).collect::<Vec<u64>>());
    assert_eq!(recorder.len(), 500);
    assert!(recorder.get(2).is_none() && recorder.get(3).is_some());
}

#[tokio::test]
async fn at_most_32_mib_of_text_are_kept() {
    let server = answering(256 * 1024).await;
    let (transport, recorder) = (transport(Limits::default()), Recorder::new());
    for _ in 0..140 {
        transport.send(&get(server.url("/")), &recorder, &CancellationToken::new()).await.unwrap();
    }
    let kept: usize = recorder.exchanges().iter().map(|e| e.response_body.as_ref().unwrap().text.len()).sum();
    assert!((30 * 1024 * 1024..=32 * 1024 * 1024).contains(&kept), "{kept}");
    assert_eq!(recorder.exchanges().last().unwrap().id, 139);
}

#[tokio::test]
async fn a_run_finds_its_own_exchanges_and_ids_go_on_after_clearing() {
    let server = answering(1).await;
    let (transport, recorder) = (transport(Limits::default()), Recorder::new());
    let send = async |path: &str| {
        transport.send(&get(server.url(path)), &recorder.clone(), &CancellationToken::new()).await.unwrap();
    };
    send("/before").await;
    let mark = recorder.mark();
    send("/first").await;
    send("/second").await;
    let summaries = recorder.summaries_since(mark);
    assert_eq!(summaries.len(), 2);
    assert!(summaries[0].url.ends_with("/first") && summaries[1].url.ends_with("/second"));
    assert_eq!((summaries[0].name, summaries[0].status), (Endpoint::Discovery, Some(200)));
    let exchange = recorder.get(mark).unwrap();
    assert!(exchange.first_byte_us.unwrap() <= exchange.duration_us);
    assert!((summaries[0].ms - exchange.duration_us as f64 / 1000.0).abs() < 0.051);
    recorder.clear();
    assert!(recorder.is_empty());
    send("/after").await;
    assert_eq!(recorder.exchanges()[0].id, 3);
}
