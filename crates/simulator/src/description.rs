//! What a person or a test has to know to use the tenant: the one line that `latchkey simulate` prints.

use serde::Serialize;

use crate::clients::AuthMethod;
use crate::options::Generation;
use crate::tenant::Tenant;

/// Issuers, clients and people. The secrets and passwords in it are demo values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// The issuers that are served.
    pub issuers: Issuers,
    /// The applications.
    pub clients: Vec<ClientEntry>,
    /// The people.
    pub users: Vec<UserEntry>,
}

/// The issuers that are served; one that is not is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issuers {
    /// `http://127.0.0.1:PORT/oidc`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub v1: Option<String>,
    /// `http://127.0.0.1:PORT/oidc/2`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub v2: Option<String>,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientEntry {
    /// The client id.
    pub client_id: String,
    /// A demo value; `null` for a public client.
    pub client_secret: Option<String>,
    /// `basic`, `post` or `none`.
    pub auth_method: AuthMethod,
    /// Registered exactly.
    pub redirect_uris: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserEntry {
    /// The user name.
    pub username: String,
    /// A demo value.
    pub password: String,
    /// `ok`, or the `error_description` that the person gets.
    pub outcome: String,
}

impl Description {
    pub(crate) fn of(tenant: &Tenant) -> Self {
        let issuer = |generation| tenant.serves(generation).then(|| tenant.issuer(generation));
        Self {
            issuers: Issuers { v1: issuer(Generation::V1), v2: issuer(Generation::V2) },
            clients: tenant
                .clients
                .iter()
                .map(|client| ClientEntry {
                    client_id: client.client_id.clone(),
                    client_secret: client.client_secret.clone(),
                    auth_method: client.auth_method,
                    redirect_uris: client.redirect_uris.clone(),
                })
                .collect(),
            users: tenant
                .users
                .iter()
                .map(|user| UserEntry {
                    username: user.username.clone(),
                    password: user.password.clone(),
                    outcome: user.outcome.error_description().unwrap_or("ok").to_owned(),
                })
                .collect(),
        }
    }
}
