//! Full ID token validation beside the bare signature verification of the same token, and npm `jose`.

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use jsonwebtoken::{Algorithm, DecodingKey};
use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::{Secret, base64url, finding, id_token, jwk};
use serde_json::{Value, json};

use crate::Failure;
use crate::peers::Node;
use crate::report::{Line, ROUNDS, Series};

const TOKENS: u32 = 2_000;
const BOUND: f64 = 1.25;

const ISSUER: &str = "https://acme.onelogin.com/oidc/2";
const CLIENT_ID: &str = "ba88ac70-1234-0135-527a";

pub(crate) fn measure(node: &mut Node) -> Result<Vec<Line>, Failure> {
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let public = pair.public_key();
    let (modulus, exponent) = (public.modulus(), public.exponent());
    let (n, e) = (modulus.big_endian_without_leading_zero(), exponent.big_endian_without_leading_zero());
    let published = json!({"keys": [{
        "kty": "RSA", "use": "sig", "kid": "bench", "alg": "RS256", "n": base64url::encode(n), "e": base64url::encode(e),
    }]});
    let keys = key_set(&published)?;
    let now = 1_800_000_000;
    let access_token = Secret::from("an access token of the usual length, about as long as this sentence is");
    let token = signed(&pair, now, &access_token)?;
    let expectations = id_token::Expectations {
        issuer: ISSUER,
        client_id: CLIENT_ID,
        access_token: Some(&access_token),
        now,
        ..id_token::Expectations::default()
    };
    let verdict = id_token::verify(&token, Some(&keys), &expectations);
    if finding::any_failed(&verdict.findings) {
        return Err(format!("the token does not pass: {:?}", verdict.findings).into());
    }
    let key = DecodingKey::from_rsa_raw_components(n, e);
    let (signing_input, signature) = token.expose().rsplit_once('.').ok_or("no token")?;
    let for_jose = json!({
        "token": token.expose(), "jwks": published, "issuer": ISSUER, "audience": CLIENT_ID, "now": now, "times": TOKENS,
    });
    let (mut ours, mut floor, mut jose) = (Vec::new(), Vec::new(), Vec::new());
    // In the first round Node compiles what it runs.
    for round in 0..=ROUNDS {
        let began = Instant::now();
        for _ in 0..TOKENS {
            black_box(jsonwebtoken::crypto::verify(
                black_box(signature),
                black_box(signing_input.as_bytes()),
                &key,
                Algorithm::RS256,
            )?);
        }
        let bare = each(began);
        let began = Instant::now();
        for _ in 0..TOKENS {
            black_box(id_token::verify(black_box(&token), Some(&keys), &expectations));
        }
        let whole = each(began);
        let theirs = node.time("validate", for_jose.clone())? * 1e3 / f64::from(TOKENS);
        if round > 0 {
            floor.push(bare);
            ours.push(whole);
            jose.push(theirs);
        }
    }
    let floor = Series::new("the RS256 signature alone", floor);
    let line = Line::ratio("ID token validation, every rule", "µs", ours, floor, BOUND);
    Ok(vec![line.beside(Series::new("jose, without at_hash", jose))])
}

fn each(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6 / f64::from(TOKENS)
}

fn key_set(published: &Value) -> Result<jwk::KeySet, Failure> {
    let answer = HttpAnswer {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: published.to_string().into_bytes(),
        received_at: 0,
    };
    Ok(jwk::parse(&answer).map_err(|problem| problem.explanation)?.0)
}

/// The members of a real OneLogin v2 token.
fn signed(pair: &KeyPair, now: i64, access_token: &Secret) -> Result<Secret, Failure> {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "bench"});
    let claims = json!({
        "sub": "32916209", "email": "peggy.sue@onelogin.com", "preferred_username": "peggy.sue", "name": "Peggy Sue",
        "updated_at": now - 5_000, "given_name": "Peggy", "family_name": "Sue",
        "at_hash": id_token::half_hash("RS256", access_token), "sid": "5c2a7a0e-8f4e-4c5e-9d0f-6a1b2c3d4e5f",
        "aud": CLIENT_ID, "exp": now + 7_200, "iat": now, "iss": ISSUER,
    });
    let input = format!(
        "{}.{}",
        base64url::encode(header.to_string().as_bytes()),
        base64url::encode(claims.to_string().as_bytes())
    );
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &aws_lc_rs::rand::SystemRandom::new(), input.as_bytes(), &mut signature)?;
    Ok(Secret::new(format!("{input}.{}", base64url::encode(&signature))))
}
