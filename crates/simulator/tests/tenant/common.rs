//! A simulator, and an HTTP client that knows nothing of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use latchkey_simulator::{
    AuthMethod, Client, ClientRole, Faults, Generation, Options, Simulator, User, UserRole,
};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// One moment in 2018: the `iat` of the sample ID token.
pub(crate) const NOW: i64 = 1_523_570_159;

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<AtomicI64>,
}

pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, then the body as sent.
    pub(crate) fn literal(&self) -> (u16, &str) {
        (self.status, self.body.as_str())
    }
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) async fn world() -> World {
    world_with(Options::default()).await
}

pub(crate) async fn world_with_faults(faults: Faults) -> World {
    world_with(Options { faults, ..Options::default() }).await
}

/// The clock stands at [`NOW`] until it is moved.
pub(crate) async fn world_with(options: Options) -> World {
    let clock = Arc::new(AtomicI64::new(NOW));
    let reading = Arc::clone(&clock);
    let options = Options { clock: Arc::new(move || reading.load(Ordering::Relaxed)), ..options };
    World { simulator: Simulator::start(options).await.unwrap(), http: http(), clock }
}

impl World {
    pub(crate) fn client(&self, role: ClientRole) -> Client {
        self.simulator.client(role).unwrap().clone()
    }

    pub(crate) fn user(&self, role: UserRole) -> User {
        self.simulator.user(role).unwrap().clone()
    }

    pub(crate) fn pass_time(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn url(&self, generation: Generation, path: &str) -> String {
        format!("{}{path}", self.simulator.issuer(generation))
    }

    pub(crate) async fn get(&self, url: &str) -> Got {
        got(self.http.get(url)).await
    }

    pub(crate) async fn me(&self, generation: Generation, authorization: Option<&str>) -> Got {
        let mut request = self.http.get(self.url(generation, "/me"));
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        got(request).await
    }

    /// A form with the client's own authentication.
    pub(crate) async fn post(
        &self,
        generation: Generation,
        path: &str,
        client: &Client,
        fields: &[(&str, &str)],
    ) -> Got {
        let mut fields = fields.to_vec();
        let secret = client.client_secret.as_deref().unwrap_or_default();
        let mut header = None;
        match client.auth_method {
            AuthMethod::Basic => header = Some(basic(&client.client_id, secret)),
            AuthMethod::Post => fields.extend([("client_id", &*client.client_id), ("client_secret", secret)]),
            AuthMethod::None => fields.push(("client_id", &client.client_id)),
        }
        self.post_raw(generation, path, header.as_deref(), &fields).await
    }

    pub(crate) async fn post_raw(
        &self,
        generation: Generation,
        path: &str,
        authorization: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Got {
        let mut request = self.http.post(self.url(generation, path)).form(fields);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        got(request).await
    }

    pub(crate) async fn password(
        &self,
        generation: Generation,
        client: ClientRole,
        user: UserRole,
        scope: &str,
    ) -> Got {
        let (client, user) = (self.client(client), self.user(user));
        let fields = [
            ("grant_type", "password"),
            ("username", &user.username),
            ("password", &user.password),
            ("scope", scope),
        ];
        self.post(generation, "/token", &client, &fields).await
    }

    pub(crate) async fn refresh(&self, generation: Generation, client: ClientRole, token: &str) -> Got {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(generation, "/token", &self.client(client), &fields).await
    }
}

pub(crate) async fn got(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, body: response.text().await.unwrap() }
}

pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) fn bearer(token: &Value) -> String {
    format!("Bearer {}", token.as_str().unwrap())
}

/// Header and claims of a token, unverified.
pub(crate) fn decode(token: &Value) -> (Value, Value) {
    let token = token.as_str().unwrap();
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (header, serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

/// The names of an object's members in their order.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
