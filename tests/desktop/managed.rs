//! On a computer whose policy sets connections, issuers and the browser.

use latchkey_client::policy::VARIABLE;
use latchkey_simulator::{ClientRole, Faults, Generation, Simulator};
use serde_json::{Value, json};
use support::axe;
use support::desktop::{Desktop, NOWHERE, Setup, desktop, hook};
use tempfile::TempDir;

use crate::common::{client, tenant};

/// The file, and the variables of a window that obeys it.
struct Policy {
    folder: TempDir,
}

impl Policy {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.json"), text).unwrap();
        Self { folder }
    }

    fn file(&self) -> String {
        self.folder.path().join("policy.json").display().to_string()
    }

    fn setup(&self) -> Setup {
        Setup { variables: vec![(VARIABLE, self.file())], ..Setup::first_start() }
    }
}

fn described(simulator: &Simulator, name: &str) -> Value {
    json!({
        "name": name, "issuer": simulator.issuer(Generation::V2),
        "client_id": client(simulator, ClientRole::Basic).client_id, "auth_method": "basic",
        "scopes": ["openid", "profile", "offline_access"],
        "post_logout_redirect_uri": "https://payroll.acme.example/signed-out"
    })
}

/// A connection file of an unmanaged time.
fn saved(simulator: &Simulator, name: &str) -> String {
    let mut connection = described(simulator, name);
    connection["id"] = json!("0123456789abcdef0123456789abcdef");
    json!({"version": 2, "connections": [connection]}).to_string()
}

/// Asserts that a command is refused by the policy.
async fn refused(window: &Desktop, command: &str, arguments: Value, said: &str) {
    let error = window.invoke(command, arguments).await.expect_err(command);
    assert_eq!(error["problem"]["kind"], "policy", "{command}: {error:#}");
    let text = format!("{} {}", error["problem"]["explanation"], error["problem"]["remedy"]);
    assert!(text.contains(said) && text.contains("policy.json"), "{command}: {text}");
}

fn draft(id: Option<&str>, name: &str, simulator: &Simulator) -> Value {
    let described = described(simulator, name);
    json!({
        "id": id, "name": name, "issuer": described["issuer"], "client_id": described["client_id"],
        "auth_method": "basic", "client_secret": null, "redirect_uri": null, "post_logout_redirect_uri": null,
        "scopes": ["openid"], "username": null
    })
}

fn browser_request(connection: &str) -> Value {
    json!({
        "run": "run", "connection": connection, "redirect_uri": NOWHERE, "response_type": "code",
        "response_mode": null, "scopes": ["openid"], "prompt": null, "login_hint": null, "acr_values": [],
        "max_age": null, "resources": [], "ui_locales": [], "extra": [], "client_secret": null,
        "keep": "session_only", "browser": "login_window", "keep_browser_session": false, "show_first": false
    })
}

/// `sign_in_browser` with a channel for its progress.
async fn sign_in_in_the_login_window(window: &Desktop, connection: &str) -> Value {
    let script = "const id = __TAURI_INTERNALS__.transformCallback(() => {}); \
        return await __TAURI_INTERNALS__.invoke('sign_in_browser', \
            {request: arguments[0], progress: '__CHANNEL__:' + id});";
    window.script_later(script, vec![browser_request(connection)]).await.expect_err("it is refused")
}

