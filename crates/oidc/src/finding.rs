//! One check each: what was expected, what came, how it ended, where the rule stands, how to mend it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub enum Status {
    /// What came is what was expected.
    Passed,
    /// The rule is broken. The sign-in ends here.
    Failed,
    /// Worth knowing, and no reason to stop.
    Warning,
    /// The rule does not apply to this answer.
    NotDue,
}

/// Every check there is. The code (`id_token_issuer`) is what scripts rely on; the label is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The label beside each says what it is.
pub enum Check {
    // Discovery metadata
    MetadataIssuer,
    MetadataEndpoints,
    MetadataRequired,
    MetadataGrant,
    MetadataAuthMethod,
    MetadataScopes,
    MetadataAlgorithms,
    MetadataPkce,
    IssuerRetired,
    // Key set
    KeySet,
    KeyPrivate,
    KeyStrength,
    KeyIds,
    // Authorization answer
    AuthorizationParameters,
    AuthorizationState,
    AuthorizationIssuer,
    AuthorizationResponseMode,
    AuthorizationResponse,
    // Token answer
    TokenType,
    AccessToken,
    RefreshToken,
    DeprecatedRefreshToken,
    GrantedScope,
    // ID token
    IdToken,
    IdTokenFormat,
    IdTokenHeader,
    IdTokenAlgorithm,
    IdTokenSignature,
    IdTokenIssuer,
    IdTokenAudience,
    IdTokenAuthorizedParty,
    IdTokenExpires,
    IdTokenIssuedAt,
    IdTokenNotBefore,
    IdTokenNonce,
    IdTokenAccessTokenHash,
    IdTokenRefreshTokenHash,
    IdTokenCodeHash,
    IdTokenSubject,
    IdTokenAcr,
    IdTokenAuthTime,
    IdTokenUnchanged,
    // UserInfo
    UserInfo,
    UserInfoSignature,
    UserInfoSubject,
    // Session
    Introspection,
    IntrospectionClaims,
    Revocation,
    RevocationProof,
    EndSessionState,
    // Claims and clock
    Groups,
    UpdatedAt,
    ClockSkew,
}

impl Check {
    /// The name shown in the terminal and the window, sentence case.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::MetadataIssuer => "Metadata issuer",
            Self::MetadataEndpoints => "Endpoints",
            Self::MetadataRequired => "Required metadata",
            Self::MetadataGrant => "Grant offered",
            Self::MetadataAuthMethod => "Client authentication offered",
            Self::MetadataScopes => "Scopes offered",
            Self::MetadataAlgorithms => "Signing algorithms offered",
            Self::MetadataPkce => "PKCE offered",
            Self::IssuerRetired => "Provider generation",
            Self::KeySet => "Key set",
            Self::KeyPrivate => "Public keys only",
            Self::KeyStrength => "Key strength",
            Self::KeyIds => "Key identifiers",
            Self::AuthorizationParameters => "Answer parameters",
            Self::AuthorizationState => "State",
            Self::AuthorizationIssuer => "Answer issuer",
            Self::AuthorizationResponseMode => "Response mode",
            Self::AuthorizationResponse => "Authorization answer",
            Self::TokenType => "Token type",
            Self::AccessToken => "Access token",
            Self::RefreshToken => "Refresh token",
            Self::DeprecatedRefreshToken => "Deprecated member",
            Self::GrantedScope => "Granted scope",
            Self::IdToken => "ID token",
            Self::IdTokenFormat => "Format",
            Self::IdTokenHeader => "Header",
            Self::IdTokenAlgorithm => "Algorithm",
            Self::IdTokenSignature => "Signature",
            Self::IdTokenIssuer => "Issuer",
            Self::IdTokenAudience => "Audience",
            Self::IdTokenAuthorizedParty => "Authorized party",
            Self::IdTokenExpires => "Expires",
            Self::IdTokenIssuedAt => "Issued at",
            Self::IdTokenNotBefore => "Not before",
            Self::IdTokenNonce => "Nonce",
            Self::IdTokenAccessTokenHash => "Access token hash",
            Self::IdTokenRefreshTokenHash => "Refresh token hash",
            Self::IdTokenCodeHash => "Code hash",
            Self::IdTokenSubject => "Subject",
            Self::IdTokenAcr => "Authentication context",
            Self::IdTokenAuthTime => "Authentication time",
            Self::IdTokenUnchanged => "Same as the first sign-in",
            Self::UserInfo => "UserInfo",
            Self::UserInfoSignature => "UserInfo signature",
            Self::UserInfoSubject => "UserInfo subject",
            Self::Introspection => "Introspection",
            Self::IntrospectionClaims => "Introspection claims",
            Self::Revocation => "Revocation",
            Self::RevocationProof => "Proof of revocation",
            Self::EndSessionState => "Sign-out state",
            Self::Groups => "Groups",
            Self::UpdatedAt => "Updated at",
            Self::ClockSkew => "Clock",
        }
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct Finding {
    /// Which rule.
    pub check: Check,
    /// How it ended.
    pub status: Status,
    /// What the rule asks for, in words or as the literal value.
    pub expected: Cow<'static, str>,
    /// What came, `same` where it is literally the expected value. Provider text is made harmless.
    pub received: Cow<'static, str>,
    /// Section of the specification, `OIDC Core §3.1.3.7`.
    pub reference: Cow<'static, str>,
    /// What to do about it, where something can be done.
    pub remedy: Option<String>,
}

impl Finding {
    /// A finding without a remedy.
    pub fn new(
        check: Check,
        status: Status,
        expected: impl Into<Cow<'static, str>>,
        received: impl Into<Cow<'static, str>>,
        reference: &'static str,
    ) -> Self {
        Self {
            check,
            status,
            expected: expected.into(),
            received: received.into(),
            reference: reference.into(),
            remedy: None,
        }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Whether any finding failed, and so the sign-in must stop.
#[must_use]
pub fn any_failed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.status == Status::Failed)
}

/// `(passed, due)`: how many checks passed, of those that applied and are no mere note.
#[must_use]
pub fn tally(findings: &[Finding]) -> (usize, usize) {
    let passed = findings.iter().filter(|f| f.status == Status::Passed).count();
    let failed = findings.iter().filter(|f| f.status == Status::Failed).count();
    (passed, passed + failed)
}
