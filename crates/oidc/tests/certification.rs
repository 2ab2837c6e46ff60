//! The OpenID Foundation's relying-party certification, as far as it concerns the ID token, UserInfo, the
//! token answer and discovery. Each test carries the foundation's name.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod support;

use latchkey_oidc::catalogue::Context;
use latchkey_oidc::client_auth::{AuthMethod, ClientAuth};
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::{Endpoint, HttpAnswer, HttpRequest};
use latchkey_oidc::issuer::{Generation, Issuer};
use latchkey_oidc::userinfo::{self, UserInfo};
use latchkey_oidc::{Check, Fix, ProblemKind, Secret, Status, jwk, metadata, token};
use serde_json::{Value, json};
use support::*;
use url::Url;

/// A token whose signature begins with another character.
fn with_broken_signature(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{first}{}", &signature[1..])
}

fn userinfo_of(answer: &HttpAnswer, subject: Option<&str>) -> UserInfo {
    let secret = Secret::from(SECRET);
    let expect = userinfo::Expectations {
        issuer: ISSUER,
        client_id: CLIENT,
        client_secret: Some(&secret),
        subject,
        algorithms: None,
        now: NOW,
    };
    let keys = key_set(&["RS256", "ES256"].map(jwk));
    userinfo::parse(answer, Some(&keys), &expect, &Context::default()).unwrap()
}

fn metadata_document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/auth"),
        "token_endpoint": format!("{ISSUER}/token"),
        "userinfo_endpoint": format!("{ISSUER}/me"),
        "jwks_uri": format!("{ISSUER}/certs"),
        "response_types_supported": ["code", "id_token token", "id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
    })
}

// ID token

#[test]
fn id_token_happy_path_passes_every_check_with_every_algorithm() {
    for alg in [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256", "HS384",
        "HS512",
    ] {
        let verification = Case::signed(alg).passes();
        assert_eq!(verification.subject(), Some(SUBJECT));
        assert_eq!(with_status(&verification.findings, Status::NotDue), [], "{alg}: a check was left out");
        assert!(!verification.fresh_keys_may_help);
    }
}

#[test]
fn id_token_issuer_mismatch() {
    let finding = Case::rs256().claim("iss", "https://acme.onelogin.com/oidc/2/").fails(Check::IdTokenIssuer);
    assert!(finding.received.contains("slash at the end"), "{}", finding.received);
    Case::rs256().claim("iss", "https://evil.example/oidc/2").fails(Check::IdTokenIssuer);
    Case::rs256().no_claim("iss").fails(Check::IdTokenIssuer);
}

#[test]
fn id_token_sub() {
    for case in [
        Case::rs256().no_claim("sub"),
        Case::rs256().claim("sub", ""),
        Case::rs256().claim("sub", 32_916_209),
    ] {
        case.with(|case| case.previous = None).fails(Check::IdTokenSubject);
    }
}

#[test]
fn id_token_aud() {
    Case::rs256().claim("aud", "another-client").fails(Check::IdTokenAudience);
    Case::rs256().no_claim("aud").fails(Check::IdTokenAudience);
    // An array with this client alone is one audience.
    Case::rs256().claim("aud", json!([CLIENT])).no_claim("azp").passes();
}

#[test]
fn id_token_aud_with_a_stranger_and_azp_missing_or_not_us() {
    let both = Case::rs256().claim("aud", json!([CLIENT, "another-client"]));
    both.passes();
    both.clone().no_claim("azp").fails(Check::IdTokenAuthorizedParty);
    both.claim("azp", "another-client").fails(Check::IdTokenAuthorizedParty);
}

#[test]
fn id_token_iat() {
    Case::rs256().no_claim("iat").fails(Check::IdTokenIssuedAt);
    Case::rs256().claim("iat", NOW - 7 * 86_400 - 1).fails(Check::IdTokenIssuedAt);
    Case::rs256().claim("iat", NOW + 61).fails(Check::IdTokenIssuedAt);
}

#[test]
fn id_token_exp_past_missing_and_nbf_in_the_future() {
    Case::rs256().claim("exp", NOW - 61).fails(Check::IdTokenExpires);
    Case::rs256().no_claim("exp").fails(Check::IdTokenExpires);
    Case::rs256().claim("nbf", NOW + 61).fails(Check::IdTokenNotBefore);
}

