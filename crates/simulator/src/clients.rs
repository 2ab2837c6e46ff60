//! The applications of the tenant. Their secrets are demo values: anybody can compute them from this source.

use serde::{Deserialize, Serialize};

use crate::keys::hex_digest;

/// How a client authenticates; the names are those of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMethod {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// `none`, with PKCE
    None,
}

/// The grants that an application may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// `password`
    Password,
    /// `refresh_token`
    RefreshToken,
    /// `authorization_code`
    AuthorizationCode,
}

impl GrantType {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "password" => Some(Self::Password),
            "refresh_token" => Some(Self::RefreshToken),
            "authorization_code" => Some(Self::AuthorizationCode),
            _ => None,
        }
    }
}

/// The Groups parameter of an application in OneLogin's portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupsParameter {
    /// Mapped, as "Semicolon Delimited Input": an array.
    Array,
    /// Mapped without that setting: one string, separated by semicolons.
    Text,
    /// Not mapped: no claim, whatever scope is asked for.
    NotMapped,
}

/// What each documented application is there to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientRole {
    /// An ordinary application set to Basic.
    Basic,
    /// An ordinary application set to POST.
    Post,
    /// An ordinary application set to None (PKCE).
    Public,
    /// Basic, and follows v1's pages to the letter: no ID token from the password grant, and `profile` brings groups.
    Documented,
    /// Basic, without the password grant.
    NoPasswordGrant,
    /// Basic, Groups parameter not mapped.
    GroupsNotMapped,
    /// Basic, groups as one string.
    GroupsAsText,
    /// Basic, v1 repeats the refresh token as `refreshToken`.
    OldRefreshToken,
    /// Basic, without a Refresh Token Timeout: never a refresh token in v1.
    NoRefreshToken,
    /// Basic, UserInfo as a signed JWT.
    SignedUserInfo,
    /// None (PKCE), for an installed application: loopback redirect URIs with any port.
    Native,
    /// One that the caller added.
    Other,
}

/// An application.
#[derive(Debug, Clone)]
pub struct Client {
    /// What it is there to show.
    pub role: ClientRole,
    /// Its name in the portal.
    pub name: String,
    /// Its client id, in the shape of OneLogin's.
    pub client_id: String,
    /// A demo value; `None` for a public client.
    pub client_secret: Option<String>,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// Registered exactly.
    pub redirect_uris: Vec<String>,
    /// Where it may send a person who signed out. Registered exactly.
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether the registered redirect URIs on a loopback address stand for every port (RFC 8252 §7.3).
    pub any_loopback_port: bool,
    /// What it may ask the token endpoint for.
    pub grants: Vec<GrantType>,
    /// Its Groups parameter.
    pub groups: GroupsParameter,
    /// Whether `profile` brings groups too, as the sample of v1's UserInfo page shows.
    pub groups_with_profile: bool,
    /// Whether v1's password grant answers with an ID token.
    pub v1_id_token: bool,
    /// Whether v1 repeats the refresh token as `refreshToken`, as it did until 2018.
    pub old_refresh_token: bool,
    /// Whether a Refresh Token Timeout is configured.
    pub refresh_token_timeout: bool,
    /// Whether UserInfo is a signed JWT.
    pub signed_userinfo: bool,
}

impl Client {
    /// An ordinary application with the demo redirect URIs and all grants.
    #[must_use]
    pub fn new(client_id: &str, auth_method: AuthMethod, client_secret: Option<&str>) -> Self {
        Self {
            role: ClientRole::Other,
            name: client_id.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.map(str::to_owned),
            auth_method,
            redirect_uris: vec![
                "https://payroll.acme.example/callback".to_owned(),
                "http://localhost:8080/callback".to_owned(),
                "http://127.0.0.1:8080/callback".to_owned(),
            ],
            post_logout_redirect_uris: vec![
                "https://payroll.acme.example/signed-out".to_owned(),
                "http://localhost:8080/signed-out".to_owned(),
                "http://127.0.0.1:8080/signed-out".to_owned(),
            ],
            any_loopback_port: false,
            grants: vec![GrantType::Password, GrantType::RefreshToken, GrantType::AuthorizationCode],
            groups: GroupsParameter::Array,
            groups_with_profile: false,
            v1_id_token: true,
            old_refresh_token: false,
            refresh_token_timeout: true,
            signed_userinfo: false,
        }
    }

