//! Answers that are none, that read in two ways, or that come a second time or too late.

use latchkey_simulator::{AuthorizationFault, ClientRole, Faults, ResponseMode};
use serde_json::Value;
use support::desktop::{
    Asked, NOWHERE, NewConnection, Setup, assert_explained, assert_signed_in, desktop, status,
};
use support::pages::{ONWARD, PageServer, Reply, Scene, Stage, Visit};

use crate::common::{client, tenant};
use crate::login_answers::{connected, onward};

const TYPES: [&str; 3] = ["code", "id_token", "id_token token"];

#[tokio::test]
async fn h11_an_answer_at_an_address_that_looks_alike_is_refused_and_nothing_is_asked_for_there() {
    let [ours, other] = [(); 2].map(|()| PageServer::start(|_| Reply::page("Not the redirect URI")));
    let stage = Stage::start(onward).await;
    let (at, redirect_uri) = (ours.at(""), ours.at("/callback"));
    let alike = [
        format!("{at}/callback2"),
        format!("{at}/callback/"),
        format!("{at}/callback/more"),
        format!("{at}/callbac"),
        format!("{at}/Callback"),
        format!("{at}//callback"),
        format!("{at}/%63allback"),
        format!("{at}/callback%00"),
        format!("{at}/callback;a"),
        format!("{at}/"),
        format!("{at}/callback.evil.example/"),
        at.replace("//", "//user@") + "/callback",
        at.replace("//", "//user:password@") + "/callback",
        other.at("/callback"),
        format!("{at}@{}/callback", other.at("").replace("http://", "")),
    ];
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for address in &alike {
            for way in ["location.assign", "redirect", "form"] {
                println!("{address} by {way}");
                let (to, redirect, form) = (address.clone(), way == "redirect", way == "form");
                if form && !address.starts_with(&format!("{at}/")) {
                    // Another port of this computer is another program, and a form there may be its own.
                    continue;
                }
                if redirect && address.starts_with("http://user") {
                    // WebKit takes a user name out of a redirect, and what is left is the redirect URI.
                    continue;
                }
                stage.shows(move |scene| {
                    if form {
                        return posting_to(&to, &scene.state());
                    }
                    let to = format!("{to}?code=1&state={}", scene.state());
                    if redirect { Reply::Redirect(to) } else { going_to(&to) }
                });
                window.begin(&id, &Asked::code().at(&redirect_uri)).await;
                let report = window.ended().await;
                assert_eq!(report["outcome"], "rejected", "{address} by {way}: {report:#}");
                assert_explained(&report, "rejected", "rejected", "This is not the redirect URI");
            }
        }
        // Where nothing of ours is, the name alone counts.
        for address in [
            "https://payroll.acme.example.evil.example/callback",
            "https://payroll.acme.example:444/callback",
            "http://payroll.acme.example/callback",
        ] {
            stage.shows(move |scene| going_to(&format!("{address}#id_token=1&state={}", scene.state())));
            window.begin(&id, &Asked::code().response("id_token", "").at(NOWHERE)).await;
            let report = window.ended().await;
            assert_explained(&report, "rejected", "rejected", "This is not the redirect URI");
        }
    })
    .await;
    for server in [ours, other] {
        assert_eq!(server.bytes(), 0, "{:?}", server.visits());
    }
}

