//! Sign-in through the browser.

use std::sync::Arc;

use latchkey_oidc::Secret;
use latchkey_oidc::client_auth::ClientAuth;
use tokio_util::sync::CancellationToken;

use super::signing::{Keeping, or_cancelled};
use super::{Client, Keep};
use crate::connection::Connection;
use crate::input::{self, InputProblem};
use crate::report::SignInReport;
use crate::run::{OnProgress, Run};
use crate::sign_in::browser::{BrowserRequest, UserAgent};
use crate::sign_in::{self, Credentials, NothingRotates, SignIn};

/// A sign-in through the browser as it was asked for.
pub struct BrowserSignIn {
    /// What is asked for.
    pub request: BrowserRequest,
    /// For this time, in place of the stored one.
    pub client_secret: Option<Secret>,
    /// Where a refresh token goes.
    pub keep: Keep,
}

impl Client {
    /// Signs in at the provider's own page and remembers what came.
    ///
    /// # Errors
    /// Only what is wrong with the input or the keychain before anything is sent. How the run ended is in the report.
    pub async fn sign_in_browser(
        &self,
        connection: &Connection,
        asked: BrowserSignIn,
        agent: &dyn UserAgent,
        cancel: CancellationToken,
        on_progress: &OnProgress,
    ) -> Result<Arc<SignInReport>, InputProblem> {
        self.policy.permit(&connection.issuer)?;
        let scopes = input::check_scopes(&asked.request.scopes)?;
        input::check_parameters(&asked.request)?;
        let request = BrowserRequest { scopes, ..asked.request };
        let client = if request.response_type.is_implicit() && asked.client_secret.is_none() {
            // Nothing is asked of the token endpoint, so no secret is needed.
            ClientAuth::None { client_id: connection.client_id.clone() }
        } else {
            or_cancelled(&cancel, self.client_auth(connection, asked.client_secret)).await??
        };
        let desk = self.desk(&connection.id);
        let run = Run::new(&sign_in::BROWSER_STEPS, cancel, on_progress);
        let known = self.known_provider(&connection.issuer);
        let credentials = Credentials::Browser { request: &request, agent };
        let ended = sign_in::sign_in(
            SignIn { connection, client: &client, credentials, provider: known.as_deref() },
            &self.transport(),
            &desk.recorder,
            &run,
            &NothingRotates,
        )
        .await;
        let keeping = Keeping { keep: asked.keep, username: None, refreshed: None };
        Ok(self.settle(connection, ended, keeping).await)
    }
}
