//! What a hostile or broken provider answers (H-08, H-09, H-15, H-17, H-21), as far as no network is needed.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use latchkey_oidc::catalogue::Context;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::{Check, Finding, ProblemKind, Status, base64url, metadata, token};
use serde_json::{Value, json};
use support::keys::changed;
use support::*;

/// Claims as text, with one member replaced by this literal.
fn claims_with(case: &Case, name: &str, literal: &str) -> String {
    let rest = case.clone().no_claim(name).claims_text();
    format!("{},\"{name}\":{literal}}}", &rest[..rest.len() - 1])
}

/// JSON texts that are refused in place of an object, each made from a good one.
fn damaged(good: &str) -> Vec<(&'static str, Vec<u8>)> {
    let body = &good[1..good.len() - 1];
    let with = |extra: &str| format!("{{{body},{extra}}}").into_bytes();
    let name = good[2..].split('"').next().unwrap();
    vec![
        ("a name twice", with(&format!("\"{name}\":\"x\""))),
        (
            "a name twice, one escaped",
            with(&format!("\"\\u{:04x}{}\":\"x\"", u32::from(name.as_bytes()[0]), &name[1..])),
        ),
        ("a name twice, deep inside", with("\"o\":[{\"a\":1,\"a\":1}]")),
        ("depth", with(&format!("\"o\":{}{}", "[".repeat(64), "]".repeat(64)))),
        ("NaN", with("\"o\":NaN")),
        ("Infinity", with("\"o\":-Infinity")),
        ("1e400", with("\"o\":1e400")),
        ("a lone surrogate", with("\"o\":\"\\ud800\"")),
        ("a lone low surrogate", with("\"o\":\"\\udc00\"")),
        ("a lone surrogate as a name", with("\"\\ud800\":1")),
        ("surrogates the wrong way round", with("\"o\":\"\\udc00\\ud800\"")),
        ("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (
            "UTF-16 with a mark",
            [vec![0xff, 0xfe], good.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        ),
        ("no UTF-8", [good.as_bytes(), b" \xff"].concat()),
        ("a comment", with("\"o\":1/**/")),
        ("a comma too many", with("\"o\":1,")),
        ("something after it", format!("{good}{{}}").into_bytes()),
        ("single quotes", with("'o':1")),
        ("a raw newline in a string", with("\"o\":\"\n\"")),
        ("half of it", good.as_bytes()[..good.len() / 2].to_vec()),
    ]
}

#[test]
fn h08_json_that_reads_in_two_ways_is_refused_in_header_and_claims() {
    let case = Case::rs256();
    let sign_bytes = |header: &[u8], claims: &[u8]| {
        let input = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
        format!("{input}.{}", base64url::encode(&sign("RS256", input.as_bytes())))
    };
    let (header, claims) = (case.header_text(), case.claims_text());
    for (what, bad) in damaged(&header) {
        let finding = case.fails_with_text(&sign_bytes(&bad, claims.as_bytes()), Check::IdTokenFormat);
        assert!(finding.received.starts_with("a header"), "{what}: {}", finding.received);
    }
    for (what, bad) in damaged(&claims) {
        let finding = case.fails_with_text(&sign_bytes(header.as_bytes(), &bad), Check::IdTokenFormat);
        assert!(finding.received.starts_with("a payload"), "{what}: {}", finding.received);
    }
    // As deep as it may be.
    let deep: Value = serde_json::from_str(&format!("{}{}", "[".repeat(63), "]".repeat(63))).unwrap();
    case.claim("deep", deep).passes();
}

#[test]
fn h08_json_that_reads_in_two_ways_is_refused_in_answers_and_no_token_is_shown() {
    const CANARY: &str = "eyJhbGciOiJSUzI1NiJ9.Y2FuYXJ5LTEyMzQ1Njc4OTA.Y2FuYXJ5";
    let issuer = Issuer::parse(ISSUER).unwrap();
    let document = json!({ "issuer": ISSUER, "token_endpoint": format!("{ISSUER}/token") }).to_string();
    for (what, bad) in damaged(&document) {
        let problem = metadata::parse(&answer(200, "application/json", bad), &issuer).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Malformed, "{what}");
    }
    let tokens = json!({ "token_type": "Bearer", "access_token": CANARY, "id_token": CANARY }).to_string();
    for (what, bad) in damaged(&tokens) {
        let problem =
            token::parse(&answer(200, "application/json", bad), &[], &Context::default()).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Malformed, "{what}");
        let said = format!("{problem:?}").replace("\\\\u{0}", "");
        assert!(!said.contains("Y2FuYXJ5"), "{what}: {said}");
    }
}

