//! Refreshing a session that came from a code: what the ID token of a refresh is held to (OIDC Core §12.2). What holds
//! for every refresh is in `refreshing` and `two_refreshes`.

use latchkey_client::client::{BrowserSignIn, Keep};
use latchkey_client::connection::Connection;
use latchkey_client::input::{ConnectionDraft, Field};
use latchkey_client::report::Kept;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::response_type::ResponseType;
use latchkey_oidc::{Check, ProblemKind, Status};
use latchkey_simulator::{AnswerFault, ClaimFault, ClientRole, Faults, Generation, IdTokenFault, UserRole};
use support::flows::{
    Flow, OFFLINE, SCOPES, assert_rejected, assert_signed_in, finding, problem, sent, status,
};
use tokio_util::sync::CancellationToken;

use crate::in_browser::{Browser, request, sign_in, signed_in_with_code};

fn id_token(fault: ClaimFault) -> Faults {
    Faults { id_token: Some(IdTokenFault::Claim(fault)), ..Faults::default() }
}

/// The nonce of the session, as the ID token of its first sign-in had it.
fn nonce(flow: &Flow, connection: &Connection) -> String {
    let session = flow.client.desk(&connection.id).session.expect("there is a session");
    let claims = session.id_token_claims.clone().unwrap();
    claims["nonce"].as_str().expect("a code sign-in sends one").to_owned()
}

#[tokio::test]
async fn the_new_tokens_take_the_place_of_the_old_before_and_after_a_restart() {
    let mut flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            let mut old = signed_in_with_code(&flow, &connection).await;
            for restarted in [false, true, false] {
                if restarted {
                    flow.restart();
                }
                let report = flow.refresh(&connection).await;
                assert_signed_in(&report);
                let new = flow.stored(&connection).await.unwrap();
                assert!(new != old, "{generation} {role:?}: the refresh token rotated");
                assert_eq!(flow.in_memory(&connection), Some(new.clone()));
                assert_eq!(report.refresh_token_kept, Kept::Keychain);
                // The tenant leaves the nonce out, as it should.
                assert_eq!(status(&report, Check::IdTokenNonce), Status::NotDue);
                for check in [Check::IdTokenIssuer, Check::IdTokenAudience, Check::IdTokenUnchanged] {
                    assert_eq!(status(&report, check), Status::Passed, "{generation} {role:?} {check:?}");
                }
                assert!(!sent(&report).contains(&Endpoint::Authorization), "nobody is asked to sign in");
                old = new;
            }
        }
    }
}

#[tokio::test]
async fn refresh_token_invalid_issuer_sub_and_aud_are_refused_and_the_old_token_stays() {
    for restarted in [false, true] {
        for (fault, check) in [
            (ClaimFault::WrongIssuer, Check::IdTokenIssuer),
            (ClaimFault::WrongSubject, Check::IdTokenUnchanged),
            (ClaimFault::WrongAudience, Check::IdTokenAudience),
            (ClaimFault::Nonce("never-sent".to_owned()), Check::IdTokenNonce),
        ] {
            let mut flow = Flow::at_used_tenant(Faults::default()).await;
            let connection = flow.v2().await;
            let old = signed_in_with_code(&flow, &connection).await;
            if restarted {
                flow.restart();
            }
            flow.fault(id_token(fault.clone()));
            let report = flow.refresh(&connection).await;
            assert_rejected(&report, check);
            assert!(!sent(&report).contains(&Endpoint::Userinfo), "{fault:?}");
            assert_eq!(flow.stored(&connection).await, Some(old), "{fault:?}");
            assert_eq!(report.refresh_token_kept, Kept::None);
        }
    }
}

#[tokio::test]
async fn the_nonce_of_the_sign_in_may_be_repeated() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    signed_in_with_code(&flow, &connection).await;
    let nonce = nonce(&flow, &connection);
    for restarted in [false, true, false, true] {
        if restarted {
            flow.restart();
        }
        // A refresh without it in between does not lose it.
        flow.fault(Faults::default());
        assert_signed_in(flow.refresh(&connection).await.as_ref());
        flow.fault(id_token(ClaimFault::Nonce(nonce.clone())));
        let report = flow.refresh(&connection).await;
        assert_signed_in(&report);
        assert_eq!(finding(&report, Check::IdTokenNonce).expected, nonce);
        assert_eq!(status(&report, Check::IdTokenNonce), Status::Passed);
    }
}

