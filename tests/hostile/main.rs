//! Hostile and broken answers through the whole program; each test is named after its row (`h14_…`). Each asserts that
//! nothing was sent after the answer, and that nothing of it was kept.
//!
//! The row's other half, without a network, is with `latchkey-oidc`; H-18, H-19, H-23 and H-24 are among the flows.

#![allow(clippy::unwrap_used, clippy::expect_used)] // all of it is a test, helpers included

mod answers;
mod bounds;
mod clocks;
mod display;
mod endpoints;
mod keys;
mod sizes;
mod tokens;
mod ways;

use std::sync::Arc;

use latchkey_client::report::{Outcome, SignInReport};
use latchkey_oidc::Check;
use latchkey_oidc::http::Endpoint;
use latchkey_simulator::{AnswerFault, Faults, Requests, UserRole};
use support::flows::{Flow, OFFLINE, assert_rejected, told};

/// A sign-in at a tenant where this goes wrong.
async fn sign_in(faults: Faults) -> (Flow, Arc<SignInReport>) {
    let flow = Flow::at_used_tenant(faults).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    if report.outcome == Outcome::Rejected {
        flow.assert_nothing_kept(&connection).await;
    }
    (flow, report)
}

/// The same, and this check must refuse it: nothing is asked after it.
async fn refused(faults: Faults, check: Check) -> Arc<SignInReport> {
    let (flow, report) = sign_in(faults.clone()).await;
    assert_rejected(&report, check);
    assert_eq!(flow.requests().userinfo, 0, "{faults:?}: UserInfo was asked");
    report
}

/// One endpoint's answer goes wrong.
fn at(endpoint: Endpoint, fault: AnswerFault) -> Faults {
    let fault = Some(fault);
    match endpoint {
        Endpoint::Discovery => Faults { discovery: fault, ..Faults::default() },
        Endpoint::Jwks => Faults { certs: fault, ..Faults::default() },
        Endpoint::Token => Faults { token: fault, ..Faults::default() },
        Endpoint::Userinfo => Faults { userinfo: fault, ..Faults::default() },
        other => panic!("a password sign-in does not ask {other:?}"),
    }
}

/// The endpoints of a password sign-in.
const ENDPOINTS: [Endpoint; 4] = [Endpoint::Discovery, Endpoint::Jwks, Endpoint::Token, Endpoint::Userinfo];

/// Asserts that each endpoint was asked at most once, and none after the one that went wrong.
async fn assert_ended_at(endpoint: Endpoint, flow: &Flow, report: &SignInReport) {
    let Requests { discovery, certs, token, userinfo, unknown, .. } = flow.requests();
    let expected = match endpoint {
        Endpoint::Discovery => (1, 0, 0, 0),
        // The key set is fetched beside the tokens.
        Endpoint::Jwks | Endpoint::Token => (1, 1, 1, 0),
        _ => (1, 1, 1, 1),
    };
    assert_eq!((discovery, certs, token, userinfo), expected, "{endpoint:?}: {}", told(report));
    assert_eq!(unknown, 0, "{endpoint:?}: something else was asked");
    assert_eq!(report.error.as_ref().and_then(|problem| problem.endpoint), Some(endpoint));
    if endpoint != Endpoint::Userinfo {
        let connection = &flow.client.connections().await.unwrap().connections[0];
        flow.assert_nothing_kept(connection).await;
    }
    assert!(report.userinfo.is_none());
}
