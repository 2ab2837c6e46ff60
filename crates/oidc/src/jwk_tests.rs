use crate::base64url;
use serde_json::json;

use super::*;
use crate::support::keys::changed;
use crate::support::{
    answer, find, json_answer, jwk as public_key, key_set, key_set_and_findings, other_jwk, sign,
};

fn row(key: Value) -> KeyRow {
    key_set(&[key]).rows().next().unwrap().clone()
}

/// Why the key is refused; empty where it is not.
fn note(key: Value) -> String {
    let row = row(key);
    assert_eq!(row.accepted, row.note.is_none(), "{row:?}");
    row.note.unwrap_or_default()
}

#[test]
fn a_row_says_what_the_key_is() {
    let shown = |alg: &str| {
        let row = row(public_key(alg));
        assert!(row.accepted && row.thumbprint.is_some_and(|print| print.len() == 43));
        (row.kid.unwrap(), row.kty, row.bits.unwrap(), row.curve, row.usage.unwrap())
    };
    let text = |value: &str| value.to_owned();
    assert_eq!(shown("RS256"), (text("rsa-1"), text("RSA"), 2048, None, text("sig")));
    assert_eq!(shown("ES256"), (text("p256-1"), text("EC"), 256, Some(text("P-256")), text("sig")));
    assert_eq!(shown("ES384"), (text("p384-1"), text("EC"), 384, Some(text("P-384")), text("sig")));
    assert_eq!(shown("EdDSA"), (text("ed25519-1"), text("OKP"), 256, Some(text("Ed25519")), text("sig")));
}

#[test]
fn members_of_the_wrong_shape_refuse_the_key_and_not_the_set() {
    for (changes, said) in [
        (json!({ "kty": null }), "kty is missing"),
        (json!({ "kty": "rsa" }), "kty is not supported"),
        (json!({ "kty": 1 }), "kty must be a string"),
        (json!({ "kid": 7 }), "kid must be a string"),
        (json!({ "use": ["sig"] }), "use must be a string"),
        (json!({ "alg": false }), "alg must be a string"),
        (json!({ "n": null }), "n is missing"),
        (json!({ "e": null }), "e is missing"),
        (json!({ "n": 65537 }), "n must be a string"),
        (json!({ "n": "AQAB=" }), "n has padding"),
        (json!({ "n": "a+b/" }), "n has the plain base64 alphabet"),
        (json!({ "n": " AQAB" }), "n has white space"),
        (json!({ "e": "AQABA" }), "e has a length"),
        (json!({ "n": "" }), "RSA of 0 bits"),
        (json!({ "n": base64url::encode(&[0; 256]) }), "RSA of 0 bits"),
        (json!({ "n": base64url::encode(&[0x7f; 256]) }), "RSA of 2047 bits, below 2048"),
        (json!({ "n": base64url::encode(&[0x80; 1025]) }), "RSA of 8200 bits, above 8192"),
        (json!({ "e": "" }), "exponent that is even or below 3"),
        (json!({ "e": "AA" }), "exponent that is even or below 3"),
        (json!({ "e": "AQ" }), "exponent that is even or below 3"),
        (json!({ "e": "AAAAAQ" }), "exponent that is even or below 3"),
        (json!({ "e": "Ag" }), "exponent that is even or below 3"),
        (json!({ "e": "AQAA" }), "exponent that is even or below 3"),
        (json!({ "e": base64url::encode(&[0x03, 0, 0, 0, 1]) }), "exponent beyond 33 bits"),
    ] {
        let said_of_it = note(changed(public_key("RS256"), &changes));
        assert!(said_of_it.contains(said), "{changes}: {said_of_it}");
    }
    for key in [json!(null), json!("RSA"), json!(7), json!([]), json!({})] {
        let (set, findings) = key_set_and_findings(&[key, public_key("RS256")]);
        assert_eq!(set.rows().map(|row| row.accepted).collect::<Vec<_>>(), [false, true]);
        assert!(find(&findings, Check::KeySet, Status::Passed).received.contains("2 keys, 1 usable"));
    }
}

