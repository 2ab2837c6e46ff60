//! Introspection, revocation with its proof, and sign-out: what the provider says afterwards, and what stays here.

mod in_a_browser;

use latchkey_client::client::{Keep, SignOut, TokenChoice};
use latchkey_client::connection::Connection;
use latchkey_client::session_report::{SessionOutcome, SessionReport};
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Check, ProblemKind, Secret, Status};
use latchkey_simulator::{
    AnswerFault, ClientRole, EndSessionFault, Faults, Generation, MetadataFault, UserRole,
};
use serde_json::json;
use support::flows::{Flow, OFFLINE, assert_signed_in};
use tokio_util::sync::CancellationToken;

const SIGNED_OUT: &str = "https://payroll.acme.example/signed-out";

async fn introspect(flow: &Flow, connection: &Connection, token: TokenChoice) -> SessionReport {
    flow.client.introspect(connection, token, None, CancellationToken::new()).await.unwrap()
}

async fn revoke(flow: &Flow, connection: &Connection, token: TokenChoice) -> SessionReport {
    flow.client.revoke(connection, token, None, CancellationToken::new()).await.unwrap()
}

async fn sign_out(flow: &Flow, connection: &Connection, request: SignOut) -> SessionReport {
    flow.client.sign_out(connection, request, None, None, CancellationToken::new()).await.unwrap()
}

fn back() -> SignOut {
    SignOut { post_logout_redirect_uri: Some(SIGNED_OUT.to_owned()), ..SignOut::default() }
}

/// All checks with how they ended, in order.
fn checks(report: &SessionReport) -> Vec<(Check, Status)> {
    report.findings.iter().map(|finding| (finding.check, finding.status)).collect()
}

fn sent(report: &SessionReport) -> Vec<Endpoint> {
    report.exchanges.iter().map(|exchange| exchange.name).collect()
}

/// An answer in place of the provider's.
fn answering(status: u16, body: &str) -> AnswerFault {
    AnswerFault::Replace {
        status,
        content_type: Some("application/json".to_owned()),
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn introspection_tells_of_either_token_with_every_client_authentication() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            flow.signed_in(&connection).await;
            for token in [TokenChoice::AccessToken, TokenChoice::RefreshToken] {
                let report = introspect(&flow, &connection, token).await;
                assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
                assert_eq!(
                    checks(&report),
                    [(Check::Introspection, Status::Passed), (Check::IntrospectionClaims, Status::Passed)]
                );
                assert_eq!(report.introspection.unwrap()["active"], json!(true));
                assert!(!report.forgotten);
            }
        }
    }
}

#[tokio::test]
async fn a_token_that_nobody_issued_is_not_active_and_no_failure() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let token = Secret::from("a token that nobody issued");
    let report = introspect(&flow, &connection, TokenChoice::Given(token.clone())).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    assert_eq!(checks(&report), [(Check::Introspection, Status::Warning)]);
    assert_eq!(report.fingerprint, Some(token.fingerprint()));
    let recorded = format!("{:?}", flow.traffic(&connection));
    assert!(!recorded.contains("nobody"), "{recorded}");
}

#[tokio::test]
async fn revoking_the_refresh_token_is_proved_and_forgets_the_session() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            let token = flow.signed_in(&connection).await;
            let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
            assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
            assert_eq!(
                checks(&report),
                [
                    (Check::Introspection, Status::Passed),
                    (Check::IntrospectionClaims, Status::Passed),
                    (Check::Revocation, Status::Passed),
                    (Check::RevocationProof, Status::Passed),
                    (Check::RevocationProof, Status::Passed),
                ]
            );
            assert_eq!(
                sent(&report),
                [Endpoint::Introspection, Endpoint::Revocation, Endpoint::Introspection, Endpoint::Token]
            );
            assert_eq!(report.fingerprint, Some(token.fingerprint()));
            assert!(report.forgotten);
            flow.assert_nothing_kept(&connection).await;
        }
    }
}

#[tokio::test]
async fn after_a_restart_the_keychains_refresh_token_can_be_revoked() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    flow.restart();
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    flow.assert_nothing_kept(&connection).await;
}

