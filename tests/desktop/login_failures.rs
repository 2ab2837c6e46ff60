//! What goes wrong in the login window, and what is said about it: never a blank window (H-20).

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;

use latchkey_simulator::{Faults, MetadataFault};
use rcgen::{CertificateParams, date_time_ymd};
use serde_json::{Value, json};
use support::desktop::{Asked, Desktop, Setup, assert_explained, assert_signed_in, desktop};
use support::pages::{Authority, ONWARD, PageServer, Reply, Stage};

use crate::login_answers::connected;

fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A server that answers whatever comes as one without TLS does.
fn without_tls() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        }
    });
    port
}

/// The first page goes on to an address.
fn leads_to(stage: &Stage, address: &str) {
    let address = address.to_owned();
    stage.shows(move |_| Reply::page(&format!("<script>location.assign('{address}');</script>")));
}

async fn run(window: &Desktop, id: &str) -> Value {
    window.begin(id, &Asked::code()).await;
    window.ended().await
}

#[tokio::test]
async fn h20_a_page_that_cannot_be_loaded_is_explained_and_no_two_causes_read_alike() {
    let stage = Stage::start(|visit| match visit.path() {
        "/close" => Reply::Close,
        "/nothing" => Reply::Answer(204, Vec::new(), String::new()),
        "/reset" => Reply::Answer(205, Vec::new(), String::new()),
        _ => Reply::page(""),
    })
    .await;
    let authority = Authority::new();
    let page = |_: &support::pages::Visit| Reply::page("Not seen");
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    };
    let strange = PageServer::with_tls(authority.config("localhost", |_| {}), page);
    let old = PageServer::with_tls(authority.config("localhost", expired), page);
    let misnamed = PageServer::with_tls(authority.config("elsewhere.example", |_| {}), page);
    let causes = [
        (
            format!("http://127.0.0.1:{}/", closed_port()),
            "connection_refused",
            "refused the login window's connection",
        ),
        ("https://latchkey-test.invalid/".to_owned(), "dns", "cannot find latchkey-test.invalid"),
        (strange.at_localhost("/"), "tls_unknown_issuer", "Nobody this computer trusts issued"),
        (format!("https://localhost:{}/", without_tls()), "tls_failed", "No TLS connection"),
        (stage.server.at("/close"), "connection_failed", "could not load a page"),
        (stage.server.at("/nothing"), "http_status", "sent no page in place of a login page"),
        (stage.server.at("/reset"), "http_status", "in place of a login page"),
    ];
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (address, kind, explanation) in causes {
            leads_to(&stage, &address);
            println!("{address}");
            let report = run(window, &id).await;
            let outcome = if kind == "http_status" { "provider_error" } else { "network_error" };
            assert_explained(&report, outcome, kind, explanation);
            assert_eq!(report["error"]["endpoint"], "authorization", "{address}");
        }

        // With an authority of the extra file, and what is wrong even then.
        let settings = json!({"settings": {"extra_ca_file": authority.file()}});
        window.invoke("settings_save", settings).await.unwrap();
        for (server, kind, explanation) in [
            (&old, "tls_expired", "has expired or is not valid yet"),
            (&misnamed, "tls_wrong_host", "is for another name"),
        ] {
            leads_to(&stage, &server.at_localhost("/"));
            assert_explained(&run(window, &id).await, "network_error", kind, explanation);
        }
    })
    .await;
    for server in [strange, old, misnamed] {
        assert!(server.connections() > 0, "nobody came");
        assert!(server.visits().is_empty(), "{:?}", server.visits());
    }
}

#[tokio::test]
async fn an_authority_of_the_extra_file_is_trusted_in_the_login_window_and_said_to_hold() {
    let stage = Stage::start(|_| Reply::page("")).await;
    let authority = Authority::new();
    let secure = PageServer::with_tls(authority.config("localhost", |_| {}), Reply::leading_on);
    let to = secure.at_localhost("/page");
    stage.shows(move |scene| {
        let onward: String = url::form_urlencoded::byte_serialize(scene.onward.as_bytes()).collect();
        Reply::Redirect(format!("{to}?to={onward}"))
    });
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        let settings = json!({"settings": {"extra_ca_file": authority.file()}});
        window.invoke("settings_save", settings).await.unwrap();
        for _ in 0..2 {
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window_opens().await;
            login.is_titled(&format!("localhost:{} (TLS holds)", secure.port())).await;
            let shown = window.is_told("TLS holds", |told| told["page"]["tls"] == "holds").await;
            assert_eq!(shown["page"]["host"], format!("localhost:{}", secure.port()));
            login.clicks(ONWARD.0, ONWARD.1);
            login.is_titled(&format!("127.0.0.1:{} (this computer)", stage.simulator.port())).await;
            login.signs_in("peggy.sue", "demo-peggy");
            assert_signed_in(&window.ended().await, "over TLS");
        }
        let settings = json!({"settings": {"extra_ca_file": null}});
        window.invoke("settings_save", settings).await.unwrap();
        let report = run(window, &id).await;
        assert_explained(&report, "network_error", "tls_unknown_issuer", "Nobody this computer trusts");
    })
    .await;
}