#[test]
fn id_token_kid_absent_single_jwks() {
    let encryption = keys::changed(other_jwk("RS256"), &json!({ "use": "enc" }));
    let case = Case::rs256().no_header("kid").keys([
        encryption,
        jwk("ES256"),
        jwk("EdDSA"),
        jwk("ES384"),
        jwk("RS256"),
    ]);
    let verification = case.passes();
    let signature = find(&verification.findings, Check::IdTokenSignature, Status::Passed);
    assert_eq!(signature.received, "RS256, key rsa-1");
}

#[test]
fn id_token_kid_absent_multiple_jwks() {
    let several = Case::rs256().no_header("kid").keys([other_jwk("RS256"), jwk("ES256"), jwk("RS256")]);
    let finding = several.warns(Check::IdTokenSignature);
    assert!(finding.remedy.unwrap().contains("kid"));
    let none_of_them =
        several.keys([other_jwk("RS256"), keys::changed(other_jwk("RS256"), &json!({"kid": "x"}))]);
    none_of_them.fails(Check::IdTokenSignature);
}

#[test]
fn id_token_sig_rs256() {
    Case::rs256().passes();
}

#[test]
fn id_token_sig_none() {
    for unsigned in ["", "AA"] {
        let case = Case::rs256().header("alg", "none");
        let token = format!("{}.{unsigned}", case.signing_input());
        let finding = case.fails_with_text(&token, Check::IdTokenAlgorithm);
        assert!(finding.received.contains("not signed"), "{}", finding.received);
    }
}

#[test]
fn id_token_bad_sig_rs256() {
    let case = Case::rs256();
    case.fails_with_text(&with_broken_signature(&case.token()), Check::IdTokenSignature);
}

#[test]
fn id_token_bad_sig_hs256() {
    let case = Case::signed("HS256");
    case.fails_with_text(&with_broken_signature(&case.token()), Check::IdTokenSignature);
}

#[test]
fn id_token_bad_sig_es256() {
    let case = Case::signed("ES256");
    case.fails_with_text(&with_broken_signature(&case.token()), Check::IdTokenSignature);
}

#[test]
fn id_token_bad_at_hash() {
    Case::rs256().claim("at_hash", "77QmUPtjPfzWtF2AnpK9RA").fails(Check::IdTokenAccessTokenHash);
}

#[test]
fn id_token_missing_at_hash() {
    Case::rs256().no_claim("at_hash").fails(Check::IdTokenAccessTokenHash);
    // From the token endpoint it may be missing (OIDC Core §3.1.3.6).
    Case::rs256().no_claim("at_hash").with(|case| case.at_hash_required = false).passes();
}

#[test]
fn id_token_bad_c_hash() {
    Case::rs256().claim("c_hash", "LDktKdoQak3Pk0cnXxCltB").fails(Check::IdTokenCodeHash);
}

#[test]
fn nonce_invalid() {
    Case::rs256().claim("nonce", "another").fails(Check::IdTokenNonce);
    Case::rs256().no_claim("nonce").with(|case| case.previous = None).fails(Check::IdTokenNonce);
    // One that was never sent.
    Case::rs256().with(|case| case.nonce = None).fails(Check::IdTokenNonce);
}

#[test]
fn id_token_whose_claims_are_no_object() {
    let case = Case::rs256();
    for claims in ["[]", "\"sub\"", "null", "1", ""] {
        let token = compact("RS256", &case.header_text(), claims);
        case.fails_with_text(&token, Check::IdTokenFormat);
    }
}

// Key set

#[test]
fn discovery_jwks_uri_keys() {
    let (set, findings) = key_set_and_findings(&["RS256", "ES256", "ES384", "EdDSA"].map(jwk));
    assert!(set.rows().all(|row| row.accepted));
    assert!(findings.iter().all(|finding| finding.status == Status::Passed), "{findings:#?}");
    assert_eq!(
        jwk::request(Url::parse("https://a.example/certs").unwrap()).url.as_str(),
        "https://a.example/certs"
    );
}

