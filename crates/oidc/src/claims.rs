//! What the ID token, UserInfo and introspection say about the user, side by side, and what asked-for scopes brought.
//!
//! Judges nothing: the checks of the ID token are in [`crate::id_token`]. Values are handed on as they
//! came, so whoever shows them makes them visible; everything else in a row is harmless already.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::catalogue::harmless;
use crate::text::visible;

mod compare;
mod findings;
mod reading;
mod scopes;

pub use findings::findings;
pub use reading::{Moment, Shape, updated_at};

/// Characters of a name that [`who`] returns at most.
pub const WHO_LIMIT: usize = 100;

/// One claim, from every place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ClaimRow {
    /// The claim's name, made visible.
    pub name: String,
    /// Its value in the ID token, as it came; `None` where it is absent, which serialises as null does.
    pub id_token: Option<Value>,
    /// Its value in UserInfo, as it came.
    pub userinfo: Option<Value>,
    /// Its value in the last introspection of the access token, as it came.
    pub introspection: Option<Value>,
    /// The scope that it comes from (OIDC Core §5.4, OneLogin's scopes), the asked-for one where there are several.
    pub scope: Option<String>,
    /// Whether two places have it and the JSON values differ. Numbers are compared by value, members of
    /// objects in any order. Never for the times and the number of one token: `exp`, `iat`, `nbf`, `jti`; nor
    /// for `aud` in introspection, since an access token may be meant for an API.
    pub differs: bool,
    /// The value in words, where it needs some: `2017-11-10 06:36:34 UTC (milliseconds)`, `3 groups`.
    pub reading: Option<String>,
    /// What is worth knowing about it: in what the two differ, which setting gives another shape.
    pub note: Option<String>,
}

/// What became of an asked-for scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ScopeNote {
    /// The scope.
    pub scope: String,
    /// The claims that it brought, in the order of the rows. An empty value counts as nothing.
    pub claims: Vec<String>,
    /// Why it brought nothing, and the setting.
    pub note: Option<String>,
}

/// The claims of one sign-in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ClaimsView {
    /// Who it is first, then OneLogin's lists, then the others by name, then what belongs to the protocol.
    pub rows: Vec<ClaimRow>,
    /// One for each scope that was asked for, `offline_access` apart: it brings a token, not claims.
    pub scopes: Vec<ScopeNote>,
}

/// Puts the claims side by side. Anything that is no JSON object counts as absent. What introspection says
/// of the access token is not counted among what a scope brought.
#[must_use]
pub fn view(
    id_token: Option<&Value>,
    userinfo: Option<&Value>,
    introspection: Option<&Value>,
    scopes: &[String],
    onelogin: bool,
) -> ClaimsView {
    let sources = Sources::new(id_token, userinfo, introspection);
    let names = sources.ranked_names();
    let notes = scopes::notes(&names, &sources, scopes, onelogin);
    let rows = names.into_iter().map(|name| row(name, &sources, scopes, onelogin)).collect();
    ClaimsView { rows, scopes: notes }
}

/// What became of each asked-for scope, as in [`view`] and without its rows.
#[must_use]
pub fn scope_notes(
    id_token: Option<&Map<String, Value>>,
    userinfo: Option<&Map<String, Value>>,
    scopes: &[String],
    onelogin: bool,
) -> Vec<ScopeNote> {
    let sources = Sources { id_token, userinfo, introspection: None };
    scopes::notes(&sources.ranked_names(), &sources, scopes, onelogin)
}

/// Who signed in: `name`, `preferred_username`, `email` or `sub`, the first that is there; the ID token,
/// which is signed, before UserInfo. Made visible, at most [`WHO_LIMIT`] characters.
#[must_use]
pub fn who(id_token: Option<&Value>, userinfo: Option<&Value>) -> Option<String> {
    ["name", "preferred_username", "email", "sub"].into_iter().find_map(|name| {
        [id_token, userinfo]
            .into_iter()
            .flatten()
            .find_map(|claims| harmless(claims.get(name)?.as_str()?, WHO_LIMIT))
    })
}

/// The places that claims come from.
struct Sources<'a> {
    id_token: Option<&'a Map<String, Value>>,
    userinfo: Option<&'a Map<String, Value>>,
    introspection: Option<&'a Map<String, Value>>,
}

impl<'a> Sources<'a> {
    fn new(
        id_token: Option<&'a Value>,
        userinfo: Option<&'a Value>,
        introspection: Option<&'a Value>,
    ) -> Self {
        let [id_token, userinfo, introspection] =
            [id_token, userinfo, introspection].map(|claims| claims.and_then(Value::as_object));
        Self { id_token, userinfo, introspection }
    }