#[tokio::test]
async fn a_policy_binds_the_window_and_what_it_refuses_is_not_sent() {
    let (ours, elsewhere) = (tenant(Faults::default()).await, tenant(Faults::default()).await);
    let policy = Policy::new(
        &json!({
            "version": 1, "connections": [described(&ours, "Payroll")], "allowed_issuers": [],
            "login_window": false
        })
        .to_string(),
    );
    let setup = Setup { connections: Some(saved(&elsewhere, "Own")), ..policy.setup() };
    desktop(setup, async |window| {
        // The managed connection comes first, marked, and nobody offers to change it.
        window.reads("main h1", "Payroll").await;
        window.reads(&hook("connection-Payroll"), "Managed").await;
        window.reads(&hook("connection-managed"), "policy").await;
        assert!(!window.is_there(&hook("connection-edit")).await);
        assert!(!window.is_there(&hook("connection-remove")).await);
        axe::check(window, "a managed connection").await;
        let payroll = window.connection("Payroll").await;
        let change = draft(Some(&payroll), "Payroll", &ours);
        refused(window, "connection_save", json!({"draft": change}), "Payroll").await;
        refused(window, "connection_remove", json!({"connection": payroll}), "Payroll").await;
        let fix = json!({"fix": "add_scope", "scope": "groups"});
        refused(window, "connection_fix", json!({"connection": payroll, "fix": fix}), "Payroll").await;

        // Its secret is the user's own, and the rest is as ever.
        let secret = client(&ours, ClientRole::Basic).client_secret.clone().unwrap();
        window.fill("si-client-secret", &secret).await;
        window.click("si-secret-keep").await;
        window.gone(&hook("si-client-secret")).await;
        assert_eq!(window.machine.keychain_accounts(), [format!("{payroll}/client-secret")]);
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
        window.reads(&hook("verdict"), "Refresh token kept in the keychain").await;

        // No login window: not in the form, and not past it.
        window.click("way-browser").await;
        window.reads(&hook("bw-browser-managed"), "System browser").await;
        window.reads(&hook("bw-browser-managed"), "policy").await;
        assert!(!window.is_there(&hook("bw-browser-window")).await);
        axe::check(window, "the Browser form of a managed computer").await;
        let before = ours.requests().total();
        let error = sign_in_in_the_login_window(window, &payroll).await;
        assert_eq!(error["problem"]["kind"], "policy", "{error:#}");
        let sign_out = json!({"request": {
            "run": "run", "connection": payroll, "post_logout_redirect_uri": null, "revoke_only": false,
            "browser": "login_window", "client_secret": null
        }});
        refused(window, "session_sign_out", sign_out, "login window").await;
        window.login_window_is_closed().await;
        assert_eq!(ours.requests().total(), before);
        window.click("tab-session").await;
        window.click("sign-out").await;
        window.hook("sign-out-browser").await;
        let offered =
            "return [...document.querySelectorAll(arguments[0] + ' option')].map((one) => one.value);";
        let offered = window.script(offered, vec![json!(hook("sign-out-browser"))]).await;
        assert_eq!(offered, json!(["", "system"]));
        axe::check(window, "the question before a sign-out on a managed computer").await;
        window.press("Cancel").await;

        // Another issuer is asked nothing, whatever the user has saved.
        window.click("connection-Own").await;
        window.reads("main h1", "Own").await;
        let own = window.connection("Own").await;
        window.click("tab-signin").await;
        window.fill("si-client-secret", "any").await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("problem"), "not among those that this computer's policy allows").await;
        window.reads(&hook("problem"), &policy.file()).await;
        axe::check(window, "an issuer that is not allowed").await;
        let of = |rest: Value| {
            let mut request = json!({"run": "run", "connection": own, "client_secret": "any"});
            request.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            json!({"request": request})
        };
        let issuer = elsewhere.issuer(Generation::V2);
        refused(window, "provider", json!({"connection": own, "again": true, "run": "run"}), &issuer).await;
        let token = json!({"token": "refresh_token"});
        refused(window, "session_introspect", of(token.clone()), &issuer).await;
        refused(window, "session_revoke", of(token), &issuer).await;
        let leave = json!({"post_logout_redirect_uri": null, "revoke_only": false, "browser": null});
        refused(window, "session_sign_out", of(leave), &issuer).await;
        let typed = json!({"kind": "issuer", "text": issuer});
        refused(window, "discover", json!({"input": typed, "run": "run"}), &issuer).await;
        refused(window, "connection_save", json!({"draft": draft(None, "New", &elsewhere)}), &issuer).await;
        let asked = json!({"connection": own, "username": "peggy.sue", "scopes": ["openid"]});
        refused(window, "password_curl", asked, &issuer).await;
        assert_eq!(elsewhere.requests().total(), 0);

        // It is all in the settings.
        window.click("settings").await;
        for text in [policy.file(), "1 connection".into(), ours.issuer(Generation::V2), "Turned off".into()] {
            window.reads(&hook("policy"), &text).await;
        }
        axe::check(window, "the settings of a managed computer").await;

        // The tenant inside the program stays possible.
        let demo = window.invoke("demo_start", json!({})).await.expect("the demo tenant starts");
        let looked = json!({"connection": demo["id"], "again": false, "run": "run"});
        window.invoke("provider", looked).await.expect("it is asked");
        let file = std::fs::read_to_string(window.machine.config().join("connections.json")).unwrap();
        assert!(file.contains("Own") && !file.contains("Payroll") && !file.contains("managed"), "{file}");

        // What was remembered of it outlives the program.
        window.restart().await;
        let state = window.invoke("app_state", json!({})).await.unwrap();
        let again = &state["connections"][0];
        assert_eq!((&again["id"], &again["username"]), (&json!(payroll), &json!("peggy.sue")), "{again:#}");
        assert_eq!(again["last_run"]["outcome"], "signed_in", "{again:#}");
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_leaves_nothing_to_use() {
    let elsewhere = tenant(Faults::default()).await;
    let policy = Policy::new("{\"version\": 1, \"login_window\": \"no\"}");
    let setup = Setup { connections: Some(saved(&elsewhere, "Own")), ..policy.setup() };
    desktop(setup, async |window| {
        window.reads(&hook("problem"), &policy.file()).await;
        window.reads(&hook("problem"), "never skipped").await;
        axe::check(window, "a policy that cannot be read").await;
        assert!(!window.is_there(&hook("connection-Own")).await);
        for (command, arguments) in [
            ("demo_start", json!({})),
            ("connection_save", json!({"draft": draft(None, "New", &elsewhere)})),
            (
                "provider",
                json!({"connection": "0123456789abcdef0123456789abcdef", "again": true, "run": "run"}),
            ),
        ] {
            let error = window.invoke(command, arguments).await.expect_err(command);
            let said = error["problem"]["explanation"].as_str().unwrap();
            assert!(said.contains(&policy.file()), "{command}: {said}");
        }
        assert_eq!(elsewhere.requests().total(), 0);

        // Once it is mended, the next start obeys it.
        std::fs::write(policy.file(), "{\"version\": 1, \"allowed_issuers\": []}").unwrap();
        window.restart().await;
        window.reads("main h1", "Own").await;
        window.reads(&hook("connection-Own"), "Own").await;
        assert_eq!(elsewhere.requests().total(), 0);
    })
    .await;
}
