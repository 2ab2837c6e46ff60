//! A compact JWS taken apart (RFC 7515 §7.1), and what its header may say in an ID token.

use serde_json::{Map, Value};

use crate::json::{self, JsonError};
use crate::secret::Secret;
use crate::{Check, Finding, Status, base64url, named, text};

/// The longest token that is looked at, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Why a text is no compact JWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// Nothing there.
    #[error("an empty text")]
    Empty,
    /// Longer than [`MAX_BYTES`].
    #[error("{0} bytes, more than the 1 MiB that is looked at")]
    TooLong(usize),
    /// Five parts: a JWE.
    #[error("an encrypted token (JWE, five parts), which this client did not ask for")]
    Encrypted,
    /// Not three parts.
    #[error("{0} part(s) separated by dots")]
    Parts(usize),
    /// A part that is not base64url.
    #[error("a {part} with {reason}")]
    Base64 {
        /// `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A part that is not the JSON it must be.
    #[error("a {part} that is no JSON object: {error}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong.
        error: JsonError,
    },
}

/// A compact JWS, decoded and not yet verified.
#[derive(Debug, Clone)]
pub struct Jws<'a> {
    /// JOSE header.
    pub header: Map<String, Value>,
    /// Payload, which must be an object.
    pub claims: Map<String, Value>,
    /// What was signed: header and payload as they came.
    pub signing_input: &'a str,
    /// As it came: base64url, checked.
    pub signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`FormatFault`] for whatever is not exactly three base64url parts, the first two JSON objects.
    pub fn parse(token: &'a Secret) -> Result<Self, FormatFault> {
        let token = token.expose();
        if token.is_empty() {
            return Err(FormatFault::Empty);
        }
        if token.len() > MAX_BYTES {
            return Err(FormatFault::TooLong(token.len()));
        }
        let parts: Vec<&str> = token.splitn(8, '.').collect();
        let &[header, payload, signature] = parts.as_slice() else {
            return Err(if parts.len() == 5 {
                FormatFault::Encrypted
            } else {
                FormatFault::Parts(parts.len())
            });
        };
        let object = |part: &'static str, text: &str| {
            let bytes = base64url::decode(text).map_err(|reason| FormatFault::Base64 { part, reason })?;
            json::parse_object(&bytes).map_err(|error| FormatFault::Json { part, error })
        };
        let header_object = object("header", header)?;
        let claims = object("payload", payload)?;
        base64url::check(signature).map_err(|reason| FormatFault::Base64 { part: "signature", reason })?;
        Ok(Self {
            header: header_object,
            claims,
            signing_input: &token[..header.len() + 1 + payload.len()],
            signature,
        })
    }

    /// `alg`, where it is a string.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.header.get("alg").and_then(Value::as_str)
    }

    /// `kid`, where it is a string.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }
}

/// Checks the header's members other than `alg` and `kid` (RFC 7515 §4.1, RFC 8725 §3.10, §3.11).
///
/// `explicit_types` are the `typ` values beside `JWT` that this kind of token may carry.
#[must_use]
pub fn check_header(header: &Map<String, Value>, explicit_types: &[&str]) -> Vec<Finding> {
    const EXPECTED: &str = "no critical extension, type JWT";
    let refuse = |received: String, reference: &'static str| {
        vec![Finding::new(Check::IdTokenHeader, Status::Failed, EXPECTED, received, reference)]
    };
    let named = named::Header::of(header);
    if let Some(crit) = named.crit {
        return refuse(
            format!("crit {}, which this client does not understand", shown(crit)),
            "RFC 7515 §4.1.11",
        );
    }
    if named.b64.is_some_and(|b64| b64 != &Value::Bool(true)) {
        return refuse("b64 false: an unencoded payload".to_owned(), "RFC 7797 §3");
    }
    if let Some(kid) = named.kid.filter(|kid| !kid.is_string()) {
        return refuse(format!("kid {}, which must be a string", shown(kid)), "RFC 7515 §4.1.4");
    }
    if named.enc.or(named.zip).is_some() {
        return refuse("members of an encrypted token (enc, zip)".to_owned(), "RFC 7516 §4.1");
    }
    if named.cty.and_then(Value::as_str).is_some_and(|cty| cty.eq_ignore_ascii_case("JWT")) {
        return refuse("cty JWT: another token nested inside".to_owned(), "RFC 7519 §5.2");
    }
    match named.typ {
        None => {}
        Some(Value::String(typ)) => {
            let bare = typ.to_ascii_lowercase();
            let bare = bare.strip_prefix("application/").unwrap_or(&bare);
            if bare != "jwt" && !explicit_types.contains(&bare) {
                return refuse(format!("typ {}: a token of another kind", shown_text(typ)), "RFC 8725 §3.11");
            }
        }
        Some(other) => {
            return refuse(format!("typ {}, which must be a string", shown(other)), "RFC 7515 §4.1.9");
        }
    }
    let carried =
        [("jwk", named.jwk), ("jku", named.jku), ("x5u", named.x5u), ("x5c", named.x5c), ("x5t", named.x5t)];
    let embedded: Vec<&str> = carried.into_iter().filter_map(|(name, member)| member.map(|_| name)).collect();
    let mut findings = vec![Finding::new(
        Check::IdTokenHeader,
        Status::Passed,
        EXPECTED,
        named.typ.and_then(Value::as_str).map_or_else(|| "no type".to_owned(), shown_text),
        "RFC 7515 §4.1",
    )];
    // A thumbprint alone is common and harmless: it names a key and brings none.
    if embedded.iter().any(|name| *name != "x5t") {
        findings.push(
            Finding::new(
                Check::IdTokenHeader,
                Status::Warning,
                "keys from the provider's key set alone",
                format!("{} in the header, not used and not fetched", embedded.join(", ")),
                "RFC 8725 §3.10",
            )
            .with_remedy("Tell the provider: a key that comes with the token proves nothing."),
        );
    }
    findings
}

