//! H-14, H-16, H-18 and what is passed through whatever it means.

use std::io::Write as _;
use std::time::{Duration, Instant};

use latchkey_client::recorder::Recorder;
use latchkey_client::transport::Limits;
use latchkey_oidc::ProblemKind;
use latchkey_oidc::http::Endpoint;
use tokio_util::sync::CancellationToken;

use crate::support::{Peer, get, post, send, serve, small, transport};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn h14_redirects_are_shown_and_not_followed() {
    let target = serve(|mut peer: Peer| async move {
        peer.request().await;
    })
    .await;
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let location = target.url("/elsewhere?code=secret-code-123");
        let server = serve(move |mut peer: Peer| {
            let location = location.clone();
            async move {
                while peer.request().await.is_some() {
                    peer.answer(status, &format!("location: {location}\r\n"), "moved").await;
                }
            }
        })
        .await;
        let transport = transport(small());
        for request in [get(server.url("/")), post(server.url("/token"))] {
            let recorder = Recorder::new();
            let problem = transport.send(&request, &recorder, &CancellationToken::new()).await.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Redirect, "{status}");
            assert_eq!(problem.http_status, status[..3].parse().ok());
            let shown = problem.description.clone().unwrap();
            assert!(shown.contains("/elsewhere?code=[code sha256:"), "{shown}");
            assert!(!format!("{problem:?}").contains("secret-code-123"));
            let exchange = &recorder.exchanges()[0];
            assert_eq!(exchange.status, status[..3].parse().ok());
            assert_eq!(exchange.response_body.as_ref().unwrap().text, "moved");
            let recorded = exchange.response_headers.iter().find(|h| h.name == "location").unwrap();
            assert!(recorded.value.contains("/elsewhere"));
        }
        assert_eq!(server.requests().len(), 2);
    }
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn h14_a_3xx_without_a_location_is_an_answer() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.answer("304 Not Modified", "", "").await;
    })
    .await;
    assert_eq!(send(&transport(small()), &get(server.url("/"))).await.unwrap().status, 304);
}

#[tokio::test]
async fn h16_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let server = serve(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            let more = usize::from(request.starts_with("GET /more"));
            peer.answer("200 OK", "", vec![b'x'; MIB + more]).await;
        }
    })
    .await;
    let transport = transport(Limits::default());
    let answer = send(&transport, &get(server.url("/exact"))).await.unwrap();
    assert_eq!(answer.body.len(), MIB);
    let problem = send(&transport, &get(server.url("/more"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
    assert!(problem.explanation.contains("1024 kB"), "{}", problem.explanation);
}

fn gzipped(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..bytes / MIB {
        encoder.write_all(&[b'0'; MIB]).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn h16_gzip_bomb_is_cut_at_the_limit_after_decompression() {
    let bomb = gzipped(256 * MIB);
    assert!(bomb.len() < MIB, "{} bytes must pass a limit on the wire", bomb.len());
    let server = serve(move |mut peer: Peer| {
        let bomb = bomb.clone();
        async move {
            peer.request().await;
            peer.answer("200 OK", "content-encoding: gzip\r\n", bomb).await;
        }
    })
    .await;
    let started = Instant::now();
    let problem = send(&transport(Limits::default()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn h16_a_gzip_body_within_the_limit_is_taken_decompressed() {
    let server = serve(|mut peer: Peer| async move {
        let request = peer.request().await.unwrap();
        assert!(request.to_ascii_lowercase().contains("accept-encoding: gzip"), "{request}");
        peer.answer("200 OK", "content-encoding: gzip\r\n", gzipped(MIB)).await;
    })
    .await;
    let answer = send(&transport(Limits::default()), &get(server.url("/"))).await.unwrap();
    assert_eq!(answer.body.len(), MIB);
    assert!(answer.body.iter().all(|byte| *byte == b'0'));
}

#[tokio::test]
async fn h16_a_damaged_gzip_body_is_malformed() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.answer("200 OK", "content-encoding: gzip\r\n", "this is not gzip at all").await;
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Malformed);
}

#[tokio::test]
async fn h16_endless_chunks_are_cut_at_the_limit() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while peer.write(format!("400\r\n{}\r\n", "x".repeat(1024))).await {}
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn h16_one_byte_at_a_time_ends_at_the_total_deadline() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while peer.write("1\r\nx\r\n").await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    let limits = Limits { total: Duration::from_millis(900), ..small() };
    let started = Instant::now();
    let problem = send(&transport(limits), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert!(problem.explanation.contains("0.9 s"), "{}", problem.explanation);
    assert!((900..2000).contains(&started.elapsed().as_millis()));
}

#[tokio::test]
async fn h16_silence_within_a_body_ends_at_the_idle_deadline() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome").await;
        peer.wait_for_end().await;
    })
    .await;
    let started = Instant::now();
    let recorder = Recorder::new();
    let problem = transport(small())
        .send(&get(server.url("/")), &recorder, &CancellationToken::new())
        .await
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert_eq!(problem.http_status, Some(200));
    assert!((400..1500).contains(&started.elapsed().as_millis()));
    let body = recorder.exchanges()[0].response_body.clone().unwrap();
    assert_eq!((body.text.as_str(), body.truncated), ("some", true));
}

#[tokio::test]
async fn h16_silence_before_the_head_ends_at_the_idle_deadline() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.wait_for_end().await;
    })
    .await;
    let started = Instant::now();
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert!(problem.explanation.contains(&server.address.to_string()), "{}", problem.explanation);
    assert!((400..1500).contains(&started.elapsed().as_millis()));
}

