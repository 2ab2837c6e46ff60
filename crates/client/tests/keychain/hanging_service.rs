//! A Secret Service that shows a prompt which nobody answers, or never answers at all.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_client::keychain::{Keychain, KeychainError, OsKeychain};
use latchkey_oidc::{Problem, Secret};
use zbus::blocking::{Connection, connection, fdo::DBusProxy};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use crate::session::{Home, part};
use crate::{ID, TOKEN};

fn path(path: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str_unchecked(path).into()
}

struct Service {
    answers: bool,
}

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(&self, _algorithm: &str, _input: Value<'_>) -> (OwnedValue, OwnedObjectPath) {
        if !self.answers {
            std::thread::sleep(Duration::from_secs(60));
        }
        // Half of a key agreement that is never used.
        (Value::from(vec![7u8; 128]).try_into().unwrap(), path("/session"))
    }

    fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        (Vec::new(), Vec::new())
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path("/collection")
    }

    fn unlock(&self, _objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        (Vec::new(), path("/prompt"))
    }
}

struct Collection;

#[zbus::interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Prompt {
    shown_to: Arc<std::sync::Mutex<Option<String>>>,
}

#[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    fn prompt(&self, _window: &str, #[zbus(header)] header: zbus::message::Header<'_>) {
        *self.shown_to.lock().unwrap() = header.sender().map(ToString::to_string);
    }
}

fn serve(answers: bool) -> (Connection, Arc<std::sync::Mutex<Option<String>>>) {
    let prompt = Prompt::default();
    let shown_to = prompt.shown_to.clone();
    let connection = connection::Builder::session()
        .and_then(|builder| builder.serve_at("/org/freedesktop/secrets", Service { answers }))
        .and_then(|builder| builder.serve_at("/collection", Collection))
        .and_then(|builder| builder.serve_at("/prompt", prompt))
        .and_then(|builder| builder.name("org.freedesktop.secrets"))
        .and_then(connection::Builder::build)
        .unwrap();
    (connection, shown_to)
}

#[tokio::test]
async fn h24_a_prompt_that_nobody_answers_ends_at_its_limit_and_is_taken_away() {
    const NAME: &str =
        "hanging_service::h24_a_prompt_that_nobody_answers_ends_at_its_limit_and_is_taken_away";
    if part().is_none() {
        return Home::new().session_without_services("", NAME, "run");
    }
    let (connection, shown_to) = serve(true);
    let keychain = Keychain::system().with_prompt_limit(Duration::from_millis(500));
    assert_eq!(keychain.peek(ID, TOKEN).await, Err(KeychainError::Locked));
    assert_eq!(*shown_to.lock().unwrap(), None, "a look shows no prompt");
    for _ in 0..3 {
        let started = Instant::now();
        let error = keychain.set(ID, TOKEN, &Secret::from("value")).await.unwrap_err();
        assert_eq!(error, KeychainError::TimedOut);
        assert!((500..2000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
        // The client's connection is gone, and its prompt with it.
        let client = shown_to.lock().unwrap().take().unwrap();
        let bus = DBusProxy::new(&connection).unwrap();
        assert!(!bus.name_has_owner(client.as_str().try_into().unwrap()).unwrap());
    }
}

#[tokio::test]
async fn h24_a_service_that_never_answers_times_out() {
    const NAME: &str = "hanging_service::h24_a_service_that_never_answers_times_out";
    if part().is_none() {
        return Home::new().session_without_services("", NAME, "run");
    }
    let _service = serve(false);
    let keychain = Keychain::new(Arc::new(OsKeychain), Duration::from_millis(400));
    for _ in 0..2 {
        let started = Instant::now();
        let error = keychain.get(ID, TOKEN).await.unwrap_err();
        assert_eq!(error, KeychainError::TimedOut);
        assert!((400..1500).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
        assert!(Problem::from(error).explanation.contains("in time"));
    }
    // The abandoned call does not keep the program from ending: this test would take 20 s.
}
