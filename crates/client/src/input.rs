//! What people type, checked before anything is saved or sent. Each problem names its field.

use latchkey_oidc::authorization;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::connection::Connection;
use crate::sign_in::browser::BrowserRequest;

/// A field of a form or an option of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
#[allow(missing_docs)] // The names say it.
pub enum Field {
    Name,
    Issuer,
    ClientId,
    ClientSecret,
    RedirectUri,
    PostLogoutRedirectUri,
    LoginHint,
    Resources,
    UiLocales,
    Extra,
    Username,
    Password,
    Scopes,
    ExtraCaFile,
}

/// A problem, and the field it belongs to where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export, rename = "CommandError"))]
pub struct InputProblem {
    /// What is wrong and what to do.
    pub problem: Problem,
    /// Where.
    pub field: Option<Field>,
}

impl From<Problem> for InputProblem {
    fn from(problem: Problem) -> Self {
        Self { problem, field: None }
    }
}

impl InputProblem {
    /// A problem of one field.
    pub fn at(field: Field, explanation: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: Problem::new(ProblemKind::InvalidInput, explanation, remedy), field: Some(field) }
    }
}

/// A connection as it was typed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS), ts(export))]
pub struct ConnectionDraft {
    /// The connection to change; `None` for a new one.
    pub id: Option<String>,
    /// Unique name.
    pub name: String,
    /// Issuer URL.
    pub issuer: String,
    /// The app's client id.
    pub client_id: String,
    /// How the client proves who it is.
    pub auth_method: AuthMethod,
    /// For the keychain; `None` leaves what is there.
    #[cfg_attr(feature = "bindings", ts(type = "string | null"))]
    pub client_secret: Option<Secret>,
    /// The registered redirect URI.
    pub redirect_uri: Option<String>,
    /// The registered post-logout redirect URI.
    pub post_logout_redirect_uri: Option<String>,
    /// Asked for, in order.
    pub scopes: Vec<String>,
    /// Prefills the form.
    pub username: Option<String>,
}

impl ConnectionDraft {
    /// The connection that the draft describes, among `others`.
    ///
    /// # Errors
    /// The first field that cannot be saved as it is.
    pub fn check(&self, others: &[Connection]) -> Result<Connection, InputProblem> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(InputProblem::at(
                Field::Name,
                "The name is empty.",
                "Give the connection a name, for example that of the app.",
            ));
        }
        if name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(InputProblem::at(
                Field::Name,
                "The name is too long or has control characters.",
                "Use at most 100 printable characters.",
            ));
        }
        let own = self.id.as_deref();
        if others
            .iter()
            .any(|other| Some(other.id.as_str()) != own && other.name.to_lowercase() == name.to_lowercase())
        {
            return Err(InputProblem::at(
                Field::Name,
                format!("There is a connection named “{name}” already."),
                "Choose another name: the command line finds connections by it.",
            ));
        }
        let issuer = Issuer::parse(&self.issuer)
            .map_err(|problem| InputProblem { problem, field: Some(Field::Issuer) })?;
        let client_id = check_client_id(&self.client_id)?;
        let uri = |typed: &Option<String>, field| {
            let typed = typed.as_deref().map(str::trim).filter(|text| !text.is_empty());
            typed.map(|text| redirect_uri(text, field).map(|uri| uri.as_str().to_owned())).transpose()
        };
        let post_logout_redirect_uri = uri(&self.post_logout_redirect_uri, Field::PostLogoutRedirectUri)?;
        let redirect_uri = uri(&self.redirect_uri, Field::RedirectUri)?;
        let scopes = check_scopes(&self.scopes)?;
        let before = own.and_then(|id| others.iter().find(|other| other.id == id));
        Ok(Connection {
            id: before.map_or_else(crate::store::new_id, |connection| connection.id.clone()),
            name: name.to_owned(),
            issuer: issuer.as_str().to_owned(),
            client_id,
            auth_method: self.auth_method,
            redirect_uri,
            post_logout_redirect_uri,
            scopes,
            username: self
                .username
                .as_deref()
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            demo: before.is_some_and(|connection| connection.demo),
            managed: false,
            // Confirmed for this issuer: another one asks again.
            confirmed_hosts: before
                .filter(|connection| connection.issuer == issuer.as_str())
                .map(|connection| connection.confirmed_hosts.clone())
                .unwrap_or_default(),
            last_run: before.and_then(|connection| connection.last_run.clone()),
        })
    }
}

