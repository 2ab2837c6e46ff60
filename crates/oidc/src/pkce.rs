//! Proof Key for Code Exchange (RFC 7636), with `S256` alone: `plain` proves nothing to who sees the request.
//!
//! Must not know where randomness comes from: 32 random bytes are passed in.

use zeroize::Zeroizing;

use crate::base64url;
use crate::secret::Secret;

/// `code_challenge_method`.
pub const METHOD: &str = "S256";

/// A code verifier of 43 characters, made from 32 random bytes as RFC 7636 §4.1 recommends.
#[must_use]
pub fn verifier(random: &[u8; 32]) -> Secret {
    Secret::new(base64url::encode(random))
}

/// The code challenge of a verifier: base64url of its SHA-256 (RFC 7636 §4.2).
#[must_use]
pub fn challenge(verifier: &Secret) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.expose().as_bytes());
    base64url::encode(digest.as_ref())
}

/// What is random in one authorization request. Neither `Clone` nor `Debug`: it is used once.
pub struct Randomness {
    pub(crate) state: Zeroizing<[u8; 32]>,
    pub(crate) nonce: Zeroizing<[u8; 32]>,
    pub(crate) verifier: Zeroizing<[u8; 32]>,
}

impl Randomness {
    /// 96 bytes from the system's random source: 32 each for `state`, `nonce` and `code_verifier`.
    #[must_use]
    pub fn new(bytes: &[u8; 96]) -> Self {
        let part = |at: usize| {
            let mut part = Zeroizing::new([0; 32]);
            part.copy_from_slice(&bytes[at..at + 32]);
            part
        };
        Self { state: part(0), nonce: part(32), verifier: part(64) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The octets of RFC 7636 appendix B.
    const OCTETS: [u8; 32] = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
        214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];

    #[test]
    fn rfc_7636_appendix_b() {
        let verifier = verifier(&OCTETS);
        assert_eq!(verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_43_characters_that_may_stand_in_a_url() {
        for random in [[0; 32], [0xff; 32], [0xfb; 32]] {
            let verifier = verifier(&random);
            assert_eq!(verifier.expose().len(), 43);
            assert!(verifier.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }
    }

    #[test]
    fn the_three_values_come_from_different_bytes() {
        let mut bytes = [1; 96];
        bytes[32..64].fill(2);
        bytes[64..].fill(3);
        let randomness = Randomness::new(&bytes);
        assert_eq!((*randomness.state, *randomness.nonce, *randomness.verifier), ([1; 32], [2; 32], [3; 32]));
    }
}
