//! What a hostile or broken provider signs and publishes (H-01 to H-07).

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use latchkey_oidc::catalogue::Context;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::{Check, Secret, Status, base64url, userinfo};
use serde_json::{Value, json};
use support::keys::{changed, mac, padded_digest, rsa_public_spellings};
use support::*;

/// The header and claims of the case, with another signature.
fn with_signature(case: &Case, signature: &[u8]) -> String {
    format!("{}.{}", case.signing_input(), base64url::encode(signature))
}

#[test]
fn h01_alg_none_in_any_spelling_or_missing() {
    for alg in
        [json!("none"), json!("nOnE"), json!("NONE"), json!("None"), json!(""), json!(null), json!(["RS256"])]
    {
        let case = Case::rs256().header("alg", alg);
        for token in [case.token(), format!("{}.", case.signing_input())] {
            case.fails_with_text(&token, Check::IdTokenAlgorithm);
        }
    }
    Case::rs256().no_header("alg").fails(Check::IdTokenAlgorithm);
    // Names are compared with case, and what is not known is not guessed.
    for alg in ["rs256", "RS256 ", "RS1", "ES512", "ES256K", "RSA-OAEP", "dir"] {
        Case::rs256().header("alg", alg).fails(Check::IdTokenAlgorithm);
    }
}

#[test]
fn h01_hs256_signed_with_what_everybody_knows() {
    for alg in ["HS256", "HS384", "HS512"] {
        let case = Case::signed(alg).header("kid", "rsa-1");
        for (spelling, key) in rsa_public_spellings() {
            let token = with_signature(&case, &mac(alg, &key, case.signing_input().as_bytes()));
            let finding = case.fails_with_text(&token, Check::IdTokenSignature);
            assert_eq!(finding.received, "does not verify", "{spelling}");
            assert!(!case.verify_text(&token).fresh_keys_may_help);
            // A public client has no secret at all, and an empty one is none.
            for nothing in [None, Some(Secret::from(""))] {
                let public = case.clone().with(|case| case.client_secret = nothing);
                let finding = public.fails_with_text(&token, Check::IdTokenSignature);
                assert!(finding.received.contains("no client secret"), "{spelling}: {}", finding.received);
            }
        }
    }
}

#[test]
fn h01_an_oct_key_in_the_key_set_is_never_used() {
    let case = Case::signed("HS256").header("kid", "shared");
    let oct =
        json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": base64url::encode(SECRET.as_bytes()) });
    case.clone()
        .keys([oct, jwk("RS256")])
        .with(|case| case.client_secret = Some(Secret::from("another secret")))
        .fails(Check::IdTokenSignature);
}

#[test]
fn h02_the_algorithm_is_tied_to_the_key() {
    // Each token is properly signed by the named key; only the header or the key says otherwise.
    for (signed, claimed) in [
        ("RS256", "ES256"),
        ("ES256", "RS256"),
        ("ES256", "ES384"),
        ("ES384", "ES256"),
        ("EdDSA", "ES256"),
        ("RS256", "EdDSA"),
        ("RS256", "PS256"),
        ("PS256", "RS256"),
        ("RS256", "RS512"),
    ] {
        let mut case = Case::signed(claimed).header("kid", jwk(signed)["kid"].clone());
        case.alg = signed;
        case.fails(Check::IdTokenSignature);
    }
    // The key's own alg binds as well.
    let bound = |alg: &str| changed(jwk("RS256"), &json!({ "alg": alg }));
    Case::rs256().keys([bound("RS256")]).passes();
    for alg in ["PS256", "RS512", "ES256", "HS256", "RSA-OAEP", "none"] {
        Case::rs256().keys([bound(alg)]).fails(Check::IdTokenSignature);
    }
}

