//! Why the login window shows no page, in the words that the transport has for the same faults.

use std::time::Duration;

use gtk::{gio, glib};
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::text::visible;
use latchkey_oidc::{Problem, ProblemKind};
use url::Url;

/// Name, connection, or anything else below TLS.
pub(super) fn not_loaded(address: &str, error: &glib::Error) -> Problem {
    let host = match Url::parse(address) {
        Ok(url) if url.has_host() => visible(url.authority()),
        Ok(url) => format!("an address that begins with {}:", url.scheme()),
        Err(_) => "an address that is none".to_owned(),
    };
    let (kind, explanation, remedy) = if error.is::<gio::ResolverError>() {
        (
            ProblemKind::Dns,
            format!("The login window cannot find {host}: the name is not known."),
            "The provider sent the window there. Check that this computer is online; names inside a company often \
             resolve only over its VPN.",
        )
    } else if error.matches(gio::IOErrorEnum::ConnectionRefused) {
        (
            ProblemKind::ConnectionRefused,
            format!("{host} refused the login window's connection: nothing listens there."),
            "The provider sent the window there. Check that the server is running.",
        )
    } else if error.matches(gio::IOErrorEnum::TimedOut) {
        (
            ProblemKind::TimedOut,
            format!("{host} did not answer the login window in time."),
            "Check the network, and whether a firewall or proxy is in the way.",
        )
    } else if error.is::<gio::TlsError>() {
        (
            ProblemKind::TlsFailed,
            format!("No TLS connection from the login window to {host}."),
            "Check whether the server speaks https there, and whether a firewall or proxy cuts TLS connections.",
        )
    } else {
        (
            ProblemKind::ConnectionFailed,
            format!("The login window could not load a page from {host}."),
            "Sign in again. Where it happens again, try the system's browser: it tells whether the page or this \
             window is at fault.",
        )
    };
    at_page(Problem::new(kind, explanation, remedy)).with_description(error.message())
}

/// A certificate that neither the system nor the extra file trusts.
pub(super) fn tls(host: &str, faults: gio::TlsCertificateFlags) -> Problem {
    use gio::TlsCertificateFlags as Fault;
    let host = visible(host);
    let (kind, explanation, remedy) = if faults.intersects(Fault::EXPIRED | Fault::NOT_ACTIVATED) {
        (
            ProblemKind::TlsExpired,
            format!(
                "The certificate of {host} has expired or is not valid yet. The login window did not go there."
            ),
            "Check this computer's clock, then tell whoever runs the server.",
        )
    } else if faults.contains(Fault::BAD_IDENTITY) {
        (
            ProblemKind::TlsWrongHost,
            format!("The certificate of {host} is for another name. The login window did not go there."),
            "Check the address. Where it is right, tell whoever runs the server.",
        )
    } else if faults.contains(Fault::UNKNOWN_CA) {
        (
            ProblemKind::TlsUnknownIssuer,
            format!(
                "Nobody this computer trusts issued the certificate of {host}. The login window did not go there."
            ),
            "Where a proxy or the company issued it, choose its authority under Settings › Extra CA file.",
        )
    } else {
        (
            ProblemKind::TlsFailed,
            format!("The certificate of {host} cannot be trusted. The login window did not go there."),
            "Tell whoever runs the server.",
        )
    };
    at_page(Problem::new(kind, explanation, remedy))
}

/// Nothing came, for a long time.
pub(super) fn never_came(host: &str, limit: Duration) -> Problem {
    at_page(Problem::new(
        ProblemKind::TimedOut,
        format!("No page came from {} within {} seconds.", visible(host), limit.as_secs()),
        "Check the network, and whether a firewall or proxy is in the way. The system's browser may fare better.",
    ))
}

/// An answer that no window can show.
pub(super) fn no_page(host: &str, status: Option<u16>, media_type: Option<&str>) -> Problem {
    let host = visible(host);
    let what = match media_type {
        Some(media_type) if !media_type.is_empty() => format!("a file of type {}", visible(media_type)),
        _ => "no page".to_owned(),
    };
    let problem = at_page(Problem::new(
        ProblemKind::HttpStatus,
        format!("{host} sent {what} in place of a login page. The login window keeps no files."),
        "Check that the authorization endpoint in the provider's metadata is the right one (tab Provider).",
    ));
    Problem { http_status: status, ..problem }
}

/// A redirect to what is neither a web page nor the redirect URI.
pub(super) fn nowhere_to_go(address: &str) -> Problem {
    let (scheme, _) = address.split_once(':').unwrap_or((address, ""));
    at_page(Problem::new(
        ProblemKind::Redirect,
        format!(
            "The provider sent the login window to an address that begins with {}:, which it does not open.",
            visible(scheme)
        ),
        "Only web pages and the redirect URI are opened. Where this is the redirect URI of an app, enter it as the redirect \
         URI, character for character.",
    ))
}

/// The web view's process is gone.
pub(super) fn ended(host: &str) -> Problem {
    at_page(Problem::new(
        ProblemKind::ConnectionFailed,
        format!("The page of {} ended unexpectedly in the login window.", visible(host)),
        "Sign in again. Where it happens again, use the system's browser for this provider.",
    ))
}

/// A form went to the redirect URI in a way that the window's script did not see.
pub(super) fn posted_past() -> Problem {
    at_page(Problem::new(
        ProblemKind::Rejected,
        "The page posted its answer in a way that the login window cannot read. Nothing of it was sent.",
        "Ask for the response mode fragment or query, or use the system's browser.",
    ))
}

fn at_page(problem: Problem) -> Problem {
    problem.at(Endpoint::Authorization)
}
