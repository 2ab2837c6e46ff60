//! What the main window shows of the login window while it is open, and what a person can do about it from there.

use serde_json::json;
use support::axe;
use support::desktop::{Asked, NOWHERE, Setup, assert_signed_in, desktop, hook};
use support::pages::{Authority, ONWARD, PageServer, Reply, Scene, Stage};

use crate::login_answers::connected;

#[tokio::test]
async fn the_main_window_shows_the_address_and_whose_page_it_is_and_how_the_way_there_is_protected() {
    let stage = Stage::start(|_| Reply::page("")).await;
    let authority = Authority::new();
    let secure = PageServer::with_tls(authority.config("localhost", |_| {}), Reply::leading_on);
    let to = secure.at_localhost("/page");
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        let settings = json!({"settings": {"extra_ca_file": authority.file()}});
        window.invoke("settings_save", settings).await.unwrap();
        stage.shows(move |scene| {
            let onward: String = url::form_urlencoded::byte_serialize(scene.onward.as_bytes()).collect();
            Scene { visit: scene.visit, onward: format!("{to}?to={onward}") }.page("")
        });
        let asked = Asked { show_first: true, ..Asked::code().prompt("login") };
        window.ask(&asked).await;
        window.reads(&hook("bw-address"), "prompt=login").await;
        let encoded: String = url::form_urlencoded::byte_serialize(NOWHERE.as_bytes()).collect();
        window.reads(&hook("bw-address"), &encoded).await;
        axe::check(window, "an address that waits").await;
        assert!(window.login_windows().is_empty());
        window.click("bw-open").await;

        let login = window.login_window().await;
        let here = format!("127.0.0.1:{}", stage.server.port());
        window.reads(&hook("bw-page"), &here).await;
        window.reads(&hook("bw-page"), "On this computer, no TLS needed").await;
        assert_eq!(login.title(), format!("Latchkey login: {here} (this computer)"));
        axe::check(window, "a login window that is open").await;
        window.click("bw-front").await;
        login.clicks(ONWARD.0, ONWARD.1);
        let there = format!("localhost:{}", secure.port());
        login.is_titled(&format!("Latchkey login: {there} (TLS holds)")).await;
        window.reads(&hook("bw-page"), &there).await;
        window.reads(&hook("bw-page"), "Protected by TLS, the certificate is trusted").await;

        login.clicks(ONWARD.0, ONWARD.1);
        login.is_titled(&format!("127.0.0.1:{} (", stage.simulator.port())).await;
        login.signs_in("peggy.sue", "demo-peggy");
        let report = window.concluded(&id).await;
        assert_signed_in(&report, "with the address shown first");
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        window.gone(&hook("bw-page")).await;
    })
    .await;
}

#[tokio::test]
async fn the_person_takes_an_error_page_or_an_offer_from_the_main_window_or_ends_the_run_in_either_window() {
    let stage = Stage::start(|visit| match visit.path() {
        "/error" => Reply::Answer(
            400,
            vec![("content-type", "application/json".to_owned())],
            json!({"error": "invalid_client", "error_description": "client is invalid"}).to_string(),
        ),
        _ => Reply::page("A frame"),
    })
    .await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|_| Reply::Redirect("/error".to_owned()));
        window.ask(&Asked::code()).await;
        window.reads(&hook("bw-page"), "HTTP status 400").await;
        window.reads(&hook("bw-take"), "Use what the page shows").await;
        window.click("bw-take").await;
        let report = window.concluded(&id).await;
        assert_eq!(report["error"]["code"], "invalid_client", "{report:#}");
        window.reads(&hook("problem"), "client is invalid").await;
        window.hook("problem-remedy").await;
        axe::check(window, "an error page that was taken").await;

        stage.shows(|scene| {
            scene.page(&format!(
                "<iframe src=/frame></iframe><script>onload = () => location.assign('{}');</script>",
                scene.answer("access_denied")
            ))
        });
        window.ask(&Asked::code()).await;
        window.reads(&hook("bw-take"), "Take it as the answer").await;
        axe::check(window, "an answer that is offered").await;
        window.click("bw-take").await;
        assert_eq!(window.concluded(&id).await["error"]["code"], "access_denied");

        stage.shows(|scene| scene.page(""));
        for by in ["the main window", "the login window"] {
            window.ask(&Asked::code()).await;
            let login = window.login_window().await;
            if by == "the main window" {
                window.click("si-cancel").await;
            } else {
                login.closes();
            }
            let report = window.concluded(&id).await;
            assert_eq!(report["error"]["kind"], "cancelled", "{by}: {report:#}");
            let said = if by == "the main window" { "Cancelled before" } else { "was closed before" };
            window.reads("main", said).await;
        }
    })
    .await;
}
