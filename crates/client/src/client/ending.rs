//! Introspection, revocation with proof, and sign-out on saved connections. What is kept on this computer is
//! forgotten only after the provider did its part.

use latchkey_oidc::Problem;
use latchkey_oidc::end_session::EndSessionRequest;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::introspection::TokenTypeHint;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::{ProblemKind, Secret};
use tokio_util::sync::CancellationToken;

use super::signing::{REFRESH_WAIT, nothing_stored, or_cancelled};
use super::{Client, Keep};
use crate::connection::Connection;
use crate::errand::{Asked, Errand, Proofs};
use crate::input::{self, Field, InputProblem};
use crate::keychain::SecretKind;
use crate::report::{Kept, Note};
use crate::session::TokenKind;
use crate::session_report::{SessionDeed, SessionReport};
use crate::sign_in::browser::UserAgent;

/// The token that is asked about or revoked.
pub enum TokenChoice {
    /// Of this program's session.
    AccessToken,
    /// Of this program's session, or else of the keychain.
    RefreshToken,
    /// Given for this time; nothing that is kept here is touched.
    Given(Secret),
}

/// A sign-out as it was asked for.
#[derive(Default)]
pub struct SignOut {
    /// In place of the session's ID token.
    pub id_token: Option<Secret>,
    /// As registered at the provider, as typed.
    pub post_logout_redirect_uri: Option<String>,
    /// OneLogin's `logout=false`: the tokens are revoked, and the user stays signed in.
    pub revoke_only: bool,
}

impl SignOut {
    /// Where the provider shall send the browser afterwards.
    ///
    /// # Errors
    /// What was typed is no redirect URI.
    pub fn post_logout_redirect_uri(&self) -> Result<Option<RedirectUri>, InputProblem> {
        match self.post_logout_redirect_uri.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => input::redirect_uri(text, Field::PostLogoutRedirectUri).map(Some),
        }
    }
}

/// A token with what is known of it, and where it is kept.
struct Chosen {
    token: Secret,
    kind: Option<TokenKind>,
    keep: Option<Keep>,
}

impl Client {
    /// Asks the provider whether a token is active.
    ///
    /// # Errors
    /// There is no such token, or the keychain refused, before anything is sent.
    pub async fn introspect(
        &self,
        connection: &Connection,
        token: TokenChoice,
        client_secret: Option<Secret>,
        cancel: CancellationToken,
    ) -> Result<SessionReport, InputProblem> {
        self.policy.permit(&connection.issuer)?;
        let auth = or_cancelled(&cancel, self.client_auth(connection, client_secret)).await??;
        let chosen = self.chosen(connection, token, &cancel).await?;
        let mut errand = self.errand(connection, &auth, SessionDeed::Introspect, cancel);
        errand.about(&chosen.token, chosen.kind);
        let asked = async {
            let provider = self.provider_of(&mut errand).await?;
            errand.introspect(&provider, &self.asked(connection, &chosen)).await.map(drop)
        };
        let result = asked.await;
        Ok(self.finish(errand, result))
    }

    /// Revokes a token, and proves it: introspection says not active, and the token is refused where it is used.
    ///
    /// A refresh token that is kept here is forgotten with its session, where the provider revoked it and no proof failed.
    ///
    /// # Errors
    /// There is no such token, or the keychain refused, before anything is sent.
    pub async fn revoke(
        &self,
        connection: &Connection,
        token: TokenChoice,
        client_secret: Option<Secret>,
        cancel: CancellationToken,
    ) -> Result<SessionReport, InputProblem> {
        self.policy.permit(&connection.issuer)?;
        let auth = or_cancelled(&cancel, self.client_auth(connection, client_secret)).await??;
        // Nobody refreshes meanwhile, here or in another process: a rotated token would outlive the revoked one.
        let lock = or_cancelled(&cancel, self.store.refresh_lock(&connection.id, REFRESH_WAIT)).await??;
        let chosen = self.chosen(connection, token, &cancel).await?;
        let mut errand = self.errand(connection, &auth, SessionDeed::Revoke, cancel);
        errand.about(&chosen.token, chosen.kind);
        let (result, proofs) = {
            let provider = self.provider_of(&mut errand).await;
            match provider {
                Ok(provider) => errand.revoke(&provider, &self.asked(connection, &chosen)).await,
                Err(problem) => (Err(problem), Proofs::default()),
            }
        };
        if let Some(rotated) = proofs.rotated {
            self.keep_unexpected(connection, &chosen, rotated, &mut errand.notes).await;
        }
        let done = result.is_ok() && !errand.failed();
        match (chosen.kind, chosen.keep) {
            (Some(TokenKind::RefreshToken), Some(keep)) if done => {
                errand.forgotten = self.forget_ended(&connection.id, keep, &mut errand.notes).await;
            }
            (Some(TokenKind::AccessToken), _) if done => errand.notes.push(Note {
                title: "The refresh token is not revoked.".to_owned(),
                remedy:
                    "Refresh to get another access token, or revoke the refresh token to end the session."
                        .to_owned(),
            }),
            _ => {}
        }
        drop(lock);
        Ok(self.finish(errand, result))
    }

