//! How an answer gets to the redirect URI, and that nothing of it goes there: it is taken before it leaves.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use latchkey_simulator::{AuthMethod, Client, ClientRole, ONE_TIME_CODE, Options, Simulator, UserRole};
use serde_json::json;
use support::desktop::{
    Asked, Desktop, NOWHERE, NewConnection, Setup, assert_explained, assert_signed_in, desktop, status,
};
use support::pages::{ONWARD, PageServer, Reply, Scene, Stage};

use crate::common::client;
use crate::login_matrix::RESPONSES;

/// A server at a redirect URI, that would answer.
fn listener() -> PageServer {
    PageServer::start(|_| Reply::page("Signed in at the real application"))
}

/// Not one byte came to the redirect URI, and it would have been noticed.
fn assert_untouched(listener: &PageServer) {
    assert_eq!(listener.bytes(), 0, "{:?}", listener.visits());
    let mut stream = TcpStream::connect(("127.0.0.1", listener.port())).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(std::io::read_to_string(&mut stream).unwrap().starts_with("HTTP/1.1 200"));
    assert!(listener.bytes() > 0, "the control was not noticed");
}

#[tokio::test]
async fn a_listener_at_the_redirect_uri_receives_not_one_byte_in_any_response_mode() {
    let listener = listener();
    let redirect_uri = listener.at("/callback");
    let app = Client {
        redirect_uris: vec![redirect_uri.clone()],
        ..Client::new("listening", AuthMethod::Post, Some("a secret of this test"))
    };
    let options = Options { more_clients: vec![app.clone()], response_iss: true, ..Options::default() };
    let tenant = Simulator::start(options).await.unwrap();
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, &app)).await;
        let id = window.connection(&app.name).await;
        for (response_type, response_mode) in RESPONSES {
            let asked = Asked::code().response(response_type, response_mode).at(&redirect_uri);
            window.begin(&id, &asked).await;
            window.login_window().await.signs_in("peggy.sue", "demo-peggy");
            assert_signed_in(&window.ended().await, &format!("{asked:?}"));
        }
    })
    .await;
    assert_untouched(&listener);
}

#[tokio::test]
async fn a_person_with_a_second_factor_signs_in_after_a_wrong_password() {
    let tenant = Simulator::start(Options::default()).await.unwrap();
    let user = tenant.user(UserRole::MfaRequired).unwrap();
    desktop(Setup::first_start(), async |window| {
        let app = client(&tenant, ClientRole::Public);
        window.connect(&NewConnection::to(&tenant, app)).await;
        let id = window.connection(&app.name).await;
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        login.signs_in(&user.username, "not the password");
        login.next_page().await;
        // The name is still there, and the focus is on the password.
        login.types(&user.password);
        login.presses(&["Return"]);
        login.next_page().await;
        login.types(ONE_TIME_CODE);
        login.presses(&["Return"]);
        assert_signed_in(&window.ended().await, "a second factor");
    })
    .await;
}

/// The fields of an answer as hidden inputs, and the form's start.
fn form(scene: &Scene<'_>, attributes: &str, more: &str) -> String {
    format!(
        "<form id=f method=post {attributes}><input type=hidden name=state value=\"{}\">\
         <input type=hidden name=error value=access_denied>\
         <input type=hidden name=error_description value=\"a + b &amp; c = d%20\">{more}</form>",
        scene.visit.parameter("state"),
    )
}

/// The names hide what a form has of its own.
const HIDING: &str = "<input name=action value=x><input name=method value=x><input name=submit value=x>";
const BUTTON: &str = "<button id=b name=pressed value=1 style=\"position:fixed;left:0;top:0;width:240px;height:120px\">Go</button>";

