//! H-26: canaries for every secret, echoed by a hostile provider in every form it might think of.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use latchkey_client::recorder::Recorder;
use latchkey_oidc::http::{Authorization, Endpoint, FieldValue, HttpRequest, Method, form_encode};
use latchkey_oidc::{Check, Finding, Problem, Secret, Status};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::support::{Peer, get, serve, small, transport};

const PASSWORD: &str = "pass CANARY+1/ü\"<&'%=?;\\#{}~*\u{e4}日";
const SECRET: &str = "sec-CANARY/2+&=%\"x";
const REFRESH: &str = "refresh.CANARY-3_token+/=";
const ACCESS: &str = "access.CANARY-4_token+/=";
const ID_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDQU5BUlktNSJ9.c2lnbmF0dXJlLUNBTkFSWS01";
const CODE: &str = "code-CANARY-6-value";
const VERIFIER: &str = "verifier-CANARY-7-0123456789012345678901234567890123456789";
const ALL: [&str; 7] = [PASSWORD, SECRET, REFRESH, ACCESS, ID_TOKEN, CODE, VERIFIER];

fn login(url: Url, basic: bool) -> HttpRequest {
    let credential = |value: &str| FieldValue::Credential(Secret::from(value));
    let token = |value: &str| FieldValue::Token(Secret::from(value));
    let mut form: Vec<(String, FieldValue)> = vec![
        ("grant_type".into(), FieldValue::Plain("password".into())),
        ("username".into(), FieldValue::Plain("zoe@example.com".into())),
        ("password".into(), credential(PASSWORD)),
        ("refresh_token".into(), token(REFRESH)),
        ("code".into(), token(CODE)),
        ("code_verifier".into(), credential(VERIFIER)),
        ("token".into(), token(ACCESS)),
        ("id_token_hint".into(), token(ID_TOKEN)),
    ];
    if !basic {
        form.push(("client_secret".into(), credential(SECRET)));
    }
    HttpRequest {
        endpoint: Endpoint::Token,
        method: Method::Post,
        url,
        authorization: basic.then(|| Authorization::Basic {
            client_id: "the client".into(),
            client_secret: Secret::from(SECRET),
        }),
        form: Some(form),
        accept: "application/json",
    }
}

/// Every form of a value, each with its name.
fn forms(value: &str) -> Vec<(String, String)> {
    let mut forms: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, form: String| forms.push((name.to_owned(), form));
    let upper = |bytes: &[u8]| bytes.iter().map(|b| format!("%{b:02X}")).collect::<String>();
    let lower = |bytes: &[u8]| bytes.iter().map(|b| format!("%{b:02x}")).collect::<String>();
    add("raw", value.to_owned());
    add("form-encoded", form_encode(value));
    let mut url = Url::parse("http://h/").unwrap();
    url.set_query(Some(value));
    add("percent-encoded by a URL parser", url.query().unwrap().to_owned());
    let component = |keep: &str, encode: &dyn Fn(&[u8]) -> String| -> String {
        let encoded = |c: char| {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).as_bytes();
            if c.is_ascii_alphanumeric() || keep.contains(c) { c.to_string() } else { encode(bytes) }
        };
        value.chars().map(encoded).collect()
    };
    add("encodeURIComponent", component("-_.!~*'()", &upper));
    add("encodeURI", component("-_.!~*'();/?:@&=+$,#", &upper));
    add("RFC 3986, lower case", component("-._~", &lower));
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    add("JSON, slashes escaped", json.replace('/', "\\/"));
    add("JSON, HTML escaped", json.replace('<', "\\u003c").replace('&', "\\u0026").replace('\'', "\\u0027"));
    let ascii = |upper: bool| -> String {
        let escape = |c: char| -> String {
            c.encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") })
                .collect()
        };
        json.chars().map(|c| if c.is_ascii() { c.to_string() } else { escape(c) }).collect()
    };
    add("JSON, ASCII", ascii(false));
    add("JSON, ASCII, upper case", ascii(true));
    add("JSON", json);
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    add("HTML", html.replace('\'', "&#39;"));
    add("HTML, hexadecimal", html.replace('\'', "&#x27;"));
    add("HTML, quotes kept", value.replace('&', "&amp;").replace('<', "&lt;"));
    for (name, engine) in [
        ("", &STANDARD),
        (" without padding", &STANDARD_NO_PAD),
        (" for URLs", &URL_SAFE),
        (" for URLs, plain", &URL_SAFE_NO_PAD),
    ] {
        add(&format!("base64{name}"), engine.encode(value));
        for user in ["the client", "the+client", "zoe@example.com", ""] {
            add(&format!("base64 of {user}:value{name}"), engine.encode(format!("{user}:{value}")));
        }
        add(
            &format!("base64 of id:encoded{name}"),
            engine.encode(format!("the+client:{}", form_encode(value))),
        );
        add(&format!("base64 within{name}"), engine.encode(format!("{{\"p\":\"{value}\",\"more\":true}}")));
    }
    add("hexadecimal", value.bytes().map(|b| format!("{b:02x}")).collect());
    add("hexadecimal, upper case", value.bytes().map(|b| format!("{b:02X}")).collect());
    forms
}

