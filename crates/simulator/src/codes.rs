//! Authorization codes, known by digest alone: each works once, for a minute, and only for the request that got it.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};

use crate::keys::{encode, hex_digest};
use crate::options::Generation;
use crate::store::Granted;

/// How long a code can be exchanged.
pub(crate) const LIFETIME: i64 = 60;
/// How long a code that was exchanged is remembered, so that its reuse is noticed.
const REMEMBERED: i64 = 3_600;
/// More than a demo tenant ever holds.
const AT_MOST: usize = 4_096;

/// What a code verifier has to fit (RFC 7636 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    Plain(String),
    S256(String),
}

impl Challenge {
    pub(crate) fn plain(value: &str) -> Option<Self> {
        is_verifier(value).then(|| Self::Plain(value.to_owned()))
    }

    pub(crate) fn s256(value: &str) -> Option<Self> {
        is_verifier(value).then(|| Self::S256(value.to_owned()))
    }

    fn fits(&self, verifier: &str) -> bool {
        is_verifier(verifier)
            && match self {
                Self::Plain(value) => value == verifier,
                Self::S256(value) => *value == encode(digest(&SHA256, verifier.as_bytes()).as_ref()),
            }
    }
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) granted: Granted,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) nonce: Option<String>,
    pub(crate) acr: Option<String>,
}

/// What a client brings to exchange a code.
pub(crate) struct Presented<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) generation: Generation,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: Option<&'a str>,
}

/// Why a code was not exchanged.
pub(crate) enum NotExchanged {
    /// Unknown, expired, somebody else's, or for another redirect URI or verifier.
    Invalid,
    /// It was exchanged before: the tokens of this family have to end (RFC 6749 §4.1.2).
    Used { family: String },
}

struct Entry {
    code: Code,
    issued_at: i64,
    used: bool,
}

#[derive(Default)]
pub(crate) struct Codes(HashMap<String, Entry>);

impl Codes {
    pub(crate) fn add(&mut self, value: &str, code: Code, now: i64) {
        if self.0.len() >= AT_MOST {
            self.0.retain(|_, entry| now < entry.issued_at.saturating_add(REMEMBERED));
        }
        while self.0.len() >= AT_MOST {
            let oldest = self.0.iter().min_by_key(|(_, entry)| entry.issued_at);
            let Some(digest) = oldest.map(|(digest, _)| digest.clone()) else { break };
            self.0.remove(&digest);
        }
        self.0.insert(hex_digest(value.as_bytes()), Entry { code, issued_at: now, used: false });
    }

    /// Uses a code up. One that does not fit stays as it is: a stranger cannot spoil it.
    pub(crate) fn exchange(&mut self, presented: &Presented<'_>, now: i64) -> Result<Code, NotExchanged> {
        let entry = self.0.get_mut(&hex_digest(presented.code.as_bytes())).ok_or(NotExchanged::Invalid)?;
        let granted = &entry.code.granted;
        if granted.client_id != presented.client_id || granted.generation != presented.generation {
            return Err(NotExchanged::Invalid);
        }
        if entry.used {
            return Err(NotExchanged::Used { family: granted.family.clone() });
        }
        let verified = match (&entry.code.challenge, presented.verifier) {
            (Some(challenge), Some(verifier)) => challenge.fits(verifier),
            (None, None) => true,
            // A verifier without a challenge means that somebody took the challenge away (RFC 9700 §4.8.2).
            _ => false,
        };
        let timely = now < entry.issued_at.saturating_add(LIFETIME);
        if !(timely && verified && entry.code.redirect_uri == presented.redirect_uri) {
            return Err(NotExchanged::Invalid);
        }
        entry.used = true;
        Ok(entry.code.clone())
    }
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
