//! Everything that the command line can do with secrets, and then every place.

use std::io::Write as _;
use std::process::{Output, Stdio};

use latchkey_simulator::{Faults, Generation, Simulator};
use serde_json::Value;
use support::desktop::{KeychainState, Machine};
use support::programs::program;

use crate::canaries::Canaries;
use crate::tenant::{CLIENT_ID, CLIENT_SECRET, PASSWORD, USERNAME, claimed, indiscreet, quoted, tenant};

#[tokio::test]
async fn h26_no_secret_of_the_command_line_is_printed_logged_or_written() {
    let tenant = tenant().await;
    let terminal = Terminal { machine: Machine::start(KeychainState::Unlocked, false), tenant };
    let mut canaries = Canaries::default();
    canaries.plant("the password", PASSWORD);
    canaries.plant("the client secret", CLIENT_SECRET);

    let issuer = terminal.tenant.issuer(Generation::V2);
    let add = ["connection", "add", "--name", "canary", "--issuer", &issuer, "--client-id", CLIENT_ID];
    let add = [&add[..], &["--scope", "openid profile offline_access", "--client-secret-stdin"]].concat();
    canaries_absent(&canaries, &terminal.run(&add, CLIENT_SECRET, Some(0)));

    // Only asked for on purpose are tokens printed: that is how this test gets to know some.
    let sign_in =
        ["sign-in", "password", "--connection", "canary", "--username", USERNAME, "--password-stdin"];
    let shown = terminal.run(&[&sign_in[..], &["--json", "--show-tokens"]].concat(), PASSWORD, Some(0));
    let document: Value = serde_json::from_slice(&shown.stdout).unwrap();
    plant_tokens(&document, &mut canaries, "sign-in");
    canaries.absent_from("standard error", &shown.stderr);
    assert!(!canaries.found_in(&shown.stdout).is_empty(), "--show-tokens shows them");

    let refresh = ["refresh", "--connection", "canary"];
    let shown = terminal.run(&[&refresh[..], &["--json", "--show-tokens"]].concat(), "", Some(0));
    plant_tokens(&serde_json::from_slice(&shown.stdout).unwrap(), &mut canaries, "refresh");
    canaries.absent_from("standard error", &shown.stderr);
    assert!(canaries.count() >= 6, "{} secrets", canaries.count());

    for format in [&[][..], &["--json"]] {
        for (arguments, input) in [
            (&sign_in[..], PASSWORD),
            (&refresh, ""),
            (&["userinfo", "--connection", "canary"], ""),
            (&["provider", "--issuer", &issuer], ""),
            (&["connection", "list"], ""),
        ] {
            let output = terminal.run(&[arguments, format].concat(), input, Some(0));
            canaries_absent(&canaries, &output);
        }
        for faults in indiscreet().into_iter().chain(quoted()) {
            terminal.tenant.set_faults(faults);
            let output = terminal.run(&[&sign_in[..], format].concat(), PASSWORD, None);
            assert_ne!(output.status.code(), Some(0));
            canaries_absent(&canaries, &output);
        }
        terminal.tenant.set_faults(claimed());
        let output = terminal.run(&[&sign_in[..], format].concat(), PASSWORD, Some(0));
        canaries_absent(&canaries, &output);
        terminal.tenant.set_faults(Faults::default());
    }
    let read = canaries.absent_from_folder(&terminal.machine.home());
    assert!(read >= 3, "{read} files");
}

fn plant_tokens(document: &Value, canaries: &mut Canaries, when: &str) {
    let mut planted = 0;
    for (kind, token) in document["tokens"].as_object().unwrap() {
        if let Some(value) = token["value"].as_str() {
            canaries.plant(&format!("the {kind} of the {when}"), value);
            planted += 1;
        }
    }
    assert!(planted >= 2, "{planted} tokens");
}

fn canaries_absent(canaries: &Canaries, output: &Output) {
    canaries.absent_from("standard output", &output.stdout);
    canaries.absent_from("standard error", &output.stderr);
}

struct Terminal {
    machine: Machine,
    tenant: Simulator,
}

impl Terminal {
    fn run(&self, arguments: &[&str], input: &str, code: Option<i32>) -> Output {
        let mut command = self.machine.command(program("latchkey"));
        command.args(arguments).env("LATCHKEY_LOG", "trace").env("RUST_LOG", "trace");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that reads none of it closes the pipe.
        let _ = stdin.write_all(format!("{input}\n").as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        if code.is_some() && output.status.code() != code {
            panic!("{arguments:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        output
    }
}
