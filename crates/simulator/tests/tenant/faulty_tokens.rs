//! ID tokens, key sets and UserInfo that must be refused, or accepted against the odds.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_simulator::Generation::V2;
use latchkey_simulator::{
    ClaimFault, ClientRole, Faults, HeaderFault, IdTokenFault, JsonFault, KeySetFault, ShapeFault,
    SignatureFault, TokenFault, UpdatedAt, UserInfoFault, UserRole,
};
use serde_json::{Value, json};

use crate::common::{NOW, World, bearer, decode, world, world_with_faults};
use crate::configuration_page::{bytes, verifies};

const SCOPE: &str = "openid profile email offline_access";

async fn signed_in(world: &World, fault: IdTokenFault) -> Value {
    world.simulator.set_faults(Faults { id_token: Some(fault), ..Faults::default() });
    world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json()
}

async fn key(world: &World) -> Value {
    world.get(&world.url(V2, "/certs")).await.json()["keys"][0].clone()
}

#[tokio::test]
async fn a_faulty_claim_is_signed_all_the_same() {
    let world = world().await;
    let key = key(&world).await;
    for (fault, name, expected) in [
        (ClaimFault::WrongIssuer, "iss", json!("http://127.0.0.1:1/oidc/2")),
        (ClaimFault::WrongSubject, "sub", json!("99999999")),
        (ClaimFault::Remove("sub".to_owned()), "sub", json!(null)),
        (ClaimFault::Remove("iat".to_owned()), "iat", json!(null)),
        (ClaimFault::WrongAudience, "aud", json!("00000000-20c9-0136-5146-06735177500000000")),
        (ClaimFault::AudienceAsArray, "aud", json!(["78d1d040-20c9-0136-5146-067351775fae92920"])),
        (ClaimFault::AudienceWithStranger { azp: Some("me".to_owned()) }, "azp", json!("me")),
        (ClaimFault::Expired, "exp", json!(NOW - 120)),
        (ClaimFault::IssuedAWeekAgo, "iat", json!(NOW - 604_800)),
        (ClaimFault::IssuedAhead, "iat", json!(NOW + 120)),
        (ClaimFault::NotYetValid, "nbf", json!(NOW + 120)),
        (ClaimFault::Nonce("never sent".to_owned()), "nonce", json!("never sent")),
        (ClaimFault::Set("sub".to_owned(), json!(7)), "sub", json!(7)),
    ] {
        let token = &signed_in(&world, IdTokenFault::Claim(fault.clone())).await["id_token"];
        assert_eq!(decode(token).1[name], expected, "{fault:?}");
        assert!(verifies(token, &key), "{fault:?}");
    }
    let good = decode(&signed_in(&world, IdTokenFault::Header(HeaderFault::NoKid)).await["id_token"]).1;
    for (fault, name) in [(ClaimFault::WrongAtHash, "at_hash"), (ClaimFault::WrongRtHash, "rt_hash")] {
        let claims = decode(&signed_in(&world, IdTokenFault::Claim(fault)).await["id_token"]).1;
        assert_eq!(claims[name].as_str().unwrap().len(), good[name].as_str().unwrap().len());
    }
}

#[tokio::test]
async fn the_hashes_of_a_good_token_are_those_of_its_tokens() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
    let claims = decode(&json["id_token"]).1;
    for (claim, member) in [("at_hash", "access_token"), ("rt_hash", "refresh_token")] {
        let hash =
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, json[member].as_str().unwrap().as_bytes());
        assert_eq!(claims[claim], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]), "{claim}");
    }
}

