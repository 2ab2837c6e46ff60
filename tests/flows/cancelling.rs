//! A run can be stopped at every step, at once, and leaves what it must.

use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_client::connection::Connection;
use latchkey_client::report::{Outcome, SignInReport, StepName, StepState};
use latchkey_oidc::ProblemKind;
use latchkey_simulator::{AnswerFault, Faults, UserRole};
use support::flows::{Flow, OFFLINE, assert_signed_in, problem};
use tokio_util::sync::CancellationToken;

fn silent(step: StepName) -> Faults {
    let silence = Some(AnswerFault::Silence);
    match step {
        StepName::Discovery => Faults { discovery: silence, ..Faults::default() },
        StepName::Keys => Faults { certs: silence, ..Faults::default() },
        StepName::Token => Faults { token: silence, ..Faults::default() },
        _ => Faults { userinfo: silence, ..Faults::default() },
    }
}

/// Signs in, and stops as soon as the step is under way.
async fn stopped_at(flow: &Flow, connection: &Connection, step: StepName) -> Arc<SignInReport> {
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let on_progress = move |progress| {
        let latchkey_client::report::Progress::Steps { steps } = progress;
        if steps.iter().any(|known| known.name == step && known.state == StepState::Running) {
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(150)).await;
                stop.cancel();
            });
        }
    };
    let typed = flow.typed(UserRole::PeggySue, OFFLINE);
    let began = Instant::now();
    let report = flow.client.sign_in_password(connection, typed, cancel, &on_progress).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(3), "{step:?}: it went on for {:?}", began.elapsed());
    report
}

#[tokio::test]
async fn h16_a_sign_in_can_be_stopped_at_each_step() {
    let steps = [StepName::Discovery, StepName::Keys, StepName::Token, StepName::Userinfo];
    for step in steps {
        let flow = Flow::faulty(silent(step)).await;
        let connection = flow.v2().await;
        let report = stopped_at(&flow, &connection, step).await;
        assert_eq!(report.outcome, Outcome::NetworkError);
        assert_eq!(problem(&report).kind, ProblemKind::Cancelled);
        let at = report.steps.iter().position(|known| known.name == step).unwrap();
        assert_eq!(report.steps[at].state, StepState::Failed, "{step:?}");
        let later = &report.steps[3.max(at + 1)..];
        assert!(later.iter().all(|step| matches!(step.state, StepState::Skipped | StepState::Failed)));
        let requests = flow.requests();
        let expected = match step {
            StepName::Discovery => (0, 0, 0),
            StepName::Keys | StepName::Token => (1, 1, 0),
            _ => (1, 1, 1),
        };
        assert_eq!((requests.token, requests.certs, requests.userinfo), expected, "{step:?}");
        if step != StepName::Userinfo {
            flow.assert_nothing_kept(&connection).await;
        }
        // The next run is not held up by it.
        flow.fault(Faults::default());
        assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await.as_ref());
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_begins_sends_nothing() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    let typed = flow.typed(UserRole::PeggySue, OFFLINE);
    let report = flow.client.sign_in_password(&connection, typed, cancel, &|_| {}).await.unwrap();
    assert_eq!(problem(&report).kind, ProblemKind::Cancelled);
    assert_eq!(flow.requests().total(), 0);
}

#[tokio::test]
async fn stopping_while_the_keys_are_awaited_does_not_cost_the_rotated_token() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.restart();
    flow.fault(silent(StepName::Keys));
    let cancel = CancellationToken::new();
    let (report, ()) = tokio::join!(
        async { flow.client.refresh(&connection, None, cancel.clone(), &|_| {}).await.unwrap() },
        async {
            while flow.requests().token < 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            cancel.cancel();
        }
    );
    assert_eq!(problem(&report).kind, ProblemKind::Cancelled);
    assert!(flow.stored(&connection).await.unwrap() != old);
    flow.fault(Faults::default());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn stopping_a_refresh_in_the_air_says_that_its_outcome_is_not_known() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.fault(silent(StepName::Token));
    let before = flow.requests();
    let cancel = CancellationToken::new();
    let (report, ()) = tokio::join!(
        async { flow.client.refresh(&connection, None, cancel.clone(), &|_| {}).await.unwrap() },
        async {
            while flow.requests().token == before.token {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            cancel.cancel();
        }
    );
    let problem = problem(&report);
    assert_eq!(problem.kind, ProblemKind::Cancelled);
    assert!(
        problem.explanation.contains("whether it was acted upon is not known"),
        "{}",
        problem.explanation
    );
    assert_eq!(flow.stored(&connection).await, Some(old));
    // The lock is free again.
    flow.fault(Faults::default());
    let began = Instant::now();
    let _ = flow.refresh(&connection).await;
    assert!(began.elapsed() < Duration::from_secs(5));
}