#[test]
fn h09_a_time_that_is_no_time_is_an_error_and_never_absent() {
    for (name, check) in [
        ("exp", Check::IdTokenExpires),
        ("iat", Check::IdTokenIssuedAt),
        ("nbf", Check::IdTokenNotBefore),
        ("auth_time", Check::IdTokenAuthTime),
    ] {
        let case = Case::rs256();
        for literal in [
            "\"1700000000\"",
            "-1",
            "-0.5",
            "-9223372036854775809",
            "9223372036854775808",
            "18446744073709551616",
            "1e19",
            "1e308",
            "null",
            "true",
            "[1700000000]",
            "{}",
        ] {
            let token = compact("RS256", &case.header_text(), &claims_with(&case, name, literal));
            let finding = case.fails_with_text(&token, check);
            assert!(
                finding.received.contains("it must") || finding.received.contains("out of range"),
                "{literal}"
            );
        }
        let token = compact("RS256", &case.header_text(), &claims_with(&case, name, "1e400"));
        case.fails_with_text(&token, Check::IdTokenFormat);
    }
    // A fraction is a time.
    for (name, literal) in [
        ("exp", "1700007200.75"),
        ("iat", "1.6999999995e9"),
        ("nbf", "1699999999.5"),
        ("auth_time", "1699999970.25"),
    ] {
        let case = Case::rs256();
        let findings = case
            .verify_text(&compact("RS256", &case.header_text(), &claims_with(&case, name, literal)))
            .findings;
        assert!(!any_failed(&findings), "{name}: {findings:#?}");
    }
}

#[test]
fn h15_metadata_that_point_elsewhere() {
    let parse = |issuer: &str, name: &str, url: &str| {
        let body = json!({ "issuer": issuer, name: url }).to_string();
        metadata::parse(&json_answer(200, &body), &Issuer::parse(issuer).unwrap())
    };
    let names = [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ];
    for name in names {
        for url in [
            "http://acme.onelogin.com/x",
            "https://10.0.0.1/x",
            "https://192.168.0.1/x",
            "https://172.16.0.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://0x7f000001/x",
            "https://2130706433/x",
            "https://[::1]/x",
            "https://[::ffff:127.0.0.1]/x",
            "https://[fe80::1]/x",
            "https://localhost/x",
            "https://localhost./x",
            "https://app.localhost/x",
            "https://0.0.0.0/x",
            "https://0.1.2.3/x",
            "ftp://acme.onelogin.com/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://acme.onelogin.com@evil.example/x",
        ] {
            let (_, findings) = parse(ISSUER, name, url).unwrap();
            let finding = find(&findings, Check::MetadataEndpoints, Status::Failed);
            assert!(finding.received.contains(name), "{url}: {}", finding.received);
        }
        let (metadata, findings) = parse(ISSUER, name, "https://evil.example:8443/x").unwrap();
        let finding = find(&findings, Check::MetadataEndpoints, Status::Warning);
        assert!(finding.received.contains("evil.example:8443"), "{}", finding.received);
        drop(metadata);
    }
}

#[test]
fn h15_secrets_go_to_another_host_only_when_confirmed() {
    let body = json!({ "issuer": ISSUER, "token_endpoint": "https://evil.example/token" }).to_string();
    let issuer = Issuer::parse(ISSUER).unwrap();
    let (metadata, _) = metadata::parse(&json_answer(200, &body), &issuer).unwrap();
    let go = |confirmed: &[&str]| {
        let confirmed: Vec<String> = confirmed.iter().map(|host| (*host).to_owned()).collect();
        metadata.endpoint_for_secrets(&issuer, Endpoint::Token, &confirmed)
    };
    for confirmed in
        [&[][..], &["example"], &["acme.onelogin.com"], &["evil.example:8443"], &["x.evil.example"]]
    {
        assert_eq!(go(confirmed).unwrap_err().kind, ProblemKind::UnconfirmedHost, "{confirmed:?}");
    }
    assert!(go(&["EVIL.example"]).is_ok());
    // On this computer plain http is fine, and said.
    let local = "http://127.0.0.1:8080/oidc/2";
    let body = json!({ "issuer": local, "token_endpoint": format!("{local}/token") }).to_string();
    let (_, findings) = metadata::parse(&json_answer(200, &body), &Issuer::parse(local).unwrap()).unwrap();
    let finding = find(&findings, Check::MetadataEndpoints, Status::Passed);
    assert!(finding.received.contains("this computer"));
}

