//! A redirect URI and what is one: the same characters, and nothing that only looks alike.
//!
//! A URL parser is forgiving (it drops a tab, walks `..`, lowers the host), so an address that came is never
//! parsed to decide: its text is compared (RFC 6749 §3.1.2.3, RFC 9700 §4.1.3).

use url::Url;

use crate::text::visible;

/// Names that an answer may carry, and so no redirect URI may have in its own query.
pub(crate) const ANSWER_PARAMETERS: [&str; 14] = [
    "code",
    "state",
    "iss",
    "id_token",
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "scope",
    "error",
    "error_description",
    "error_uri",
    "response",
    "session_state",
];

/// Why a text cannot be a redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriFault {
    /// Not absolute, or no URL.
    #[error("it is no absolute URL")]
    NotAbsolute,
    /// `javascript:`, `data:`, a name without a dot, or a scheme that browsers keep for themselves.
    #[error("its scheme is neither https, nor http, nor one with a dot in its name (RFC 8252 §7.1)")]
    Scheme,
    /// Would be taken for the answer (RFC 6749 §3.1.2).
    #[error("it has a fragment, which RFC 6749 §3.1.2 forbids")]
    Fragment,
    /// `user:password@`.
    #[error("it contains a user name or password")]
    Credentials,
    /// Blanks and control characters, which parsers drop.
    #[error("it contains a blank or a control character")]
    Blank,
    /// Its query has a name that the answer would repeat.
    #[error("its query has the parameter {0}, which belongs to the answer")]
    AnswerParameter(String),
}

/// A redirect URI as it is registered, sent and compared: character for character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    /// As a browser writes the same address: `https://app.example` gets its slash, `:443` goes.
    canonical: String,
}

impl RedirectUri {
    /// Takes the text as it is registered, unchanged.
    ///
    /// # Errors
    /// What no redirect URI may be.
    pub fn parse(text: &str) -> Result<Self, RedirectUriFault> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(RedirectUriFault::Blank);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriFault::NotAbsolute)?;
        let scheme = url.scheme();
        if !matches!(scheme, "https" | "http") && !scheme.contains('.') {
            return Err(RedirectUriFault::Scheme);
        }
        if matches!(scheme, "https" | "http") && url.host_str().is_none_or(str::is_empty) {
            return Err(RedirectUriFault::NotAbsolute);
        }
        if text.contains('#') {
            return Err(RedirectUriFault::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() || authority_of(text).contains('@') {
            return Err(RedirectUriFault::Credentials);
        }
        if let Some((name, _)) =
            url.query_pairs().find(|(name, _)| ANSWER_PARAMETERS.contains(&name.as_ref()))
        {
            return Err(RedirectUriFault::AnswerParameter(name.into_owned()));
        }
        Ok(Self { text: text.to_owned(), canonical: url.into() })
    }

    /// The text that is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether an address is this redirect URI, apart from parameters added to it.
    #[must_use]
    pub fn matches(&self, received: &str) -> bool {
        self.split(received).is_some()
    }

    /// Takes an address apart where it is this redirect URI: what was added to its query, and its fragment.
    #[must_use]
    pub(crate) fn split<'a>(&self, received: &'a str) -> Option<Added<'a>> {
        let (before, fragment) = halves(received, '#');
        let (base, query) = halves(before, '?');
        [&self.text, &self.canonical].into_iter().find_map(|ours| {
            let (our_base, our_query) = halves(ours, '?');
            if base != our_base {
                return None;
            }
            let query = match our_query.filter(|query| !query.is_empty()) {
                None => query.unwrap_or_default(),
                Some(own) => match query?.strip_prefix(own)? {
                    "" => "",
                    // RFC 6749 §3.1.2: the query stays, and parameters are added after it.
                    more => more.strip_prefix('&')?,
                },
            };
            Some(Added { query, fragment: fragment.unwrap_or_default() })
        })
    }

    /// Why an address that looks alike is not this redirect URI, without what its parameters say.
    #[must_use]
    pub fn difference(&self, received: &str) -> Option<String> {
        if self.matches(received) {
            return None;
        }
        let (before, _) = halves(received, '#');
        let (base, _) = halves(before, '?');
        let (our_base, our_query) = halves(&self.canonical, '?');
        if authority_of(base).contains('@') {
            return Some("it has a user name before the host".to_owned());
        }
        match crate::issuer::difference(our_base, base) {
            Some(difference) => Some(difference),
            None => Some(format!("its query does not begin with {}", visible(our_query.unwrap_or_default()))),
        }
    }
}

impl std::fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&visible(&self.text))
    }
}

/// What an answer added to the redirect URI, still encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Added<'a> {
    pub(crate) query: &'a str,
    pub(crate) fragment: &'a str,
}

