//! The discovery document and the key set.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::faults::{KeySetFault, MetadataFault};
use crate::keys::{KeyFailure, SigningKey, encode, random};
use crate::options::Generation;
use crate::tenant::{Call, lock};

/// v1's, as its page shows it.
const V1: &str = include_str!("documents/discovery-v1.json");
/// v2's, as a live tenant answered in November 2022.
const V2: &str = include_str!("documents/discovery-v2.json");

pub(crate) fn discovery(call: &Call<'_>) -> Result<Answer, Answer> {
    let template = match call.generation {
        Generation::V1 => V1,
        Generation::V2 => V2,
    };
    let text = template.replace("{issuer}", &call.tenant.issuer(call.generation));
    let mut document: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|_| Answer::error(500, "server_error", "the discovery document is damaged"))?;
    if call.generation == Generation::V2 && call.tenant.response_iss {
        document.insert("authorization_response_iss_parameter_supported".to_owned(), json!(true));
    }
    match &call.faults.metadata {
        Some(MetadataFault::Issuer(issuer)) => {
            document.insert("issuer".to_owned(), json!(issuer));
        }
        Some(MetadataFault::Set(name, value)) => {
            document.insert(name.clone(), value.clone());
        }
        Some(MetadataFault::Remove(name)) => {
            document.shift_remove(name);
        }
        Some(MetadataFault::Padding(bytes)) => pad(&mut document, *bytes),
        None => {}
    }
    Ok(Answer::json(200, &Value::Object(document)))
}

pub(crate) fn certs(call: &Call<'_>) -> Result<Answer, Answer> {
    let mut keys = lock(&call.tenant.keys).published();
    if let Some(fault) = &call.faults.key_set {
        change(&mut keys, fault)?;
    }
    Ok(Answer::json(200, &json!({"keys": keys})))
}

/// Members of about a hundred bytes each, until they amount to the size.
fn pad(document: &mut Map<String, Value>, bytes: usize) {
    for number in 0..bytes.div_ceil(100) {
        document.insert(format!("x_unknown_member_{number:06}"), json!("unknown ".repeat(9).trim_end()));
    }
}

fn change(keys: &mut Vec<Value>, fault: &KeySetFault) -> Result<(), KeyFailure> {
    match fault {
        KeySetFault::TwoKeysOneKid => {
            let mut other = SigningKey::generate()?.jwk();
            other["kid"] = keys[0]["kid"].clone();
            keys.insert(0, other);
        }
        KeySetFault::NoKid => {
            keys.truncate(1);
            remove(keys, "kid");
        }
        KeySetFault::SeveralWithoutKid => {
            keys.insert(0, SigningKey::generate()?.jwk());
            remove(keys, "kid");
        }
        KeySetFault::OtherKinds => {
            keys.truncate(1);
            keys.insert(0, for_encryption()?);
            keys.push(on_a_curve());
            remove(keys, "kid");
        }
        KeySetFault::ForEncryption => set(keys, "use", &json!("enc")),
        KeySetFault::WrongKeyOps => {
            remove(keys, "use");
            set(keys, "key_ops", &json!(["sign", "encrypt"]));
        }
        KeySetFault::Alg(alg) => set(keys, "alg", &json!(alg)),
        KeySetFault::Small => set(keys, "n", &json!(odd_number::<128>()?)),
        KeySetFault::ExponentOne => set(keys, "e", &json!("AQ")),
        KeySetFault::PrivateKey => {
            let mut other = SigningKey::generate()?.jwk();
            other["d"] = json!(odd_number::<256>()?);
            keys.push(other);
        }
        KeySetFault::SecretKey => {
            let secret = encode(&random::<32>()?);
            keys.push(json!({"kty": "oct", "kid": "secret", "use": "sig", "alg": "HS256", "k": secret}));
        }
        KeySetFault::Many(number) => {
            let mut others = Vec::with_capacity(*number);
            for index in 0..*number {
                others.push(json!({
                    "kty": "RSA", "kid": format!("other-{index}"), "use": "sig", "alg": "RS256",
                    "e": "AQAB", "n": odd_number::<256>()?,
                }));
            }
            keys.splice(0..0, others);
        }
        KeySetFault::WithoutTheKey => *keys = vec![SigningKey::generate()?.jwk()],
        KeySetFault::Empty => keys.clear(),
    }
    Ok(())
}

fn set(keys: &mut [Value], name: &str, value: &Value) {
    for key in keys {
        key[name] = value.clone();
    }
}

fn remove(keys: &mut [Value], name: &str) {
    for key in keys.iter_mut().filter_map(Value::as_object_mut) {
        key.shift_remove(name);
    }
}

fn for_encryption() -> Result<Value, KeyFailure> {
    let mut key = SigningKey::generate()?.jwk();
    key["use"] = json!("enc");
    key["alg"] = json!("RSA-OAEP");
    Ok(key)
}

/// The public key of RFC 7515's example A.3.
fn on_a_curve() -> Value {
    json!({
        "kty": "EC", "kid": "curve", "use": "sig", "alg": "ES256", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

/// A number that looks like a modulus: its highest and lowest bits are set.
fn odd_number<const N: usize>() -> Result<String, KeyFailure> {
    let mut bytes = random::<N>()?;
    bytes[0] |= 0x80;
    bytes[N - 1] |= 1;
    Ok(encode(&bytes))
}
