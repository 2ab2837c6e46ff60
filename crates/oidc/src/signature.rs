//! One signature, judged as findings: the algorithm, tied to the key type, then the key and the signature.

use jsonwebtoken::{Algorithm, DecodingKey};

use crate::jwk::{self, KeySet, Verdict};
use crate::jws::{Jws, shown_text};
use crate::secret::Secret;
use crate::{Check, Finding, Status};

/// What a signature is judged against.
pub struct Trust<'a> {
    /// The provider's keys; `None` where they could not be had.
    pub keys: Option<&'a KeySet>,
    /// For `HS*`, which must never use a published key.
    pub client_secret: Option<&'a Secret>,
    /// `…_signing_alg_values_supported` of the metadata.
    pub offered: Option<&'a [String]>,
}

/// The result of [`verify`].
pub struct Judged {
    /// Algorithm first, then signature.
    pub findings: Vec<Finding>,
    /// Whether a fresh key set could change the result: an unknown key, or keys that may have been
    /// replaced under the same name.
    pub fresh_keys_may_help: bool,
}

/// Judges a signature; `signature` names the check, so that UserInfo can use it too.
#[must_use]
pub fn verify(jws: &Jws<'_>, trust: &Trust<'_>, signature: Check) -> Judged {
    let expected = trust.offered.map_or_else(
        || "an algorithm that the client allows".to_owned(),
        |offered| {
            let safe: Vec<&str> = offered
                .iter()
                .map(String::as_str)
                .filter(|name| !name.eq_ignore_ascii_case("none"))
                .collect();
            shown_text(&safe.join(", "))
        },
    );
    let refuse = |received: String, remedy: &str| Judged {
        findings: vec![
            Finding::new(
                Check::IdTokenAlgorithm,
                Status::Failed,
                expected.clone(),
                received,
                "OIDC Core §3.1.3.7, RFC 8725 §3.1",
            )
            .with_remedy(remedy),
        ],
        fresh_keys_may_help: false,
    };
    let Some(name) = jws.alg() else {
        return refuse(
            "no alg".to_owned(),
            "Every signed token names its algorithm. Tell whoever runs the provider.",
        );
    };
    if name.eq_ignore_ascii_case("none") {
        return refuse(
            format!("{}: the token is not signed", shown_text(name)),
            "Anybody could have made this token. Do not use it.",
        );
    }
    let Some(algorithm) = jwk::algorithm(name) else {
        return refuse(
            format!("{}, which this client cannot verify", shown_text(name)),
            "Set the app's ID token signature to RS256. OneLogin: Applications › the app › SSO › ID Token Signature Algorithm.",
        );
    };
    let mut findings = vec![algorithm_finding(algorithm, trust.offered, expected.clone())];
    let (finding, fresh_keys_may_help) = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            (symmetric(jws, algorithm, trust.client_secret, signature), false)
        }
        _ => asymmetric(jws, algorithm, trust.keys, signature),
    };
    findings.push(finding);
    Judged { findings, fresh_keys_may_help }
}

fn algorithm_finding(algorithm: Algorithm, offered: Option<&[String]>, expected: String) -> Finding {
    let name = jwk::algorithm_name(algorithm);
    let reference = "OIDC Core §3.1.3.7";
    match offered {
        Some(offered) if !offered.iter().any(|known| known == name) => {
            Finding::new(Check::IdTokenAlgorithm, Status::Warning, expected, name, reference).with_remedy(
                "The metadata do not offer this algorithm. Compare them with the app's signature setting.",
            )
        }
        _ => Finding::new(Check::IdTokenAlgorithm, Status::Passed, expected, name, reference),
    }
}

fn symmetric(jws: &Jws<'_>, algorithm: Algorithm, secret: Option<&Secret>, check: Check) -> Finding {
    const REFERENCE: &str = "OIDC Core §10.1";
    let name = jwk::algorithm_name(algorithm);
    let expected = format!("{name} with the client secret");
    // With an empty key anybody could sign.
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return Finding::new(check, Status::Failed, expected, "no client secret to verify it with", REFERENCE).with_remedy(
            "A public client cannot verify this. Set the app's ID token signature to RS256, or use a client secret.",
        );
    };
    let key = DecodingKey::from_secret(secret.expose().as_bytes());
    if jsonwebtoken::crypto::verify(jws.signature, jws.signing_input.as_bytes(), &key, algorithm)
        .unwrap_or(false)
    {
        let verified = Finding::new(
            check,
            Status::Passed,
            expected,
            format!("{name}, verified with the client secret"),
            REFERENCE,
        );
        let shortest = match algorithm {
            Algorithm::HS256 => 32,
            Algorithm::HS384 => 48,
            _ => 64,
        };
        if secret.expose().len() >= shortest {
            return verified;
        }
        Finding { status: Status::Warning, ..verified }.with_remedy(format!(
            "The client secret is shorter than the {shortest} bytes that {name} needs (RFC 7518 §3.2): it could be \
             guessed from a token. Have the provider make a longer one, or sign with RS256.",
        ))
    } else {
        Finding::new(check, Status::Failed, expected, "does not verify", REFERENCE).with_remedy(
            "Either the client secret here is not the app's, or the token was made by somebody else. A provider's published key is never used for HS256.",
        )
    }
}

fn asymmetric(jws: &Jws<'_>, algorithm: Algorithm, keys: Option<&KeySet>, check: Check) -> (Finding, bool) {
    const REFERENCE: &str = "OIDC Core §10.1, RFC 7515 §5.2";
    let name = jwk::algorithm_name(algorithm);
    let kid = jws.kid();
    let expected = match kid {
        Some(kid) => format!("{name}, key {}", shown_text(kid)),
        None => format!("{name}, a key of the provider"),
    };
    let failed = |received: String, remedy: &str| {
        Finding::new(check, Status::Failed, expected.clone(), received, REFERENCE).with_remedy(remedy)
    };
    let Some(keys) = keys else {
        return (
            failed(
                "no key set to verify it with".to_owned(),
                "The provider's keys could not be fetched: see the exchange named Keys under Traffic.",
            ),
            false,
        );
    };
    match keys.verify(algorithm, kid, jws.signing_input, jws.signature) {
        Verdict::Verified { key, candidates } => {
            let finding =
                Finding::new(check, Status::Passed, expected, format!("{name}, key {key}"), REFERENCE);
            if kid.is_none() && candidates > 1 {
                (
                    Finding { status: Status::Warning, ..finding }
                        .with_remedy(format!("The token names no key and {candidates} fit: the provider must add kid (OIDC Core §10.1).")),
                    false,
                )
            } else {
                (finding, false)
            }
        }
        Verdict::UnknownKey => (
            failed(
                format!("key {} is not in the key set", kid.map(shown_text).unwrap_or_default()),
                "Check that issuer and keys belong to one tenant. The provider may have replaced its keys.",
            ),
            true,
        ),
        Verdict::NoKeyFits { reason } => (
            failed(
                reason.map_or_else(
                    || format!("no key for {name} in the key set"),
                    |reason| format!("its key is refused: {reason}"),
                ),
                "The provider must publish a sound signing key of the right type.",
            ),
            true,
        ),
        Verdict::Broken => (
            failed(
                "does not verify".to_owned(),
                "The token was changed on the way, or made by somebody else. Do not use it.",
            ),
            true,
        ),
        Verdict::Ambiguous => (
            failed(
                "no kid, and more than one key verifies it".to_owned(),
                "The provider must add kid (OIDC Core §10.1).",
            ),
            false,
        ),
    }
}
