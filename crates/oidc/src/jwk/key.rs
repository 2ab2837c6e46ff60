//! One key of a set, judged: whether it may verify signatures, and if not, why.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ParsedPublicKey};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::{KeyRow, MAX_RSA_BITS, MIN_RSA_BITS, algorithm_name};
use crate::{base64url, jws};

#[derive(Clone)]
pub(super) struct Key {
    pub(super) row: KeyRow,
    /// As it came, for comparison.
    pub(super) kid: Option<String>,
    /// `None` where the key is refused.
    pub(super) material: Option<Material>,
    /// Whether it tells what must stay secret.
    pub(super) exposed: bool,
    /// Whether it is too weak to prove anything.
    pub(super) weak: bool,
}

#[derive(Clone)]
pub(super) struct Material {
    pub(super) key: DecodingKey,
    /// Every algorithm that kty, curve and `alg` allow.
    pub(super) algorithms: Vec<Algorithm>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.row.fmt(f)
    }
}

/// Members that only the owner of a key may know (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
pub(super) const WEAK: &str = "weak:";

impl Key {
    pub(super) fn parse(value: &Value) -> Self {
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
