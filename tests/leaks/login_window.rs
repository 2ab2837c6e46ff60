//! What is typed into the login window, and what comes back through it.

use latchkey_simulator::{AuthMethod, Client, Faults, Generation, MetadataFault, Options, Simulator, User};
use serde_json::json;
use support::desktop::{Asked, Desktop, NewConnection, Setup, assert_signed_in, desktop};
use support::pages::{PageServer, Reply, value_of};
use support::person::visit;
use url::Url;

use crate::canaries::Canaries;
use crate::places;

const CLIENT_ID: &str = "canary-in-the-browser";
const USERNAME: &str = "carla.canary";
/// Keys that every keyboard has: it is typed.
const PASSWORD: &str = "Canary pass-word/0123456789";

/// The token endpoint, with somebody who reads along: codes and verifiers go there alone.
fn reading_along(tenant: &Simulator) -> PageServer {
    let authority = format!("127.0.0.1:{}", tenant.port());
    PageServer::start(move |request| {
        let body = Some(request.body.as_str());
        let answer = visit(&authority, &authority, "POST", "/oidc/2/token", None, body);
        Reply::Answer(answer.status, vec![("content-type", "application/json".to_owned())], answer.body)
    })
}

#[tokio::test]
async fn h26_no_secret_of_the_login_window_is_in_a_title_a_log_or_a_file_nor_in_the_main_window() {
    let options = Options {
        more_clients: vec![Client::new(CLIENT_ID, AuthMethod::None, None)],
        more_users: vec![User::new("41879999", USERNAME, PASSWORD, "Carla", "Canary")],
        ..Options::default()
    };
    let tenant = Simulator::start(options).await.unwrap();
    let relay = reading_along(&tenant);
    let endpoint = MetadataFault::Set("token_endpoint".to_owned(), relay.at("/token").into());
    tenant.set_faults(Faults { metadata: Some(endpoint), ..Faults::default() });
    let trace = |name| (name, "trace".to_owned());
    let variables = vec![trace("LATCHKEY_LOG"), trace("RUST_LOG"), ("RUST_BACKTRACE", "1".to_owned())];
    desktop(Setup { variables, ..Setup::first_start() }, async |window| {
        // What the main window shows on purpose, the state in the address, is a secret elsewhere all the same.
        let (mut canaries, mut states) = (Canaries::default(), Canaries::default());
        canaries.plant("the password", PASSWORD);
        let new = NewConnection {
            name: "Canary".to_owned(),
            issuer: tenant.issuer(Generation::V2),
            client_id: CLIENT_ID.to_owned(),
            method: "none",
            client_secret: String::new(),
        };
        window.connect(&new).await;
        let id = window.connection(&new.name).await;
        // Who reads along stands at an address of their own, which the person has to confirm.
        let fix = json!({"fix": "confirm_host", "host": format!("127.0.0.1:{}", relay.port())});
        window.invoke("connection_fix", json!({"connection": id, "fix": fix})).await.unwrap();
        for keeping in [false, true] {
            for (response_type, response_mode) in
                [("code", ""), ("code", "form_post"), ("id_token token", ""), ("id_token token", "form_post")]
            {
                let asked = Asked::code().response(response_type, response_mode).prompt("login");
                let asked = Asked { keep_session: keeping, ..asked };
                let what = format!("{response_type} {response_mode}, kept: {keeping}");
                window.begin(&id, &asked).await;
                let login = window.login_window().await;
                login.signs_in(USERNAME, PASSWORD);
                assert_signed_in(&window.ended().await, &what);
                plant(window, &id, &relay, &what, &mut canaries, &mut states).await;
                for title in login.titles() {
                    canaries.absent_from("a title", &title);
                    states.absent_from("a title", &title);
                }
                places::page(window, &canaries).await;
                places::commands(window, &id, &canaries).await;
                for canaries in [&canaries, &states] {
                    places::processes(window, canaries);
                    places::files(window, canaries);
                }
            }
        }
        // 4 codes with their verifiers, 8 times two tokens and their signatures, 8 states.
        assert_eq!((canaries.count(), states.count()), (1 + 8 + 32, 8));
        // The test would have noticed: the log is at its loudest.
        let log = std::fs::read_to_string(window.machine.log_file()).unwrap();
        assert!(log.contains("window ready"), "the log was off");
        window.end();
        for canaries in [&canaries, &states] {
            places::files(window, canaries);
        }
    })
    .await;
}

async fn plant(
    window: &Desktop,
    id: &str,
    relay: &PageServer,
    what: &str,
    canaries: &mut Canaries,
    states: &mut Canaries,
) {
    for kind in ["access_token", "id_token"] {
        let token = window.token(id, kind).await;
        canaries.plant(&format!("the {kind} of {what}"), &token);
        if let Some((_, signature)) = token.rsplit_once('.') {
            canaries.plant(&format!("the signature of the {kind} of {what}"), signature);
        }
    }
    let told = window.is_told("the address", |told| told["event"] == "address").await;
    let address = Url::parse(told["url"].as_str().unwrap()).unwrap();
    states.plant(&format!("the state of {what}"), &value_of(address.query().unwrap(), "state"));
    if what.starts_with("code") {
        let request = relay.visits().pop().unwrap();
        for name in ["code", "code_verifier"] {
            canaries.plant(&format!("the {name} of {what}"), &value_of(&request.body, name));
        }
    }
}
