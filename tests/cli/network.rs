//! What goes wrong on the way: exit code 4, and which of the ways it was.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_simulator::{AnswerFault, Faults};
use serde_json::{Value, json};

use crate::harness::{Home, Tenant};

/// A server that does this with each connection.
fn raw(serve: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(&serve));
    port
}

fn provider(home: &Home, issuer: &str) -> (i32, Value) {
    home.latchkey(&["provider", "--issuer", issuer]).document()
}

#[test]
fn h20_a_refused_and_a_broken_connection_exit_with_4() {
    let home = Home::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, document) = provider(&home, &format!("http://127.0.0.1:{free}"));
    assert_eq!((code, &document["error"]["kind"]), (4, &json!("connection_refused")), "{document:#}");
    assert_eq!(document["outcome"], "network_error");
    assert!(!document["error"]["remedy"].as_str().unwrap().is_empty());
    assert_eq!(document["exchanges"][0]["status"], json!(null));

    let port = raw(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    });
    let (code, document) = provider(&home, &format!("http://127.0.0.1:{port}"));
    assert_eq!((code, &document["outcome"]), (4, &json!("network_error")), "{document:#}");
}

#[test]
fn h19_a_connection_lost_after_the_request_is_an_unknown_outcome() {
    let tenant = Tenant::faulty(Faults { token: Some(AnswerFault::Drop), ..Faults::default() });
    let home = Home::new();
    let (code, document) = tenant.peggy(&home).document();
    assert_eq!((code, &document["error"]["kind"]), (4, &json!("outcome_unknown")), "{document:#}");
    assert_eq!(tenant.simulator.requests().token, 1, "a password is never sent twice");
    assert!(tenant.peggy(&home).ended().stdout.starts_with("The connection broke: the outcome is unknown"));
}

#[test]
fn h16_an_answer_beyond_the_bounds_exits_with_4() {
    let fault = AnswerFault::GzipBomb { bytes: 64 * 1024 * 1024 };
    let tenant = Tenant::faulty(Faults { token: Some(fault), ..Faults::default() });
    let (code, document) = tenant.peggy(&Home::new()).document();
    assert_eq!((code, &document["error"]["kind"]), (4, &json!("too_large")), "{document:#}");
}

#[test]
fn h20_an_unknown_authority_is_told_and_a_ca_file_mends_it_for_one_run() {
    let home = Home::new();
    let (port, authority) = https();
    let issuer = format!("https://127.0.0.1:{port}");
    let (code, document) = provider(&home, &issuer);
    assert_eq!((code, &document["error"]["kind"]), (4, &json!("tls_unknown_issuer")), "{document:#}");
    assert!(document["error"]["remedy"].as_str().unwrap().ends_with("Here: --ca-file PATH"), "{document:#}");

    let file = home.config().with_extension("pem");
    std::fs::write(&file, authority).unwrap();
    let trusting =
        || home.latchkey(&["provider", "--issuer", &issuer, "--ca-file"]).argument(file.to_str().unwrap());
    let (_, document) = trusting().document();
    // The server knows no provider, but it was reached.
    assert_eq!(document["error"]["http_status"], 404, "{document:#}");
    assert_eq!(provider(&home, &issuer).0, 4, "the file was for one run");
}

/// A server that answers 404 to everything, and the authority of its certificate.
fn https() -> (u16, String) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .await;
                let _ = stream.shutdown().await;
            }
        });
    });
    (receive.recv().unwrap(), authority.pem())
}

#[test]
#[cfg(unix)]
fn ctrl_c_ends_a_run_with_4_and_the_document_is_printed_all_the_same() {
    for signal in ["INT", "TERM"] {
        let (home, tenant) =
            (Home::new(), Tenant::faulty(Faults { token: Some(AnswerFault::Silence), ..Faults::default() }));
        let mut command = tenant.peggy(&home).argument("--json").command;
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"demo-peggy\n").unwrap();
        let started = Instant::now();
        while tenant.simulator.requests().token == 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "the token request was not sent");
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id();
        let status = std::process::Command::new("sh").args(["-c", &format!("kill -{signal} {id}")]).status();
        assert!(status.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert!(started.elapsed() < Duration::from_secs(12));
        assert_eq!(output.status.code(), Some(4));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&document["outcome"], &document["error"]["kind"]),
            (&json!("network_error"), &json!("cancelled"))
        );
    }
}
