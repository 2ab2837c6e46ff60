//! H-25: what a hostile page tries from inside the login window. Each page reports to the test that it tried; nothing
//! comes of it, and the person can still sign in.

use serde_json::{Value, json};
use support::desktop::{Asked, Desktop, LoginWindow, Setup, assert_explained, assert_signed_in, desktop};
use support::pages::{ONWARD, PageServer, Reply, Stage, Visit};

use crate::login_answers::{connected, onward};

/// What the pages share: they say what they try, and what they find afterwards.
pub(crate) const SAY: &str = "const say = (what, found) => fetch(`/said?what=${encodeURIComponent(what)}&found=${encodeURIComponent(String(found))}`);\
    const later = (time) => new Promise((done) => setTimeout(done, time));";

/// The other pages of a hostile provider.
pub(crate) fn others(visit: &Visit) -> Reply {
    let to = json!(visit.parameter("to"));
    let enter = |headers: &[(&'static str, &str)]| {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Reply::Answer(200, headers, "<script>fetch('/ran')</script>".to_owned())
    };
    match visit.path() {
        "/said" | "/ran" => Reply::Answer(204, Vec::new(), String::new()),
        "/popup" | "/framed" => Reply::page("A page"),
        "/attachment" => {
            enter(&[("content-type", "text/html"), ("content-disposition", "attachment; filename=kept.html")])
        }
        "/octets" => enter(&[("content-type", "application/octet-stream")]),
        "/nest" => {
            let within: String =
                url::form_urlencoded::byte_serialize(visit.parameter("to").as_bytes()).collect();
            Reply::page(&format!("<iframe src=\"/302?to={within}\"></iframe>"))
        }
        "/posts" => Reply::page(&format!(
            "<form method=post><input name=error value=access_denied></form>\
             <script>const [address, query] = {to}.split('?'); const form = document.forms[0]; form.action = address;\
             for (const [name, value] of new URLSearchParams(query)) {{ const field = document.createElement('input');\
             field.name = name; field.value = value; form.append(field); }} form.submit();</script>"
        )),
        _ => onward(visit),
    }
}

/// What the pages said of one thing they tried.
pub(crate) fn found(stage: &Stage, what: &str) -> Option<String> {
    let said = stage.server.at_path("/said").into_iter().find(|visit| visit.parameter("what") == what);
    said.map(|visit| visit.parameter("found"))
}

pub(crate) async fn finds(stage: &Stage, what: &str) -> String {
    stage.server.sees(what, |visit| visit.path() == "/said" && visit.parameter("what") == what).await;
    found(stage, what).unwrap_or_default()
}

/// The run is still under way: the person goes on to the provider's own page and signs in there.
pub(crate) async fn finishes(window: &Desktop, stage: &Stage, login: &LoginWindow<'_>, what: &str) {
    assert!(!window.has_ended().await, "{what}: {:#}", window.ended().await);
    login.clicks(ONWARD.0, ONWARD.1);
    login.is_titled(&format!("127.0.0.1:{} (", stage.simulator.port())).await;
    login.signs_in("peggy.sue", "demo-peggy");
    assert_signed_in(&window.ended().await, what);
}

pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn h25_a_page_stays_where_it_is_when_it_leaves_for_anything_but_a_page() {
    let stage = Stage::start(others).await;
    let addresses = [
        "tauri://localhost/",
        "tauri://localhost/index.html#x",
        "ipc://localhost/app_state",
        "asset://localhost/etc/passwd",
        "file:///etc/passwd",
        "data:text/html,<script>fetch('http://ORIGIN/ran')</script>",
        "com.example.payroll:/callback?error=access_denied&state=STATE",
        "mailto:peggy.sue@onelogin.com",
        "about:config",
        "webkit://gpu",
        "resource:///org/webkit/inspector/UserInterface/Main.html",
        "view-source:http://ORIGIN/framed",
        "ftp://127.0.0.1/",
        "filesystem:http://ORIGIN/temporary/x",
        "BLOB",
    ];
    let ways = [
        ("assign", "location.assign(to)"),
        ("replace", "location.replace(to)"),
        (
            "a link",
            "const a = document.createElement('a'); a.href = to; document.body.append(a); a.click(); a.remove()",
        ),
        (
            "a form",
            "const f = document.createElement('form'); f.method = 'post'; f.action = to; document.body.append(f); f.submit(); f.remove()",
        ),
        (
            "a redirect",
            "if (!/^(about|data|file|ftp|BLOB|blob):?/.test(to)) location.assign('/302?to=' + encodeURIComponent(to))",
        ),
    ];
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (way, go) in ways {
            stage.shows(move |scene| {
                let origin = scene.visit.header("host").unwrap_or_default();
                let addresses =
                    json!(addresses).to_string().replace("</", "<\\/").replace("ORIGIN", origin).replace("STATE", &scene.state());
                scene.page(&format!(
                    "<script>{SAY} const blob = URL.createObjectURL(new Blob(['<script>fetch(\"http://{origin}/ran\")<\\/script>'], {{type: 'text/html'}}));\
                     (async () => {{ for (const address of {addresses}) {{\
                        const to = address === 'BLOB' ? blob : address;\
                        await say('{way} tries ' + address, '');\
                        let threw = ''; try {{ {go} }} catch (error) {{ threw = error.name; }}\
                        await later(60); await say('{way} ' + address, location.pathname + threw);\
                     }} await say('{way} is done', document.querySelectorAll('a').length); }})();</script>"
                ))
            });
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window().await;
            finds(&stage, &format!("{way} is done")).await;
            for address in addresses {
                let address = address
                    .replace("ORIGIN", &format!("127.0.0.1:{}", stage.server.port()))
                    .replace("STATE", &encoded(&stage.server.at_path("/auth").last().unwrap().parameter("state")));
                let what = format!("{way} {address}");
                assert!(found(&stage, &format!("{way} tries {address}")).is_some(), "{what}: was not tried");
                assert!(found(&stage, &what).is_some_and(|here| here.starts_with("/auth")), "{what}");
            }
            finishes(window, &stage, &login, way).await;
        }
    })
    .await;
    assert!(stage.server.at_path("/ran").is_empty(), "a page ran that none may open");
}

