//! Answers that go wrong on their way, each as asked.

use std::time::Duration;

use latchkey_simulator::Generation::V2;
use latchkey_simulator::{AnswerFault, ClientRole, Faults, JsonFault, MetadataFault, UserRole};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::{Got, World, http, world_with_faults};

fn discovery(fault: AnswerFault) -> Faults {
    Faults { discovery: Some(fault), ..Faults::default() }
}

async fn ask(world: &World) -> Got {
    world.get(&world.url(V2, "/.well-known/openid-configuration")).await
}

async fn discovered(fault: AnswerFault) -> Got {
    ask(&world_with_faults(discovery(fault)).await).await
}

/// What arrives on a socket of one's own within a time; and whether the connection ended.
async fn raw(world: &World, time: Duration, at_most: usize) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(("127.0.0.1", world.simulator.port())).await.unwrap();
    let request = "GET /oidc/2/.well-known/openid-configuration HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let reading = async {
        let mut buffer = [0; 4096];
        while bytes.len() < at_most {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return true,
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            }
        }
        false
    };
    let ended = timeout(time, reading).await.unwrap_or(false);
    (bytes, ended)
}

#[tokio::test]
async fn h_14_a_redirect() {
    let fault = AnswerFault::Redirect { status: 307, location: "http://127.0.0.1:1/".to_owned() };
    let answer = discovered(fault).await;
    assert_eq!((answer.status, answer.header("location")), (307, "http://127.0.0.1:1/"));
}

