//! What a request in the browser may ask for besides, and a sign-out there.

use latchkey_simulator::ClientRole;
use serde_json::json;
use support::desktop::{KeychainState, Machine};
use support::person::Person;
use support::programs::program;

use crate::harness::{Home, Run, Tenant};
use crate::opener::Opener;

fn native(home: &Home, tenant: &Tenant) -> Run {
    let client = tenant.simulator.client(ClientRole::Native).unwrap();
    home.latchkey(&["sign-in", "browser", "--issuer", &tenant.issuer, "--client-id", &client.client_id])
        .argument("--auth-method=none")
        .argument("--redirect-uri=http://127.0.0.1/callback")
        .argument("--json")
}

#[test]
fn resources_languages_and_further_parameters_are_part_of_the_request() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let run = [
        "--resource=https://api.acme.example/payroll",
        "--ui-locales=de-CH de",
        "--parameter=display=page",
        "--parameter=empty=",
    ]
    .into_iter()
    .fold(native(&home, &tenant), Run::argument);
    let (running, address) = Opener::new().open(run);
    let values = |wanted: &str| -> Vec<String> {
        address
            .query_pairs()
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .collect()
    };
    assert_eq!(values("resource"), ["https://api.acme.example/payroll"]);
    assert_eq!(
        (values("ui_locales"), values("display")),
        (vec!["de-CH de".to_owned()], vec!["page".to_owned()])
    );
    assert_eq!(values("empty"), [""]);
    Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
    assert_eq!(running.join().unwrap().code, 0);
}

#[test]
fn a_parameter_that_cannot_be_sent_is_told_at_its_option_before_anything_is() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    for (argument, option, said) in [
        ("--resource=api", "--resource", "absolute URI"),
        ("--resource=https://api.acme.example/#part", "--resource", "fragment"),
        ("--ui-locales=de_CH", "--ui-locales", "language tag"),
        ("--parameter=state=1", "--parameter", "already part of the request"),
        ("--parameter==1", "--parameter", "no name"),
        ("--login-hint=a\u{7}b", "--login-hint", "control character"),
    ] {
        let before = tenant.simulator.requests().total();
        let ended = native(&home, &tenant).argument(argument).argument(&opener.command()).ended();
        assert_eq!((ended.code, opener.was_asked()), (2, false), "{argument}: {ended:?}");
        assert!(ended.all().contains(option) && ended.all().contains(said), "{argument}: {ended:?}");
        assert_eq!(tenant.simulator.requests().total(), before, "{argument}");
    }
}

/// A saved connection of the app that may use any port, and somebody signed in.
fn signed_in() -> (Machine, Tenant) {
    let (machine, tenant) = (Machine::start(KeychainState::Unlocked, false), Tenant::start());
    let client_id = tenant.simulator.client(ClientRole::Native).unwrap().client_id.clone();
    let ended = latchkey(&machine, &["connection", "add", "--name=Desk", "--issuer", &tenant.issuer])
        .argument("--client-id")
        .argument(&client_id)
        .argument("--auth-method=none")
        .argument("--post-logout-redirect-uri=http://127.0.0.1/signed-out")
        .argument("--scope=openid profile offline_access")
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    let ended = latchkey(&machine, &["sign-in", "password", "--connection=desk", "--password-stdin"])
        .argument("--username=peggy.sue")
        .stdin("demo-peggy\n")
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    (machine, tenant)
}

fn latchkey(machine: &Machine, arguments: &[&str]) -> Run {
    let mut command = machine.command(program("latchkey"));
    command.args(arguments);
    Run::of(command)
}

#[test]
fn a_sign_out_in_the_browser_returns_to_the_saved_uri_and_hides_the_id_token_from_the_opener() {
    let (machine, _tenant) = signed_in();
    let run = latchkey(&machine, &["sign-out", "--connection=desk", "--json"]);
    let (running, address) = Opener::new().open(run);
    assert!(!address.as_str().contains("id_token"), "{address}");
    let page = Person::default().sign_in(&address, "", "");
    assert!(page.contains("You can close this window"), "{page}");
    let ended = running.join().unwrap();
    let document = ended.json();
    assert_eq!((ended.code, &document["outcome"]), (0, &json!("done")), "{document:#}");
    assert_eq!(document["forgotten"], true);
    let states: Vec<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == "end_session_state")
        .map(|finding| finding["status"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["passed"], "{document:#}");
    assert!(!ended.all().contains("eyJ"), "{ended:?}");
    assert!(machine.keychain_accounts().is_empty());
}

#[test]
fn a_sign_out_in_the_browser_that_leads_elsewhere_is_refused_before_anything_opens() {
    let (machine, _tenant) = signed_in();
    let opener = Opener::new();
    let ended = latchkey(&machine, &["sign-out", "--connection=desk"])
        .argument("--post-logout-redirect-uri=https://payroll.acme.example/signed-out")
        .argument(&opener.command())
        .ended();
    assert_eq!((ended.code, opener.was_asked()), (2, false), "{ended:?}");
    assert!(ended.all().contains("--post-logout-redirect-uri"), "{ended:?}");
    assert_eq!(machine.keychain_accounts().len(), 1);
}

#[test]
fn without_a_redirect_uri_the_browser_is_led_there_and_what_cannot_be_known_is_said() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let client_id = tenant.simulator.client(ClientRole::Native).unwrap().client_id.clone();
    let (running, address) = Opener::new()
        .open(native(&home, &tenant).argument("--response-type=id_token").argument("--show-tokens"));
    let mut person = Person::default();
    person.sign_in(&address, "peggy.sue", "demo-peggy");
    let id_token = running.join().unwrap().json()["tokens"]["id_token"]["value"].as_str().unwrap().to_owned();
    let ended = home
        .latchkey(&["connection", "add", "--name=Desk", "--auth-method=none", "--issuer", &tenant.issuer])
        .argument("--client-id")
        .argument(&client_id)
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");

    let run =
        home.latchkey(&["sign-out", "--connection=desk", "--id-token-stdin"]).stdin(format!("{id_token}\n"));
    let (running, address) = Opener::new().open(run);
    let page = person.sign_in(&address, "", "");
    assert!(page.contains("You are signed out of the demo tenant"), "{page}");
    let ended = running.join().unwrap();
    // The browser was told; here nobody was, and there is no access token whose end would show it.
    assert!(ended.stdout.starts_with("Sent, and not confirmed"), "{ended:?}");
    assert!(ended.stdout.contains("sends nobody back"), "{ended:?}");
    assert!(!ended.stdout.contains("is forgotten") && !ended.all().contains(&id_token), "{ended:?}");
    let silent = native(&home, &tenant).argument("--prompt=none");
    let (running, address) = Opener::new().open(silent);
    person.sign_in(&address, "peggy.sue", "demo-peggy");
    assert_eq!(running.join().unwrap().json()["error"]["code"], "login_required");
}
