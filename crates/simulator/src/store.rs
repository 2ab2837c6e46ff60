//! The tokens that the tenant issued, known by digest alone, and what becomes of them.

use std::collections::HashMap;

use crate::clients::Client;
use crate::keys::hex_digest;
use crate::options::Generation;
use crate::state::RefreshTokenState;
use crate::users::User;

/// How long a refresh token can be exchanged.
pub(crate) const REFRESH_TOKEN_LIFETIME: i64 = 30 * 86_400;
/// The `expires_in` of the documents.
pub(crate) const ACCESS_TOKEN_LIFETIME: i64 = 3_600;
/// A demo tenant that runs for a year keeps this many of each kind.
const AT_MOST: usize = 4_096;

/// What a person granted to a client at one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) client_id: String,
    pub(crate) sub: String,
    pub(crate) scope: String,
    pub(crate) generation: Generation,
    /// All tokens of one sign-in; v2 sends it as `sid` if there is no browser session.
    pub(crate) family: String,
    /// The browser session, which v2 sends as `sid`.
    pub(crate) sid: Option<String>,
    /// When the person gave their password in the browser.
    pub(crate) auth_time: Option<i64>,
}

impl Granted {
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.scope.split(' ').any(|scope| scope == name)
    }
}

/// An access or refresh token without its value.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) granted: Granted,
    pub(crate) id: String,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    used: bool,
}

/// A token that introspection or revocation found.
pub(crate) enum Found {
    Access(Issued),
    Refresh(Issued),
}

/// Why a refresh token was not taken.
pub(crate) enum NotTaken {
    /// Unknown, used, expired, revoked, or somebody else's.
    Invalid,
    /// It stands, but does not cover what was asked for.
    ScopeExceeded,
}

#[derive(Default)]
pub(crate) struct Store {
    access: HashMap<String, Issued>,
    refresh: HashMap<String, Issued>,
    id_tokens: HashMap<String, Issued>,
}

impl Store {
    pub(crate) fn add_access(&mut self, token: &str, id: String, granted: Granted, now: i64) {
        make_room(&mut self.access, now);
        self.access.insert(hex_digest(token.as_bytes()), issued(granted, id, now, ACCESS_TOKEN_LIFETIME));
    }

    pub(crate) fn add_refresh(&mut self, token: &str, granted: Granted, now: i64) {
        make_room(&mut self.refresh, now);
        let digest = hex_digest(token.as_bytes());
        let id = digest[..32].to_owned();
        self.refresh.insert(digest, issued(granted, id, now, REFRESH_TOKEN_LIFETIME));
    }

    pub(crate) fn add_id_token(&mut self, token: &str, granted: Granted, now: i64) {
        make_room(&mut self.id_tokens, now);
        let digest = hex_digest(token.as_bytes());
        let id = digest[..32].to_owned();
        self.id_tokens.insert(digest, issued(granted, id, now, REFRESH_TOKEN_LIFETIME));
    }

    /// What an ID token of this issuer was issued for; as a hint it may be expired.
    pub(crate) fn id_token(&self, token: &str, generation: Generation) -> Option<Granted> {
        let issued = self.id_tokens.get(&hex_digest(token.as_bytes()))?;
        (issued.granted.generation == generation).then(|| issued.granted.clone())
    }

    /// A live access token of this issuer.
    pub(crate) fn access(&self, token: &str, generation: Generation, now: i64) -> Option<&Issued> {
        live(&self.access, token, generation, now)
    }

    /// Uses a refresh token up: each works once. In v2, presenting it again ends the whole family.
    /// Asking for a scope that was not granted leaves it as it is.
    pub(crate) fn take_refresh(
        &mut self,
        token: &str,
        client_id: &str,
        generation: Generation,
        scope: &str,
        now: i64,
    ) -> Result<Granted, NotTaken> {
        let found = self.refresh.get_mut(&hex_digest(token.as_bytes())).ok_or(NotTaken::Invalid)?;
        let ours = found.granted.client_id == client_id && found.granted.generation == generation;
        if !ours || found.expires_at <= now {
            return Err(NotTaken::Invalid);
        }
        let granted = found.granted.clone();
        if found.used {
            if generation == Generation::V2 {
                self.end_family(&granted.family);
            }
            return Err(NotTaken::Invalid);
        }
        if !scope.split(' ').filter(|name| !name.is_empty()).all(|name| granted.has_scope(name)) {
            return Err(NotTaken::ScopeExceeded);
        }
        found.used = true;
        Ok(granted)
    }

