//! The key set (RFC 7517): parsed strictly, each key judged, and chosen for a signature.

mod key;

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use self::key::{Key, Material};
use crate::http::{Endpoint, HttpAnswer, HttpRequest};
use crate::problem::{Problem, ProblemKind};
use crate::{Check, Finding, Status, answer};

/// Smallest RSA modulus that is taken (RFC 7518 §3.3).
pub const MIN_RSA_BITS: u32 = 2048;
/// Largest: beyond it verification costs more than it proves.
pub const MAX_RSA_BITS: u32 = 8192;

/// A key as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct KeyRow {
    /// `kid`, made harmless.
    pub kid: Option<String>,
    /// `RSA`, `EC`, `OKP`, `oct`, or whatever came.
    pub kty: String,
    /// Size of an RSA modulus or of the curve.
    pub bits: Option<u32>,
    /// `crv`.
    pub curve: Option<String>,
    /// `use`.
    pub usage: Option<String>,
    /// `alg`.
    pub alg: Option<String>,
    /// RFC 7638, SHA-256, base64url.
    pub thumbprint: Option<String>,
    /// Whether this client would verify an ID token with it.
    pub accepted: bool,
    /// Why not, or what is odd.
    pub note: Option<String>,
}

/// A provider's key set.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// How a signature was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It verifies.
    Verified {
        /// `kid` or thumbprint of the key.
        key: String,
        /// How many keys fitted, where the token named none.
        candidates: usize,
    },
    /// The token names a key that the set does not have.
    UnknownKey,
    /// No key of the set fits the algorithm.
    NoKeyFits {
        /// Notes of keys that the name would have chosen.
        reason: Option<String>,
    },
    /// Keys fitted, and none verifies it.
    Broken,
    /// No `kid`, and more than one key verifies it.
    Ambiguous,
}

/// The request for the key set.
#[must_use]
pub fn request(jwks_uri: Url) -> HttpRequest {
    HttpRequest {
        accept: "application/jwk-set+json, application/json",
        ..HttpRequest::get(Endpoint::Jwks, jwks_uri)
    }
}

/// Parses the answer to [`request`].
///
/// # Errors
/// Another status, no JSON object, or no `keys` array. A key that cannot be used is no error but a refused row.
pub fn parse(answer: &HttpAnswer) -> Result<(KeySet, Vec<Finding>), Problem> {
    if answer.status != 200 {
        return Err(answer::failure(answer, Endpoint::Jwks, &crate::catalogue::Context::default()));
    }
    let body = answer::json_object(answer, Endpoint::Jwks)?;
    let Some(Value::Array(items)) = body.get("keys") else {
        return Err(Problem::new(
            ProblemKind::Malformed,
            "The key set has no array “keys” (RFC 7517 §5).",
            "Open the jwks_uri of the metadata in a browser and compare.",
        )
        .at(Endpoint::Jwks)
        .with_status(answer.status));
    };
    let set = KeySet { keys: items.iter().map(Key::parse).collect() };
    let findings = set.findings();
    Ok((set, findings))
}

impl KeySet {
    /// The keys as they are shown, in document order.
    pub fn rows(&self) -> impl Iterator<Item = &KeyRow> {
        self.keys.iter().map(|key| &key.row)
    }

