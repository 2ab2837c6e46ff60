//! Failures before a request could be sent: name, connection, proxy, TLS.

use std::io;
use std::time::Duration;

use latchkey_oidc::text::{shortened, visible};
use latchkey_oidc::{Problem, ProblemKind};
use rustls::CertificateError;

use super::errors::{has_io, sources};
use super::{Situation, seconds};

impl Situation<'_> {
    pub(super) fn connect_time(&self, limit: Duration) -> Problem {
        match &self.proxy {
            Some(proxy) => Problem::new(
                ProblemKind::Proxy,
                format!("The proxy {proxy} did not connect to {} within {}.", self.server(), seconds(limit)),
                check_proxy_settings(),
            ),
            None => Problem::new(
                ProblemKind::TimedOut,
                format!("No connection to {} within {}.", self.server(), seconds(limit)),
                format!(
                    "Check the network and whether a firewall blocks {}. If this network needs a proxy, set \
                     HTTPS_PROXY and start Latchkey again.",
                    self.server()
                ),
            ),
        }
    }

    pub(super) fn not_connected(&self, error: &reqwest::Error) -> Problem {
        if let Some(proxy) = &self.proxy {
            return self.proxy_failed(proxy, error);
        }
        if error.is_dns() {
            return Problem::new(
                ProblemKind::Dns,
                format!("The name {} is not known.", self.host()),
                "Check the spelling of the issuer (for OneLogin, the subdomain) and that this computer is online. \
                 Names inside a company often resolve only over its VPN.",
            );
        }
        match () {
            () if has_io(error, io::ErrorKind::ConnectionRefused) => Problem::new(
                ProblemKind::ConnectionRefused,
                format!("{} refused the connection: nothing listens there.", self.server()),
                format!(
                    "Check host and port of the issuer ({}), and that the server is running.",
                    self.server()
                ),
            ),
            () if self.request.url.scheme() == "https" && closed_in_handshake(error) => Problem::new(
                ProblemKind::TlsFailed,
                format!("{} closed the connection during the TLS handshake.", self.server()),
                format!(
                    "Check that {} speaks https on this port, and whether a firewall or proxy cuts TLS connections.",
                    self.server()
                ),
            ),
            () => Problem::new(
                ProblemKind::ConnectionFailed,
                format!("No connection to {}. Nothing was sent.", self.server()),
                "Check that this computer is online, and whether a VPN or firewall is in the way.",
            ),
        }
    }

    fn proxy_failed(&self, proxy: &str, error: &reqwest::Error) -> Problem {
        let refused_login = sources(error).any(|source| {
            // The library's type for this is private; its name and Display are all there is.
            source.to_string().contains("proxy authorization required")
        });
        if refused_login {
            return self.proxy_wants_a_login();
        }
        if error.is_dns() {
            return Problem::new(
                ProblemKind::Proxy,
                format!("The name of the proxy {proxy} is not known."),
                check_proxy_settings(),
            );
        }
        match () {
            () if has_io(error, io::ErrorKind::ConnectionRefused) => Problem::new(
                ProblemKind::Proxy,
                format!("The proxy {proxy} refused the connection: nothing listens there."),
                check_proxy_settings(),
            ),
            () => Problem::new(
                ProblemKind::Proxy,
                format!("The proxy {proxy} made no connection to {}.", self.server()),
                format!(
                    "Have the proxy's administrator allow {}, or exempt it with the environment variable NO_PROXY.",
                    self.server()
                ),
            ),
        }
    }

    pub(super) fn tls(&self, error: &rustls::Error) -> Problem {
        let server = self.server();
        let interception = match &self.proxy {
            Some(proxy) => format!(" The connection goes through the proxy {proxy}."),
            None => String::new(),
        };
        let problem = match error {
            rustls::Error::InvalidCertificate(certificate) => match certificate {
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Problem::new(
                    ProblemKind::TlsExpired,
                    format!("The certificate of {server} has expired, or is not valid yet.{interception}"),
                    "Check this computer's date and time. If they are right, the server's administrator must renew \
                     the certificate.",
                ),
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    Problem::new(
                        ProblemKind::TlsWrongHost,
                        format!(
                            "The certificate of {server} was issued for another name{}.{interception}",
                            presented(certificate)
                        ),
                        format!(
                            "Check the host in the issuer ({}). A captive portal or a proxy may also answer in its place.",
                            self.host()
                        ),
                    )
                }
                CertificateError::UnknownIssuer => self.unknown_issuer(&interception),
                _ if is_own_issuer(certificate) => self.unknown_issuer(&interception),
                CertificateError::Revoked => Problem::new(
                    ProblemKind::TlsFailed,
                    format!("The certificate of {server} was revoked.{interception}"),
                    "Do not sign in there. The server's administrator must install a new certificate.",
                ),
                _ => Problem::new(
                    ProblemKind::TlsFailed,
                    format!("The certificate of {server} cannot be used.{interception}"),
                    "The server's administrator must install a certificate that browsers accept.",
                ),
            },
            rustls::Error::InvalidMessage(_) => Problem::new(
                ProblemKind::TlsFailed,
                format!(
                    "{server} does not speak TLS: it answered something else, perhaps plain http.{interception}"
                ),
                format!("Check the port in the issuer ({server}); https is usually on 443."),
            ),
            _ => Problem::new(
                ProblemKind::TlsFailed,
                format!("The TLS handshake with {server} failed.{interception}"),
                "The server must offer TLS 1.2 or 1.3 with current ciphers; its administrator can tell. A firewall \
                 that inspects TLS may also be in the way.",
            ),
        };
        problem.with_description(&error.to_string())
    }

    fn unknown_issuer(&self, interception: &str) -> Problem {
        let remedy = match self.extra_ca_file {
            None => "If your company issues its own certificates or inspects TLS, choose the PEM file of its \
                     certificate authority under Settings › Extra CA file, or install it in this computer's trust store."
                .to_owned(),
            Some(path) => format!(
                "The authorities in {} (Settings › Extra CA file) did not issue it either. Ask the server's \
                 administrator which authority did, and choose its PEM file.",
                path.display()
            ),
        };
        Problem::new(
            ProblemKind::TlsUnknownIssuer,
            format!(
                "The certificate of {} was not issued by an authority that this computer trusts; it may be \
                 self-signed.{interception}",
                self.server()
            ),
            remedy,
        )
    }
}

fn check_proxy_settings() -> &'static str {
    "Check the proxy settings of this computer and the environment variables HTTPS_PROXY and ALL_PROXY. To reach the \
     provider without the proxy, add its host to NO_PROXY. Then start Latchkey again."
}

fn presented(error: &CertificateError) -> String {
    match error {
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let names: Vec<&str> = presented.iter().map(|name| bare_name(name)).collect();
            format!(" ({})", visible(&shortened(&names.join(", "), 200)))
        }
        _ => String::new(),
    }
}

/// The library gives names as it prints them for debugging: `DnsName("login.example.com")`.
fn bare_name(name: &str) -> &str {
    name.split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .map_or(name, |name| name.trim_matches('"'))
}

/// A self-signed certificate that is marked as an authority is refused under another name.
fn is_own_issuer(error: &CertificateError) -> bool {
    let CertificateError::Other(other) = error else { return false };
    matches!(other.0.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn closed_in_handshake(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    [UnexpectedEof, ConnectionReset, ConnectionAborted].into_iter().any(|kind| has_io(error, kind))
}
