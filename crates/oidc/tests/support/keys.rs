//! Key pairs made once a run, their JWKs, and signatures of every algorithm.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use latchkey_oidc::base64url;
use serde_json::{Value, json};

/// The client's secret, as long as OneLogin makes them.
pub(crate) const SECRET: &str = "5d01ea1c20c8a3b1f4cf1ab3b24a7f0e6a9d1a5c7bdd3e8f90c2b4d6e8fa1c3e";

struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Keys {
    fn generate() -> Self {
        let curve = |algorithm: &'static EcdsaSigningAlgorithm| EcdsaKeyPair::generate(algorithm).unwrap();
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            p256: curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
            p384: curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
            ed25519: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn jwk(&self, alg: &str, series: u8) -> Value {
        let point = |public: &[u8]| {
            let (x, y) = public[1..].split_at(public.len() / 2);
            (base64url::encode(x), base64url::encode(y))
        };
        match alg {
            "ES256" => {
                let (x, y) = point(self.p256.public_key().as_ref());
                json!({ "kty": "EC", "kid": format!("p256-{series}"), "use": "sig", "crv": "P-256", "x": x, "y": y })
            }
            "ES384" => {
                let (x, y) = point(self.p384.public_key().as_ref());
                json!({ "kty": "EC", "kid": format!("p384-{series}"), "use": "sig", "crv": "P-384", "x": x, "y": y })
            }
            "EdDSA" => json!({
                "kty": "OKP", "kid": format!("ed25519-{series}"), "use": "sig", "crv": "Ed25519",
                "x": base64url::encode(self.ed25519.public_key().as_ref()),
            }),
            _ => json!({
                "kty": "RSA", "kid": format!("rsa-{series}"), "use": "sig", "e": "AQAB",
                "n": base64url::encode(self.rsa.public_key().modulus().big_endian_without_leading_zero()),
            }),
        }
    }

    fn sign(&self, alg: &str, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(encoding, &random, input, &mut signature).unwrap();
            signature
        };
        match alg {
            "RS256" => rsa(&RSA_PKCS1_SHA256),
            "RS384" => rsa(&RSA_PKCS1_SHA384),
            "RS512" => rsa(&RSA_PKCS1_SHA512),
            "PS256" => rsa(&RSA_PSS_SHA256),
            "PS384" => rsa(&RSA_PSS_SHA384),
            "PS512" => rsa(&RSA_PSS_SHA512),
            "ES256" => self.p256.sign(&random, input).unwrap().as_ref().to_vec(),
            "ES384" => self.p384.sign(&random, input).unwrap().as_ref().to_vec(),
            "EdDSA" => self.ed25519.sign(input).as_ref().to_vec(),
            "HS256" | "HS384" | "HS512" => mac(alg, SECRET.as_bytes(), input),
            _ => panic!("nothing signs {alg} here"),
        }
    }
}

static KEYS: LazyLock<Keys> = LazyLock::new(Keys::generate);
static OTHER_KEYS: LazyLock<Keys> = LazyLock::new(Keys::generate);

/// The provider's public key for an algorithm, without `alg`.
pub(crate) fn jwk(alg: &str) -> Value {
    KEYS.jwk(alg, 1)
}

/// A second key of the same kind, with a `kid` of its own.
pub(crate) fn other_jwk(alg: &str) -> Value {
    OTHER_KEYS.jwk(alg, 2)
}

/// A key with some members changed; null takes a member away.
pub(crate) fn changed(mut jwk: Value, changes: &Value) -> Value {
    let members = jwk.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.shift_remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    jwk
}

/// A signature of the provider; for `HS*` one with the client secret.
pub(crate) fn sign(alg: &str, input: &[u8]) -> Vec<u8> {
    KEYS.sign(alg, input)
}

/// A signature with the second keys.
pub(crate) fn sign_other(alg: &str, input: &[u8]) -> Vec<u8> {
    OTHER_KEYS.sign(alg, input)
}

/// An HMAC with any key.
pub(crate) fn mac(alg: &str, key: &[u8], input: &[u8]) -> Vec<u8> {
    let algorithm = match alg {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        _ => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), input).as_ref().to_vec()
}

/// The provider's RSA key in every spelling that somebody could take for an HMAC key.
pub(crate) fn rsa_public_spellings() -> Vec<(&'static str, Vec<u8>)> {
    use aws_lc_rs::encoding::AsDer as _;
    use base64::Engine as _;
    let public = KEYS.rsa.public_key();
    let pkcs1 = public.as_ref().to_vec();
    let spki = public.as_der().unwrap().as_ref().to_vec();
    let pem = |label: &str, der: &[u8], end: &str| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----{end}", lines.join("\n")).into_bytes()
    };
    let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
    vec![
        ("PEM", pem("PUBLIC KEY", &spki, "\n")),
        ("PEM without the last newline", pem("PUBLIC KEY", &spki, "")),
        ("PEM, PKCS #1", pem("RSA PUBLIC KEY", &pkcs1, "\n")),
        ("DER", spki),
        ("DER, PKCS #1", pkcs1),
        ("n, base64url", base64url::encode(&modulus).into_bytes()),
        ("n", modulus),
        ("JWK", jwk("RS256").to_string().into_bytes()),
        ("kid", b"rsa-1".to_vec()),
        ("nothing", Vec::new()),
    ]
}

/// A signature that any RSA key with the exponent 1 takes: the padded digest itself (RFC 8017 §9.2).
pub(crate) fn padded_digest(input: &[u8]) -> Vec<u8> {
    const SHA256_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let digest = digest::digest(&digest::SHA256, input);
    let tail = [&SHA256_INFO[..], digest.as_ref()].concat();
    let mut block = vec![0x00, 0x01];
    block.resize(256 - tail.len() - 1, 0xff);
    block.push(0x00);
    block.extend(tail);
    block
}