#[tokio::test]
async fn h12_an_answer_of_another_request_or_with_two_readings_is_rejected_and_nothing_more_is_sent() {
    let tenant = tenant(Faults::default()).await;
    let faults = [
        (AuthorizationFault::WrongState, "", "authorization_state"),
        (AuthorizationFault::NoState, "", "authorization_state"),
        (AuthorizationFault::WrongState, "form_post", "authorization_state"),
        (AuthorizationFault::WrongIss, "", "authorization_issuer"),
        (AuthorizationFault::Duplicate("state".into()), "", "authorization_parameters"),
        (AuthorizationFault::Duplicate("state".into()), "form_post", "authorization_parameters"),
        (AuthorizationFault::QueryAndFragment, "", "authorization_parameters"),
        (AuthorizationFault::QueryAndFragment, "fragment", "authorization_parameters"),
        (AuthorizationFault::Set("error".into(), "access_denied".into()), "", "authorization_response"),
    ];
    desktop(Setup::first_start(), async |window| {
        let app = client(&tenant, ClientRole::Basic);
        window.connect(&NewConnection::to(&tenant, app)).await;
        let id = window.connection(&app.name).await;
        for (fault, response_mode, check) in &faults {
            let response = Some(fault.clone());
            tenant.set_faults(Faults { authorization_response: response, ..Faults::default() });
            for response_type in TYPES {
                window.begin(&id, &Asked::code().response(response_type, response_mode)).await;
                window.login_window().await.signs_in("peggy.sue", "demo-peggy");
                assert_rejected(&window.ended().await, check);
            }
        }
        let query = Some(AuthorizationFault::Mode(ResponseMode::Query));
        tenant.set_faults(Faults { authorization_response: query, ..Faults::default() });
        for response_type in ["id_token", "id_token token"] {
            window.begin(&id, &Asked::code().response(response_type, "")).await;
            window.login_window().await.signs_in("peggy.sue", "demo-peggy");
            assert_rejected(&window.ended().await, "authorization_response_mode");
        }
    })
    .await;
    let requests = tenant.requests();
    assert_eq!((requests.token, requests.userinfo), (0, 0));
}

#[tokio::test]
async fn h12_a_fragment_that_redirects_pass_on_and_a_query_beside_a_form_are_two_answers() {
    let stage = Stage::start(onward).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for fragment in ["error=login_required&state=STATE", "id_token=1", "x"] {
            stage.shows(move |scene| {
                let to: String =
                    url::form_urlencoded::byte_serialize(scene.answer("access_denied").as_bytes()).collect();
                let fragment = fragment.replace("STATE", &scene.state());
                // The second of two redirects gets it from the first.
                let again: String =
                    url::form_urlencoded::byte_serialize(format!("/302?to={to}").as_bytes()).collect();
                going_to(&format!("/302?to={again}#{fragment}"))
            });
            window.begin(&id, &Asked::code()).await;
            assert_rejected(&window.ended().await, "authorization_parameters");
        }
        stage.shows(|scene| {
            Reply::page(&format!(
                "<form method=post action=\"{}\"><input name=error value=login_required>\
                 <input name=state value=\"{}\"></form><script>document.forms[0].submit();</script>",
                scene.answer("access_denied"),
                scene.visit.parameter("state")
            ))
        });
        window.begin(&id, &Asked::code().response("code", "form_post")).await;
        assert_rejected(&window.ended().await, "authorization_parameters");
    })
    .await;
}

#[tokio::test]
async fn h13_the_first_of_two_answers_counts() {
    let tenant =
        tenant(Faults { authorization_response: Some(AuthorizationFault::TwoAnswers), ..Faults::default() })
            .await;
    let stage = Stage::start(|_| Reply::page("")).await;
    desktop(Setup::first_start(), async |window| {
        let app = client(&tenant, ClientRole::Basic);
        window.connect(&NewConnection::to(&tenant, app)).await;
        let id = window.connection(&app.name).await;
        for response_type in TYPES {
            window.begin(&id, &Asked::code().response(response_type, "")).await;
            window.login_window().await.signs_in("peggy.sue", "demo-peggy");
            assert_signed_in(&window.ended().await, response_type);
        }
        // The other way round, and both as forms: one is never looked at after the other.
        let connection = NewConnection {
            name: "Two answers".to_owned(),
            ..NewConnection::to(&stage.simulator, client(&stage.simulator, ClientRole::Public))
        };
        window.connect(&connection).await;
        let id = window.connection(&connection.name).await;
        stage.shows(|scene| {
            Reply::page(&format!(
                "<script>const first = '{}'; const second = '{}'; \
                 setInterval(() => location.assign(second), 10); location.assign(first);</script>",
                scene.answer("login_required"),
                scene.answer("access_denied"),
            ))
        });
        window.begin(&id, &Asked::code()).await;
        assert_eq!(window.ended().await["error"]["code"], "login_required");
        stage.shows(|scene| {
            let form = |error| {
                format!(
                    "<form method=post action=\"{}\"><input name=error value={error}>\
                     <input name=state value=\"{}\"></form>",
                    scene.redirect_uri(),
                    scene.visit.parameter("state")
                )
            };
            Reply::page(&format!(
                "{}{}<script>setInterval(() => document.forms[1].submit(), 10); \
                 document.forms[0].submit();</script>",
                form("login_required"),
                form("access_denied"),
            ))
        });
        window.begin(&id, &Asked::code().response("code", "form_post")).await;
        assert_eq!(window.ended().await["error"]["code"], "login_required");
    })
    .await;
}