/// Pieces of the canaries that survive each encoding: what must be nowhere.
fn leaks(text: &str) -> Vec<String> {
    let mut leaks = Vec::new();
    for value in ALL {
        for (name, form) in forms(value) {
            if text.contains(&form) {
                leaks.push(format!("{value} as {name}"));
            }
        }
    }
    for piece in ["CANARY", "canary", "43414e415259", "43414E415259", "Q0FOQVJZ", "NBTkFSW", "DQU5BUl"] {
        if text.contains(piece) {
            leaks.push(format!("a piece: {piece}"));
        }
    }
    leaks
}

fn recorded(recorder: &Recorder) -> String {
    let exchanges = recorder.exchanges();
    format!(
        "{}\n{exchanges:?}\n{recorder:?}\n{}",
        serde_json::to_string(&exchanges).unwrap(),
        serde_json::to_string(&recorder.summaries_since(0)).unwrap()
    )
}

fn tokens() -> String {
    serde_json::json!({
        "access_token": ACCESS, "id_token": ID_TOKEN, "token_type": "Bearer", "expires_in": 3600,
        "refreshToken": REFRESH, "nested": [{"refresh_token": REFRESH, "client_secret": SECRET, "code": CODE}],
    })
    .to_string()
}

#[tokio::test]
async fn h26_a_password_sign_in_is_recorded_without_its_secrets_and_says_what_was_taken_out() {
    let server = serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json(&tokens()).await;
        }
    })
    .await;
    for basic in [true, false] {
        let recorder = Recorder::new();
        transport(small())
            .send(&login(server.url("/token"), basic), &recorder, &CancellationToken::new())
            .await
            .unwrap();
        let text = recorded(&recorder);
        assert_eq!(leaks(&text), Vec::<String>::new(), "{text}");

        let exchange = &recorder.exchanges()[0];
        let form = |name: &str| {
            exchange.request_form.as_ref().unwrap().iter().find(|f| f.name == name).map(|f| f.value.clone())
        };
        assert_eq!(form("username").as_deref(), Some("zoe@example.com"));
        assert_eq!(form("password").as_deref(), Some("[password]"));
        assert_eq!(form("code_verifier").as_deref(), Some("[code_verifier]"));
        let fingerprint = Secret::from(REFRESH).fingerprint();
        assert_eq!(form("refresh_token"), Some(format!("[refresh_token {fingerprint}]")));
        if basic {
            let authorization = exchange.request_headers.iter().find(|h| h.name == "authorization").unwrap();
            assert_eq!(authorization.value, "Basic the client:[client secret]");
        } else {
            assert_eq!(form("client_secret").as_deref(), Some("[client_secret]"));
        }
        let body = &exchange.response_body.as_ref().unwrap().text;
        assert!(
            body.contains(&format!(
                "\"access_token\": \"[access_token {}]\"",
                Secret::from(ACCESS).fingerprint()
            )),
            "{body}"
        );
        assert!(body.contains(&format!("\"refreshToken\": \"[refresh_token {fingerprint}]\"")), "{body}");
        assert!(body.contains("\"expires_in\": 3600"), "{body}");
        let taken = |what: &str| exchange.redactions.iter().filter(|r| r.what == what).collect::<Vec<_>>();
        assert_eq!(taken("password").len(), 1);
        assert_eq!(taken("password")[0].fingerprint, None);
        assert_eq!(taken("client_secret")[0].fingerprint, None);
        assert_eq!(taken("refresh_token")[0].fingerprint, Some(fingerprint));
    }
}

#[tokio::test]
async fn h26_a_bearer_token_is_its_fingerprint() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.json("{\"sub\": \"248289761001\"}").await;
    })
    .await;
    let mut request = get(server.url("/me"));
    request.authorization = Some(Authorization::Bearer(Secret::from(ACCESS)));
    let recorder = Recorder::new();
    transport(small()).send(&request, &recorder, &CancellationToken::new()).await.unwrap();
    assert!(server.requests()[0].contains(ACCESS), "it was sent");
    assert_eq!(leaks(&recorded(&recorder)), Vec::<String>::new());
    let exchange = recorder.get(0).unwrap();
    let value = &exchange.request_headers.iter().find(|h| h.name == "authorization").unwrap().value;
    assert_eq!(value, &format!("Bearer [access_token {}]", Secret::from(ACCESS).fingerprint()));
}

