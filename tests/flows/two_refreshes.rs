//! Two refreshes at once, and a process that dies in the middle of one (H-23).
//!
//! Other processes are this test program, started again with [`as_a_second_process`] alone.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_client::connection::Connection;
use latchkey_client::keychain::Keychain;
use latchkey_client::transport::Limits;
use latchkey_oidc::{ProblemKind, Secret};
use latchkey_simulator::Options;
use support::flows::{Flow, Setup, assert_problem, assert_signed_in, open};
use support::keychains::{Crash, FileKeychain};
use tokio_util::sync::CancellationToken;

use crate::in_browser::signed_in_with_code;

const LATENCY: Duration = Duration::from_millis(150);

fn file_keychain(folder: &Path, crash: Crash) -> Keychain {
    let store = FileKeychain { folder: folder.to_owned(), crash };
    Keychain::new(Arc::new(store), Duration::from_secs(5))
}

/// A tenant that takes its time, so that two refreshes would overlap, and a keychain for several processes.
async fn shared() -> (Flow, tempfile::TempDir) {
    let keychain = tempfile::tempdir().unwrap();
    let setup = Setup {
        options: Options { latency: LATENCY, ..Options::default() },
        keychain: file_keychain(keychain.path(), Crash::Never),
        ..Setup::default()
    };
    (Flow::with(setup).await, keychain)
}

/// How the session began that is refreshed.
#[derive(Debug, Clone, Copy)]
enum Began {
    WithPassword,
    WithCode,
}

impl Began {
    const ALL: [Self; 2] = [Self::WithPassword, Self::WithCode];

    /// Signs in and returns the refresh token.
    async fn signed_in(self, flow: &Flow, connection: &Connection) -> Secret {
        match self {
            Self::WithPassword => flow.signed_in(connection).await,
            Self::WithCode => signed_in_with_code(flow, connection).await,
        }
    }
}

fn second_process(flow: &Flow, keychain: &Path, connection_id: &str, crash: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["two_refreshes::as_a_second_process", "--exact", "--nocapture"])
        .env("LATCHKEY_TEST_CONFIG", flow.folder())
        .env("LATCHKEY_TEST_KEYCHAIN", keychain)
        .env("LATCHKEY_TEST_CONNECTION", connection_id)
        .env("LATCHKEY_TEST_CRASH", crash)
        .env("LATCHKEY_TEST_GO", keychain.join("go"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A process that stands at the line.
struct AtTheLine {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl AtTheLine {
    /// Waits until it says so.
    fn wait(mut child: Child) -> Self {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "the second process ended early");
        }
        Self { child, output }
    }

    /// What it printed from there on; it must have ended well.
    fn said(mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "the second process failed");
        rest
    }
}

/// Does nothing unless another test of this file started it.
#[tokio::test]
async fn as_a_second_process() {
    let variable = |name: &str| std::env::var_os(format!("LATCHKEY_TEST_{name}"));
    let Some(folder) = variable("CONFIG") else { return };
    let crash = match variable("CRASH").unwrap().to_str().unwrap() {
        "before" => Crash::BeforeWriting,
        "after" => Crash::AfterWriting,
        _ => Crash::Never,
    };
    let keychain = file_keychain(Path::new(&variable("KEYCHAIN").unwrap()), crash);
    let client = open(Path::new(&folder), &keychain, &Limits::default());
    let connection = client.connection(variable("CONNECTION").unwrap().to_str().unwrap()).await.unwrap();
    let go = variable("GO").unwrap();
    println!("ready");
    let began = Instant::now();
    while !Path::new(&go).exists() && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let report = client.refresh(&connection, None, CancellationToken::new(), &|_| {}).await.unwrap();
    let requests = report.exchanges.iter().filter(|exchange| exchange.url.ends_with("/token")).count();
    println!("outcome {:?} after {requests} token request", report.outcome);
}

#[tokio::test]
async fn h23_two_refreshes_in_one_process_each_use_a_token_of_their_own() {
    let (flow, _keychain) = shared().await;
    let connection = flow.v2().await;
    signed_in_with_code(&flow, &connection).await;
    let before = flow.requests();
    let (one, two, three) =
        tokio::join!(flow.refresh(&connection), flow.refresh(&connection), flow.refresh(&connection));
    let mut fingerprints: Vec<String> = [one, two, three]
        .iter()
        .map(|report| {
            assert_signed_in(report);
            report.tokens.refresh_token.as_ref().unwrap().fingerprint.clone()
        })
        .collect();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 3, "a token was handed out twice");
    assert_eq!(flow.requests().token, before.token + 3);
    // A reuse would have ended the whole family.
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