#[tokio::test]
async fn h20_an_authorization_endpoint_without_a_trusted_certificate_opens_no_window() {
    let stage = Stage::start(|_| Reply::page("")).await;
    let authority = Authority::new();
    let secure = PageServer::with_tls(authority.config("localhost", |_| {}), |_| Reply::page(""));
    let endpoint = MetadataFault::Set("authorization_endpoint".into(), secure.at_localhost("/auth").into());
    stage.simulator.set_faults(Faults { metadata: Some(endpoint), ..Faults::default() });
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        let report = run(window, &id).await;
        assert_explained(&report, "network_error", "tls_unknown_issuer", "localhost");
        assert!(!window.told().await.iter().any(|told| told["event"] == "page"));
    })
    .await;
    assert!(secure.visits().is_empty());
}

#[tokio::test]
async fn what_never_reaches_the_redirect_uri_can_be_taken_from_the_window_and_is_explained() {
    let stage = Stage::start(|visit| match visit.path() {
        "/html" => Reply::Answer(
            400,
            vec![("content-type", "text/html".to_owned())],
            "<h1>Invalid client</h1><p>This app is <b>not</b> known here</p><script>document.title = 'x'</script>"
                .to_owned(),
        ),
        "/json" => Reply::Answer(
            400,
            vec![("content-type", "application/json".to_owned())],
            json!({"error": "invalid_client", "error_description": "client is invalid"}).to_string(),
        ),
        _ => Reply::page(""),
    })
    .await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (page, code, explanation, description) in [
            ("ONWARD&client_id=nobody", "invalid_client", "", "client is invalid"),
            ("UNREGISTERED", "redirect_uri_mismatch", "", "redirect_uri did not match"),
            ("NO NONCE", "invalid_request", "", "nonce"),
            ("/json", "invalid_client", "", "client is invalid"),
            ("/html", "", "showed a page that leads no further", "Invalid client"),
        ] {
            stage.shows(move |scene| {
                let mut onward = url::Url::parse(&scene.onward).unwrap();
                let pairs: Vec<(String, String)> = onward
                    .query_pairs()
                    .into_owned()
                    .filter(|(name, _)| page != "NO NONCE" || name != "nonce")
                    .map(|(name, value)| match (page, name.as_str()) {
                        ("ONWARD&client_id=nobody", "client_id") => (name, "nobody".to_owned()),
                        ("UNREGISTERED", "redirect_uri") => {
                            (name, "https://payroll.acme.example/other".to_owned())
                        }
                        ("NO NONCE", "response_type") => (name, "id_token".to_owned()),
                        _ => (name, value),
                    })
                    .collect();
                onward.query_pairs_mut().clear().extend_pairs(pairs);
                let to = if page.starts_with('/') { page.to_owned() } else { onward.to_string() };
                Reply::page(&format!("<script>location.assign({});</script>", json!(to)))
            });
            for by in ["the main window", "the strip of the login window"] {
                println!("{page}, by {by}");
                window.begin(&id, &Asked::code()).await;
                let login = window.login_window_opens().await;
                window
                    .is_told("an error page", |told| {
                        told["page"]["http_status"] == 400 && told["page"]["loading"] == false
                    })
                    .await;
                if by == "the main window" {
                    window.tell("browser_take").await;
                } else {
                    login.takes().await;
                }
                let report = window.ended().await;
                let error = &report["error"];
                assert_eq!(report["outcome"], "provider_error", "{page}: {error:#}");
                assert_eq!(error["code"].as_str().unwrap_or_default(), code, "{page}: {error:#}");
                assert_eq!(error["http_status"], 400, "{page}");
                let said = error["explanation"].as_str().unwrap();
                assert!(said.contains(explanation) && !said.is_empty(), "{page}: {said}");
                assert!(!error["remedy"].as_str().unwrap().is_empty(), "{page}");
                let words = error["description"].as_str().unwrap_or_default();
                assert!(words.contains(description), "{page}: {words}");
                assert!(!words.contains('<'), "{page}: {words}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_that_never_comes_is_called_slow_and_can_be_cancelled() {
    let stage = Stage::start(|_| Reply::page("")).await;
    stage.shows(|_| Reply::Silence);
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window_opens().await;
        let told = window.is_told("the page is slow", |told| told["page"]["slow"] == true).await;
        assert_eq!(told["page"]["host"], format!("127.0.0.1:{}", stage.server.port()));
        assert_eq!(told["page"]["loading"], true);
        assert!(login.title().contains(&format!("127.0.0.1:{}", stage.server.port())), "{}", login.title());
        window.tell("cancel").await;
        assert_explained(&window.ended().await, "network_error", "cancelled", "Cancelled before");
    })
    .await;
}

#[tokio::test]
async fn a_page_whose_process_is_killed_is_explained() {
    let stage = Stage::start(|_| Reply::page("")).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        let before = pages(window);
        window.begin(&id, &Asked::code()).await;
        let _login = window.login_window().await;
        let new: Vec<u32> = pages(window).into_iter().filter(|page| !before.contains(page)).collect();
        assert!(!new.is_empty(), "the login window has a process of its own");
        for page in new {
            let killed = Command::new("sh").args(["-c", &format!("kill -KILL {page}")]).status().unwrap();
            assert!(killed.success());
        }
        let report = window.ended().await;
        assert_explained(&report, "network_error", "connection_failed", "ended unexpectedly");
        // The main window is well, and the next sign-in is, too.
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        login.clicks(ONWARD.0, ONWARD.1);
        login.is_titled(&format!("127.0.0.1:{} (", stage.simulator.port())).await;
        login.signs_in("peggy.sue", "demo-peggy");
        assert_signed_in(&window.ended().await, "after that");
    })
    .await;
}

