//! What people use instead: npm `openid-client` and `jose` in a Node process that is warm, and curl.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::Failure;

/// The Node process of `bench/peers`. It ends with this value.
pub(crate) struct Node {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Node {
    pub(crate) fn start() -> Result<Self, Failure> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let mut child = Command::new("node")
            .arg("peers.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("node: {error}"))?;
        let requests = child.stdin.take().ok_or("no pipe to node")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe from node")?);
        Ok(Self { child, requests, answers })
    }

    /// One request of `bench/peers/peers.mjs`.
    pub(crate) fn ask(&mut self, ask: &str, mut request: Value) -> Result<Value, Failure> {
        request["ask"] = json!(ask);
        writeln!(self.requests, "{request}")?;
        self.requests.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            return Err(
                "the Node process of bench/peers ended; install its packages: npm ci, in bench/peers".into(),
            );
        }
        let answer: Value = serde_json::from_str(&line)?;
        match answer["error"].as_str() {
            Some(error) => Err(format!("{ask}, in bench/peers: {error}").into()),
            None => Ok(answer),
        }
    }

    /// The milliseconds that a request took there.
    pub(crate) fn time(&mut self, ask: &str, request: Value) -> Result<f64, Failure> {
        self.ask(ask, request)?["ms"].as_f64().ok_or_else(|| "no time from node".into())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds that one start of curl takes for the requests, each given by its arguments.
pub(crate) fn curl(requests: &[Vec<String>]) -> Result<f64, Failure> {
    let mut command = Command::new("curl");
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            command.arg("--next");
        }
        command.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--output", "/dev/null"]);
        command.args(request);
    }
    command.stdin(Stdio::null());
    let began = Instant::now();
    let status = command.status().map_err(|error| format!("curl: {error}"))?;
    let took = began.elapsed();
    if !status.success() {
        return Err(format!("curl: {status}").into());
    }
    Ok(took.as_secs_f64() * 1e3)
}
