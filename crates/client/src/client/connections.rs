//! The saved connections and the settings: found, saved, changed, removed.

use std::path::PathBuf;
use std::sync::PoisonError;

use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::{Fix, Problem, ProblemKind, Secret};
use url::Url;

use super::{Client, blocking};
use crate::connection::Connection;
use crate::input::{self, ConnectionDraft, InputProblem};
use crate::keychain::{KeychainError, SecretKind};
use crate::policy::same_name;
use crate::store::{Loaded, Note, Settings};
use crate::transport::Transport;

impl Client {
    /// The managed connections, then the saved ones.
    ///
    /// # Errors
    /// The file cannot be read.
    pub async fn connections(&self) -> Result<Loaded, Problem> {
        let store = self.store.clone();
        if self.policy.connections().is_empty() {
            return blocking(move || store.load()).await;
        }
        let (mut loaded, mut notes) = blocking(move || Ok((store.load()?, store.notes()))).await?;
        loaded.connections.retain(|saved| !self.policy.manages(&saved.id));
        let managed = self.policy.connections().iter().map(|connection| {
            let Note { last_run, username } = notes.remove(&connection.id).unwrap_or_default();
            Connection { last_run, username, ..connection.clone() }
        });
        loaded.connections.splice(0..0, managed);
        Ok(loaded)
    }

    /// One of them, by id.
    ///
    /// # Errors
    /// The file cannot be read, or there is no such connection.
    pub async fn connection(&self, id: &str) -> Result<Connection, Problem> {
        let loaded = self.connections().await?;
        loaded.connections.into_iter().find(|connection| connection.id == id).ok_or_else(gone)
    }

    /// One of them, by name without regard to case; a managed one before a saved one.
    ///
    /// # Errors
    /// The file cannot be read, or there is no such connection.
    pub async fn connection_named(&self, name: &str) -> Result<Connection, Problem> {
        self.named(name, self.connections().await?)
    }

    /// The saved one of that name, also where a managed one has it: that one cannot be meant by whoever removes one.
    ///
    /// # Errors
    /// As [`Client::connection_named`].
    pub async fn connection_to_remove(&self, name: &str) -> Result<Connection, Problem> {
        let mut loaded = self.connections().await?;
        // Both sorts stay in their order.
        loaded.connections.sort_by_key(|connection| connection.managed);
        self.named(name, loaded)
    }

    fn named(&self, name: &str, loaded: Loaded) -> Result<Connection, Problem> {
        let names: Vec<String> =
            loaded.connections.iter().map(|connection| connection.name.clone()).collect();
        loaded.connections.into_iter().find(|connection| same_name(&connection.name, name)).ok_or_else(|| {
            let remedy = if names.is_empty() {
                "There are none yet: add one with `latchkey connection add`, or in the window.".to_owned()
            } else {
                format!("The saved ones are: {}.", names.join(", "))
            };
            Problem::new(
                ProblemKind::InvalidInput,
                format!("There is no connection named “{}”.", latchkey_oidc::text::visible(name)),
                remedy,
            )
        })
    }

    /// The connection that a draft would be saved as.
    ///
    /// # Errors
    /// A field that cannot be saved, a managed connection, or an issuer that the policy does not allow.
    pub async fn check(&self, draft: &ConnectionDraft) -> Result<Connection, InputProblem> {
        if let Some(id) = &draft.id {
            self.policy.permit_change(id)?;
        }
        let connection = draft.check(&self.connections().await?.connections)?;
        self.policy
            .permit(&connection.issuer)
            .map_err(|problem| InputProblem { problem, field: Some(input::Field::Issuer) })?;
        Ok(connection)
    }

    /// Saves a new or changed connection, and its client secret in the keychain.
    ///
    /// # Errors
    /// A field that cannot be saved; the keychain, in which case nothing was saved; or the file.
    pub async fn save(&self, draft: ConnectionDraft) -> Result<Connection, InputProblem> {
        let connection = self.check(&draft).await?;
        let connection = self.with_its_own_secrets(connection).await?;
        if let Some(secret) = draft.client_secret.as_ref().filter(|secret| !secret.is_empty()) {
            self.keep_client_secret(&connection.id, secret).await?;
        }
        let id = connection.id.clone();
        match self.put(connection).await {
            Ok(saved) => Ok(saved),
            Err(problem) => {
                // Under an id that nobody knows, the secret could never be removed again.
                if draft.id.is_none() {
                    self.desks().remove(&id);
                    if self.keychain.delete(&id, SecretKind::ClientSecret).await.is_err() {
                        tracing::warn!(
                            "the client secret of a connection that was not saved stays in the keychain"
                        );
                    }
                }
                Err(problem.into())
            }
        }
    }

    /// Keeps a client secret in the keychain: of a managed connection as well, whose secret is the user's own affair.
    ///
    /// # Errors
    /// The keychain, and nothing is kept then.
    pub async fn keep_client_secret(&self, connection_id: &str, secret: &Secret) -> Result<(), InputProblem> {
        let at_secret = |problem| InputProblem { problem, field: Some(input::Field::ClientSecret) };
        let stored = self.keychain.set(connection_id, SecretKind::ClientSecret, secret).await;
        stored.map_err(|error| at_secret(error.into()))?;
        let mut desks = self.desks();
        let desk = desks.entry(connection_id.to_owned()).or_default();
        desk.client_secret = None;
        desk.read_secret = Some(secret.clone());
        Ok(())
    }

