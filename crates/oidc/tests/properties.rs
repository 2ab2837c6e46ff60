//! What holds for every input there is: nothing panics, nothing reads in two ways, nothing forged passes.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use base64::Engine as _;
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::{Authorization, Endpoint, FieldValue, HttpRequest, form_encode};
use latchkey_oidc::issuer::{Issuer, is_loopback};
use latchkey_oidc::json::{self, JsonError};
use latchkey_oidc::jws::Jws;
use latchkey_oidc::{Secret, base64url, jwk, metadata, text, token, userinfo};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;
use url::{Url, form_urlencoded};

/// Any JSON value, with the numbers and strings that break things among them.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!(NOW)),
        Just(json!(NOW as f64 + 0.5)),
        Just(json!(CLIENT)),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\[\\]{}:,\"0-9eE+.\\\\u\\-a-f ntrl]{0,48}",
        (any_json(), any::<prop::sample::Index>(), "[\\[\\]{}:,\"\\\\0-9eE.\\-a ]").prop_map(
            |(value, at, put)| {
                let text = value.to_string();
                let boundaries: Vec<usize> = text.char_indices().map(|(index, _)| index).collect();
                let mut text = text.clone();
                text.insert_str(*at.get(&boundaries), &put);
                text
            }
        ),
        any_json().prop_map(|value| value.to_string()),
    ]
}

const CLAIMS: [&str; 13] = [
    "iss",
    "aud",
    "azp",
    "sub",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "rt_hash",
    "c_hash",
    "acr",
    "auth_time",
];