    /// Signs out at the end-session endpoint, with the session's ID token as the hint.
    ///
    /// With a user agent it goes through a person's browser and carries its cookies; without one it is sent from here
    /// and carries none. The session that is kept here is forgotten where the provider sent the browser back, or where
    /// introspection shows that it ended the tokens.
    ///
    /// # Errors
    /// The redirect URI is none, or what is missing before anything is sent.
    pub async fn sign_out(
        &self,
        connection: &Connection,
        request: SignOut,
        client_secret: Option<Secret>,
        agent: Option<&dyn UserAgent>,
        cancel: CancellationToken,
    ) -> Result<SessionReport, InputProblem> {
        self.policy.permit(&connection.issuer)?;
        let redirect_uri = request.post_logout_redirect_uri()?;
        let auth = or_cancelled(&cancel, self.client_auth(connection, client_secret)).await??;
        let session = self.desk(&connection.id).session;
        let given = request.id_token.is_some();
        let hint =
            request.id_token.or_else(|| session.as_deref().and_then(|session| session.id_token.clone()));
        let proof = session
            .as_deref()
            .filter(|_| !given)
            .and_then(|session| session.token(TokenKind::AccessToken))
            .map(|token| Chosen { token: token.clone(), kind: Some(TokenKind::AccessToken), keep: None });
        let mut random = [0; 32];
        crate::random::fill(&mut random)?;
        let mut errand = self.errand(connection, &auth, SessionDeed::SignOut, cancel);
        if let Some(hint) = &hint {
            errand.about(hint, Some(TokenKind::IdToken));
        }
        let asked = async {
            let provider = self.provider_of(&mut errand).await?;
            if request.revoke_only && !provider.generation().is_onelogin() {
                return Err(only_onelogin());
            }
            let url = provider.metadata.endpoint_for_secrets(
                &provider.issuer,
                Endpoint::EndSession,
                &connection.confirmed_hosts,
            )?;
            let prepared = EndSessionRequest {
                end_session_endpoint: url,
                client_id: hint.is_none().then(|| connection.client_id.clone()),
                id_token_hint: hint.clone(),
                post_logout_redirect_uri: redirect_uri,
                onelogin_logout: request.revoke_only.then_some(false),
            }
            .prepare(&random);
            let proof = proof.as_ref().map(|chosen| self.asked(connection, chosen));
            errand.sign_out(&provider, prepared, proof.as_ref(), request.revoke_only, agent).await
        };
        let result = asked.await;
        if let (Ok(()), Some(session), false) =
            (&result, &session, given || errand.failed() || errand.unclear)
        {
            let keep = if session.kept == Kept::Keychain { Keep::Keychain } else { Keep::SessionOnly };
            errand.forgotten = self.forget_ended(&connection.id, keep, &mut errand.notes).await;
        }
        Ok(self.finish(errand, result))
    }

