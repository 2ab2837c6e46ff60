//! The key set (RFC 7517): parsed strictly, each key judged, and chosen for a signature.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::http::{Endpoint, HttpAnswer, HttpRequest};
use crate::problem::{Problem, ProblemKind};
use crate::{Check, Finding, Status, answer, base64url, jws};

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

#[derive(Clone)]
struct Key {
    row: KeyRow,
    /// As it came, for comparison.
    kid: Option<String>,
    /// `None` where the key is refused.
    material: Option<Material>,
    /// Whether it tells what must stay secret.
    exposed: bool,
    /// Whether it is too weak to prove anything.
    weak: bool,
}

#[derive(Clone)]
struct Material {
    key: DecodingKey,
    /// Every algorithm that kty, curve and `alg` allow.
    algorithms: Vec<Algorithm>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.row.fmt(f)
    }
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

/// Members that only the owner of a key may know (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
const WEAK: &str = "weak:";

impl Key {
    fn parse(value: &Value) -> Self {
        let Value::Object(jwk) = value else {
            return Self::refused(KeyRow::unknown(crate::json::kind(value)), None, "no JSON object");
        };
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let mut row = KeyRow {
            kid: text("kid").map(jws::shown_text),
            kty: text("kty").map_or_else(|| "missing".to_owned(), jws::shown_text),
            bits: None,
            curve: text("crv").map(jws::shown_text),
            usage: text("use").map(jws::shown_text),
            alg: text("alg").map(jws::shown_text),
            thumbprint: None,
            accepted: false,
            note: None,
        };
        let kid = text("kid").map(str::to_owned);
        let symmetric = text("kty") == Some("oct") || jwk.contains_key("k");
        let private = PRIVATE.iter().any(|name| jwk.contains_key(*name));
        // A published secret is said first, whatever else is wrong with the key.
        let judged = if symmetric {
            Err("symmetric key published, refused".to_owned())
        } else {
            Self::judge(jwk, &mut row)
        };
        let weak = judged.as_ref().is_err_and(|note| note.starts_with(WEAK));
        let key = match judged {
            Ok(_) if private => Self::refused(row, kid, "private key published, refused"),
            Err(note) if private => {
                Self::refused(row, kid, &format!("private key published, refused; also {note}"))
            }
            Ok(material) => {
                row.accepted = true;
                Self { row, kid, material: Some(material), exposed: false, weak: false }
            }
            Err(note) => Self::refused(row, kid, &note),
        };
        Self { exposed: symmetric || private, weak, ..key }
    }

    fn refused(row: KeyRow, kid: Option<String>, note: &str) -> Self {
        let row = KeyRow { accepted: false, note: Some(note.to_owned()), ..row };
        Self { row, kid, material: None, exposed: false, weak: false }
    }