    /// Keeps a client secret in memory until the program ends, where the keychain does not take it.
    pub fn keep_client_secret_for_now(&self, connection_id: &str, secret: Secret) {
        self.desks().entry(connection_id.to_owned()).or_default().client_secret = Some(secret);
    }

    /// Tokens belong to one client at one issuer: where a connection becomes that of another, they are forgotten, so
    /// that they are never sent there. The same for the client secret, unless only the issuer's spelling changed.
    async fn with_its_own_secrets(&self, connection: Connection) -> Result<Connection, Problem> {
        let saved = self.connections().await?.connections.into_iter().find(|saved| saved.id == connection.id);
        let Some(saved) = saved else { return Ok(connection) };
        if (&saved.issuer, &saved.client_id) == (&connection.issuer, &connection.client_id) {
            return Ok(connection);
        }
        if saved.client_id != connection.client_id || !same_origin(&saved.issuer, &connection.issuer) {
            self.delete_secret(&connection.id, SecretKind::ClientSecret).await?;
            if let Some(desk) = self.desks().get_mut(&connection.id) {
                desk.client_secret = None;
                desk.read_secret = None;
            }
        }
        if connection.last_run.is_none() {
            return Ok(connection);
        }
        self.forget(&connection.id).await?;
        Ok(Connection { last_run: None, ..connection })
    }

    async fn delete_secret(&self, id: &str, kind: SecretKind) -> Result<(), Problem> {
        match self.keychain.delete(id, kind).await {
            // Without a keychain nothing can be in it.
            Ok(()) | Err(KeychainError::Absent) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a connection as it is, new or in place of the one with its id.
    ///
    /// # Errors
    /// The policy, the file, or a name that was taken meanwhile.
    pub async fn put(&self, connection: Connection) -> Result<Connection, Problem> {
        self.policy.permit_change(&connection.id)?;
        self.policy.permit(&connection.issuer)?;
        let store = self.store.clone();
        blocking(move || {
            store.update(|contents| {
                let name = connection.name.to_lowercase();
                if contents
                    .connections
                    .iter()
                    .any(|other| other.id != connection.id && other.name.to_lowercase() == name)
                {
                    return Err(Problem::new(
                        ProblemKind::InvalidInput,
                        format!("There is a connection named “{}” already.", connection.name),
                        "Choose another name.",
                    ));
                }
                match contents.connections.iter_mut().find(|other| other.id == connection.id) {
                    Some(place) => *place = connection.clone(),
                    None => contents.connections.push(connection.clone()),
                }
                Ok(connection)
            })
        })
        .await
    }

    /// Removes a connection, its keychain entries and what is held in memory.
    ///
    /// # Errors
    /// A managed one; the keychain, in which case the connection stays, so that its entries can still be found; or the file.
    pub async fn remove(&self, id: &str) -> Result<(), Problem> {
        self.policy.permit_change(id)?;
        for kind in [SecretKind::RefreshToken, SecretKind::ClientSecret] {
            self.delete_secret(id, kind).await?;
        }
        let (store, gone) = (self.store.clone(), id.to_owned());
        blocking(move || {
            store.update(|contents| {
                contents.connections.retain(|connection| connection.id != gone);
                Ok(())
            })
        })
        .await?;
        self.desks().remove(id);
        Ok(())
    }

    /// Makes a change that a problem offered.
    ///
    /// # Errors
    /// The policy, the file, or a change that makes no valid connection.
    pub async fn apply(&self, id: &str, fix: &Fix) -> Result<Connection, Problem> {
        self.policy.permit_change(id)?;
        let mut connection = self.connection(id).await?;
        match fix {
            Fix::UseAuthMethod { method } => connection.auth_method = *method,
            Fix::UseIssuer { issuer } => {
                connection.issuer = Issuer::parse(issuer)?.as_str().to_owned();
                connection.confirmed_hosts.clear();
            }
            Fix::AddScope { scope } => {
                if !connection.scopes.contains(scope) {
                    connection.scopes.push(scope.clone());
                }
            }
            Fix::RemoveScope { scope } => connection.scopes.retain(|known| known != scope),
            Fix::ConfirmHost { host } => {
                if !connection.confirmed_hosts.contains(host) {
                    connection.confirmed_hosts.push(host.clone());
                }
            }
        }
        let connection = self.with_its_own_secrets(connection).await?;
        self.put(connection).await
    }

    /// Changes the settings; the transport follows.
    ///
    /// # Errors
    /// A CA file that cannot be used, or the file. Nothing is changed then.
    pub async fn change_settings(&self, settings: Settings) -> Result<Settings, InputProblem> {
        let wanted = settings.extra_ca_file.clone().map(PathBuf::from);
        let transport = Transport::new(self.policy.transport_options(wanted))
            .map_err(|problem| InputProblem { problem, field: Some(input::Field::ExtraCaFile) })?;
        let (store, saved) = (self.store.clone(), settings.clone());
        blocking(move || {
            store.update(|contents| {
                contents.settings = saved;
                Ok(())
            })
        })
        .await?;
        *self.transport.write().unwrap_or_else(PoisonError::into_inner) = transport;
        Ok(settings)
    }
}

fn same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => false,
    }
}

fn gone() -> Problem {
    Problem::new(
        ProblemKind::InvalidInput,
        "This connection does not exist any more.",
        "It was removed, perhaps from the command line. Choose another one.",
    )
}