/// The processes that hold pages.
fn pages(window: &Desktop) -> Vec<u32> {
    let is_page = |process: &u32| {
        std::fs::read_to_string(format!("/proc/{process}/comm"))
            .is_ok_and(|name| name.starts_with("WebKitWebProc"))
    };
    window.processes().into_iter().filter(is_page).collect()
}

#[tokio::test]
async fn the_person_and_the_main_window_can_close_the_login_window_at_any_moment() {
    let stage = Stage::start(|_| Reply::page("")).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for page in ["a page", "no page yet"] {
            stage.shows(move |scene| if page == "a page" { scene.page("") } else { Reply::Silence });
            for by in ["the person", "the main window"] {
                window.begin(&id, &Asked::code()).await;
                let login = window.login_window_opens().await;
                if page == "a page" {
                    login.next_page().await;
                }
                window.tell("browser_front").await;
                assert!(!window.has_ended().await);
                let explanation = if by == "the person" {
                    login.closes();
                    "The login window was closed before an answer came."
                } else {
                    window.tell("cancel").await;
                    "Cancelled before an answer came."
                };
                assert_explained(&window.ended().await, "network_error", "cancelled", explanation);
            }
        }
        assert_eq!(stage.simulator.requests().token, 0);
    })
    .await;
}

#[tokio::test]
async fn the_address_is_shown_first_and_nothing_opens_until_the_person_goes_on() {
    let stage = Stage::start(|_| Reply::page("")).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        let asked = Asked { show_first: true, ..Asked::code().prompt("login") };
        for way in ["goes on", "cancels"] {
            window.begin(&id, &asked).await;
            let told = window.is_told("the address waits", |told| told["waiting"] == true).await;
            let address = url::Url::parse(told["url"].as_str().unwrap()).unwrap();
            let names: Vec<String> = address.query_pairs().map(|(name, _)| name.into_owned()).collect();
            for name in [
                "client_id",
                "redirect_uri",
                "response_type",
                "scope",
                "state",
                "nonce",
                "prompt",
                "code_challenge",
            ] {
                assert!(names.iter().any(|known| known == name), "{name} is not in {address}");
            }
            // What would open it is not told twice: front and take are for a window that is there.
            window.tell("browser_front").await;
            window.tell("browser_take").await;
            assert!(window.login_windows().is_empty() && !window.has_ended().await);
            let seen = |stage: &Stage| {
                stage.server.at_path("/auth").iter().filter(|visit| !visit.is_probe()).count()
            };
            let before = seen(&stage);
            if way == "cancels" {
                window.tell("cancel").await;
                assert_explained(&window.ended().await, "network_error", "cancelled", "Cancelled");
                assert_eq!(seen(&stage), before);
                continue;
            }
            window.tell("browser_open").await;
            let login = window.login_window().await;
            assert_eq!(seen(&stage), before + 1);
            login.clicks(ONWARD.0, ONWARD.1);
            login.is_titled(&format!("127.0.0.1:{} (", stage.simulator.port())).await;
            login.signs_in("peggy.sue", "demo-peggy");
            assert_signed_in(&window.ended().await, "after the address");
        }
    })
    .await;
}
