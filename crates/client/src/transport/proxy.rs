//! Which proxy a request goes through: the system's, and none for loopback hosts.

use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

/// The proxies in force.
pub(super) struct Proxies {
    matcher: Matcher,
    /// Given instead of the system's.
    only: Option<String>,
}

impl Proxies {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, or the system's settings.
    pub(super) fn of_the_system() -> Self {
        Self { matcher: Matcher::from_system(), only: None }
    }

    pub(super) fn only(proxy: &str) -> Self {
        Self { matcher: Matcher::builder().all(proxy).build(), only: Some(proxy.to_owned()) }
    }

    pub(super) fn apply(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        match self.only.as_deref().map(reqwest::Proxy::all) {
            Some(Ok(proxy)) => builder.no_proxy().proxy(proxy),
            // The library reads the system's proxies by itself, by the same rules as the matcher.
            Some(Err(_)) | None => builder,
        }
    }

    /// `host:port` of the proxy that a request to `url` goes through. Never its user name or password.
    pub(super) fn for_url(&self, url: &Url) -> Option<String> {
        if is_loopback(url) {
            return None;
        }
        let intercept = self.matcher.intercept(&url.as_str().parse().ok()?)?;
        let uri = intercept.uri();
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        Some(format!("{}:{}", uri.host()?, uri.port_u16().unwrap_or(default)))
    }
}

/// `localhost`, 127.0.0.0/8 and ::1.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
        None => false,
    }
}
