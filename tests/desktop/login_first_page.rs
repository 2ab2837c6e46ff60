//! What a provider may answer in place of its first page, and what its own pages may be named.

use support::desktop::{Asked, Setup, assert_explained, desktop};
use support::pages::{Reply, Stage};

use crate::login_answers::connected;
use crate::login_isolation::others;

#[tokio::test]
async fn a_first_page_that_leads_to_what_no_window_opens_is_explained_and_not_blank() {
    let stage = Stage::start(others).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for address in ["com.example.payroll:/callback?error=access_denied", "mailto:peggy.sue@onelogin.com"]
        {
            stage.shows(move |_| Reply::Redirect(address.to_owned()));
            window.begin(&id, &Asked::code()).await;
            let report = window.ended().await;
            let (scheme, _) = address.split_once(':').unwrap();
            let said = format!("an address that begins with {scheme}:, which it does not open");
            assert_explained(&report, "provider_error", "redirect", &said);
            window.login_window_is_closed().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_of_the_provider_may_have_fields_named_as_those_of_an_answer() {
    let stage = Stage::start(|visit| match visit.path() {
        "/mfa" => Reply::page("The code is right"),
        _ => others(visit),
    })
    .await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        // The redirect URI is on the provider's host, at another port, and the page asks for a one-time code.
        let asked = Asked::code().at("http://127.0.0.1:8080/callback");
        for method in ["post", "get"] {
            stage.shows(move |scene| {
                scene.page(&format!(
                    "<form id=mfa method={method} action=/mfa target=_self><input name=state value=ours>\
                     <input name=code value=314159></form><script>setTimeout(() => \
                     document.getElementById('mfa').submit(), 50);</script>"
                ))
            });
            window.begin(&id, &asked).await;
            let login = window.login_window_opens().await;
            let asked_for = || {
                stage.server.at_path("/mfa").into_iter().any(|visit| visit.method == method.to_uppercase())
            };
            window.until("the code was sent to the provider", async || asked_for().then_some(())).await;
            assert!(!window.has_ended().await, "{method}: {:#}", window.ended().await);
            login.closes();
            assert_explained(
                &window.ended().await,
                "network_error",
                "cancelled",
                "closed before an answer came",
            );
        }
    })
    .await;
}
