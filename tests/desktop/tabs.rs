//! Claims, Provider and Traffic, each useful alone.

use latchkey_simulator::{ClientRole, Faults, MetadataFault, UserInfoFault};
use serde_json::json;
use support::axe;
use support::desktop::{NewConnection, Setup, desktop, hook};

use crate::common::{client, tenant};

#[tokio::test]
async fn claims_are_compared_filtered_and_shown_as_json_and_jwt() {
    let differing = UserInfoFault::Set("email".to_owned(), json!("p.sue@elsewhere.example"));
    let tenant = tenant(Faults { userinfo_claims: Some(differing), ..Faults::default() }).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        window.click("tab-claims").await;
        window.reads("main", "No claims yet").await;
        axe::check(window, "no claims yet").await;
        window.click("tab-signin").await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.click("tab-claims").await;
        window.reads(&hook("claim-email"), "differs").await;
        window.reads(&hook("claim-email"), "peggy.sue@onelogin.com").await;
        window.reads(&hook("claim-email"), "p.sue@elsewhere.example").await;
        window.reads(&hook("claim-groups"), "Custom Roll").await;
        window.reads(&hook("claim-groups"), "groups").await;
        assert!(!window.text(&hook("claim-sub")).await.contains("differs"));
        axe::check(window, "claims").await;

        window.control('f').await;
        window.keys("onelogin.com").await;
        window.gone(&hook("claim-sub")).await;
        window.hook("claim-email").await;
        window.keys("zzz").await;
        window.reads("main", "No claim matches the filter").await;
        axe::check(window, "a filter without a match").await;

        window.press("JSON").await;
        window.reads("main", "\"sub\": \"32916209\"").await;
        axe::check(window, "claims as JSON").await;
        window.press("JWT").await;
        window.reads("main", "\"alg\": \"RS256\"").await;
        axe::check(window, "claims as JWT").await;
    })
    .await;
}

#[tokio::test]
async fn the_metadata_are_explained_with_keys_and_with_what_changed() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        window.click("tab-provider").await;
        window.reads("main", "token_endpoint_auth_methods_supported").await;
        window.reads("main", "client_secret_basic").await;
        axe::check(window, "the metadata").await;
        window.click("provider-keys").await;
        window.reads("main", "RSA 2048").await;
        window.reads("main", "accepted").await;
        axe::check(window, "the keys").await;
        window.press("Raw JSON").await;
        window.reads("main", "\"issuer\"").await;
        axe::check(window, "the raw metadata").await;

        let changed = MetadataFault::Set("scopes_supported".to_owned(), json!(["openid", "payroll"]));
        tenant.set_faults(Faults { metadata: Some(changed), ..Faults::default() });
        window.click("provider-again").await;
        window.reads("section[aria-label='Changes since the last look']", "payroll").await;
        axe::check(window, "changed metadata").await;
    })
    .await;
}

#[tokio::test]
async fn every_exchange_is_recorded_without_its_secrets_and_copied_as_curl() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("peggy.sue").await;
        let id = window.connection("Demo tenant").await;
        let access_token = window.token(&id, "access_token").await;
        window.click("tab-traffic").await;
        for exchange in ["Discovery", "Keys", "Token", "UserInfo"] {
            window.reads("section[aria-label=Exchanges]", exchange).await;
        }
        window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", "Token").await;
        window.reads("section.detail h2", "Token").await;
        window.reads("section.detail", "[password]").await;
        axe::check(window, "an exchange").await;
        window.click("copy-curl").await;
        window.reads(&hook("copy-curl"), "Copied").await;
        let curl = window.clipboard().await;
        assert!(curl.contains("curl") && curl.contains("grant_type=password"), "{curl}");
        assert!(curl.contains("LATCHKEY_PASSWORD"), "{curl}");
        window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", "UserInfo").await;
        window.reads("section.detail h2", "UserInfo").await;
        let page = window.page_text().await;
        for secret in ["demo-peggy", access_token.as_str()] {
            assert!(!curl.contains(secret), "{curl}");
            assert!(!page.contains(secret), "{page}");
        }
        window.click("traffic-clear").await;
        window.reads("main", "No traffic yet").await;
        axe::check(window, "no traffic").await;
        window.click("tab-signin").await;
        window.click("si-curl").await;
        window.reads(&hook("si-curl"), "Copied").await;
        assert!(!window.clipboard().await.contains("demo-peggy"));
    })
    .await;
}