fn halves(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn authority_of(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        RedirectUri::parse(text).unwrap()
    }

    #[test]
    fn what_no_redirect_uri_may_be_is_named() {
        let answer = |name: &str| RedirectUriFault::AnswerParameter(name.to_owned());
        for (text, fault) in [
            ("", RedirectUriFault::NotAbsolute),
            ("/callback", RedirectUriFault::NotAbsolute),
            ("https://", RedirectUriFault::NotAbsolute),
            ("javascript:alert(1)", RedirectUriFault::Scheme),
            ("data:text/html,x", RedirectUriFault::Scheme),
            ("tauri://localhost/", RedirectUriFault::Scheme),
            ("file:///etc/passwd", RedirectUriFault::Scheme),
            ("https://app.example/cb#", RedirectUriFault::Fragment),
            ("https://app.example/cb#a", RedirectUriFault::Fragment),
            ("https://user@app.example/cb", RedirectUriFault::Credentials),
            ("https://@app.example/cb", RedirectUriFault::Credentials),
            (" https://app.example/cb", RedirectUriFault::Blank),
            ("https://app.example/c\tb", RedirectUriFault::Blank),
            ("https://app.example/cb?state=1", answer("state")),
            ("https://app.example/cb?tenant=1&c%6fde=2", answer("code")),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(fault), "{text}");
        }
        for text in [
            "https://payroll.acme.example/callback",
            "http://localhost:5173/cb",
            "http://[::1]:8080/cb",
            "com.example.payroll:/callback",
            "https://app.example/cb?tenant=1",
        ] {
            assert_eq!(uri(text).as_str(), text);
        }
    }

    #[test]
    fn h11_only_the_same_characters_are_the_redirect_uri() {
        let ours = uri("https://payroll.acme.example/callback");
        for received in [
            "https://payroll.acme.example/callback",
            "https://payroll.acme.example/callback?code=1",
            "https://payroll.acme.example/callback#id_token=1",
        ] {
            assert!(ours.matches(received), "{received}");
            assert_eq!(ours.difference(received), None);
        }
        for received in [
            "https://payroll.acme.example/callback2?code=1",
            "https://payroll.acme.example/callback/?code=1",
            "https://payroll.acme.example/callback/more?code=1",
            "https://payroll.acme.example/callbac?code=1",
            "https://payroll.acme.example/Callback?code=1",
            "https://PAYROLL.acme.example/callback?code=1",
            "HTTPS://payroll.acme.example/callback?code=1",
            "http://payroll.acme.example/callback?code=1",
            "https://payroll.acme.example:444/callback?code=1",
            "https://payroll.acme.example:443/callback?code=1",
            "https://payroll.acme.example./callback?code=1",
            "https://payroll.acme.example.evil.example/callback?code=1",
            "https://payroll.acme.example@evil.example/callback?code=1",
            "https://user@payroll.acme.example/callback?code=1",
            "https://@payroll.acme.example/callback?code=1",
            "https://payroll.acme.example/x/../callback?code=1",
            "https://payroll.acme.example/./callback?code=1",
            "https://payroll.acme.example/%63allback?code=1",
            "https://payroll.acme.example/callback%00?code=1",
            "https://payroll.acme.example\\callback?code=1",
            "https://payroll.acme.example//callback?code=1",
            "https:payroll.acme.example/callback?code=1",
            " https://payroll.acme.example/callback?code=1",
            "https://payroll.acme.example/call\tback?code=1",
            "https://payroll.acme.example/callback;a?code=1",
            "https://evil.example/?https://payroll.acme.example/callback?code=1",
            "/callback?code=1",
            "",
        ] {
            assert!(!ours.matches(received), "{received}");
            let difference = ours.difference(received).unwrap();
            assert!(!difference.contains("code=1"), "{difference}");
        }
    }

    #[test]
    fn an_own_query_stays_and_comes_first() {
        let ours = uri("https://app.example/cb?tenant=1");
        let added = |received: &'static str| ours.split(received).map(|added| (added.query, added.fragment));
        assert_eq!(added("https://app.example/cb?tenant=1"), Some(("", "")));
        assert_eq!(added("https://app.example/cb?tenant=1&code=2"), Some(("code=2", "")));
        assert_eq!(added("https://app.example/cb?tenant=1#id_token=2"), Some(("", "id_token=2")));
        for received in [
            "https://app.example/cb",
            "https://app.example/cb?code=2",
            "https://app.example/cb?tenant=12&code=2",
            "https://app.example/cb?code=2&tenant=1",
            "https://app.example/cb?Tenant=1&code=2",
        ] {
            assert_eq!(added(received), None, "{received}");
        }
    }

    #[test]
    fn a_browsers_spelling_of_the_same_address_is_the_same() {
        assert!(uri("https://app.example").matches("https://app.example/?code=1"));
        assert!(uri("https://app.example").matches("https://app.example?code=1"));
        assert!(uri("https://app.example:443/cb").matches("https://app.example/cb?code=1"));
        assert!(uri("https://App.Example/cb").matches("https://app.example/cb?code=1"));
        assert!(!uri("https://app.example:8443/cb").matches("https://app.example/cb?code=1"));
    }
}
