//! H-20: names, ports and certificates that are wrong, each with a message of its own; the extra CA file.

use std::path::PathBuf;
use std::sync::Arc;

use latchkey_client::recorder::Recorder;
use latchkey_client::transport::{Transport, TransportOptions};
use latchkey_oidc::{Problem, ProblemKind};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::{Peer, Server, get, post, send, serve, serve_tls, small, transport};

/// A certificate authority and its PEM file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A server's set-up with a certificate of this authority.
    pub(crate) fn config(&self, names: &[&str]) -> rustls::ServerConfig {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &self.issuer).unwrap();
        config(certificate.der().to_vec(), &key)
    }

    /// A server with a certificate of this authority.
    async fn server(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Server {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        https(certificate.der().to_vec(), &key).await
    }
}

fn config(certificate: Vec<u8>, key: &KeyPair) -> rustls::ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key.serialize_der().try_into().unwrap())
        .unwrap()
}

async fn https(certificate: Vec<u8>, key: &KeyPair) -> Server {
    let config = config(certificate, key);
    serve_tls(Arc::new(config), |mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json("{}").await;
        }
    })
    .await
}

pub(crate) fn trusting(file: PathBuf) -> Result<Transport, Problem> {
    Transport::new(TransportOptions {
        extra_ca_file: Some(file),
        limits: small(),
        ..TransportOptions::default()
    })
}

#[tokio::test]
async fn an_extra_ca_file_is_trusted_and_the_certificate_recorded() {
    let authority = Authority::new();
    let server = authority.server(&["127.0.0.1"], |_| {}).await;
    let (transport, recorder) = (trusting(authority.file()).unwrap(), Recorder::new());
    for path in ["/first", "/second"] {
        transport.send(&get(server.url(path)), &recorder, &CancellationToken::new()).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    for exchange in recorder.exchanges() {
        let fingerprint = exchange.tls.unwrap().certificate_fingerprint;
        assert_eq!(fingerprint.len(), "sha256:".len() + 64);
        assert_eq!(exchange.version.as_deref(), Some("HTTP/1.1"));
    }
}

#[tokio::test]
async fn the_policys_authorities_are_trusted_beside_the_users_own() {
    let (own, managed) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let text = serde_json::json!({"version": 1, "extra_ca_file": managed.file()}).to_string();
    std::fs::write(&file, text).unwrap();
    let policy = Arc::new(latchkey_client::policy::Policy::read(&file).unwrap());
    let both = Transport::new(policy.transport_options(Some(own.file()))).unwrap();
    let alone = Transport::new(policy.transport_options(None)).unwrap();
    let (by_own, by_managed) =
        (own.server(&["127.0.0.1"], |_| {}).await, managed.server(&["127.0.0.1"], |_| {}).await);
    assert_eq!(send(&both, &get(by_own.url("/"))).await.unwrap().status, 200);
    assert_eq!(send(&both, &get(by_managed.url("/"))).await.unwrap().status, 200);
    assert_eq!(send(&alone, &get(by_managed.url("/"))).await.unwrap().status, 200);
    assert_eq!(send(&alone, &get(by_own.url("/"))).await.unwrap_err().kind, ProblemKind::TlsUnknownIssuer);

    // Without it nothing is sent at all: who set it would believe that it holds.
    std::fs::write(managed.file(), "no certificate").unwrap();
    let Err(problem) = Transport::new(policy.transport_options(Some(own.file()))) else { panic!("skipped") };
    assert!(problem.remedy.contains("policy"), "{}", problem.remedy);
}

#[tokio::test]
async fn h20_a_certificate_of_an_unknown_authority_is_told_apart() {
    let server = Authority::new().server(&["127.0.0.1"], |_| {}).await;
    let problem = send(&transport(small()), &post(server.url("/token"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TlsUnknownIssuer);
    assert!(problem.explanation.contains(&server.address.to_string()), "{}", problem.explanation);
    assert!(problem.remedy.contains("Extra CA file"), "{}", problem.remedy);
    assert_eq!(server.requests().len(), 0);

    let another = Authority::new();
    let problem = send(&trusting(another.file()).unwrap(), &get(server.url("/"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TlsUnknownIssuer);
    assert!(problem.remedy.contains("ca.pem"), "{}", problem.remedy);
}

#[tokio::test]
async fn h20_self_signed_certificates_are_told_apart_with_and_without_a_ca_mark() {
    for is_ca in [IsCa::NoCa, IsCa::ExplicitNoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let server = https(params.self_signed(&key).unwrap().der().to_vec(), &key).await;
        for transport in [transport(small()), trusting(Authority::new().file()).unwrap()] {
            let problem = send(&transport, &post(server.url("/token"))).await.unwrap_err();
            assert_eq!(problem.kind, ProblemKind::TlsUnknownIssuer, "{is_ca:?}: {problem:?}");
            assert!(problem.explanation.contains("self-signed"), "{}", problem.explanation);
        }
        assert_eq!(server.requests().len(), 0);
    }
}

#[tokio::test]
async fn h20_an_expired_certificate_is_told_apart_and_one_not_yet_valid() {
    let authority = Authority::new();
    let transport = trusting(authority.file()).unwrap();
    for (from, until) in [(2020, 2021), (2120, 2121)] {
        let server = authority
            .server(&["127.0.0.1"], |params| {
                params.not_before = date_time_ymd(from, 1, 1);
                params.not_after = date_time_ymd(until, 1, 1);
            })
            .await;
        let problem = send(&transport, &post(server.url("/token"))).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::TlsExpired);
        assert!(problem.remedy.contains("date and time"), "{}", problem.remedy);
        assert_eq!(server.requests().len(), 0);
    }
}

#[tokio::test]
async fn h20_a_certificate_for_another_host_is_told_apart() {
    let authority = Authority::new();
    let server = authority.server(&["login.example.com"], |_| {}).await;
    let problem = send(&trusting(authority.file()).unwrap(), &post(server.url("/token"))).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TlsWrongHost);
    assert!(problem.explanation.ends_with("another name (login.example.com)."), "{}", problem.explanation);
    assert!(problem.remedy.contains("127.0.0.1"), "{}", problem.remedy);
}

#[tokio::test]
async fn h20_plain_http_on_an_https_url_is_told_apart() {
    let server = serve(|mut peer: Peer| async move {
        peer.answer("400 Bad Request", "", "this is plain http").await;
        peer.wait_for_end().await;
    })
    .await;
    let url = format!("https://{}/", server.address).parse().unwrap();
    let problem = send(&transport(small()), &get(url)).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TlsFailed);
    assert!(problem.explanation.contains("does not speak TLS"), "{}", problem.explanation);
}

#[tokio::test]
async fn h20_a_server_that_hangs_up_or_stays_silent_in_the_handshake_is_told_apart() {
    let hangs_up = serve(|_| async {}).await;
    let url = format!("https://{}/", hangs_up.address).parse().unwrap();
    let problem = send(&transport(small()), &post(url)).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TlsFailed);

    let silent = serve(|mut peer: Peer| async move { peer.wait_for_end().await }).await;
    let url = format!("https://{}/", silent.address).parse().unwrap();
    let problem = send(&transport(small()), &post(url)).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::TimedOut);
    assert!(problem.explanation.contains("within 1.5 s"), "{}", problem.explanation);
}