#[tokio::test]
async fn the_nonce_of_another_sign_in_may_not() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    signed_in_with_code(&flow, &connection).await;
    let earlier = nonce(&flow, &connection);
    signed_in_with_code(&flow, &connection).await;
    let later = nonce(&flow, &connection);
    assert_ne!(earlier, later);
    for restarted in [false, true] {
        if restarted {
            flow.restart();
        }
        flow.fault(id_token(ClaimFault::Nonce(earlier.clone())));
        assert_rejected(flow.refresh(&connection).await.as_ref(), Check::IdTokenNonce);
        // The refused refresh used the token up at the tenant.
        flow.fault(Faults::default());
        signed_in_with_code(&flow, &connection).await;
    }
    // After a password, nothing was sent that could come back.
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await.as_ref());
    flow.restart();
    flow.fault(id_token(ClaimFault::Nonce(later)));
    let report = flow.refresh(&connection).await;
    assert_rejected(&report, Check::IdTokenNonce);
    assert_eq!(finding(&report, Check::IdTokenNonce).expected, "none, since none was sent");
}

#[tokio::test]
async fn where_the_sign_in_is_not_known_any_more_a_refresh_says_so_and_is_the_first_from_there_on() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    signed_in_with_code(&flow, &connection).await;
    let nonce = nonce(&flow, &connection);
    // As where the file of connections was lost and made anew beside the keychain.
    let saved = flow.read_again(&connection).await;
    flow.client.put(Connection { last_run: None, ..saved }).await.unwrap();
    flow.restart();
    flow.fault(id_token(ClaimFault::Nonce(nonce)));
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    for check in [Check::IdTokenNonce, Check::IdTokenUnchanged] {
        let finding = finding(&report, check);
        assert_eq!(finding.status, Status::NotDue);
        assert!(finding.expected.contains("not known here any more"), "{finding:?}");
    }
    for restarted in [false, true] {
        if restarted {
            flow.restart();
        }
        let report = flow.refresh(&connection).await;
        assert_signed_in(&report);
        for check in [Check::IdTokenNonce, Check::IdTokenUnchanged] {
            assert_eq!(status(&report, check), Status::Passed, "{check:?}");
        }
    }
    flow.fault(id_token(ClaimFault::WrongSubject));
    assert_rejected(flow.refresh(&connection).await.as_ref(), Check::IdTokenUnchanged);
}

#[tokio::test]
async fn a_sign_in_that_stores_nothing_does_not_spoil_the_stored_token() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    let peggys = signed_in_with_code(&flow, &connection).await;
    let nonce = nonce(&flow, &connection);
    let sally = Browser::of(&flow, UserRole::Sally);
    assert_signed_in(
        sign_in(&flow, &connection, request(ResponseType::IdTokenToken, SCOPES), &sally).await.as_ref(),
    );
    let asked = BrowserSignIn {
        request: request(ResponseType::Code, SCOPES),
        client_secret: None,
        keep: Keep::SessionOnly,
    };
    let report = flow
        .client
        .sign_in_browser(&connection, asked, &sally, CancellationToken::new(), &|_| {})
        .await
        .unwrap();
    assert_signed_in(&report);
    assert_eq!(flow.stored(&connection).await, Some(peggys), "it is not ours to remove");

    flow.restart();
    flow.fault(id_token(ClaimFault::Nonce(nonce)));
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.who.as_deref(), Some("Peggy Sue"));
    assert_eq!(status(&report, Check::IdTokenNonce), Status::Passed);
}