#[tokio::test]
async fn h25_a_redirect_to_what_no_server_may_send_a_page_to_ends_the_run_and_is_explained() {
    let stage = Stage::start(others).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        for (address, explanation) in [
            ("about:config", "from an address that begins with about:"),
            ("data:text/html,<p>A page", "from an address that begins with data:"),
            ("ftp://127.0.0.1/", "could not load a page from 127.0.0.1"),
            // WebKit takes a page whose server does this for one that has been taken over.
            ("file:///etc/passwd", "ended unexpectedly"),
        ] {
            stage.shows(move |scene| scene.page(&going_to(&format!("/302?to={}", encoded(address)))));
            window.begin(&id, &Asked::code()).await;
            let report = window.ended().await;
            assert_explained(&report, "network_error", "connection_failed", explanation);
            let tried =
                stage.server.at_path("/302").into_iter().any(|visit| visit.parameter("to") == address);
            assert!(tried, "{address} was not tried");
        }
    })
    .await;
}

fn going_to(address: &str) -> String {
    format!("<script>location.assign('{address}');</script>")
}

/// What a page looks for, to reach the program.
const BRIDGES: &str = "({\
    internals: typeof window.__TAURI_INTERNALS__, global: typeof window.__TAURI__, ipc: typeof window.ipc,\
    invoke: typeof window.__TAURI_INVOKE__, key: typeof window.__TAURI_INVOKE_KEY__, isTauri: typeof window.isTauri,\
    handlers: typeof window.webkit?.messageHandlers, external: typeof window.external?.invoke,\
    names: Object.getOwnPropertyNames(window).filter((name) => /tauri|ipc|latchkey|wry|webkit$/i.test(name)),\
    submit: /mark|[0-9a-f]{32}/.test(String(HTMLFormElement.prototype.submit)),\
    carried: (() => { try { HTMLFormElement.prototype.submit.call({}); return 'called'; } catch (error) { return error.name; } })(),\
    })";

