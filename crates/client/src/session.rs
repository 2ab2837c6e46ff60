//! What a sign-in left: tokens in memory, and the claims that were accepted.

use latchkey_oidc::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::report::{Kept, TokenSummaries, TokenSummary};
use crate::sign_in::Tokens;

/// Which token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The names are the specifications'.
pub enum TokenKind {
    AccessToken,
    RefreshToken,
    IdToken,
}

impl TokenKind {
    /// As in a token answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::IdToken => "id_token",
        }
    }
}

/// The tokens of an accepted sign-in. Lives in memory; only the refresh token may also be in the keychain.
#[derive(Debug, Clone)]
pub struct Session {
    /// For UserInfo. None came where an ID token alone was asked for.
    pub access_token: Option<Secret>,
    /// For the next refresh.
    pub refresh_token: Option<Secret>,
    /// Verified.
    pub id_token: Option<Secret>,
    /// Seconds of life of the access token at arrival.
    pub expires_in: Option<i64>,
    /// Unix time in seconds of arrival.
    pub obtained_at: i64,
    /// `sub`, of the ID token or else of UserInfo.
    pub subject: Option<String>,
    /// The nonce of the first sign-in, which a refreshed ID token may repeat.
    pub nonce: Option<String>,
    /// What was asked for at the first sign-in.
    pub asked: Vec<String>,
    /// Granted scope where the provider said so, else what was asked for.
    pub scope: Vec<String>,
    /// JOSE header of the ID token.
    pub id_token_header: Option<Map<String, Value>>,
    /// Claims of the ID token.
    pub id_token_claims: Option<Map<String, Value>>,
    /// Claims of UserInfo.
    pub userinfo: Option<Map<String, Value>>,
    /// What introspection said last of the access token, redacted; `None` until it was asked.
    pub introspection: Option<Value>,
    /// Where the refresh token is.
    pub kept: Kept,
}

impl Session {
    /// The value of a token, for Reveal, Copy and `--show-tokens`.
    #[must_use]
    pub fn token(&self, kind: TokenKind) -> Option<&Secret> {
        match kind {
            TokenKind::AccessToken => self.access_token.as_ref(),
            TokenKind::RefreshToken => self.refresh_token.as_ref(),
            TokenKind::IdToken => self.id_token.as_ref(),
        }
    }

    /// When a token ends, Unix time in seconds, where that is known.
    #[must_use]
    pub fn expires_at(&self, kind: TokenKind) -> Option<i64> {
        match kind {
            TokenKind::AccessToken => self.expires_in.map(|life| self.obtained_at.saturating_add(life)),
            TokenKind::IdToken => self.id_token_claims.as_ref().and_then(|claims| time_claim(claims, "exp")),
            TokenKind::RefreshToken => None,
        }
    }
}

/// The summaries of what a grant brought; the ID token's life from its own claims.
#[must_use]
pub(crate) fn summaries(answer: &Tokens, id_token_claims: Option<&Map<String, Value>>) -> TokenSummaries {
    let summary = |token: &Secret, expires_in: Option<i64>| TokenSummary {
        fingerprint: token.fingerprint(),
        expires_in,
        value: None,
    };
    let id_token_life = id_token_claims
        .and_then(|claims| Some(time_claim(claims, "exp")?.saturating_sub(time_claim(claims, "iat")?)));
    TokenSummaries {
        access_token: answer.access_token.as_ref().map(|token| summary(token, answer.expires_in)),
        refresh_token: answer.refresh_token.as_ref().map(|token| summary(token, None)),
        id_token: answer.id_token.as_ref().map(|token| summary(token, id_token_life)),
    }
}

fn time_claim(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    claims.get(name).and_then(|value| latchkey_oidc::timestamp::numeric_date(value).ok())
}
