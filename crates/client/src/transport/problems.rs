//! Failures on the way, told apart by the types of the errors behind them, with cause and remedy.

use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::time::Duration;

use latchkey_oidc::http::{HttpRequest, Method};
use latchkey_oidc::text::{shortened, visible};
use latchkey_oidc::{Problem, ProblemKind};
use rustls::CertificateError;

use super::Limits;

/// What is known about a request that failed.
pub(super) struct Situation<'a> {
    pub(super) request: &'a HttpRequest,
    /// `host:port` of the proxy in between.
    pub(super) proxy: Option<String>,
    pub(super) extra_ca_file: Option<&'a Path>,
    pub(super) may_have_been_sent: bool,
}

impl Situation<'_> {
    /// The server of the request, `host:port`.
    fn server(&self) -> String {
        let url = &self.request.url;
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) => visible(&format!("{host}:{port}")),
            _ => visible(url.as_str()),
        }
    }

    fn host(&self) -> String {
        visible(self.request.url.host_str().unwrap_or_default())
    }

    /// Who is at the other end of the connection, for people.
    fn peer(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("{} (through the proxy {proxy})", self.server()),
            None => self.server(),
        }
    }

    /// A repeated password or refresh POST may do harm: say so where it may have arrived.
    fn aftermath(&self) -> &'static str {
        if self.request.method == Method::Post && self.may_have_been_sent {
            " The request may have reached the provider: whether it was acted upon is not known."
        } else {
            ""
        }
    }

    pub(super) fn cancelled(&self) -> Problem {
        Problem::new(
            ProblemKind::Cancelled,
            format!("Stopped while {} was being asked.{}", self.server(), self.aftermath()),
            "Run it again when you are ready.",
        )
    }

    pub(super) fn total_time(&self, limit: Duration) -> Problem {
        Problem::new(
            ProblemKind::TimedOut,
            format!(
                "The exchange with {} was not complete after {}.{}",
                self.peer(),
                seconds(limit),
                self.aftermath()
            ),
            format!(
                "Try again. If it stays slow, look at the provider's status page, and whether a proxy or firewall \
                 slows down {}.",
                self.server()
            ),
        )
    }

    pub(super) fn silence(&self, limit: Duration) -> Problem {
        Problem::new(
            ProblemKind::TimedOut,
            format!("{} sent nothing for {}.{}", self.peer(), seconds(limit), self.aftermath()),
            format!(
                "Try again. If it stays silent, look at the provider's status page, and whether a proxy or firewall \
                 holds back {}.",
                self.server()
            ),
        )
    }

    pub(super) fn head_too_large(&self, limit: usize) -> Problem {
        Problem::new(
            ProblemKind::TooLarge,
            format!(
                "{} answered with more headers than Latchkey takes ({} kB).",
                self.server(),
                limit / 1024
            ),
            format!(
                "This is no usual answer of a provider. Check that {} is the right server and that no proxy adds \
                 headers.",
                self.server()
            ),
        )
    }

    pub(super) fn body_too_large(&self, limit: usize) -> Problem {
        Problem::new(
            ProblemKind::TooLarge,
            format!(
                "{} sent more than {} kB (counted after decompression); the rest was not read.",
                self.server(),
                limit / 1024
            ),
            format!(
                "Check that {} is the right address. If the answer lists very many groups or claims, have the \
                 provider send fewer.",
                visible(&without_query(&self.request.url))
            ),
        )
    }

    pub(super) fn redirect(&self, status: u16, location: &str) -> Problem {
        Problem::new(
            ProblemKind::Redirect,
            format!(
                "{} answered with a redirect (status {status}). Latchkey does not follow redirects of this endpoint, \
                 since secrets would go to an address that nobody checked.",
                self.server()
            ),
            "Check the issuer: a redirect usually means a wrong subdomain, a retired address or a sign-in page in \
             between. If the address it names (below) is right, use its host as the issuer.",
        )
        .with_status(status)
        .with_description(&shortened(location, 500))
    }

    pub(super) fn proxy_wants_a_login(&self) -> Problem {
        let proxy = self.proxy.as_deref().unwrap_or("in between");
        Problem::new(
            ProblemKind::Proxy,
            format!("The proxy {proxy} asks for a user name and password (407)."),
            "Put them into the environment variable HTTPS_PROXY (http://user:password@host:port) and start Latchkey \
             again, or have the provider's host exempted with NO_PROXY.",
        )
        .with_status(407)
    }

    /// The connection, the TLS handshake or the head of the answer failed.
    pub(super) fn not_answered(&self, error: &reqwest::Error, limits: &Limits) -> Problem {
        if let Some(tls) = find::<rustls::Error>(error) {
            return self.tls(tls);
        }
        if error.is_timeout() && error.is_connect() {
            return self.connect_time(limits.connect).with_description(&detail(error));
        }
        if let Some(hyper) = find::<hyper::Error>(error)
            && hyper.is_parse_too_large()
        {
            return self.head_too_large(limits.head_bytes);
        }
        if error.is_connect() {
            return self.not_connected(error).with_description(&detail(error));
        }
        self.broken(error)
    }

    fn connect_time(&self, limit: Duration) -> Problem {
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

    fn not_connected(&self, error: &reqwest::Error) -> Problem {
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
        match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Problem::new(
                ProblemKind::ConnectionRefused,
                format!("{} refused the connection: nothing listens there.", self.server()),
                format!(
                    "Check host and port of the issuer ({}), and that the server is running.",
                    self.server()
                ),
            ),
            Some(io::ErrorKind::TimedOut) => self.connect_time(Duration::from_secs(0)),
            _ if self.request.url.scheme() == "https" && closed_in_handshake(error) => Problem::new(
                ProblemKind::TlsFailed,
                format!("{} closed the connection during the TLS handshake.", self.server()),
                format!(
                    "Check that {} speaks https on this port, and whether a firewall or proxy cuts TLS connections.",
                    self.server()
                ),
            ),
            _ => Problem::new(
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
        match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => Problem::new(
                ProblemKind::Proxy,
                format!("The proxy {proxy} refused the connection: nothing listens there."),
                check_proxy_settings(),
            ),
            _ => Problem::new(
                ProblemKind::Proxy,
                format!("The proxy {proxy} made no connection to {}.", self.server()),
                format!(
                    "Have the proxy's administrator allow {}, or exempt it with the environment variable NO_PROXY.",
                    self.server()
                ),
            ),
        }
    }

    fn tls(&self, error: &rustls::Error) -> Problem {
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

    /// The connection broke after it had been made.
    fn broken(&self, error: &reqwest::Error) -> Problem {
        let unsent = find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled);
        if self.request.method == Method::Post && self.may_have_been_sent && !unsent {
            return self.outcome_unknown().with_description(&detail(error));
        }
        if let Some(hyper) = find::<hyper::Error>(error)
            && hyper.is_parse()
        {
            return Problem::new(
                ProblemKind::Malformed,
                format!("{} answered something that is not HTTP.", self.peer()),
                format!("Check host and port of the issuer ({}).", self.server()),
            )
            .with_description(&detail(error));
        }
        Problem::new(
            ProblemKind::ConnectionFailed,
            format!("The connection to {} broke before the answer came.", self.peer()),
            "Try again. If it happens each time, a proxy, VPN or firewall may cut the connection.",
        )
        .with_description(&detail(error))
    }

    fn outcome_unknown(&self) -> Problem {
        Problem::new(
            ProblemKind::OutcomeUnknown,
            format!(
                "The connection to {} broke after the request had been sent: whether the provider acted on it is not \
                 known. It was not sent again.",
                self.peer()
            ),
            "What is stored was left as it was. Try once more; if a refresh is then refused, the provider had already \
             used up the old refresh token: sign in again. OneLogin's Activity › Events shows what it did.",
        )
    }

    /// The head came, the body did not.
    pub(super) fn body_failed(&self, error: &reqwest::Error) -> Problem {
        let broke = find::<hyper::Error>(error).is_some();
        if broke && self.request.method == Method::Post {
            return self.outcome_unknown().with_description(&detail(error));
        }
        if broke {
            return Problem::new(
                ProblemKind::ConnectionFailed,
                format!("The connection to {} broke in the middle of the answer.", self.peer()),
                "Try again. If it happens each time, a proxy, VPN or firewall may cut the connection.",
            )
            .with_description(&detail(error));
        }
        Problem::new(
            ProblemKind::Malformed,
            format!("{} announced a compressed answer that cannot be decompressed.", self.peer()),
            format!(
                "Have the administrator of {} look at its content encoding, or at the proxy's.",
                self.server()
            ),
        )
        .with_description(&detail(error))
    }
}