/// A form, what else is in it, the script that submits it; without one a person presses its button.
const FORMS: [(&str, &str, &str, &str); 12] = [
    ("form.submit()", "", "", "f.submit();"),
    ("requestSubmit()", "", "", "f.requestSubmit();"),
    ("requestSubmit(button)", "", BUTTON, "f.requestSubmit(b);"),
    ("a button", "", BUTTON, ""),
    ("a button clicked by a script", "", BUTTON, "b.click();"),
    ("names that hide, by script", "", HIDING, "HTMLFormElement.prototype.submit.call(f);"),
    ("names that hide, by a button", "", BUTTON, "f.insertAdjacentHTML('beforeend', `HIDING`); b.click();"),
    ("names that hide, asked", "", HIDING, "f.requestSubmit();"),
    ("a window of its own", "target=_blank", "", "f.submit();"),
    ("a window of its own, by a button", "target=_blank", BUTTON, ""),
    ("another encoding", "enctype=multipart/form-data", "", "f.submit();"),
    ("60 kB", "", "<textarea name=padding>60 kB</textarea>", "f.submit();"),
];

#[tokio::test]
async fn a_form_is_taken_however_it_is_posted_and_nothing_of_it_is_sent() {
    let (listener, stage) = (listener(), Stage::start(|_| Reply::page("")).await);
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (name, attributes, more, script) in FORMS {
            for redirect_uri in [NOWHERE, &listener.at("/callback")] {
                stage.shows(move |scene| {
                    let action = format!("action=\"{}\" {attributes}", scene.redirect_uri());
                    let more = more.replace("60 kB", &"0123456789abcde ".repeat(60 * 64));
                    let script = script.replace("HIDING", HIDING);
                    let form = form(scene, &action, &more);
                    Reply::page(&format!(
                        "{form}<script>const f = document.getElementById('f'); \
                         const b = document.getElementById('b'); {script}</script>"
                    ))
                });
                window.begin(&id, &Asked::code().response("code", "form_post").at(redirect_uri)).await;
                if script.is_empty() {
                    window.login_window().await.clicks(ONWARD.0, ONWARD.1);
                }
                let report = window.ended().await;
                let error = &report["error"];
                assert_eq!(error["code"], "access_denied", "{name} {redirect_uri}: {report:#}");
                assert_eq!(error["description"], "a + b & c = d%20", "{name}");
                assert_eq!(status(&report, "authorization_response_mode"), "passed", "{name}");
            }
        }
    })
    .await;
    assert_untouched(&listener);
}

#[tokio::test]
async fn an_address_of_a_button_counts_before_that_of_its_form() {
    let (listener, stage) = (listener(), Stage::start(|_| Reply::page("Elsewhere")).await);
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|scene| {
            let button =
                format!("<button id=b formmethod=post formaction=\"{}\">Go</button>", scene.redirect_uri());
            let form = form(scene, "action=/elsewhere", &button).replace("method=post", "method=get");
            Reply::page(&format!("{form}<script>document.getElementById('b').click();</script>"))
        });
        window.begin(&id, &Asked::code().response("code", "form_post").at(&listener.at("/callback"))).await;
        assert_eq!(window.ended().await["error"]["code"], "access_denied");
    })
    .await;
    assert_untouched(&listener);
}

#[tokio::test]
async fn a_form_that_gets_past_the_script_is_stopped_and_explained() {
    let (listener, stage) = (listener(), Stage::start(|_| Reply::page("")).await);
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|scene| {
            let form = form(scene, &format!("action=\"{}\"", scene.redirect_uri()), "");
            Reply::page(&format!(
                "{form}<script>const frame = document.createElement('iframe'); document.body.append(frame); \
                 const {{submit}} = frame.contentWindow.HTMLFormElement.prototype; frame.remove(); \
                 submit.call(document.getElementById('f'));</script>"
            ))
        });
        window.begin(&id, &Asked::code().response("code", "form_post").at(&listener.at("/callback"))).await;
        let report = window.ended().await;
        assert_explained(&report, "rejected", "rejected", "in a way that the login window cannot read");
    })
    .await;
    assert_untouched(&listener);
}

