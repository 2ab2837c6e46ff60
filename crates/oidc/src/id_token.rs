//! ID token validation (OIDC Core §3.1.3.7, §3.2.2.11): one finding for each rule, all of them made, so
//! that a tester sees everything that is wrong at once. One failed finding makes the token worthless.

mod rules;

use serde_json::{Map, Value};

use self::rules::Rules;
use crate::jwk::KeySet;
use crate::jws::{self, Jws};
use crate::named::Claims;
use crate::secret::Secret;
use crate::signature::{self, Trust};
use crate::{Check, Finding, Status, base64url, jwk};

/// Oldest `iat` that is taken, in seconds: a week.
pub const MAX_AGE: i64 = 7 * 86_400;

/// What an ID token must agree with. Time and everything random is passed in.
#[derive(Debug, Clone, Default)]
pub struct Expectations<'a> {
    /// The issuer of the connection.
    pub issuer: &'a str,
    /// The client id, which must be the audience.
    pub client_id: &'a str,
    /// For `HS256`.
    pub client_secret: Option<&'a Secret>,
    /// `id_token_signing_alg_values_supported`.
    pub algorithms: Option<&'a [String]>,
    /// The nonce that was sent; a token must not bring one that was not. With [`previous`](Self::previous),
    /// the nonce of the first sign-in, which a refreshed token may leave out (OIDC Core §12.2).
    pub nonce: Option<&'a str>,
    /// The access token beside it, for `at_hash`.
    pub access_token: Option<&'a Secret>,
    /// Whether `at_hash` must be there: implicit flow with an access token (OIDC Core §3.2.2.10).
    pub at_hash_required: bool,
    /// The refresh token beside it, for `rt_hash`.
    pub refresh_token: Option<&'a Secret>,
    /// The code beside it, for `c_hash`.
    pub code: Option<&'a Secret>,
    /// The `acr_values` that were asked for.
    pub acr_values: &'a [String],
    /// The `max_age` that was asked for, seconds.
    pub max_age: Option<i64>,
    /// The session that a refresh continues.
    pub previous: Option<Previous<'a>>,
    /// Unix time in seconds.
    pub now: i64,
}

/// What must be as it was at the first sign-in (OIDC Core §12.2).
#[derive(Debug, Clone, Copy)]
pub struct Previous<'a> {
    /// `sub` of the first ID token; `None` where nothing is known of the first sign-in, its nonce included.
    pub subject: Option<&'a str>,
}

/// The result of [`verify`].
#[derive(Debug, Clone)]
pub struct Verification {
    /// JOSE header, where the token could be taken apart.
    pub header: Option<Map<String, Value>>,
    /// Claims, likewise. Trusted only where no finding failed.
    pub claims: Option<Map<String, Value>>,
    /// Every rule, in the order of the specification.
    pub findings: Vec<Finding>,
    /// Whether fetching the key set once more could change the result.
    pub fresh_keys_may_help: bool,
}

impl Verification {
    /// `sub`, where it is a string.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.claims.as_ref()?.get("sub")?.as_str()
    }
}

/// Verifies an ID token against `keys` (absent where they could not be had) and `expect`.
#[must_use]
pub fn verify(token: &Secret, keys: Option<&KeySet>, expect: &Expectations<'_>) -> Verification {
    let jws = match Jws::parse(token) {
        Ok(jws) => jws,
        Err(fault) => {
            let finding = Finding::new(
                Check::IdTokenFormat,
                Status::Failed,
                "three base64url parts, header and payload JSON objects",
                fault.to_string(),
                "RFC 7515 §7.1, RFC 7519 §7.2",
            )
            .with_remedy("The provider must send a signed JWT. Look at the token answer under Traffic.");
            return Verification {
                header: None,
                claims: None,
                findings: vec![finding],
                fresh_keys_may_help: false,
            };
        }
    };
    let mut findings = Vec::with_capacity(20);
    findings.push(Finding::new(
        Check::IdTokenFormat,
        Status::Passed,
        "three base64url parts, header and payload JSON objects",
        "same",
        "RFC 7515 §7.1, RFC 7519 §7.2",
    ));
    findings.extend(jws::check_header(&jws.header, &["id_token+jwt"]));
    let trust = Trust { keys, client_secret: expect.client_secret, offered: expect.algorithms };
    let judged = signature::verify(&jws, &trust, Check::IdTokenSignature);
    findings.extend(judged.findings);
    let claims = Claims::of(&jws.claims);
    let rules = Rules { claims: &claims, expect };
    findings.push(rules.issuer());
    findings.push(rules.audience());
    findings.push(rules.authorized_party());
    findings.push(rules.subject());
    findings.push(rules.expires());
    findings.push(rules.issued_at());
    findings.push(rules.not_before());
    findings.push(rules.nonce());
    let alg = jws.alg().unwrap_or_default();
    findings.push(rules.hash(
        Check::IdTokenAccessTokenHash,
        ("at_hash", claims.at_hash),
        alg,
        expect.access_token,
        expect.at_hash_required,
    ));
    findings.push(rules.hash(
        Check::IdTokenRefreshTokenHash,
        ("rt_hash", claims.rt_hash),
        alg,
        expect.refresh_token,
        false,
    ));
    findings.push(rules.hash(Check::IdTokenCodeHash, ("c_hash", claims.c_hash), alg, expect.code, false));
    findings.push(rules.acr());
    findings.push(rules.auth_time());
    if let Some(previous) = expect.previous {
        findings.push(rules.unchanged(previous));
    }
    Verification {
        header: Some(jws.header),
        claims: Some(jws.claims),
        findings,
        fresh_keys_may_help: judged.fresh_keys_may_help,
    }
}

/// base64url of the left half of the digest that the token's algorithm names (OIDC Core §3.1.3.6).
///
/// `None` for an algorithm that is not known here.
#[must_use]
pub fn half_hash(alg: &str, value: &Secret) -> Option<String> {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    let algorithm = match jwk::algorithm(alg)? {
        jsonwebtoken::Algorithm::EdDSA => &SHA512,
        _ if alg.ends_with("256") => &SHA256,
        _ if alg.ends_with("384") => &SHA384,
        _ => &SHA512,
    };
    let digest = digest(algorithm, value.expose().as_bytes());
    let digest = digest.as_ref();
    Some(base64url::encode(&digest[..digest.len() / 2]))
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
