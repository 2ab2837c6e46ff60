//! A request as a `curl` command for a POSIX shell, which runs as it is once its variables are set.
//!
//! Secrets become variables, so that neither the clipboard nor the shell's history gets them.

use latchkey_oidc::http::{Authorization, FieldValue, HttpRequest, Method, form_encode};
use latchkey_oidc::text::visible;

use crate::exchange::Exchange;

/// The command that repeats a recorded exchange.
#[must_use]
pub fn from_exchange(exchange: &Exchange) -> String {
    let header =
        |name: &str| exchange.request_headers.iter().find(|h| h.name == name).map(|h| h.value.as_str());
    let authorization = header("authorization").and_then(|value| {
        if value.starts_with("Bearer ") {
            return Some(Login::Bearer);
        }
        let client_id = value.strip_prefix("Basic ")?.strip_suffix(":[client secret]")?;
        Some(Login::Basic { client_id: raw(client_id) })
    });
    let form = exchange.request_form.as_ref().map(|form| {
        form.iter()
            .map(|field| {
                let name = raw(&field.name);
                let secret = field.value == format!("[{}]", field.name)
                    || (field.value.starts_with(&format!("[{} sha256:", field.name))
                        && field.value.ends_with(']'));
                let value =
                    if secret { Value::Variable(name.clone()) } else { Value::Plain(raw(&field.value)) };
                (name, value)
            })
            .collect()
    });
    Command {
        method: exchange.method,
        url: exchange.url.clone(),
        accept: header("accept").map(raw),
        authorization,
        form,
    }
    .text()
}

/// The command that sends a request which was not sent yet.
#[must_use]
pub fn from_request(request: &HttpRequest) -> String {
    let authorization = request.authorization.as_ref().map(|authorization| match authorization {
        Authorization::Basic { client_id, .. } => Login::Basic { client_id: client_id.clone() },
        Authorization::Bearer(_) => Login::Bearer,
    });
    let form = request.form.as_ref().map(|form| {
        form.iter()
            .map(|(name, value)| match value {
                FieldValue::Plain(value) => (name.clone(), Value::Plain(value.clone())),
                FieldValue::Token(_) | FieldValue::Credential(_) => {
                    (name.clone(), Value::Variable(name.clone()))
                }
            })
            .collect()
    });
    Command {
        method: request.method,
        url: request.url.to_string(),
        accept: Some(request.accept.to_owned()),
        authorization,
        form,
    }
    .text()
}

struct Command {
    method: Method,
    url: String,
    accept: Option<String>,
    authorization: Option<Login>,
    form: Option<Vec<(String, Value)>>,
}

enum Login {
    Basic { client_id: String },
    Bearer,
}

enum Value {
    Plain(String),
    /// The name of the field whose value is a secret.
    Variable(String),
}

/// RFC 6749 §2.3.1 has both halves of Basic form-encoded, which curl does not do: byte by byte, the
/// way [`form_encode`] does.
const FORM_ENCODED: &str = r#"$(LATCHKEY_VALUE=$LATCHKEY_CLIENT_SECRET LC_ALL=C awk 'BEGIN {
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = sprintf("%%%02X", i)
  for (i = 1; i <= length(ENVIRON["LATCHKEY_VALUE"]); i++) {
    c = substr(ENVIRON["LATCHKEY_VALUE"], i, 1)
    printf "%s", c ~ /[A-Za-z0-9*._-]/ ? c : c == " " ? "+" : code[c]
  }
}')"#;

impl Command {
    fn text(&self) -> String {
        let mut before = String::new();
        let mut arguments = vec!["curl --include --globoff".to_owned()];
        if let Some(accept) = &self.accept {
            arguments.push(format!("--header {}", quoted(&format!("Accept: {accept}"))));
        }
        match &self.authorization {
            Some(Login::Basic { client_id }) => {
                // Within the substitution below, a missing variable would not stop the command.
                before = format!(": {} &&\n", variable("client_secret"));
                let client_id = quoted(&format!("{}:", form_encode(client_id)));
                arguments.push(format!("--user {client_id}\"{FORM_ENCODED}\""));
            }
            Some(Login::Bearer) => {
                arguments.push(format!("--header 'Authorization: Bearer '{}", variable("access_token")));
            }
            None => {}
        }
        for (name, value) in self.form.iter().flatten() {
            let name = form_encode(name);
            arguments.push(match value {
                // curl would leave out the equals sign.
                Value::Plain(value) if name.is_empty() => {
                    format!("--data {}", quoted(&format!("={}", form_encode(value))))
                }
                Value::Plain(value) => format!("--data-urlencode {}", quoted(&format!("{name}={value}"))),
                Value::Variable(field) => {
                    format!("--data-urlencode {}{}", quoted(&format!("{name}=")), variable(field))
                }
            });
        }
        if self.method == Method::Post && self.form.as_ref().is_none_or(Vec::is_empty) {
            arguments.push("--data ''".to_owned());
        }
        arguments.push(quoted(&self.url));
        before + &arguments.join(" \\\n  ")
    }
}

/// One word of a POSIX shell. NUL cannot be part of any.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\0', "").replace('\'', r"'\''"))
}

/// `"${LATCHKEY_PASSWORD:?set it to the password}"`, which stops the command while it is not set.
fn variable(field: &str) -> String {
    let name: String =
        field.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let words: String = field.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    format!("\"${{LATCHKEY_{name}:?set it to the {words}}}\"")
}

/// Undoes [`visible`]: what is shown as `\u{a}` was a line break.
fn raw(shown: &str) -> String {
    let mut out = String::with_capacity(shown.len());
    let mut rest = shown;
    while let Some(at) = rest.find("\\u{") {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let hidden = escape.find('}').and_then(|end| {
            let c = char::from_u32(u32::from_str_radix(&escape[3..end], 16).ok()?)?;
            (visible(&c.to_string()) == escape[..=end]).then_some((c, end + 1))
        });
        let length = match hidden {
            Some((c, length)) => {
                out.push(c);
                length
            }
            None => {
                out.push_str(&escape[..3]);
                3
            }
        };
        rest = &escape[length..];
    }
    out.push_str(rest);
    out
}