#[tokio::test]
async fn h20_an_unknown_name_is_told_apart() {
    let problem = send(&transport(small()), &post("https://tenant.onelogin.invalid/".parse().unwrap()))
        .await
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Dns);
    assert!(problem.explanation.contains("tenant.onelogin.invalid"), "{}", problem.explanation);
    assert!(problem.remedy.contains("subdomain"), "{}", problem.remedy);
}

#[tokio::test]
async fn h20_a_refused_connection_is_told_apart() {
    let unused = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let problem =
        send(&transport(small()), &post(format!("http://{unused}/").parse().unwrap())).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::ConnectionRefused);
    assert!(problem.explanation.contains(&unused.to_string()), "{}", problem.explanation);
    assert!(problem.remedy.contains("port"), "{}", problem.remedy);
}

#[test]
fn an_extra_ca_file_that_is_missing_or_no_certificate_is_a_configuration_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.pem"), "this is no certificate").unwrap();
    std::fs::write(path("empty.pem"), "").unwrap();
    std::fs::write(path("broken.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    std::fs::write(path("cut.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
    std::fs::write(path("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    std::fs::write(path("binary.der"), [0x30, 0x82, 0xff, 0x00]).unwrap();
    for name in ["missing.pem", "text.pem", "empty.pem", "broken.pem", "cut.pem", "key.pem", "binary.der", ""]
    {
        let Err(problem) = trusting(path(name)) else { panic!("{name} was accepted") };
        assert_eq!(problem.kind, ProblemKind::Configuration, "{name}");
        assert!(problem.explanation.contains(folder.path().to_str().unwrap()), "{}", problem.explanation);
        assert!(problem.remedy.contains("Extra CA file"), "{}", problem.remedy);
    }
}
