//! The worked examples of the specifications: RFC 7515 appendix A, RFC 7638, RFC 8037 appendix A, OIDC Core
//! appendix A. (RFC 7520 §4 is among Wycheproof's cases.)

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use latchkey_oidc::id_token::half_hash;
use latchkey_oidc::jws::Jws;
use latchkey_oidc::signature::{self, Trust};
use latchkey_oidc::{Check, Secret, Status, base64url, jwk};
use serde_json::{Map, Value, json};
use support::{key_set, keys};

const PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

fn status(jws: &Jws<'_>, key: &Value) -> Status {
    let keys = key_set(std::slice::from_ref(key));
    let trust = Trust { keys: Some(&keys), client_secret: None, offered: None };
    let judged = signature::verify(jws, &trust, Check::IdTokenSignature);
    assert_eq!(judged.findings[0].status, Status::Passed);
    judged.findings[1].status
}

#[test]
fn rfc7515_a1_hs256() {
    let token = Secret::new(format!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    ));
    let jws = Jws::parse(&token).unwrap();
    assert_eq!((jws.alg(), jws.kid()), (Some("HS256"), None));
    assert_eq!(jws.claims["exp"], 1_300_819_380);
    // The key is no text, so it can be no client secret: the signing input is checked by hand, and the
    // base64url of a key is not the key.
    let text = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let key = base64url::decode(text).unwrap();
    assert_eq!(base64url::encode(&keys::mac("HS256", &key, jws.signing_input.as_bytes())), jws.signature);
    let secret = Secret::from(text);
    let trust = Trust { keys: None, client_secret: Some(&secret), offered: None };
    let judged = signature::verify(&jws, &trust, Check::IdTokenSignature);
    assert_eq!(judged.findings[1].status, Status::Failed);
}

#[test]
fn rfc7515_a2_rs256() {
    let key = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    });
    let token = Secret::new(format!(
        "eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    ));
    assert_eq!(status(&Jws::parse(&token).unwrap(), &key), Status::Passed);
}

#[test]
fn rfc7515_a3_es256() {
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let token = Secret::new(format!(
        "eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    ));
    assert_eq!(status(&Jws::parse(&token).unwrap(), &key), Status::Passed);
    // A published private key (the example's d) is refused, however good the signature.
    let private = keys::changed(key, &json!({ "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }));
    assert_eq!(status(&Jws::parse(&token).unwrap(), &private), Status::Failed);
}

#[test]
fn rfc7515_a5_unsecured() {
    let token = Secret::new(format!("eyJhbGciOiJub25lIn0.{PAYLOAD}."));
    let jws = Jws::parse(&token).unwrap();
    let trust = Trust { keys: None, client_secret: None, offered: None };
    let judged = signature::verify(&jws, &trust, Check::IdTokenSignature);
    assert_eq!(judged.findings.len(), 1);
    assert_eq!(
        (judged.findings[0].check, judged.findings[0].status),
        (Check::IdTokenAlgorithm, Status::Failed)
    );
}

#[test]
fn rfc7638_3_1_thumbprint() {
    let set = key_set(&[json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    })]);
    let row = set.rows().next().unwrap();
    assert_eq!(row.thumbprint.as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    assert_eq!((row.bits, row.accepted), (Some(2048), true));
}

const ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

#[test]
fn rfc8037_a3_thumbprint() {
    let set = key_set(&[json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519 })]);
    let row = set.rows().next().unwrap();
    assert_eq!(row.thumbprint.as_deref(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
}

#[test]
fn rfc8037_a4_eddsa() {
    // The payload is a sentence and no JSON, so the token is put together by hand.
    let jws = Jws {
        header: json!({ "alg": "EdDSA" }).as_object().cloned().unwrap(),
        claims: Map::new(),
        signing_input: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    };
    assert_eq!(status(&jws, &json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519 })), Status::Passed);
}

#[test]
fn oidc_core_a3_at_hash_and_a4_c_hash() {
    for (value, hash) in [
        ("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ"),
        ("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "LDktKdoQak3Pk0cnXxCltA"),
    ] {
        assert_eq!(half_hash("RS256", &Secret::from(value)).as_deref(), Some(hash));
    }
}

#[test]
fn every_algorithm_has_the_hash_that_it_names() {
    // Half of the digest: 16, 24 or 32 bytes. EdDSA with Ed25519 hashes with SHA-512.
    let value = Secret::from("value");
    for (alg, bytes) in [
        ("RS256", 16),
        ("PS256", 16),
        ("ES256", 16),
        ("HS256", 16),
        ("RS384", 24),
        ("PS384", 24),
        ("ES384", 24),
        ("HS384", 24),
        ("RS512", 32),
        ("PS512", 32),
        ("HS512", 32),
        ("EdDSA", 32),
    ] {
        let hash = half_hash(alg, &value).unwrap();
        assert_eq!(base64url::decode(&hash).unwrap().len(), bytes, "{alg}");
        assert_eq!(jwk::algorithm(alg).map(jwk::algorithm_name), Some(alg));
    }
    for alg in ["none", "rs256", "ES512", ""] {
        assert_eq!(half_hash(alg, &value), None);
    }
}
