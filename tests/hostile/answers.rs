//! Answers that are something else: H-17, H-18, H-08 in documents, and providers that echo secrets (H-26).

use latchkey_client::report::Outcome;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{ProblemKind, Secret};
use latchkey_simulator::{AnswerFault, JsonFault, UserRole};
use support::flows::{Flow, OFFLINE, assert_problem, problem};

use crate::{ENDPOINTS, assert_ended_at, at, sign_in};

fn replaced(status: u16, content_type: Option<&str>, body: &str) -> AnswerFault {
    AnswerFault::Replace {
        status,
        content_type: content_type.map(str::to_owned),
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn h17_what_is_no_json_is_told_with_status_type_and_first_bytes() {
    for endpoint in ENDPOINTS {
        for (fault, status, said, shown) in [
            (AnswerFault::CaptivePortal, 200, "web page (text/html)", Some("Guest network")),
            (AnswerFault::Empty, 200, "empty body", None),
            (AnswerFault::NoContent, 204, "204", None),
            (AnswerFault::ContentType("application/json; charset=utf-16".to_owned()), 200, "utf-16", None),
            (AnswerFault::ContentType("text/plain".to_owned()), 200, "text/plain", None),
            (replaced(200, None, "{}"), 200, "no content type", None),
        ] {
            let (flow, report) = sign_in(at(endpoint, fault.clone())).await;
            assert_eq!(report.outcome, Outcome::ProviderError, "{endpoint:?} {fault:?}");
            let problem = problem(&report);
            assert_eq!(problem.http_status, Some(status), "{endpoint:?} {fault:?}: {problem:?}");
            assert!(
                matches!(problem.kind, ProblemKind::NotJson | ProblemKind::HttpStatus),
                "{endpoint:?} {fault:?}: {problem:?}"
            );
            assert!(problem.explanation.contains(said), "{}", problem.explanation);
            if let Some(shown) = shown {
                assert!(problem.description.as_ref().unwrap().contains(shown), "{problem:?}");
            }
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h08_documents_with_ambiguous_json_are_refused() {
    for endpoint in ENDPOINTS {
        for fault in [
            JsonFault::DuplicateMember,
            JsonFault::Deep(65),
            JsonFault::ByteOrderMark,
            JsonFault::NotANumber,
            JsonFault::LoneSurrogate,
            JsonFault::NotUtf8,
            JsonFault::TrailingBytes,
            JsonFault::NotAnObject,
        ] {
            let (flow, report) = sign_in(at(endpoint, AnswerFault::Json(fault))).await;
            assert_eq!(report.outcome, Outcome::ProviderError, "{endpoint:?} {fault:?}");
            assert_eq!(problem(&report).kind, ProblemKind::Malformed, "{endpoint:?} {fault:?}");
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h17_an_error_with_status_200_is_an_error_whatever_stands_beside_it() {
    let body =
        r#"{"error":"invalid_grant","error_description":"no","access_token":"AT","token_type":"Bearer"}"#;
    let (flow, report) = sign_in(at(Endpoint::Token, replaced(200, Some("application/json"), body))).await;
    assert_eq!(report.outcome, Outcome::ProviderError);
    assert_problem(&report, ProblemKind::OauthError, "User name or password", "");
    assert_ended_at(Endpoint::Token, &flow, &report).await;
}

#[tokio::test]
async fn h17_a_token_with_status_500_is_not_used_and_not_shown() {
    let (flow, report) = sign_in(at(Endpoint::Token, AnswerFault::Status(500))).await;
    assert_eq!(report.outcome, Outcome::ProviderError);
    assert_problem(&report, ProblemKind::HttpStatus, "500", "");
    assert!(report.tokens.access_token.is_none() && report.id_token.is_none());
    // Names of the members alone.
    let shown = problem(&report).description.as_ref().unwrap();
    assert!(shown.contains("access_token") && !shown.contains("eyJ"), "{shown}");
    assert_ended_at(Endpoint::Token, &flow, &report).await;
    let connection = &flow.client.connections().await.unwrap().connections[0];
    let recorded = serde_json::to_string(&flow.traffic(connection)).unwrap();
    assert!(!recorded.contains("eyJ"), "a token is recorded");
}

#[tokio::test]
async fn h18_too_many_requests_at_any_endpoint_are_waited_for_by_people_alone() {
    for endpoint in ENDPOINTS {
        for status in [429, 503] {
            let fault = AnswerFault::Replace {
                status,
                content_type: None,
                headers: vec![("retry-after".to_owned(), "3".to_owned())],
                body: String::new(),
            };
            let (flow, report) = sign_in(at(endpoint, fault)).await;
            assert_eq!(report.outcome, Outcome::ProviderError, "{endpoint:?}");
            assert_problem(&report, ProblemKind::RateLimited, "wait 3 s", "Nothing is repeated by itself");
            assert_ended_at(endpoint, &flow, &report).await;
        }
    }
}

#[tokio::test]
async fn h26_a_provider_that_echoes_secrets_gets_them_into_no_report_and_no_recording() {
    for role in [latchkey_simulator::ClientRole::Basic, latchkey_simulator::ClientRole::Post] {
        let flow = Flow::faulty(at(Endpoint::Token, AnswerFault::Echo)).await;
        let connection = flow.connection(latchkey_simulator::Generation::V2, role).await;
        let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
        let password = "canary+pass word&%ü\"";
        typed.password = Secret::from(password);
        let report = flow.submit(&connection, typed).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        let secret = flow.simulator.client(role).unwrap().client_secret.clone().unwrap();
        let pair = latchkey_oidc::http::Authorization::Basic {
            client_id: connection.client_id.clone(),
            client_secret: Secret::from(secret.as_str()),
        };
        let header = pair.header_value().expose().trim_start_matches("Basic ").to_owned();
        let said = format!(
            "{}{}{report:?}",
            serde_json::to_string(&*report).unwrap(),
            serde_json::to_string(&flow.traffic(&connection)).unwrap()
        );
        for canary in ["canary", secret.as_str(), header.as_str()] {
            assert!(!said.contains(canary), "{role:?}: {canary} in {said}");
        }
    }
}