#[test]
fn the_bounds_of_rsa_are_inclusive() {
    for bytes in [256, 1024] {
        let mut n = vec![0xff; bytes];
        n[0] = 0x80;
        let row = row(changed(public_key("RS256"), &json!({ "n": base64url::encode(&n) })));
        assert!(row.accepted, "{row:?}");
    }
    for e in ["Aw", "AQAB", "AAEAAQ"] {
        assert_eq!(note(changed(public_key("RS256"), &json!({ "e": e }))), "", "{e}");
    }
    // 33 bits, the most that the library takes.
    assert_eq!(note(changed(public_key("RS256"), &json!({ "e": base64url::encode(&[1, 0, 0, 0, 1]) }))), "");
}

#[test]
fn curves_and_their_points() {
    let other_x = other_jwk("ES256")["x"].clone();
    for (alg, changes, said) in [
        ("ES256", json!({ "crv": null }), "curve missing"),
        ("ES256", json!({ "crv": "P-521" }), "curve P-521 is not supported"),
        ("ES256", json!({ "crv": "secp256k1" }), "curve secp256k1 is not supported"),
        ("ES256", json!({ "crv": "P-384" }), "wrong length"),
        ("ES256", json!({ "y": null }), "y is missing"),
        ("ES256", json!({ "x": base64url::encode(&[1; 31]) }), "wrong length"),
        ("ES256", json!({ "x": base64url::encode(&[1; 33]) }), "wrong length"),
        ("ES256", json!({ "x": other_x }), "not on the curve"),
        (
            "ES256",
            json!({ "x": base64url::encode(&[0; 32]), "y": base64url::encode(&[0; 32]) }),
            "not on the curve",
        ),
        ("ES256", json!({ "x": base64url::encode(&[0xff; 32]) }), "not on the curve"),
        ("ES384", json!({ "y": base64url::encode(&[1; 48]) }), "not on the curve"),
        ("EdDSA", json!({ "crv": "Ed448" }), "curve is not supported"),
        ("EdDSA", json!({ "crv": "X25519" }), "curve is not supported"),
        ("EdDSA", json!({ "x": base64url::encode(&[1; 31]) }), "wrong length"),
    ] {
        let said_of_it = note(changed(public_key(alg), &changes));
        assert!(said_of_it.contains(said), "{changes}: {said_of_it}");
    }
}

#[test]
fn usage_and_algorithm_bind() {
    for (changes, said) in [
        (json!({ "use": "sig" }), ""),
        (json!({ "use": null }), ""),
        (json!({ "use": "enc" }), "for encryption"),
        (json!({ "use": "SIG" }), "another use"),
        (json!({ "key_ops": ["verify"] }), ""),
        (json!({ "key_ops": ["sign", "verify"] }), ""),
        (json!({ "key_ops": ["encrypt"] }), "key_ops"),
        (json!({ "key_ops": {} }), "key_ops"),
        (json!({ "alg": "RS256" }), ""),
        (json!({ "alg": "PS512" }), ""),
        (json!({ "alg": "ES256" }), "alg ES256 does not fit"),
        (json!({ "alg": "HS256" }), "alg HS256 does not fit"),
        (json!({ "alg": "RSA-OAEP" }), "alg RSA-OAEP does not fit"),
        (json!({ "alg": "rs256" }), "alg rs256 does not fit"),
        // What a key may say besides is not ours to judge.
        (json!({ "x5c": ["MIIB"], "x5t": "a", "ext": true, "exp": 1 }), ""),
    ] {
        let said_of_it = note(changed(public_key("RS256"), &changes));
        assert!(
            said_of_it.contains(said) && said_of_it.is_empty() == said.is_empty(),
            "{changes}: {said_of_it}"
        );
    }
}

