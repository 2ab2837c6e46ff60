//! Issuers: what may be one, OneLogin's presets, and which endpoints an issuer may name.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::problem::{Problem, ProblemKind};
use crate::text::visible;

/// An issuer identifier, character for character as it will be compared (OIDC Core §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

/// Whose rules an issuer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Generation {
    /// OneLogin's first generation, removed from service on 20 April 2021.
    OneloginV1,
    /// OneLogin's current generation.
    OneloginV2,
    /// Any other provider.
    Other,
}

impl Generation {
    /// Whether OneLogin's explanations and portal names fit.
    #[must_use]
    pub fn is_onelogin(self) -> bool {
        self != Self::Other
    }
}

impl Issuer {
    /// Takes what somebody typed or pasted as an issuer URL.
    ///
    /// White space around it is dropped, and so is `/.well-known/openid-configuration` at its end;
    /// nothing else is changed, since an issuer is compared by character.
    ///
    /// # Errors
    /// [`ProblemKind::InvalidIssuer`] or [`ProblemKind::InvalidInput`] where it is empty.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        let text = typed.trim();
        let text = text.strip_suffix("/.well-known/openid-configuration").unwrap_or(text);
        if text.is_empty() {
            return Err(Problem::new(
                ProblemKind::InvalidInput,
                "The issuer is empty.",
                "Type the issuer URL, for OneLogin https://SUBDOMAIN.onelogin.com/oidc/2.",
            ));
        }
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => {
                let guess = format!("https://{text}");
                let remedy = if Url::parse(&guess).is_ok_and(|url| {
                    url.username().is_empty() && url.host_str().is_some_and(|host| host.contains('.'))
                }) {
                    format!("Begin with https://, for example {}.", visible(&guess))
                } else {
                    "Type the whole URL, for OneLogin https://SUBDOMAIN.onelogin.com/oidc/2.".to_owned()
                };
                invalid(text, "it has no scheme such as https://", remedy)
            }
            error => invalid(
                text,
                &error.to_string(),
                "Copy it from the app's SSO page in the admin portal.".to_owned(),
            ),
        })?;
        let reason = match url.scheme() {
            "https" => None,
            "http" if is_loopback(&url) => None,
            "http" => {
                return Err(invalid(
                    text,
                    "http would send passwords and tokens in the clear",
                    "Use https. Plain http is accepted for this computer alone (127.0.0.1, [::1], localhost).".to_owned(),
                ));
            }
            _ => Some("its scheme is neither https nor http"),
        };
        let reason = reason
            .or_else(|| url.host().is_none().then_some("it has no host"))
            .or_else(|| {
                (!url.username().is_empty() || url.password().is_some())
                    .then_some("it contains a user name or password")
            })
            .or_else(|| url.query().is_some().then_some("it has a query (“?…”)"))
            .or_else(|| url.fragment().is_some().then_some("it has a fragment (“#…”)"))
            .or_else(|| {
                text.chars().any(|c| c.is_whitespace() || c.is_control()).then_some("it contains white space")
            })
            .or_else(|| {
                // Told as its escape: nobody means such a character, and nobody would see it in a button.
                (visible(text) != text).then_some("it contains a character that cannot be seen")
            });
        if let Some(reason) = reason {
            return Err(invalid(
                text,
                reason,
                "Copy the issuer from the provider's metadata, character for character.".to_owned(),
            ));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// OneLogin's current generation, by subdomain (`acme`), host (`acme.onelogin.com`, `login.acme.com`),
    /// or any URL of the tenant.
    ///
    /// # Errors
    /// As [`Issuer::parse`].
    pub fn onelogin(typed: &str) -> Result<Self, Problem> {
        let text = typed.trim().trim_end_matches('/');
        if text.is_empty() {
            return Err(Problem::new(
                ProblemKind::InvalidInput,
                "The subdomain is empty.",
                "Type the part before .onelogin.com in your portal's address, or your custom domain.",
            ));
        }
        let host = match text.split_once("://") {
            Some(_) => {
                let url = Url::parse(text).map_err(|error| {
                    invalid(
                        text,
                        &error.to_string(),
                        "Type the subdomain alone, for example acme.".to_owned(),
                    )
                })?;
                let host = url.host_str().unwrap_or_default().to_owned();
                match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host,
                }
            }
            None => text.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase(),
        };
        if host.contains('@') || host.chars().any(char::is_whitespace) || host.is_empty() {
            return Err(invalid(
                text,
                "it is no subdomain and no host name",
                "Type the part before .onelogin.com in your portal's address, or your custom domain."
                    .to_owned(),
            ));
        }
        let host = if host.contains(['.', ':']) { host } else { format!("{host}.onelogin.com") };
        // The admin portal of some tenants lives on a host of its own.
        let host = host.replacen("-admin.onelogin.com", ".onelogin.com", 1);
        Self::parse(&format!("https://{host}/oidc/2"))
    }

    /// Exactly as it must stand in metadata and tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Parsed.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the metadata are (OIDC Discovery §4).
    #[must_use]
    pub fn discovery_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}/.well-known/openid-configuration", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// Whose rules it follows, by host and path.
    #[must_use]
    pub fn generation(&self) -> Generation {
        let host = self.url.host_str().unwrap_or_default();
        let path = self.url.path().trim_end_matches('/');
        let v1_host = matches!(host, "openid-connect.onelogin.com" | "openid-connect-eu.onelogin.com");
        if path == "/oidc/2" {
            Generation::OneloginV2
        } else if path == "/oidc" && (v1_host || is_loopback(&self.url)) {
            Generation::OneloginV1
        } else if host.ends_with(".onelogin.com") {
            Generation::OneloginV2
        } else {
            Generation::Other
        }
    }

    /// Where OneLogin took the generation out of service.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.generation() == Generation::OneloginV1 && !is_loopback(&self.url)
    }

    /// Whether an endpoint that the metadata name may be used with this issuer, and how.
    ///
    /// https alone; plain http only where both are on this computer; no private address that the issuer
    /// is not itself on.
    ///
    /// # Errors
    /// A few words on why not.
    pub fn check_endpoint(&self, endpoint: &Url) -> Result<EndpointPlace, &'static str> {
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return Err("contains a user name or password");
        }
        if endpoint.fragment().is_some() {
            return Err("has a fragment");
        }
        let same_place = authority(endpoint) == authority(&self.url);
        if is_loopback(endpoint) {
            return match (endpoint.scheme(), is_loopback(&self.url)) {
                ("http" | "https", true) if same_place => Ok(EndpointPlace::Same),
                ("http" | "https", true) => Ok(EndpointPlace::OtherHost),
                (_, false) => Err("points to this computer, which the issuer is not on"),
                _ => Err("is neither https nor http"),
            };
        }
        if endpoint.scheme() != "https" {
            return Err("is not https");
        }
        if same_place {
            return Ok(EndpointPlace::Same);
        }
        if is_private(endpoint) {
            return Err("points to a private address");
        }
        Ok(EndpointPlace::OtherHost)
    }
}

