//! With a real keychain on a message bus of its own.

use serde_json::json;
use support::desktop::{KeychainState, Machine};
use support::programs::program;

use crate::harness::{Run, Tenant};

fn latchkey(machine: &Machine, arguments: &[&str]) -> Run {
    let mut command = machine.command(program("latchkey"));
    command.args(arguments);
    Run::of(command)
}

#[test]
fn the_refresh_token_is_kept_rotated_used_and_forgotten() {
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
    let file = std::fs::read_to_string(machine.config().join("connections.json")).unwrap();
    assert!(!file.contains(&tenant.client_secret));

    let (code, document) = latchkey(&machine, &["refresh", "--connection=payroll"]).document();
    assert_eq!((code, &document["error"]["kind"]), (5, &json!("nothing_stored")), "{document:#}");

    let sign_in = || {
        latchkey(
            &machine,
            &["sign-in", "password", "--connection=payroll", "--password-stdin", "--show-tokens"],
        )
        .stdin("demo-peggy\n")
    };
    let (code, _) = sign_in().argument("--no-keep").document();
    assert_eq!(code, 0);
    assert_eq!(machine.keychain_accounts().len(), 1, "the client secret alone");
    let (code, document) = sign_in().document();
    assert_eq!(code, 0, "{document:#}");
    let list = latchkey(&machine, &["connection", "list"]).document().1;
    let account = format!("{}/refresh-token", list["connections"][0]["id"].as_str().unwrap());
    let first = machine.keychain_entry(&account).unwrap();
    assert_eq!(document["tokens"]["refresh_token"]["value"], first);

    let (code, document) = latchkey(&machine, &["refresh", "--connection=payroll"]).document();
    assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{document:#}");
    let second = machine.keychain_entry(&account).unwrap();
    assert_ne!(first, second, "the tenant rotates");

    let ended = latchkey(&machine, &["userinfo", "--connection=payroll"]).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.starts_with("UserInfo of Peggy Sue"), "{ended:?}");
    assert!(ended.stderr.contains("by a refresh first"), "{ended:?}");
    assert_ne!(machine.keychain_entry(&account).unwrap(), second);

    let ended = latchkey(&machine, &["connection", "remove", "payroll", "--yes"]).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(machine.keychain_accounts(), Vec::<String>::new());
}

#[test]
fn h24_a_locked_keychain_is_no_empty_one() {
    let (machine, tenant) = (Machine::start(KeychainState::Locked, false), Tenant::start());
    let ended = latchkey(&machine, &["connection", "add", "--name=Payroll", "--issuer", &tenant.issuer])
        .argument("--client-id")
        .argument(&tenant.client_id)
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    let (code, document) =
        latchkey(&machine, &["refresh", "--connection=payroll"]).secret(&tenant.client_secret).document();
    assert_eq!((code, &document["error"]["kind"]), (5, &json!("keychain_locked")), "{document:#}");
}
