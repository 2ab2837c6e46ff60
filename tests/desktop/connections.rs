//! The form of a new connection, and the file that connections are in.

use latchkey_simulator::{AnswerFault, ClientRole, Faults, Generation, MetadataFault};
use serde_json::json;
use support::axe;
use support::desktop::{Desktop, NewConnection, Setup, desktop, hook};

use crate::common::{client, tenant};

#[tokio::test]
async fn a_provider_is_looked_up_while_typing_and_offers_its_methods_and_scopes() {
    let metadata = MetadataFault::Set(
        "token_endpoint_auth_methods_supported".to_owned(),
        json!(["client_secret_post", "private_key_jwt"]),
    );
    let tenant = tenant(Faults { metadata: Some(metadata), ..Faults::default() }).await;
    desktop(Setup::first_start(), async |window| {
        window.click("door-issuer").await;
        axe::check(window, "an empty form").await;
        assert_eq!(tenant.requests().total(), 0);
        window.fill("nc-issuer", &tenant.issuer(Generation::V2)).await;
        window.reads(".lookup", "Found").await;
        window.reads(".lookup", &tenant.issuer(Generation::V2)).await;
        for (method, offered) in [("basic", false), ("post", true), ("none", false)] {
            let button = window.hook(&format!("nc-method-{method}")).await;
            assert_eq!(button.is_enabled().await.unwrap(), offered, "{method}");
        }
        let post = window.hook("nc-method-post").await;
        assert!(post.is_selected().await.unwrap(), "the one method that works is chosen");
        for scope in ["openid", "name", "profile", "groups", "email", "params", "phone", "offline_access"] {
            window.reads("fieldset[data-field=scopes]", scope).await;
        }
        axe::check(window, "a provider that was found").await;
    })
    .await;
}

#[tokio::test]
async fn empty_fields_are_said_at_their_field_and_nothing_typed_is_lost() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        window.click("door-issuer").await;
        window.click("nc-save").await;
        for field in ["nc-name", "nc-issuer", "nc-client-id", "nc-client-secret"] {
            assert_ne!(error_at(window, field).await, "", "{field}");
        }
        assert_eq!(window.focused().await, "nc-name", "the first field that wants attention");
        axe::check(window, "empty fields").await;

        let app = client(&tenant, ClientRole::Basic);
        let new = NewConnection::to(&tenant, app);
        window.fill("nc-name", "Payroll, staging").await;
        window.fill("nc-issuer", &new.issuer).await;
        window.fill("nc-client-secret", &new.client_secret).await;
        window.fill("nc-redirect-uri", "not an address").await;
        window.click("nc-save").await;
        assert_eq!(error_at(window, "nc-client-id").await, "Enter the client id.");
        assert!(error_at(window, "nc-redirect-uri").await.starts_with("Enter a whole address"));
        assert_eq!(window.focused().await, "nc-client-id");
        for (field, typed) in [
            ("nc-name", "Payroll, staging"),
            ("nc-issuer", new.issuer.as_str()),
            ("nc-client-secret", new.client_secret.as_str()),
            ("nc-redirect-uri", "not an address"),
        ] {
            assert_eq!(window.value(field).await, typed);
        }
        window.fill("nc-redirect-uri", "https://payroll.acme.example/callback").await;
        window.fill("nc-client-id", &new.client_id).await;
        window.click("nc-save").await;
        window.hook("connection-Payroll, staging").await;
        window.reads("main h1", "Payroll, staging").await;

        window.click("new-connection").await;
        window.fill("nc-name", "payroll, STAGING").await;
        window.click("nc-save").await;
        assert!(error_at(window, "nc-name").await.starts_with("Another connection has this name."));
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_edited_and_keeps_the_secret_that_is_not_typed_again() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        let app = client(&tenant, ClientRole::Basic);
        window.connect(&NewConnection::to(&tenant, app)).await;
        window.click("connection-edit").await;
        assert_eq!(window.value("nc-client-id").await, app.client_id);
        assert_eq!(window.value("nc-client-secret").await, "", "a secret never comes back to the page");
        axe::check(window, "the form of an existing connection").await;
        window.fill("nc-name", "Renamed").await;
        window.click("nc-save").await;
        window.reads("main h1", "Renamed").await;
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    })
    .await;
}

