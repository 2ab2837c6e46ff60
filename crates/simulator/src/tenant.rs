//! What all endpoints share: people, applications, keys, tokens, faults, the clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::answer::Answer;
use crate::clients::Client;
use crate::codes::Codes;
use crate::faults::Faults;
use crate::keys::{KeyFailure, KeyRing};
use crate::options::{Clock, Generation};
use crate::requests::Requests;
use crate::sessions::Sessions;
use crate::store::Store;
use crate::users::{Outcome, User};

pub(crate) struct Tenant {
    pub(crate) port: u16,
    pub(crate) generation: Option<Generation>,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    pub(crate) clock: Clock,
    pub(crate) keys: Mutex<KeyRing>,
    pub(crate) store: Mutex<Store>,
    pub(crate) codes: Mutex<Codes>,
    pub(crate) sessions: Mutex<Sessions>,
    /// Whether v2's authorization responses name the issuer.
    pub(crate) response_iss: bool,
    pub(crate) faults: Mutex<Arc<Faults>>,
    pub(crate) requests: Mutex<Requests>,
    pub(crate) latency: Mutex<Duration>,
}

impl Tenant {
    pub(crate) fn issuer(&self, generation: Generation) -> String {
        format!("http://127.0.0.1:{}{}", self.port, generation.path())
    }

    pub(crate) fn serves(&self, generation: Generation) -> bool {
        self.generation.is_none_or(|only| only == generation)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    pub(crate) fn user_by_sub(&self, sub: &str) -> Option<&User> {
        self.users.iter().find(|user| user.profile.sub == sub)
    }

    /// The person of a user name and password.
    ///
    /// # Errors
    /// How the sign-in ends instead, and whose it was if the password is right.
    pub(crate) fn check_password(
        &self,
        name: &str,
        password: &str,
    ) -> Result<&User, (Option<&User>, Outcome)> {
        match self.user_named(name).filter(|user| user.password == password) {
            Some(user) if user.outcome == Outcome::Ok => Ok(user),
            Some(user) => Err((Some(user), user.outcome)),
            None => Err((None, Outcome::WrongPassword)),
        }
    }

    /// By user name or email address, in any case, as OneLogin takes them.
    pub(crate) fn user_named(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| {
            user.username.eq_ignore_ascii_case(name) || user.profile.email.eq_ignore_ascii_case(name)
        })
    }
}

/// One request to one endpoint of one generation.
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) generation: Generation,
    pub(crate) faults: &'a Faults,
    pub(crate) now: i64,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) cookie: Option<String>,
    /// The `Authorization` header; what is not ASCII has become a replacement character.
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: &'a [u8],
}

/// A panic elsewhere is no reason to stop serving.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<KeyFailure> for Answer {
    fn from(_: KeyFailure) -> Self {
        Self::error(500, "server_error", "the simulator could not make or use a key")
    }
}
