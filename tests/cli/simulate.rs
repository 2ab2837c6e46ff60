//! `simulate`: one line, and then a tenant.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::harness::{Home, members};

/// A running simulator. It ends with this value.
struct Simulating {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: Value,
}

impl Simulating {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.latchkey(&["simulate"]).command;
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.ends_with('\n'));
        Self { child, stdout, line: serde_json::from_str(&line).unwrap() }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id();
        let status = std::process::Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(status.unwrap().success());
    }

    /// What else it printed, and how it ended.
    fn end(mut self) -> (String, Option<i32>) {
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (rest, code)
    }
}

impl Drop for Simulating {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_prints_one_line_that_is_all_a_script_needs_and_serves() {
    let home = Home::new();
    let simulating = Simulating::start(&home, &[]);
    let line = &simulating.line;
    assert_eq!(members(line), ["issuers", "clients", "users"]);
    assert_eq!(members(&line["issuers"]), ["v1", "v2"]);
    assert_eq!(members(&line["clients"][0]), ["client_id", "client_secret", "auth_method", "redirect_uris"]);
    assert_eq!(members(&line["users"][0]), ["username", "password", "outcome"]);
    let client = &line["clients"][0];
    let issuer = line["issuers"]["v2"].as_str().unwrap();
    for user in line["users"].as_array().unwrap() {
        let (code, document) = home
            .latchkey(&["sign-in", "password", "--issuer", issuer, "--password-stdin"])
            .argument("--client-id")
            .argument(client["client_id"].as_str().unwrap())
            .argument("--username")
            .argument(user["username"].as_str().unwrap())
            .secret(client["client_secret"].as_str().unwrap())
            .stdin(user["password"].as_str().unwrap())
            .document();
        if user["outcome"] == "ok" {
            assert_eq!(code, 0, "{user}: {document:#}");
        } else {
            assert_eq!((code, &document["error"]["description"]), (3, &user["outcome"]));
        }
    }
}

#[test]
#[cfg(unix)]
fn it_ends_with_0_on_a_signal_or_when_standard_input_closes() {
    let home = Home::new();
    for signal in ["TERM", "INT"] {
        let simulating = Simulating::start(&home, &[]);
        simulating.signal(signal);
        assert_eq!(simulating.end(), (String::new(), Some(0)), "{signal}");
    }
    let mut simulating = Simulating::start(&home, &["--until-stdin-closes"]);
    drop(simulating.child.stdin.take());
    assert_eq!(simulating.end(), (String::new(), Some(0)));
}

#[test]
fn closed_standard_input_alone_does_not_end_it() {
    let home = Home::new();
    let mut simulating = Simulating::start(&home, &["--json"]);
    drop(simulating.child.stdin.take());
    let issuer = simulating.line["issuers"]["v1"].as_str().unwrap();
    let (code, _) = home.latchkey(&["provider", "--issuer", issuer]).document();
    assert_eq!(code, 0);
    assert!(simulating.child.try_wait().unwrap().is_none());
}

#[test]
fn port_generation_and_latency_are_as_asked_for() {
    let home = Home::new();
    let first = Simulating::start(&home, &["--generation=v1", "--latency-ms=80"]);
    assert_eq!(members(&first.line["issuers"]), ["v1"]);
    let issuer = first.line["issuers"]["v1"].as_str().unwrap().to_owned();
    let (_, document) = home.latchkey(&["provider", "--issuer", &issuer]).document();
    assert!(document["exchanges"][0]["ms"].as_f64().unwrap() >= 80.0, "{document:#}");

    let port = issuer.trim_start_matches("http://127.0.0.1:").split('/').next().unwrap();
    let taken = home.latchkey(&["simulate", "--port", port]).ended();
    assert_eq!((taken.code, taken.stdout.as_str()), (2, ""));
    assert!(taken.stderr.contains("Choose another --port"), "{taken:?}");
    drop(first);
    let second = Simulating::start(&home, &["--port", port]);
    assert!(second.line["issuers"]["v2"].as_str().unwrap().contains(&format!(":{port}/")));
}
