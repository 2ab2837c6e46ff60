//! What keyring does not tell of the Secret Service of Linux and the BSDs (GNOME Keyring, KWallet, KeePassXC):
//! whether it is there at all, and whether it is locked.
//!
//! keyring answers "no entry" for a locked collection, keeps its first failure to connect for good, and waits for a
//! prompt without end. So it is asked here first, over a connection of its own, and keyring reads and writes only
//! where that can neither fail for good nor prompt.

use std::collections::HashMap;
use std::sync::mpsc;
use std::time::Duration;

use latchkey_oidc::Secret;
use secret_service::blocking::{Collection, SecretService};
use secret_service::{EncryptionType, Error};
use zbus::blocking::Connection;
use zbus::blocking::connection;

use super::{KeychainError, SERVICE, vault};

/// Ends a call whose caller gave up long ago. Starting the service may take some seconds.
const CALL_LIMIT: Duration = Duration::from_secs(20);

pub(super) fn get(account: &str) -> Result<Option<Secret>, KeychainError> {
    match look(account)? {
        Holds::Entry => vault::get(account),
        Holds::Nothing | Holds::NoCollection => Ok(None),
    }
}

pub(super) fn set(account: &str, secret: &Secret) -> Result<(), KeychainError> {
    match look(account)? {
        Holds::Entry | Holds::Nothing => vault::set(account, secret),
        // Without any collection, one is made when it is "unlocked": that asks for its password.
        Holds::NoCollection => Err(KeychainError::Locked),
    }
}

pub(super) fn delete(account: &str) -> Result<(), KeychainError> {
    match look(account)? {
        Holds::Entry => vault::delete(account),
        Holds::Nothing | Holds::NoCollection => Ok(()),
    }
}

/// What an unlocked Secret Service holds for an account.
enum Holds {
    Entry,
    Nothing,
    /// Nor is there a place to put it.
    NoCollection,
}

fn look(account: &str) -> Result<Holds, KeychainError> {
    let service = connect()?.1;
    let found = service.search_items(attributes(account)).map_err(told_apart)?;
    if !found.locked.is_empty() {
        return Err(KeychainError::Locked);
    }
    if !found.unlocked.is_empty() {
        return Ok(Holds::Entry);
    }
    // A locked collection need not tell what it holds: not found there is not known.
    match default_collection(&service)? {
        Some(collection) if collection.is_locked().map_err(told_apart)? => Err(KeychainError::Locked),
        Some(_) => Ok(Holds::Nothing),
        None => Ok(Holds::NoCollection),
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
