//! The authentication request as data (OIDC Core §3.1.2.1, §3.2.2.1) and what is remembered until its answer.
//!
//! Knows no random source and no browser: [`Randomness`] is passed in, a URL comes out. What the answer means
//! is [`crate::authorization_response`]'s.

use url::Url;

use crate::pkce::{self, Randomness};
use crate::problem::{Problem, ProblemKind};
use crate::redirect_uri::{RedirectUri, RedirectUriFault};
use crate::response_type::{ResponseMode, ResponseType};
use crate::secret::Secret;
use crate::{base64url, text};

/// Parameters that are set here and nowhere else; those of RFC 9101 would replace all others, and a client
/// secret does not belong into a URL.
const RESERVED: [&str; 18] = [
    "client_id",
    "client_secret",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "prompt",
    "login_hint",
    "acr_values",
    "max_age",
    "resource",
    "ui_locales",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// A request before its random values: everything a person chose.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// From the metadata, checked by [`crate::issuer::Issuer::check_endpoint`].
    pub authorization_endpoint: Url,
    /// The issuer of the connection: the answer must come from it.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// Sent and compared character for character.
    pub redirect_uri: RedirectUri,
    /// What is asked for.
    pub response_type: ResponseType,
    /// Where it shall come; `None` leaves it to the default of the type.
    pub response_mode: Option<ResponseMode>,
    /// Left out where empty, which no provider takes but a tester may want to see.
    pub scopes: Vec<String>,
    /// `login`, `none`, or what else the provider knows.
    pub prompt: Option<String>,
    /// The user name to fill in.
    pub login_hint: Option<String>,
    /// In order of preference.
    pub acr_values: Vec<String>,
    /// Oldest sign-in that will do, seconds.
    pub max_age: Option<u32>,
    /// Where access tokens shall be used (RFC 8707 §2), one parameter each.
    pub resources: Vec<String>,
    /// In order of preference (BCP 47).
    pub ui_locales: Vec<String>,
    /// Further parameters, which may not be among ours.
    pub extra: Vec<(String, String)>,
}

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestFault {
    /// The client id is empty.
    #[error("The client id is missing.")]
    ClientId,
    /// See [`RedirectUriFault`].
    #[error("The redirect URI cannot be used: {0}.")]
    RedirectUri(#[from] RedirectUriFault),
    /// RFC 6749 §3.3.
    #[error("“{}” cannot be a scope: letters, digits and signs other than blank, \" and \\ (RFC 6749 §3.3).", text::visible(.0))]
    Scope(String),
    /// An extra parameter with a name of ours.
    #[error("The extra parameter {0} is already part of the request and cannot be set a second time.")]
    Reserved(String),
    /// An extra parameter stands twice (RFC 6749 §3.1).
    #[error("The extra parameter {} stands twice.", text::visible(.0))]
    Twice(String),
    /// An extra parameter without a name.
    #[error("An extra parameter has no name.")]
    Nameless,
    /// The endpoint's own query has a parameter of the request (RFC 6749 §3.1).
    #[error("The provider's authorization endpoint already has the parameter {} in its address.", text::visible(.0))]
    Endpoint(String),
}

impl From<RequestFault> for Problem {
    fn from(fault: RequestFault) -> Self {
        let remedy = match &fault {
            RequestFault::ClientId => "Enter the client id. OneLogin: Applications › the app › SSO.",
            RequestFault::RedirectUri(_) => {
                "Copy it from the app. OneLogin: Applications › the app › Configuration › Redirect URIs."
            }
            RequestFault::Scope(_) => "Separate scopes by blanks: openid profile email.",
            RequestFault::Reserved(_) => "Use the field of that name, or leave the extra parameter out.",
            RequestFault::Twice(_) | RequestFault::Nameless => {
                "Give each extra parameter one name and one value."
            }
            RequestFault::Endpoint(_) => "Check the issuer, and tell whoever runs the provider.",
        };
        Self::new(ProblemKind::InvalidInput, fault.to_string(), remedy)
    }
}

/// Whether these parameters may stand beside those of the request.
///
/// # Errors
/// One has no name, stands twice, or has a name of ours.
pub fn check_extra(extra: &[(String, String)]) -> Result<(), RequestFault> {
    for (index, (name, _)) in extra.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(RequestFault::Nameless);
        }
        // Some providers read names without regard to case.
        if let Some(ours) = RESERVED.into_iter().find(|ours| ours.eq_ignore_ascii_case(name.trim())) {
            return Err(RequestFault::Reserved(ours.to_owned()));
        }
        if extra[..index].iter().any(|(before, _)| before == name) {
            return Err(RequestFault::Twice(name.clone()));
        }
    }
    Ok(())
}

/// A parameter that a probe leaves out, to see how the provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are the specification's.
pub enum LeftOut {
    ClientId,
    RedirectUri,
    ResponseType,
    Scope,
    Nonce,
}

impl LeftOut {
    /// The parameter's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientId => "client_id",
            Self::RedirectUri => "redirect_uri",
            Self::ResponseType => "response_type",
            Self::Scope => "scope",
            Self::Nonce => "nonce",
        }
    }
}

/// A request that is complete: where to send the browser, and what its answer is compared with.
#[derive(Debug)]
pub struct Prepared {
    /// Holds no secret: the verifier is in it as a digest alone.
    pub url: Url,
    /// Keep it until the answer.
    pub pending: Pending,
}

