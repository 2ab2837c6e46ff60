//! How an authorization ended, and what the ID token that follows must agree with.

use url::Url;

use crate::client_auth::ClientAuth;
use crate::http::HttpRequest;
use crate::problem::Problem;
use crate::redirect_uri::RedirectUri;
use crate::response_type::ResponseType;
use crate::secret::Secret;
use crate::{Finding, id_token, token};

/// An answer of the authorization endpoint, judged.
#[derive(Debug)]
pub struct AuthorizationAnswer {
    /// How it ended.
    pub outcome: AuthorizationOutcome,
    /// Every rule that was looked at, in order. After a failed one of parameters, state or issuer, none is.
    pub findings: Vec<Finding>,
}

/// How it ended. The first answer ends a request, whatever it is.
#[derive(Debug)]
pub enum AuthorizationOutcome {
    /// A code, to be exchanged once.
    Code(CodeAnswer),
    /// Tokens, the ID token not yet verified.
    Tokens(ImplicitAnswer),
    /// The provider's error, explained. Its state and issuer are checked.
    ProviderError(Problem),
    /// A check failed: nothing of the answer was used.
    Rejected,
}

/// A code with all that its exchange needs.
#[derive(Debug)]
pub struct CodeAnswer {
    pub(super) code: Secret,
    pub(super) verifier: Secret,
    pub(super) redirect_uri: RedirectUri,
    pub(super) agreed: Agreed,
}

impl CodeAnswer {
    /// The code, for the recorder to learn.
    #[must_use]
    pub fn code(&self) -> &Secret {
        &self.code
    }

    /// The request that exchanges the code, once: a code is never sent twice (RFC 6749 §4.1.2).
    #[must_use]
    pub fn into_request(self, token_endpoint: Url, client: &ClientAuth) -> (HttpRequest, Agreed) {
        let request = token::authorization_code_request(
            token_endpoint,
            client,
            &self.code,
            self.redirect_uri.as_str(),
            &self.verifier,
        );
        (request, Agreed { code: Some(self.code), ..self.agreed })
    }
}

/// Tokens from the authorization endpoint (OIDC Core §3.2.2.5).
#[derive(Debug)]
pub struct ImplicitAnswer {
    /// Not yet verified.
    pub id_token: Secret,
    /// With `id_token token`. May be used only once the ID token is verified, `at_hash` included.
    pub access_token: Option<Secret>,
    /// Seconds, where the provider says.
    pub expires_in: Option<i64>,
    /// What was granted, where the provider says so.
    pub scope: Option<Vec<String>>,
    /// What the ID token must agree with.
    pub agreed: Agreed,
}

/// What was sent and must come back in the ID token.
#[derive(Debug)]
pub struct Agreed {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) response_type: ResponseType,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: String,
    pub(super) acr_values: Vec<String>,
    pub(super) max_age: Option<u32>,
    pub(super) code: Option<Secret>,
}

impl Agreed {
    /// The scopes that were asked for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The nonce, which a later refresh is compared with (OIDC Core §12.2).
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// What the ID token must agree with. Client secret, algorithms, refresh token and time are the caller's.
    #[must_use]
    pub fn expectations<'a>(&'a self, access_token: Option<&'a Secret>) -> id_token::Expectations<'a> {
        id_token::Expectations {
            issuer: &self.issuer,
            client_id: &self.client_id,
            nonce: Some(&self.nonce),
            access_token,
            // OIDC Core §3.2.2.10; from the token endpoint it is optional (§3.1.3.6).
            at_hash_required: self.response_type == ResponseType::IdTokenToken,
            code: self.code.as_ref(),
            acr_values: &self.acr_values,
            max_age: self.max_age.map(i64::from),
            ..id_token::Expectations::default()
        }
    }
}
