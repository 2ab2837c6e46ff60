//! Where a page in the login window may go: http and https, and the redirect URI, where it ends (H-11, H-25).
//!
//! Knows no web view: an address comes in, a verdict goes out.

use latchkey_oidc::Secret;
use latchkey_oidc::authorization_response::Received;
use latchkey_oidc::issuer::is_loopback;
use latchkey_oidc::redirect_uri::RedirectUri;
use serde_json::json;
use url::{Origin, Position, Url};

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
    /// Where the provider's own pages are: nothing that goes there goes to anybody else.
    provider: Origin,
    /// In every form that was posted: nobody else can make such an address.
    mark: String,
}

impl Gate {
    /// A gate for one request, which begins at `provider`. `random` makes the mark.
    pub(crate) fn new(redirect_uri: Option<RedirectUri>, provider: Origin, random: [u8; 16]) -> Self {
        let mark = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { redirect_uri, provider, mark }
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

    /// What this address is. `posted`: a form goes there, whose fields are not known.
    pub(crate) fn judge(&self, address: &str, posted: bool) -> Passage {
        if self.is_redirect_uri(address) || self.looks_alike(address, posted) {
            return self.answer(address);
        }
        match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Passage::Page,
            // An empty page, and a frame whose text stands in the page around it.
            Ok(url) if matches!(url.as_str(), "about:blank" | "about:srcdoc") => Passage::Page,
            _ => Passage::Refused,
        }
    }

    /// Whether it is the redirect URI itself, whatever is added to it.
    pub(crate) fn is_redirect_uri(&self, address: &str) -> bool {
        self.redirect_uri.as_ref().is_some_and(|redirect_uri| redirect_uri.matches(address))
    }

    /// What may be an answer, at the redirect URI's host or at a name that begins like it, though not at the redirect
    /// URI: following it would show the answer to whoever is there.
    fn looks_alike(&self, address: &str, posted: bool) -> bool {
        let Some(redirect_uri) = &self.redirect_uri else { return false };
        let (Ok(ours), Ok(url)) = (Url::parse(redirect_uri.as_str()), Url::parse(address)) else {
            return false;
        };
        if url.origin() == self.provider || !(posted || may_be_answer(&url)) {
            return false;
        }
        if posted && is_other_program(&ours, &url) {
            return false;
        }
        // `https://app.example@evil.example`, and the text itself with something behind it.
        let begins_alike = [&ours[..Position::AfterPort], redirect_uri.as_str()]
            .into_iter()
            .any(|text| url.as_str().starts_with(text) || address.starts_with(text));
        begins_alike || is_near(&ours, &url)
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

/// The same host at whatever port, its other spelling with a dot, and `app.example.evil.example`.
fn is_near(ours: &Url, url: &Url) -> bool {
    let (Some(our_host), Some(host)) = (ours.host_str(), url.host_str()) else { return false };
    let (our_host, host) = (our_host.trim_end_matches('.'), host.trim_end_matches('.'));
    host == our_host || host.strip_prefix(our_host).is_some_and(|rest| rest.starts_with('.'))
}

/// Another port of this computer. What is posted there cannot be told from a page of a provider that is there as well.
fn is_other_program(ours: &Url, url: &Url) -> bool {
    is_loopback(ours) && ours.port_or_known_default() != url.port_or_known_default()
}

fn may_be_answer(url: &Url) -> bool {
    const NAMES: [&str; 6] = ["code", "id_token", "access_token", "refresh_token", "response", "error"];
    let fragment = url.fragment().unwrap_or_default().as_bytes();
    url.query_pairs()
        .chain(url::form_urlencoded::parse(fragment))
        .any(|(name, _)| NAMES.contains(&name.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLBACK: &str = "https://payroll.acme.example/callback";

    fn provider() -> Origin {
        Url::parse("https://acme.onelogin.com/oidc/2/auth").expect("a URL").origin()
    }

    fn gate() -> Gate {
        gate_of(CALLBACK)
    }

    fn gate_of(redirect_uri: &str) -> Gate {
        Gate::new(Some(RedirectUri::parse(redirect_uri).expect("a redirect URI")), provider(), [7; 16])
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
            assert_eq!(matches!(gate().judge(address, false), Passage::Page), opens, "{address}");
            assert_eq!(matches!(gate().judge(address, false), Passage::Refused), !opens, "{address}");
        }
    }

    #[test]
    fn the_redirect_uri_ends_the_way_whatever_is_added_to_it() {
        for added in ["", "?code=1&state=2", "#id_token=1&state=2", "?error=login_required&state=2"] {
            let address = format!("{CALLBACK}{added}");
            match gate().judge(&address, false) {
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
            "https://payroll.acme.example./callback?code=1&state=2",
            // Nothing says that an answer has a state, or these names.
            "https://payroll.acme.example/callback/?code=1",
            "https://payroll.acme.example/callback/?response=a.b.c",
            "https://payroll.acme.example/callback/#refresh_token=1",
        ] {
            assert!(matches!(gate().judge(address, false), Passage::Answer { .. }), "{address}");
        }
        // Pages of a provider on the same host have a state of their own.
        for address in
            ["https://payroll.acme.example/login?state=2", "https://acme.onelogin.com/sso?code=1&state=2"]
        {
            assert!(matches!(gate().judge(address, false), Passage::Page), "{address}");
        }
    }

    #[test]
    fn h11_a_form_posted_near_the_redirect_uri_is_stopped_and_the_providers_own_are_not() {
        let uri = RedirectUri::parse("http://127.0.0.1:9999/callback").expect("a redirect URI");
        let provider = Url::parse("http://127.0.0.1:9998/auth").expect("a URL").origin();
        let gate = Gate::new(Some(uri), provider, [7; 16]);
        for (address, stopped) in [
            ("http://127.0.0.1:9999/callback/", true),
            ("http://127.0.0.1:9997/callback", false),
            ("http://127.0.0.1:9998/mfa", false),
            ("http://192.0.2.1/sso", false),
        ] {
            assert_eq!(matches!(gate.judge(address, true), Passage::Answer { .. }), stopped, "{address}");
        }
        let real = gate_of("https://payroll.acme.example/callback");
        for address in ["https://payroll.acme.example:444/x", "https://payroll.acme.example./callback"] {
            assert!(matches!(real.judge(address, true), Passage::Answer { .. }), "{address}");
        }
        // What a page of the provider asks for may have these names.
        let page = gate.judge("http://127.0.0.1:9998/mfa?state=1&code=2", false);
        assert!(matches!(page, Passage::Page));
    }

    #[test]
    fn a_posted_form_carries_the_mark_and_nothing_else_does() {
        let gate = gate();
        let mark = "07".repeat(16);
        let posted = gate.judge(&format!("{CALLBACK}#{mark}&code=1&state=2"), false);
        assert!(matches!(posted, Passage::Answer { from_the_page: true, .. }));
        for fragment in [format!("{mark}code=1"), "08".repeat(16) + "&code=1", format!("code=1&{mark}&")] {
            let other = gate.judge(&format!("{CALLBACK}#{fragment}"), false);
            assert!(matches!(other, Passage::Answer { from_the_page: false, .. }), "{fragment}");
        }
        let script = gate.script().expect("a script");
        assert!(script.contains(&mark) && script.contains(CALLBACK) && !script.contains("__"));
    }

    #[test]
    fn without_a_redirect_uri_nothing_is_an_answer() {
        let gate = Gate::new(None, provider(), [0; 16]);
        assert!(gate.script().is_none());
        assert!(matches!(gate.judge("https://acme.onelogin.com/?code=1&state=2", false), Passage::Page));
    }
}
