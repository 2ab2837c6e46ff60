//! The end of a session at the provider: introspected, revoked with the proof, signed out.

use support::axe;
use support::desktop::{Setup, desktop, hook};

#[tokio::test]
async fn a_session_is_introspected_revoked_with_proof_and_signed_out() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Refresh token kept in the keychain").await;
        window.click("tab-session").await;
        window.click("introspect").await;
        window.reads(&hook("ending-result"), "The refresh token is active").await;
        window.reads(&hook("ending-result"), "\"active\": true").await;
        axe::check(window, "an introspection").await;

        window.click("revoke").await;
        axe::check(window, "the question before a revocation").await;
        window.click("revoke-confirm").await;
        window.reads(&hook("ending-result"), "The refresh token is revoked").await;
        window.reads(&hook("ending-result"), "introspection says not active").await;
        window.reads(&hook("ending-result"), "invalid_grant").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
        assert_eq!(window.machine.keychain_accounts(), Vec::<String>::new());
        axe::check(window, "a revocation").await;

        window.click("tab-signin").await;
        window.sign_in("peggy.sue").await;
        window.click("tab-session").await;
        window.click("sign-out").await;
        window.fill("sign-out-uri", "https://payroll.acme.example/signed-out").await;
        axe::check(window, "the question before a sign-out").await;
        window.click("sign-out-confirm").await;
        window.reads(&hook("ending-result"), "Signed out").await;
        window.reads(&hook("ending-result"), "Sign-out state").await;
        window.see("[data-testid=session-stored][data-state=empty]").await;
        axe::check(window, "a sign-out").await;
    })
    .await;
}