#[tokio::test]
async fn a_token_that_is_kept_for_the_session_only_is_held_to_its_own_sign_in() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let peggys = signed_in_with_code(&flow, &connection).await;
    let peggys_nonce = nonce(&flow, &connection);
    let asked = BrowserSignIn {
        request: request(ResponseType::Code, SCOPES),
        client_secret: None,
        keep: Keep::SessionOnly,
    };
    let sally = Browser::of(&flow, UserRole::Sally);
    let signed_in =
        flow.client.sign_in_browser(&connection, asked, &sally, CancellationToken::new(), &|_| {});
    assert_signed_in(signed_in.await.unwrap().as_ref());
    let sallys_nonce = nonce(&flow, &connection);

    flow.fault(id_token(ClaimFault::Nonce(sallys_nonce)));
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.who.as_deref(), Some("Sally Tyler"));
    flow.fault(id_token(ClaimFault::Nonce(peggys_nonce)));
    assert_rejected(flow.refresh(&connection).await.as_ref(), Check::IdTokenNonce);
    assert_eq!(flow.stored(&connection).await, Some(peggys), "nothing is written");
}

#[tokio::test]
async fn a_lost_connection_or_key_set_in_the_middle_does_not_cost_the_rotated_token() {
    for fault in [
        Faults { userinfo: Some(AnswerFault::Drop), ..Faults::default() },
        Faults { certs: Some(AnswerFault::Drop), ..Faults::default() },
    ] {
        let mut flow = Flow::start().await;
        let connection = flow.v2().await;
        let old = signed_in_with_code(&flow, &connection).await;
        let nonce = nonce(&flow, &connection);
        flow.fault(fault);
        let report = flow.refresh(&connection).await;
        assert!(problem(&report).endpoint.is_some(), "{:?}", report.error);
        assert!(flow.stored(&connection).await.unwrap() != old, "the rotated token is stored");
        // What the session is held to is not lost with the answer.
        flow.restart();
        flow.fault(id_token(ClaimFault::Nonce(nonce)));
        let report = flow.refresh(&connection).await;
        assert_signed_in(&report);
        assert_eq!(status(&report, Check::IdTokenUnchanged), Status::Passed);
        assert_eq!(status(&report, Check::IdTokenNonce), Status::Passed);
    }
}

#[tokio::test]
async fn h15_tokens_are_not_sent_to_another_issuer_or_for_another_client() {
    let flow = Flow::start().await;
    for (generation, role) in [(Generation::V1, ClientRole::Basic), (Generation::V2, ClientRole::Post)] {
        let connection = flow.v2().await;
        signed_in_with_code(&flow, &connection).await;
        // A new name changes nothing.
        let mut draft = flow.draft(Generation::V2, ClientRole::Basic);
        (draft.id, draft.name) = (Some(connection.id.clone()), "renamed".to_owned());
        let renamed = flow.saved(draft).await;
        assert_signed_in(flow.refresh(&renamed).await.as_ref());

        let mut draft = flow.draft(generation, role);
        draft.id = Some(connection.id.clone());
        let changed = flow.saved(draft).await;
        assert_eq!(changed.last_run, None, "nobody has signed in there");
        flow.assert_nothing_kept(&changed).await;
        let before = flow.requests();
        let problem = flow.try_refresh(&changed).await.unwrap_err().problem;
        assert_eq!(problem.kind, ProblemKind::NothingStored);
        assert_eq!(flow.requests(), before);
        // The client secret is of the new one.
        signed_in_with_code(&flow, &changed).await;
        flow.client.remove(&changed.id).await.unwrap();
    }
}

#[tokio::test]
async fn h15_a_client_secret_is_not_sent_to_another_issuer_or_for_another_client() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let unchanged = |draft: ConnectionDraft| ConnectionDraft {
        id: Some(connection.id.clone()),
        name: connection.name.clone(),
        client_secret: None,
        ..draft
    };
    // The same client at the same place: the secret stays.
    flow.saved(unchanged(flow.draft(Generation::V2, ClientRole::Basic))).await;
    assert!(flow.client.client_auth(&connection, None).await.is_ok());
    let elsewhere = Flow::start().await;
    for draft in
        [flow.draft(Generation::V2, ClientRole::Post), elsewhere.draft(Generation::V2, ClientRole::Basic)]
    {
        flow.saved(ConnectionDraft {
            client_secret: flow.draft(Generation::V2, ClientRole::Basic).client_secret,
            ..unchanged(flow.draft(Generation::V2, ClientRole::Basic))
        })
        .await;
        let changed = flow.saved(unchanged(draft)).await;
        let asked = flow.client.client_auth(&changed, None).await.unwrap_err();
        assert_eq!(asked.field, Some(Field::ClientSecret), "{changed:?}");
    }
}
