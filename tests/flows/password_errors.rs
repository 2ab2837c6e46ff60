//! The errors of OneLogin's page “Resource Owner Password Grant”: each with its documented status and text, its
//! explanation and the place in the portal, for both generations; and nothing is sent or kept after one.

use latchkey_client::connection::Connection;
use latchkey_client::report::Outcome;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::{Fix, ProblemKind, Secret};
use latchkey_simulator::{AnswerFault, ClientRole, Faults, Generation, UserRole};
use support::flows::{Flow, SCOPES, assert_problem, assert_signed_in, problem};

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];

/// Status, `error`, `error_description`.
type Documented<'a> = (u16, &'a str, &'a str);

/// Signs in, and asserts that the documented error came, is explained, and ended the run.
async fn refused(
    flow: &Flow,
    connection: &Connection,
    user: UserRole,
    documented: Documented<'_>,
    explanation: &str,
    remedy: &str,
) {
    let before = flow.requests();
    let report = flow.sign_in(connection, user, SCOPES).await;
    assert_eq!(report.outcome, Outcome::ProviderError);
    let problem = problem(&report);
    let (status, code, description) = documented;
    assert_eq!(problem.http_status, Some(status));
    assert_eq!(problem.code.as_deref(), Some(code));
    assert_eq!(problem.description.as_deref(), Some(description));
    assert_problem(&report, ProblemKind::OauthError, explanation, remedy);
    let after = flow.requests();
    assert_eq!(after.token, before.token + 1, "the request is sent once");
    assert_eq!(after.userinfo, before.userinfo, "UserInfo was asked after an error");
    flow.assert_nothing_kept(connection).await;
}

#[tokio::test]
async fn each_person_who_may_not_sign_in_is_explained() {
    let rows = [
        (
            UserRole::WrongPassword,
            "Authentication Failed: Invalid user credentials",
            "user name or password is wrong",
            "Users › Users › the user",
        ),
        (
            UserRole::Refused,
            "Authentication Failed",
            "does not say whether the client's or the user's",
            "Client Secret anew from Applications › ",
        ),
        (UserRole::MfaRequired, "MFA is required for this user", "second factor", "User security policy"),
        (
            UserRole::Locked,
            "User is locked. Access is unauthorized",
            "locked",
            "Unlock the user at Users › Users › the user › More Actions",
        ),
        (
            UserRole::Suspended,
            "User is suspended. Access is unauthorized",
            "suspended",
            "Reactivate the user at Users › Users",
        ),
        (UserRole::PasswordExpired, "Password expired", "password has expired", "choose a new password"),
        (
            UserRole::NotAssigned,
            "Access is unauthorized",
            "may not use this app",
            "Assign the app at Users › Users › the user › Applications",
        ),
    ];
    let flow = Flow::start().await;
    for generation in BOTH {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let connection = flow.connection(generation, role).await;
            for (user, description, explanation, remedy) in rows {
                let documented = (401, "invalid_request", description);
                refused(&flow, &connection, user, documented, explanation, remedy).await;
            }
        }
    }
}

#[tokio::test]
async fn probably_an_invalid_client_id() {
    let flow = Flow::start().await;
    for generation in BOTH {
        for role in [ClientRole::Basic, ClientRole::Post, ClientRole::Public] {
            let mut draft = flow.draft(generation, role);
            draft.client_id = "ba88ac70-9999-0135-527a".to_owned();
            let connection = flow.saved(draft).await;
            let documented = (400, "invalid_request", "Resource not found");
            refused(
                &flow,
                &connection,
                UserRole::PeggySue,
                documented,
                "client id is wrong",
                "Copy the Client ID from Applications › ",
            )
            .await;
        }
    }
}

#[tokio::test]
async fn the_grant_type_must_be_set_to_password() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::NoPasswordGrant).await;
        let documented = (400, "unsupported_grant_type", "unsupported grant_type requested (password)");
        refused(
            &flow,
            &connection,
            UserRole::PeggySue,
            documented,
            "does not offer this grant",
            "grant_types_supported",
        )
        .await;
    }
}

