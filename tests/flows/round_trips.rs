//! What is sent, in which order, and what runs beside what.

use std::time::{Duration, Instant};

use latchkey_client::recorder::Recorder;
use latchkey_client::report::{SignInReport, StepName, StepState};
use latchkey_oidc::http::Endpoint;
use latchkey_simulator::{ClientRole, Generation, Options, UserRole};
use support::flows::{Flow, Heard, SCOPES, Setup, assert_signed_in, sent};
use tokio_util::sync::CancellationToken;

const LATENCY: Duration = Duration::from_millis(200);
/// For what is not waiting: verification in a debug build, on a machine that does other things.
const SLACK: Duration = Duration::from_millis(150);

async fn slow_tenant() -> Flow {
    let options = Options { latency: LATENCY, ..Options::default() };
    Flow::with(Setup { options, ..Setup::default() }).await
}

/// Start and end of a step in microseconds.
fn span(report: &SignInReport, name: StepName) -> (u64, u64) {
    let step = report.steps.iter().find(|step| step.name == name).unwrap();
    (step.start_us, step.start_us + step.duration_us)
}

#[tokio::test]
async fn a_known_provider_costs_two_round_trips_with_the_keys_beside_the_token_request() {
    let flow = slow_tenant().await;
    let connection = flow.v2().await;
    flow.client.look_up(&connection.issuer, &Recorder::new(), &CancellationToken::new()).await.unwrap();
    let before = flow.requests();

    let began = Instant::now();
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    let took = began.elapsed();

    assert_signed_in(&report);
    assert!(took >= 2 * LATENCY && took < 2 * LATENCY + SLACK, "{took:?}");
    let after = flow.requests();
    assert_eq!((after.discovery, after.token), (before.discovery, before.token + 1));
    assert_eq!((after.certs, after.userinfo), (before.certs + 1, before.userinfo + 1));
    assert_eq!(sent(&report).len(), 3);
    assert_eq!(sent(&report)[2], Endpoint::Userinfo);

    let ((token_start, token_end), (keys_start, keys_end)) =
        (span(&report, StepName::Token), span(&report, StepName::Keys));
    assert!(keys_start < token_end && token_start < keys_end, "one after the other");
    assert!(span(&report, StepName::Userinfo).0 >= token_end.max(keys_end));
    let states: Vec<StepState> = report.steps.iter().map(|step| step.state).collect();
    assert_eq!(
        states,
        [StepState::Ready, StepState::Done, StepState::Done, StepState::Done, StepState::Done]
    );
    // The exchanges say the same as the steps.
    let traffic = flow.traffic(&connection);
    let exchange = |name| traffic.iter().find(|exchange| exchange.name == name).unwrap();
    let apart = (exchange(Endpoint::Jwks).started_at_ms - exchange(Endpoint::Token).started_at_ms).abs();
    assert!(apart < 100, "{apart} ms apart");
}

#[tokio::test]
async fn an_unknown_provider_costs_three_round_trips_and_is_known_afterwards() {
    let flow = slow_tenant().await;
    let connection = flow.v2().await;

    let began = Instant::now();
    let first = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    let took = began.elapsed();

    assert_signed_in(&first);
    assert!(took >= 3 * LATENCY && took < 3 * LATENCY + SLACK, "{took:?}");
    assert_eq!(sent(&first)[0], Endpoint::Discovery);
    assert_eq!(sent(&first).len(), 4);
    assert_eq!(first.steps[0].state, StepState::Done);

    let second = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_eq!(sent(&second).len(), 3);
    assert_eq!(second.steps[0].state, StepState::Ready);
    assert!(flow.client.known_provider(&connection.issuer).unwrap().keys.is_some());
}

#[tokio::test]
async fn a_refresh_costs_two_round_trips_as_well() {
    let flow = slow_tenant().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let began = Instant::now();
    let report = flow.refresh(&connection).await;
    let took = began.elapsed();
    assert_signed_in(&report);
    assert!(took < 2 * LATENCY + SLACK, "{took:?}");
    assert_eq!(sent(&report).len(), 3);
}

#[tokio::test]
async fn connections_are_kept_alive() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for _ in 0..3 {
        assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
    }
    // Not observable from outside but by time: three sign-ins over loopback with open connections.
    assert_eq!(flow.requests().total(), 1 + 3 * 3);
}

#[tokio::test]
async fn progress_is_told_in_order_and_ends_as_the_report_does() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let heard = Heard::default();
    let listener = heard.listener();
    let typed = flow.typed(UserRole::PeggySue, SCOPES);
    let report =
        flow.client.sign_in_password(&connection, typed, CancellationToken::new(), &listener).await.unwrap();
    assert_signed_in(&report);

    let events = heard.events();
    for steps in &events {
        let names: Vec<StepName> = steps.iter().map(|step| step.name).collect();
        assert_eq!(names, latchkey_client::sign_in::STEPS, "all steps at each event, in order");
    }
    assert_eq!(events[0][0].state, StepState::Running, "discovery comes first");
    let rank = |state: StepState| match state {
        StepState::Waiting => 0,
        StepState::Running => 1,
        _ => 2,
    };
    for pair in events.windows(2) {
        let changed = pair[0].iter().zip(&pair[1]).filter(|(a, b)| a.state != b.state).count();
        assert_eq!(changed, 1, "one step changes at a time");
        assert!(
            pair[0].iter().zip(&pair[1]).all(|(a, b)| rank(a.state) <= rank(b.state)),
            "a step went back"
        );
    }
    assert_eq!(events.len(), 10, "each of five steps begins and ends");
    assert_eq!(events.last().unwrap(), &report.steps);
}

#[tokio::test]
async fn what_did_not_run_is_skipped_and_what_failed_says_so() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V2, ClientRole::Basic).await;
    let report = flow.sign_in(&connection, UserRole::Locked, SCOPES).await;
    let states: Vec<(StepName, StepState)> =
        report.steps.iter().map(|step| (step.name, step.state)).collect();
    assert_eq!(
        states,
        [
            (StepName::Discovery, StepState::Done),
            (StepName::Keys, StepState::Done),
            (StepName::Token, StepState::Failed),
            (StepName::Verify, StepState::Skipped),
            (StepName::Userinfo, StepState::Skipped),
        ]
    );
}
