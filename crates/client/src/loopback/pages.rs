//! The pages that the browser gets. Nothing that came with a request is in them, and nothing of them is fetched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The field in which the fragment is posted.
pub(super) const FIELD: &str = "fragment";

const STYLE: &str = "
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; display: grid; place-items: center; min-height: 100vh }
main { width: min(26rem, 100vw - 3rem) }
h1 { font-size: 1.4rem; margin: 0 0 .25rem }
p { margin: 0 }
";

/// Posts the fragment on. It leaves the address, and so the history, before that.
const POST_FRAGMENT: &str = "const fragment = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
document.forms[0].elements.fragment.value = fragment;
document.forms[0].submit();";

/// Takes the answer out of the address, and so out of the history.
const FORGET: &str = "history.replaceState(null, '', location.pathname);";

/// What the pages may do: the two scripts by their hashes, and a form to where they came from.
pub(super) fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}' '{}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
        hash(STYLE),
        hash(POST_FRAGMENT),
        hash(FORGET)
    )
}

/// Carries the fragment, which browsers keep to themselves, over to the listener.
pub(super) fn fragment(path: &str) -> String {
    let body = format!(
        "<h1>One moment</h1>
<p>The answer goes to Latchkey.</p>
<form method=\"post\" action=\"{path}\"><input type=\"hidden\" name=\"{FIELD}\"></form>
<noscript><p>Scripts are off in this browser, so the answer cannot be read. Switch them on for this page and load it again.</p></noscript>"
    );
    document("One moment", &body, POST_FRAGMENT)
}

/// The end, whatever the answer was: what it means stands in Latchkey.
pub(super) fn done() -> String {
    let body = "<h1>Back to Latchkey</h1>
<p>Latchkey has the answer and shows what it means. You can close this window.</p>";
    document("Back to Latchkey", body, FORGET)
}

/// For everything else.
pub(super) fn nothing_here() -> String {
    document(
        "Nothing here",
        "<h1>Nothing here</h1>\n<p>Latchkey waits for an answer at another address.</p>",
        "",
    )
}

fn document(title: &str, body: &str, script: &str) -> String {
    let script = if script.is_empty() { String::new() } else { format!("<script>{script}</script>\n") };
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title} · Latchkey</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
{script}</body>
</html>
"
    )
}

fn hash(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(digest))
}
