//! Refreshing: what comes back, what is kept, and what happens where the answer is not what it should be.

use latchkey_client::client::Keep;
use latchkey_client::report::{Kept, Outcome};
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Check, ProblemKind, Secret, Status};
use latchkey_simulator::{
    AnswerFault, ClaimFault, ClientRole, Faults, Generation, IdTokenFault, TokenFault, UserInfoFault,
    UserRole,
};
use support::flows::{
    Flow, OFFLINE, SCOPES, assert_problem, assert_rejected, assert_signed_in, finding, problem, sent, status,
};

fn id_token(fault: IdTokenFault) -> Faults {
    Faults { id_token: Some(fault), ..Faults::default() }
}

#[tokio::test]
async fn refresh_token_the_new_tokens_take_the_place_of_the_old() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            let old = flow.signed_in(&connection).await;

            let report = flow.refresh(&connection).await;

            assert_signed_in(&report);
            let new = flow.stored(&connection).await.unwrap();
            assert!(new != old, "the refresh token rotated");
            assert_eq!(flow.in_memory(&connection), Some(new.clone()));
            assert_eq!(report.tokens.refresh_token.as_ref().unwrap().fingerprint, new.fingerprint());
            assert_eq!(report.refresh_token_kept, Kept::Keychain);
            assert_eq!(status(&report, Check::IdTokenUnchanged), Status::Passed);
            assert_eq!(status(&report, Check::UserInfoSubject), Status::Passed);
            assert!(report.userinfo.is_some());
            // The next one works too, so the stored one is the right one.
            assert_signed_in(flow.refresh(&connection).await.as_ref());
        }
    }
}

#[tokio::test]
async fn the_request_carries_the_token_and_no_scope() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.refresh(&connection).await;
    let traffic = flow.traffic(&connection);
    let exchange = traffic.iter().rev().find(|exchange| exchange.name == Endpoint::Token).unwrap();
    let form: Vec<(&str, &str)> = exchange
        .request_form
        .as_ref()
        .unwrap()
        .iter()
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    let placeholder = format!("[refresh_token {}]", old.fingerprint());
    assert_eq!(form, [("grant_type", "refresh_token"), ("refresh_token", placeholder.as_str())]);
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_leaves_the_token_in_use() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.fault(Faults {
        token_answer: Some(TokenFault::Remove("refresh_token".to_owned())),
        ..Faults::default()
    });
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    assert!(report.tokens.refresh_token.is_none(), "none came");
    assert_eq!(flow.stored(&connection).await, Some(old.clone()));
    assert_eq!(flow.in_memory(&connection), Some(old));
}

#[tokio::test]
async fn an_id_token_is_optional_in_a_refresh() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.fault(id_token(IdTokenFault::Absent));
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    let finding = finding(&report, Check::IdToken);
    assert_eq!((finding.status, &*finding.expected), (Status::NotDue, "optional in a refresh"));
    assert!(flow.stored(&connection).await.unwrap() != old);
    let session = flow.client.desk(&connection.id).session.unwrap();
    assert_eq!(session.subject.as_deref(), Some("32916209"), "still known who it is");
}

#[tokio::test]
async fn userinfo_is_held_to_the_first_sign_in_where_no_id_token_came() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    flow.fault(Faults {
        userinfo_claims: Some(UserInfoFault::WrongSubject),
        ..id_token(IdTokenFault::Absent)
    });
    let report = flow.refresh(&connection).await;
    assert_rejected(&report, Check::UserInfoSubject);
    assert_eq!(finding(&report, Check::UserInfoSubject).expected, "32916209");
}

#[tokio::test]
async fn refresh_token_invalid_issuer_and_invalid_sub_are_refused_and_the_old_token_stays() {
    for (fault, check) in [
        (ClaimFault::WrongIssuer, Check::IdTokenIssuer),
        (ClaimFault::WrongSubject, Check::IdTokenUnchanged),
        (ClaimFault::WrongAudience, Check::IdTokenAudience),
        (ClaimFault::Nonce("never-sent".to_owned()), Check::IdTokenNonce),
        (ClaimFault::Expired, Check::IdTokenExpires),
        (ClaimFault::WrongAtHash, Check::IdTokenAccessTokenHash),
        (ClaimFault::WrongRtHash, Check::IdTokenRefreshTokenHash),
    ] {
        let mut flow = Flow::start().await;
        let connection = flow.v2().await;
        let old = flow.signed_in(&connection).await;
        // As after a day: nothing is in memory, and the subject is known from the file alone.
        flow.restart();
        flow.fault(id_token(IdTokenFault::Claim(fault.clone())));
        let before = flow.requests();
        let report = flow.refresh(&connection).await;
        assert_rejected(&report, check);
        assert_eq!(flow.requests().userinfo, before.userinfo, "{fault:?}: UserInfo was asked");
        assert_eq!(flow.stored(&connection).await, Some(old), "{fault:?}");
        assert!(flow.client.desk(&connection.id).session.is_none(), "{fault:?}: a session was kept");
        assert_eq!(report.refresh_token_kept, Kept::None);
    }
}

