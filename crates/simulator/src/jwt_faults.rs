//! Tokens that must be refused, and a few that must not.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};

use crate::damage::damage;
use crate::faults::{ClaimFault, HeaderFault, IdTokenFault, ShapeFault, SignatureFault};
use crate::jwt::{Draft, signing_input};
use crate::keys::{KeyFailure, SigningKey, encode, half_hash, random};

/// Stands for a claim whose value is put in as text.
const LITERAL: &str = "\u{fffc}literal\u{fffc}";

/// The token of a draft with the fault in it.
pub(crate) fn sign(
    mut draft: Draft,
    key: &SigningKey,
    client_secret: Option<&str>,
    fault: &IdTokenFault,
    now: i64,
) -> Result<String, KeyFailure> {
    let stranger = match fault {
        IdTokenFault::Header(HeaderFault::EmbeddedKey)
        | IdTokenFault::Signature(SignatureFault::OtherKey) => Some(SigningKey::generate()?),
        _ => None,
    };
    let key = stranger.as_ref().unwrap_or(key);
    let mut literal = None;
    match fault {
        IdTokenFault::Claim(fault) => literal = change_claims(&mut draft.claims, fault, now),
        IdTokenFault::Header(fault) => change_header(&mut draft.header, fault, key)?,
        IdTokenFault::Signature(fault) => return sign_wrongly(draft, key, client_secret, fault),
        IdTokenFault::Shape(fault) => return shape(&draft, key, fault),
        IdTokenFault::Absent => {}
    }
    let mut claims = Value::Object(draft.claims).to_string();
    if let Some(text) = literal {
        claims = claims.replace(&format!("\"{LITERAL}\""), &text);
    }
    let input = signing_input(Value::Object(draft.header).to_string(), claims);
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", encode(&signature)))
}

/// Returns the text that replaces [`LITERAL`], if the fault puts one in.
fn change_claims(claims: &mut Map<String, Value>, fault: &ClaimFault, now: i64) -> Option<String> {
    let (name, value) = match fault {
        ClaimFault::Set(name, value) => (name.as_str(), value.clone()),
        ClaimFault::SetLiteral(name, text) => {
            claims.insert(name.clone(), json!(LITERAL));
            return Some(text.clone());
        }
        ClaimFault::Remove(name) => {
            claims.shift_remove(name);
            return None;
        }
        ClaimFault::WrongIssuer => ("iss", json!("http://127.0.0.1:1/oidc/2")),
        ClaimFault::WrongSubject => ("sub", json!("99999999")),
        ClaimFault::WrongAudience => ("aud", json!("00000000-20c9-0136-5146-06735177500000000")),
        ClaimFault::AudienceAsArray => ("aud", json!([claims.get("aud")])),
        ClaimFault::AudienceWithStranger { azp } => {
            if let Some(azp) = azp {
                claims.insert("azp".to_owned(), json!(azp));
            }
            ("aud", json!([claims.get("aud"), "00000000-20c9-0136-5146-06735177500000000"]))
        }
        ClaimFault::Expired => ("exp", json!(now - 120)),
        ClaimFault::IssuedAWeekAgo => ("iat", json!(now - 7 * 86_400)),
        ClaimFault::IssuedAhead => ("iat", json!(now + 120)),
        ClaimFault::NotYetValid => ("nbf", json!(now + 120)),
        ClaimFault::Nonce(nonce) => ("nonce", json!(nonce)),
        ClaimFault::WrongAtHash => ("at_hash", json!(half_hash("another access token"))),
        ClaimFault::WrongRtHash => ("rt_hash", json!(half_hash("another refresh token"))),
    };
    claims.insert(name.to_owned(), value);
    None
}

fn change_header(
    header: &mut Map<String, Value>,
    fault: &HeaderFault,
    key: &SigningKey,
) -> Result<(), KeyFailure> {
    match fault {
        HeaderFault::NoKid => {
            header.shift_remove("kid");
        }
        HeaderFault::UnknownKid => {
            header.insert("kid".to_owned(), json!(encode(&random::<32>()?)));
        }
        HeaderFault::Set(name, value) => {
            header.insert(name.clone(), value.clone());
        }
        HeaderFault::Remove(name) => {
            header.shift_remove(name);
        }
        HeaderFault::EmbeddedKey => {
            header.insert("kid".to_owned(), json!(key.kid));
            header.insert("jwk".to_owned(), key.jwk());
        }
    }
    Ok(())
}

fn sign_wrongly(
    mut draft: Draft,
    key: &SigningKey,
    client_secret: Option<&str>,
    fault: &SignatureFault,
) -> Result<String, KeyFailure> {
    let alg = match fault {
        SignatureFault::None(spelling) => spelling.as_str(),
        SignatureFault::HmacWithPublicKey
        | SignatureFault::HmacWithClientSecret
        | SignatureFault::HmacWithOtherSecret => "HS256",
        SignatureFault::Es256 => "ES256",
        SignatureFault::Missing | SignatureFault::Broken | SignatureFault::OtherKey => "RS256",
    };
    draft.header.insert("alg".to_owned(), json!(alg));
    let input =
        signing_input(Value::Object(draft.header).to_string(), Value::Object(draft.claims).to_string());
    let hmac = |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    let signature = match fault {
        SignatureFault::None(_) | SignatureFault::Missing => Vec::new(),
        SignatureFault::HmacWithPublicKey => hmac(key.public_der()).as_ref().to_vec(),
        SignatureFault::HmacWithClientSecret => {
            hmac(client_secret.unwrap_or_default().as_bytes()).as_ref().to_vec()
        }
        SignatureFault::HmacWithOtherSecret => hmac(b"another secret").as_ref().to_vec(),
        SignatureFault::Es256 => random::<64>()?.to_vec(),
        SignatureFault::OtherKey => key.sign(input.as_bytes())?,
        SignatureFault::Broken => {
            let mut signature = key.sign(input.as_bytes())?;
            if let Some(byte) = signature.get_mut(17) {
                *byte ^= 1;
            }
            signature
        }
    };
    Ok(format!("{input}.{}", encode(&signature)))
}

fn shape(draft: &Draft, key: &SigningKey, fault: &ShapeFault) -> Result<String, KeyFailure> {
    let header = Value::Object(draft.header.clone()).to_string();
    let claims = Value::Object(draft.claims.clone()).to_string();
    let input = match fault {
        ShapeFault::Header(fault) => signing_input(damage(&header, *fault), claims),
        ShapeFault::Claims(fault) => signing_input(header, damage(&claims, *fault)),
        _ => signing_input(header, claims),
    };
    let token = format!("{input}.{}", encode(&key.sign(input.as_bytes())?));
    Ok(match fault {
        ShapeFault::Header(_) | ShapeFault::Claims(_) => token,
        ShapeFault::TwoParts => input,
        ShapeFault::FourParts => format!("{token}.AAAA"),
        ShapeFault::FiveParts => format!("{token}.AAAA.AAAA"),
        // 256 bytes of signature leave two characters of padding.
        ShapeFault::Padded => format!("{token}=="),
        ShapeFault::Spaced => token.replacen('.', ". ", 1),
        ShapeFault::TrailingBytes => format!("{token}\n"),
        ShapeFault::NonCanonical => non_canonical(&token),
    })
}

/// The last character of 256 bytes carries four bits that must be zero: sets one of them.
fn non_canonical(token: &str) -> String {
    let (start, last) = token.split_at(token.len() - 1);
    let other = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    format!("{start}{other}")
}
