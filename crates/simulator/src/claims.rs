//! Which claims a scope brings, in the order of the documents.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::clients::{Client, GroupsParameter};
use crate::faults::UpdatedAt;
use crate::options::Generation;
use crate::store::Granted;
use crate::users::{Groups, User};

/// The claims about a person that ID token and UserInfo share; empty without any scope.
pub(crate) fn of_user(
    user: &User,
    client: &Client,
    granted: &Granted,
    updated_at: Option<UpdatedAt>,
) -> Map<String, Value> {
    let mut claims = Map::new();
    if granted.scope.is_empty() {
        return claims;
    }
    let profile = &user.profile;
    let with_profile = granted.has_scope("profile");
    let with_name = with_profile || granted.has_scope("name");
    let mut add = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    add("sub", profile.sub.as_str().into());
    if granted.has_scope("email") {
        add("email", profile.email.as_str().into());
    }
    if with_profile {
        add("preferred_username", user.username.as_str().into());
    }
    if with_name {
        add("name", profile.name.as_str().into());
    }
    if with_profile {
        let shape = updated_at.unwrap_or(match granted.generation {
            Generation::V1 => UpdatedAt::Iso8601,
            Generation::V2 => UpdatedAt::Seconds,
        });
        add("updated_at", moment(&profile.updated_at, shape));
    }
    if with_name {
        add("given_name", profile.given_name.as_str().into());
        add("family_name", profile.family_name.as_str().into());
    }
    if (granted.has_scope("groups") || with_profile && client.groups_with_profile)
        && let Some(groups) = groups(&profile.groups, client.groups)
    {
        add("groups", groups);
    }
    if granted.has_scope("phone")
        && let Some(number) = &profile.phone_number
    {
        add("phone_number", number.as_str().into());
    }
    if granted.generation == Generation::V2 && granted.has_scope("params") {
        add("params", Value::Object(profile.params.clone()));
    }
    if with_profile {
        for (name, value) in &profile.more {
            add(name, value.clone());
        }
    }
    claims
}

fn groups(groups: &Groups, parameter: GroupsParameter) -> Option<Value> {
    let Groups::Named(names) = groups else { return None };
    match parameter {
        GroupsParameter::Array => Some(names.iter().map(String::as_str).collect()),
        GroupsParameter::Text => Some(names.join(";").into()),
        GroupsParameter::NotMapped => None,
    }
}

/// A moment in one of its three shapes; text that is no moment stays as it is.
fn moment(iso8601: &str, shape: UpdatedAt) -> Value {
    let Ok(time) = OffsetDateTime::parse(iso8601, &Rfc3339) else { return iso8601.into() };
    match shape {
        UpdatedAt::Iso8601 => iso8601.into(),
        UpdatedAt::Seconds => time.unix_timestamp().into(),
        UpdatedAt::Milliseconds => (time.unix_timestamp() * 1_000 + i64::from(time.millisecond())).into(),
    }
}