#[tokio::test]
async fn h_09_a_number_beyond_all_numbers() {
    let world = world().await;
    let fault = ClaimFault::SetLiteral("exp".to_owned(), "1e400".to_owned());
    let json = signed_in(&world, IdTokenFault::Claim(fault)).await;
    let payload = json["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert!(text.contains(r#""exp":1e400,"#), "{text}");
}

#[tokio::test]
async fn h_03_h_04_h_05_faulty_headers() {
    let world = world().await;
    let key = key(&world).await;
    let header = async |fault| decode(&signed_in(&world, IdTokenFault::Header(fault)).await["id_token"]).0;
    assert_eq!(header(HeaderFault::NoKid).await.get("kid"), None);
    assert_ne!(header(HeaderFault::UnknownKid).await["kid"], key["kid"]);
    assert_eq!(header(HeaderFault::Set("crit".to_owned(), json!(["x"]))).await["crit"], json!(["x"]));
    assert_eq!(header(HeaderFault::Remove("alg".to_owned())).await.get("alg"), None);
    let embedded = signed_in(&world, IdTokenFault::Header(HeaderFault::EmbeddedKey)).await;
    let jwk = decode(&embedded["id_token"]).0["jwk"].clone();
    assert!(verifies(&embedded["id_token"], &jwk) && !verifies(&embedded["id_token"], &key));
}

#[tokio::test]
async fn h_01_h_02_faulty_signatures() {
    let world = world().await;
    let key = key(&world).await;
    let secret = world.client(ClientRole::Basic).client_secret.unwrap();
    for (fault, alg, length) in [
        (SignatureFault::None("nOnE".to_owned()), "nOnE", 0),
        (SignatureFault::Missing, "RS256", 0),
        (SignatureFault::Broken, "RS256", 256),
        (SignatureFault::OtherKey, "RS256", 256),
        (SignatureFault::HmacWithPublicKey, "HS256", 32),
        (SignatureFault::HmacWithClientSecret, "HS256", 32),
        (SignatureFault::HmacWithOtherSecret, "HS256", 32),
        (SignatureFault::Es256, "ES256", 64),
    ] {
        let json = signed_in(&world, IdTokenFault::Signature(fault.clone())).await;
        let (header, _) = decode(&json["id_token"]);
        assert_eq!(header["alg"], alg);
        assert_eq!(header["kid"], key["kid"], "{fault:?}");
        let (input, signature) = json["id_token"].as_str().unwrap().rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert_eq!(signature.len(), length, "{fault:?}");
        assert!(!verifies(&json["id_token"], &key), "{fault:?}");
        let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let by_secret = hmac::verify(&hmac_key, input.as_bytes(), &signature).is_ok();
        assert_eq!(by_secret, fault == SignatureFault::HmacWithClientSecret);
    }
}

#[tokio::test]
async fn h_06_h_08_faulty_shapes() {
    let world = world().await;
    for (fault, parts) in [
        (ShapeFault::TwoParts, 2),
        (ShapeFault::FourParts, 4),
        (ShapeFault::FiveParts, 5),
        (ShapeFault::Padded, 3),
        (ShapeFault::Spaced, 3),
        (ShapeFault::NonCanonical, 3),
        (ShapeFault::TrailingBytes, 3),
        (ShapeFault::Header(JsonFault::DuplicateMember), 3),
        (ShapeFault::Claims(JsonFault::NotAnObject), 3),
    ] {
        let json = signed_in(&world, IdTokenFault::Shape(fault.clone())).await;
        let token = json["id_token"].as_str().unwrap();
        assert_eq!(token.split('.').count(), parts, "{fault:?}");
        let strict = token.split('.').all(|part| URL_SAFE_NO_PAD.decode(part).is_ok());
        let encoding =
            [ShapeFault::Padded, ShapeFault::Spaced, ShapeFault::NonCanonical, ShapeFault::TrailingBytes];
        assert_eq!(strict, !encoding.contains(&fault), "{fault:?}");
    }
}

#[tokio::test]
async fn an_absent_id_token_and_a_faulty_token_answer() {
    let world = world().await;
    assert_eq!(signed_in(&world, IdTokenFault::Absent).await.get("id_token"), None);
    let answer = |fault| Faults { token_answer: Some(fault), ..Faults::default() };
    world.simulator.set_faults(answer(TokenFault::Set("token_type".to_owned(), json!("mac"))));
    let json = world.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json();
    assert_eq!(json["token_type"], "mac");
    world.simulator.set_faults(answer(TokenFault::Remove("access_token".to_owned())));
    let json = world.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json();
    assert_eq!(json.get("access_token"), None);
}

#[tokio::test]
async fn a_key_that_rotates_between_the_key_set_and_the_signing() {
    let world = world_with_faults(Faults { rotate_before_signing: true, ..Faults::default() }).await;
    let before = key(&world).await;
    let json = world.password(V2, ClientRole::Basic, UserRole::Sally, "openid").await.json();
    assert!(!verifies(&json["id_token"], &before));
    assert!(verifies(&json["id_token"], &key(&world).await));
}

#[tokio::test]
async fn h_03_h_07_h_27_faulty_key_sets() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::Sally, "openid").await.json();
    let keys = async |fault: &KeySetFault| {
        world.simulator.set_faults(Faults { key_set: Some(fault.clone()), ..Faults::default() });
        world.get(&world.url(V2, "/certs")).await.json()["keys"].as_array().unwrap().clone()
    };
    for (fault, number, good) in [
        (KeySetFault::TwoKeysOneKid, 2, true),
        (KeySetFault::NoKid, 1, true),
        (KeySetFault::SeveralWithoutKid, 2, true),
        (KeySetFault::OtherKinds, 3, true),
        (KeySetFault::ForEncryption, 1, true),
        (KeySetFault::WrongKeyOps, 1, true),
        (KeySetFault::Alg("PS256".to_owned()), 1, true),
        (KeySetFault::Small, 1, false),
        (KeySetFault::ExponentOne, 1, false),
        (KeySetFault::PrivateKey, 2, true),
        (KeySetFault::SecretKey, 2, true),
        (KeySetFault::Many(1_000), 1_001, true),
        (KeySetFault::WithoutTheKey, 1, false),
        (KeySetFault::Empty, 0, false),
    ] {
        let keys = keys(&fault).await;
        assert_eq!(keys.len(), number, "{fault:?}");
        let rsa = |key: &&Value| key["kty"] == "RSA";
        assert_eq!(keys.iter().filter(rsa).any(|key| verifies(&json["id_token"], key)), good, "{fault:?}");
    }
    let two = keys(&KeySetFault::TwoKeysOneKid).await;
    assert_eq!(two[0]["kid"], two[1]["kid"]);
    assert_eq!(bytes(&keys(&KeySetFault::Small).await[0]["n"]).len(), 128);
    assert!(keys(&KeySetFault::PrivateKey).await[1]["d"].is_string());
}