#[test]
fn a_key_is_found_by_kid_and_by_kind() {
    let keys = [public_key("RS256"), other_jwk("RS256"), public_key("ES256")];
    let input = "header.payload";
    let signature = base64url::encode(&sign("RS256", input.as_bytes()));
    let set = key_set(&keys);
    let verify = |alg, kid| set.verify(alg, kid, input, &signature);
    let verified = |candidates| Verdict::Verified { key: "rsa-1".to_owned(), candidates };
    assert_eq!(verify(Algorithm::RS256, Some("rsa-1")), verified(1));
    assert_eq!(verify(Algorithm::RS256, None), verified(2));
    assert_eq!(verify(Algorithm::RS256, Some("rsa-2")), Verdict::Broken);
    assert_eq!(verify(Algorithm::RS256, Some("RSA-1")), Verdict::UnknownKey);
    assert_eq!(verify(Algorithm::RS256, Some("p256-1")), Verdict::NoKeyFits { reason: None });
    assert_eq!(verify(Algorithm::PS256, Some("rsa-1")), Verdict::Broken);
    assert_eq!(verify(Algorithm::EdDSA, None), Verdict::NoKeyFits { reason: None });
    assert_eq!(set.verify(Algorithm::RS256, None, "header.other", &signature), Verdict::Broken);
    // A published key never stands in for a client secret.
    assert_eq!(verify(Algorithm::HS256, Some("rsa-1")), Verdict::NoKeyFits { reason: None });
    assert_eq!(
        KeySet::default().verify(Algorithm::RS256, None, input, &signature),
        Verdict::NoKeyFits { reason: None }
    );
}

#[test]
fn one_key_under_two_names_is_one_key() {
    let input = "header.payload";
    let signature = base64url::encode(&sign("ES256", input.as_bytes()));
    let twice = [public_key("ES256"), changed(public_key("ES256"), &json!({ "kid": "again" }))];
    let verdict = key_set(&twice).verify(Algorithm::ES256, None, input, &signature);
    assert_eq!(verdict, Verdict::Verified { key: "p256-1".to_owned(), candidates: 2 });
}

#[test]
fn the_set_itself_is_judged() {
    let nameless = |alg: &str| changed(public_key(alg), &json!({ "kid": null }));
    for (keys, check, status) in [
        (vec![], Check::KeySet, Status::Warning),
        (vec![json!({})], Check::KeySet, Status::Warning),
        (vec![public_key("RS256")], Check::KeySet, Status::Passed),
        (vec![public_key("RS256"), public_key("RS256")], Check::KeyIds, Status::Warning),
        (vec![public_key("RS256"), nameless("ES256")], Check::KeyIds, Status::Warning),
        (vec![nameless("ES256")], Check::KeyIds, Status::Passed),
        (vec![changed(public_key("RS256"), &json!({ "e": "AQ" }))], Check::KeyStrength, Status::Warning),
        (vec![public_key("RS256")], Check::KeyStrength, Status::Passed),
        (vec![changed(public_key("ES256"), &json!({ "d": "AA" }))], Check::KeyPrivate, Status::Warning),
        (vec![public_key("ES256")], Check::KeyPrivate, Status::Passed),
    ] {
        let (_, findings) = key_set_and_findings(&keys);
        find(&findings, check, status);
    }
}

#[test]
fn what_is_no_key_set_is_a_problem() {
    for (answer, kind) in [
        (json_answer(200, "{}"), ProblemKind::Malformed),
        (json_answer(200, r#"{"keys":null}"#), ProblemKind::Malformed),
        (json_answer(200, r#"{"keys":{}}"#), ProblemKind::Malformed),
        (json_answer(200, r#"[{"kty":"RSA"}]"#), ProblemKind::Malformed),
        (json_answer(200, r#"{"keys":[],"keys":[]}"#), ProblemKind::Malformed),
        (json_answer(404, "{}"), ProblemKind::HttpStatus),
        (json_answer(500, r#"{"keys":[]}"#), ProblemKind::HttpStatus),
        (answer(200, "text/html", "<html>"), ProblemKind::NotJson),
    ] {
        let problem = parse(&answer).unwrap_err();
        assert_eq!((problem.kind, problem.endpoint), (kind, Some(Endpoint::Jwks)), "{problem:?}");
    }
    assert!(parse(&answer(200, "application/jwk-set+json", r#"{"keys":[]}"#)).is_ok());
}
