//! ID tokens that come over the wire: H-01, H-02, H-04, H-05, H-06, H-08, H-09.

use latchkey_oidc::{Check, Status};
use latchkey_simulator::{
    ClaimFault, Faults, HeaderFault, IdTokenFault, JsonFault, KeySetFault, ShapeFault, SignatureFault,
};
use serde_json::json;
use support::flows::{assert_signed_in, finding};

use crate::{refused, sign_in};

fn id_token(fault: IdTokenFault) -> Faults {
    Faults { id_token: Some(fault), ..Faults::default() }
}

#[tokio::test]
async fn h01_no_algorithm_is_an_algorithm() {
    for spelling in ["none", "nOnE", "NONE"] {
        let fault = IdTokenFault::Signature(SignatureFault::None(spelling.to_owned()));
        refused(id_token(fault), Check::IdTokenAlgorithm).await;
    }
    let fault = IdTokenFault::Header(HeaderFault::Remove("alg".to_owned()));
    refused(id_token(fault), Check::IdTokenAlgorithm).await;
}

#[tokio::test]
async fn h01_a_published_key_is_never_an_hmac_secret() {
    let fault = IdTokenFault::Signature(SignatureFault::HmacWithPublicKey);
    let report = refused(id_token(fault), Check::IdTokenSignature).await;
    let remedy = finding(&report, Check::IdTokenSignature).remedy.clone().unwrap();
    assert!(remedy.contains("never used for HS256"), "{remedy}");
}

#[tokio::test]
async fn h02_the_algorithm_is_tied_to_the_key() {
    refused(id_token(IdTokenFault::Signature(SignatureFault::Es256)), Check::IdTokenSignature).await;
    for key_set in
        [KeySetFault::ForEncryption, KeySetFault::WrongKeyOps, KeySetFault::Alg("RS512".to_owned())]
    {
        let faults = Faults { key_set: Some(key_set), ..Faults::default() };
        refused(faults, Check::IdTokenSignature).await;
    }
}

#[tokio::test]
async fn h04_keys_that_a_header_names_are_never_trusted_nor_fetched() {
    refused(id_token(IdTokenFault::Header(HeaderFault::EmbeddedKey)), Check::IdTokenSignature).await;
    // A good token with such a header is told about, and the address is not asked.
    for name in ["jku", "x5u"] {
        let url = json!("http://127.0.0.1:9/keys");
        let fault = IdTokenFault::Header(HeaderFault::Set(name.to_owned(), url));
        let (flow, report) = sign_in(id_token(fault)).await;
        assert_signed_in(&report);
        let told = report.findings.iter().any(|finding| {
            finding.check == Check::IdTokenHeader
                && finding.status == Status::Warning
                && finding.received.contains(name)
        });
        assert!(told, "{name}: {:?}", report.findings);
        assert_eq!(flow.requests().total(), 4);
    }
}

#[tokio::test]
async fn h05_what_is_no_plain_id_token_is_refused_by_name() {
    for (name, value, said) in [
        ("crit", json!(["exp", "x-unknown"]), "x-unknown"),
        ("b64", json!(false), "b64"),
        ("typ", json!("at+jwt"), "at+jwt"),
        ("typ", json!("logout+jwt"), "logout+jwt"),
    ] {
        let fault = IdTokenFault::Header(HeaderFault::Set(name.to_owned(), value));
        let report = refused(id_token(fault), Check::IdTokenHeader).await;
        let told = report.findings.iter().any(|finding| {
            finding.check == Check::IdTokenHeader
                && finding.status == Status::Failed
                && finding.received.contains(said)
        });
        assert!(told, "{said} is not named");
    }
    let report = refused(id_token(IdTokenFault::Shape(ShapeFault::FiveParts)), Check::IdTokenFormat).await;
    let received = &finding(&report, Check::IdTokenFormat).received;
    assert!(received.contains("encrypted"), "{received}");
}

#[tokio::test]
async fn h06_other_serialisations_are_refused() {
    for shape in [
        ShapeFault::Padded,
        ShapeFault::Spaced,
        ShapeFault::NonCanonical,
        ShapeFault::TwoParts,
        ShapeFault::FourParts,
    ] {
        refused(id_token(IdTokenFault::Shape(shape)), Check::IdTokenFormat).await;
    }
}

#[tokio::test]
async fn h06_trailing_bytes_end_the_sign_in() {
    // A line break may stand in no token at all (RFC 6749 appendix A): the whole answer is refused.
    let (flow, report) = sign_in(id_token(IdTokenFault::Shape(ShapeFault::TrailingBytes))).await;
    assert!(report.error.is_some());
    assert_eq!(flow.requests().userinfo, 0);
    let connection = &flow.client.connections().await.unwrap().connections[0];
    flow.assert_nothing_kept(connection).await;
}

#[tokio::test]
async fn h08_json_that_two_parsers_read_differently_is_refused() {
    for fault in [
        JsonFault::DuplicateMember,
        JsonFault::Deep(65),
        JsonFault::NotANumber,
        JsonFault::ByteOrderMark,
        JsonFault::LoneSurrogate,
        JsonFault::NotUtf8,
        JsonFault::TrailingBytes,
        JsonFault::NotAnObject,
    ] {
        refused(id_token(IdTokenFault::Shape(ShapeFault::Header(fault))), Check::IdTokenFormat).await;
        refused(id_token(IdTokenFault::Shape(ShapeFault::Claims(fault))), Check::IdTokenFormat).await;
    }
}

#[tokio::test]
async fn h09_a_time_that_is_no_time_is_an_error_and_never_absent() {
    for (claim, check) in
        [("exp", Check::IdTokenExpires), ("iat", Check::IdTokenIssuedAt), ("nbf", Check::IdTokenNotBefore)]
    {
        for literal in ["\"2000000000\"", "-1", "9300000000000000000", "true"] {
            let fault = IdTokenFault::Claim(ClaimFault::SetLiteral(claim.to_owned(), literal.to_owned()));
            let report = refused(id_token(fault), check).await;
            let received = &finding(&report, check).received;
            assert!(!received.contains("missing"), "{claim} {literal}: {received}");
        }
        // No number of JSON's usual range: refused as a token or as a time, in no case accepted.
        let fault = IdTokenFault::Claim(ClaimFault::SetLiteral(claim.to_owned(), "1e400".to_owned()));
        let (flow, report) = sign_in(id_token(fault)).await;
        assert_eq!(report.outcome, latchkey_client::report::Outcome::Rejected);
        assert_eq!(flow.requests().userinfo, 0);
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let fraction = ClaimFault::SetLiteral("iat".to_owned(), format!("{now}.5"));
    let (_flow, report) = sign_in(id_token(IdTokenFault::Claim(fraction))).await;
    assert_signed_in(&report);
}
