//! Whom to trust: the system's certificate authorities, and those of the user's and the policy's file besides.

use std::path::Path;
use std::sync::Arc;

use latchkey_oidc::{Problem, ProblemKind};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// TLS 1.2 and 1.3, the system's trust store and, where given, the authorities of the user's and the policy's PEM file.
///
/// Built here instead of by reqwest because its way of adding authorities does not exist on macOS.
pub(super) fn client_config(extra: Option<&Path>, policy: Option<&Path>) -> Result<ClientConfig, Problem> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let system =
        rustls_platform_verifier::Verifier::new(provider.clone()).map_err(|error| no_trust_store(&error))?;
    let mut roots = RootCertStore::empty();
    for file in extra.map(File::Users).into_iter().chain(policy.map(File::Policys)) {
        file.add_to(&mut roots)?;
    }
    let verifier: Arc<dyn ServerCertVerifier> = match extra.or(policy) {
        None => Arc::new(system),
        Some(path) => {
            let extra = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
                .build()
                .map_err(|error| File::Users(path).not_usable(&error.to_string()))?;
            Arc::new(SystemOrExtra { system: Arc::new(system), extra })
        }
    };
    let mut config = ClientConfig::builder_with_provider(provider as Arc<CryptoProvider>)
        .with_safe_default_protocol_versions()
        .map_err(|error| no_trust_store(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A file of authorities, by who chose it.
#[derive(Clone, Copy)]
enum File<'a> {
    Users(&'a Path),
    Policys(&'a Path),
}

impl File<'_> {
    fn path(&self) -> &Path {
        match self {
            Self::Users(path) | Self::Policys(path) => path,
        }
    }

    fn add_to(self, roots: &mut RootCertStore) -> Result<(), Problem> {
        let pem = std::fs::read(self.path()).map_err(|error| {
            let remedy = match self {
                Self::Users(_) => "Choose another file under Settings › Extra CA file, or clear the setting.",
                Self::Policys(_) => POLICYS,
            };
            self.problem("cannot be read", remedy, &error.to_string())
        })?;
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| self.not_usable(&error.to_string()))?;
            roots.add(certificate).map_err(|error| self.not_usable(&error.to_string()))?;
        }
        if roots.len() == before {
            return Err(self.not_usable("no CERTIFICATE section found"));
        }
        Ok(())
    }

    fn not_usable(self, detail: &str) -> Problem {
        let remedy = match self {
            Self::Users(_) => {
                "Export the authority's certificate as PEM (Base64, “-----BEGIN CERTIFICATE-----”) and choose that file \
                 under Settings › Extra CA file, or clear the setting."
            }
            Self::Policys(_) => POLICYS,
        };
        self.problem("holds no usable certificate", remedy, detail)
    }

    fn problem(self, what: &str, remedy: &str, detail: &str) -> Problem {
        let path = self.path().display();
        Problem::new(
            ProblemKind::Configuration,
            format!("The file with extra certificate authorities, {path}, {what}."),
            remedy,
        )
        .with_description(detail)
    }
}

const POLICYS: &str = "This computer's policy names it: whoever manages this computer can mend it.";

fn no_trust_store(error: &Error) -> Problem {
    Problem::new(
        ProblemKind::Configuration,
        "This computer's store of trusted certificate authorities cannot be used.",
        "Install the system's CA certificates (the package ca-certificates on Debian), then start Latchkey again.",
    )
    .with_description(&error.to_string())
}

/// Expired, or for another name: nothing about who issued it.
fn is_about_the_certificate(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
                | CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. }
        )
    )
}

/// The system decides; what it refuses may still be signed by an authority of the file.
#[derive(Debug)]
struct SystemOrExtra {
    system: Arc<dyn ServerCertVerifier>,
    extra: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for SystemOrExtra {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by_system =
            self.system.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        by_system.or_else(|refused| {
            let by_file =
                self.extra.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
            // Says more than "unknown issuer" where the file's authority did issue it.
            by_file.map_err(|error| if is_about_the_certificate(&error) { error } else { refused })
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.extra.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.extra.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.extra.supported_verify_schemes()
    }
}