proptest! {
    #[test]
    fn json_is_read_as_another_parser_reads_it(text in nearly_json()) {
        match (json::parse(text.as_bytes()), serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Ok(ours), Err(error)) => prop_assert!(false, "{ours} was taken: {error}"),
            (Err(error), Ok(_)) => prop_assert!(
                matches!(error, JsonError::Duplicate(_) | JsonError::TooDeep), "{text}: {error}"
            ),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn json_of_any_bytes_never_panics(bytes in vec(any::<u8>(), 0..64)) {
        let _ = json::parse(&bytes);
        let _ = json::parse_object(&bytes);
    }

    #[test]
    fn base64url_has_one_spelling(bytes in vec(any::<u8>(), 0..64), text in "[A-Za-z0-9_\\-+/= ]{0,16}") {
        let encoded = base64url::encode(&bytes);
        prop_assert_eq!(base64url::decode(&encoded), Ok(bytes));
        if let Ok(decoded) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&decoded), text);
        }
    }

    #[test]
    fn any_text_as_a_token_never_panics_and_never_passes(
        text in any::<String>(),
        parts in vec(vec(any::<u8>(), 0..40), 3),
        header in any_json(),
        claims in any_json(),
    ) {
        let coded: Vec<String> = parts.iter().map(|part| base64url::encode(part)).collect();
        let unsigned = format!(
            "{}.{}.", base64url::encode(header.to_string().as_bytes()), base64url::encode(claims.to_string().as_bytes())
        );
        let case = Case::rs256();
        for token in [text, coded.join("."), unsigned] {
            let _ = Jws::parse(&Secret::from(token.as_str()));
            prop_assert!(any_failed(&case.verify_text(&token).findings));
        }
    }

    #[test]
    fn any_claims_never_panic_and_pass_only_where_they_are_ours(
        changes in vec((prop::sample::select(&CLAIMS[..]), any_json()), 0..3),
        now in prop_oneof![Just(NOW), any::<i64>()],
        max_age in prop_oneof![Just(None), any::<i64>().prop_map(Some)],
    ) {
        let mut case = Case::signed("HS256").with(|case| (case.now, case.max_age) = (now, max_age));
        for (name, value) in changes {
            case = case.claim(name, value);
        }
        let verification = case.verify();
        if !any_failed(&verification.findings) {
            let claims = verification.claims.unwrap();
            prop_assert_eq!(&claims["iss"], ISSUER);
            prop_assert_eq!(&claims["sub"], SUBJECT);
            prop_assert_eq!(&claims["nonce"], NONCE);
            let aud = &claims["aud"];
            prop_assert!(aud == CLIENT || aud.as_array().unwrap().contains(&json!(CLIENT)));
            prop_assert!(claims["exp"].as_f64().unwrap() > now as f64 - 60.0);
            prop_assert!(claims["iat"].as_f64().unwrap() < now as f64 + 61.0);
        }
    }

    #[test]
    fn any_header_never_panics_and_passes_only_with_its_algorithm(
        name in prop::sample::select(vec!["alg", "kid", "typ", "cty", "crit", "b64", "enc", "zip", "jwk", "x5c"]),
        value in any_json(),
    ) {
        let verification = Case::signed("HS256").header(name, value).verify();
        if !any_failed(&verification.findings) {
            prop_assert_eq!(&verification.header.unwrap()["alg"], "HS256");
        }
    }

    #[test]
    fn a_mutated_token_never_passes(at in any::<prop::sample::Index>(), put in any::<char>(), cut in any::<bool>()) {
        let case = Case::signed("EdDSA");
        let mut token: Vec<char> = case.token().chars().collect();
        let at = at.index(token.len());
        if cut {
            token.remove(at);
        } else {
            prop_assume!(token[at] != put);
            token[at] = put;
        }
        let token: String = token.into_iter().collect();
        prop_assert!(any_failed(&case.verify_text(&token).findings));
    }

    #[test]
    fn any_json_as_an_answer_never_panics(value in any_json(), name in "[a-z_]{1,24}", status in 100_u16..600) {
        let issuer = Issuer::parse(ISSUER).unwrap();
        let context = Context::default();
        let expect = userinfo::Expectations { issuer: ISSUER, client_id: CLIENT, now: NOW, ..Default::default() };
        for body in [value.clone(), json!({ "issuer": ISSUER, "keys": [value.clone()], name: value })] {
            for status in [200, status] {
                let answer = json_answer(status, &body.to_string());
                let _ = metadata::parse(&answer, &issuer);
                let _ = token::parse(&answer, &[], &context);
                let _ = jwk::parse(&answer);
                let _ = userinfo::parse(&answer, None, &expect, &context);
            }
        }
    }

    #[test]
    fn any_key_never_panics(
        kty in prop::sample::select(vec!["RSA", "EC", "OKP", "oct", "x"]),
        members in vec(
            (prop::sample::select(vec!["n", "e", "x", "y", "crv", "alg", "use", "kid", "key_ops", "d"]), any_json()), 0..6
        ),
        bytes in vec(any::<u8>(), 0..80),
    ) {
        let coded = base64url::encode(&bytes);
        let mut key = object(json!({
            "kty": kty, "crv": "P-256", "n": coded.as_str(), "e": "AQAB", "x": coded.as_str(), "y": coded.as_str()
        }));
        for (name, value) in members {
            key.insert(name.to_owned(), value);
        }
        let case = Case::rs256().no_header("kid").keys([Value::from(key)]);
        prop_assert!(any_failed(&case.verify().findings));
    }

    #[test]
    fn visible_text_hides_nothing_and_stays_as_it_is(text in any::<String>(), hidden in vec(any_hidden(), 0..8)) {
        let text: String = text.chars().chain(hidden).collect();
        let visible = text::visible(&text);
        prop_assert!(!visible.chars().any(is_hidden), "{visible:?}");
        prop_assert_eq!(text::visible(&visible), visible.clone());
        let block = text::visible_block(&text);
        prop_assert!(!block.chars().any(|c| is_hidden(c) && c != '\n' && c != '\t'), "{block:?}");
        prop_assert_eq!(text::visible_block(&block), block.clone());
        prop_assert!(text::shortened(&visible, 20).chars().count() <= 21);
    }

    #[test]
    fn any_issuer_never_panics_and_is_https_or_here(
        text in any::<String>(),
        url in "(https?|ftp|)(:|://|:///)[a-z0-9.@:\\[\\]%\u{200b}é]{0,20}(/[a-z0-9./?#%\\\\ ]{0,20})?",
    ) {
        for typed in [text, url] {
            for issuer in [Issuer::parse(&typed), Issuer::onelogin(&typed)].into_iter().flatten() {
                prop_assert!(issuer.url().scheme() == "https" || is_loopback(issuer.url()), "{issuer}");
                prop_assert!(issuer.discovery_url().path().ends_with("/.well-known/openid-configuration"));
                prop_assert!(issuer.url().query().is_none() && issuer.url().fragment().is_none());
                let _ = (issuer.generation(), issuer.is_retired(), issuer.check_endpoint(issuer.url()));
            }
        }
    }

    #[test]
    fn form_encoding_comes_back(name in any::<String>(), value in any::<String>()) {
        let pair = format!("{}={}", form_encode(&name), form_encode(&value));
        prop_assert!(pair.is_ascii());
        let back: Vec<(String, String)> = form_urlencoded::parse(pair.as_bytes()).into_owned().collect();
        prop_assert_eq!(back, vec![(name.clone(), value.clone())]);

        let mut request = HttpRequest::get(Endpoint::Token, Url::parse("https://a.example/token").unwrap());
        request.form = Some(vec![
            (name.clone(), FieldValue::Credential(Secret::from(value.as_str()))),
            ("plain".to_owned(), FieldValue::Plain(name.clone())),
        ]);
        let body = request.body().unwrap();
        let back: Vec<(String, String)> = form_urlencoded::parse(body.expose().as_bytes()).into_owned().collect();
        prop_assert_eq!(back, vec![(name.clone(), value), ("plain".to_owned(), name)]);
    }

    #[test]
    fn the_basic_header_comes_back(client_id in any::<String>(), secret in any::<String>()) {
        let header = Authorization::Basic { client_id: client_id.clone(), client_secret: Secret::from(secret.as_str()) };
        let header = header.header_value();
        let coded = header.expose().strip_prefix("Basic ").unwrap();
        let pair = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(coded).unwrap()).unwrap();
        let (id, password) = pair.split_once(':').unwrap();
        let decode = |text: &str| form_urlencoded::parse(format!("a={text}").as_bytes()).next().unwrap().1.into_owned();
        prop_assert_eq!((decode(id), decode(password)), (client_id, secret));
    }
}

