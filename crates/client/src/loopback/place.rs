//! Where a redirect URI leads on this computer.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use latchkey_oidc::redirect_uri::RedirectUri;
use tokio::net::TcpListener;
use url::{Host, Url};

use crate::input::{Field, InputProblem};

/// How often another free port is tried, where one of two addresses has it taken.
const TRIES: usize = 16;

/// Why nothing can listen there.
#[derive(Debug, thiserror::Error)]
pub enum PlaceFault {
    /// Not a loopback address.
    #[error("it leads to another place than this computer, where nothing of ours can listen")]
    Elsewhere,
    /// `https`, or a scheme of an app.
    #[error("its scheme is not http: on a loopback address no certificate can be had, and none is needed")]
    Scheme,
    /// Another program, or one that may not be had.
    #[error("port {port} cannot be listened at: {error}")]
    Port {
        /// The port.
        port: u16,
        /// What the system says.
        error: io::Error,
    },
}

impl PlaceFault {
    /// The problem at the field that the redirect URI was typed in.
    #[must_use]
    pub fn at(&self, redirect_uri: &RedirectUri, field: Field) -> InputProblem {
        let remedy = match self {
            Self::Elsewhere | Self::Scheme => {
                "With the system's browser the answer has to come to this computer. Register a loopback redirect URI for \
                 the app, http://127.0.0.1:8080/callback for one, and use that."
            }
            Self::Port { .. } => {
                "Close the program that has the port, or register another one for the app and use that."
            }
        };
        InputProblem::at(field, format!("Nobody can take the answer at “{redirect_uri}”: {self}."), remedy)
    }
}

/// The addresses and the port that a redirect URI leads to.
pub(super) struct Place {
    addresses: Vec<IpAddr>,
    /// `None`: any free one (RFC 8252 §7.3).
    port: Option<u16>,
}

impl Place {
    pub(super) fn of(redirect_uri: &RedirectUri) -> Result<Self, PlaceFault> {
        let url = Url::parse(redirect_uri.as_str()).map_err(|_| PlaceFault::Elsewhere)?;
        let both = || vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) if address.is_loopback() => vec![IpAddr::V4(address)],
            Some(Host::Ipv6(address)) if address.is_loopback() => vec![IpAddr::V6(address)],
            Some(Host::Domain(name)) if name.eq_ignore_ascii_case("localhost") => both(),
            _ => return Err(PlaceFault::Elsewhere),
        };
        if url.scheme() != "http" {
            return Err(PlaceFault::Scheme);
        }
        // `Url` forgets a `:80` that was typed.
        let typed = parts(redirect_uri.as_str()).1.is_some();
        let port = if typed { url.port_or_known_default() } else { None };
        Ok(Self { addresses, port: port.filter(|port| *port != 0) })
    }

    pub(super) fn refused(&self, error: io::Error) -> PlaceFault {
        PlaceFault::Port { port: self.port.unwrap_or_default(), error }
    }

    pub(super) async fn listen(&self) -> Result<Vec<TcpListener>, PlaceFault> {
        let mut tries = if self.port.is_some() { 1 } else { TRIES };
        loop {
            tries -= 1;
            match self.listen_once().await {
                Err(PlaceFault::Port { error, .. }) if error.kind() == ErrorKind::AddrInUse && tries > 0 => {}
                listening => return listening,
            }
        }
    }

    /// Listens at all addresses with one port. An address that this computer does not have is left out; one that
    /// is taken is not, since whoever has it would get the answer.
    async fn listen_once(&self) -> Result<Vec<TcpListener>, PlaceFault> {
        let mut listeners: Vec<TcpListener> = Vec::new();
        let mut port = self.port.unwrap_or_default();
        let mut missing = None;
        for address in &self.addresses {
            match TcpListener::bind((*address, port)).await {
                Ok(listener) => {
                    port = listener.local_addr().map_err(|error| PlaceFault::Port { port, error })?.port();
                    listeners.push(listener);
                }
                Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                    return Err(PlaceFault::Port { port, error });
                }
                Err(error) => missing = Some(error),
            }
        }
        match missing {
            Some(error) if listeners.is_empty() => Err(PlaceFault::Port { port, error }),
            _ => Ok(listeners),
        }
    }

    /// The redirect URI with a port that was found.
    pub(super) fn at_port(&self, redirect_uri: &RedirectUri, port: u16) -> Result<RedirectUri, PlaceFault> {
        if self.port.is_some() {
            return Ok(redirect_uri.clone());
        }
        let (before, _, after) = parts(redirect_uri.as_str());
        RedirectUri::parse(&format!("{before}:{port}{after}")).map_err(|_| PlaceFault::Elsewhere)
    }
}

/// `host:port` as browsers name it in their requests.
pub(super) fn authority(redirect_uri: &RedirectUri) -> String {
    Url::parse(redirect_uri.as_str()).map(|url| url.authority().to_owned()).unwrap_or_default()
}

/// Up to the host, the port, and from the path on.
fn parts(uri: &str) -> (&str, Option<&str>, &str) {
    let start = uri.find("//").map_or(0, |at| at + 2);
    let end = uri[start..].find(['/', '?', '#']).map_or(uri.len(), |at| start + at);
    let (before, after) = uri.split_at(end);
    // An IPv6 address has colons of its own, and ends with a bracket.
    match before[start..].rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (&uri[..start + host.len()], Some(port).filter(|port| !port.is_empty()), after)
        }
        _ => (before, None, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        RedirectUri::parse(text).unwrap()
    }

    #[test]
    fn a_port_is_kept_and_only_a_missing_one_is_filled_in() {
        for (text, port, filled) in [
            ("http://127.0.0.1/cb?a=1", None, "http://127.0.0.1:4321/cb?a=1"),
            ("http://localhost", None, "http://localhost:4321"),
            ("http://localhost:0/cb", None, "http://localhost:4321/cb"),
            ("http://[::1]/cb", None, "http://[::1]:4321/cb"),
            ("http://127.0.0.1:80/cb", Some(80), "http://127.0.0.1:80/cb"),
            ("http://[::1]:8080/cb", Some(8080), "http://[::1]:8080/cb"),
        ] {
            let place = Place::of(&uri(text)).unwrap();
            assert_eq!(place.port, port, "{text}");
            assert_eq!(place.at_port(&uri(text), 4321).unwrap().as_str(), filled);
        }
        assert_eq!(Place::of(&uri("http://localhost/")).unwrap().addresses.len(), 2);
    }

    #[test]
    fn only_a_loopback_address_over_http_is_listened_at() {
        for text in
            ["https://payroll.acme.example/callback", "http://192.168.1.1/cb", "http://localhost.example/cb"]
        {
            assert!(matches!(Place::of(&uri(text)), Err(PlaceFault::Elsewhere)), "{text}");
        }
        assert!(matches!(Place::of(&uri("https://localhost/cb")), Err(PlaceFault::Scheme)));
        assert!(Place::of(&uri("com.example.app:/cb")).is_err());
    }

    #[tokio::test]
    async fn a_port_that_another_program_has_is_not_shared() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = other.local_addr().unwrap().port();
        let taken = Place::of(&uri(&format!("http://localhost:{port}/cb"))).unwrap();
        assert!(matches!(taken.listen().await, Err(PlaceFault::Port { port: named, .. }) if named == port));
    }
}
