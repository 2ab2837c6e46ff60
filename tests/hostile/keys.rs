//! Key sets: H-03 and H-07.

use latchkey_oidc::{Check, Status};
use latchkey_simulator::{Faults, HeaderFault, IdTokenFault, KeySetFault};
use support::flows::{assert_rejected, assert_signed_in, finding, status};

use crate::{refused, sign_in};

fn key_set(fault: KeySetFault) -> Faults {
    Faults { key_set: Some(fault), ..Faults::default() }
}

#[tokio::test]
async fn h03_of_two_keys_with_one_kid_the_one_that_fits_is_found() {
    let (flow, report) = sign_in(key_set(KeySetFault::TwoKeysOneKid)).await;
    assert_signed_in(&report);
    assert_eq!(status(&report, Check::IdTokenSignature), Status::Passed);
    assert_eq!(status(&report, Check::KeyIds), Status::Warning);
    assert_eq!(flow.requests().certs, 1);
}

#[tokio::test]
async fn h03_an_unknown_kid_costs_one_more_fetch_and_never_a_loop() {
    for faults in [
        Faults { id_token: Some(IdTokenFault::Header(HeaderFault::UnknownKid)), ..Faults::default() },
        key_set(KeySetFault::WithoutTheKey),
        key_set(KeySetFault::Empty),
    ] {
        let (flow, report) = sign_in(faults.clone()).await;
        assert_rejected(&report, Check::IdTokenSignature);
        assert_eq!(flow.requests().certs, 2, "{faults:?}");
        assert_eq!(flow.requests().userinfo, 0);
    }
}

#[tokio::test]
async fn h07_weak_keys_are_refused() {
    for (fault, said) in [(KeySetFault::Small, "1024"), (KeySetFault::ExponentOne, "exponent")] {
        let report = refused(key_set(fault), Check::IdTokenSignature).await;
        let received = &finding(&report, Check::IdTokenSignature).received;
        assert!(received.contains(said), "{received}");
    }
}

#[tokio::test]
async fn h07_a_published_private_or_symmetric_key_is_a_loud_finding() {
    for fault in [KeySetFault::PrivateKey, KeySetFault::SecretKey] {
        let (flow, report) = sign_in(key_set(fault.clone())).await;
        let finding = finding(&report, Check::KeyPrivate);
        assert!(matches!(finding.status, Status::Failed | Status::Warning), "{fault:?}: {finding:?}");
        assert!(finding.remedy.is_some());
        // Refused is the key; where that fails the sign-in, nothing more is sent.
        if finding.status == Status::Failed {
            assert_eq!(flow.requests().userinfo, 0);
        }
    }
}
