//! What a person sees: plain forms that work without scripts. The one script of the tenant posts a response on, and
//! the policy of its page names it by its hash.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::{Host, Url};

use crate::answer::Answer;

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh }
main { width: min(22rem, 100vw - 3rem); padding: 1.5rem 0 }
h1 { font-size: 1.4rem; margin: 0 0 .25rem }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
label { display: block; font-weight: 600 }
input { display: block; box-sizing: border-box; width: 100%; margin: .25rem 0 1rem; padding: .5rem; font: inherit }
button { font: inherit; padding: .5rem 1rem }
.error { border-left: .25rem solid #c0392b; padding-left: .75rem }
";

const POST_ON: &str = "document.forms[0].submit();";

/// The second answer follows when the first has had time to be seen.
const NAVIGATE_TWICE: &str = "const [first, second] = document.links;
setTimeout(() => location.assign(second.href), 300);
location.assign(first.href);";

/// A form that asks the person for something.
pub(crate) struct Form<'a> {
    /// The path that it posts to.
    pub(crate) action: &'a str,
    /// The request, carried along.
    pub(crate) carried: &'a [(String, String)],
    /// Where the person goes in the end; a policy has to allow what a form is redirected to.
    pub(crate) redirect_uri: &'a str,
    /// The application's name.
    pub(crate) client_name: &'a str,
    /// What went wrong before.
    pub(crate) error: Option<&'a str>,
}

/// User name and password.
pub(crate) fn login(form: &Form<'_>, username: &str) -> Answer {
    let (focus_name, focus_password) =
        if username.is_empty() { (" autofocus", "") } else { ("", " autofocus") };
    let fields = format!(
        "<label for=\"username\">User name</label>
<input id=\"username\" name=\"username\" value=\"{}\" autocomplete=\"username\" autocapitalize=\"none\" \
         spellcheck=\"false\"{focus_name}>
<label for=\"password\">Password</label>
<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\"{focus_password}>
<button type=\"submit\">Sign in</button>",
        escape(username)
    );
    asking("Sign in", form, "", &fields)
}

/// The second factor.
pub(crate) fn second_factor(form: &Form<'_>, demo_code: &str) -> Answer {
    let explanation = format!(
        "<p>This person needs a second factor. In the demo tenant the code is <strong>{demo_code}</strong>.</p>\n"
    );
    let fields = "<label for=\"one_time_code\">One-time code</label>
<input id=\"one_time_code\" name=\"one_time_code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" autofocus>
<button type=\"submit\">Continue</button>";
    asking("Enter your code", form, &explanation, fields)
}

/// The end of a session without anywhere to go.
pub(crate) fn signed_out(ended: bool) -> Answer {
    let text = if ended {
        "You are signed out of the demo tenant. You can close this page."
    } else {
        "The tokens are revoked. You are still signed in at the demo tenant."
    };
    let title = if ended { "Signed out" } else { "Tokens revoked" };
    document(title, &format!("<h1>{title}</h1>\n<p>{text}</p>"), None, "'none'")
}

/// A form that posts a response to the redirect URI, by itself or by its button.
pub(crate) fn form_post(redirect_uri: &str, parameters: &[(String, String)]) -> Answer {
    let body = format!(
        "<h1>Signing in</h1>
<form method=\"post\" action=\"{}\">
{}<noscript><p>Scripts are off. Continue by hand.</p><button type=\"submit\">Continue</button></noscript>
</form>",
        escape(redirect_uri),
        hidden(parameters),
    );
    document("Signing in", &body, Some(POST_ON), &source_of(redirect_uri))
}

/// A page that goes to one address and then to another.
pub(crate) fn two_answers(first: &str, second: &str) -> Answer {
    let body = format!(
        "<h1>Signing in</h1>
<p><a href=\"{}\">First answer</a></p>
<p><a href=\"{}\">Second answer</a></p>",
        escape(first),
        escape(second),
    );
    document("Signing in", &body, Some(NAVIGATE_TWICE), "'none'")
}

fn asking(title: &str, form: &Form<'_>, explanation: &str, fields: &str) -> Answer {
    let error = form
        .error
        .map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>\n", escape(text)))
        .unwrap_or_default();
    let body = format!(
        "<h1>{title}</h1>
<p>to {}, at the demo tenant</p>
{error}{explanation}<form method=\"post\" action=\"{}\">
{}{fields}
</form>",
        escape(form.client_name),
        escape(form.action),
        hidden(form.carried),
    );
    document(title, &body, None, &format!("'self' {}", source_of(form.redirect_uri)))
}

fn hidden(parameters: &[(String, String)]) -> String {
    parameters
        .iter()
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value))
        })
        .collect()
}

fn document(title: &str, body: &str, script: Option<&str>, form_action: &str) -> Answer {
    let mut policy = format!(
        "default-src 'none'; style-src '{}'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}",
        hash(STYLE)
    );
    let mut end = String::new();
    if let Some(script) = script {
        policy.push_str(&format!("; script-src '{}'", hash(script)));
        end = format!("<script>{script}</script>\n");
    }
    let html = format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title} · demo tenant</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
{end}</body>
</html>
"
    );
    Answer::text(200, "text/html; charset=utf-8", html)
        .with_header("content-security-policy", policy)
        .with_header("referrer-policy", "no-referrer")
        .with_header("x-content-type-options", "nosniff")
}

fn hash(inline: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, inline.as_bytes())))
}

/// An address as a policy names it: its origin, or its scheme where a policy has no words for the host (IPv6).
fn source_of(redirect_uri: &str) -> String {
    let Ok(url) = Url::parse(redirect_uri) else { return "'none'".to_owned() };
    match url.host() {
        Some(Host::Domain(_) | Host::Ipv4(_)) if matches!(url.scheme(), "http" | "https") => {
            url.origin().ascii_serialization()
        }
        _ => format!("{}:", url.scheme()),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // An input's value loses line breaks that are not escaped.
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}
