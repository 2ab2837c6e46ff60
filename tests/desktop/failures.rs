//! What goes wrong, and what the window says about it.

use latchkey_simulator::{
    AnswerFault, ClaimFault, ClientRole, Faults, IdTokenFault, SignatureFault, UserRole, users,
};
use support::axe;
use support::desktop::{NewConnection, Setup, desktop, hook};

use crate::common::{client, tenant};

#[tokio::test]
async fn each_documented_failure_is_explained_with_the_place_in_the_portal_and_clears_nothing() {
    const DOCUMENTED: [(UserRole, &str, &str); 7] = [
        (UserRole::WrongPassword, "user name or password is wrong", "Users › Users › the user"),
        (UserRole::Refused, "does not say whether the client's or the user's", "Applications › "),
        (UserRole::MfaRequired, "second factor", "Authentication › User security policy"),
        (UserRole::Locked, "The user is locked", "Users › Users › the user › More Actions"),
        (UserRole::Suspended, "The user is suspended", "Users › Users › the user › More Actions"),
        (UserRole::PasswordExpired, "password has expired", "Security › Policies"),
        (UserRole::NotAssigned, "may not use this app", "Users › Users › the user › Applications"),
    ];
    desktop(Setup::demo(), async |window| {
        for (role, explanation, place) in DOCUMENTED {
            let user = users().into_iter().find(|user| user.role == role).unwrap();
            window.sign_in(&user.username).await;
            window.reads(&hook("verdict"), "The provider refused the sign-in").await;
            window.reads(&hook("problem"), explanation).await;
            window.reads(&hook("problem-remedy"), place).await;
            let said = user.outcome.error_description().unwrap();
            window.reads(&hook("problem"), said).await;
            assert_eq!(window.value("si-username").await, user.username);
            assert_eq!(window.value("si-password").await, user.password);
        }
        axe::check(window, "a refused sign-in").await;
    })
    .await;
}

#[tokio::test]
async fn a_user_without_mapped_groups_signs_in_and_is_told_where_to_map_them() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("nadia.nogroups").await;
        window.reads(&hook("verdict"), "Signed in as Nadia Nogroups").await;
        window.click("tab-claims").await;
        window.reads("main", "groups was asked for and brought nothing").await;
        window.reads("main", "Applications › ").await;
        axe::check(window, "claims without groups").await;
    })
    .await;
}

#[tokio::test]
async fn a_rejected_id_token_ends_the_sign_in_and_userinfo_is_never_asked() {
    let faults = [
        (IdTokenFault::Claim(ClaimFault::WrongAudience), "id_token_audience", "Audience"),
        (IdTokenFault::Signature(SignatureFault::Broken), "id_token_signature", "Signature"),
    ];
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        for (fault, check, name) in faults {
            tenant.set_faults(Faults { id_token: Some(fault), ..Faults::default() });
            window.sign_in_with("peggy.sue", "demo-peggy").await;
            window.reads(&hook("verdict"), &format!("Rejected: {name} failed")).await;
            let row = window.hook(&format!("finding-{check}")).await;
            assert_eq!(row.attr("data-status").await.unwrap().unwrap(), "failed");
            assert_eq!(tenant.requests().userinfo, 0);
            axe::check(window, "a rejected sign-in").await;

            window.click("tab-claims").await;
            window.reads("main", "Untrusted: the sign-in was rejected.").await;
            axe::check(window, "untrusted claims").await;
            window.click("tab-session").await;
            window.hook("session-stored").await;
            assert!(!window.page_text().await.contains("The keychain holds a refresh token"));
            window.click("tab-signin").await;
        }
        assert_eq!(tenant.requests().userinfo, 0);
        let id = window.connection(&client(&tenant, ClientRole::Basic).name).await;
        assert_eq!(window.machine.keychain_entry(&format!("{id}/refresh-token")), None);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_client_secret_is_explained_with_the_place_where_the_right_one_is() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let right = NewConnection::to(&tenant, client(&tenant, ClientRole::Basic));
        window.connect(&NewConnection { client_secret: "wrong".to_owned(), ..right }).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "The provider refused the sign-in").await;
        window.reads(&hook("problem-remedy"), "Client Secret").await;
        window.reads(&hook("problem-remedy"), "Applications › ").await;
        assert_eq!(window.value("si-username").await, "peggy.sue");
        assert_eq!(window.value("si-password").await, "demo-peggy");
    })
    .await;
}

#[tokio::test]
async fn an_app_without_the_password_grant_and_a_wrong_client_id_are_explained() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let without = NewConnection::to(&tenant, client(&tenant, ClientRole::NoPasswordGrant));
        window.connect(&without).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("problem"), "unsupported grant_type requested (password)").await;
        window.reads(&hook("problem-remedy"), "grant_types_supported").await;

        let unknown = NewConnection { name: "Typo".to_owned(), client_id: "78d1d04O".to_owned(), ..without };
        window.connect(&unknown).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("problem"), "probably the client id is wrong").await;
        window.reads(&hook("problem-remedy"), "Applications › ").await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_authentication_method_is_put_right_by_a_button() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let right = NewConnection::to(&tenant, client(&tenant, ClientRole::Basic));
        window.connect(&NewConnection { method: "post", ..right }).await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("problem-fix"), "Use Basic here").await;
        axe::check(window, "a problem with a button").await;
        window.click("problem-fix").await;
        window.reads(&hook("problem"), "The connection now uses Basic.").await;
        window.click("run-again").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    })
    .await;
}

#[tokio::test]
async fn a_run_against_a_silent_provider_is_cancelled_by_escape() {
    let tenant = tenant(Faults { token: Some(AnswerFault::Silence), ..Faults::default() }).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        window.fill("si-username", "peggy.sue").await;
        window.fill("si-password", "demo-peggy").await;
        window.click("si-submit").await;
        window
            .until("the token endpoint was asked", async || (tenant.requests().token > 0).then_some(()))
            .await;
        window.hook("si-cancel").await;
        axe::check(window, "a run under way").await;
        let started = std::time::Instant::now();
        window.keys(thirtyfour::Key::Escape.value().to_string()).await;
        window.reads(&hook("verdict"), "Cancelled").await;
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
        assert_eq!(window.value("si-password").await, "demo-peggy");
    })
    .await;
}