#[tokio::test]
async fn the_authorization_header_is_invalid() {
    let body =
        r#"{"error":"invalid_request","error_description":"invalid authorization header value format"}"#;
    let flow = Flow::start().await;
    for generation in BOTH {
        for (role, explanation, fix) in [
            (ClientRole::Basic, "was not understood", None),
            (ClientRole::Post, "this connection sent none", Some(AuthMethod::Basic)),
        ] {
            let connection = flow.connection(generation, role).await;
            flow.fault(Faults {
                token: Some(AnswerFault::Replace {
                    status: 400,
                    content_type: Some("application/json".to_owned()),
                    headers: Vec::new(),
                    body: body.to_owned(),
                }),
                ..Faults::default()
            });
            let documented = (400, "invalid_request", "invalid authorization header value format");
            refused(
                &flow,
                &connection,
                UserRole::PeggySue,
                documented,
                explanation,
                "Token Endpoint › Authentication Method",
            )
            .await;
            let report = flow.client.desk(&connection.id).report.unwrap();
            assert_eq!(problem(&report).fix, fix.map(|method| Fix::UseAuthMethod { method }));
        }
    }
}

#[tokio::test]
async fn authentication_failed_for_a_wrong_client_secret() {
    let flow = Flow::start().await;
    for generation in BOTH {
        for role in [ClientRole::Basic, ClientRole::Post] {
            let mut draft = flow.draft(generation, role);
            draft.client_secret = Some(Secret::from("wrong"));
            let connection = flow.saved(draft).await;
            let documented = (401, "invalid_request", "Authentication Failed");
            refused(
                &flow,
                &connection,
                UserRole::PeggySue,
                documented,
                "client's or the user's",
                "Copy the Client ID and the Client Secret anew",
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_body_where_the_app_is_set_to_basic_can_be_mended_by_latchkey() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let mut draft = flow.draft(generation, ClientRole::Basic);
        draft.auth_method = AuthMethod::Post;
        let connection = flow.saved(draft).await;
        let documented =
            (400, "invalid_request", "client_secret must be provided in the Authorization header");
        refused(
            &flow,
            &connection,
            UserRole::PeggySue,
            documented,
            "this connection uses POST",
            "Use Basic for this connection",
        )
        .await;

        let fix = flow.client.desk(&connection.id).report.unwrap().error.clone().unwrap().fix.unwrap();
        assert_eq!(fix, Fix::UseAuthMethod { method: AuthMethod::Basic });
        let mended = flow.client.apply(&connection.id, &fix).await.unwrap();
        assert_eq!(flow.read_again(&connection).await.auth_method, AuthMethod::Basic);
        assert_signed_in(flow.sign_in(&mended, UserRole::PeggySue, SCOPES).await.as_ref());
    }
}

#[tokio::test]
async fn the_portal_place_names_the_connection() {
    let flow = Flow::start().await;
    let mut draft = flow.draft(Generation::V2, ClientRole::Basic);
    draft.name = "Acme Payroll".to_owned();
    let connection = flow.saved(draft).await;
    let report = flow.sign_in(&connection, UserRole::NotAssigned, SCOPES).await;
    let remedy = &problem(&report).remedy;
    assert!(remedy.contains("Applications › Acme Payroll › Access"), "{remedy}");
}

#[tokio::test]
async fn an_unknown_text_falls_back_to_its_code_and_an_unknown_code_to_its_status() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for (status, body, kind, explanation) in [
        (
            401,
            r#"{"error":"invalid_request","error_description":"Brand new words"}"#,
            ProblemKind::OauthError,
            "in words that are not known here",
        ),
        (400, r#"{"error":"invalid_client"}"#, ProblemKind::OauthError, "Client authentication failed"),
        (403, r#"{"error":"access_restricted"}"#, ProblemKind::OauthError, "will not serve it"),
        (500, r#"{"message":"oops"}"#, ProblemKind::HttpStatus, "answered 500"),
    ] {
        flow.fault(Faults {
            token: Some(AnswerFault::Replace {
                status,
                content_type: Some("application/json".to_owned()),
                headers: Vec::new(),
                body: body.to_owned(),
            }),
            ..Faults::default()
        });
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        assert_problem(&report, kind, explanation, "");
        assert_eq!(problem(&report).http_status, Some(status));
    }
}

#[tokio::test]
async fn a_password_that_is_a_word_of_the_explanation_does_not_tear_it() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::Documented).await;
    for password in ["wrong", "user", "name"] {
        let mut typed = flow.typed(UserRole::PeggySue, SCOPES);
        typed.password = Secret::from(password);
        let report = flow.submit(&connection, typed).await;
        assert_problem(
            &report,
            ProblemKind::OauthError,
            "The client was accepted; user name or password is wrong.",
            "Compare the user name",
        );
    }
    // What the provider wrote is another matter: it may be an echo.
    let mut typed = flow.typed(UserRole::PeggySue, SCOPES);
    typed.password = Secret::from("credentials");
    let report = flow.submit(&connection, typed).await;
    let description = problem(&report).description.as_deref().unwrap();
    assert!(description.ends_with("[password]"), "{description}");
}