#[tokio::test]
async fn an_answer_is_taken_however_a_page_gets_to_it_and_nothing_of_it_is_sent() {
    let (listener, stage) = (listener(), Stage::start(onward).await);
    let ways = [
        ("by script", "<script>location.assign('ANSWER');</script>"),
        ("in the place of the page", "<script>location.replace('ANSWER');</script>"),
        ("by a refresh", "<meta http-equiv=refresh content=\"0;url=ANSWER\">"),
        ("by a refresh on the way", "<script>location.assign('/refresh?to=ENCODED');</script>"),
        ("by status 301", "<script>location.assign('/301?to=ENCODED');</script>"),
        ("by status 302", "<script>location.assign('/302?to=ENCODED');</script>"),
        ("by status 303", "<script>location.assign('/303?to=ENCODED');</script>"),
        ("by status 307", "<script>location.assign('/307?to=ENCODED');</script>"),
        ("by status 308", "<script>location.assign('/308?to=ENCODED');</script>"),
        (
            "by a form that was posted to the provider",
            "<form method=post action='/303?to=ENCODED'></form><script>document.forms[0].submit();</script>",
        ),
        ("by another page", "<script>location.assign('/then?to=ENCODED');</script>"),
        (
            "by a link",
            "<a href='ANSWER' style=\"position:fixed;left:0;top:0;width:240px;height:120px\">Go</a>",
        ),
    ];
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (name, way) in ways {
            for (mode, begins) in [("query", '?'), ("fragment", '#')] {
                stage.shows(move |scene| {
                    let answer = scene.answer("access_denied").replace('?', &begins.to_string());
                    let encoded: String = url::form_urlencoded::byte_serialize(answer.as_bytes()).collect();
                    Reply::page(&way.replace("ANSWER", &answer).replace("ENCODED", &encoded))
                });
                window.begin(&id, &Asked::code().response("code", mode).at(&listener.at("/callback"))).await;
                if way.starts_with("<a ") {
                    window.login_window().await.clicks(ONWARD.0, ONWARD.1);
                }
                let report = window.ended().await;
                assert_eq!(report["error"]["code"], "access_denied", "{name}, {mode}: {report:#}");
                assert_eq!(status(&report, "authorization_response_mode"), "passed", "{name}, {mode}");
            }
        }
    })
    .await;
    assert_untouched(&listener);
}

#[tokio::test]
async fn a_form_that_is_posted_on_by_a_redirect_is_stopped_and_explained() {
    let (listener, stage) = (listener(), Stage::start(onward).await);
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for way in ["307", "308"] {
            stage.shows(move |scene| {
                let to = scene.redirect_uri();
                let form = form(scene, &format!("action=\"/{way}?to={to}\""), "");
                Reply::page(&format!("{form}<script>document.getElementById('f').submit();</script>"))
            });
            window
                .begin(&id, &Asked::code().response("code", "form_post").at(&listener.at("/callback")))
                .await;
            let report = window.ended().await;
            assert_eq!(report["outcome"], "rejected", "{way}: {report:#}");
            assert_eq!(status(&report, "authorization_parameters"), "failed", "{way}");
        }
    })
    .await;
    assert_untouched(&listener);
}

/// A redirect with the status that the path names, or a page that goes on.
pub(crate) fn onward(visit: &support::pages::Visit) -> Reply {
    let to = visit.parameter("to");
    match visit.path() {
        "/refresh" => Reply::Answer(
            200,
            vec![("content-type", "text/html".to_owned()), ("refresh", format!("0;url={to}"))],
            String::new(),
        ),
        "/then" => Reply::page(&format!("<script>location.assign({});</script>", json!(to))),
        path => {
            let status = path.trim_start_matches('/').parse().unwrap_or(404);
            Reply::Answer(status, vec![("location", to)], String::new())
        }
    }
}

/// A connection to the tenant of a stage.
pub(crate) async fn connected(window: &Desktop, stage: &Stage) -> String {
    let app = client(&stage.simulator, ClientRole::Public);
    window.connect(&NewConnection::to(&stage.simulator, app)).await;
    window.connection(&app.name).await
}
