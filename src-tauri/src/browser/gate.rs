//! Where a page in the login window may go: http and https, and the redirect URI, where it ends (H-11, H-25).
//!
//! Knows no web view: an address comes in, a verdict goes out.

use latchkey_oidc::Secret;
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::redirect_uri::RedirectUri;
use serde_json::json;
use url::{Position, Url};

/// Turns a form that is posted to the redirect URI into an address that the window sees.
const SCRIPT: &str = include_str!("form_post.js");

/// What an address is to the sign-in.
#[derive(Debug)]
pub(crate) enum Passage {
    /// A page like any other.
    Page,
    /// The answer, or what was sent in its place to an address that only looks like the redirect URI. It is
    /// judged where all answers are, and no request for it leaves.
    Answer {
        /// As it came.
        received: Received,
        /// It carries the mark that only the page itself knows, not a frame in it.
        from_the_page: bool,
    },
    /// Nothing that a page may open.
    Refused,
}

/// Watches over one login window.
pub(crate) struct Gate {
    /// `None` where the window is left without an answer: a sign-out without a redirect URI.
    redirect_uri: Option<RedirectUri>,
    /// In every form that was posted: nobody else can make such an address.
    mark: String,
}

impl Gate {
    /// A gate for one request. `random` makes the mark.
    pub(crate) fn new(redirect_uri: Option<RedirectUri>, random: [u8; 16]) -> Self {
        let mark = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { redirect_uri, mark }
    }

    /// For the page itself, before anything of its own runs; not for frames in it.
    pub(crate) fn script(&self) -> Option<String> {
        let redirect_uri = self.redirect_uri.as_ref()?;
        let canonical = Url::parse(redirect_uri.as_str()).ok()?;
        let before_query = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
        let ours = [before_query(redirect_uri.as_str()), before_query(canonical.as_str())];
        Some(
            SCRIPT
                .replace("__OURS__", &json!(ours).to_string())
                .replace("__MARK__", &json!(self.mark).to_string()),
        )
    }

    /// What this address is.
    pub(crate) fn judge(&self, address: &str) -> Passage {
        if let Some(redirect_uri) = &self.redirect_uri
            && (redirect_uri.matches(address) || looks_alike(redirect_uri, address))
        {
            return self.answer(address);
        }
        match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Passage::Page,
            // An empty page, and a frame whose text stands in the page around it.
            Ok(url) if matches!(url.as_str(), "about:blank" | "about:srcdoc") => Passage::Page,
            _ => Passage::Refused,
        }
    }

    fn answer(&self, address: &str) -> Passage {
        let posted = address.split_once('#').and_then(|(before, fragment)| {
            Some((before, fragment.strip_prefix(&self.mark)?.strip_prefix('&')?))
        });
        match posted {
            Some((before, fields)) => Passage::Answer {
                received: Received::form_body(Secret::from(before), &Secret::from(fields)),
                from_the_page: true,
            },
            None => Passage::Answer {
                received: Received::navigation(Secret::from(address)),
                from_the_page: false,
            },
        }
    }
}

/// An answer at the redirect URI's host, or at a name that begins like it, though not at the redirect URI: following
/// it would show the answer to whoever is there.
fn looks_alike(redirect_uri: &RedirectUri, address: &str) -> bool {
    let (Ok(ours), Ok(url)) = (Url::parse(redirect_uri.as_str()), Url::parse(address)) else { return false };
    let same_host = url.host_str().is_some() && url.host_str() == ours.host_str();
    // `https://app.example.evil.example` and `https://app.example@evil.example`.
    let begins_alike = url.as_str().starts_with(&ours[..Position::AfterPort]);
    (same_host || begins_alike || address.starts_with(redirect_uri.as_str())) && is_answer(&url)
}

fn is_answer(url: &Url) -> bool {
    let fragment = url.fragment().unwrap_or_default().as_bytes();
    let names: Vec<String> = url
        .query_pairs()
        .chain(url::form_urlencoded::parse(fragment))
        .map(|(name, _)| name.into_owned())
        .collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    has("state") && ["code", "id_token", "access_token", "error"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLBACK: &str = "https://payroll.acme.example/callback";

    fn gate() -> Gate {
        Gate::new(Some(RedirectUri::parse(CALLBACK).expect("a redirect URI")), [7; 16])
    }

    #[test]
    fn h25_only_http_and_https_pages_open() {
        for (address, opens) in [
            ("https://acme.onelogin.com/login", true),
            ("http://127.0.0.1:8080/auth", true),
            ("about:blank", true),
            ("tauri://localhost/", false),
            ("http:", false),
            ("ipc://localhost/session", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("blob:https://acme.onelogin.com/1", false),
            ("javascript:alert(1)", false),
            ("com.example.payroll:/callback", false),
            ("ftp://acme.example/", false),
            ("about:config", false),
            ("//acme.example", false),
            ("", false),
        ] {
            assert_eq!(matches!(gate().judge(address), Passage::Page), opens, "{address}");
            assert_eq!(matches!(gate().judge(address), Passage::Refused), !opens, "{address}");
        }
    }

    #[test]
    fn the_redirect_uri_ends_the_way_whatever_is_added_to_it() {
        for added in ["", "?code=1&state=2", "#id_token=1&state=2", "?error=login_required&state=2"] {
            let address = format!("{CALLBACK}{added}");
            match gate().judge(&address) {
                Passage::Answer { received, from_the_page: false } => {
                    assert_eq!(received.url().expose(), address);
                }
                other => panic!("{address}: {other:?}"),
            }
        }
    }

    #[test]
    fn h11_an_answer_to_an_address_that_looks_alike_never_leaves() {
        for address in [
            "https://payroll.acme.example/callback2?code=1&state=2",
            "https://payroll.acme.example/callback/?code=1&state=2",
            "https://payroll.acme.example:444/callback?code=1&state=2",
            "http://payroll.acme.example/callback#id_token=1&state=2",
            "https://user@payroll.acme.example/callback?code=1&state=2",
            "https://payroll.acme.example/callback.evil.example/?code=1&state=2",
            "https://payroll.acme.example.evil.example/callback?code=1&state=2",
            "https://payroll.acme.example@evil.example/callback?code=1&state=2",
        ] {
            assert!(matches!(gate().judge(address), Passage::Answer { .. }), "{address}");
        }
        // Pages of a provider on the same host have a state of their own.
        for address in
            ["https://payroll.acme.example/login?state=2", "https://acme.onelogin.com/sso?code=1&state=2"]
        {
            assert!(matches!(gate().judge(address), Passage::Page), "{address}");
        }
    }

    #[test]
    fn a_posted_form_carries_the_mark_and_nothing_else_does() {
        let gate = gate();
        let mark = "07".repeat(16);
        let posted = gate.judge(&format!("{CALLBACK}#{mark}&code=1&state=2"));
        assert!(matches!(posted, Passage::Answer { from_the_page: true, .. }));
        for fragment in [format!("{mark}code=1"), "08".repeat(16) + "&code=1", format!("code=1&{mark}&")] {
            let other = gate.judge(&format!("{CALLBACK}#{fragment}"));
            assert!(matches!(other, Passage::Answer { from_the_page: false, .. }), "{fragment}");
        }
        let script = gate.script().expect("a script");
        assert!(script.contains(&mark) && script.contains(CALLBACK) && !script.contains("__"));
    }

    #[test]
    fn without_a_redirect_uri_nothing_is_an_answer() {
        let gate = Gate::new(None, [0; 16]);
        assert!(gate.script().is_none());
        assert!(matches!(gate.judge("https://acme.onelogin.com/?code=1&state=2"), Passage::Page));
    }
}