#[test]
fn h02_a_wrong_curve_is_refused() {
    for changes in [
        json!({ "crv": "P-384" }),
        json!({ "crv": "P-521" }),
        json!({ "crv": "secp256k1" }),
        json!({ "crv": "Ed25519" }),
        json!({ "crv": null }),
        json!({ "kty": "OKP" }),
        json!({ "kty": "RSA" }),
        json!({ "x": base64url::encode(&[1; 32]) }),
        json!({ "y": base64url::encode(&[0; 32]) }),
        json!({ "x": base64url::encode(&[0; 32]), "y": base64url::encode(&[0; 32]) }),
    ] {
        Case::signed("ES256").keys([changed(jwk("ES256"), &changes)]).fails(Check::IdTokenSignature);
    }
    for changes in [json!({ "crv": "X25519" }), json!({ "crv": "Ed448" }), json!({ "kty": "EC" })] {
        Case::signed("EdDSA").keys([changed(jwk("EdDSA"), &changes)]).fails(Check::IdTokenSignature);
    }
}

#[test]
fn h02_use_and_key_ops_are_obeyed() {
    for changes in [
        json!({ "use": "enc" }),
        json!({ "use": "SIG" }),
        json!({ "use": 1 }),
        json!({ "key_ops": ["encrypt"] }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": [] }),
        json!({ "key_ops": "verify" }),
    ] {
        let finding = Case::rs256().keys([changed(jwk("RS256"), &changes)]).fails(Check::IdTokenSignature);
        assert!(finding.received.contains("its key is refused"), "{changes}: {}", finding.received);
    }
    for changes in [
        json!({ "use": null }),
        json!({ "key_ops": ["verify"] }),
        json!({ "use": null, "key_ops": ["verify"] }),
    ] {
        Case::rs256().keys([changed(jwk("RS256"), &changes)]).passes();
    }
}

#[test]
fn h03_two_keys_with_one_kid() {
    let namesake = changed(other_jwk("RS256"), &json!({ "kid": "rsa-1" }));
    let other_kind = changed(jwk("ES256"), &json!({ "kid": "rsa-1" }));
    let keys = [namesake.clone(), other_kind, jwk("RS256")];
    Case::rs256().keys(keys.clone()).passes();
    let (_, findings) = key_set_and_findings(&keys);
    assert_eq!(with_status(&findings, Status::Warning), [Check::KeyIds]);
    // The same key twice is one key.
    Case::rs256().keys([jwk("RS256"), jwk("RS256")]).passes();
    let broken = Case::rs256().keys([namesake]);
    broken.fails(Check::IdTokenSignature);
    assert!(broken.verify().fresh_keys_may_help);
}

#[test]
fn h03_an_unknown_kid_asks_for_fresh_keys_and_nothing_else_does() {
    for kid in ["rsa-9", "", "RSA-1", "rsa-1 ", "\u{0}"] {
        let unknown = Case::rs256().header("kid", kid);
        let finding = unknown.fails(Check::IdTokenSignature);
        assert!(finding.received.contains("is not in the key set"), "{}", finding.received);
        assert!(unknown.verify().fresh_keys_may_help, "{kid}");
    }
    // A key without kid is not the one that was named.
    let nameless = Case::rs256().keys([changed(jwk("RS256"), &json!({ "kid": null }))]);
    nameless.fails(Check::IdTokenSignature);
    for case in [Case::rs256(), Case::rs256().claim("iss", "x"), Case::rs256().header("alg", "none")] {
        assert!(!case.verify().fresh_keys_may_help);
    }
    // Where no key set could be had, fetching it again is another's decision.
    let none = Case::rs256().with(|case| case.keys = None);
    none.fails(Check::IdTokenSignature);
    assert!(!none.verify().fresh_keys_may_help);
}

#[test]
fn h04_keys_in_the_header_are_never_trusted() {
    // Signed by the attacker, whose key comes along in every way there is.
    for (name, value) in [
        ("jwk", other_jwk("RS256")),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let case = Case::rs256().header(name, value);
        let token = with_signature(&case, &sign_other("RS256", case.signing_input().as_bytes()));
        case.fails_with_text(&token, Check::IdTokenSignature);
        let unnamed = case.clone().no_header("kid");
        let token = with_signature(&unnamed, &sign_other("RS256", unnamed.signing_input().as_bytes()));
        unnamed.fails_with_text(&token, Check::IdTokenSignature);
        // Signed by the provider it is accepted, and said.
        let finding = case.warns(Check::IdTokenHeader);
        assert!(finding.received.contains(name) && finding.received.contains("not fetched"));
    }
}

#[test]
fn h04_a_key_in_the_header_of_signed_userinfo_is_a_finding_too() {
    let claims = json!({ "iss": ISSUER, "aud": CLIENT, "sub": SUBJECT }).to_string();
    let signed = compact("RS256", r#"{"alg":"RS256","kid":"rsa-1","jku":"https://evil.example"}"#, &claims);
    let expect = userinfo::Expectations {
        issuer: ISSUER,
        client_id: CLIENT,
        subject: Some(SUBJECT),
        now: NOW,
        ..Default::default()
    };
    let keys = key_set(&[jwk("RS256")]);
    let info =
        userinfo::parse(&answer(200, "application/jwt", signed), Some(&keys), &expect, &Context::default())
            .unwrap();
    assert!(!any_failed(&info.findings));
    let finding = find(&info.findings, Check::UserInfoSignature, Status::Warning);
    assert!(finding.received.contains("jku"), "{}", finding.received);
    find(&info.findings, Check::UserInfoSignature, Status::Passed);
}

#[test]
fn h05_headers_that_are_not_understood() {
    for (name, value, said) in [
        ("crit", json!(["exp"]), "crit"),
        ("crit", json!([]), "crit"),
        ("crit", json!(null), "crit"),
        ("crit", json!(["b64"]), "crit"),
        ("b64", json!(false), "b64"),
        ("typ", json!("at+jwt"), "at+jwt"),
        ("typ", json!("application/at+jwt"), "at+jwt"),
        ("typ", json!("AT+JWT"), "AT+JWT"),
        ("typ", json!("logout+jwt"), "logout+jwt"),
        ("typ", json!("userinfo+jwt"), "userinfo+jwt"),
        ("typ", json!("dpop+jwt"), "dpop+jwt"),
        ("typ", json!(null), "typ"),
        ("cty", json!("JWT"), "cty"),
        ("enc", json!("A128GCM"), "enc"),
        ("zip", json!("DEF"), "zip"),
        ("kid", json!(1), "kid"),
    ] {
        let case = Case::rs256().header(name, value);
        let findings = case.verify().findings;
        let finding = find(&findings, Check::IdTokenHeader, Status::Failed);
        assert!(finding.received.contains(said), "{}", finding.received);
        let others = with_status(&findings, Status::Failed);
        assert!(others == [Check::IdTokenHeader], "{name}: {others:?}");
    }
    for typ in ["JWT", "jwt", "application/jwt"] {
        Case::rs256().header("typ", typ).passes();
    }
    Case::rs256().no_header("typ").passes();
}

#[test]
fn h05_an_encrypted_token_is_named_as_one() {
    let case = Case::rs256();
    let jwe = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT";
    let finding = case.fails_with_text(jwe, Check::IdTokenFormat);
    assert!(finding.received.contains("JWE"), "{}", finding.received);
}

#[test]
fn h06_only_one_spelling_of_a_token() {
    let case = Case::rs256();
    let token = case.token();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let last_bit = |part: &str| {
        // 256 bytes leave four bits in the last character: these must be zero.
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = part.bytes().last().unwrap();
        let index = ALPHABET.iter().position(|c| *c == last).unwrap();
        format!("{}{}", &part[..part.len() - 1], char::from(ALPHABET[index ^ 1]))
    };
    let mut bad = vec![
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.AA"),
        format!("{header}.{payload}.{signature}."),
        format!(".{header}.{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}.{payload}.{}", last_bit(signature)),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("{token}\0"),
        format!("\u{feff}{token}"),
        String::new(),
        "..".to_owned(),
        "a".repeat(2 * 1024 * 1024),
        ".".repeat(100_000),
    ];
    for filler in ["=", "==", " ", "\n", "\r\n", "\t", "!", "%3D", "\u{200b}"] {
        bad.push(format!("{token}{filler}"));
        bad.push(format!("{header}{filler}.{payload}.{signature}"));
        bad.push(format!("{header}.{payload}{filler}.{signature}"));
        bad.push(format!("{header}.{filler}{payload}.{signature}"));
    }
    for text in bad {
        case.fails_with_text(&text, Check::IdTokenFormat);
    }
    let plain_alphabet = signature.replace('-', "+").replace('_', "/");
    case.fails_with_text(&format!("{header}.{payload}.{plain_alphabet}"), Check::IdTokenFormat);
    // Three proper parts whose signature is empty or cut are a signature that does not verify.
    for cut in ["", &signature[..4], &signature[..signature.len() - 2]] {
        case.fails_with_text(&format!("{header}.{payload}.{cut}"), Check::IdTokenSignature);
    }
}

#[test]
fn h07_weak_keys_are_refused_though_they_verify() {
    // Made once with a key of 1,024 bits, which nothing here can make.
    let fixture: Value = serde_json::from_str(include_str!("fixtures/rsa_1024.json")).unwrap();
    let case = Case::rs256().keys([fixture["jwk"].clone()]).with(|case| {
        (case.nonce, case.acr_values, case.max_age, case.at_hash_required) = (None, vec![], None, false)
    });
    let finding = case.fails_with_text(fixture["token"].as_str().unwrap(), Check::IdTokenSignature);
    assert!(finding.received.contains("RSA of 1024 bits, below 2048"), "{}", finding.received);

    // With the exponent 1 the padded digest is its own signature, for any modulus.
    let case = Case::rs256();
    let forged = with_signature(&case, &padded_digest(case.signing_input().as_bytes()));
    for e in ["AQ", "AAAB"] {
        let weak = changed(jwk("RS256"), &json!({ "e": e }));
        let finding = case.clone().keys([weak]).fails_with_text(&forged, Check::IdTokenSignature);
        assert!(finding.received.contains("exponent"), "{}", finding.received);
    }
}

#[test]
fn h07_published_secrets_are_refused_and_said_loudly() {
    let p521 = json!({
        "kty": "EC", "crv": "P-521", "kid": "big", "d": "AA", "x": base64url::encode(&[1; 66]), "y": base64url::encode(&[1; 66])
    });
    let fixture: Value = serde_json::from_str(include_str!("fixtures/rsa_1024.json")).unwrap();
    for key in [
        changed(jwk("RS256"), &json!({ "d": "AA" })),
        changed(jwk("RS256"), &json!({ "p": "AA", "q": "AA" })),
        changed(jwk("RS256"), &json!({ "oth": [] })),
        changed(jwk("RS256"), &json!({ "use": "enc", "d": "AA" })),
        changed(jwk("RS256"), &json!({ "n": null, "d": "AA" })),
        changed(jwk("RS256"), &json!({ "k": "AA" })),
        changed(jwk("ES256"), &json!({ "d": "AA" })),
        changed(jwk("EdDSA"), &json!({ "d": "AA" })),
        changed(fixture["jwk"].clone(), &json!({ "d": "AA" })),
        json!({ "kty": "oct", "kid": "shared", "k": "AA" }),
        p521,
    ] {
        let (set, findings) = key_set_and_findings(&[key.clone(), jwk("ES384")]);
        let row = set.rows().next().unwrap();
        assert!(!row.accepted && row.note.as_deref().unwrap().contains("published"), "{key}: {row:?}");
        let finding = find(&findings, Check::KeyPrivate, Status::Warning);
        assert!(finding.received.starts_with('1') && finding.remedy.unwrap().contains("at once"), "{key}");
    }
    // What the private key signs is worth nothing.
    Case::rs256().keys([changed(jwk("RS256"), &json!({ "d": "AA" }))]).fails(Check::IdTokenSignature);
    // Text of the provider is no finding of ours.
    let (_, findings) =
        key_set_and_findings(&[changed(jwk("RS256"), &json!({ "alg": "private key published; weak:" }))]);
    find(&findings, Check::KeyPrivate, Status::Passed);
    find(&findings, Check::KeyStrength, Status::Passed);
}
