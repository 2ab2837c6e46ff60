//! The relying-party certification tests that need a provider, under the names of the OpenID Foundation, through
//! the whole program. Those that need a token alone are with `latchkey-oidc`.

use std::time::Duration;

use latchkey_client::report::Outcome;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Check, Status};
use latchkey_simulator::{
    AnswerFault, ClaimFault, ClientRole, Faults, Generation, HeaderFault, IdTokenFault, KeySetFault,
    SignatureFault, TokenFault, UserInfoFault, UserRole,
};
use serde_json::json;
use support::flows::{Flow, OFFLINE, SCOPES, assert_rejected, assert_signed_in, finding, sent, status};

/// Signs in with a faulty ID token, which this check must refuse: nothing is sent or kept after it.
async fn refused(fault: IdTokenFault, check: Check) {
    let flow = Flow::at_used_tenant(Faults { id_token: Some(fault.clone()), ..Faults::default() }).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_rejected(&report, check);
    assert_eq!(flow.requests().userinfo, 0, "{fault:?}: UserInfo was asked");
    flow.assert_nothing_kept(&connection).await;
}

async fn accepted(fault: IdTokenFault) {
    let flow = Flow::at_used_tenant(Faults { id_token: Some(fault), ..Faults::default() }).await;
    let connection = flow.v2().await;
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await.as_ref());
}

#[tokio::test]
async fn rp_id_token_issuer_mismatch() {
    refused(IdTokenFault::Claim(ClaimFault::WrongIssuer), Check::IdTokenIssuer).await;
}

#[tokio::test]
async fn rp_id_token_sub() {
    refused(IdTokenFault::Claim(ClaimFault::Remove("sub".to_owned())), Check::IdTokenSubject).await;
    for value in [json!(""), json!(32_916_209), json!(null)] {
        refused(IdTokenFault::Claim(ClaimFault::Set("sub".to_owned(), value)), Check::IdTokenSubject).await;
    }
}

#[tokio::test]
async fn rp_id_token_aud() {
    refused(IdTokenFault::Claim(ClaimFault::WrongAudience), Check::IdTokenAudience).await;
    refused(IdTokenFault::Claim(ClaimFault::Remove("aud".to_owned())), Check::IdTokenAudience).await;
    let stranger = |azp: Option<&str>| {
        IdTokenFault::Claim(ClaimFault::AudienceWithStranger { azp: azp.map(str::to_owned) })
    };
    refused(stranger(None), Check::IdTokenAuthorizedParty).await;
    refused(stranger(Some("stranger")), Check::IdTokenAuthorizedParty).await;
    accepted(IdTokenFault::Claim(ClaimFault::AudienceAsArray)).await;
}

#[tokio::test]
async fn rp_id_token_iat() {
    refused(IdTokenFault::Claim(ClaimFault::Remove("iat".to_owned())), Check::IdTokenIssuedAt).await;
    refused(IdTokenFault::Claim(ClaimFault::IssuedAhead), Check::IdTokenIssuedAt).await;
}

#[tokio::test]
async fn rp_id_token_exp_and_nbf() {
    refused(IdTokenFault::Claim(ClaimFault::Expired), Check::IdTokenExpires).await;
    refused(IdTokenFault::Claim(ClaimFault::Remove("exp".to_owned())), Check::IdTokenExpires).await;
    refused(IdTokenFault::Claim(ClaimFault::NotYetValid), Check::IdTokenNotBefore).await;
}

#[tokio::test]
async fn rp_id_token_kid_absent_single_jwks() {
    for key_set in [KeySetFault::NoKid, KeySetFault::OtherKinds] {
        let flow = Flow::faulty(Faults {
            key_set: Some(key_set.clone()),
            id_token: Some(IdTokenFault::Header(HeaderFault::NoKid)),
            ..Faults::default()
        })
        .await;
        let connection = flow.v2().await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed, "{key_set:?}");
        assert_eq!(flow.requests().certs, 1);
    }
}

#[tokio::test]
async fn rp_id_token_kid_absent_multiple_jwks() {
    let flow = Flow::faulty(Faults {
        key_set: Some(KeySetFault::SeveralWithoutKid),
        id_token: Some(IdTokenFault::Header(HeaderFault::NoKid)),
        ..Faults::default()
    })
    .await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    let finding = finding(&report, Check::IdTokenSignature);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.remedy.as_ref().unwrap().contains("kid"), "{finding:?}");
}

#[tokio::test]
async fn rp_id_token_sig_rs256() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert_eq!(finding(&report, Check::IdTokenAlgorithm).received, "RS256");
    assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed);
}

