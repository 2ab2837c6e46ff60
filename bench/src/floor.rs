//! The requests that cannot be avoided, sent by the HTTP library alone over connections that are kept.

use std::time::Instant;

use serde_json::Value;

use crate::Failure;
use crate::tenant::{REDIRECT_URI, Tenant};

/// A bare client at a tenant.
pub(crate) struct Floor<'a> {
    tenant: &'a Tenant,
    http: reqwest::Client,
}

impl<'a> Floor<'a> {
    /// Its connections are open when this returns.
    pub(crate) async fn connected(tenant: &'a Tenant) -> Result<Self, Failure> {
        let floor = Self::unconnected(tenant)?;
        tokio::try_join!(floor.discovery(), floor.keys())?;
        Ok(floor)
    }

    /// One that has no connection open yet.
    pub(crate) fn unconnected(tenant: &'a Tenant) -> Result<Self, Failure> {
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { tenant, http })
    }

    /// Milliseconds of the requests of a password sign-in, each sent when the one before has its answer.
    ///
    /// `with_keys` sends the one for the key set beside the one for the tokens.
    pub(crate) async fn password(&self, with_discovery: bool, with_keys: bool) -> Result<f64, Failure> {
        let scope = self.tenant.connection.scopes.join(" ");
        let form = [
            ("grant_type", "password"),
            ("username", self.tenant.username.as_str()),
            ("password", self.tenant.password.expose()),
            ("scope", scope.as_str()),
        ];
        let began = Instant::now();
        if with_discovery {
            self.discovery().await?;
        }
        let tokens = if with_keys {
            tokio::try_join!(self.token(&form), self.keys())?.0
        } else {
            self.token(&form).await?
        };
        self.user_info(&tokens).await?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// Milliseconds of the requests that follow a code: tokens with the keys beside them, then UserInfo.
    pub(crate) async fn code(&self, code: &str, verifier: &str) -> Result<f64, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier),
        ];
        let began = Instant::now();
        let (tokens, ()) = tokio::try_join!(self.token(&form), self.keys())?;
        self.user_info(&tokens).await?;
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }

    /// An access token, for a request that somebody else sends.
    pub(crate) async fn access_token(&self) -> Result<String, Failure> {
        let form = [
            ("grant_type", "password"),
            ("username", self.tenant.username.as_str()),
            ("password", self.tenant.password.expose()),
            ("scope", "openid profile groups"),
        ];
        Ok(access_token(&self.token(&form).await?)?.to_owned())
    }

    /// Signs the person in at the login page of `url`, and returns the address that the page ends at.
    pub(crate) async fn redirected(&self, url: &url::Url) -> Result<String, Failure> {
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.push(("username".to_owned(), self.tenant.username.clone()));
        form.push(("password".to_owned(), self.tenant.password.expose().to_owned()));
        let mut page = url.clone();
        page.set_query(None);
        let answer = self.http.post(page).form(&form).send().await?.error_for_status()?;
        let location = answer.headers().get("location").ok_or("the login page did not lead on")?;
        Ok(location.to_str()?.to_owned())
    }

    fn at(&self, endpoint: &str) -> String {
        format!("{}/{endpoint}", self.tenant.connection.issuer)
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<Value, Failure> {
        let request = self.http.post(self.at("token")).form(form);
        let request =
            request.basic_auth(&self.tenant.connection.client_id, Some(self.tenant.secret.expose()));
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    async fn user_info(&self, tokens: &Value) -> Result<(), Failure> {
        let request = self.http.get(self.at("me")).bearer_auth(access_token(tokens)?);
        request.send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }

    async fn discovery(&self) -> Result<(), Failure> {
        self.get(".well-known/openid-configuration").await
    }

    async fn keys(&self) -> Result<(), Failure> {
        self.get("certs").await
    }

    async fn get(&self, endpoint: &str) -> Result<(), Failure> {
        self.http.get(self.at(endpoint)).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }
}

fn access_token(tokens: &Value) -> Result<&str, Failure> {
    tokens["access_token"].as_str().ok_or_else(|| "no access token".into())
}