#[tokio::test]
async fn h25_a_page_finds_no_way_to_the_program() {
    let stage = Stage::start(others).await;
    // Where the program's own page is while somebody works on it.
    let development = PageServer::on(1420, |visit| match visit.path() {
        "/" => Reply::page(&format!(
            "<script>fetch('/said?found=' + encodeURIComponent(JSON.stringify({BRIDGES})));</script>"
        )),
        _ => Reply::Answer(204, Vec::new(), String::new()),
    });
    let none = json!({
        "internals": "undefined", "global": "undefined", "ipc": "undefined", "invoke": "undefined",
        "key": "undefined", "isTauri": "undefined", "handlers": "undefined", "external": "undefined",
        "names": [], "submit": false, "carried": "TypeError",
    });
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|scene| {
            scene.page(&format!(
                "<iframe srcdoc=\"<script>parent.frame = [typeof __TAURI_INTERNALS__, typeof ipc]</script>\"></iframe>\
                 <script>{SAY} (async () => {{ await say('bridges', JSON.stringify({BRIDGES}));\
                 const asks = [['ipc://localhost/app_state', {{method: 'POST', body: '{{}}'}}], ['ipc://localhost/app_state', {{}}],\
                    ['tauri://localhost/index.html', {{}}], ['asset://localhost/etc/passwd', {{}}], ['file:///etc/passwd', {{}}],\
                    ['http://ipc.localhost/app_state', {{method: 'POST', body: '{{}}'}}]];\
                 for (const [address, how] of asks) await say('ask ' + address + (how.method ?? ''), await fetch(address, how).then((answer) => 'answer ' + answer.status, (error) => error.name));\
                 for (const [element, source] of [['img', 'src'], ['script', 'src'], ['iframe', 'src'], ['link', 'href']])\
                    for (const address of ['tauri://localhost/index.html', 'ipc://localhost/app_state', 'file:///etc/hostname']) {{\
                        const one = document.createElement(element); one.rel = 'stylesheet';\
                        const told = new Promise((done) => {{ one.onload = () => done('load'); one.onerror = () => done('error'); setTimeout(() => done('nothing'), 100); }});\
                        one[source] = address; document.body.append(one); let came = await told;\
                        if (element === 'iframe') {{ try {{ came = one.contentDocument?.body?.childElementCount ? 'read' : 'empty'; }} catch {{ came = 'another origin'; }} }}\
                        await say(`${{element}} ${{address}}`, came); one.remove(); }}\
                 await say('frame', JSON.stringify(window.frame)); await say('bridges are done', ''); }})();</script>"
            ))
        });
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        finds(&stage, "bridges are done").await;
        let bridges: Value = serde_json::from_str(&found(&stage, "bridges").unwrap()).unwrap();
        assert_eq!(bridges, none);
        assert_eq!(found(&stage, "frame").unwrap(), "[\"undefined\",\"undefined\"]");
        let asks = stage.server.at_path("/said").into_iter().filter(|visit| visit.parameter("what").starts_with("ask "));
        let asks: Vec<(String, String)> =
            asks.map(|visit| (visit.parameter("what"), visit.parameter("found"))).collect();
        assert_eq!(asks.len(), 6, "{asks:?}");
        assert!(asks.iter().all(|(_, came)| came == "TypeError"), "{asks:?}");
        for element in ["img", "script", "iframe", "link"] {
            for address in ["tauri://localhost/index.html", "ipc://localhost/app_state", "file:///etc/hostname"] {
                let came = found(&stage, &format!("{element} {address}")).expect("tried");
                assert!(came != "load" && came != "read", "{element} {address}: {came}");
            }
        }
        finishes(window, &stage, &login, "bridges").await;

        let to = format!("http://localhost:{}/", development.port());
        stage.shows(move |_| Reply::page(&format!("<script>location.assign('{to}');</script>")));
        window.begin(&id, &Asked::code()).await;
        let said = development.sees("the development page runs", |visit| visit.path() == "/said").await;
        let bridges: Value = serde_json::from_str(&said.parameter("found")).unwrap();
        assert_eq!(bridges, none);
        window.tell("cancel").await;
        window.ended().await;
    })
    .await;
}

#[tokio::test]
async fn h25_no_page_opens_a_window() {
    let stage = Stage::start(others).await;
    let tries = [
        ("open", "String(window.open('/popup'))"),
        ("open with features", "String(window.open('/popup', 'x', 'width=100,height=100,popup'))"),
        ("open an empty one", "String(window.open(''))"),
        ("open the answer", "String(window.open('ANSWER'))"),
        (
            "a link",
            "const a = document.createElement('a'); a.href = '/popup'; a.target = '_blank'; document.body.append(a); a.click(); a.remove()",
        ),
        (
            "a link to the answer",
            "const a = document.createElement('a'); a.href = 'ANSWER'; a.target = '_blank'; document.body.append(a); a.click(); a.remove()",
        ),
        (
            "a form",
            "const f = document.createElement('form'); f.action = '/popup'; f.target = '_blank'; document.body.append(f); f.submit(); f.remove()",
        ),
        (
            "a named target",
            "const a = document.createElement('a'); a.href = '/popup'; a.target = 'other'; document.body.append(a); a.click(); a.remove()",
        ),
        ("a dialog", "String(window.showModalDialog?.('/popup'))"),
    ];
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        // By itself, and with the person's click behind it.
        for by in ["the page", "a click"] {
            stage.shows(move |scene| {
                let tries: String = tries
                    .iter()
                    .map(|(name, script)| {
                        let script = script.replace("ANSWER", &scene.answer("access_denied"));
                        format!("{{ let found; try {{ found = eval({}); }} catch (error) {{ found = error.name; }} await say('{by}: {name}', found); }}", json!(script))
                    })
                    .collect();
                let begins = if by == "the page" {
                    "all();"
                } else {
                    "const onward = document.getElementById('onward'); onward.addEventListener('click', (event) => {\
                     event.preventDefault(); all(); }, {once: true}); say('a click may come', '');"
                };
                scene.page(&format!("<script>{SAY} const all = async () => {{ {tries} await later(100); await say('{by} is done', ''); }}; {begins}</script>"))
            });
            window.begin(&id, &Asked::code()).await;
            let login = window.login_window().await;
            if by == "a click" {
                finds(&stage, "a click may come").await;
                login.clicks(ONWARD.0, ONWARD.1);
            }
            finds(&stage, &format!("{by} is done")).await;
            for (name, script) in tries {
                let came = found(&stage, &format!("{by}: {name}")).expect("tried");
                assert!(!script.starts_with("String(") || matches!(came.as_str(), "null" | "undefined"), "{name}: {came}");
            }
            assert_eq!(window.login_windows().len(), 1);
            finishes(window, &stage, &login, by).await;
        }
    })
    .await;
    assert!(stage.server.at_path("/popup").is_empty(), "a window was opened");
}

