//! Project Wycheproof's JWS and JWK cases. Where this client judges otherwise than Wycheproof does, the case
//! is listed here with the rule that makes the difference.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use latchkey_oidc::finding::any_failed;
use latchkey_oidc::jws::{FormatFault, Jws, check_header};
use latchkey_oidc::signature::{self, Trust};
use latchkey_oidc::{Check, Secret, base64url, json};
use serde_json::Value;
use support::key_set;
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

const TEXT_SECRETS: &str = "a client secret is text (OIDC Core §10.1), and this HMAC key is no UTF-8";
const CURVES: &str = "P-521 is not supported; the key's alg is misspelt besides";
const KEY_ALG: &str = "the key says PS256 and the token PS384: alg of the key binds (RFC 7517 §4.4)";
const STRICT_BASE64: &str = "a character outside base64url is refused, not skipped (RFC 7515 §2)";
const NOT_PADDED: &str = "the vector lost its padding: it is the valid case 357, byte for byte";
const NO_JWE: &str = "this client never asks for encrypted tokens";
const NOT_ROCA: &str = "nothing here looks for the weakness of one vendor's key generator";
const WARNED: &str =
    "a client secret that is too short verifies with a warning, since the client must live with it";

/// Case numbers that are judged otherwise, and why.
type Differences = &'static [(usize, &'static str)];

const SIGNATURES: Differences = &[
    (1, TEXT_SECRETS),
    (346, KEY_ALG),
    (347, CURVES),
    (348, TEXT_SECRETS),
    (350, KEY_ALG),
    (351, CURVES),
    (352, TEXT_SECRETS),
    (367, NOT_PADDED),
    (370, NOT_PADDED),
    (372, STRICT_BASE64),
    (373, STRICT_BASE64),
];
const KEYS: Differences = &[(2, TEXT_SECRETS), (7, NOT_ROCA), (10, WARNED), (11, WARNED), (12, WARNED)];
const CRYPTO: Differences =
    &[(1, TEXT_SECRETS), (46, NOT_ROCA), (48, TEXT_SECRETS), (50, NO_JWE), (67, NO_JWE)];

/// Judges a token as [`Jws::parse`] and the signature's check do, whatever its payload is.
fn judge(token: &str, keys: &[Value]) -> Result<(), String> {
    let parts: Vec<&str> = token.split('.').collect();
    let &[header, payload, signature] = parts.as_slice() else {
        return Err(format!("{} parts", parts.len()));
    };
    for part in parts.iter() {
        base64url::decode(part)?;
    }
    let jws = Jws {
        header: json::parse_object(&base64url::decode(header)?).map_err(|error| error.to_string())?,
        claims: serde_json::Map::new(),
        signing_input: &token[..header.len() + 1 + payload.len()],
        signature,
    };
    if any_failed(&check_header(&jws.header, &[])) {
        return Err("a header that is not understood".to_owned());
    }
    let secret = keys
        .iter()
        .filter(|key| key["kty"] == "oct" && key.get("kid").and_then(Value::as_str) == jws.kid())
        .find_map(|key| String::from_utf8(base64url::decode(key["k"].as_str()?).ok()?).ok())
        .map(Secret::new);
    let keys = key_set(keys);
    let trust = Trust { keys: Some(&keys), client_secret: secret.as_ref(), offered: None };
    let judged = signature::verify(&jws, &trust, Check::IdTokenSignature);
    if any_failed(&judged.findings) { Err(format!("{:?}", judged.findings)) } else { Ok(()) }
}

fn compare(name: TestName, differences: Differences) -> usize {
    let set = TestSet::load(name).unwrap();
    let mut found = Vec::new();
    for group in &set.test_groups {
        let keys = group.public_key.as_ref().or(group.private_key.as_ref()).unwrap();
        let keys = keys.get("keys").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![keys.clone()]);
        for test in &group.tests {
            let token = test.jws.as_ref().or(test.jwe.as_ref()).unwrap();
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            let judged = judge(&token, &keys);
            // No payload here is a JSON object, so none is a token; of what verifies, nothing else is wrong.
            let fault = Jws::parse(&Secret::from(token.as_str())).map(|_| ()).unwrap_err();
            if judged.is_ok() {
                assert!(
                    matches!(fault, FormatFault::Json { part: "payload", .. }),
                    "{}: {fault}",
                    test.tc_id
                );
            }
            if judged.is_ok() == test.result.must_fail() {
                found.push(test.tc_id);
                let explained = differences.iter().any(|(id, _)| *id == test.tc_id);
                assert!(explained, "{name:?} {} {}: {:?}, {judged:?}", test.tc_id, test.comment, test.result);
            }
        }
    }
    let listed: Vec<usize> = differences.iter().map(|(id, _)| *id).collect();
    assert_eq!(found, listed, "a difference is listed that is none");
    set.number_of_tests
}

#[test]
fn wycheproof_signatures() {
    assert_eq!(compare(TestName::JsonWebSignature, SIGNATURES), 401);
}

#[test]
fn wycheproof_keys() {
    assert_eq!(compare(TestName::JsonWebKey, KEYS), 26);
}

#[test]
fn wycheproof_signatures_and_encryption() {
    assert_eq!(compare(TestName::JsonWebCrypto, CRYPTO), 83);
}

#[test]
fn wycheproof_encrypted_tokens_are_no_tokens() {
    let set = TestSet::load(TestName::JsonWebEncryption).unwrap();
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let token = test.jwe.as_ref().unwrap();
        let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
        let fault = Jws::parse(&Secret::from(token.as_str())).map(|_| ()).unwrap_err();
        if token.split('.').count() == 5 {
            assert_eq!(fault, FormatFault::Encrypted, "{}", test.tc_id);
        }
    }
}
