//! What the page may not do, and what a provider's text may not become.

use latchkey_simulator::Faults;
use serde_json::json;
use support::desktop::{Desktop, Setup, desktop, hook};
use thirtyfour::By;

use crate::common::tenant;

#[tokio::test]
async fn the_page_cannot_leave_the_program_nor_reach_anybody() {
    // A server that would answer, and counts who asked.
    let elsewhere = tenant(Faults::default()).await;
    let address = format!("http://127.0.0.1:{}/gone", elsewhere.port());
    desktop(Setup::demo(), async |window| {
        window.hook("si-username").await;
        for leave in [
            "location.href = there;",
            "location.assign(there);",
            "location.replace(there + '#fragment');",
            "const a = document.createElement('a'); a.href = there; document.body.append(a); a.click(); a.remove();",
            "window.open(there, '_blank');",
            "const f = document.createElement('form'); f.action = there; f.method = 'post'; \
             document.body.append(f); f.submit(); f.remove();",
            "const f = document.createElement('iframe'); f.src = there; document.body.append(f);",
            "const i = new Image(); i.src = there;",
            "const s = document.createElement('script'); s.src = there; document.head.append(s);",
            "navigator.sendBeacon(there, 'x');",
            "location.href = 'https://example.invalid/';",
            "location.href = 'file:///etc/passwd';",
            "location.href = 'data:text/html,gone';",
        ] {
            let leave = format!("const there = arguments[0]; {leave}");
            window.script(&leave, vec![json!(address)]).await;
            // Two frames and a task later, what was let through has begun.
            let settled = "await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => \
                           setTimeout(done, 150)))); return location.href;";
            let here = window.script_later(settled, Vec::new()).await.unwrap();
            assert!(here.as_str().unwrap().starts_with("tauri://localhost"), "{leave}: {here}");
            assert_eq!(window.driver().windows().await.unwrap().len(), 1, "{leave}");
            assert_eq!(elsewhere.requests().total(), 0, "{leave}");
        }
        window.sign_in("peggy.sue").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    })
    .await;
}

#[tokio::test]
async fn the_page_has_our_commands_and_nothing_else() {
    desktop(Setup::demo(), async |window| {
        window.hook("si-username").await;
        assert_eq!(window.script("return typeof window.__TAURI__;", Vec::new()).await, "undefined");
        for (command, arguments) in [
            ("plugin:clipboard-manager|read_text", json!({})),
            ("plugin:clipboard-manager|write_text", json!({"text": "x"})),
            ("plugin:opener|open_url", json!({"url": "https://example.invalid/"})),
            ("plugin:opener|open_path", json!({"path": "/etc/passwd"})),
            ("plugin:dialog|open", json!({"options": {}})),
            ("plugin:window|create", json!({"options": {"label": "x"}})),
            ("plugin:webview|create_webview_window", json!({"options": {"label": "x"}})),
            ("plugin:event|emit", json!({"event": "x"})),
            ("plugin:path|resolve_directory", json!({"directory": 1})),
            ("plugin:app|version", json!({})),
            ("plugin:window-state|save_window_state", json!({"flags": 1})),
            ("no_such_command", json!({})),
        ] {
            let refused = window.invoke(command, arguments).await;
            assert!(refused.is_err(), "{command}: {refused:?}");
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("not allowed") || said.contains("not found"), "{command}: {said}");
        }
        window.invoke("app_state", json!({})).await.expect("our own");
        for (script, what) in [
            ("try { return String(eval('1')); } catch (error) { return error.name; }", "EvalError"),
            ("try { await fetch('http://127.0.0.1:9/'); return 'sent'; } catch (error) { return error.name; }", "TypeError"),
        ] {
            assert_eq!(window.script_later(script, Vec::new()).await.unwrap(), what, "{script}");
        }
    })
    .await;
}

#[tokio::test]
async fn h21_hostile_claims_are_text_and_what_hides_is_made_visible() {
    desktop(Setup::demo(), async |window| {
        window.sign_in("hugo.hostile").await;
        window.reads(&hook("verdict"), "Signed in as Hugo <script>").await;
        harmless(window, "Sign in").await;
        window.click("tab-session").await;
        window.press("Decode ID token").await;
        window.reads(&hook("token-id_token"), "onerror").await;
        harmless(window, "Session").await;
        window.click("tab-claims").await;
        window.press("9 values of groups").await;
        window.reads("main", "<b>User Role</b>").await;
        harmless(window, "Claims").await;
        for view in ["JSON", "JWT"] {
            window.press(view).await;
            window.reads("main", "onerror").await;
            harmless(window, view).await;
        }
        window.click("tab-traffic").await;
        window.click_on_text("button[starts-with(@data-testid, 'exchange-')]", "UserInfo").await;
        window.reads("section.detail", "onerror").await;
        harmless(window, "Traffic").await;
    })
    .await;
}

/// No element, no script and no hidden character came from a claim.
async fn harmless(window: &Desktop, place: &str) {
    assert_eq!(window.driver().title().await.unwrap(), "Latchkey", "{place}");
    for markup in
        ["main b", "main script", "main img", "main a[href]", "body > img", "iframe", "object", "embed"]
    {
        let found = window.driver().find_all(By::Css(markup)).await.unwrap();
        assert!(found.is_empty(), "{place}: {markup}");
    }
    let hidden = window
        .script(
            "const hidden = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\
             \\ufe00-\\ufe0f\\ufeff]|[\\u{e0000}-\\u{e0fff}]/u;\
             const found = []; const walker = document.createTreeWalker(document.documentElement, 5);\
             for (let node = walker.currentNode; node; node = walker.nextNode()) {\
                if (node.nodeType === 3 && hidden.test(node.data)) found.push('text: ' + escape(node.data));\
                for (const one of node.attributes ?? []) if (hidden.test(one.value)) found.push(`${node.nodeName} ${one.name}: ` + escape(one.value));\
             } return found;",
            Vec::new(),
        )
        .await;
    assert_eq!(hidden, json!([]), "{place}");
    let polluted = window.script("return [typeof {}.polluted, typeof window.owned];", Vec::new()).await;
    assert_eq!(polluted, json!(["undefined", "undefined"]), "{place}");
}