/// The client id without the white space that copying brings.
///
/// # Errors
/// Empty, or with anything but visible ASCII (RFC 6749 appendix A.1).
pub fn check_client_id(typed: &str) -> Result<String, InputProblem> {
    let client_id = typed.trim();
    if client_id.is_empty() {
        return Err(InputProblem::at(
            Field::ClientId,
            "The client id is empty.",
            "Copy it from the app. OneLogin: Applications › the app › SSO › Client ID.",
        ));
    }
    if !client_id.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(InputProblem::at(
            Field::ClientId,
            "The client id has characters that no client id may have.",
            "Copy it again from the app: it is plain ASCII.",
        ));
    }
    Ok(client_id.to_owned())
}

/// Scopes in order, each once.
///
/// # Errors
/// A scope with characters that RFC 6749 §3.3 does not allow.
pub fn check_scopes(typed: &[String]) -> Result<Vec<String>, InputProblem> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in typed.iter().flat_map(|scope| scope.split_whitespace()) {
        let legal = scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        if !legal {
            return Err(InputProblem::at(
                Field::Scopes,
                format!("“{}” cannot be a scope.", latchkey_oidc::text::visible(scope)),
                "Scopes are plain ASCII words without quotes and backslashes, separated by spaces.",
            ));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}

/// A user name and a password to sign in with.
///
/// # Errors
/// Whichever is empty.
pub fn check_credentials(username: &str, password: &Secret) -> Result<(), InputProblem> {
    if username.trim().is_empty() {
        return Err(InputProblem::at(
            Field::Username,
            "The user name is empty.",
            "Type the user name as at the provider's login page.",
        ));
    }
    if password.is_empty() {
        return Err(InputProblem::at(
            Field::Password,
            "The password is empty.",
            "Type the user's password. It is never stored.",
        ));
    }
    Ok(())
}

/// The problem of a method that needs a secret, where none was found.
#[must_use]
pub fn missing_secret(method: AuthMethod) -> InputProblem {
    InputProblem::at(
        Field::ClientSecret,
        format!("{} needs the app's client secret, and none is stored.", method.label()),
        "Type it in the connection. OneLogin: Applications › the app › SSO › Show client secret.",
    )
}

/// The less usual parameters of an authorization request.
///
/// # Errors
/// At its field, whatever the provider could only misread.
pub fn check_parameters(request: &BrowserRequest) -> Result<(), InputProblem> {
    let visible = latchkey_oidc::text::visible;
    if let Some(hint) = request.login_hint.as_deref().filter(|hint| hint.chars().any(char::is_control)) {
        return Err(InputProblem::at(
            Field::LoginHint,
            format!("“{}” has a control character in it.", visible(hint)),
            "Type the user name or address as at the provider's login page.",
        ));
    }
    for resource in &request.resources {
        // RFC 8707 §2: absolute, and without a fragment.
        if !Url::parse(resource).is_ok_and(|url| url.fragment().is_none()) {
            return Err(InputProblem::at(
                Field::Resources,
                format!(
                    "“{}” is no resource: an absolute URI without a fragment (RFC 8707 §2).",
                    visible(resource)
                ),
                "Copy the address of the API, for example https://api.acme.example/payroll.",
            ));
        }
    }
    for locale in &request.ui_locales {
        let legal =
            !locale.is_empty() && locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !legal {
            return Err(InputProblem::at(
                Field::UiLocales,
                format!("“{}” is no language tag (BCP 47).", visible(locale)),
                "Separate tags by blanks, the preferred one first: de-CH de en.",
            ));
        }
    }
    authorization::check_extra(&request.extra)
        .map_err(|fault| InputProblem { problem: fault.into(), field: Some(Field::Extra) })
}

/// A redirect URI, or a post-logout one, without the white space that copying brings.
///
/// # Errors
/// At `field`: what no redirect URI may be.
pub fn redirect_uri(typed: &str, field: Field) -> Result<RedirectUri, InputProblem> {
    let text = typed.trim();
    let what =
        if field == Field::PostLogoutRedirectUri { "a post-logout redirect URI" } else { "a redirect URI" };
    if text.is_empty() {
        return Err(InputProblem::at(
            field,
            "The redirect URI is empty.",
            "Copy it from the app. OneLogin: Applications › the app › Configuration › Redirect URIs.",
        ));
    }
    RedirectUri::parse(text).map_err(|fault| {
        InputProblem::at(
            field,
            format!("“{}” cannot be {what}: {fault}.", latchkey_oidc::text::visible(text)),
            "Copy it from the app. OneLogin: Applications › the app › Configuration › Redirect URIs.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> ConnectionDraft {
        ConnectionDraft {
            id: None,
            name: " Payroll ".into(),
            issuer: "https://acme.onelogin.com/oidc/2".into(),
            client_id: " ba88ac70 \n".into(),
            auth_method: AuthMethod::Basic,
            client_secret: None,
            redirect_uri: Some(" ".into()),
            post_logout_redirect_uri: None,
            scopes: vec!["openid profile".into(), "openid".into()],
            username: Some(String::new()),
        }
    }

    #[test]
    fn what_copying_adds_is_dropped() {
        let connection = draft().check(&[]).unwrap();
        assert_eq!(connection.name, "Payroll");
        assert_eq!(connection.client_id, "ba88ac70");
        assert_eq!(connection.scopes, ["openid", "profile"]);
        assert_eq!(connection.redirect_uri, None);
        assert_eq!(connection.username, None);
        assert_eq!(connection.id.len(), 32);
    }

    #[test]
    fn each_problem_is_told_at_its_field() {
        let existing = Connection { name: "payroll".into(), ..draft().check(&[]).unwrap() };
        let cases: [(ConnectionDraft, Field); 10] = [
            (ConnectionDraft { name: "  ".into(), ..draft() }, Field::Name),
            (draft(), Field::Name),
            (ConnectionDraft { name: "b".into(), issuer: "acme".into(), ..draft() }, Field::Issuer),
            (
                ConnectionDraft { name: "b".into(), issuer: "http://acme.onelogin.com".into(), ..draft() },
                Field::Issuer,
            ),
            (ConnectionDraft { name: "b".into(), client_id: String::new(), ..draft() }, Field::ClientId),
            (ConnectionDraft { name: "b".into(), client_id: "ü".into(), ..draft() }, Field::ClientId),
            (
                ConnectionDraft { name: "b".into(), redirect_uri: Some("/callback".into()), ..draft() },
                Field::RedirectUri,
            ),
            (
                // It would be taken for the answer.
                ConnectionDraft {
                    name: "b".into(),
                    redirect_uri: Some("https://app.example/cb?state=1".into()),
                    ..draft()
                },
                Field::RedirectUri,
            ),
            (
                ConnectionDraft {
                    name: "b".into(),
                    post_logout_redirect_uri: Some("https://app.example/#bye".into()),
                    ..draft()
                },
                Field::PostLogoutRedirectUri,
            ),
            (ConnectionDraft { name: "b".into(), scopes: vec!["a\"b".into()], ..draft() }, Field::Scopes),
        ];
        for (draft, field) in cases {
            let problem = draft.check(std::slice::from_ref(&existing)).unwrap_err();
            assert_eq!(problem.field, Some(field), "{}", problem.problem.explanation);
            assert!(!problem.problem.remedy.is_empty());
        }
    }

    #[test]
    fn a_changed_issuer_asks_again_for_its_hosts() {
        let before = Connection { confirmed_hosts: vec!["b.example".into()], ..draft().check(&[]).unwrap() };
        let same = ConnectionDraft { id: Some(before.id.clone()), ..draft() };
        assert_eq!(same.check(std::slice::from_ref(&before)).unwrap().confirmed_hosts, ["b.example"]);
        let moved = ConnectionDraft { issuer: "https://c.example".into(), ..same };
        assert!(moved.check(std::slice::from_ref(&before)).unwrap().confirmed_hosts.is_empty());
    }
}
