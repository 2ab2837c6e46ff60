//! What a recorded body shows: all that came, but for secrets, and nothing that acts.

use latchkey_client::exchange::Exchange;
use latchkey_client::recorder::Recorder;
use latchkey_client::transport::Limits;
use latchkey_oidc::Secret;
use tokio_util::sync::CancellationToken;

use crate::support::{Peer, get, serve, transport};

/// The exchange that answers with that body.
async fn exchange_of(body: impl Into<Vec<u8>>) -> Exchange {
    let body = body.into();
    let server = serve(move |mut peer: Peer| {
        let body = body.clone();
        async move {
            peer.request().await;
            peer.answer("200 OK", "", body).await;
        }
    })
    .await;
    let recorder = Recorder::new();
    transport(Limits::default())
        .send(&get(server.url("/")), &recorder, &CancellationToken::new())
        .await
        .unwrap();
    recorder.get(0).unwrap()
}

async fn shown(body: impl Into<Vec<u8>>) -> String {
    exchange_of(body).await.response_body.unwrap().text
}

#[tokio::test]
async fn json_is_pretty_printed_as_it_came() {
    let text = shown(r#"{"a":[],"b":{},"c":[1,{"d":null}],"e":1.50e3,"e":"twice","f":"\u00e4\/"}"#).await;
    let expected = r#"{
  "a": [],
  "b": {},
  "c": [
    1,
    {
      "d": null
    }
  ],
  "e": 1.50e3,
  "e": "twice",
  "f": "\u00e4\/"
}"#;
    assert_eq!(text, expected, "order, duplicates, numbers and escapes are the provider's");
}

#[tokio::test]
async fn secret_members_are_taken_out_whatever_they_hold_and_however_they_are_written() {
    let bodies = [
        r#"{"access_token":"VALUE-of-it"}"#,
        r#"{"ACCESS_TOKEN":"VALUE-of-it"}"#,
        r#"{"accessToken" : "VALUE-of-it"}"#,
        r#"{"access\u005ftoken":"VALUE-of-it"}"#,
        r#"{"access_token":{"is":["VALUE-of-it"]},"after":1}"#,
        r#"{"access_token":["VALUE-of-it",{"x":"VALUE"}],"after":1}"#,
        r#"{"a":[{"b":{"refreshToken":"VALUE-of-it"}}]}"#,
        r#"{"access_token":"VALUE-of-it","access_token":"VALUE-again"}"#,
        r#"{"access_token":"VALUE-of-i"#,
        r#"{"access_token":"VALUE-of-it","unfinished":"#,
        r#"{"access_token":["VALUE-of-it"#,
        r#"{"registration_access_token":"VALUE-of-it","client_secret":"VALUE-of-it","password":"VALUE-of-it"}"#,
        r#"{"code":"VALUE-of-it","code_verifier":"VALUE-of-it","id_token":"VALUE-of-it"}"#,
        r#"{"error_description":"see https://x/?access_token=VALUE-of-it&code=VALUE#id_token=VALUE"}"#,
        "<a href='https://x/cb#access_token=VALUE-of-it&state=1'>go</a>",
        "access_token=VALUE-of-it&token_type=Bearer",
        "<script>var r = {\"access_token\": \"VALUE-of-it\"};</script>",
        "redirect=https%3A%2F%2Fx%2Fcb%3Fstate%3D1%26code%3DVALUE-of-it%26x%3D1",
    ];
    for body in bodies {
        let exchange = exchange_of(body).await;
        let text = serde_json::to_string(&exchange).unwrap();
        assert!(!text.contains("VALUE"), "{body}\n{text}");
        assert!(!exchange.redactions.is_empty(), "{body}");
    }
    let text = shown(r#"{"access_token":{"is":["VALUE"]},"after":1}"#).await;
    assert!(text.ends_with("\",\n  \"after\": 1\n}"), "{text}");
}

#[tokio::test]
async fn harmless_members_of_the_same_names_are_kept() {
    let body = r#"{
  "code": "invalid_grant",
  "error": {
    "code": 401
  },
  "access_token": null,
  "refresh_token": "",
  "token_type": "Bearer",
  "token_endpoint": "https://acme.onelogin.com/oidc/2/token",
  "code_challenge_methods_supported": [
    "S256"
  ]
}"#;
    assert_eq!(shown(body).await, body);
}