    /// Whether a person may be sent there, character by character.
    pub(crate) fn accepts_redirect_uri(&self, uri: &str) -> bool {
        self.accepts(&self.redirect_uris, uri)
    }

    /// Whether a person who signed out may be sent there.
    pub(crate) fn accepts_post_logout_redirect_uri(&self, uri: &str) -> bool {
        self.accepts(&self.post_logout_redirect_uris, uri)
    }

    fn accepts(&self, registered: &[String], uri: &str) -> bool {
        registered.iter().any(|known| {
            known == uri || self.any_loopback_port && without_port(uri).is_some_and(|uri| uri == *known)
        })
    }

    fn demo(role: ClientRole, name: &str, client_id: &str, auth_method: AuthMethod) -> Self {
        let secret = hex_digest(format!("Latchkey demo tenant, not a secret: {client_id}").as_bytes());
        let secret = (auth_method != AuthMethod::None).then_some(secret);
        Self { role, name: name.to_owned(), ..Self::new(client_id, auth_method, secret.as_deref()) }
    }
}

/// A URI on a loopback address without its port; `None` for any other, or without one.
fn without_port(uri: &str) -> Option<String> {
    ["http://127.0.0.1", "http://[::1]"].into_iter().find_map(|start| {
        let rest = uri.strip_prefix(start)?.strip_prefix(':')?;
        let (port, path) = rest.split_at(rest.find(|character: char| !character.is_ascii_digit())?);
        (port.parse::<u16>().ok()? != 0 && path.starts_with('/')).then(|| format!("{start}{path}"))
    })
}

fn loopback(path: &str) -> Vec<String> {
    ["127.0.0.1", "[::1]"].map(|host| format!("http://{host}{path}")).to_vec()
}

/// The documented applications; both generations know all of them.
#[must_use]
pub fn clients() -> Vec<Client> {
    use AuthMethod::{Basic, None, Post};
    let demo = Client::demo;
    vec![
        demo(ClientRole::Basic, "Acme Payroll", "78d1d040-20c9-0136-5146-067351775fae92920", Basic),
        demo(ClientRole::Post, "Acme Travel", "5d3e9a10-20ca-0136-5147-067351775fae92921", Post),
        demo(ClientRole::Public, "Acme Field App", "9b4c2e60-20cb-0136-5148-067351775fae92922", None),
        Client {
            v1_id_token: false,
            groups_with_profile: true,
            ..demo(ClientRole::Documented, "Documentation sample", "ba88ac70-1234-0135-527a", Basic)
        },
        Client {
            grants: vec![GrantType::RefreshToken, GrantType::AuthorizationCode],
            ..demo(
                ClientRole::NoPasswordGrant,
                "No password grant",
                "c1f7d830-20cc-0136-5149-067351775fae92923",
                Basic,
            )
        },
        Client {
            groups: GroupsParameter::NotMapped,
            ..demo(
                ClientRole::GroupsNotMapped,
                "Groups not mapped",
                "d2a8e940-20cd-0136-514a-067351775fae92924",
                Basic,
            )
        },
        Client {
            groups: GroupsParameter::Text,
            ..demo(
                ClientRole::GroupsAsText,
                "Groups as text",
                "e3b9fa50-20ce-0136-514b-067351775fae92925",
                Basic,
            )
        },
        Client {
            old_refresh_token: true,
            ..demo(
                ClientRole::OldRefreshToken,
                "Before December 2018",
                "f4ca0b60-20cf-0136-514c-067351775fae92926",
                Basic,
            )
        },
        Client {
            refresh_token_timeout: false,
            ..demo(
                ClientRole::NoRefreshToken,
                "No refresh token timeout",
                "05db1c70-20d0-0136-514d-067351775fae92927",
                Basic,
            )
        },
        Client {
            signed_userinfo: true,
            ..demo(
                ClientRole::SignedUserInfo,
                "Signed UserInfo",
                "16ec2d80-20d1-0136-514e-067351775fae92928",
                Basic,
            )
        },
        Client {
            redirect_uris: loopback("/callback"),
            post_logout_redirect_uris: loopback("/signed-out"),
            any_loopback_port: true,
            ..demo(ClientRole::Native, "Acme Desktop", "27fd3e90-20d2-0136-514f-067351775fae92929", None)
        },
    ]
}
