//! What is sent, in which order, and what runs beside what.

use std::time::{Duration, Instant};

use latchkey_client::recorder::Recorder;
use latchkey_client::report::{SignInReport, StepName, StepState};
use latchkey_oidc::http::Endpoint;
use latchkey_simulator::{ClientRole, Generation, Options, UserRole};
use support::flows::{Flow, Heard, SCOPES, Setup, assert_signed_in, sent};
use tokio_util::sync::CancellationToken;

const LATENCY: Duration = Duration::from_millis(300);
/// A further round trip would take twice as long.
const SLACK: Duration = Duration::from_millis(150);
/// The machine does other things as well: one undisturbed run is proof enough.
const ATTEMPTS: usize = 6;

/// Whether the run took so many round trips, neither fewer nor more.
fn fits(took: Duration, round_trips: u32) -> bool {
    took >= round_trips * LATENCY && took < round_trips * LATENCY + SLACK
}

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
    let mut times = Vec::new();
    for _ in 0..ATTEMPTS {
        let before = flow.requests();
        let began = Instant::now();
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        times.push(began.elapsed());

        assert_signed_in(&report);
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
        let last = |name| traffic.iter().rev().find(|exchange| exchange.name == name).unwrap();
        let apart = (last(Endpoint::Jwks).started_at_ms - last(Endpoint::Token).started_at_ms).abs();
        assert!(i128::from(apart) < i128::try_from(LATENCY.as_millis()).unwrap(), "{apart} ms apart");
        if times.iter().any(|took| fits(*took, 2)) {
            return;
        }
    }
    panic!("two round trips of {LATENCY:?} took {times:?}");
}

#[tokio::test]
async fn an_unknown_provider_costs_three_round_trips_and_is_known_afterwards() {
    let mut flow = slow_tenant().await;
    let connection = flow.v2().await;
    let mut times = Vec::new();
    for _ in 0..ATTEMPTS {
        flow.restart();
        let began = Instant::now();
        let first = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        times.push(began.elapsed());

        assert_signed_in(&first);
        assert_eq!(sent(&first)[0], Endpoint::Discovery);
        assert_eq!(sent(&first).len(), 4);
        assert_eq!(first.steps[0].state, StepState::Done);
        if times.iter().any(|took| fits(*took, 3)) {
            break;
        }
    }
    assert!(times.iter().any(|took| fits(*took, 3)), "three round trips of {LATENCY:?} took {times:?}");

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
    let mut times = Vec::new();
    for _ in 0..ATTEMPTS {
        let began = Instant::now();
        let report = flow.refresh(&connection).await;
        times.push(began.elapsed());
        assert_signed_in(&report);
        assert_eq!(sent(&report).len(), 3);
        if times.iter().any(|took| fits(*took, 2)) {
            return;
        }
    }
    panic!("two round trips of {LATENCY:?} took {times:?}");
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
