//! Failures on the way there: four different messages (H-20). TLS faults are with the transport's own tests.

use latchkey_client::input::ConnectionDraft;
use latchkey_client::report::Outcome;
use latchkey_oidc::ProblemKind;
use latchkey_simulator::{ClientRole, Generation, UserRole};
use support::flows::{Flow, OFFLINE, assert_problem, problem, sent};

/// Signs in with an issuer that cannot be reached.
async fn unreachable(issuer: &str) -> (Flow, std::sync::Arc<latchkey_client::report::SignInReport>) {
    let flow = Flow::start().await;
    let draft =
        ConnectionDraft { issuer: issuer.to_owned(), ..flow.draft(Generation::V2, ClientRole::Basic) };
    let connection = flow.saved(draft).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_eq!(report.outcome, Outcome::NetworkError);
    assert_eq!(sent(&report).len(), 1);
    assert_eq!(flow.requests().total(), 0);
    flow.assert_nothing_kept(&connection).await;
    (flow, report)
}

#[tokio::test]
async fn h20_refused() {
    // Bound and let go: nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_flow, report) = unreachable(&format!("http://127.0.0.1:{port}/oidc/2")).await;
    assert_problem(&report, ProblemKind::ConnectionRefused, &format!("127.0.0.1:{port}"), "");
    assert!(!problem(&report).remedy.is_empty());
}

#[tokio::test]
async fn h20_a_name_that_does_not_resolve() {
    let (_flow, report) = unreachable("https://no-such-tenant.invalid/oidc/2").await;
    assert_problem(&report, ProblemKind::Dns, "no-such-tenant.invalid", "");
    assert!(!problem(&report).remedy.is_empty());
}

#[tokio::test]
async fn h20_plain_http_where_tls_is_due() {
    let flow = Flow::start().await;
    let issuer = flow.simulator.issuer(Generation::V2).replace("http://", "https://");
    let (_other, report) = unreachable(&issuer).await;
    assert_problem(&report, ProblemKind::TlsFailed, "127.0.0.1", "");
    assert_eq!(flow.requests().total(), 0);
}

#[tokio::test]
async fn h20_what_is_not_http_at_all() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(b"500 what is a GET?\r\n").await;
        }
    });
    let flow = Flow::start().await;
    let draft = ConnectionDraft {
        issuer: format!("http://127.0.0.1:{port}"),
        ..flow.draft(Generation::V2, ClientRole::Basic)
    };
    let connection = flow.saved(draft).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, OFFLINE).await;
    assert_problem(&report, ProblemKind::Malformed, "not HTTP", "Check host and port");
    server.abort();
}
