//! Where requests go: redirects (H-14) and endpoints that may not be used (H-15).

use latchkey_client::report::Outcome;
use latchkey_oidc::{Check, ProblemKind, Status};
use latchkey_simulator::{AnswerFault, Faults, MetadataFault};
use serde_json::json;
use support::flows::{assert_problem, failed, finding, problem};

use crate::{ENDPOINTS, assert_ended_at, at, sign_in};

#[tokio::test]
async fn h14_no_redirect_is_followed_and_its_target_is_shown() {
    for endpoint in ENDPOINTS {
        for status in [301, 302, 307, 308] {
            let location = "http://127.0.0.1:9/elsewhere?code=1".to_owned();
            let (flow, report) = sign_in(at(endpoint, AnswerFault::Redirect { status, location })).await;
            assert_eq!(report.outcome, Outcome::ProviderError);
            assert_problem(&report, ProblemKind::Redirect, &status.to_string(), "Check the issuer");
            let shown = problem(&report).description.as_ref().unwrap();
            assert!(shown.contains("127.0.0.1:9/elsewhere"), "{shown}");
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h15_metadata_that_name_an_unsafe_endpoint_stop_everything() {
    for (member, url, said) in [
        ("token_endpoint", "http://login.acme.example/token", "not https"),
        ("token_endpoint", "https://10.0.0.7/token", "private address"),
        ("token_endpoint", "https://192.168.1.1/token", "private address"),
        ("token_endpoint", "https://[fd00::1]/token", "private address"),
        ("userinfo_endpoint", "http://login.acme.example/me", "not https"),
        ("jwks_uri", "http://login.acme.example/certs", "not https"),
        ("jwks_uri", "https://169.254.169.254/latest/meta-data", "private address"),
        ("revocation_endpoint", "ftp://127.0.0.1/x", "neither https nor http"),
        ("token_endpoint", "https://user:pw@login.acme.example/token", "user name or password"),
    ] {
        let fault = MetadataFault::Set(member.to_owned(), json!(url));
        let (flow, report) = sign_in(Faults { metadata: Some(fault), ..Faults::default() }).await;
        assert_eq!(report.outcome, Outcome::Rejected, "{url}");
        assert_eq!(failed(&report), [Check::MetadataEndpoints]);
        let finding = finding(&report, Check::MetadataEndpoints);
        assert!(finding.received.contains(member), "{finding:?}");
        assert!(finding.received.contains(said), "{finding:?}");
        assert_eq!(flow.requests().total(), 1, "{url}: something was sent");
    }
}

#[tokio::test]
async fn h15_another_public_host_gets_no_password_unless_it_is_confirmed() {
    let fault = MetadataFault::Set("token_endpoint".to_owned(), json!("https://evil.example/token"));
    let (flow, report) = sign_in(Faults { metadata: Some(fault), ..Faults::default() }).await;
    assert_eq!(report.outcome, Outcome::Rejected);
    assert_problem(&report, ProblemKind::UnconfirmedHost, "evil.example", "confirm it");
    assert_eq!(finding(&report, Check::MetadataEndpoints).status, Status::Warning);
    assert_eq!(flow.requests().total(), 1);
    assert_eq!(report.exchanges.len(), 1);
}

#[tokio::test]
async fn h15_loopback_is_accepted_and_marked() {
    let (_flow, report) = sign_in(Faults::default()).await;
    assert_eq!(finding(&report, Check::MetadataEndpoints).received, "same, on this computer");
}

#[tokio::test]
async fn metadata_without_an_endpoint_that_is_needed_say_which() {
    for (member, kind) in
        [("token_endpoint", ProblemKind::MissingMetadata), ("jwks_uri", ProblemKind::MissingMetadata)]
    {
        let fault = MetadataFault::Remove(member.to_owned());
        let (flow, report) = sign_in(Faults { metadata: Some(fault), ..Faults::default() }).await;
        assert_problem(&report, kind, member, "");
        assert_eq!(flow.requests().userinfo, 0);
    }
    // UserInfo is optional.
    let fault = MetadataFault::Remove("userinfo_endpoint".to_owned());
    let (_flow, report) = sign_in(Faults { metadata: Some(fault), ..Faults::default() }).await;
    support::flows::assert_signed_in(&report);
    assert_eq!(finding(&report, Check::UserInfo).status, Status::NotDue);
}
