//! The tenant's signing keys: RSA, 2048 bits, made at start and never written anywhere.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key could not be made or used.
#[derive(Debug)]
pub(crate) struct KeyFailure;

/// One signing key.
pub(crate) struct SigningKey {
    pair: KeyPair,
    /// The RFC 7638 thumbprint.
    pub(crate) kid: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFailure)?;
        let (modulus, exponent) = public_numbers(pair.public_key().as_ref()).ok_or(KeyFailure)?;
        let (n, e) = (encode(&modulus), encode(&exponent));
        let kid =
            encode(digest(&SHA256, format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#).as_bytes()).as_ref());
        Ok(Self { pair, kid, modulus, exponent })
    }

    /// RS256 over a signing input.
    pub(crate) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, KeyFailure> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)
            .map_err(|_| KeyFailure)?;
        Ok(signature)
    }

    /// The public key as a member of a key set.
    pub(crate) fn jwk(&self) -> Value {
        json!({
            "kty": "RSA",
            "kid": self.kid,
            "use": "sig",
            "alg": "RS256",
            "e": encode(&self.exponent),
            "n": encode(&self.modulus),
        })
    }

    /// The public key as RFC 8017 DER: what an HMAC confusion uses as its secret (H-01).
    pub(crate) fn public_der(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}

/// The keys in use: the one that signs, and the ones before it that are still published.
pub(crate) struct KeyRing {
    current: SigningKey,
    published_before: Vec<Value>,
}

impl KeyRing {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        Ok(Self { current: SigningKey::generate()?, published_before: Vec::new() })
    }

    pub(crate) fn current(&self) -> &SigningKey {
        &self.current
    }

    /// A new key signs from now on; the old one stays published for what it signed.
    pub(crate) fn rotate(&mut self) -> Result<(), KeyFailure> {
        let old = std::mem::replace(&mut self.current, SigningKey::generate()?);
        self.published_before.insert(0, old.jwk());
        self.published_before.truncate(2);
        Ok(())
    }

    /// The published keys, newest first.
    pub(crate) fn published(&self) -> Vec<Value> {
        std::iter::once(self.current.jwk()).chain(self.published_before.iter().cloned()).collect()
    }
}

/// Base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// The hash of a token that an ID token carries: the left half of SHA-256 (OIDC Core §3.1.3.6).
pub(crate) fn half_hash(token: &str) -> String {
    encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16])
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyFailure> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| KeyFailure)?;
    Ok(bytes)
}

/// A random identifier in the shape of a UUID.
pub(crate) fn uuid() -> Result<String, KeyFailure> {
    let text = hex(&random::<16>()?);
    Ok(format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Modulus and exponent out of an RFC 8017 `RSAPublicKey`.
fn public_numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (sequence, rest) = element(der, 0x30)?;
    let (modulus, after) = element(sequence, 0x02)?;
    let (exponent, end) = element(after, 0x02)?;
    (rest.is_empty() && end.is_empty()).then(|| (unsigned(modulus), unsigned(exponent)))
}

/// One DER element of the expected tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*length & 0x7f))?;
        (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
    };
    (*first == tag).then_some(())?;
    rest.split_at_checked(length)
}

/// DER puts a zero before a leading one bit; a JWK does not.
fn unsigned(integer: &[u8]) -> Vec<u8> {
    integer.iter().copied().skip_while(|byte| *byte == 0).collect()
}
