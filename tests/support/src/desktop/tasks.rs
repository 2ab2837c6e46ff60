//! What tests of several screens do.
#![allow(clippy::expect_used)] // whoever drives a window wants to hear at once what is missing

use latchkey_simulator::{AuthMethod, Client, Generation, Simulator};
use serde_json::{Value, json};

use super::{Desktop, hook};

/// What is typed into the form of a new connection.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its name.
    pub name: String,
    /// The issuer URL.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// `basic`, `post` or `none`.
    pub method: &'static str,
    /// Typed unless the method is `none`.
    pub client_secret: String,
}

impl NewConnection {
    /// A client of the simulator, as it is registered there.
    #[must_use]
    pub fn to(simulator: &Simulator, client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            issuer: simulator.issuer(Generation::V2),
            client_id: client.client_id.clone(),
            method: match client.auth_method {
                AuthMethod::Basic => "basic",
                AuthMethod::Post => "post",
                AuthMethod::None => "none",
            },
            client_secret: client.client_secret.clone().unwrap_or_default(),
        }
    }
}

impl Desktop {
    /// Fills the form of a new connection.
    pub async fn fill_connection(&self, new: &NewConnection) {
        self.click("new-connection").await;
        self.click("nc-kind-issuer").await;
        self.fill("nc-name", &new.name).await;
        self.fill("nc-issuer", &new.issuer).await;
        self.fill("nc-client-id", &new.client_id).await;
        // What was found at the provider may come meanwhile, and moves what is below it.
        let method = format!("nc-method-{}", new.method);
        self.until("the method is chosen", async || {
            self.click(&method).await;
            self.is_there(&format!("{}:checked", hook(&method))).await.then_some(())
        })
        .await;
        if new.method != "none" {
            self.fill("nc-client-secret", &new.client_secret).await;
        }
    }

    /// Makes a connection through the form, and waits until it is open.
    pub async fn connect(&self, new: &NewConnection) {
        self.fill_connection(new).await;
        self.click("nc-save").await;
        self.reads("main h1", &new.name).await;
        self.hook("si-username").await;
    }

    /// Signs in as a person of the demo tenant, whose connection is on the screen, and waits for the result.
    pub async fn sign_in(&self, username: &str) {
        self.click(&format!("demo-user-{username}")).await;
        self.click("si-submit").await;
        self.hook("verdict").await;
    }

    /// Signs in with what is typed, and waits for the result.
    pub async fn sign_in_with(&self, username: &str, password: &str) {
        self.fill("si-username", username).await;
        self.fill("si-password", password).await;
        self.click("si-submit").await;
        self.hook("verdict").await;
    }

    /// The id of a saved connection.
    pub async fn connection(&self, name: &str) -> String {
        let state = self.invoke("app_state", json!({})).await.expect("the state");
        state["connections"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["name"] == name))
            .and_then(|one| one["id"].as_str())
            .unwrap_or_else(|| panic!("no connection is called {name}"))
            .to_owned()
    }

    /// The value of a token of this window's session.
    pub async fn token(&self, connection: &str, kind: &str) -> String {
        let value = self.invoke("token_reveal", json!({"connection": connection, "kind": kind})).await;
        value.ok().as_ref().and_then(Value::as_str).expect("a token").to_owned()
    }

    /// The widths at which the page changes: its usual one, and the narrow one.
    pub async fn set_width(&self, width: u32) {
        self.driver().set_window_rect(0, 0, width, 820).await.expect("the window can be resized");
        self.until("the page has the width", async || {
            let now = self.script("return window.innerWidth;", Vec::new()).await;
            (now.as_u64() == Some(u64::from(width))).then_some(())
        })
        .await;
    }

    /// The result pane, once it shows a problem: explanation, remedy and the provider's words.
    pub async fn problem(&self) -> String {
        self.text(&hook("problem")).await
    }
}
