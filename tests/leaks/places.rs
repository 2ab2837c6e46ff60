//! Where a secret must not be.

use serde_json::json;
use support::desktop::Desktop;

use crate::canaries::Canaries;

/// Everything that the page shows or keeps.
pub(crate) async fn page(window: &Desktop, canaries: &Canaries) {
    let kept = window
        .script_later(
            "const kept = {local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, \
                 name: window.name, title: document.title, url: location.href, history: JSON.stringify(history.state), \
                 dom: document.documentElement.outerHTML, text: document.body.innerText, databases: [], caches: []};\
             for (const {name, version} of await indexedDB.databases()) kept.databases.push(name, version);\
             try { for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys()) \
                 kept.caches.push(name, one.url); } catch (error) { kept.caches.push(error.name); }\
             return JSON.stringify(kept);",
            Vec::new(),
        )
        .await
        .unwrap();
    canaries.absent_from("the page", kept.as_str().unwrap());
    let kept: serde_json::Value = serde_json::from_str(kept.as_str().unwrap()).unwrap();
    // Nothing is stored there at all.
    for empty in ["local", "session"] {
        assert_eq!(kept[empty], json!({}), "{empty} storage");
    }
    assert_eq!(kept["cookies"], "");
    assert_eq!(kept["databases"], json!([]));
    canaries.absent_from("the page's source", window.driver().source().await.unwrap());
    canaries.absent_from("the window's title", window.driver().title().await.unwrap());
}

/// What each command hands to the page, tokens asked for one by one aside.
pub(crate) async fn commands(window: &Desktop, connection: &str, canaries: &Canaries) {
    for command in ["app_state", "report", "session", "claims", "traffic"] {
        let answer = window.invoke(command, json!({"connection": connection})).await.unwrap();
        canaries.absent_from(&format!("the answer of {command}"), answer.to_string());
    }
    let provider = json!({"connection": connection, "again": true, "run": "leaks"});
    let answer = window.invoke("provider", provider).await.unwrap();
    canaries.absent_from("the answer of provider", answer.to_string());
}

/// Arguments and environment of the program and all that it started, and of what runs beside it.
pub(crate) fn processes(window: &Desktop, canaries: &Canaries) {
    let processes = window.processes();
    assert!(processes.len() >= 3, "WebDriver, the program and WebKit's helpers: {processes:?}");
    for process in processes {
        for file in ["cmdline", "environ"] {
            // A process may have ended since.
            let bytes = std::fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
            canaries.absent_from(&format!("{file} of a process"), bytes);
        }
    }
}

/// Every file, the keychain's own among them, and the log.
pub(crate) fn files(window: &Desktop, canaries: &Canaries) {
    let read = canaries.absent_from_folder(&window.machine.home());
    assert!(read >= 5, "{read} files");
    let log = std::fs::read(window.machine.log_file()).unwrap();
    canaries.absent_from("the log", log);
}
