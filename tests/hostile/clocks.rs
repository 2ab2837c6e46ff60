//! Clocks that differ: H-10.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use latchkey_oidc::{Check, Status};
use latchkey_simulator::{Options, UserRole};
use support::flows::{Flow, OFFLINE, Setup, assert_rejected, assert_signed_in, finding};

/// A tenant whose clock is ahead by so many seconds.
async fn ahead(seconds: i64) -> Flow {
    let clock = move || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        i64::try_from(now).unwrap() + seconds
    };
    let options = Options { clock: Arc::new(clock), ..Options::default() };
    Flow::with(Setup { options, ..Setup::default() }).await
}

#[tokio::test]
async fn h10_up_to_a_minute_is_allowed_and_shown() {
    for (seconds, said) in [(50, "ahead"), (-50, "behind"), (0, "same")] {
        let flow = ahead(seconds).await;
        let connection = flow.v2().await;
        let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
        assert_signed_in(&report);
        let finding = finding(&report, Check::ClockSkew);
        assert_eq!(finding.status, Status::Passed);
        assert!(finding.received.contains(said), "{finding:?}");
    }
}

#[tokio::test]
async fn h10_more_than_a_minute_ahead_is_refused_and_the_skew_is_measured() {
    let flow = ahead(125).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_rejected(&report, Check::IdTokenIssuedAt);
    let skew = finding(&report, Check::ClockSkew);
    assert_eq!(skew.status, Status::Warning);
    assert!(skew.received.contains("2 min"), "{skew:?}");
    assert!(skew.remedy.as_ref().unwrap().contains("clock"));
    assert_eq!(flow.requests().userinfo, 0);
    flow.assert_nothing_kept(&connection).await;
}

#[tokio::test]
async fn h10_a_token_that_is_over_by_this_clock_is_refused() {
    // Two hours of life, and the tenant is three hours behind.
    let flow = ahead(-3 * 3_600).await;
    let connection = flow.v2().await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_rejected(&report, Check::IdTokenExpires);
    assert!(finding(&report, Check::ClockSkew).received.contains("3 h behind"));
    assert_eq!(flow.requests().userinfo, 0);
}
