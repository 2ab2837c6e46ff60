//! Answers without end, in bytes or in time: H-16; and lost connections: H-19.

use std::time::{Duration, Instant};

use latchkey_client::report::Outcome;
use latchkey_client::transport::Limits;
use latchkey_oidc::ProblemKind;
use latchkey_oidc::http::Endpoint;
use latchkey_simulator::{AnswerFault, Options, UserRole};
use support::flows::{Flow, OFFLINE, Setup, assert_problem, problem};

use crate::{ENDPOINTS, assert_ended_at, at, sign_in};

#[tokio::test]
async fn h16_more_than_a_mebibyte_is_cut_whatever_it_comes_as() {
    for endpoint in ENDPOINTS {
        for fault in [
            AnswerFault::Oversized { bytes: 1024 * 1024 + 1 },
            AnswerFault::GzipBomb { bytes: 64 * 1024 * 1024 },
            AnswerFault::EndlessBody,
            AnswerFault::EndlessHeaders,
        ] {
            let began = Instant::now();
            let (flow, report) = sign_in(at(endpoint, fault.clone())).await;
            assert!(began.elapsed() < Duration::from_secs(8), "{endpoint:?} {fault:?}");
            assert_eq!(report.outcome, Outcome::NetworkError);
            assert_eq!(problem(&report).kind, ProblemKind::TooLarge, "{endpoint:?} {fault:?}");
            assert!(!problem(&report).remedy.is_empty());
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h16_exactly_a_mebibyte_is_taken() {
    for endpoint in ENDPOINTS {
        let (_flow, report) = sign_in(at(endpoint, AnswerFault::Oversized { bytes: 1024 * 1024 })).await;
        support::flows::assert_signed_in(&report);
    }
}

#[tokio::test]
async fn h16_silence_and_dripping_end_at_the_deadlines() {
    let limits = Limits {
        idle: Duration::from_millis(400),
        total: Duration::from_millis(900),
        connect: Duration::from_millis(900),
        ..Limits::default()
    };
    let drip = Duration::from_millis(60);
    for endpoint in ENDPOINTS {
        for fault in [
            AnswerFault::Silence,
            AnswerFault::SlowBody { interval: drip },
            AnswerFault::SlowHeaders { interval: drip },
        ] {
            let options = Options { faults: at(endpoint, fault.clone()), ..Options::default() };
            let flow = Flow::with(Setup { options, limits: limits.clone(), ..Setup::default() }).await;
            let connection = flow.v2().await;
            let began = Instant::now();
            let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
            assert!(began.elapsed() < Duration::from_secs(4), "{endpoint:?} {fault:?}");
            assert_eq!(report.outcome, Outcome::NetworkError, "{endpoint:?} {fault:?}");
            assert_problem(&report, ProblemKind::TimedOut, "127.0.0.1", "Try again");
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h19_a_lost_answer_is_told_and_a_post_is_never_sent_again() {
    for fault in [AnswerFault::Drop, AnswerFault::Truncate { after: 10 }] {
        for endpoint in ENDPOINTS {
            let (flow, report) = sign_in(at(endpoint, fault.clone())).await;
            assert_eq!(report.outcome, Outcome::NetworkError, "{endpoint:?}");
            let kind = match endpoint {
                Endpoint::Token => ProblemKind::OutcomeUnknown,
                _ => ProblemKind::ConnectionFailed,
            };
            assert_eq!(problem(&report).kind, kind, "{endpoint:?} {fault:?}: {:?}", problem(&report));
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}
