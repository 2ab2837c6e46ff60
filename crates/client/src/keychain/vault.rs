//! The keychain through keyring: Secret Service, macOS keychain, Windows credential manager.

#[cfg(any(target_os = "macos", target_os = "windows"))]
use std::time::Duration;

use keyring::{Entry, Error};
use latchkey_oidc::Secret;

use super::{KeychainError, SERVICE};

/// Of the Windows credential manager (`CRED_MAX_CREDENTIAL_BLOB_SIZE`). macOS has no such limit.
const WINDOWS_LIMIT: usize = 2560;

pub(super) fn get(account: &str) -> Result<Option<Secret>, KeychainError> {
    match entry(account)?.get_secret() {
        Ok(bytes) => String::from_utf8(bytes)
            .map(|value| Some(Secret::new(value)))
            .map_err(|_| KeychainError::Failed("the stored value is not UTF-8".into())),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(told_apart(error, 0)),
    }
}

pub(super) fn set(account: &str, secret: &Secret) -> Result<(), KeychainError> {
    let bytes = secret.expose().len();
    if cfg!(target_os = "windows") && bytes > WINDOWS_LIMIT {
        return Err(KeychainError::TooLong { bytes, limit: WINDOWS_LIMIT });
    }
    entry(account)?.set_secret(secret.expose().as_bytes()).map_err(|error| told_apart(error, bytes))
}

pub(super) fn delete(account: &str) -> Result<(), KeychainError> {
    match entry(account)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(told_apart(error, 0)),
    }
}

/// macOS and Windows ask by themselves in the middle of a call.
#[cfg(any(target_os = "macos", target_os = "windows"))]
pub(super) fn unlock(_limit: Duration) -> Result<(), KeychainError> {
    Err(KeychainError::Locked)
}

fn entry(account: &str) -> Result<Entry, KeychainError> {
    Entry::new(SERVICE, account).map_err(|error| told_apart(error, 0))
}

fn told_apart(error: Error, bytes: usize) -> KeychainError {
    match error {
        Error::NoDefaultStore => KeychainError::Absent,
        Error::NoStorageAccess(_) => KeychainError::Locked,
        Error::TooLong(_, limit) => KeychainError::TooLong { bytes, limit: limit as usize },
        // Their texts may carry the value.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeychainError::Failed("the stored value is not in the expected form".into())
        }
        other => KeychainError::Failed(other.to_string()),
    }
}