/// A request under way. It is neither `Clone` nor made otherwise, and [`crate::authorization_response::parse`]
/// consumes it: state, nonce and verifier work once.
#[derive(Debug)]
pub struct Pending {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) response_type: ResponseType,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) scopes: Vec<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) max_age: Option<u32>,
    pub(crate) state: Secret,
    pub(crate) nonce: String,
    pub(crate) verifier: Secret,
}

impl Pending {
    /// The redirect URI: whether an address is the answer is its [`RedirectUri::matches`] alone.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// The issuer that the request went to.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What was asked for.
    #[must_use]
    pub fn response_type(&self) -> ResponseType {
        self.response_type
    }

    /// Where the answer comes, the default of the type where none was asked for.
    #[must_use]
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode.unwrap_or_else(|| self.response_type.default_mode())
    }

    /// Whether the provider was told not to ask the user anything.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.prompt.as_deref() == Some("none")
    }

    /// What recordings must never show: the recorder is told before the browser is sent off.
    #[must_use]
    pub fn verifier(&self) -> &Secret {
        &self.verifier
    }
}

impl AuthorizationRequest {
    /// A request with nothing optional in it.
    #[must_use]
    pub fn new(
        authorization_endpoint: Url,
        issuer: &str,
        client_id: &str,
        redirect_uri: RedirectUri,
        response_type: ResponseType,
    ) -> Self {
        Self {
            authorization_endpoint,
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            redirect_uri,
            response_type,
            response_mode: None,
            scopes: vec!["openid".to_owned()],
            prompt: None,
            login_hint: None,
            acr_values: Vec::new(),
            max_age: None,
            resources: Vec::new(),
            ui_locales: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// Adds the random values.
    ///
    /// The nonce goes with every response type: the implicit flow must have it (OIDC Core §3.2.2.1), and with a
    /// code it binds the ID token to this request as well. PKCE goes with every code (RFC 9700 §2.1.1).
    ///
    /// # Errors
    /// What the person has to change first.
    pub fn prepare(self, randomness: Randomness) -> Result<Prepared, RequestFault> {
        let state = Secret::new(base64url::encode(&*randomness.state));
        let nonce = base64url::encode(&*randomness.nonce);
        let verifier = pkce::verifier(&randomness.verifier);
        let url = self.url(&state, &nonce, &verifier, None)?;
        let pending = Pending {
            issuer: self.issuer,
            client_id: self.client_id,
            redirect_uri: self.redirect_uri,
            response_type: self.response_type,
            response_mode: self.response_mode,
            scopes: self.scopes,
            prompt: self.prompt,
            acr_values: self.acr_values,
            max_age: self.max_age,
            state,
            nonce,
            verifier,
        };
        Ok(Prepared { url, pending })
    }

    /// The address of a request that lacks a parameter, for a probe. Nothing can answer it: there is no
    /// [`Pending`] for it.
    ///
    /// # Errors
    /// As [`AuthorizationRequest::prepare`].
    pub fn incomplete(&self, left_out: LeftOut, randomness: Randomness) -> Result<Url, RequestFault> {
        let state = Secret::new(base64url::encode(&*randomness.state));
        let nonce = base64url::encode(&*randomness.nonce);
        self.url(&state, &nonce, &pkce::verifier(&randomness.verifier), Some(left_out))
    }

    fn url(
        &self,
        state: &Secret,
        nonce: &str,
        verifier: &Secret,
        left_out: Option<LeftOut>,
    ) -> Result<Url, RequestFault> {
        self.check()?;
        let mut parameters: Vec<(&str, String)> = vec![
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.as_str().to_owned()),
            ("response_type", self.response_type.as_str().to_owned()),
            ("scope", self.scopes.join(" ")),
            ("state", state.expose().to_owned()),
            ("nonce", nonce.to_owned()),
            ("response_mode", self.response_mode.map(|mode| mode.to_string()).unwrap_or_default()),
            ("prompt", self.prompt.clone().unwrap_or_default()),
            ("login_hint", self.login_hint.clone().unwrap_or_default()),
            ("acr_values", self.acr_values.join(" ")),
            ("max_age", self.max_age.map(|age| age.to_string()).unwrap_or_default()),
            ("ui_locales", self.ui_locales.join(" ")),
        ];
        parameters.extend(self.resources.iter().map(|resource| ("resource", resource.clone())));
        if self.response_type == ResponseType::Code {
            parameters.push(("code_challenge", pkce::challenge(verifier)));
            parameters.push(("code_challenge_method", pkce::METHOD.to_owned()));
        }
        let mut url = self.authorization_endpoint.clone();
        url.set_fragment(None);
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in &parameters {
                // A parameter without a value counts as left out (RFC 6749 §3.1).
                if !value.is_empty() && left_out.is_none_or(|left_out| left_out.as_str() != *name) {
                    query.append_pair(name, value);
                }
            }
            for (name, value) in &self.extra {
                query.append_pair(name, value);
            }
        }
        Ok(url)
    }

    fn check(&self) -> Result<(), RequestFault> {
        if self.client_id.is_empty() {
            return Err(RequestFault::ClientId);
        }
        let in_scope = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if let Some(scope) = self.scopes.iter().find(|scope| scope.is_empty() || !scope.bytes().all(in_scope))
        {
            return Err(RequestFault::Scope(scope.clone()));
        }
        check_extra(&self.extra)?;
        let taken =
            |name: &str| RESERVED.contains(&name) || self.extra.iter().any(|(extra, _)| extra == name);
        if let Some((name, _)) = self.authorization_endpoint.query_pairs().find(|(name, _)| taken(name)) {
            return Err(RequestFault::Endpoint(name.into_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "authorization_tests.rs"]
mod tests;