#[tokio::test]
async fn h13_an_answer_after_the_window_was_closed_or_the_run_cancelled_is_ignored() {
    let stage = Stage::start(|_| Reply::Answer(204, Vec::new(), String::new())).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (number, way) in ["closed", "cancelled"].into_iter().enumerate() {
            stage.shows(move |scene| late(scene, number));
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window().await;
            let ticks = || ticks(&stage.server.visits(), number);
            window.until("the page lives", async || (ticks() > 2).then_some(())).await;
            if way == "closed" {
                login.closes();
            } else {
                window.tell("cancel").await;
            }
            let report = window.ended().await;
            let explanation =
                if way == "closed" { "was closed before an answer came" } else { "Cancelled before" };
            assert_explained(&report, "network_error", "cancelled", explanation);
            // Another run takes longer than the page would have waited.
            let after = ticks();
            stage.shows(|scene| scene.page(""));
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window().await;
            login.clicks(ONWARD.0, ONWARD.1);
            login.is_titled(&format!("127.0.0.1:{} (", stage.simulator.port())).await;
            login.signs_in("peggy.sue", "demo-peggy");
            assert_signed_in(&window.ended().await, way);
            let kept = window.invoke("report", serde_json::json!({"connection": id})).await.unwrap();
            assert_eq!(kept["outcome"], "signed_in", "{way}");
            // One may have been on its way.
            assert!(ticks() <= after + 1, "the page lives on after the window was {way}");
        }
    })
    .await;
}

/// A page that answers when it is too late.
fn late(scene: &Scene<'_>, number: usize) -> Reply {
    Reply::page(&format!(
        "<script>const answer = () => location.assign('{}'); setTimeout(answer, 2500); \
         for (const event of ['beforeunload', 'pagehide', 'unload', 'visibilitychange']) addEventListener(event, answer); \
         setInterval(() => fetch('/tick?of={number}'), 30);</script>",
        scene.answer("access_denied")
    ))
}

fn ticks(visits: &[Visit], number: usize) -> usize {
    visits.iter().filter(|visit| visit.target == format!("/tick?of={number}")).count()
}

fn going_to(address: &str) -> Reply {
    Reply::page(&format!("<script>location.assign('{address}');</script>"))
}

/// A form with an answer in it, posted there.
fn posting_to(address: &str, state: &str) -> Reply {
    // Not by the method that the window's script has put in the place of the page's own.
    Reply::page(&format!(
        "<form method=\"post\" action=\"{address}\"><input name=\"code\" value=\"1\">\
         <input name=\"state\" value=\"{state}\"></form><script>const f = document.createElement('iframe'); \
         document.body.append(f); const submit = f.contentWindow.HTMLFormElement.prototype.submit; f.remove(); \
         submit.call(document.forms[0]);</script>"
    ))
}

fn assert_rejected(report: &Value, check: &str) {
    assert_eq!(report["outcome"], "rejected", "{report:#}");
    assert_eq!(status(report, check), "failed", "{:#}", report["findings"]);
}