#[tokio::test]
async fn revoking_the_access_token_leaves_the_refresh_token() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let refresh_token = flow.signed_in(&connection).await;
    let report = revoke(&flow, &connection, TokenChoice::AccessToken).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    let proofs = report.findings.iter().filter(|finding| finding.check == Check::RevocationProof);
    assert_eq!(proofs.map(|finding| finding.status).collect::<Vec<_>>(), [Status::Passed, Status::Passed]);
    assert_eq!(sent(&report).last(), Some(&Endpoint::Userinfo));
    assert!(!report.forgotten);
    assert_eq!(flow.stored(&connection).await, Some(refresh_token));
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn a_revocation_that_changes_nothing_fails_and_forgets_nothing() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let token = flow.signed_in(&connection).await;
    // The tenant carries a request out whatever it then answers: that the token lives on is introspection's word.
    flow.fault(Faults {
        revocation: Some(answering(200, "{}")),
        introspection: Some(answering(200, r#"{"active": true}"#)),
        ..Faults::default()
    });
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert_eq!(report.outcome, SessionOutcome::Rejected, "{report:#?}");
    assert_eq!(checks(&report).last(), Some(&(Check::RevocationProof, Status::Failed)));
    assert!(report.error.unwrap().remedy.contains("still taken"));
    assert!(!report.forgotten);
    assert_eq!(flow.stored(&connection).await, Some(token));
    assert!(flow.client.desk(&connection.id).session.is_some());
}

#[tokio::test]
async fn a_refresh_that_still_works_fails_the_proof_and_its_token_is_kept() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    // What is called the revocation endpoint revokes nothing, and introspection knows no token.
    let elsewhere = json!(format!("{}/token/introspection", connection.issuer));
    flow.fault(Faults {
        metadata: Some(MetadataFault::Set("revocation_endpoint".to_owned(), elsewhere)),
        introspection: Some(answering(200, r#"{"active": false}"#)),
        ..Faults::default()
    });
    let desk = flow.client.desk(&connection.id);
    flow.client.look_up(&connection.issuer, &desk.recorder, &CancellationToken::new()).await.unwrap();
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert_eq!(report.outcome, SessionOutcome::Rejected, "{report:#?}");
    assert_eq!(checks(&report).last(), Some(&(Check::RevocationProof, Status::Failed)));
    assert!(!report.forgotten);
    let new = flow.stored(&connection).await.unwrap();
    assert_ne!(new, old);
    assert_eq!(flow.in_memory(&connection), Some(new));
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn a_refused_revocation_is_explained_and_forgets_nothing() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let token = flow.signed_in(&connection).await;
    flow.fault(Faults {
        revocation: Some(answering(503, r#"{"error": "temporarily_unavailable"}"#)),
        ..Faults::default()
    });
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert_eq!(report.outcome, SessionOutcome::ProviderError, "{report:#?}");
    assert_eq!(report.error.unwrap().endpoint, Some(Endpoint::Revocation));
    assert_eq!(flow.stored(&connection).await, Some(token));
}

#[tokio::test]
async fn what_the_provider_does_not_offer_is_said_and_nothing_is_sent() {
    let flow = Flow::start().await;
    for (member, endpoint) in [
        ("introspection_endpoint", Endpoint::Introspection),
        ("revocation_endpoint", Endpoint::Revocation),
        ("end_session_endpoint", Endpoint::EndSession),
    ] {
        flow.fault(Faults::default());
        let connection = flow.v2().await;
        flow.signed_in(&connection).await;
        flow.fault(Faults { metadata: Some(MetadataFault::Remove(member.to_owned())), ..Faults::default() });
        let desk = flow.client.desk(&connection.id);
        flow.client.look_up(&connection.issuer, &desk.recorder, &CancellationToken::new()).await.unwrap();
        let report = match endpoint {
            Endpoint::Introspection => introspect(&flow, &connection, TokenChoice::AccessToken).await,
            Endpoint::Revocation => revoke(&flow, &connection, TokenChoice::RefreshToken).await,
            _ => sign_out(&flow, &connection, back()).await,
        };
        let problem = report.error.as_ref().unwrap();
        assert_eq!((problem.kind, problem.endpoint), (ProblemKind::MissingMetadata, Some(endpoint)));
        assert!(problem.explanation.contains(member), "{problem:?}");
        assert_eq!(sent(&report), [], "{report:#?}");
        flow.client.remove(&connection.id).await.unwrap();
    }
}

#[tokio::test]
async fn without_introspection_the_refused_refresh_is_the_proof() {
    let flow = Flow::faulty(Faults {
        metadata: Some(MetadataFault::Remove("introspection_endpoint".to_owned())),
        ..Faults::default()
    })
    .await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    assert_eq!(
        checks(&report),
        [
            (Check::Revocation, Status::Passed),
            (Check::RevocationProof, Status::NotDue),
            (Check::RevocationProof, Status::Passed),
        ]
    );
    assert!(report.forgotten);
}

#[tokio::test]
async fn rp_init_logout_returns_with_the_state_and_forgets_the_session() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let id_token = flow.client.desk(&connection.id).session.as_ref().unwrap().id_token.clone().unwrap();
    let report = sign_out(&flow, &connection, back()).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    assert!(checks(&report).contains(&(Check::EndSessionState, Status::Passed)), "{report:#?}");
    assert!(checks(&report).contains(&(Check::RevocationProof, Status::Passed)), "{report:#?}");
    let address = report.address.unwrap();
    assert!(address.contains(&id_token.fingerprint()) && address.contains("state="), "{address}");
    assert!(report.forgotten);
    flow.assert_nothing_kept(&connection).await;
    let recorded = format!("{:?}", flow.traffic(&connection));
    assert!(!recorded.contains(id_token.expose()), "the ID token stands in a recording");
    assert!(!address.contains(id_token.expose()));
}

#[tokio::test]
async fn rp_init_logout_no_state_and_other_state_complete_and_are_said() {
    let flow = Flow::start().await;
    for fault in [EndSessionFault::NoState, EndSessionFault::WrongState] {
        let connection = flow.v2().await;
        flow.fault(Faults::default());
        flow.signed_in(&connection).await;
        flow.fault(Faults { end_session_answer: Some(fault), ..Faults::default() });
        let report = sign_out(&flow, &connection, back()).await;
        assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
        assert!(checks(&report).contains(&(Check::EndSessionState, Status::Warning)), "{report:#?}");
        assert!(report.forgotten);
        flow.client.remove(&connection.id).await.unwrap();
    }
}

#[tokio::test]
async fn revoke_only_sends_logout_false_and_proves_it_without_a_redirect_uri() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let report = sign_out(&flow, &connection, SignOut { revoke_only: true, ..SignOut::default() }).await;
    assert_eq!(report.outcome, SessionOutcome::Done, "{report:#?}");
    assert!(report.address.as_ref().unwrap().ends_with("&logout=false"));
    assert_eq!(checks(&report).last(), Some(&(Check::RevocationProof, Status::Passed)));
    flow.assert_nothing_kept(&connection).await;
}

#[tokio::test]
async fn an_unregistered_redirect_uri_is_refused_and_the_session_stays() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let token = flow.signed_in(&connection).await;
    let elsewhere = SignOut {
        post_logout_redirect_uri: Some("https://payroll.acme.example/elsewhere".to_owned()),
        ..SignOut::default()
    };
    let report = sign_out(&flow, &connection, elsewhere).await;
    assert_eq!(report.outcome, SessionOutcome::ProviderError, "{report:#?}");
    let problem = report.error.unwrap();
    assert_eq!(problem.code.as_deref(), Some("invalid_request"));
    assert_eq!(problem.endpoint, Some(Endpoint::EndSession));
    assert!(!report.forgotten);
    assert_eq!(flow.stored(&connection).await, Some(token));
}

#[tokio::test]
async fn a_page_in_place_of_the_return_leaves_it_open_and_the_session_here() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let token = flow.signed_in(&connection).await;
    flow.fault(Faults {
        end_session: Some(AnswerFault::Replace {
            status: 200,
            content_type: Some("text/html".to_owned()),
            headers: Vec::new(),
            body: "<p>Do you want to sign out?".to_owned(),
        }),
        introspection: Some(answering(200, r#"{"active": true}"#)),
        ..Faults::default()
    });
    let report = sign_out(&flow, &connection, back()).await;
    assert_eq!(report.outcome, SessionOutcome::Unclear, "{report:#?}");
    assert!(!report.forgotten);
    assert_eq!(flow.stored(&connection).await, Some(token));
}

#[tokio::test]
async fn a_session_that_was_not_stored_leaves_the_keychain_alone() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let kept = flow.signed_in(&connection).await;
    let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
    typed.keep = Keep::SessionOnly;
    assert_signed_in(flow.submit(&connection, typed).await.as_ref());
    let report = revoke(&flow, &connection, TokenChoice::RefreshToken).await;
    assert!(report.forgotten, "{report:#?}");
    assert!(flow.client.desk(&connection.id).session.is_none());
    assert_eq!(flow.stored(&connection).await, Some(kept));
}

#[tokio::test]
async fn h24_without_a_token_nothing_is_sent() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for token in [TokenChoice::AccessToken, TokenChoice::RefreshToken] {
        let problem =
            flow.client.revoke(&connection, token, None, CancellationToken::new()).await.unwrap_err().problem;
        assert_eq!(problem.kind, ProblemKind::NothingStored);
    }
    assert_eq!(flow.traffic(&connection).len(), 0);
}