#[tokio::test]
async fn h16_endless_headers_are_cut() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\n").await;
        let mut number = 0;
        while peer.write(format!("x-{number}: {}\r\n", "y".repeat(1000))).await {
            number += 1;
        }
    })
    .await;
    let problem = send(&transport(Limits::default()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn h16_one_endless_header_is_cut() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\nx: ").await;
        while peer.write([b'y'; 4096]).await {}
    })
    .await;
    let problem = send(&transport(Limits::default()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn h16_headers_a_byte_at_a_time_end_at_the_idle_deadline() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("HTTP/1.1 200 OK\r\nx: ").await;
        while peer.write("y").await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let started = Instant::now();
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert!((400..1500).contains(&started.elapsed().as_millis()));
}

#[tokio::test]
async fn h16_more_headers_than_the_limit_are_refused_although_complete() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.answer("200 OK", &format!("x: {}\r\n", "y".repeat(17 * 1024)), "{}").await;
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn h16_interim_answers_without_end_end_at_a_deadline() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        while peer.write("HTTP/1.1 103 Early Hints\r\n\r\n").await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
}

#[tokio::test]
async fn h17_any_status_and_body_is_passed_on_as_it_came() {
    let server = serve(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            match request.split(' ').nth(1).unwrap() {
                "/html" => peer.answer("500 Oh No", "content-type: text/html\r\n", "<h1>no</h1>").await,
                "/binary" => peer.answer("200 OK", "x-latin: \u{e4}\r\n", [0, 159, 146, 150]).await,
                _ => peer.write("HTTP/1.1 204 No Content\r\n\r\n").await,
            };
        }
    })
    .await;
    let transport = transport(small());
    let html = send(&transport, &get(server.url("/html"))).await.unwrap();
    assert_eq!(
        (html.status, html.media_type().as_str(), &*html.body),
        (500, "text/html", &b"<h1>no</h1>"[..])
    );
    let binary = send(&transport, &get(server.url("/binary"))).await.unwrap();
    assert_eq!(binary.body, [0, 159, 146, 150]);
    assert_eq!(binary.header("x-latin"), Some("\u{c3}\u{a4}"), "bytes read as latin-1");
    assert!((1_700_000_000..).contains(&binary.received_at));
    let empty = send(&transport, &get(server.url("/empty"))).await.unwrap();
    assert_eq!((empty.status, empty.body.len()), (204, 0));
}

#[tokio::test]
async fn h17_what_is_not_http_is_malformed() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.write("SSH-2.0-OpenSSH_9.2\r\n").await;
    })
    .await;
    let problem = send(&transport(small()), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Malformed);
}

#[tokio::test]
async fn h18_rate_limits_are_answers_and_are_not_repeated() {
    let server = serve(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            let status =
                if request.contains("/429") { "429 Too Many Requests" } else { "503 Service Unavailable" };
            peer.answer(status, "retry-after: 7\r\n", "slow down").await;
        }
    })
    .await;
    let transport = transport(small());
    for status in [429, 503] {
        let answer = send(&transport, &post(server.url(&format!("/{status}")))).await.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn two_requests_share_one_connection() {
    let server = serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json("{}").await;
        }
    })
    .await;
    let transport = transport(small());
    let clone = transport.clone();
    send(&transport, &post(server.url("/token"))).await.unwrap();
    send(&clone, &get(server.url("/userinfo"))).await.unwrap();
    assert_eq!((server.requests().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn no_cookie_is_kept_and_the_request_is_what_was_recorded() {
    let server = serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.answer("200 OK", "set-cookie: session=abc; Path=/\r\n", "{}").await;
        }
    })
    .await;
    let transport = transport(small());
    let recorder = Recorder::new();
    for _ in 0..2 {
        transport.send(&post(server.url("/token")), &recorder, &CancellationToken::new()).await.unwrap();
    }
    for (request, exchange) in server.requests().iter().zip(recorder.exchanges()) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "grant_type=refresh_token&refresh_token=refresh-token-of-the-test");
        // Its value would tell the length of a password.
        let sent = head
            .lines()
            .skip(1)
            .map(str::to_ascii_lowercase)
            .filter(|line| !line.starts_with("content-length:"));
        let mut sent: Vec<String> = sent.collect();
        let mut recorded: Vec<String> = exchange
            .request_headers
            .iter()
            .map(|h| format!("{}: {}", h.name, h.value).to_ascii_lowercase())
            .collect();
        sent.sort();
        recorded.sort();
        assert_eq!(recorded, sent);
        assert_eq!(exchange.name, Endpoint::Token);
    }
}
