//! What a grant brought, whichever way it came.

use latchkey_oidc::Secret;
use latchkey_oidc::token::TokenAnswer;

/// Tokens of the token endpoint or of the authorization endpoint.
#[derive(Debug)]
pub(crate) struct Tokens {
    /// Not there where an ID token alone was asked for.
    pub(crate) access_token: Option<Secret>,
    /// Seconds, where the provider says.
    pub(crate) expires_in: Option<i64>,
    /// Never from the authorization endpoint.
    pub(crate) refresh_token: Option<Secret>,
    /// Not yet verified.
    pub(crate) id_token: Option<Secret>,
    /// What was granted, where the provider says so.
    pub(crate) scope: Option<Vec<String>>,
}

impl From<TokenAnswer> for Tokens {
    fn from(answer: TokenAnswer) -> Self {
        let TokenAnswer { access_token, expires_in, refresh_token, id_token, scope } = answer;
        Self { access_token: Some(access_token), expires_in, refresh_token, id_token, scope }
    }
}