#[tokio::test]
async fn h25_no_file_is_kept() {
    let stage = Stage::start(others).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        // Beside the page: it stays, and the person can sign in.
        stage.shows(|scene| {
            scene.page(&format!(
                "<iframe src=/octets></iframe><iframe src=/attachment></iframe><script>{SAY} (async () => {{\
                 for (const to of ['/octets', '/attachment', URL.createObjectURL(new Blob(['x'])), 'data:application/x-kept,x']) {{\
                    const a = document.createElement('a'); a.href = to; a.download = 'kept.bin'; document.body.append(a); a.click(); a.remove();\
                    await later(100); }}\
                 await later(200); await say('downloads are done', location.pathname); }})();</script>"
            ))
        });
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        assert_eq!(finds(&stage, "downloads are done").await, "/auth");
        for path in ["/octets", "/attachment"] {
            assert!(!stage.server.at_path(path).is_empty(), "{path} was not asked for");
        }
        finishes(window, &stage, &login, "downloads").await;
        // In place of the page: there is nothing to go on with, and that is explained.
        for path in ["/octets", "/attachment"] {
            stage.shows(move |_| Reply::Redirect(path.to_owned()));
            window.begin(&id, &Asked::code()).await;
            let report = window.ended().await;
            assert_explained(&report, "provider_error", "http_status", "keeps no files");
        }
        let kept = files(&window.machine.home(), "kept");
        assert!(kept.is_empty(), "{kept:?}");
    })
    .await;
    assert!(stage.server.at_path("/ran").is_empty(), "an attachment ran");
}

/// Files whose name or content has this word, keyrings and sockets aside.
fn files(folder: &std::path::Path, word: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&path, word)),
            Ok(kind) if kind.is_file() && entry.file_name().to_string_lossy().contains(word) => {
                found.push(path)
            }
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn h25_what_a_page_asks_permission_for_is_denied() {
    let stage = Stage::start(others).await;
    desktop(Setup::first_start(), async |window| {
        let id = connected(window, &stage).await;
        stage.shows(|scene| {
            scene.page(&format!(
                "<script>{SAY} const ask = async (what, asks) => say(what, await Promise.race([later(3000).then(() => 'no answer'), \
                    (async () => {{ try {{ return await asks(); }} catch (error) {{ return 'denied'; }} }})()]));\
                 document.getElementById('onward').addEventListener('click', async (event) => {{ event.preventDefault();\
                 await Promise.all([\
                    ask('notifications', () => Notification.requestPermission()),\
                    ask('location', () => new Promise((done, failed) => navigator.geolocation.getCurrentPosition(() => done('granted'), failed))),\
                    ask('camera', () => navigator.mediaDevices.getUserMedia({{video: true}}).then(() => 'granted')),\
                    ask('microphone', () => navigator.mediaDevices.getUserMedia({{audio: true}}).then(() => 'granted')),\
                    ask('clipboard', () => navigator.clipboard.readText().then(() => 'granted')),\
                    ask('fullscreen', () => document.documentElement.requestFullscreen().then(() => 'granted')),\
                    ask('files', () => showOpenFilePicker().then(() => 'granted')),\
                 ]); await say('permissions are done', ''); }}, {{once: true}}); say('a click may come', '');</script>"
            ))
        });
        window.begin(&id, &Asked::code()).await;
        let login = window.login_window().await;
        finds(&stage, "a click may come").await;
        login.clicks(ONWARD.0, ONWARD.1);
        finds(&stage, "permissions are done").await;
        for what in ["notifications", "location", "camera", "microphone", "clipboard", "fullscreen", "files"] {
            assert_eq!(found(&stage, what).as_deref(), Some("denied"), "{what}");
        }
        finishes(window, &stage, &login, "permissions").await;
    })
    .await;
}