    /// A live token of either kind that belongs to the client.
    pub(crate) fn find(
        &self,
        token: &str,
        client: &Client,
        generation: Generation,
        now: i64,
    ) -> Option<Found> {
        let found = match live(&self.access, token, generation, now) {
            Some(access) => Found::Access(access.clone()),
            None => Found::Refresh(live(&self.refresh, token, generation, now)?.clone()),
        };
        let (Found::Access(issued) | Found::Refresh(issued)) = &found;
        (issued.granted.client_id == client.client_id).then_some(found)
    }

    pub(crate) fn remove(&mut self, token: &str) {
        let digest = hex_digest(token.as_bytes());
        self.access.remove(&digest);
        self.refresh.remove(&digest);
    }

    /// Ends all tokens of one sign-in.
    pub(crate) fn end_family(&mut self, family: &str) {
        self.access.retain(|_, issued| issued.granted.family != family);
        self.refresh.retain(|_, issued| issued.granted.family != family);
    }

    /// Ends all tokens of one browser session.
    pub(crate) fn end_session(&mut self, sid: &str) {
        self.access.retain(|_, issued| issued.granted.sid.as_deref() != Some(sid));
        self.refresh.retain(|_, issued| issued.granted.sid.as_deref() != Some(sid));
    }

    /// The refresh tokens that still matter, oldest first.
    pub(crate) fn snapshot(&self, now: i64) -> Vec<RefreshTokenState> {
        let mut tokens: Vec<RefreshTokenState> = self
            .refresh
            .iter()
            .filter(|(_, issued)| issued.expires_at > now)
            .map(|(digest, issued)| RefreshTokenState {
                digest: digest.clone(),
                client_id: issued.granted.client_id.clone(),
                sub: issued.granted.sub.clone(),
                scope: issued.granted.scope.clone(),
                generation: issued.granted.generation,
                family: issued.granted.family.clone(),
                sid: issued.granted.sid.clone(),
                auth_time: issued.granted.auth_time,
                issued_at: issued.issued_at,
                used: issued.used,
            })
            .collect();
        tokens.sort_by(|a, b| (a.issued_at, &a.digest).cmp(&(b.issued_at, &b.digest)));
        tokens
    }

    /// Takes back what a snapshot holds, without what no longer fits.
    pub(crate) fn restore(
        tokens: Vec<RefreshTokenState>,
        clients: &[Client],
        users: &[User],
        now: i64,
    ) -> Self {
        let mut store = Self::default();
        for token in tokens.into_iter().rev().take(AT_MOST) {
            let known = clients.iter().any(|client| client.client_id == token.client_id)
                && users.iter().any(|user| user.profile.sub == token.sub);
            let is_digest = token.digest.len() == 64
                && token.digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            let timely =
                token.issued_at <= now && now < token.issued_at.saturating_add(REFRESH_TOKEN_LIFETIME);
            if !(known && is_digest && timely) {
                continue;
            }
            let granted = Granted {
                client_id: token.client_id,
                sub: token.sub,
                scope: token.scope,
                generation: token.generation,
                family: token.family,
                sid: token.sid,
                auth_time: token.auth_time,
            };
            let id = token.digest[..32].to_owned();
            let entry = issued(granted, id, token.issued_at, REFRESH_TOKEN_LIFETIME);
            store.refresh.insert(token.digest, Issued { used: token.used, ..entry });
        }
        store
    }
}

fn issued(granted: Granted, id: String, now: i64, lifetime: i64) -> Issued {
    Issued { granted, id, issued_at: now, expires_at: now.saturating_add(lifetime), used: false }
}

fn live<'a>(
    tokens: &'a HashMap<String, Issued>,
    token: &str,
    generation: Generation,
    now: i64,
) -> Option<&'a Issued> {
    tokens
        .get(&hex_digest(token.as_bytes()))
        .filter(|issued| issued.granted.generation == generation && issued.expires_at > now && !issued.used)
}

/// Drops what has expired, and the oldest if that is not enough.
fn make_room(tokens: &mut HashMap<String, Issued>, now: i64) {
    if tokens.len() < AT_MOST {
        return;
    }
    tokens.retain(|_, issued| issued.expires_at > now);
    while tokens.len() >= AT_MOST {
        let oldest =
            tokens.iter().min_by_key(|(_, issued)| issued.issued_at).map(|(digest, _)| digest.clone());
        oldest.and_then(|digest| tokens.remove(&digest));
    }
}