    fn judge(jwk: &Map<String, Value>, row: &mut KeyRow) -> Result<Material, String> {
        for (name, value) in jwk {
            if matches!(name.as_str(), "kty" | "kid" | "use" | "alg" | "crv" | "n" | "e" | "x" | "y")
                && !value.is_string()
            {
                return Err(format!("{name} must be a string"));
            }
        }
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            let value = text(name).ok_or_else(|| format!("{name} is missing"))?;
            base64url::decode(value).map_err(|reason| format!("{name} has {reason}"))
        };
        let kty = text("kty").unwrap_or_default();
        let (key, mut algorithms) = match kty {
            "RSA" => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let bits = bit_length(&n);
                row.bits = Some(bits);
                row.thumbprint =
                    Some(thumbprint(&[("e", text("e")), ("kty", Some("RSA")), ("n", text("n"))]));
                rsa_is_sound(bits, &e)?;
                (DecodingKey::from_rsa_raw_components(&n, &e), RSA.to_vec())
            }
            "EC" => {
                let (algorithm, curve, size) = match text("crv") {
                    Some("P-256") => (Algorithm::ES256, &ECDSA_P256_SHA256_FIXED, 32),
                    Some("P-384") => (Algorithm::ES384, &ECDSA_P384_SHA384_FIXED, 48),
                    other => {
                        return Err(format!(
                            "curve {} is not supported",
                            other.map_or_else(|| "missing".to_owned(), jws::shown_text)
                        ));
                    }
                };
                row.bits = Some(if size == 32 { 256 } else { 384 });
                row.thumbprint = Some(thumbprint(&[
                    ("crv", text("crv")),
                    ("kty", Some("EC")),
                    ("x", text("x")),
                    ("y", text("y")),
                ]));
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != size || y.len() != size {
                    return Err("coordinates of the wrong length for the curve".to_owned());
                }
                // Refused here already, so that the row does not call a key sound that verifies nothing.
                if ParsedPublicKey::new(curve, [&[4], x.as_slice(), y.as_slice()].concat()).is_err() {
                    return Err("coordinates that are not on the curve".to_owned());
                }
                let key = DecodingKey::from_ec_components(
                    text("x").unwrap_or_default(),
                    text("y").unwrap_or_default(),
                )
                .map_err(|_| "coordinates that are no key".to_owned())?;
                (key, vec![algorithm])
            }
            "OKP" if text("crv") == Some("Ed25519") => {
                row.bits = Some(256);
                row.thumbprint =
                    Some(thumbprint(&[("crv", Some("Ed25519")), ("kty", Some("OKP")), ("x", text("x"))]));
                if bytes("x")?.len() != 32 {
                    return Err("x of the wrong length".to_owned());
                }
                let key = DecodingKey::from_ed_components(text("x").unwrap_or_default())
                    .map_err(|_| "no Ed25519 key".to_owned())?;
                (key, vec![Algorithm::EdDSA])
            }
            "" => return Err("kty is missing".to_owned()),
            "OKP" => return Err("curve is not supported".to_owned()),
            _ => return Err("kty is not supported".to_owned()),
        };
        if let Some(usage) = text("use").filter(|usage| *usage != "sig") {
            return Err(format!(
                "for {}, not for signatures",
                if usage == "enc" { "encryption" } else { "another use" }
            ));
        }
        match jwk.get("key_ops") {
            None => {}
            Some(Value::Array(ops)) if ops.iter().any(|op| op == "verify") => {}
            Some(_) => return Err("key_ops do not allow verifying".to_owned()),
        }
        if let Some(alg) = text("alg") {
            algorithms.retain(|known| algorithm_name(*known) == alg);
            if algorithms.is_empty() {
                return Err(format!("alg {} does not fit the key type", jws::shown_text(alg)));
            }
        }
        Ok(Material { key, algorithms })
    }
}

impl KeyRow {
    fn unknown(kind: &str) -> Self {
        Self {
            kid: None,
            kty: kind.to_owned(),
            bits: None,
            curve: None,
            usage: None,
            alg: None,
            thumbprint: None,
            accepted: false,
            note: None,
        }
    }
}

const RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

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

fn rsa_is_sound(bits: u32, e: &[u8]) -> Result<(), String> {
    if bits < MIN_RSA_BITS {
        return Err(format!("{WEAK} RSA of {bits} bits, below {MIN_RSA_BITS}"));
    }
    if bits > MAX_RSA_BITS {
        return Err(format!("RSA of {bits} bits, above {MAX_RSA_BITS}"));
    }
    let e_bits = bit_length(e);
    if e_bits < 2 || e.last().is_none_or(|last| last % 2 == 0) {
        return Err(format!("{WEAK} an exponent that is even or below 3"));
    }
    if e_bits > 33 {
        return Err("an exponent beyond 33 bits".to_owned());
    }
    Ok(())
}

fn bit_length(number: &[u8]) -> u32 {
    let Some(first) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let rest = u32::try_from(number.len() - first - 1).unwrap_or(u32::MAX / 16);
    8 - number[first].leading_zeros() + rest * 8
}

/// RFC 7638: the required members in lexical order, hashed.
fn thumbprint(members: &[(&str, Option<&str>)]) -> String {
    let canonical: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{}", Value::from(value.unwrap_or_default())))
        .collect();
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        format!("{{{}}}", canonical.join(",")).as_bytes(),
    );
    base64url::encode(digest.as_ref())
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