#[test]
fn key_rotation_op_sign_key() {
    // Signed with a key that came after the key set was fetched: another kid, or the old kid again.
    let new_kid = Case::rs256().header("kid", "rsa-2");
    let same_kid = Case::rs256();
    for (case, fresh) in [
        (new_kid, other_jwk("RS256")),
        (same_kid, keys::changed(other_jwk("RS256"), &json!({ "kid": "rsa-1" }))),
    ] {
        let input = case.signing_input();
        let signature = latchkey_oidc::base64url::encode(&sign_other("RS256", input.as_bytes()));
        let token = format!("{input}.{signature}");
        case.fails_with_text(&token, Check::IdTokenSignature);
        assert!(case.verify_text(&token).fresh_keys_may_help);
        let after = case.keys([fresh]).verify_text(&token);
        assert!(!any_failed(&after.findings), "{:#?}", after.findings);
        assert!(!after.fresh_keys_may_help);
    }
}

// UserInfo

#[test]
fn userinfo_bad_sub_claim() {
    let answer = json_answer(200, r#"{"sub":"35666371","name":"Sally Tyler"}"#);
    let info = userinfo_of(&answer, Some(SUBJECT));
    assert_eq!(with_status(&info.findings, Status::Failed), [Check::UserInfoSubject]);
}

#[test]
fn userinfo_without_sub_and_without_anything() {
    let without = userinfo_of(&json_answer(200, r#"{"name":"Peggy Sue"}"#), Some(SUBJECT));
    assert_eq!(with_status(&without.findings, Status::Failed), [Check::UserInfoSubject]);
    let empty = userinfo_of(&json_answer(200, "{}"), Some(SUBJECT));
    let finding = find(&empty.findings, Check::UserInfo, Status::Warning);
    assert!(finding.remedy.unwrap().contains("granted without scopes"));
}

#[test]
fn userinfo_bearer_header() {
    let request = userinfo::request(Url::parse("https://a.example/me").unwrap(), &Secret::from(ACCESS_TOKEN));
    let header = request.authorization.unwrap().header_value();
    assert_eq!(header.expose(), format!("Bearer {ACCESS_TOKEN}"));
    assert_eq!((request.url.query(), request.form), (None, None));
}

#[test]
fn userinfo_sig() {
    let claims = json!({ "iss": ISSUER, "aud": CLIENT, "sub": SUBJECT }).to_string();
    let signed = compact("RS256", r#"{"alg":"RS256","kid":"rsa-1"}"#, &claims);
    let info = userinfo_of(&answer(200, "application/jwt", signed.clone()), Some(SUBJECT));
    assert_eq!(
        with_status(&info.findings, Status::Passed).len(),
        info.findings.len(),
        "{:#?}",
        info.findings
    );
    let broken = with_broken_signature(&signed);
    let info = userinfo_of(&answer(200, "application/jwt", broken), Some(SUBJECT));
    assert_eq!(with_status(&info.findings, Status::Failed), [Check::UserInfoSignature]);
    let unsigned = compact("RS256", r#"{"alg":"none"}"#, &claims);
    let info = userinfo_of(&answer(200, "application/jwt", unsigned), Some(SUBJECT));
    assert_eq!(with_status(&info.findings, Status::Failed), [Check::UserInfoSignature]);
}

// Token endpoint

fn token_request(method: AuthMethod) -> (Option<String>, String) {
    let client = ClientAuth::new(method, CLIENT, Some(Secret::from(SECRET))).unwrap();
    let HttpRequest { authorization, form, .. } = token::password_request(
        Url::parse("https://a.example/token").unwrap(),
        &client,
        "peggy.sue",
        &Secret::from("pass word"),
        &["openid".to_owned()],
        Generation::OneloginV2,
    );
    let header = authorization.map(|header| header.header_value().expose().to_owned());
    let fields: Vec<String> =
        form.unwrap().iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
    (header, fields.join("&"))
}

#[test]
fn token_endpoint_client_secret_basic() {
    let (header, form) = token_request(AuthMethod::Basic);
    assert!(header.unwrap().starts_with("Basic "));
    assert_eq!(form, "grant_type=password&username=peggy.sue&password=pass word&scope=openid");
}

#[test]
fn token_endpoint_client_secret_post() {
    let (header, form) = token_request(AuthMethod::Post);
    assert_eq!(header, None);
    assert!(form.ends_with(&format!("&client_id={CLIENT}&client_secret={SECRET}")), "{form}");
}

#[test]
fn token_endpoint_none() {
    let (header, form) = token_request(AuthMethod::None);
    assert_eq!(header, None);
    assert!(form.ends_with(&format!("&client_id={CLIENT}")) && !form.contains("secret"), "{form}");
}

fn token_answer(
    body: &Value,
) -> Result<(token::TokenAnswer, Vec<latchkey_oidc::Finding>), latchkey_oidc::Problem> {
    token::parse(&json_answer(200, &body.to_string()), &["openid".to_owned()], &Context::default())
}

#[test]
fn token_type_other_than_bearer_and_no_access_token() {
    for kind in [json!("mac"), json!("DPoP"), json!("")] {
        let (_, findings) = token_answer(&json!({ "access_token": "a", "token_type": kind })).unwrap();
        assert_eq!(with_status(&findings, Status::Failed), [Check::TokenType]);
    }
    let (_, findings) = token_answer(&json!({ "access_token": "a" })).unwrap();
    assert_eq!(with_status(&findings, Status::Failed), [Check::TokenType]);
    assert_eq!(token_answer(&json!({ "token_type": "Bearer" })).unwrap_err().kind, ProblemKind::Malformed);
}

#[test]
fn token_type_in_any_case_no_expires_in_and_no_scope_are_taken() {
    for kind in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let (answer, findings) = token_answer(&json!({ "access_token": "a", "token_type": kind })).unwrap();
        assert!(!any_failed(&findings));
        assert_eq!((answer.expires_in, answer.scope, answer.id_token), (None, None, None));
    }
}

#[test]
fn no_id_token_from_the_password_grant() {
    // OneLogin's first generation documents none: the answer stands, and there is nothing to verify.
    let body =
        json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r" });
    let (answer, findings) = token_answer(&body).unwrap();
    assert!(!any_failed(&findings) && answer.id_token.is_none());
    let info = userinfo_of(&json_answer(200, r#"{"sub":"32916209"}"#), None);
    let finding = find(&info.findings, Check::UserInfoSubject, Status::NotDue);
    assert!(finding.expected.contains("no ID token"), "{}", finding.expected);
}

#[test]
fn refresh_token_invalid_issuer() {
    Case::rs256().claim("iss", "https://evil.example").no_claim("nonce").fails(Check::IdTokenIssuer);
}

#[test]
fn refresh_token_invalid_sub() {
    Case::rs256().claim("sub", "35666371").fails(Check::IdTokenUnchanged);
    // OIDC Core §12.2: the nonce may be left out, and if it is there it must be the first one's.
    Case::rs256().no_claim("nonce").passes();
    Case::rs256().claim("nonce", "another").fails(Check::IdTokenNonce);
}

// Discovery

#[test]
fn discovery_openid_configuration() {
    let issuer = Issuer::parse(ISSUER).unwrap();
    assert_eq!(metadata::request(&issuer).url.as_str(), format!("{ISSUER}/.well-known/openid-configuration"));
    let (metadata, findings) =
        metadata::parse(&json_answer(200, &metadata_document().to_string()), &issuer).unwrap();
    assert!(findings.iter().all(|finding| finding.status == Status::Passed), "{findings:#?}");
    let endpoint = metadata.endpoint_for_secrets(&issuer, Endpoint::Token, &[]).unwrap();
    assert_eq!(endpoint.as_str(), format!("{ISSUER}/token"));
}

#[test]
fn discovery_issuer_not_matching_config() {
    let answer = json_answer(200, &metadata_document().to_string());
    for (asked, said) in [
        ("https://acme.onelogin.com/oidc/2/", "the slash at the end is missing"),
        ("https://acme.onelogin.com/oidc/3", "expected “3”, received “2”"),
        ("https://ACME.onelogin.com/oidc/2", "capital and small letters differ"),
    ] {
        let problem = metadata::parse(&answer, &Issuer::parse(asked).unwrap()).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::IssuerMismatch);
        assert!(problem.explanation.contains(said), "{}", problem.explanation);
        assert_eq!(problem.fix, Some(Fix::UseIssuer { issuer: ISSUER.to_owned() }));
    }
}