    /// Looks for the key of a signature: by `kid` where the token names one, else among all that fit.
    #[must_use]
    pub fn verify(&self, alg: Algorithm, kid: Option<&str>, signing_input: &str, signature: &str) -> Verdict {
        let named: Vec<&Key> = match kid {
            Some(kid) => self.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect(),
            None => self.keys.iter().collect(),
        };
        if kid.is_some() && named.is_empty() {
            return Verdict::UnknownKey;
        }
        let fitting: Vec<(&Key, &Material)> = named
            .iter()
            .filter_map(|key| key.material.as_ref().map(|material| (*key, material)))
            .filter(|(_, material)| material.algorithms.contains(&alg))
            .collect();
        if fitting.is_empty() {
            let reason = kid.and_then(|_| named.first()).and_then(|key| key.row.note.clone());
            return Verdict::NoKeyFits { reason };
        }
        let verifying: Vec<&Key> = fitting
            .iter()
            .filter(|(_, material)| {
                jsonwebtoken::crypto::verify(signature, signing_input.as_bytes(), &material.key, alg)
                    .unwrap_or(false)
            })
            .map(|(key, _)| *key)
            .collect();
        match verifying.as_slice() {
            [] => Verdict::Broken,
            [key, rest @ ..] => {
                // The same key listed twice is one key.
                if rest.iter().any(|other| other.row.thumbprint != key.row.thumbprint) {
                    return Verdict::Ambiguous;
                }
                let name = key.row.kid.clone().or_else(|| key.row.thumbprint.clone()).unwrap_or_default();
                Verdict::Verified { key: name, candidates: fitting.len() }
            }
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let accepted = self.keys.iter().filter(|key| key.row.accepted).count();
        let received = match (self.keys.len(), accepted) {
            (1, 1) => "1 key".to_owned(),
            (all, accepted) if all == accepted => format!("{all} keys"),
            (all, accepted) => format!("{all} keys, {accepted} usable"),
        };
        let set = Finding::new(
            Check::KeySet,
            if accepted == 0 { Status::Warning } else { Status::Passed },
            "at least one usable signing key",
            received,
            "RFC 7517 §5",
        );
        findings.push(if accepted == 0 {
            set.with_remedy("No ID token signed with a key pair can be verified with this set.")
        } else {
            set
        });
        let private = self.keys.iter().filter(|key| key.exposed).count();
        findings.push(if private == 0 {
            Finding::new(Check::KeyPrivate, Status::Passed, "public keys alone", "same", "RFC 7517 §9.3")
        } else {
            Finding::new(
                Check::KeyPrivate,
                Status::Warning,
                "public keys alone",
                format!("{private} private or symmetric key(s) published"),
                "RFC 7517 §9.3",
            )
            .with_remedy(
                "Tell whoever runs the provider at once: anybody can sign tokens with a published private key. \
                 This client refuses those keys.",
            )
        });
        let weak = self.keys.iter().filter(|key| key.weak).count();
        findings.push(if weak == 0 {
            Finding::new(
                Check::KeyStrength,
                Status::Passed,
                "RSA of 2,048 bits or more",
                "same",
                "RFC 7518 §3.3",
            )
        } else {
            Finding::new(
                Check::KeyStrength,
                Status::Warning,
                "RSA of 2,048 bits or more",
                format!("{weak} weak key(s), refused"),
                "RFC 7518 §3.3",
            )
            .with_remedy("Tell whoever runs the provider to replace them.")
        });
        let mut kids: Vec<&str> = self.keys.iter().filter_map(|key| key.kid.as_deref()).collect();
        kids.sort_unstable();
        let twice = kids.windows(2).any(|pair| pair[0] == pair[1]);
        let nameless = self.keys.len() > 1 && self.keys.iter().any(|key| key.kid.is_none());
        findings.push(match (twice, nameless) {
            (false, false) => {
                Finding::new(Check::KeyIds, Status::Passed, "a kid for each key", "same", "OIDC Core §10.1")
            }
            (true, _) => Finding::new(
                Check::KeyIds,
                Status::Warning,
                "a kid for each key",
                "one kid twice",
                "RFC 7517 §4.5",
            ),
            (false, true) => Finding::new(
                Check::KeyIds,
                Status::Warning,
                "a kid for each key",
                "a key without kid",
                "OIDC Core §10.1",
            ),
        });
        findings
    }
}

/// Every algorithm that this client verifies, by its JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
];

/// The algorithm of a JOSE name that this client verifies; names are compared with case (RFC 7515 §4.1.1).
#[must_use]
pub fn algorithm(name: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// The JOSE name.
#[must_use]
pub fn algorithm_name(algorithm: Algorithm) -> &'static str {
    ALGORITHMS.iter().find(|(_, known)| *known == algorithm).map_or("unknown", |(name, _)| name)
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