#[tokio::test]
async fn a_refused_refresh_leaves_the_session_in_memory_as_it_was() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let before = flow.client.desk(&connection.id).session.unwrap();
    flow.fault(id_token(IdTokenFault::Claim(ClaimFault::WrongSubject)));
    assert_rejected(flow.refresh(&connection).await.as_ref(), Check::IdTokenUnchanged);
    let after = flow.client.desk(&connection.id).session.unwrap();
    assert!(before.access_token == after.access_token);
}

#[tokio::test]
async fn a_token_that_was_used_elsewhere_is_explained() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let old = flow.signed_in(&connection).await;
        assert_signed_in(flow.refresh(&connection).await.as_ref());
        // Somebody restores a backup of the keychain.
        let kind = latchkey_client::keychain::SecretKind::RefreshToken;
        flow.client.keychain().set(&connection.id, kind, &old).await.unwrap();
        let before = flow.requests();
        let report = flow.refresh(&connection).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        assert_problem(&report, ProblemKind::OauthError, "used before, expired, revoked", "Sign in again");
        assert_eq!(problem(&report).code.as_deref(), Some("invalid_grant"));
        assert_eq!(problem(&report).description.as_deref(), Some("grant request is invalid"));
        assert!(problem(&report).remedy.contains("Refresh Token Timeout"));
        assert_eq!(flow.requests().token, before.token + 1, "tried once");
    }
}

#[tokio::test]
async fn an_unreachable_key_set_does_not_cost_the_rotated_token() {
    for fault in [AnswerFault::Drop, AnswerFault::Status(500), AnswerFault::CaptivePortal] {
        let mut flow = Flow::start().await;
        let connection = flow.v2().await;
        let old = flow.signed_in(&connection).await;
        flow.restart();
        flow.fault(Faults { certs: Some(fault.clone()), ..Faults::default() });
        let before = flow.requests();
        let report = flow.refresh(&connection).await;
        assert!(matches!(report.outcome, Outcome::NetworkError | Outcome::ProviderError), "{fault:?}");
        assert_eq!(problem(&report).endpoint, Some(Endpoint::Jwks), "the key set is named as the cause");
        assert_eq!(flow.requests().userinfo, before.userinfo, "nothing unverified is used");
        let new = flow.stored(&connection).await.unwrap();
        assert!(new != old, "the rotated token is stored");

        flow.fault(Faults::default());
        flow.restart();
        assert_signed_in(flow.refresh(&connection).await.as_ref());
    }
}

#[tokio::test]
async fn an_unreachable_key_set_does_not_cost_a_token_that_is_kept_for_the_session_only() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
    typed.keep = Keep::SessionOnly;
    assert_signed_in(flow.submit(&connection, typed).await.as_ref());
    let old = flow.in_memory(&connection).unwrap();
    flow.fault(Faults { certs: Some(AnswerFault::Drop), ..Faults::default() });
    let report = flow.refresh(&connection).await;
    assert_eq!(report.outcome, Outcome::NetworkError);
    assert!(flow.in_memory(&connection).unwrap() != old, "the used token is still the one in memory");
    assert_eq!(flow.stored(&connection).await, None, "nothing is written");

    flow.fault(Faults::default());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn an_unknown_outcome_keeps_the_old_token_and_says_what_to_do() {
    for fault in [AnswerFault::Drop, AnswerFault::Truncate { after: 20 }] {
        let flow = Flow::start().await;
        let connection = flow.v2().await;
        let old = flow.signed_in(&connection).await;
        flow.fault(Faults { token: Some(fault.clone()), ..Faults::default() });
        let before = flow.requests();
        let report = flow.refresh(&connection).await;
        assert_eq!(report.outcome, Outcome::NetworkError);
        assert_problem(
            &report,
            ProblemKind::OutcomeUnknown,
            "was not sent again",
            "What is stored was left as it was",
        );
        assert_eq!(flow.requests().token, before.token + 1, "{fault:?}: sent again");
        assert_eq!(flow.stored(&connection).await, Some(old));
        // This tenant had used it up.
        flow.fault(Faults::default());
        let report = flow.refresh(&connection).await;
        assert_problem(&report, ProblemKind::OauthError, "used before", "Sign in again");
    }
}

#[tokio::test]
async fn a_refresh_is_never_repeated_by_itself() {
    for (fault, kind) in [
        (
            AnswerFault::Replace {
                status: 503,
                content_type: None,
                headers: vec![("retry-after".to_owned(), "1".to_owned())],
                body: String::new(),
            },
            ProblemKind::RateLimited,
        ),
        (AnswerFault::Status(500), ProblemKind::HttpStatus),
        (AnswerFault::Empty, ProblemKind::NotJson),
    ] {
        let flow = Flow::start().await;
        let connection = flow.v2().await;
        let old = flow.signed_in(&connection).await;
        flow.fault(Faults { token: Some(fault), ..Faults::default() });
        let before = flow.requests();
        let report = flow.refresh(&connection).await;
        assert_eq!(problem(&report).kind, kind);
        assert_eq!(flow.requests().token, before.token + 1);
        assert_eq!(flow.stored(&connection).await, Some(old));
    }
}

