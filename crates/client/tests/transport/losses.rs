//! H-19: a connection that breaks once a POST may have arrived, and one that broke before.

use std::time::Duration;

use latchkey_oidc::ProblemKind;

use crate::support::{Peer, get, post, send, serve, small, transport};

#[tokio::test]
async fn h19_a_connection_dropped_after_a_post_leaves_the_outcome_unknown_and_nothing_is_repeated() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
    })
    .await;
    let problem = send(&transport(small()), &post(server.url("/token"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::OutcomeUnknown);
    assert!(problem.explanation.contains("not sent again"), "{}", problem.explanation);
    assert!(problem.remedy.contains("refresh"), "{}", problem.remedy);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((server.requests().len(), server.connections()), (1, 1));
}

#[tokio::test]
async fn h19_a_connection_dropped_within_the_answer_to_a_post_leaves_the_outcome_unknown() {
    for beginning in ["HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"access_to"] {
        let server = serve(move |mut peer: Peer| async move {
            peer.request().await;
            peer.write(beginning).await;
        })
        .await;
        let problem = send(&transport(small()), &post(server.url("/token"))).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::OutcomeUnknown, "{beginning}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn h19_a_dropped_get_has_failed_and_that_is_all() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::ConnectionFailed);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn h19_a_post_without_an_answer_in_time_says_that_it_may_have_arrived() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.wait_for_end().await;
    })
    .await;
    let problem = send(&transport(small()), &post(server.url("/token"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert!(problem.explanation.contains("may have reached the provider"), "{}", problem.explanation);
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert!(!problem.explanation.contains("may have reached"), "{}", problem.explanation);
}

/// The server closes the kept connection the moment the second POST arrives on it, as it does when
/// its own keep-alive time runs out while the request is on the wire.
#[tokio::test]
async fn h19_a_kept_connection_that_closes_under_a_post_does_not_repeat_it() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.json("{}").await;
        peer.request().await;
    })
    .await;
    let transport = transport(small());
    send(&transport, &post(server.url("/first"))).await.unwrap();
    let problem = send(&transport, &post(server.url("/second"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::OutcomeUnknown);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|r| r.starts_with("POST /second")).count(), 1);
    assert_eq!((requests.len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn h19_a_kept_connection_that_closed_meanwhile_is_replaced_without_a_word() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.json("{}").await;
    })
    .await;
    let transport = transport(small());
    for number in 1..=5 {
        send(&transport, &post(server.url("/token"))).await.unwrap();
        // The close arrives; the pool sees it when it next looks.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!((server.requests().len(), server.connections()), (number, number));
    }
}

/// Without a pause the close may cross the next request. Each POST must arrive once at most, and where
/// it is not answered the problem must not claim that nothing was sent.
#[tokio::test]
async fn h19_posts_against_a_server_that_closes_after_each_answer_never_arrive_twice() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.json("{}").await;
    })
    .await;
    let transport = transport(small());
    for number in 0..200 {
        let path = format!("/post/{number}/");
        let result = send(&transport, &post(server.url(&path))).await;
        if let Err(problem) = result {
            assert_eq!(problem.kind, ProblemKind::OutcomeUnknown);
        }
        let arrived = server.requests().iter().filter(|r| r.contains(&path)).count();
        assert!(arrived <= 1, "{path} arrived {arrived} times");
    }
}