/// A JSON value for a finding: compact, harmless, at most 200 characters.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(value) => shown_text(value),
        other => text::shortened(&text::visible(&other.to_string()), 200),
    }
}

/// Provider text for a finding: harmless, at most 200 characters.
#[must_use]
pub fn shown_text(value: &str) -> String {
    if value.len() <= 200 && text::is_plain(value) {
        return value.to_owned();
    }
    text::shortened(&text::visible(value), 200)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(token: &str) -> FormatFault {
        Jws::parse(&Secret::from(token)).unwrap_err()
    }

    #[test]
    fn h05_h06_only_three_clean_parts_are_a_token() {
        assert_eq!(fault(""), FormatFault::Empty);
        assert_eq!(fault("e30.e30"), FormatFault::Parts(2));
        assert_eq!(fault("e30.e30.AA.AA"), FormatFault::Parts(4));
        assert_eq!(fault("a.b.c.d.e"), FormatFault::Encrypted);
        assert!(matches!(fault("e30=.e30.AA"), FormatFault::Base64 { part: "header", .. }));
        assert!(matches!(fault("e30. e30.AA"), FormatFault::Base64 { part: "payload", .. }));
        assert!(matches!(fault("e30.e30.AB"), FormatFault::Base64 { part: "signature", .. }));
        assert!(matches!(fault("e30.e30.AA\n"), FormatFault::Base64 { part: "signature", .. }));
        assert!(matches!(fault("W10.e30.AA"), FormatFault::Json { part: "header", .. }));
        assert!(matches!(fault("e30.W10.AA"), FormatFault::Json { part: "payload", .. }));
        assert!(Jws::parse(&Secret::from("e30.e30.AA")).is_ok());
    }

    #[test]
    fn h04_h05_header_members_that_stop_and_that_warn() {
        let check = |header: Value| check_header(header.as_object().unwrap(), &[]);
        for (header, said) in [
            (json!({"crit": ["exp"]}), "crit"),
            (json!({"b64": false}), "b64"),
            (json!({"typ": "at+jwt"}), "at+jwt"),
            (json!({"typ": "application/logout+jwt"}), "logout+jwt"),
            (json!({"typ": 1}), "typ"),
            (json!({"cty": "JWT"}), "cty"),
            (json!({"kid": 7}), "kid"),
        ] {
            let findings = check(header);
            assert_eq!(findings[0].status, Status::Failed);
            assert!(findings[0].received.contains(said), "{}", findings[0].received);
        }
        for header in [json!({}), json!({"typ": "JWT"}), json!({"typ": "jwt"}), json!({"x5t": "a"})] {
            let findings = check(header);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].status, Status::Passed);
        }
        for name in ["jwk", "jku", "x5u", "x5c"] {
            let findings = check(json!({ name: "https://evil.example/keys" }));
            assert_eq!(findings[1].status, Status::Warning);
            assert!(findings[1].received.contains(name));
        }
    }
}
