//! base64url as RFC 7515 §2 writes it: no padding, no spaces, and one spelling for each value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes; padding, white space, the `+/` alphabet and leftover bits are errors.
///
/// # Errors
/// Says in a few words what is wrong with the text.
pub fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    // The engine is as strict as this module; what it refuses is looked at again for the reason alone.
    URL_SAFE_NO_PAD.decode(text).map_err(|error| reason(text, &error))
}

/// Whether [`decode`] takes the text, without the bytes.
///
/// # Errors
/// As [`decode`].
pub fn check(text: &str) -> Result<(), &'static str> {
    // Longer than any signature; what is longer still is decoded like everything else.
    let mut bytes = [0; 1024];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(_) => Ok(()),
        Err(base64::DecodeSliceError::DecodeError(error)) => Err(reason(text, &error)),
        Err(base64::DecodeSliceError::OutputSliceTooSmall) => decode(text).map(drop),
    }
}

fn reason(text: &str, error: &base64::DecodeError) -> &'static str {
    if text.contains('=') {
        return "padding, which base64url does without";
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_')) {
        Some('+' | '/') => "the plain base64 alphabet in place of base64url",
        Some(c) if c.is_whitespace() => "white space",
        Some(_) => "a character that is not base64url",
        None if matches!(error, base64::DecodeError::InvalidLastSymbol(..)) => {
            "leftover bits in the last character"
        }
        None => "a length that no value has",
    }
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
            assert_eq!(check(bad).err(), decode(bad).err());
            let long = format!("{}{bad}", "A".repeat(4 * 1024));
            assert_eq!(check(&long).err(), decode(&long).err());
        }
        assert_eq!(decode(""), Ok(Vec::new()));
        assert_eq!((check("eyI"), check(""), check(&"A".repeat(4 * 1024))), (Ok(()), Ok(()), Ok(())));
    }
}
