use serde_json::json;

use super::*;
use crate::support::{
    ACCESS_TOKEN, ACR, CLIENT, CODE, Case, NONCE, NOW, REFRESH_TOKEN, SUBJECT, find, keys, with_status,
};

const HOUR: i64 = 3_600;
const WEEK: i64 = 7 * 86_400;

/// The status of one check, with every other unchanged.
#[track_caller]
fn status(case: &Case, check: Check) -> Status {
    let findings = case.verify().findings;
    let mut of_check = findings.iter().filter(|finding| finding.check == check);
    let status = of_check.next().unwrap().status;
    assert!(of_check.next().is_none(), "{check:?} twice");
    let others = findings.iter().filter(|finding| finding.check != check);
    assert!(
        others.clone().all(|finding| finding.status == Status::Passed),
        "{:#?}",
        others.collect::<Vec<_>>()
    );
    status
}

#[test]
fn each_rule_is_one_finding_in_the_order_of_the_specification() {
    let checks: Vec<Check> = Case::rs256().verify().findings.iter().map(|finding| finding.check).collect();
    assert_eq!(
        checks,
        [
            Check::IdTokenFormat,
            Check::IdTokenHeader,
            Check::IdTokenAlgorithm,
            Check::IdTokenSignature,
            Check::IdTokenIssuer,
            Check::IdTokenAudience,
            Check::IdTokenAuthorizedParty,
            Check::IdTokenSubject,
            Check::IdTokenExpires,
            Check::IdTokenIssuedAt,
            Check::IdTokenNotBefore,
            Check::IdTokenNonce,
            Check::IdTokenAccessTokenHash,
            Check::IdTokenRefreshTokenHash,
            Check::IdTokenCodeHash,
            Check::IdTokenAcr,
            Check::IdTokenAuthTime,
            Check::IdTokenUnchanged,
        ]
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_a_remedy() {
    let verification = Case::rs256()
        .claim("iss", "x")
        .claim("aud", "x")
        .claim("exp", 0)
        .claim("nonce", "x")
        .claim("at_hash", "x")
        .keys([])
        .verify();
    assert_eq!(
        with_status(&verification.findings, Status::Failed),
        [
            Check::IdTokenSignature,
            Check::IdTokenIssuer,
            Check::IdTokenAudience,
            Check::IdTokenExpires,
            Check::IdTokenNonce,
            Check::IdTokenAccessTokenHash,
        ]
    );
    for finding in verification.findings.iter().filter(|finding| finding.status == Status::Failed) {
        assert!(finding.remedy.is_some() && !finding.reference.is_empty(), "{finding:?}");
    }
    // The claims are shown all the same.
    assert_eq!(verification.subject(), Some(SUBJECT));
}

#[test]
fn time_is_exact_to_the_second() {
    let expires = |exp: Value| status(&Case::rs256().claim("exp", exp), Check::IdTokenExpires);
    let issued = |iat: Value| status(&Case::rs256().claim("iat", iat), Check::IdTokenIssuedAt);
    let begins = |nbf: Value| status(&Case::rs256().claim("nbf", nbf), Check::IdTokenNotBefore);
    use Status::{Failed, Passed};
    // exp is the first second at which it is over (RFC 7519 §4.1.4): with 60 s of leeway, 60 s ago is over.
    for (exp, expected) in [
        (json!(NOW + HOUR), Passed),
        (json!(NOW), Passed),
        (json!(NOW - 59), Passed),
        (json!(NOW - 60), Failed),
        (json!(NOW - 61), Failed),
        (json!(0), Failed),
        (json!(i64::MAX), Passed),
        (json!(NOW as f64 - 58.5), Passed),
        (json!(NOW as f64 - 60.5), Failed),
        (json!(-0.0), Failed),
    ] {
        assert_eq!(expires(exp.clone()), expected, "exp {exp}");
    }
    for (iat, expected) in [
        (json!(NOW), Passed),
        (json!(NOW + 60), Passed),
        (json!(NOW + 61), Failed),
        (json!(NOW as f64 + 61.5), Failed),
        (json!(NOW - WEEK), Passed),
        (json!(NOW - WEEK - 1), Failed),
        (json!(NOW as f64 - WEEK as f64 - 0.5), Failed),
        (json!(0), Failed),
        (json!(i64::MAX), Failed),
    ] {
        assert_eq!(issued(iat.clone()), expected, "iat {iat}");
    }
    for (nbf, expected) in
        [(json!(0), Passed), (json!(NOW + 60), Passed), (json!(NOW + 61), Failed), (json!(i64::MAX), Failed)]
    {
        assert_eq!(begins(nbf.clone()), expected, "nbf {nbf}");
    }
    assert_eq!(status(&Case::rs256().no_claim("nbf"), Check::IdTokenNotBefore), Status::NotDue);
}

#[test]
fn audience_and_authorized_party_in_every_combination() {
    use Check::{IdTokenAudience as Aud, IdTokenAuthorizedParty as Azp};
    let other = "another-client";
    let missing = json!(null);
    for (aud, azp, failed) in [
        (json!(CLIENT), json!(CLIENT), &[][..]),
        (json!(CLIENT), missing.clone(), &[]),
        (json!([CLIENT]), missing.clone(), &[]),
        (json!([CLIENT, CLIENT]), missing.clone(), &[]),
        (json!([CLIENT, other]), json!(CLIENT), &[]),
        (json!([other, CLIENT]), json!(CLIENT), &[]),
        (json!([CLIENT, other]), missing.clone(), &[Azp]),
        (json!([CLIENT, other]), json!(other), &[Azp]),
        (json!(CLIENT), json!(other), &[Azp]),
        (json!(CLIENT), json!(""), &[Azp]),
        (json!(CLIENT), json!([CLIENT]), &[Azp]),
        (json!(CLIENT), json!(7), &[Azp]),
        (json!(other), json!(CLIENT), &[Aud]),
        (json!(other), missing.clone(), &[Aud]),
        (json!([other]), missing.clone(), &[Aud]),
        (json!([other, "third"]), json!(CLIENT), &[Aud]),
        (json!([]), missing.clone(), &[Aud]),
        (json!(""), missing.clone(), &[Aud]),
        (json!("ACME-PAYROLL"), missing.clone(), &[Aud]),
        (json!("acme-payroll "), missing.clone(), &[Aud]),
        (json!([CLIENT, 7]), json!(CLIENT), &[Aud]),
        (json!([[CLIENT]]), missing.clone(), &[Aud]),
        (json!({ "client": CLIENT }), missing.clone(), &[Aud]),
        (json!(7), missing.clone(), &[Aud]),
    ] {
        let mut case = Case::rs256().claim("aud", aud.clone());
        case = if azp.is_null() { case.no_claim("azp") } else { case.claim("azp", azp.clone()) };
        let findings = case.verify().findings;
        assert_eq!(with_status(&findings, Status::Failed), failed, "aud {aud}, azp {azp}");
    }
}

#[test]
fn a_subject_is_a_string_and_not_empty() {
    let case = |sub: Value| Case::rs256().claim("sub", sub).with(|case| case.previous = None);
    for sub in [json!(null), json!(7), json!(true), json!([SUBJECT]), json!({ "id": SUBJECT }), json!("")] {
        assert_eq!(status(&case(sub.clone()), Check::IdTokenSubject), Status::Failed, "{sub}");
    }
    assert_eq!(status(&case(json!("s".repeat(255))), Check::IdTokenSubject), Status::Passed);
    for odd in [json!("s".repeat(256)), json!("ümlaut")] {
        assert_eq!(status(&case(odd), Check::IdTokenSubject), Status::Warning);
    }
}

#[test]
fn a_nonce_is_compared_to_the_character() {
    let nonce = |value: Value| status(&Case::rs256().claim("nonce", value), Check::IdTokenNonce);
    assert_eq!(nonce(json!(NONCE)), Status::Passed);
    for wrong in [
        json!(NONCE.to_lowercase()),
        json!(""),
        json!(null),
        json!(7),
        json!([NONCE]),
        json!(format!("{NONCE} ")),
    ] {
        assert_eq!(nonce(wrong.clone()), Status::Failed, "{wrong}");
    }
    let never_sent = Case::rs256().with(|case| case.nonce = None);
    assert_eq!(status(&never_sent, Check::IdTokenNonce), Status::Failed);
    assert_eq!(status(&never_sent.no_claim("nonce"), Check::IdTokenNonce), Status::NotDue);
    let first = Case::rs256().no_claim("nonce").with(|case| case.previous = None);
    first.fails(Check::IdTokenNonce);
    assert_eq!(status(&Case::rs256().no_claim("nonce"), Check::IdTokenNonce), Status::NotDue);
}

#[test]
fn hashes_are_checked_with_the_digest_of_the_algorithm() {
    let hashes = [
        ("at_hash", Check::IdTokenAccessTokenHash, ACCESS_TOKEN),
        ("rt_hash", Check::IdTokenRefreshTokenHash, REFRESH_TOKEN),
        ("c_hash", Check::IdTokenCodeHash, CODE),
    ];
    for alg in ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "HS256"] {
        for (name, check, value) in hashes {
            let case = Case::signed(alg);
            assert_eq!(status(&case, check), Status::Passed, "{alg} {name}");
            // Made with another digest, of another value, cut, padded, or no text.
            let other_alg = if alg.ends_with("384") { "RS256" } else { "RS384" };
            let good = half_hash(alg, &Secret::from(value)).unwrap();
            for wrong in [
                json!(half_hash(other_alg, &Secret::from(value))),
                json!(half_hash(alg, &Secret::from("another"))),
                json!(&good[..good.len() - 1]),
                json!(format!("{good}=")),
                json!(""),
                json!(null),
                json!([good]),
            ] {
                assert_eq!(
                    status(&case.clone().claim(name, wrong.clone()), check),
                    Status::Failed,
                    "{alg} {name} {wrong}"
                );
            }
        }
    }
}

#[test]
fn a_hash_is_due_only_where_the_specification_says_so() {
    let without = |name: &str, check| status(&Case::rs256().no_claim(name), check);
    assert_eq!(without("at_hash", Check::IdTokenAccessTokenHash), Status::Failed);
    assert_eq!(without("rt_hash", Check::IdTokenRefreshTokenHash), Status::NotDue);
    assert_eq!(without("c_hash", Check::IdTokenCodeHash), Status::NotDue);
    // response_type=id_token: no access token, so none is due, and one that is there says nothing.
    let alone = Case::rs256().with(|case| case.access_token = None);
    assert_eq!(status(&alone, Check::IdTokenAccessTokenHash), Status::NotDue);
    assert_eq!(status(&alone.no_claim("at_hash"), Check::IdTokenAccessTokenHash), Status::NotDue);
}

#[test]
fn acr_is_a_wish() {
    let acr = |value: Value| status(&Case::rs256().claim("acr", value), Check::IdTokenAcr);
    assert_eq!(acr(json!(ACR)), Status::Passed);
    assert_eq!(acr(json!("0")), Status::Warning);
    assert_eq!(status(&Case::rs256().no_claim("acr"), Check::IdTokenAcr), Status::Warning);
    for odd in [json!(1), json!([ACR]), json!(null)] {
        assert_eq!(acr(odd), Status::Failed);
    }
    let not_asked = Case::rs256().with(|case| case.acr_values.clear());
    assert_eq!(status(&not_asked, Check::IdTokenAcr), Status::NotDue);
}

#[test]
fn max_age_makes_auth_time_due() {
    let at = |time: i64| status(&Case::rs256().claim("auth_time", time), Check::IdTokenAuthTime);
    // max_age is 300 s.
    for (ago, expected) in [
        (0, Status::Passed),
        (300, Status::Passed),
        (360, Status::Passed),
        (361, Status::Failed),
        (HOUR, Status::Failed),
        (-60, Status::Passed),
        // A sign-in that is still to come is none of the last 300 seconds.
        (-61, Status::Failed),
    ] {
        assert_eq!(at(NOW - ago), expected, "{ago} s ago");
    }
    assert_eq!(status(&Case::rs256().no_claim("auth_time"), Check::IdTokenAuthTime), Status::Failed);
    let not_asked = Case::rs256().claim("auth_time", 0).with(|case| case.max_age = None);
    assert_eq!(status(&not_asked, Check::IdTokenAuthTime), Status::NotDue);
    assert_eq!(status(&not_asked.no_claim("auth_time"), Check::IdTokenAuthTime), Status::NotDue);
    let odd = Case::rs256().claim("auth_time", "yesterday").with(|case| case.max_age = None);
    assert_eq!(status(&odd, Check::IdTokenAuthTime), Status::Failed);
}

#[test]
fn a_refresh_stays_with_its_user() {
    for sub in [json!("35666371"), json!("3291620"), json!("32916209\u{200b}")] {
        let findings = Case::rs256().claim("sub", sub).verify().findings;
        assert_eq!(with_status(&findings, Status::Failed), [Check::IdTokenUnchanged]);
    }
    let first = Case::rs256().claim("sub", "35666371").with(|case| case.previous = None);
    assert!(!first.verify().findings.iter().any(|finding| finding.check == Check::IdTokenUnchanged));
}

#[test]
fn a_refresh_of_an_unknown_sign_in_is_held_to_nothing_and_says_so() {
    let unknown = Case::rs256().claim("sub", "35666371").claim("nonce", "n-0S6_WzA2Mj").with(|case| {
        case.previous = Some(Previous { subject: None });
        case.nonce = None;
    });
    let findings = unknown.verify().findings;
    assert_eq!(with_status(&findings, Status::Failed), []);
    assert_eq!(with_status(&findings, Status::NotDue), [Check::IdTokenNonce, Check::IdTokenUnchanged]);
    let received = |check| find(&findings, check, Status::NotDue).received;
    assert_eq!(received(Check::IdTokenNonce), "n-0S6_WzA2Mj");
    assert_eq!(received(Check::IdTokenUnchanged), "35666371");
    assert!(find(&findings, Check::IdTokenNonce, Status::NotDue).expected.contains("not known"));
}

#[test]
fn an_algorithm_that_the_metadata_do_not_offer_is_a_warning() {
    let case = Case::signed("PS256").with(|case| case.algorithms = Some(vec!["RS256".to_owned()]));
    assert_eq!(status(&case, Check::IdTokenAlgorithm), Status::Warning);
    let silent = Case::signed("PS256").with(|case| case.algorithms = None);
    assert_eq!(status(&silent, Check::IdTokenAlgorithm), Status::Passed);
    // What the metadata offer makes nothing safe.
    let none =
        Case::rs256().header("alg", "none").with(|case| case.algorithms = Some(vec!["none".to_owned()]));
    let finding = none.fails(Check::IdTokenAlgorithm);
    assert!(!finding.expected.contains("none"), "{}", finding.expected);
}

#[test]
fn a_short_client_secret_verifies_with_a_warning() {
    for (alg, secret, expected) in [
        ("HS256", "s".repeat(32), Status::Passed),
        ("HS256", "s".repeat(31), Status::Warning),
        ("HS384", "s".repeat(47), Status::Warning),
        ("HS512", "s".repeat(63), Status::Warning),
        ("HS512", "s".repeat(64), Status::Passed),
    ] {
        let case = Case::signed(alg).with(|case| case.client_secret = Some(Secret::from(secret.as_str())));
        let input = case.signing_input();
        let signature = base64url::encode(&keys::mac(alg, secret.as_bytes(), input.as_bytes()));
        let findings = case.verify_text(&format!("{input}.{signature}")).findings;
        find(&findings, Check::IdTokenSignature, expected);
        assert_eq!(with_status(&findings, Status::Failed), [], "{alg}, {} bytes", secret.len());
    }
}