#[tokio::test]
async fn userinfo_of_somebody_else_or_nobody() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::Sally, SCOPE).await.json();
    let me = async |fault| {
        world.simulator.set_faults(Faults { userinfo_claims: Some(fault), ..Faults::default() });
        world.me(V2, Some(&bearer(&json["access_token"]))).await.json()
    };
    assert_eq!(me(UserInfoFault::WrongSubject).await["sub"], "99999999");
    assert_eq!(me(UserInfoFault::NoSubject).await.get("sub"), None);
    assert_eq!(me(UserInfoFault::Empty).await, json!({}));
    assert_eq!(me(UserInfoFault::Set("name".to_owned(), json!(null))).await["name"], json!(null));
    assert_eq!(me(UserInfoFault::Remove("name".to_owned())).await.get("name"), None);
    let json = world.password(V2, ClientRole::SignedUserInfo, UserRole::Sally, SCOPE).await.json();
    let fault = UserInfoFault::Jwt(IdTokenFault::Signature(SignatureFault::Broken));
    world.simulator.set_faults(Faults { userinfo_claims: Some(fault), ..Faults::default() });
    let signed = world.me(V2, Some(&bearer(&json["access_token"]))).await;
    assert!(!verifies(&json!(signed.body), &key(&world).await));
}

#[tokio::test]
async fn updated_at_in_its_three_shapes() {
    let world = world().await;
    for (shape, expected) in [
        (UpdatedAt::Iso8601, json!("2017-11-10T06:36:34.456Z")),
        (UpdatedAt::Milliseconds, json!(1_510_295_794_456_i64)),
        (UpdatedAt::Seconds, json!(1_510_295_794)),
    ] {
        world.simulator.set_faults(Faults { updated_at: Some(shape), ..Faults::default() });
        let json = world.password(V2, ClientRole::Basic, UserRole::PeggySue, SCOPE).await.json();
        assert_eq!(decode(&json["id_token"]).1["updated_at"], expected);
        assert_eq!(world.me(V2, Some(&bearer(&json["access_token"]))).await.json()["updated_at"], expected);
    }
}
