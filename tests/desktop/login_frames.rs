//! H-25: frames in the login window's page that go to the redirect URI with the right state. Each is shown to have
//! tried; none completes the sign-in, nothing of it is sent, and the person can still sign in.

use latchkey_simulator::{AuthMethod, Client, Options};
use support::desktop::{Asked, NewConnection, Setup, desktop};
use support::pages::{PageServer, Reply, Scene, Stage};

use crate::login_answers::connected;
use crate::login_isolation::{SAY, encoded, finds, finishes, others};

/// A frame that goes to the redirect URI with the right state, and whether that is offered to the person, as what a
/// script of the page does is: the window cannot tell them apart. `ANSWER` is that address.
const FRAMES: [(&str, bool, &str); 16] = [
    ("direct", true, "<iframe src='ANSWER'></iframe>"),
    ("by a redirect", false, "<iframe src='/302?to=ENCODED'></iframe>"),
    ("by a script in it", true, "<iframe src='/then?to=ENCODED'></iframe>"),
    ("nested", false, "<iframe src='/nest?to=ENCODED'></iframe>"),
    ("of another host", true, "<iframe src='http://localhost:PORT/then?to=ENCODED'></iframe>"),
    ("of another host, by a redirect", false, "<iframe src='http://localhost:PORT/302?to=ENCODED'></iframe>"),
    (
        "with its text in the page",
        true,
        "<iframe srcdoc=\"<script>location.assign('ANSWER')</script>\"></iframe>",
    ),
    ("by a form in it", false, "<iframe src='/posts?to=ENCODED'></iframe>"),
    (
        "by a form of the page",
        true,
        "<iframe name=inside></iframe><form id=f target=inside action='ANSWER'><input name=error value=access_denied><input name=state value=STATE></form><script>document.getElementById('f').submit()</script>",
    ),
    ("in a sandbox", true, "<iframe sandbox=allow-scripts src='/then?to=ENCODED'></iframe>"),
    (
        "in an open shadow root",
        true,
        "<div id=host></div><script>const root = document.getElementById('host').attachShadow({mode: 'open'}); root.innerHTML = `<iframe src='/then?to=ENCODED'></iframe>`</script>",
    ),
    (
        "in a closed shadow root",
        true,
        "<div id=host></div><script>const root = document.getElementById('host').attachShadow({mode: 'closed'}); root.innerHTML = `<iframe src='/then?to=ENCODED'></iframe>`</script>",
    ),
    (
        "in a closed shadow root that is declared",
        true,
        "<div id=host><template shadowrootmode=closed><iframe src='/then?to=ENCODED'></iframe></template></div>",
    ),
    ("an object", true, "<object data='ANSWER'></object>"),
    ("an embed", true, "<embed src='ANSWER'>"),
    (
        "by a script of the page",
        true,
        "<iframe id=i src=/framed></iframe><script>document.getElementById('i').onload = () => { document.getElementById('i').onload = null; document.getElementById('i').contentWindow.location.replace('ANSWER'); }</script>",
    ),
];

/// The page with one of them, and its report.
fn framing(scene: &Scene<'_>, name: &str, frame: &str) -> Reply {
    let answer = scene.answer("access_denied");
    let port =
        scene.visit.header("host").and_then(|host| host.split_once(':')).map_or("80", |(_, port)| port);
    let frame = frame
        .replace("ANSWER", &answer)
        .replace("ENCODED", &encoded(&answer))
        .replace("STATE", &scene.state())
        .replace("PORT", port);
    scene.page(&format!(
        "{frame}<script>{SAY} (async () => {{ await later(250); await say('framed {name}', \
         document.querySelectorAll('iframe, object, embed, #host').length); }})();</script>"
    ))
}

#[tokio::test]
async fn h25_a_frame_never_completes_the_sign_in() {
    let listener = PageServer::start(|_| Reply::page("Signed in at the real application"));
    let app = Client {
        redirect_uris: vec![listener.at("/callback")],
        ..Client::new("listening", AuthMethod::None, None)
    };
    let options = Options { more_clients: vec![app.clone()], ..Options::default() };
    let stage = Stage::with(options, others).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&stage.simulator, &app)).await;
        let id = window.connection(&app.name).await;
        for (name, offered, frame) in FRAMES {
            println!("{name}");
            stage.shows(move |scene| framing(scene, name, frame));
            window.begin(&id, &Asked::code().at(&listener.at("/callback"))).await;
            let login = window.login_window().await;
            let frames = finds(&stage, &format!("framed {name}")).await;
            assert_ne!(frames, "0", "{name}");
            // What a frame was sent to on its way, it asked for; what it wanted in the end, it was not given.
            for path in ["/302", "/then", "/nest", "/posts", "/framed"] {
                let asked = !stage.server.at_path(path).is_empty();
                assert!(asked || !frame.contains(path), "{name}: {path} was not asked for");
            }
            let is_offer = |told: &serde_json::Value| told["page"]["offered"] == true;
            if offered {
                window.is_told("the answer is offered", is_offer).await;
            } else {
                assert!(!window.told().await.iter().any(is_offer), "{name} is offered");
            }
            finishes(window, &stage, &login, name).await;
        }
    })
    .await;
    assert_eq!(listener.bytes(), 0, "{:?}", listener.visits());
}

#[tokio::test]
async fn an_answer_by_script_beside_a_frame_is_offered_and_taken_by_the_person() {
    let stage = Stage::start(others).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|scene| {
            scene.page(&format!(
                "<iframe src=/framed></iframe><script>onload = () => location.assign('{}');</script>",
                scene.answer("access_denied")
            ))
        });
        for by in ["the main window", "the strip of the login window"] {
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window().await;
            window.is_told("the answer is offered", |told| told["page"]["offered"] == true).await;
            assert!(!window.has_ended().await);
            if by == "the main window" {
                window.tell("browser_take").await;
            } else {
                login.takes().await;
            }
            let report = window.ended().await;
            assert_eq!(report["error"]["code"], "access_denied", "{by}: {report:#}");
        }
        // Offered is not taken: another page takes the offer back, and the person may sign in.
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        window.is_told("the answer is offered", |told| told["page"]["offered"] == true).await;
        finishes(window, &stage, &login, "an offer that nobody took").await;
        let told = window.told().await;
        let last = told.iter().rev().find(|told| told["event"] == "page").unwrap();
        assert_eq!(last["page"]["offered"], false);
    })
    .await;
}
