//! The Secret Service of Linux and the BSDs (GNOME Keyring, KWallet, KeePassXC), asked over D-Bus.
//!
//! Each call makes its own connection: a service that starts later, or again, is found. The attributes
//! are those of the crate keyring (`service`, `username`), so that other tools find the entries.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use latchkey_oidc::Secret;
use secret_service::blocking::{Collection, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::blocking::Connection;
use zbus::blocking::connection;
use zeroize::Zeroizing;

use super::{KeychainError, SERVICE};

/// Ends a call whose caller gave up long ago. Starting the service may take some seconds.
const CALL_LIMIT: Duration = Duration::from_secs(20);

pub(super) fn get(account: &str) -> Result<Option<Secret>, KeychainError> {
    let service = connect()?.1;
    let found = service.search_items(attributes(account)).map_err(told_apart)?;
    if let Some(item) = found.unlocked.first() {
        let bytes = Zeroizing::new(item.get_secret().map_err(told_apart)?);
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| KeychainError::Failed("the stored value is not UTF-8".into()))?;
        return Ok(Some(Secret::from(text)));
    }
    if !found.locked.is_empty() {
        return Err(KeychainError::Locked);
    }
    // A locked collection need not tell what it holds: not found there is not known.
    match default_collection(&service)? {
        Some(collection) if collection.is_locked().map_err(told_apart)? => Err(KeychainError::Locked),
        Some(_) | None => Ok(None),
    }
}

pub(super) fn set(account: &str, secret: &Secret) -> Result<(), KeychainError> {
    const CONTENT_TYPE: &str = "text/plain";
    let service = connect()?.1;
    let found = service.search_items(attributes(account)).map_err(told_apart)?;
    if let Some(item) = found.unlocked.first() {
        return item.set_secret(secret.expose().as_bytes(), CONTENT_TYPE).map_err(told_apart);
    }
    if !found.locked.is_empty() {
        return Err(KeychainError::Locked);
    }
    // Without any collection, one is made when it is "unlocked": that asks for its password.
    let collection = default_collection(&service)?.ok_or(KeychainError::Locked)?;
    if collection.is_locked().map_err(told_apart)? {
        return Err(KeychainError::Locked);
    }
    let label = format!("{SERVICE}: {account}");
    let created =
        collection.create_item(&label, attributes(account), secret.expose().as_bytes(), true, CONTENT_TYPE);
    created.map(drop).map_err(told_apart)
}

pub(super) fn delete(account: &str) -> Result<(), KeychainError> {
    let service = connect()?.1;
    let found = service.search_items(attributes(account)).map_err(told_apart)?;
    if !found.locked.is_empty() {
        return Err(KeychainError::Locked);
    }
    for item in &found.unlocked {
        item.delete().map_err(told_apart)?;
    }
    match default_collection(&service)? {
        Some(collection) if collection.is_locked().map_err(told_apart)? => Err(KeychainError::Locked),
        Some(_) | None => Ok(()),
    }
}

/// Shows the keychain's own prompt. Closing the connection takes it away again.
pub(super) fn unlock(limit: Duration) -> Result<(), KeychainError> {
    let (connection, service) = connect()?;
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits any more where sending fails.
        let _ = done.send(unlock_or_create(&service).map_err(told_apart));
    });
    result.recv_timeout(limit).unwrap_or_else(|_| {
        // Ends the thread's wait as well.
        let _ = connection.close();
        Err(KeychainError::TimedOut)
    })
}

fn unlock_or_create(service: &SecretService<'_>) -> Result<(), Error> {
    match service.get_default_collection() {
        Ok(collection) => {
            collection.unlock()?;
            collection.ensure_unlocked()
        }
        // As libsecret names it, so that it is the one that other programs use.
        Err(Error::NoResult) => service.create_collection("Default keyring", "default").map(drop),
        Err(error) => Err(error),
    }
}

fn connect() -> Result<(Connection, SecretService<'static>), KeychainError> {
    let connection = connection::Builder::session()
        .map(|builder| builder.method_timeout(CALL_LIMIT))
        .and_then(connection::Builder::build)
        // Whatever is wrong with the bus: nothing can be reached over it.
        .map_err(|_| KeychainError::Absent)?;
    let service =
        SecretService::connect_with_existing(EncryptionType::Dh, connection.clone()).map_err(told_apart)?;
    Ok((connection, service))
}

fn default_collection<'a>(service: &'a SecretService<'_>) -> Result<Option<Collection<'a>>, KeychainError> {
    match service.get_default_collection() {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(told_apart(error)),
    }
}

fn attributes(account: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", account)])
}

fn told_apart(error: Error) -> KeychainError {
    match error {
        Error::Locked | Error::Prompt => KeychainError::Locked,
        Error::PromptDisconnected => KeychainError::TimedOut,
        Error::Unavailable => KeychainError::Absent,
        Error::Zbus(error) => bus_error(error),
        Error::ZbusFdo(error) => bus_error(zbus::Error::FDO(Box::new(error))),
        other => KeychainError::Failed(other.to_string()),
    }
}

fn bus_error(error: zbus::Error) -> KeychainError {
    let name = match &error {
        zbus::Error::MethodError(name, ..) => name.as_str().to_owned(),
        zbus::Error::FDO(fdo) => zbus::DBusError::name(&**fdo).as_str().to_owned(),
        zbus::Error::InputOutput(io) if io.kind() == std::io::ErrorKind::TimedOut => {
            return KeychainError::TimedOut;
        }
        // The bus went away.
        zbus::Error::InputOutput(_) => return KeychainError::Absent,
        _ => return KeychainError::Failed(error.to_string()),
    };
    match name.as_str() {
        "org.freedesktop.Secret.Error.IsLocked" => KeychainError::Locked,
        "org.freedesktop.DBus.Error.NoReply"
        | "org.freedesktop.DBus.Error.Timeout"
        | "org.freedesktop.DBus.Error.TimedOut" => KeychainError::TimedOut,
        "org.freedesktop.DBus.Error.ServiceUnknown"
        | "org.freedesktop.DBus.Error.NameHasNoOwner"
        | "org.freedesktop.DBus.Error.Disconnected" => KeychainError::Absent,
        // Spawn.ServiceNotFound, Spawn.ExecFailed, …
        name if name.starts_with("org.freedesktop.DBus.Error.Spawn.") => KeychainError::Absent,
        _ => KeychainError::Failed(error.to_string()),
    }
}
