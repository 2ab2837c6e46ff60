//! Text that misleads whoever displays it: H-21.

use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{ProblemKind, claims};
use latchkey_simulator::{AnswerFault, ClientRole, Generation, UserRole};
use support::flows::{Flow, assert_signed_in, problem};

use crate::{at, sign_in};

/// Controls, bidirectional, zero-width and tag characters, line separators.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{e0000}'..='\u{e007f}' | '\u{fe00}'..='\u{fe0f}')
}

fn assert_harmless(text: &str) {
    assert!(!text.chars().any(is_harmful), "{text:?}");
}

#[tokio::test]
async fn h21_hostile_claims_are_shown_as_escapes_and_never_as_themselves() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let scopes = "openid profile email groups phone params";
        let report = flow.sign_in(&connection, UserRole::Hostile, scopes).await;
        assert_signed_in(&report);
        let who = report.who.as_ref().unwrap();
        assert_harmless(who);
        assert!(who.contains("\\u{202e}"), "{who}");
        for finding in &report.findings {
            assert_harmless(&finding.expected);
            assert_harmless(&finding.received);
        }
        for note in &report.notes {
            assert_harmless(&note.title);
            assert_harmless(&note.remedy);
        }
        // A remote picture is a claim, not an address to ask.
        assert!(flow.requests().unknown == 0 && flow.requests().total() <= 8);
        for exchange in flow.traffic(&connection) {
            exchange.response_body.iter().for_each(|body| assert_harmless(&body.text));
            exchange.response_headers.iter().for_each(|header| assert_harmless(&header.value));
        }
        let id_token = report.id_token.as_ref().map(|token| token.claims.clone());
        let scopes: Vec<String> = scopes.split(' ').map(str::to_owned).collect();
        let view = claims::view(id_token.as_ref(), report.userinfo.as_ref(), None, &scopes, true);
        for row in &view.rows {
            row.reading.iter().for_each(|text| assert_harmless(text));
            row.note.iter().for_each(|text| assert_harmless(text));
        }
    }
}

#[tokio::test]
async fn h21_hostile_errors_are_shown_as_escapes() {
    let description = "\u{202e}gnp\u{1b}]0;owned\u{7} <script>alert(1)</script> line\nbreak\u{200b}";
    let body = serde_json::json!({"error": "in\u{1b}valid", "error_description": description}).to_string();
    for endpoint in [Endpoint::Discovery, Endpoint::Token, Endpoint::Userinfo] {
        let fault = AnswerFault::Replace {
            status: 400,
            content_type: Some("application/json".to_owned()),
            headers: vec![("x-note".to_owned(), "caf\u{e9}".to_owned())],
            body: body.clone(),
        };
        let (flow, report) = sign_in(at(endpoint, fault)).await;
        let problem = problem(&report);
        assert_eq!(problem.kind, ProblemKind::OauthError, "{endpoint:?}");
        let shown = problem.description.as_ref().unwrap();
        for text in [shown, problem.code.as_ref().unwrap(), &problem.explanation, &problem.remedy] {
            assert_harmless(text);
        }
        assert!(shown.contains("\\u{202e}") && shown.contains("<script>"), "text stays text: {shown}");
        let connection = &flow.client.connections().await.unwrap().connections[0];
        for exchange in flow.traffic(connection) {
            exchange.response_body.iter().for_each(|body| assert_harmless(&body.text));
        }
    }
}
