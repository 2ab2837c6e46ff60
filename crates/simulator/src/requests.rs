//! Which endpoint was asked how often.

/// The endpoints of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/certs`
    Certs,
    /// `/auth`
    Authorization,
    /// `/token`
    Token,
    /// `/me`
    UserInfo,
    /// `/token/introspection`
    Introspection,
    /// `/token/revocation`
    Revocation,
    /// `/logout`, v2 only
    EndSession,
}

impl Endpoint {
    /// The endpoint at a path below the issuer.
    pub(crate) fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/.well-known/openid-configuration" => Self::Discovery,
            "/certs" => Self::Certs,
            "/auth" => Self::Authorization,
            "/token" => Self::Token,
            "/me" => Self::UserInfo,
            "/token/introspection" => Self::Introspection,
            "/token/revocation" => Self::Revocation,
            "/logout" => Self::EndSession,
            _ => return None,
        })
    }

    /// The methods that the endpoint answers.
    pub(crate) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Discovery | Self::Certs | Self::UserInfo => &["GET", "HEAD"],
            Self::Authorization | Self::EndSession => &["GET", "HEAD", "POST"],
            Self::Token | Self::Introspection | Self::Revocation => &["POST"],
        }
    }
}

/// How often each endpoint was asked since the start, over both generations and whatever came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the endpoints'
pub struct Requests {
    pub discovery: u64,
    pub certs: u64,
    pub authorization: u64,
    pub token: u64,
    pub userinfo: u64,
    pub introspection: u64,
    pub revocation: u64,
    pub end_session: u64,
    /// Paths that are no endpoint.
    pub unknown: u64,
}

impl Requests {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.discovery
            + self.certs
            + self.authorization
            + self.token
            + self.userinfo
            + self.introspection
            + self.revocation
            + self.end_session
            + self.unknown
    }

    pub(crate) fn count(&mut self, endpoint: Option<Endpoint>) {
        *match endpoint {
            Some(Endpoint::Discovery) => &mut self.discovery,
            Some(Endpoint::Certs) => &mut self.certs,
            Some(Endpoint::Authorization) => &mut self.authorization,
            Some(Endpoint::Token) => &mut self.token,
            Some(Endpoint::UserInfo) => &mut self.userinfo,
            Some(Endpoint::Introspection) => &mut self.introspection,
            Some(Endpoint::Revocation) => &mut self.revocation,
            Some(Endpoint::EndSession) => &mut self.end_session,
            None => &mut self.unknown,
        } += 1;
    }
}