#[tokio::test]
async fn h_17_html_nothing_at_all_or_another_content_type() {
    let portal = discovered(AnswerFault::CaptivePortal).await;
    assert_eq!((portal.status, portal.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(portal.body.starts_with("<!doctype html>"));
    assert_eq!(discovered(AnswerFault::Empty).await.literal(), (200, ""));
    assert_eq!(discovered(AnswerFault::NoContent).await.literal(), (204, ""));
    let typed = discovered(AnswerFault::ContentType("text/plain; charset=utf-16".to_owned())).await;
    assert_eq!(typed.header("content-type"), "text/plain; charset=utf-16");
}

#[tokio::test]
async fn h_17_h_18_another_answer_altogether() {
    let fault = AnswerFault::Replace {
        status: 503,
        content_type: Some("text/plain".to_owned()),
        headers: vec![("retry-after".to_owned(), "30".to_owned())],
        body: "busy".to_owned(),
    };
    let answer = discovered(fault).await;
    assert_eq!(answer.literal(), (503, "busy"));
    assert_eq!(answer.header("retry-after"), "30");
    assert_eq!(answer.header("content-type"), "text/plain");
    let answer = discovered(AnswerFault::Status(500)).await;
    assert_eq!(answer.status, 500);
    assert!(answer.json()["issuer"].is_string());
    let answer = discovered(AnswerFault::Headers(vec![("set-cookie".to_owned(), "a=b".to_owned())])).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (200, "a=b"));
}

#[tokio::test]
async fn h_08_json_that_must_be_refused() {
    for (fault, part) in [
        (JsonFault::ByteOrderMark, "\u{feff}{"),
        (JsonFault::NotANumber, r#""fault":NaN}"#),
        (JsonFault::LoneSurrogate, r#""fault":"\ud800"}"#),
        (JsonFault::TrailingBytes, "} trailing"),
        (JsonFault::NotAnObject, "[{"),
        (JsonFault::Deep(100), "]]]]}"),
        (JsonFault::DuplicateMember, r#","acr_values_supported":"another"}"#),
    ] {
        let answer = discovered(AnswerFault::Json(fault)).await;
        let bytes = answer.body.as_bytes();
        assert!(bytes.windows(part.len()).any(|window| window == part.as_bytes()), "{fault:?}");
    }
    // reqwest's text() replaces what is not UTF-8.
    assert!(discovered(AnswerFault::Json(JsonFault::NotUtf8)).await.body.contains('\u{fffd}'));
}

#[tokio::test]
async fn h_16_a_body_that_is_too_large() {
    let answer = discovered(AnswerFault::Oversized { bytes: 2_000_000 }).await;
    assert_eq!(answer.body.len(), 2_000_000);
    assert!(answer.json()["issuer"].is_string());
}

#[tokio::test]
async fn h_16_a_gzip_bomb_is_a_valid_document_after_all() {
    let world = world_with_faults(discovery(AnswerFault::GzipBomb { bytes: 4_000_000 })).await;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
    let url = world.url(V2, "/.well-known/openid-configuration");
    let compressed = plain.get(&url).send().await.unwrap().bytes().await.unwrap();
    assert!(compressed.len() < 40_000, "{}", compressed.len());
    let answer = ask(&world).await;
    assert!((3_999_000..=4_000_000).contains(&answer.body.len()), "{}", answer.body.len());
    assert_eq!(answer.json()["issuer"], world.simulator.issuer(V2));
}

#[tokio::test]
async fn h_16_chunks_without_end() {
    let world = world_with_faults(discovery(AnswerFault::EndlessBody)).await;
    let (bytes, ended) = raw(&world, Duration::from_secs(10), 3_000_000).await;
    assert!(bytes.len() >= 3_000_000 && !ended);
    let head = String::from_utf8_lossy(&bytes[..400]).into_owned();
    assert!(head.starts_with("HTTP/1.1 200\r\n") && head.contains("transfer-encoding: chunked"), "{head}");
}

#[tokio::test]
async fn h_16_headers_without_end() {
    let world = world_with_faults(discovery(AnswerFault::EndlessHeaders)).await;
    let (bytes, ended) = raw(&world, Duration::from_secs(10), 1_000_000).await;
    assert!(bytes.len() >= 1_000_000 && !ended);
    assert!(!bytes.windows(4).any(|window| window == b"\r\n\r\n"));
    assert!(http().get(world.url(V2, "/.well-known/openid-configuration")).send().await.is_err());
}

#[tokio::test]
async fn h_16_one_byte_at_a_time() {
    let interval = Duration::from_millis(20);
    let world = world_with_faults(discovery(AnswerFault::SlowBody { interval })).await;
    let (bytes, _) = raw(&world, interval * 25, usize::MAX).await;
    let text = String::from_utf8(bytes).unwrap();
    let (_, body) = text.split_once("\r\n\r\n").expect("the headers come at once");
    assert!((1..=26).contains(&body.len()), "{body}");
    world.simulator.set_faults(discovery(AnswerFault::SlowHeaders { interval }));
    let (bytes, ended) = raw(&world, interval * 25, usize::MAX).await;
    assert!((1..=26).contains(&bytes.len()) && !ended, "{}", bytes.len());
}

#[tokio::test]
async fn h_16_no_answer_ever() {
    let world = world_with_faults(discovery(AnswerFault::Silence)).await;
    let (bytes, ended) = raw(&world, Duration::from_millis(200), 1).await;
    assert!(bytes.is_empty() && !ended);
    assert_eq!(world.simulator.requests().discovery, 1);
    world.simulator.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_late() {
    let delay = Duration::from_millis(100);
    let world = world_with_faults(discovery(AnswerFault::Delay(delay))).await;
    let start = std::time::Instant::now();
    assert_eq!(ask(&world).await.status, 200);
    assert!(start.elapsed() >= delay);
}

#[tokio::test]
async fn a_body_that_stops_in_the_middle() {
    let world = world_with_faults(discovery(AnswerFault::Truncate { after: 10 })).await;
    let (bytes, ended) = raw(&world, Duration::from_secs(5), usize::MAX).await;
    assert!(ended);
    assert!(String::from_utf8(bytes).unwrap().ends_with("\r\n\r\n{\"acr_valu"));
    let response = http().get(world.url(V2, "/.well-known/openid-configuration")).send().await.unwrap();
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn h_19_the_connection_is_lost_after_a_refresh_was_carried_out() {
    let world = world_with_faults(Faults::default()).await;
    let json = world.password(V2, ClientRole::Public, UserRole::Sally, "openid offline_access").await.json();
    let token = json["refresh_token"].as_str().unwrap();
    world.simulator.set_faults(Faults { token: Some(AnswerFault::Drop), ..Faults::default() });
    let client = world.client(ClientRole::Public);
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", &client.client_id)];
    let lost = world.http.post(world.url(V2, "/token")).form(&form).send().await;
    assert!(lost.is_err());
    assert_eq!(world.simulator.requests().token, 2);
    world.simulator.set_faults(Faults::default());
    assert_eq!(world.refresh(V2, ClientRole::Public, token).await.status, 400, "it was used up");
}

#[tokio::test]
async fn h_26_what_was_sent_is_echoed() {
    let world = world_with_faults(Faults { token: Some(AnswerFault::Echo), ..Faults::default() }).await;
    let answer = world.password(V2, ClientRole::Basic, UserRole::Sally, "openid").await;
    assert_eq!(answer.status, 400);
    let description = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(description.contains("password=demo-sally") && description.contains("Basic "), "{description}");
    assert!(answer.header("x-debug").contains("password=demo-sally"));
}

#[tokio::test]
async fn metadata_that_says_something_else() {
    let metadata = |fault| Faults { metadata: Some(fault), ..Faults::default() };
    let world = world_with_faults(metadata(MetadataFault::Issuer("https://evil.example".to_owned()))).await;
    assert_eq!(ask(&world).await.json()["issuer"], "https://evil.example");
    let elsewhere = "http://10.0.0.1/token";
    world.simulator.set_faults(metadata(MetadataFault::Set("token_endpoint".to_owned(), json!(elsewhere))));
    assert_eq!(ask(&world).await.json()["token_endpoint"], elsewhere);
    world.simulator.set_faults(metadata(MetadataFault::Remove("jwks_uri".to_owned())));
    assert_eq!(ask(&world).await.json().get("jwks_uri"), None::<&Value>);
    world.simulator.set_faults(metadata(MetadataFault::Padding(900_000)));
    let size = ask(&world).await.body.len();
    assert!((900_000..1_048_576).contains(&size), "h_27: {size}");
}