#[test]
fn h17_answers_that_are_no_answers() {
    let good = json!({ "access_token": "canary-token-0123456789", "token_type": "Bearer" }).to_string();
    let parse = |answer| token::parse(&answer, &[], &Context::default()).map(|_| ()).unwrap_err();
    for (answer, kind) in [
        (answer(200, "text/html; charset=utf-8", "<title>\u{202e}Log in</title>"), ProblemKind::NotJson),
        (answer(200, "text/html", good.clone()), ProblemKind::NotJson),
        (answer(200, "application/json", ""), ProblemKind::NotJson),
        (answer(204, "", ""), ProblemKind::NotJson),
        (answer(200, "application/json; charset=utf-16", good.clone()), ProblemKind::NotJson),
        (answer(200, "application/json; charset=\"iso-8859-1\"", good.clone()), ProblemKind::NotJson),
        (answer(200, "", good.clone()), ProblemKind::NotJson),
        (
            answer(200, "application/x-www-form-urlencoded", "access_token=canary-token-0123456789"),
            ProblemKind::NotJson,
        ),
        (answer(200, "text/plain", "\"canary-token-0123456789\""), ProblemKind::NotJson),
        (
            answer(200, "application/jwt", "canary-token-0123456789.canary-token-0123456789"),
            ProblemKind::NotJson,
        ),
        (answer(500, "application/json", good.clone()), ProblemKind::HttpStatus),
        (answer(201, "application/json", good.clone()), ProblemKind::HttpStatus),
        (answer(302, "application/json", good.clone()), ProblemKind::HttpStatus),
        (json_answer(200, &good.replace('{', r#"{"error":"invalid_grant","#)), ProblemKind::OauthError),
        (json_answer(200, &good.replace('{', r#"{"error":7,"#)), ProblemKind::HttpStatus),
        (
            json_answer(400, r#"{"error":"invalid_request","error_description":"User is locked."}"#),
            ProblemKind::OauthError,
        ),
    ] {
        let problem = parse(answer.clone());
        assert_eq!(problem.kind, kind, "{problem:?}");
        assert_eq!(problem.http_status, Some(answer.status));
        assert_eq!(problem.endpoint, Some(Endpoint::Token));
        assert!(!problem.remedy.is_empty());
        let said = format!("{problem:?}{problem}");
        assert!(!said.contains("canary-token"), "{said}");
        assert!(!said.contains('\u{202e}'), "{said}");
    }
}

#[test]
fn h21_text_of_the_provider_is_made_visible_in_every_finding() {
    const NASTY: &str = "<script>\u{202e}\u{200b}\u{1b}[31m\u{7}\n\u{feff}\u{fe0f}\u{e0041}";
    let hidden = |c: char| "\u{202e}\u{200b}\u{1b}\u{7}\n\u{feff}\u{fe0f}\u{e0041}".contains(c);
    let clean = |findings: &[Finding]| {
        for finding in findings {
            let all = format!(
                "{}{}{}",
                finding.expected,
                finding.received,
                finding.remedy.as_deref().unwrap_or("")
            );
            assert!(!all.chars().any(hidden), "{all:?}");
            assert!(all.chars().count() < 2_000, "{} characters", all.chars().count());
        }
    };
    let long = NASTY.repeat(10_000);
    for text in [NASTY, &long] {
        for name in
            ["iss", "aud", "azp", "sub", "nonce", "at_hash", "rt_hash", "c_hash", "acr", "exp", "auth_time"]
        {
            for value in [json!(text), json!([text]), json!({ text: text })] {
                clean(&Case::rs256().claim(name, value).verify().findings);
            }
        }
        for name in ["alg", "kid", "typ", "cty", "crit", "jku"] {
            for value in [json!(text), json!([text])] {
                clean(&Case::rs256().header(name, value).verify().findings);
            }
        }
        for name in ["kid", "kty", "crv", "use", "alg", "n", "x"] {
            let (set, findings) = key_set_and_findings(&[changed(jwk("ES256"), &json!({ name: text }))]);
            clean(&findings);
            let row = format!("{:?}", serde_json::to_value(set.rows().next().unwrap()).unwrap());
            assert!(!row.chars().any(hidden) && row.len() < 4_000);
        }
        let body = json!({ "error": text, "error_description": text }).to_string();
        let problem = token::parse(&json_answer(400, &body), &[], &Context::default()).unwrap_err();
        let said = serde_json::to_string(&problem).unwrap();
        assert!(!said.chars().any(hidden) && said.len() < 8_000, "{said}");
    }
}