/// Default_Ignorable_Code_Point, Bidi_Control, controls, separators and noncharacters, as Unicode 16 lists them.
const HIDDEN: [(u32, u32); 26] = [
    (0x0000, 0x001f),
    (0x007f, 0x009f),
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfdd0, 0xfdef),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xfffe, 0xffff),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0x1fffe, 0x1ffff),
    (0x2fffe, 0x2ffff),
    (0xe0000, 0xe0fff),
    (0xefffe, 0xeffff),
    (0xffffe, 0xfffff),
    (0x10fffe, 0x10ffff),
];

fn is_hidden(c: char) -> bool {
    HIDDEN.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

fn any_hidden() -> impl Strategy<Value = char> {
    prop::sample::select(&HIDDEN[..])
        .prop_flat_map(|(first, last)| (first..=last).prop_map(|c| char::from_u32(c).unwrap()))
}

#[test]
fn every_hidden_character_is_made_visible() {
    for c in HIDDEN.iter().flat_map(|(first, last)| *first..=*last).filter_map(char::from_u32) {
        assert_eq!(text::visible(&c.to_string()), format!("\\u{{{:x}}}", u32::from(c)));
    }
}

#[test]
fn no_single_bit_of_a_signed_token_can_be_flipped() {
    for alg in ["RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256"] {
        // A short token, since every bit of it is tried.
        let mut case = Case::signed(alg).with(|case| {
            (case.nonce, case.previous, case.max_age, case.at_hash_required) = (None, None, None, false);
            case.acr_values.clear();
            case.keys = Some(vec![jwk(alg)]);
        });
        case.claims.retain(|name, _| ["iss", "aud", "sub", "exp", "iat"].contains(&name.as_str()));
        let token = case.token().into_bytes();
        assert!(!any_failed(&case.verify_text(std::str::from_utf8(&token).unwrap()).findings));
        for bit in 0..token.len() * 8 {
            let mut flipped = token.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // The eighth bit leaves no text, which the network layer would have replaced.
            let flipped = String::from_utf8_lossy(&flipped);
            assert!(any_failed(&case.verify_text(&flipped).findings), "{alg}, bit {bit}: {flipped}");
        }
    }
}