/// What the provider knows, it may echo. Each form in each place, one exchange each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h26_an_echo_in_any_form_and_place_is_taken_out() {
    let server = serve(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            let head = request.lines().next().unwrap();
            let number = |at: usize| head.split(['/', ' ']).nth(at).unwrap().parse::<usize>().unwrap();
            let (canary, form, place) = (number(2), number(3), number(4));
            let echo = forms(ALL[canary]).swap_remove(form).1;
            let one_line: String = echo.chars().filter(|c| !c.is_control()).collect();
            match place {
                0 => peer.answer("400 Bad Request", "content-type: text/html\r\n", format!("<p>wrong: {echo}</p>")).await,
                1 => peer.answer("400 Bad Request", &format!("x-echo: was {one_line} sent\r\n"), "").await,
                2 => peer.answer("302 Found", &format!("location: https://evil.example/?x={one_line}#{one_line}\r\n"), "").await,
                3 => {
                    let body = serde_json::json!({"error": "invalid_grant", "error_description": format!("no {echo}!"), format!("key {echo}"): 1});
                    peer.answer("400 Bad Request", "content-type: application/json\r\n", body.to_string()).await
                }
                // As the form itself, put into JSON without another encoding.
                _ => peer.answer("400 Bad Request", "", format!("{{\"error_description\": \"no {echo}!\"}}")).await,
            };
        }
    })
    .await;
    let transport = transport(small());
    let mut failures = Vec::new();
    for (canary, value) in ALL.iter().enumerate() {
        for (number, (name, _)) in forms(value).iter().enumerate() {
            for place in 0..5 {
                let recorder = Recorder::new();
                let url = server.url(&format!("/{canary}/{number}/{place}/"));
                let result = transport.send(&login(url, true), &recorder, &CancellationToken::new()).await;
                let mut found = leaks(&recorded(&recorder));
                if let Err(problem) = result {
                    found.extend(leaks(&format!("{problem:?}")));
                }
                if !found.is_empty() {
                    failures.push(format!("{value} as {name} in place {place}: {found:?}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} leaks:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn h26_secrets_of_an_earlier_exchange_are_known_in_a_later_one() {
    let server = serve(|mut peer: Peer| async move {
        while let Some(request) = peer.request().await {
            if request.starts_with("POST /token") {
                peer.json(&tokens()).await;
            } else {
                let echo = ALL.map(|value| format!("<li>{value}</li>")).join("\n");
                peer.answer("500 Oh", "content-type: text/html\r\n", echo).await;
            }
        }
    })
    .await;
    let (transport, recorder) = (transport(small()), Recorder::new());
    for request in [login(server.url("/token"), true), get(server.url("/me"))] {
        transport.send(&request, &recorder, &CancellationToken::new()).await.unwrap();
    }
    // Clearing the list does not make them harmless.
    recorder.clear();
    transport.send(&get(server.url("/me")), &recorder, &CancellationToken::new()).await.unwrap();
    let text = recorded(&recorder);
    assert_eq!(leaks(&text), Vec::<String>::new(), "{text}");
}

#[tokio::test]
async fn h26_a_secret_that_was_learned_is_taken_out_of_the_url_as_well() {
    let server = serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json("{}").await;
        }
    })
    .await;
    let recorder = Recorder::new();
    recorder.learn("code_verifier", &Secret::from(VERIFIER));
    let mut url = server.url(&format!("/{VERIFIER}/x"));
    url.query_pairs_mut()
        .append_pair("id_token_hint", ID_TOKEN)
        .append_pair("code", CODE)
        .append_pair("plain", "kept");
    transport(small()).send(&get(url), &recorder, &CancellationToken::new()).await.unwrap();
    let text = recorded(&recorder);
    assert_eq!(leaks(&text), Vec::<String>::new(), "{text}");
    assert!(recorder.exchanges()[0].url.ends_with("&plain=kept"), "{}", recorder.exchanges()[0].url);
}

#[test]
fn h26_provider_text_for_a_problem_can_be_cleaned_by_what_was_learned() {
    let recorder = Recorder::new();
    recorder.learn("password", &Secret::from(PASSWORD));
    let text = recorder.redacted(&format!("Invalid password {PASSWORD}\u{202e}"));
    assert_eq!(text, "Invalid password [password]\\u{202e}");
    let problem =
        Problem::new(latchkey_oidc::ProblemKind::OauthError, format!("It said {PASSWORD}."), "Try again.");
    let problem = recorder.redacted_problem(problem.with_description(&form_encode(PASSWORD)));
    assert_eq!(problem.explanation, "It said [password].");
    assert_eq!(problem.description.as_deref(), Some("[password]"));
}

#[test]
fn h26_what_a_finding_quotes_is_cleaned_and_our_own_words_are_not() {
    let recorder = Recorder::new();
    recorder.learn("password", &Secret::from("password"));
    let echoed = String::from("password");
    let mut finding = Finding::new(Check::MetadataGrant, Status::Failed, "password", echoed, "RFC 6749");
    recorder.redact_findings(std::slice::from_mut(&mut finding));
    assert_eq!((&*finding.expected, &*finding.received), ("password", "[password]"));
}

#[test]
fn h26_a_value_too_short_to_look_for_does_not_tear_up_the_text() {
    let recorder = Recorder::new();
    for short in ["", "a", "abc"] {
        recorder.learn("password", &Secret::from(short));
    }
    assert_eq!(recorder.redacted("an abc of banana"), "an abc of banana");
}

#[test]
fn h26_a_flood_of_tokens_does_not_push_out_a_password() {
    let recorder = Recorder::new();
    recorder.learn("password", &Secret::from(PASSWORD));
    for number in 0..1000 {
        recorder.learn("access_token", &Secret::new(format!("token number {number}")));
    }
    assert_eq!(recorder.redacted(PASSWORD), "[password]");
    assert!(recorder.redacted("token number 999").starts_with("[access_token sha256:"));
}

#[test]
fn h26_what_is_learned_late_or_again_is_found_and_the_newest_stay() {
    let recorder = Recorder::new();
    recorder.learn("access_token", &Secret::from("the first token"));
    assert_eq!(recorder.redacted("the second token"), "the second token");
    recorder.learn("access_token", &Secret::from("the second token"));
    for number in 0..60 {
        recorder.learn("access_token", &Secret::new(format!("token number {number}")));
    }
    recorder.learn("access_token", &Secret::from("the first token"));
    for number in 60..100 {
        recorder.learn("access_token", &Secret::new(format!("token number {number}")));
    }
    assert!(recorder.redacted("the first token").starts_with("[access_token sha256:"));
    assert_eq!(recorder.redacted("the second token"), "the second token");
    recorder.learn("password", &Secret::from("the first token"));
    assert_eq!(recorder.redacted("the first token"), "[password]");
}

#[tokio::test]
async fn h26_a_word_under_a_secret_name_is_not_torn_out_of_the_rest() {
    let server = serve(|mut peer: Peer| async move {
        peer.request().await;
        peer.json(r#"{"token": "Bearer", "token_type": "Bearer"}"#).await;
    })
    .await;
    let recorder = Recorder::new();
    transport(small()).send(&get(server.url("/")), &recorder, &CancellationToken::new()).await.unwrap();
    let text = recorder.get(0).unwrap().response_body.unwrap().text;
    assert!(
        text.contains("\"token\": \"[token sha256:") && text.contains("\"token_type\": \"Bearer\""),
        "{text}"
    );
}

/// H-27: a megabyte of groups, with as many secrets known as there can be.
#[tokio::test]
async fn h27_a_megabyte_is_recorded_quickly_although_many_secrets_are_looked_for() {
    let groups: Vec<String> = (0..40_000).map(|number| format!("Group {number} of many")).collect();
    let body = serde_json::json!({ "groups": groups }).to_string();
    assert!((800_000..1_048_576).contains(&body.len()), "{}", body.len());
    let server = serve(move |mut peer: Peer| {
        let body = body.clone();
        async move {
            while peer.request().await.is_some() {
                peer.json(&body).await;
            }
        }
    })
    .await;
    let transport = transport(Default::default());
    let time = async |recorder: &Recorder| {
        let started = std::time::Instant::now();
        transport.send(&get(server.url("/")), recorder, &CancellationToken::new()).await.unwrap();
        started.elapsed()
    };
    let recorder = Recorder::new();
    let without = time(&recorder).await;
    for number in 0..100 {
        recorder
            .learn("access_token", &Secret::new(format!("eyJhbGciOiJSUzI1NiJ9.{number}.\"<&'>ü {number}")));
        recorder.learn("password", &Secret::new(format!("password \"<&'>ü {number}")));
    }
    let with = time(&recorder).await;
    println!("without secrets {without:?}, with all {with:?}");
    assert!(with < without * 5 + std::time::Duration::from_secs(1), "without {without:?}, with {with:?}");
}