#[tokio::test]
async fn h21_nothing_hidden_stays_hidden() {
    let text = shown("{\"name\": \"a\u{202e}b\u{200b}<script>\"}").await;
    assert_eq!(text, "{\n  \"name\": \"a\\u{202e}b\\u{200b}<script>\"\n}");
    // A raw control character is no JSON.
    assert_eq!(shown("{\"name\": \"\u{1b}[31m\"}").await, "{\"name\": \"\\u{1b}[31m\"}");
}

#[tokio::test]
async fn userinfo_as_a_jwt_is_a_placeholder_and_its_size() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ6b2UiLCJlbWFpbCI6InpvZUBleGFtcGxlLmNvbSJ9.c2lnbmF0dXJl";
    let body = exchange_of(jwt).await.response_body.unwrap();
    assert_eq!(body.text, format!("[JWT {}]", Secret::from(jwt).fingerprint()));
    assert_eq!((body.bytes, body.json, body.truncated), (jwt.len() as u64, false, false));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_far_as_they_are() {
    let body = exchange_of([b'o', b'k', 0xff, 0x00, b'!']).await.response_body.unwrap();
    assert_eq!((body.text.as_str(), body.json), ("ok\u{fffd}\\u{0}!", false));
}

#[tokio::test]
async fn a_long_body_is_cut_at_256_kib_and_says_so() {
    for body in [
        "x".repeat(600_000),
        format!("[\"{}\"]", "é".repeat(300_000)),
        format!("[{}1]", "1,".repeat(300_000)),
    ] {
        let length = body.len() as u64;
        let body = exchange_of(body).await.response_body.unwrap();
        assert!(body.truncated && body.text.len() <= 256 * 1024, "{}", body.text.len());
        assert_eq!(body.bytes, length);
    }
}

#[tokio::test]
async fn h08_deep_json_is_shown_as_it_came_instead_of_growing_without_bound() {
    let body = exchange_of("[".repeat(500_000)).await.response_body.unwrap();
    assert!(!body.json && body.text.len() <= 256 * 1024);
    let deep = format!("{}{}{}", "[".repeat(100), "1,".repeat(300_000) + "1", "]".repeat(100));
    let body = exchange_of(deep).await.response_body.unwrap();
    assert!(body.json && body.truncated && body.text.len() <= 256 * 1024);
}

#[tokio::test]
async fn an_empty_body_is_none() {
    assert!(exchange_of("").await.response_body.is_none());
}

#[tokio::test]
async fn cookies_and_token_headers_are_taken_out() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        let headers = "set-cookie: sid=COOKIE-1; Path=/; HttpOnly\r\nset-cookie: COOKIE-2\r\nx-auth-token: TOKEN-3\r\n\
                       location: /x?code=CODE-4&ok=1#access_token=TOKEN-5\r\nlink: <https://x/?id_token=TOKEN-6>; rel=next\r\n\
                       authorization: Bearer TOKEN-7\r\n";
        peer.answer("200 OK", headers, "{}").await;
    })
    .await;
    let recorder = Recorder::new();
    transport(Limits::default())
        .send(&get(server.url("/")), &recorder, &CancellationToken::new())
        .await
        .unwrap();
    let exchange = &recorder.exchanges()[0];
    let text = serde_json::to_string(exchange).unwrap();
    for secret in ["COOKIE-1", "COOKIE-2", "TOKEN-3", "CODE-4", "TOKEN-5", "TOKEN-6", "TOKEN-7"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let header = |name: &str| &exchange.response_headers.iter().find(|h| h.name == name).unwrap().value;
    assert_eq!(header("set-cookie"), "sid=[cookie]; Path=/; HttpOnly");
    assert!(
        header("location").contains("&ok=1#access_token=[access_token sha256:"),
        "{}",
        header("location")
    );
}
