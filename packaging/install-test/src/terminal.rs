//! The command line as the user has it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use latchkey_packaging::{Error, Result};
use serde_json::Value;

use crate::session::{Session, failed, text};

/// Runs the demo tenant and signs in to it; one line on how that went.
pub(crate) fn sign_in(session: &Session<'_>) -> Result<String> {
    let mut tenant = session.command("latchkey");
    tenant.args(["simulate", "--until-stdin-closes"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut tenant = session.start_child(&mut tenant)?;
    let mut facts = String::new();
    if let Some(output) = tenant.stdout.take() {
        BufReader::new(output).read_line(&mut facts).map_err(|error| failed("latchkey simulate", &error))?;
    }
    let facts = json(&facts)?;
    let issuer = facts["issuers"]["v2"].as_str().unwrap_or_default();
    let public =
        facts["clients"].as_array().into_iter().flatten().find(|client| client["auth_method"] == "none");
    let client = public.and_then(|client| client["client_id"].as_str()).unwrap_or_default();

    let mut command = session.command("latchkey");
    command.args(["sign-in", "password", "--issuer", issuer, "--client-id", client, "--auth-method", "none"]);
    command.args(["--username", "peggy.sue", "--password-stdin", "--json"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut run = session.start_child(&mut command)?;
    if let Some(mut input) = run.stdin.take() {
        input.write_all(b"demo-peggy\n").map_err(|error| failed("latchkey sign-in", &error))?;
    }
    let output = run.wait_with_output().map_err(|error| failed("latchkey sign-in", &error))?;
    drop(tenant.stdin.take());
    tenant.wait().map_err(|error| failed("latchkey simulate", &error))?;
    judged(&text("latchkey sign-in", &output)?)
}

/// The connection that the window saved is there for the command line as well; one line on it.
pub(crate) fn sees_the_connection(session: &Session<'_>) -> Result<String> {
    let list = session.run("latchkey", &["connection", "list"])?;
    let line = list.lines().find(|line| line.contains("Demo tenant"));
    line.map(|line| line.trim().to_owned())
        .ok_or_else(|| Error::unfit(format!("no Demo tenant in the list: {list}")))
}

fn judged(report: &str) -> Result<String> {
    let report = json(report)?;
    let findings = report["findings"].as_array().map(Vec::len).unwrap_or_default();
    if report["outcome"] != "signed_in" || findings == 0 {
        return Err(Error::unfit(format!("not signed in: {report:#}")));
    }
    Ok(format!("signed in, with {findings} checks"))
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::unfit(format!("{error} in: {text}")))
}
