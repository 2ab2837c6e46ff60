//! Sign-out at the end-session endpoint, from here or in a person's browser.

use std::time::Duration;

use latchkey_oidc::answer;
use latchkey_oidc::end_session::{self, PendingSignOut, Prepared};
use latchkey_oidc::http::{Endpoint, HttpRequest};
use latchkey_oidc::{Check, Finding, Problem, ProblemKind, Secret, Status};
use url::Url;

use super::{Asked, Errand};
use crate::provider::Provider;
use crate::report::Note;
use crate::sign_in::browser::UserAgent;

/// Pauses between looks at a token while a browser may be on its way to the end-session endpoint.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(750), Duration::from_millis(1_000)];

impl Errand<'_> {
    /// Signs out, and looks whether the tokens ended.
    pub(crate) async fn sign_out(
        &mut self,
        provider: &Provider,
        prepared: Prepared,
        proof_of: Option<&Asked<'_>>,
        revoke_only: bool,
        agent: Option<&dyn UserAgent>,
    ) -> Result<(), Problem> {
        let was_active = match proof_of {
            Some(asked) => self.before(provider, asked).await?,
            None => false,
        };
        let Prepared { url, shown, pending } = prepared;
        let back = match agent {
            Some(agent) => {
                let back = agent.leave(&url, &shown, &self.cancel).await;
                self.address = Some(shown);
                back?.map(|received| received.url().clone())
            }
            None => {
                self.address = Some(shown);
                self.ask_to_sign_out(provider, &url).await?
            }
        };
        let asked_back = pending.is_some();
        // A browser that did not come back may not have got there yet, or waits for a person to confirm.
        let on_its_way = agent.is_some() && back.is_none();
        let returned = self.judge_sign_out(pending, back.as_ref(), agent.is_some());
        let mut ended = false;
        if let (Some(asked), true) = (proof_of, was_active) {
            let mut proof = self.proof(provider, asked).await;
            for pause in PAUSES.into_iter().filter(|_| on_its_way) {
                if proof.status != Status::Failed || !self.waited(pause).await {
                    break;
                }
                proof = self.proof(provider, asked).await;
            }
            ended = proof.status == Status::Passed;
            let still = |received: &'static str, proof: Finding| Finding {
                status: Status::NotDue,
                remedy: None,
                received: received.into(),
                ..proof
            };
            self.findings.push(match proof.status {
                Status::Failed if on_its_way => still("still active, as far as the browser got", proof),
                // Only OneLogin's revoke-only promises it; others may let tokens live on.
                Status::Failed if !revoke_only => still("still active, which a sign-out may leave", proof),
                _ => proof,
            });
        }
        self.unclear = !returned && !ended;
        if self.unclear {
            let remedy = match (agent.is_some(), asked_back) {
                (true, false) => {
                    "Without a post-logout redirect URI the provider shows a page of its own and sends nobody back: what \
                     it said was in the browser alone. Register one to see the return."
                }
                (true, true) => {
                    "The browser did not come back to the post-logout redirect URI. Revoke the refresh token to end \
                     the session for certain."
                }
                (false, _) => {
                    "It may ask to confirm in a browser. Revoke the refresh token to end the session for certain."
                }
            };
            self.notes.push(Note {
                title: "Whether the provider signed the user out cannot be told from here.".to_owned(),
                remedy: remedy.to_owned(),
            });
        } else if !revoke_only && agent.is_none() {
            self.notes.push(Note {
                title: "A browser that is signed in may stay so.".to_owned(),
                remedy: "The request was sent from here, without a browser's cookies. Sign out in that browser too."
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// `false`: cancelled meanwhile.
    async fn waited(&self, pause: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => false,
            () = tokio::time::sleep(pause) => true,
        }
    }

    /// Sends the request from here. Where the provider would send a browser, if anywhere.
    async fn ask_to_sign_out(&self, provider: &Provider, url: &Secret) -> Result<Option<Secret>, Problem> {
        let url = Url::parse(url.expose()).map_err(|_| {
            Problem::new(ProblemKind::Malformed, "The sign-out address is no URL.", "Look at the metadata.")
        })?;
        let request = HttpRequest {
            accept: "application/json, text/html;q=0.9, */*;q=0.1",
            ..HttpRequest::get(Endpoint::EndSession, url)
        };
        let answer = self.send(&request).await?;
        let location = answer.header("location").map(Secret::from).filter(|_| answer.status / 100 == 3);
        if location.is_none()
            && (!(200..300).contains(&answer.status)
                || answer::provider_error(&answer, Endpoint::EndSession).is_some())
        {
            return Err(answer::failure(&answer, Endpoint::EndSession, &self.context(provider, None)));
        }
        Ok(location)
    }

    /// Whether the provider sent the browser back where it was told to.
    fn judge_sign_out(
        &mut self,
        pending: Option<PendingSignOut>,
        location: Option<&Secret>,
        in_browser: bool,
    ) -> bool {
        const REFERENCE: &str = "RP-Initiated Logout 1.0 §3";
        let Some(pending) = pending else { return false };
        let expected = format!("a redirect to {}", pending.redirect_uri());
        let (nothing, remedy) = if in_browser {
            (
                "nothing came back",
                "Compare the post-logout redirect URI with the app, character for character. What the browser shows \
                 tells the cause, or asks to confirm.",
            )
        } else {
            ("a page", "The provider may ask to sign in or to confirm first, which needs a browser.")
        };
        let finding = |received: String| {
            Finding::new(Check::EndSessionState, Status::Warning, expected.clone(), received, REFERENCE)
                .with_remedy(remedy)
        };
        let Some(location) = location else {
            self.findings.push(finding(nothing.to_owned()));
            return false;
        };
        match end_session::judge_return(pending, location) {
            Ok(state) => {
                self.findings.push(state);
                true
            }
            Err(elsewhere) => {
                self.findings.push(finding(format!("a redirect elsewhere: {}", elsewhere.difference)));
                false
            }
        }
    }
}
