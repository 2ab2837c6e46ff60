//! `introspect`, `revoke` and `sign-out`: with a keychain, and with a token on standard input.

use serde_json::{Value, json};
use support::desktop::{KeychainState, Machine};
use support::programs::program;

use crate::harness::{Home, Run, Tenant, members};

const DOCUMENT: [&str; 8] =
    ["outcome", "findings", "fingerprint", "introspection", "address", "forgotten", "error", "exchanges"];

fn latchkey(machine: &Machine, arguments: &[&str]) -> Run {
    let mut command = machine.command(program("latchkey"));
    command.args(arguments);
    Run::of(command)
}

/// A connection with its secret, and somebody signed in.
fn signed_in() -> (Machine, Tenant) {
    let (machine, tenant) = (Machine::start(KeychainState::Unlocked, false), Tenant::start());
    let ended = latchkey(&machine, &["connection", "add", "--name=Payroll", "--issuer", &tenant.issuer])
        .argument("--client-id")
        .argument(&tenant.client_id)
        .argument("--username=peggy.sue")
        .argument("--scope=openid profile offline_access")
        .argument("--client-secret-stdin")
        .stdin(format!("{}\n", tenant.client_secret))
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    sign_in(&machine);
    (machine, tenant)
}

fn sign_in(machine: &Machine) {
    let ended = latchkey(machine, &["sign-in", "password", "--connection=payroll", "--password-stdin"])
        .stdin("demo-peggy\n")
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
}

fn statuses(document: &Value, check: &str) -> Vec<String> {
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["check"] == check)
        .map(|finding| finding["status"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_session_is_introspected_revoked_with_proof_and_then_gone() {
    let (machine, _tenant) = signed_in();
    for more in [&[][..], &["--stored"]] {
        let mut run = latchkey(&machine, &["introspect", "--connection=payroll"]);
        for argument in more {
            run = run.argument(argument);
        }
        let (code, document) = run.document();
        assert_eq!((code, &document["outcome"]), (0, &json!("done")), "{document:#}");
        assert_eq!(members(&document), DOCUMENT);
        assert_eq!(document["introspection"]["active"], true);
    }
    let (code, document) = latchkey(&machine, &["revoke", "--connection=payroll"]).document();
    assert_eq!((code, &document["outcome"]), (0, &json!("done")), "{document:#}");
    assert_eq!(document["forgotten"], true);
    assert_eq!(statuses(&document, "revocation_proof"), ["passed", "passed"]);
    assert_eq!(machine.keychain_accounts().len(), 1, "the client secret alone");
    let (code, document) = latchkey(&machine, &["revoke", "--connection=payroll"]).document();
    assert_eq!((code, &document["error"]["kind"]), (5, &json!("nothing_stored")), "{document:#}");
    assert_eq!(members(&document), DOCUMENT);
    assert_eq!(document["outcome"], json!(null));
}

#[test]
fn signing_out_returns_or_revokes_only_and_forgets() {
    let (machine, _tenant) = signed_in();
    let sign_out = || latchkey(&machine, &["sign-out", "--connection=payroll"]);
    let (code, document) =
        sign_out().argument("--post-logout-redirect-uri=https://payroll.acme.example/elsewhere").document();
    assert_eq!((code, &document["error"]["http_status"]), (3, &json!(400)), "{document:#}");
    assert_eq!(document["forgotten"], false);

    let ended =
        sign_out().argument("--post-logout-redirect-uri=https://payroll.acme.example/signed-out").ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.starts_with("Signed out"), "{ended:?}");
    assert!(ended.stdout.contains("is forgotten") && !ended.all().contains("eyJ"), "{ended:?}");
    assert_eq!(machine.keychain_accounts().len(), 1, "the client secret alone");

    sign_in(&machine);
    let (code, document) = sign_out().argument("--revoke-only").document();
    assert_eq!((code, &document["forgotten"]), (0, &json!(true)), "{document:#}");
    assert!(document["address"].as_str().unwrap().ends_with("&logout=false"), "{document:#}");
}

#[test]
fn a_token_on_standard_input_needs_no_keychain_and_stays_out_of_the_output() {
    let (home, tenant) = (Home::new(), Tenant::start());
    tenant.save(&home, "Payroll");
    let (_, document) = tenant.peggy(&home).argument("--show-tokens").document();
    let token = document["tokens"]["access_token"]["value"].as_str().unwrap().to_owned();
    let run = |command: &str| {
        home.latchkey(&[command, "--connection=payroll", "--token-stdin"])
            .secret(&tenant.client_secret)
            .stdin(format!("{token}\n"))
    };
    let ended = run("introspect").ended();
    assert!(ended.stdout.starts_with("The token is active"), "{ended:?}");
    assert!(!ended.all().contains("eyJ"), "{ended:?}");
    let (code, document) = run("revoke").document();
    assert_eq!((code, &document["forgotten"]), (0, &json!(false)), "{document:#}");
    assert_eq!(statuses(&document, "revocation_proof"), ["passed"]);
    let ended = run("introspect").ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.starts_with("The token is not active"), "{ended:?}");
}