#[tokio::test]
async fn rp_id_token_sig_none() {
    for spelling in ["none", "nOnE"] {
        let fault = IdTokenFault::Signature(SignatureFault::None(spelling.to_owned()));
        refused(fault, Check::IdTokenAlgorithm).await;
    }
}

#[tokio::test]
async fn rp_id_token_bad_sig_rs256() {
    refused(IdTokenFault::Signature(SignatureFault::Broken), Check::IdTokenSignature).await;
    refused(IdTokenFault::Signature(SignatureFault::OtherKey), Check::IdTokenSignature).await;
    refused(IdTokenFault::Signature(SignatureFault::Missing), Check::IdTokenSignature).await;
}

#[tokio::test]
async fn rp_id_token_bad_sig_hs256() {
    refused(IdTokenFault::Signature(SignatureFault::HmacWithOtherSecret), Check::IdTokenSignature).await;
    accepted(IdTokenFault::Signature(SignatureFault::HmacWithClientSecret)).await;
}

#[tokio::test]
async fn rp_id_token_bad_sig_es256() {
    refused(IdTokenFault::Signature(SignatureFault::Es256), Check::IdTokenSignature).await;
}

#[tokio::test]
async fn rp_id_token_bad_at_hash() {
    refused(IdTokenFault::Claim(ClaimFault::WrongAtHash), Check::IdTokenAccessTokenHash).await;
    refused(IdTokenFault::Claim(ClaimFault::WrongRtHash), Check::IdTokenRefreshTokenHash).await;
}

#[tokio::test]
async fn rp_nonce_invalid_where_none_was_sent() {
    refused(IdTokenFault::Claim(ClaimFault::Nonce("replayed".to_owned())), Check::IdTokenNonce).await;
}

#[tokio::test]
async fn rp_scope_userinfo_claims() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let scopes = "openid profile email phone groups params";
    let report = flow.sign_in(&connection, UserRole::PeggySue, scopes).await;
    assert_signed_in(&report);
    let claims = report.userinfo.as_ref().unwrap();
    for name in ["name", "preferred_username", "email", "phone_number", "groups", "params"] {
        assert!(claims.get(name).is_some(), "{name}");
    }
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[tokio::test]
async fn rp_userinfo_bad_sub_claim() {
    for (fault, received) in
        [(UserInfoFault::WrongSubject, "99999999"), (UserInfoFault::NoSubject, "missing")]
    {
        let flow = Flow::faulty(Faults { userinfo_claims: Some(fault), ..Faults::default() }).await;
        let connection = flow.v2().await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
        assert_rejected(&report, Check::UserInfoSubject);
        let finding = finding(&report, Check::UserInfoSubject);
        assert_eq!((&*finding.expected, &*finding.received), ("32916209", received));
        flow.assert_nothing_kept(&connection).await;
    }
}

#[tokio::test]
async fn rp_userinfo_bearer_header() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
    let traffic = flow.traffic(&connection);
    let exchange = traffic.iter().find(|exchange| exchange.name == Endpoint::Userinfo).unwrap();
    assert!(!exchange.url.contains('?'));
    let header = exchange.request_headers.iter().find(|header| header.name == "authorization").unwrap();
    assert!(header.value.starts_with("Bearer "));
}

/// One method only, the configured one, even where the provider offers others and it fails.
async fn authenticates(method: AuthMethod, role: ClientRole) {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V2, role).await;
    assert_eq!(connection.auth_method, method);
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
    let mut wrong = flow.draft(Generation::V2, role);
    wrong.name = "wrong".to_owned();
    wrong.auth_method = if method == AuthMethod::Basic { AuthMethod::Post } else { AuthMethod::Basic };
    wrong.client_secret = Some("any".into());
    let wrong = flow.saved(wrong).await;
    let before = flow.requests();
    let report = flow.sign_in(&wrong, UserRole::PeggySue, SCOPES).await;
    assert_eq!(report.outcome, Outcome::ProviderError);
    assert_eq!(flow.requests().token, before.token + 1, "another method was tried");
}

#[tokio::test]
async fn rp_token_endpoint_client_secret_basic() {
    authenticates(AuthMethod::Basic, ClientRole::Basic).await;
}

#[tokio::test]
async fn rp_token_endpoint_client_secret_post() {
    authenticates(AuthMethod::Post, ClientRole::Post).await;
}

#[tokio::test]
async fn rp_token_endpoint_none() {
    authenticates(AuthMethod::None, ClientRole::Public).await;
}

