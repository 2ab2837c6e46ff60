//! Failures on the way, told apart by the types of the errors behind them, with cause and remedy.

mod connecting;
mod errors;

use std::path::Path;
use std::time::Duration;

use self::errors::{detail, find};
use latchkey_oidc::http::{HttpRequest, Method};
use latchkey_oidc::text::{shortened, visible};
use latchkey_oidc::{Problem, ProblemKind};

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
