//! The people of the tenant: the two of the documents, and one for each way a password grant can end.
//! Their passwords are demo values.

use serde_json::{Map, Value, json};

use crate::crowd;

/// How a sign-in ends for a person whose password is right. The browser's page says the same, and asks for a
/// second factor where the password grant cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Signed in.
    Ok,
    /// `Authentication Failed`
    Refused,
    /// `Authentication Failed: Invalid user credentials`, as for any wrong password.
    WrongPassword,
    /// `MFA is required for this user`
    MfaRequired,
    /// `User is locked. Access is unauthorized`
    Locked,
    /// `User is suspended. Access is unauthorized`
    Suspended,
    /// `Password expired`
    PasswordExpired,
    /// `Access is unauthorized`
    NotAssigned,
}

impl Outcome {
    /// The `error_description`; `None` where there is no error.
    #[must_use]
    pub fn error_description(self) -> Option<&'static str> {
        Some(match self {
            Self::Ok => return None,
            Self::Refused => "Authentication Failed",
            Self::WrongPassword => "Authentication Failed: Invalid user credentials",
            Self::MfaRequired => "MFA is required for this user",
            Self::Locked => "User is locked. Access is unauthorized",
            Self::Suspended => "User is suspended. Access is unauthorized",
            Self::PasswordExpired => "Password expired",
            Self::NotAssigned => "Access is unauthorized",
        })
    }
}

/// What each person is there to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserRole {
    /// Peggy Sue, of the UserInfo page.
    PeggySue,
    /// Sally Tyler, of the implicit flow's page.
    Sally,
    /// `rich`, of the password grant's sample request.
    Rich,
    /// The password that is listed is not the password.
    WrongPassword,
    /// Refused without a reason.
    Refused,
    /// Needs a second factor.
    MfaRequired,
    /// Locked.
    Locked,
    /// Suspended.
    Suspended,
    /// Password expired.
    PasswordExpired,
    /// Not assigned to the application.
    NotAssigned,
    /// Signs in, and has no roles to map to groups.
    NoGroups,
    /// 5,000 groups.
    ManyGroups,
    /// Markup, bidi, zero-width and terminal control characters in every claim.
    Hostile,
    /// About 200 kB of claims.
    ManyClaims,
    /// One that the caller added.
    Other,
}

/// The roles that become the `groups` claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Groups {
    /// No claim.
    None,
    /// These.
    Named(Vec<String>),
}

/// What the claims say of a person.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // the names are the claims'
pub struct Profile {
    /// The OneLogin id of the user.
    pub sub: String,
    pub email: String,
    pub name: String,
    pub given_name: String,
    pub family_name: String,
    pub phone_number: Option<String>,
    /// ISO 8601, as v1 sends it; v2 sends the same moment in seconds.
    pub updated_at: String,
    pub groups: Groups,
    /// Sent in ID tokens.
    pub acr: Option<String>,
    /// Custom attributes, sent by v2 with the scope `params`.
    pub params: Map<String, Value>,
    /// Further claims that come with `profile`.
    pub more: Map<String, Value>,
}

/// A person.
#[derive(Debug, Clone)]
pub struct User {
    /// What they are there to show.
    pub role: UserRole,
    /// What they type; also `preferred_username`.
    pub username: String,
    /// A demo value.
    pub password: String,
    /// How the password grant ends.
    pub outcome: Outcome,
    /// Their claims.
    pub profile: Profile,
}

impl User {
    /// A person who signs in and is a member of the documented groups.
    #[must_use]
    pub fn new(sub: &str, username: &str, password: &str, given_name: &str, family_name: &str) -> Self {
        Self {
            role: UserRole::Other,
            username: username.to_owned(),
            password: password.to_owned(),
            outcome: Outcome::Ok,
            profile: Profile {
                sub: sub.to_owned(),
                email: format!("{username}@acme.example"),
                name: format!("{given_name} {family_name}"),
                given_name: given_name.to_owned(),
                family_name: family_name.to_owned(),
                phone_number: Some("+1 202 555 0143".to_owned()),
                updated_at: "2018-02-01T09:30:00.000Z".to_owned(),
                groups: Groups::Named(documented_groups()),
                acr: None,
                params: json!({"department": "Finance", "cost_centre": "4711"})
                    .as_object()
                    .cloned()
                    .unwrap_or_default(),
                more: Map::new(),
            },
        }
    }

    fn role(self, role: UserRole) -> Self {
        Self { role, ..self }
    }
}

fn documented_groups() -> Vec<String> {
    ["Admin Role", "User Role", "Custom Roll"].map(str::to_owned).to_vec()
}

/// The people; both generations know all of them.
#[must_use]
pub fn users() -> Vec<User> {
    let mut people = vec![peggy_sue(), sally(), rich()];
    people.extend(failing());
    let mut without_groups = User::new("41870007", "nadia.nogroups", "demo-nadia", "Nadia", "Nogroups");
    without_groups.profile.groups = Groups::None;
    people.push(without_groups.role(UserRole::NoGroups));
    people.push(crowd::many_groups().role(UserRole::ManyGroups));
    people.push(crowd::hostile().role(UserRole::Hostile));
    people.push(crowd::many_claims().role(UserRole::ManyClaims));
    people
}

fn peggy_sue() -> User {
    let mut user = User::new("32916209", "peggy.sue", "demo-peggy", "Peggy", "Sue");
    user.profile.email = "peggy.sue@onelogin.com".to_owned();
    user.profile.updated_at = "2017-11-10T06:36:34.456Z".to_owned();
    user.role(UserRole::PeggySue)
}

fn sally() -> User {
    let mut user = User::new("35666371", "sally", "demo-sally", "Sally", "Tyler");
    user.profile.email = "sally@onelogin.com".to_owned();
    user.profile.updated_at = "2018-04-12T21:55:56Z".to_owned();
    user.profile.acr = Some("onelogin:nist:level:1:re-auth".to_owned());
    user.role(UserRole::Sally)
}

/// The sample request reads `username=rich&password=password`.
fn rich() -> User {
    User::new("41870001", "rich", "password", "Rich", "Rivera").role(UserRole::Rich)
}

fn failing() -> impl Iterator<Item = User> {
    [
        ("41870010", "wanda.wrong", "Wanda", "Wrong", Outcome::WrongPassword, UserRole::WrongPassword),
        ("41870002", "rita.refused", "Rita", "Refused", Outcome::Refused, UserRole::Refused),
        ("41870003", "mia.mfa", "Mia", "Mfa", Outcome::MfaRequired, UserRole::MfaRequired),
        ("41870004", "lou.locked", "Lou", "Locked", Outcome::Locked, UserRole::Locked),
        ("41870005", "sam.suspended", "Sam", "Suspended", Outcome::Suspended, UserRole::Suspended),
        ("41870006", "eve.expired", "Eve", "Expired", Outcome::PasswordExpired, UserRole::PasswordExpired),
        ("41870008", "una.unassigned", "Una", "Unassigned", Outcome::NotAssigned, UserRole::NotAssigned),
    ]
    .into_iter()
    .map(|(sub, username, given_name, family_name, outcome, role)| {
        let password = format!("demo-{}", given_name.to_lowercase());
        User { outcome, ..User::new(sub, username, &password, given_name, family_name) }.role(role)
    })
}
