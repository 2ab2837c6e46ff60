//! Much, and still all right: H-27.

use std::time::{Duration, Instant};

use latchkey_client::recorder::Recorder;
use latchkey_oidc::{claims, explain};
use latchkey_simulator::{ClientRole, Faults, Generation, KeySetFault, MetadataFault, UserRole};
use support::flows::{Flow, assert_signed_in};
use tokio_util::sync::CancellationToken;

/// Generous: a debug build on a busy machine. What the window may take is the benchmark's business.
const BUDGET: Duration = Duration::from_secs(10);

#[tokio::test]
async fn h27_five_thousand_groups_and_two_hundred_kilobytes_of_claims() {
    let flow = Flow::start().await;
    let scopes = "openid profile email groups";
    let asked: Vec<String> = scopes.split(' ').map(str::to_owned).collect();
    for (user, size) in [(UserRole::ManyGroups, 5_000), (UserRole::ManyClaims, 400)] {
        for role in [ClientRole::Basic, ClientRole::SignedUserInfo] {
            let mut draft = flow.draft(Generation::V2, role);
            draft.name = format!("{user:?} {role:?}");
            let connection = flow.saved(draft).await;
            let began = Instant::now();
            let report = flow.sign_in(&connection, user, scopes).await;
            assert_signed_in(&report);
            let id_token = report.id_token.as_ref().map(|token| &token.claims);
            let view = claims::view(id_token, report.userinfo.as_ref(), None, &asked, true);
            assert!(began.elapsed() < BUDGET, "{:?}", began.elapsed());
            let userinfo = report.userinfo.as_ref().unwrap().as_object().unwrap();
            let count = userinfo.get("groups").and_then(|groups| groups.as_array()).map_or(0, Vec::len);
            assert!(count == size || userinfo.len() >= size, "all of it came");
            assert!(view.rows.len() >= userinfo.len());
        }
    }
}

#[tokio::test]
async fn h27_a_thousand_keys() {
    let flow = Flow::faulty(Faults { key_set: Some(KeySetFault::Many(1_000)), ..Faults::default() }).await;
    let connection = flow.v2().await;
    let began = Instant::now();
    let report = flow.sign_in(&connection, UserRole::PeggySue, "openid").await;
    assert_signed_in(&report);
    assert!(began.elapsed() < BUDGET, "{:?}", began.elapsed());
    let provider = flow.client.known_provider(&connection.issuer).unwrap();
    assert_eq!(provider.keys.as_ref().unwrap().set.rows().count(), 1_001);
}

#[tokio::test]
async fn h27_a_megabyte_of_metadata() {
    let fault = MetadataFault::Padding(900_000);
    let flow = Flow::faulty(Faults { metadata: Some(fault), ..Faults::default() }).await;
    let connection = flow.v2().await;
    let began = Instant::now();
    let provider =
        flow.client.look_up(&connection.issuer, &Recorder::new(), &CancellationToken::new()).await.unwrap();
    let entries = explain::entries(&provider.metadata, &provider.findings);
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, "openid").await.as_ref());
    assert!(began.elapsed() < BUDGET, "{:?}", began.elapsed());
    assert_eq!(entries.len(), provider.metadata.raw.len());
    assert!(entries.len() >= 9_000);
    let unknown = entries.iter().filter(|entry| entry.explanation.is_none()).count();
    assert!(unknown >= 9_000, "unknown members are shown and not explained");
}
