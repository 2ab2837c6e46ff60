//! Where the secrets of a run come from: never from an argument.

use latchkey_client::connection::Connection;
use latchkey_client::input::{Field, InputProblem};
use latchkey_client::keychain::SecretKind;
use latchkey_oidc::{Problem, ProblemKind, Secret};

use crate::app::{App, Chosen};
use crate::prompt;

/// The environment variable of the client secret.
pub(crate) const VARIABLE: &str = "LATCHKEY_CLIENT_SECRET";

/// The password: one line of standard input, or a prompt.
pub(crate) async fn password(app: &App, username: &str, stdin: bool) -> Result<Secret, InputProblem> {
    if stdin {
        return prompt::line("password", "--password-stdin", Some(Field::Password), &app.cancel).await;
    }
    if !prompt::possible() {
        return Err(InputProblem::at(
            Field::Password,
            "There is no terminal to ask for the password at.",
            "Write it to standard input as one line and add --password-stdin.",
        ));
    }
    Ok(prompt::secret(&format!("Password of {username}"), &app.cancel).await?)
}

/// The client secret of the environment. Set on purpose for this run, so it goes before what is stored.
pub(crate) fn from_environment() -> Result<Option<Secret>, InputProblem> {
    let Some(value) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else { return Ok(None) };
    value.into_string().map(|value| Some(Secret::new(value))).map_err(|_| {
        InputProblem::at(
            Field::ClientSecret,
            format!("{VARIABLE} is not UTF-8."),
            "Copy the client secret again from the app: it is plain ASCII.",
        )
    })
}

/// The client secret that the connection's method needs: environment, keychain, prompt. `None` where it needs none.
pub(crate) async fn client_secret(app: &App, chosen: &Chosen) -> Result<Option<Secret>, InputProblem> {
    if !chosen.connection.auth_method.needs_secret() {
        return Ok(None);
    }
    if let Some(secret) = from_environment()? {
        return Ok(Some(secret));
    }
    let mut refused = None;
    if chosen.saved {
        match stored(app, &chosen.connection).await {
            Ok(Some(secret)) => return Ok(Some(secret)),
            Ok(None) => {}
            Err(problem) => refused = Some(problem),
        }
    }
    if prompt::possible() && refused.as_ref().is_none_or(|problem| problem.kind != ProblemKind::Cancelled) {
        if let Some(problem) = &refused {
            app.output.remark(&problem.explanation);
        }
        let question = format!("Client secret of {}", chosen.connection.client_id);
        let secret = prompt::secret(&question, &app.cancel).await?;
        if !secret.is_empty() {
            return Ok(Some(secret));
        }
    }
    Err(refused.map_or_else(|| missing(chosen), InputProblem::from))
}

/// The client secret that the keychain holds.
pub(crate) async fn stored(app: &App, connection: &Connection) -> Result<Option<Secret>, Problem> {
    tokio::select! {
        biased;
        () = app.cancel.cancelled() => Err(prompt::interrupted()),
        stored = app.client.keychain().get(&connection.id, SecretKind::ClientSecret) => stored.map_err(|error| {
            let mut problem = Problem::from(error);
            problem.remedy = format!("Set {VARIABLE} for this run. For the keychain: {}", problem.remedy);
            problem
        }),
    }
}

fn missing(chosen: &Chosen) -> InputProblem {
    let method = chosen.connection.auth_method.label();
    let remedy = if chosen.saved {
        format!(
            "Set {VARIABLE}, or run this at a terminal. To keep it in the keychain, remove the connection and add it \
             again with --client-secret-stdin."
        )
    } else {
        format!(
            "Set {VARIABLE}, or run this at a terminal. OneLogin: Applications › the app › SSO › Show client secret."
        )
    };
    InputProblem::at(
        Field::ClientSecret,
        format!("The method {method} needs the app's client secret, and there is none."),
        remedy,
    )
}