#[tokio::test]
async fn rp_discovery_jwks_uri_keys() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    assert_eq!(status(&report, Check::KeySet), Status::Passed);
    assert!(flow.client.known_provider(&connection.issuer).unwrap().keys.is_some());
}

#[tokio::test]
async fn rp_key_rotation_op_sign_key_at_each_sign_in() {
    let flow = Flow::faulty(Faults { rotate_before_signing: true, ..Faults::default() }).await;
    let connection = flow.v2().await;
    for _ in 0..3 {
        let before = flow.requests();
        assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
        // Which of the two requests comes first is not for the client to say.
        assert!(matches!(flow.requests().certs - before.certs, 1 | 2));
    }
}

#[tokio::test]
async fn rp_key_rotation_op_sign_key_between_the_key_set_and_the_signature() {
    let held_back = AnswerFault::Delay(Duration::from_millis(400));
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    // The key set is answered as it was before the new key; the ID token is signed with the new one.
    flow.fault(Faults {
        key_set: Some(KeySetFault::WithoutTheKey),
        token: Some(held_back),
        ..Faults::default()
    });
    let (report, ()) = tokio::join!(flow.sign_in(&connection, UserRole::PeggySue, SCOPES), async {
        while flow.requests().certs == 0 || flow.requests().token == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        flow.fault(Faults::default());
    });
    assert_signed_in(&report);
    assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed);
    assert_eq!(flow.requests().certs, 2, "exactly one more fetch");
    let names = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Token, Endpoint::Jwks, Endpoint::Userinfo];
    assert_eq!(sent(&report), names);
}

#[tokio::test]
async fn a_key_set_that_is_gone_when_it_is_fetched_once_more_is_the_cause_and_costs_no_rotated_token() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    let before = flow.requests();
    flow.fault(Faults {
        key_set: Some(KeySetFault::WithoutTheKey),
        token: Some(AnswerFault::Delay(Duration::from_millis(400))),
        ..Faults::default()
    });
    let (report, ()) = tokio::join!(flow.refresh(&connection), async {
        while flow.requests().certs == before.certs || flow.requests().token == before.token {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        flow.fault(Faults { certs: Some(AnswerFault::Drop), ..Faults::default() });
    });
    assert_eq!(report.outcome, Outcome::NetworkError);
    assert_eq!(report.error.as_ref().unwrap().endpoint, Some(Endpoint::Jwks));
    assert_eq!(flow.requests().userinfo, before.userinfo, "nothing unverified is used");
    assert!(flow.stored(&connection).await.unwrap() != old);
    flow.fault(Faults::default());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn a_bad_signature_is_refused_although_the_key_set_is_gone() {
    for fault in [SignatureFault::HmacWithOtherSecret, SignatureFault::HmacWithPublicKey] {
        let flow = Flow::at_used_tenant(Faults {
            id_token: Some(IdTokenFault::Signature(fault)),
            certs: Some(AnswerFault::Drop),
            ..Faults::default()
        })
        .await;
        let connection = flow.v2().await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
        assert_rejected(&report, Check::IdTokenSignature);
        flow.assert_nothing_kept(&connection).await;
    }
}

#[tokio::test]
async fn rp_key_rotation_op_sign_key_costs_exactly_one_more_fetch() {
    let flow = Flow::faulty(Faults { key_set: Some(KeySetFault::WithoutTheKey), ..Faults::default() }).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_rejected(&report, Check::IdTokenSignature);
    assert_eq!(flow.requests().certs, 2, "one more, and never a loop");
    assert_eq!(flow.requests().userinfo, 0);
}

#[tokio::test]
async fn rp_token_type_other_than_bearer_and_missing_access_token() {
    for (fault, accepted) in [
        (TokenFault::Set("token_type".to_owned(), json!("bEARER")), true),
        (TokenFault::Remove("expires_in".to_owned()), true),
        (TokenFault::Remove("scope".to_owned()), true),
        (TokenFault::Set("token_type".to_owned(), json!("DPoP")), false),
        (TokenFault::Remove("token_type".to_owned()), false),
        (TokenFault::Remove("access_token".to_owned()), false),
    ] {
        let flow = Flow::faulty(Faults { token_answer: Some(fault.clone()), ..Faults::default() }).await;
        let connection = flow.v2().await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
        if accepted {
            assert_signed_in(&report);
        } else {
            assert!(report.error.is_some(), "{fault:?}");
            assert_eq!(flow.requests().userinfo, 0, "{fault:?}");
            flow.assert_nothing_kept(&connection).await;
        }
    }
}