impl std::fmt::Display for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&visible(&self.text))
    }
}

/// Where an endpoint is, seen from the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointPlace {
    /// On the issuer's own host and port.
    Same,
    /// Elsewhere: secrets go there only when the user agrees.
    OtherHost,
}

/// `host` or `host:port`, as the user confirms it.
#[must_use]
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) if !matches!((url.scheme(), port), ("https", 443) | ("http", 80)) => {
            format!("{host}:{port}")
        }
        _ => host.to_owned(),
    }
}

/// 127.0.0.0/8, ::1 or localhost.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Where two texts first differ, in words, for issuers that should be one.
///
/// `None` where they are equal.
#[must_use]
pub fn difference(expected: &str, received: &str) -> Option<String> {
    if expected == received {
        return None;
    }
    if received.strip_suffix('/') == Some(expected) {
        return Some("it has a slash at the end that the expected one has not".to_owned());
    }
    if expected.strip_suffix('/') == Some(received) {
        return Some("the slash at the end is missing".to_owned());
    }
    let what = if expected.eq_ignore_ascii_case(received) { "capital and small letters" } else { "they" };
    let at = expected.chars().zip(received.chars()).take_while(|(a, b)| a == b).count();
    let place = |text: &str| {
        let Some(c) = text.chars().nth(at) else { return "its end".to_owned() };
        let shown = visible(&c.to_string());
        if c.is_ascii() || !shown.starts_with(c) {
            format!("“{shown}”")
        } else {
            // Two letters may look the same: the code point tells them apart.
            format!("“{shown}” (U+{:04X})", u32::from(c))
        }
    };
    Some(format!(
        "{what} differ from character {}: expected {}, received {}",
        at + 1,
        place(expected),
        place(received)
    ))
}

fn is_private(url: &Url) -> bool {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4),
        // RFC 6761 §6.3: every name below localhost is this computer, with or without the root's dot.
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            return name == "localhost" || name.ends_with(".localhost");
        }
        None => return false,
    };
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || a == 0 // RFC 1122 §3.2.1.3, this network
                || v4.is_broadcast()
                || (a == 100 && (64..128).contains(&b)) // RFC 6598, shared by carriers
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}

fn invalid(text: &str, reason: &str, remedy: String) -> Problem {
    Problem::new(
        ProblemKind::InvalidIssuer,
        format!(
            "“{}” cannot be an issuer: {reason}.",
            crate::text::shortened(&visible(&without_credentials(text)), 120)
        ),
        remedy,
    )
}

/// The text without what stands before the host: a password there must not be repeated.
fn without_credentials(text: &str) -> String {
    let start = text.find("//").map_or(0, |at| at + 2);
    let end = text[start..].find(['/', '\\', '?', '#']).map_or(text.len(), |at| start + at);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}…{}", &text[..start], &text[start + at..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "issuer_tests.rs"]
mod tests;