#[tokio::test]
async fn h23_two_refreshes_of_a_token_in_memory_each_use_a_token_of_their_own() {
    let (flow, _keychain) = shared().await;
    let connection = flow.v2().await;
    let mut typed = flow.typed(latchkey_simulator::UserRole::PeggySue, support::flows::OFFLINE);
    typed.keep = latchkey_client::client::Keep::SessionOnly;
    assert_signed_in(flow.submit(&connection, typed).await.as_ref());
    let (one, two) = tokio::join!(flow.refresh(&connection), flow.refresh(&connection));
    assert_signed_in(&one);
    assert_signed_in(&two);
    assert_signed_in(flow.refresh(&connection).await.as_ref());
    assert_eq!(flow.stored(&connection).await, None);
}

#[tokio::test]
async fn h23_two_processes_each_use_a_token_of_their_own() {
    for began in Began::ALL {
        let (flow, keychain) = shared().await;
        let connection = flow.v2().await;
        began.signed_in(&flow, &connection).await;
        let before = flow.requests();

        let children: Vec<Child> =
            (0..3).map(|_| second_process(&flow, keychain.path(), &connection.id, "never")).collect();
        let children: Vec<AtTheLine> = children.into_iter().map(AtTheLine::wait).collect();
        std::fs::write(keychain.path().join("go"), "").unwrap();
        let here = flow.refresh(&connection).await;
        assert_signed_in(&here);
        let told =
            tokio::task::spawn_blocking(|| children.into_iter().map(AtTheLine::said).collect::<Vec<_>>());
        for told in told.await.unwrap() {
            assert!(told.contains("outcome SignedIn after 1 token request"), "{began:?}: {told}");
        }

        assert_eq!(flow.requests().token, before.token + 4);
        assert_signed_in(flow.refresh(&connection).await.as_ref());
    }
}

#[tokio::test]
async fn h23_another_process_that_holds_on_is_named_and_nothing_is_sent() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    flow.signed_in(&connection).await;
    let held = flow.client.store().refresh_lock(&connection.id, Duration::from_secs(1)).await.unwrap();
    let before = flow.requests();
    let cancel = CancellationToken::new();
    let waiting = flow.client.refresh(&connection, None, cancel.clone(), &|_| {});
    let (result, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    assert_eq!(result.unwrap_err().problem.kind, ProblemKind::Cancelled);
    assert_eq!(flow.requests(), before);
    drop(held);
    assert_signed_in(flow.refresh(&connection).await.as_ref());
}

/// Runs a refresh in a process that dies at its keychain write.
async fn crash(flow: &Flow, keychain: &Path, connection_id: &str, when: &str) {
    std::fs::write(keychain.join("go"), "").unwrap();
    let mut child = second_process(flow, keychain, connection_id, when);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(!status.success(), "the process was to die");
}

#[tokio::test]
async fn h23_a_crash_after_the_rotated_token_was_written_loses_nothing() {
    for began in Began::ALL {
        let (mut flow, keychain) = shared().await;
        let connection = flow.v2().await;
        let old = began.signed_in(&flow, &connection).await;
        crash(&flow, keychain.path(), &connection.id, "after").await;
        assert!(flow.stored(&connection).await.unwrap() != old);
        // As whoever starts the program again: nothing is in memory, and the lock went with the process.
        flow.restart();
        let began_at = Instant::now();
        assert_signed_in(flow.refresh(&connection).await.as_ref());
        let waited = began_at.elapsed();
        assert!(waited < Duration::from_secs(5), "{began:?}: waited for a lock that nobody holds");
    }
}

/// The one gap that no client can close: the provider has used the old token up, and the new one is nowhere.
#[tokio::test]
async fn h23_a_crash_before_the_rotated_token_was_written_is_explained_at_the_next_refresh() {
    for began in Began::ALL {
        let (mut flow, keychain) = shared().await;
        let connection = flow.v2().await;
        let old = began.signed_in(&flow, &connection).await;
        let before = flow.requests();
        crash(&flow, keychain.path(), &connection.id, "before").await;
        let asked = flow.requests().userinfo - before.userinfo;
        assert_eq!(asked, 0, "{began:?}: something was sent before the token was stored");
        assert_eq!(
            flow.stored(&connection).await,
            Some(old),
            "the old one stays until the new one is written"
        );
        flow.restart();
        let report = flow.refresh(&connection).await;
        assert_problem(&report, ProblemKind::OauthError, "used before", "Sign in again");
        began.signed_in(&flow, &connection).await;
        assert_signed_in(flow.refresh(&connection).await.as_ref());
    }
}