/// The HTTP client could not be set up, or the request not be built.
pub(super) fn cannot_start(error: reqwest::Error) -> Problem {
    Problem::new(
        ProblemKind::Configuration,
        "The HTTP client cannot be set up.",
        "Check the proxy settings of this computer and the environment variables HTTPS_PROXY and HTTP_PROXY.",
    )
    .with_description(&error.without_url().to_string())
}

fn check_proxy_settings() -> &'static str {
    "Check the proxy settings of this computer and the environment variables HTTPS_PROXY and ALL_PROXY. To reach the \
     provider without the proxy, add its host to NO_PROXY. Then start Latchkey again."
}

fn presented(error: &CertificateError) -> String {
    match error {
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            format!(" ({})", visible(&shortened(&presented.join(", "), 200)))
        }
        _ => String::new(),
    }
}

/// A self-signed certificate that is marked as an authority is refused under another name.
fn is_own_issuer(error: &CertificateError) -> bool {
    let CertificateError::Other(other) = error else { return false };
    matches!(other.0.downcast_ref::<webpki::Error>(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn closed_in_handshake(error: &reqwest::Error) -> bool {
    find::<io::Error>(error).is_some_and(|io| {
        matches!(
            io.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
        )
    })
}

fn seconds(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{:.1} s", limit.as_secs_f64())
    }
}

fn without_query(url: &url::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// An error and what is behind it, outermost first.
fn sources<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| behind(*error))
}

/// `io::Error` hides the error it wraps from `source`, which is where rustls' errors are.
fn behind<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(io) = error.downcast_ref::<io::Error>()
        && let Some(inner) = io.get_ref()
    {
        return Some(inner);
    }
    error.source()
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    sources(error).find_map(|error| error.downcast_ref::<T>())
}

/// The innermost cause, for the description. Carries no URL.
fn detail(error: &(dyn StdError + 'static)) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}