    fn errand<'a>(
        &self,
        connection: &'a Connection,
        auth: &'a latchkey_oidc::client_auth::ClientAuth,
        deed: SessionDeed,
        cancel: CancellationToken,
    ) -> Errand<'a> {
        Errand::new(connection, auth, deed, self.transport(), self.desk(&connection.id).recorder, cancel)
    }

    /// What introspection said of the session's access token stays with the session.
    fn finish(&self, mut errand: Errand<'_>, result: Result<(), Problem>) -> SessionReport {
        if let Some((token, claims)) = errand.told()
            && let Some(desk) = self.desks().get_mut(&errand.connection.id)
        {
            desk.introspected(&token, claims);
        }
        errand.finish(result)
    }

    async fn provider_of(
        &self,
        errand: &mut Errand<'_>,
    ) -> Result<std::sync::Arc<crate::provider::Provider>, Problem> {
        if let Some(known) = self.known_provider(&errand.connection.issuer) {
            return errand.accepts(known);
        }
        let looked_up = errand.look_up().await?;
        errand.accepts(self.remember(looked_up))
    }

    fn asked<'a>(&self, connection: &Connection, chosen: &'a Chosen) -> Asked<'a> {
        let session = self.desk(&connection.id).session;
        let of_session =
            session.filter(|session| chosen.kind.and_then(|kind| session.token(kind)) == Some(&chosen.token));
        Asked {
            token: &chosen.token,
            hint: match chosen.kind {
                Some(TokenKind::AccessToken) => Some(TokenTypeHint::AccessToken),
                Some(TokenKind::RefreshToken) => Some(TokenTypeHint::RefreshToken),
                Some(TokenKind::IdToken) | None => None,
            },
            subject: of_session.and_then(|session| session.subject.clone()),
        }
    }

    async fn chosen(
        &self,
        connection: &Connection,
        choice: TokenChoice,
        cancel: &CancellationToken,
    ) -> Result<Chosen, Problem> {
        let desk = self.desk(&connection.id);
        match choice {
            TokenChoice::Given(token) => Ok(Chosen { token, kind: None, keep: None }),
            TokenChoice::AccessToken => {
                let session = desk.session.ok_or_else(no_access_token)?;
                let token = session.token(TokenKind::AccessToken).cloned().ok_or_else(no_access_token)?;
                Ok(Chosen { token, kind: Some(TokenKind::AccessToken), keep: None })
            }
            TokenChoice::RefreshToken => {
                let in_memory = desk
                    .session
                    .as_deref()
                    .filter(|session| session.kept == Kept::SessionOnly)
                    .and_then(|session| session.refresh_token.clone());
                let (token, keep) = match desk.rotated.or(in_memory) {
                    Some(token) => (token, Keep::SessionOnly),
                    None => {
                        let stored = self.keychain.get(&connection.id, SecretKind::RefreshToken);
                        let stored = or_cancelled(cancel, stored).await?.map_err(Problem::from)?;
                        (stored.ok_or_else(nothing_stored)?, Keep::Keychain)
                    }
                };
                Ok(Chosen { token, kind: Some(TokenKind::RefreshToken), keep: Some(keep) })
            }
        }
    }

    /// A refresh that should have been refused brought a token: the old one may be used up, so the new one is kept.
    async fn keep_unexpected(
        &self,
        connection: &Connection,
        chosen: &Chosen,
        rotated: Secret,
        notes: &mut Vec<Note>,
    ) {
        let Some(keep) = chosen.keep else { return };
        let mut kept = Kept::SessionOnly;
        if keep == Keep::Keychain {
            match self.keychain.set(&connection.id, SecretKind::RefreshToken, &rotated).await {
                Ok(()) => kept = Kept::Keychain,
                Err(error) => {
                    notes.push(not_in_keychain("The refresh token is not in the keychain", error.into()))
                }
            }
        }
        self.desks().entry(connection.id.clone()).or_default().renew(&chosen.token, rotated, kept);
    }

    /// Forgets what the provider ended. `false`, with a note, where the keychain still holds it.
    async fn forget_ended(&self, connection_id: &str, keep: Keep, notes: &mut Vec<Note>) -> bool {
        if keep == Keep::SessionOnly {
            if let Some(desk) = self.desks().get_mut(connection_id) {
                desk.forget();
            }
            return true;
        }
        match self.forget(connection_id).await {
            Ok(()) => true,
            Err(problem) => {
                notes.push(not_in_keychain("The keychain still holds the refresh token", problem));
                false
            }
        }
    }
}

fn not_in_keychain(what: &str, problem: Problem) -> Note {
    Note { title: format!("{what}: {}", problem.explanation), remedy: problem.remedy }
}

fn no_access_token() -> Problem {
    Problem::new(
        ProblemKind::NothingStored,
        "There is no access token in memory.",
        "Sign in, or refresh from the keychain.",
    )
}

fn only_onelogin() -> Problem {
    Problem::new(
        ProblemKind::InvalidInput,
        "Revoking the tokens alone (logout=false) is OneLogin's own, and this provider is another.",
        "Sign out without it, or revoke the refresh token.",
    )
}