#[tokio::test]
async fn a_differing_issuer_is_shown_with_the_character_and_corrected_by_a_button() {
    let tenant = tenant(Faults::default()).await;
    let named = format!("{}/", tenant.issuer(Generation::V2));
    tenant.set_faults(Faults { metadata: Some(MetadataFault::Issuer(named.clone())), ..Faults::default() });
    desktop(Setup::first_start(), async |window| {
        window.click("door-issuer").await;
        window.fill("nc-name", "Slash").await;
        window.fill("nc-issuer", &tenant.issuer(Generation::V2)).await;
        window.reads(".lookup mark", "/").await;
        window.reads(".lookup", &named).await;
        axe::check(window, "an issuer that differs").await;
        window.fill("nc-client-id", "any").await;
        window.fill("nc-client-secret", "any").await;
        window.click("nc-save").await;
        window.hook("nc-save-anyway").await;
        axe::check(window, "the question whether to save anyway").await;
        assert_eq!(window.value("nc-client-secret").await, "any");
        window.click("nc-save-anyway").await;
        window.hook("connection-Slash").await;
        let requests = tenant.requests();
        window.sign_in_with("peggy.sue", "demo-peggy").await;
        window.reads(&hook("problem"), "issuer").await;
        assert_eq!(tenant.requests().token, requests.token, "nothing is sent after it");
        axe::check(window, "a sign-in that stopped at the issuer").await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_provider_is_said_with_a_sentence_that_helps() {
    let tenant = tenant(Faults { discovery: Some(AnswerFault::CaptivePortal), ..Faults::default() }).await;
    let portal = tenant.issuer(Generation::V2);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let at_the_field = [
        ("not a url", "it has no scheme", "Type the whole URL"),
        ("http://login.acme.example", "http", "https"),
    ];
    let beside_it = [
        (closed.as_str(), "refused the connection", "Check host and port"),
        (portal.as_str(), "a web page", "captive portal"),
        ("https://latchkey-test.invalid", "latchkey-test.invalid", "Check"),
    ];
    desktop(Setup::first_start(), async |window| {
        window.click("door-issuer").await;
        for (typed, explanation, remedy) in at_the_field {
            window.fill("nc-issuer", typed).await;
            let said = window
                .until("it is said at the field", async || {
                    Some(error_at(window, "nc-issuer").await).filter(|said| !said.is_empty())
                })
                .await;
            println!("{typed}: {said}");
            assert!(said.contains(explanation) && said.contains(remedy), "{said}");
        }
        axe::check(window, "an issuer that cannot be one").await;
        for (typed, explanation, remedy) in beside_it {
            window.fill("nc-issuer", typed).await;
            window.reads(&hook("problem"), explanation).await;
            println!("{typed}: {}", window.problem().await);
            window.reads(&hook("problem-remedy"), remedy).await;
            assert_eq!(window.value("nc-issuer").await, typed);
        }
        axe::check(window, "a provider that was not found").await;
    })
    .await;
}

#[tokio::test]
async fn a_damaged_configuration_is_set_aside_and_said_with_its_path() {
    let damaged = "{\"version\":1,\"connections\":[{\"id\":";
    desktop(Setup { connections: Some(damaged.to_owned()), ..Setup::first_start() }, async |window| {
        window.reads(&hook("set-aside"), "The list of connections was damaged and is set aside.").await;
        let files: Vec<_> = std::fs::read_dir(window.machine.config())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("connections.damaged-"))
            .collect();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(std::fs::read_to_string(file).unwrap(), damaged);
        window.reads(&hook("set-aside"), file.to_str().unwrap()).await;
        axe::check(window, "a damaged configuration").await;
        window.click("door-demo").await;
        window.hook("si-username").await;
        assert_eq!(std::fs::read_to_string(file).unwrap(), damaged);
        window.press("Dismiss").await;
        window.gone(&hook("set-aside")).await;
    })
    .await;
}

#[tokio::test]
async fn a_configuration_of_a_newer_version_is_left_alone_and_said() {
    let newer = "{\"version\":99,\"settings\":{},\"connections\":[]}";
    desktop(Setup { connections: Some(newer.to_owned()), ..Setup::first_start() }, async |window| {
        window.reads("main h1", "The configuration cannot be used").await;
        window.hook("problem-remedy").await;
        axe::check(window, "a configuration that cannot be used").await;
        window.press("Try again").await;
        window.reads("main h1", "The configuration cannot be used").await;
        let file = window.machine.config().join("connections.json");
        assert_eq!(std::fs::read_to_string(file).unwrap(), newer);
    })
    .await;
}

/// What is said at a field, as a screen reader says it too.
async fn error_at(window: &Desktop, test_id: &str) -> String {
    let script = "const field = document.querySelector(arguments[0]);\
         if (field.getAttribute('aria-invalid') !== 'true') return '';\
         const id = (field.getAttribute('aria-describedby') ?? '').split(' ').find((one) => one.endsWith('-error'));\
         return document.getElementById(id)?.innerText ?? '';";
    window.hook(test_id).await;
    window.script(script, vec![json!(hook(test_id))]).await.as_str().unwrap_or_default().trim().to_owned()
}