    fn names(&self) -> Vec<&'a str> {
        let has = |claims: Option<&Map<String, Value>>, name: &str| {
            claims.is_some_and(|claims| claims.contains_key(name))
        };
        let first = self.id_token.into_iter().flat_map(Map::keys);
        let second = self.userinfo.into_iter().flat_map(Map::keys).filter(|name| !has(self.id_token, name));
        let third = self
            .introspection
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !has(self.id_token, name) && !has(self.userinfo, name));
        first.chain(second).chain(third).map(String::as_str).collect()
    }

    /// In the order of the rows.
    fn ranked_names(&self) -> Vec<&'a str> {
        let mut names = self.names();
        names.sort_by_cached_key(|name| (rank(name), *name));
        names
    }

    fn all(&self, name: &str) -> [Option<&'a Value>; 3] {
        [self.id_token, self.userinfo, self.introspection]
            .map(|claims| claims.and_then(|claims| claims.get(name)))
    }

    /// Where the user's claims belong.
    fn both(&self, name: &str) -> [Option<&'a Value>; 2] {
        let [id_token, userinfo, _] = self.all(name);
        [id_token, userinfo]
    }

    /// Whether ID token or UserInfo brought a value that says something.
    fn brought(&self, name: &str) -> bool {
        self.both(name).into_iter().flatten().any(|value| !is_empty(value))
    }
}

/// Null, and an empty string, list or object: nothing, as far as a user is concerned.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn row(name: &str, sources: &Sources<'_>, scopes: &[String], onelogin: bool) -> ClaimRow {
    let values = sources.all(name);
    let [id_token, userinfo, introspection] = values;
    let comparable = introspection.filter(|_| name != "aud");
    let differing = [(id_token, userinfo), (id_token, comparable), (userinfo, comparable)]
        .into_iter()
        .filter_map(|(a, b)| a.zip(b))
        .filter(|_| !matches!(name, "exp" | "iat" | "nbf" | "jti"))
        .find(|(a, b)| !compare::same(a, b));
    let difference = differing.and_then(|(a, b)| compare::difference(name, a, b));
    let shape = reading::shape_note(name, values, onelogin);
    ClaimRow {
        name: visible(name),
        id_token: id_token.cloned(),
        userinfo: userinfo.cloned(),
        introspection: introspection.cloned(),
        scope: scopes::of(name, scopes, onelogin).map(str::to_owned),
        differs: differing.is_some(),
        reading: reading::of(name, values),
        note: match (difference, shape) {
            (Some(difference), Some(shape)) => Some(format!("{difference} {shape}")),
            (difference, shape) => difference.or(shape),
        },
    }
}

const LAST: u8 = 100;

/// The place of a claim: smaller comes first, equals by name.
fn rank(name: &str) -> u8 {
    match name {
        "sub" => 0,
        "name" => 1,
        "preferred_username" => 2,
        "given_name" => 3,
        "middle_name" => 4,
        "family_name" => 5,
        "nickname" => 6,
        "email" => 7,
        "email_verified" => 8,
        "phone_number" => 9,
        "phone_number_verified" => 10,
        "groups" => 11,
        "params" => 12,
        "title" => 13,
        "department" => 14,
        "company" => 15,
        "custom_fields" => 16,
        "address" => 17,
        "locale" => 18,
        "locale_code" => 19,
        "zoneinfo" => 20,
        "birthdate" => 21,
        "gender" => 22,
        "profile" => 23,
        "picture" => 24,
        "website" => 25,
        "updated_at" => 26,
        "iss" => LAST,
        "aud" => LAST + 1,
        "azp" => LAST + 2,
        "exp" => LAST + 3,
        "iat" => LAST + 4,
        "nbf" => LAST + 5,
        "auth_time" => LAST + 6,
        "nonce" => LAST + 7,
        "acr" => LAST + 8,
        "amr" => LAST + 9,
        "at_hash" => LAST + 10,
        "c_hash" => LAST + 11,
        "rt_hash" => LAST + 12,
        "s_hash" => LAST + 13,
        "sid" => LAST + 14,
        "jti" => LAST + 15,
        "active" => LAST + 16,
        "token_type" => LAST + 17,
        "client_id" => LAST + 18,
        "scope" => LAST + 19,
        _ => LAST - 1,
    }
}
