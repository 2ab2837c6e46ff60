//! Sign-out at the provider (OIDC RP-Initiated Logout 1.0 §2, §3): where to send the browser, and whether what
//! comes back answers it.

use url::Url;

use crate::base64url;
use crate::http::form_encode;
use crate::jws::shown_text;
use crate::redirect_uri::RedirectUri;
use crate::secret::Secret;
use crate::{Check, Finding, Status};

/// What a person chose.
#[derive(Debug, Clone)]
pub struct EndSessionRequest {
    /// From the metadata, checked by [`crate::issuer::Issuer::check_endpoint`].
    pub end_session_endpoint: Url,
    /// The ID token of the session, which may have expired.
    pub id_token_hint: Option<Secret>,
    /// For providers that cannot tell the client from the hint.
    pub client_id: Option<String>,
    /// Registered for the client, character for character. Without it the provider shows a page of its own.
    pub post_logout_redirect_uri: Option<RedirectUri>,
    /// OneLogin's `logout`: `false` revokes the tokens and leaves the user signed in at the portal.
    pub onelogin_logout: Option<bool>,
}

/// A sign-out under way.
#[derive(Debug)]
pub struct Prepared {
    /// For the browser alone: the ID token stands in it.
    pub url: Secret,
    /// The same for people, the ID token replaced by its fingerprint.
    pub shown: String,
    /// What comes back, where a redirect URI was sent.
    pub pending: Option<PendingSignOut>,
}

/// What the return is compared with, consumed by it.
#[derive(Debug)]
pub struct PendingSignOut {
    redirect_uri: RedirectUri,
    state: Secret,
}

impl PendingSignOut {
    /// Whether an address is the return is its [`RedirectUri::matches`] alone.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }
}

impl EndSessionRequest {
    /// Adds the state, made from 32 random bytes. It is sent with a redirect URI only, which brings it back.
    #[must_use]
    pub fn prepare(self, random: &[u8; 32]) -> Prepared {
        let state = Secret::new(base64url::encode(random));
        let url = |hint: Option<&str>| {
            let mut url = self.end_session_endpoint.clone();
            let mut parameters: Vec<(&str, &str)> = Vec::new();
            parameters.extend(hint.map(|hint| ("id_token_hint", hint)));
            parameters.extend(self.client_id.as_deref().map(|id| ("client_id", id)));
            if let Some(uri) = &self.post_logout_redirect_uri {
                parameters.push(("post_logout_redirect_uri", uri.as_str()));
                parameters.push(("state", state.expose()));
            }
            parameters
                .extend(self.onelogin_logout.map(|logout| ("logout", if logout { "true" } else { "false" })));
            if !parameters.is_empty() {
                url.query_pairs_mut().extend_pairs(parameters);
            }
            url
        };
        let hidden = self.id_token_hint.as_ref().map(|token| format!("[id_token {}]", token.fingerprint()));
        let mut shown = String::from(url(hidden.as_deref()));
        if let Some(hidden) = &hidden {
            shown = shown.replace(&form_encode(hidden), hidden);
        }
        let complete = Secret::new(url(self.id_token_hint.as_ref().map(Secret::expose)).into());
        let pending =
            self.post_logout_redirect_uri.map(|redirect_uri| PendingSignOut { redirect_uri, state });
        Prepared { url: complete, shown, pending }
    }
}

/// An address that is not the post-logout redirect URI; the sign-out goes on.
#[derive(Debug, thiserror::Error)]
#[error("This is not the post-logout redirect URI: {difference}.")]
pub struct NotOurs {
    /// Still under way.
    pub pending: PendingSignOut,
    /// Where the address differs.
    pub difference: String,
}

/// Judges the return. The sign-out is complete whatever its state says: a missing or another one is a warning.
///
/// # Errors
/// [`NotOurs`] gives the sign-out back.
pub fn judge_return(pending: PendingSignOut, received: &Secret) -> Result<Finding, NotOurs> {
    const REFERENCE: &str = "RP-Initiated Logout 1.0 §3";
    let Some(added) = pending.redirect_uri.split(received.expose()) else {
        let difference = pending.redirect_uri.difference(received.expose()).unwrap_or_default();
        return Err(NotOurs { pending, difference });
    };
    let states: Vec<Secret> = url::form_urlencoded::parse(added.query.as_bytes())
        .filter(|(name, _)| name == "state")
        .map(|(_, value)| Secret::new(value.into_owned()))
        .collect();
    let expected = pending.state.expose().to_owned();
    let finding = |status, received: String| {
        Finding::new(Check::EndSessionState, status, expected.clone(), received, REFERENCE)
    };
    Ok(match &states[..] {
        [state] if *state == pending.state => finding(Status::Passed, "same".to_owned()),
        [] => finding(Status::Warning, "missing".to_owned()).with_remedy(
            "The provider must return state. An application cannot tell this return from one that it did not ask for.",
        ),
        [state] => finding(Status::Warning, shown_text(state.expose())).with_remedy(
            "The return answers another sign-out: an older window, or a link that somebody else made.",
        ),
        more => finding(Status::Warning, format!("{} of them", more.len()))
            .with_remedy("A state that stands twice reads in two ways. Tell whoever runs the provider."),
    })
}
