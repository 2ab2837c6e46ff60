//! base64url as RFC 7515 §2 writes it: no padding, no spaces, and one spelling for each value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes; padding, white space, the `+/` alphabet and leftover bits are errors.
///
/// # Errors
/// Says in a few words what is wrong with the text.
pub fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.contains('=') {
        return Err("padding, which base64url does without");
    }
    if let Some(c) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_')) {
        return Err(match c {
            '+' | '/' => "the plain base64 alphabet in place of base64url",
            c if c.is_whitespace() => "white space",
            _ => "a character that is not base64url",
        });
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|error| match error {
        base64::DecodeError::InvalidLastSymbol(..) => "leftover bits in the last character",
        _ => "a length that no value has",
    })
}

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h06_one_spelling_for_each_value() {
        assert_eq!(decode("eyI"), Ok(vec![0x7b, 0x22]));
        for bad in ["eyI=", "ey I", "eyJ", "e", "ab+/", "é", "eyI\n"] {
            assert!(decode(bad).is_err(), "{bad:?} was taken");
        }
        assert_eq!(decode(""), Ok(Vec::new()));
    }
}
