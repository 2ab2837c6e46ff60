//! Which scope a claim comes from (OIDC Core §5.4 and OneLogin's own), and why a scope brought nothing.

use super::{ScopeNote, Sources};
use crate::text::visible;

/// The scopes that bring a claim, the likeliest first. OneLogin sends four of them for `openid` alone.
fn candidates(claim: &str, onelogin: bool) -> &'static [&'static str] {
    match claim {
        "sub" => &["openid"],
        "name" if onelogin => &["profile", "name", "openid"],
        "preferred_username" if onelogin => &["profile", "openid"],
        "email" if onelogin => &["email", "openid"],
        "given_name" | "family_name" if onelogin => &["profile", "name"],
        "name" | "family_name" | "given_name" | "middle_name" | "nickname" | "preferred_username"
        | "profile" | "picture" | "website" | "gender" | "birthdate" | "zoneinfo" | "locale"
        | "updated_at" => &["profile"],
        "company" | "department" | "title" | "locale_code" | "custom_fields" if onelogin => &["profile"],
        "email" | "email_verified" => &["email"],
        "address" => &["address"],
        "phone_number" | "phone_number_verified" => &["phone"],
        "groups" => &["groups"],
        "params" if onelogin => &["params"],
        _ => &[],
    }
}

/// The scope that a claim comes from: the first that was asked for, or else the likeliest.
pub(super) fn of(claim: &str, scopes: &[String], onelogin: bool) -> Option<&'static str> {
    let candidates = candidates(claim, onelogin);
    let asked = |candidate: &&&str| scopes.iter().any(|scope| scope == **candidate);
    candidates.iter().find(asked).or_else(|| candidates.first()).copied()
}

/// One note for each asked-for scope, in that order, each scope once. `names` are the claims that came.
pub(super) fn notes(
    names: &[&str],
    sources: &Sources<'_>,
    scopes: &[String],
    onelogin: bool,
) -> Vec<ScopeNote> {
    let came: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !candidates(name, onelogin).is_empty() && sources.brought(name))
        .collect();
    let mut notes: Vec<ScopeNote> = Vec::new();
    for scope in scopes {
        let shown = visible(scope);
        if scope == "offline_access" || notes.iter().any(|note| note.scope == shown) {
            continue;
        }
        let claims: Vec<String> = came
            .iter()
            .filter(|name| match scope.as_str() {
                // What comes without a scope of its own is its doing alone.
                "openid" => of(name, scopes, onelogin) == Some("openid"),
                scope => candidates(name, onelogin).contains(&scope),
            })
            .map(|name| (*name).to_owned())
            .collect();
        let note = claims.is_empty().then(|| reason(scope, sources, onelogin));
        notes.push(ScopeNote { scope: shown, claims, note });
    }
    notes
}

/// Why a scope brought nothing.
fn reason(scope: &str, sources: &Sources<'_>, onelogin: bool) -> String {
    let setting = if onelogin { at_onelogin(scope) } else { elsewhere(scope) };
    match (sources.id_token, sources.userinfo) {
        (None, None) => "Neither an ID token nor UserInfo came.".to_owned(),
        (Some(_), None) => format!("The ID token has nothing of it, and UserInfo was not read. {setting}"),
        _ => setting.to_owned(),
    }
}

fn at_onelogin(scope: &str) -> &'static str {
    match scope {
        "openid" => "No sub came. An empty UserInfo means that the token was granted without scopes.",
        "profile" | "name" => {
            "The user's fields are empty: look at Users › Users › the user › User Info, and at Applications › the app \
             › Parameters."
        }
        "email" => "The user has no email address: Users › Users › the user › User Info › Email.",
        "phone" => "The user has no phone number: Users › Users › the user › User Info › Phone Number.",
        "groups" => GROUPS_AT_ONELOGIN,
        "params" => {
            "Custom attributes come when the app maps them: add a parameter at Applications › the app › Parameters \
             and give it a value, such as a field of Users › Custom User Fields."
        }
        "address" => {
            "OneLogin has no address claim; map the fields that you need at Applications › the app › Parameters."
        }
        _ => {
            "OneLogin lists no such scope for sign-in. A scope of an API appears in the access token: Developers › \
             API Authorization."
        }
    }
}

/// Why groups are absent at OneLogin.
pub(super) const GROUPS_AT_ONELOGIN: &str = "OneLogin sends groups only when the app maps them: Applications › the app › \
     Parameters › Groups › User Roles (or MemberOf), Semicolon Delimited Input. A user without a role or directory \
     group has none to send.";

/// Why groups are absent anywhere else.
pub(super) const GROUPS_ELSEWHERE: &str = "Groups are not in the standard: let the provider map them to a claim named \
     groups for this client, and check that the user is in one.";

fn elsewhere(scope: &str) -> &'static str {
    match scope {
        "openid" => "No sub came. An empty UserInfo means that the token was granted without scopes.",
        "profile" | "email" | "phone" | "address" => {
            "The user's fields are empty, or the provider does not release them to this client."
        }
        "groups" => GROUPS_ELSEWHERE,
        _ => "Not a standard scope: what it brings is up to the provider.",
    }
}