#[tokio::test]
async fn a_userinfo_that_fails_does_not_cost_the_rotated_token() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let old = flow.signed_in(&connection).await;
    flow.fault(Faults { userinfo: Some(AnswerFault::Drop), ..Faults::default() });
    let report = flow.refresh(&connection).await;
    assert_eq!(report.outcome, Outcome::NetworkError);
    assert_eq!(report.refresh_token_kept, Kept::Keychain);
    assert!(flow.stored(&connection).await.unwrap() != old);
    flow.fault(Faults::default());
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn after_a_restart_the_keychain_is_enough() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    for _ in 0..3 {
        flow.restart();
        let report = flow.refresh(&connection).await;
        assert_signed_in(&report);
        assert_eq!(sent(&report)[0], Endpoint::Discovery);
        assert_eq!(report.who.as_deref(), Some("Peggy Sue"));
        assert_eq!(status(&report, Check::IdTokenUnchanged), Status::Passed);
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_scope_is_named() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
    let before = flow.requests();
    let problem = flow.try_refresh(&connection).await.unwrap_err().problem;
    assert_eq!(problem.kind, ProblemKind::NothingStored);
    assert!(problem.remedy.contains("offline_access"), "{}", problem.remedy);
    assert_eq!(flow.requests(), before);
}

#[tokio::test]
async fn forgetting_empties_memory_and_keychain_and_leaves_the_connection() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    flow.client.forget(&connection.id).await.unwrap();
    flow.assert_nothing_kept(&connection).await;
    let problem = flow.try_refresh(&connection).await.unwrap_err().problem;
    assert_eq!(problem.kind, ProblemKind::NothingStored);
    // Its client secret stays, so that the next sign-in needs no typing.
    flow.signed_in(&connection).await;
}

#[tokio::test]
async fn a_sign_in_of_somebody_else_that_stores_nothing_does_not_spoil_the_stored_token() {
    for (keep, scopes) in [(Keep::SessionOnly, OFFLINE), (Keep::Keychain, SCOPES)] {
        let mut flow = Flow::start().await;
        let connection = flow.v2().await;
        let peggys = flow.signed_in(&connection).await;
        let mut typed = flow.typed(UserRole::Sally, scopes);
        typed.keep = keep;
        assert_signed_in(flow.submit(&connection, typed).await.as_ref());
        assert_eq!(flow.stored(&connection).await, Some(peggys), "{keep:?}: it is not ours to remove");

        if keep == Keep::SessionOnly {
            let report = flow.refresh(&connection).await;
            assert_signed_in(&report);
            assert_eq!(report.who.as_deref(), Some("Sally Tyler"), "this program's session goes first");
            flow.restart();
        }
        let report = flow.refresh(&connection).await;
        assert_signed_in(&report);
        assert_eq!(report.who.as_deref(), Some("Peggy Sue"), "{keep:?}");
    }
}

#[tokio::test]
async fn the_next_user_takes_the_place_of_the_one_before() {
    let mut flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    assert_signed_in(flow.sign_in(&connection, UserRole::Sally, OFFLINE).await.as_ref());
    flow.restart();
    let report = flow.refresh(&connection).await;
    assert_signed_in(&report);
    assert_eq!(report.who.as_deref(), Some("Sally Tyler"));
}

#[tokio::test]
async fn a_client_secret_for_one_time_is_used_and_not_kept() {
    let flow = Flow::start().await;
    let mut draft = flow.draft(Generation::V2, ClientRole::Basic);
    let secret = draft.client_secret.take();
    let connection = flow.saved(draft).await;
    let mut typed = flow.typed(UserRole::PeggySue, OFFLINE);
    typed.client_secret.clone_from(&secret);
    assert_signed_in(flow.submit(&connection, typed).await.as_ref());

    let error = flow.try_refresh(&connection).await.unwrap_err();
    assert_eq!(error.field, Some(latchkey_client::input::Field::ClientSecret));
    let cancel = tokio_util::sync::CancellationToken::new();
    let report = flow.client.refresh(&connection, secret, cancel, &|_| {}).await.unwrap();
    assert_signed_in(&report);
    let wrong = Some(Secret::from("wrong"));
    let cancel = tokio_util::sync::CancellationToken::new();
    let report = flow.client.refresh(&connection, wrong, cancel, &|_| {}).await.unwrap();
    assert_problem(
        &report,
        ProblemKind::OauthError,
        "refused the client",
        "Copy the Client ID and the Client Secret",
    );
}
