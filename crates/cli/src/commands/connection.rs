//! `latchkey connection`: what is saved, shared with the window.

use latchkey_client::connection::Connection as Saved;
use latchkey_client::input::{ConnectionDraft, Field, InputProblem};
use latchkey_client::policy;
use latchkey_client::report::Outcome;
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::timestamp::utc;
use latchkey_oidc::{Problem, ProblemKind, Secret};
use serde::Serialize;

use crate::app::App;
use crate::args::{Connection, ConnectionAdd, ConnectionRemove, ConnectionSecret};
use crate::exit::Exit;
use crate::output::json::ErrorMember;
use crate::output::page::Tone;
use crate::output::table::Table;
use crate::{prompt, secrets};

/// The document of `connection list`.
#[derive(Serialize)]
pub(super) struct ListDocument<'a> {
    pub(super) connections: &'a [Saved],
    pub(super) error: Option<ErrorMember<'a>>,
}

/// The document of `connection add`, `connection secret` and `connection remove`: which one it was.
#[derive(Serialize)]
pub(super) struct OneDocument<'a> {
    pub(super) connection: Option<&'a Saved>,
    pub(super) error: Option<ErrorMember<'a>>,
}

pub(super) async fn run(app: &App, wanted: Connection) -> Result<Exit, InputProblem> {
    match wanted {
        Connection::List => list(app).await,
        Connection::Add(wanted) => add(app, wanted).await,
        Connection::Secret(wanted) => keep_secret(app, &wanted).await,
        Connection::Remove(wanted) => remove(app, &wanted).await,
    }
}

async fn list(app: &App) -> Result<Exit, InputProblem> {
    let connections = app.client.connections().await?.connections;
    if app.output.json {
        app.output.document(&ListDocument { connections: &connections, error: None })?;
        return Ok(Exit::Done);
    }
    let mut page = app.output.page();
    if connections.is_empty() {
        page.verdict(
            Tone::Plain,
            "No connections are saved. Add one with `latchkey connection add`, or in the window.",
        );
        app.output.print(&page)?;
        return Ok(Exit::Done);
    }
    let policy = app.client.policy();
    let managed = !policy.connections().is_empty();
    let mut headings = vec!["Name", "Issuer", "Client id", "Method", "Scopes", "User", "Last run"];
    if managed {
        headings.push("Set by");
    }
    let mut table = Table::new(&headings);
    for connection in &connections {
        let last = connection.last_run.as_ref();
        let (tone, last_run) = last.map_or((Tone::Quiet, "none".to_owned()), |run| {
            let (tone, word) = match run.outcome {
                Outcome::SignedIn => (Tone::Good, "signed in"),
                Outcome::Rejected => (Tone::Bad, "rejected"),
                Outcome::ProviderError => (Tone::Bad, "refused"),
                Outcome::NetworkError => (Tone::Warning, "failed on the way"),
            };
            (tone, format!("{word}, {}", utc(run.at)))
        });
        let scopes = connection.scopes.join(" ");
        let mut row = vec![
            (Tone::Strong, connection.name.as_str()),
            (Tone::Plain, &connection.issuer),
            (Tone::Plain, &connection.client_id),
            (Tone::Plain, connection.auth_method.label()),
            (Tone::Plain, &scopes),
            (Tone::Plain, connection.username.as_deref().unwrap_or_default()),
            (tone, &last_run),
        ];
        if managed {
            row.push(match connection.managed {
                true => (Tone::Quiet, "policy"),
                false if policy::yields(connection, &connections) => {
                    (Tone::Warning, "you; the name means the policy's")
                }
                false => (Tone::Quiet, "you"),
            });
        }
        table.row(row);
    }
    page.table(&table);
    if let Some(file) = policy.file().filter(|_| managed) {
        page.labelled("Policy", &file.display().to_string());
    }
    app.output.print(&page)?;
    Ok(Exit::Done)
}

async fn add(app: &App, wanted: ConnectionAdd) -> Result<Exit, InputProblem> {
    let method = AuthMethod::from(wanted.auth_method);
    let issuer = match (&wanted.onelogin, wanted.issuer) {
        (Some(typed), _) => Issuer::onelogin(typed)
            .map(|issuer| issuer.as_str().to_owned())
            .map_err(|problem| InputProblem { problem, field: Some(Field::Issuer) })?,
        (None, issuer) => issuer.unwrap_or_default(),
    };
    let mut draft = ConnectionDraft {
        id: None,
        name: wanted.name,
        issuer,
        client_id: wanted.client_id,
        auth_method: method,
        client_secret: None,
        redirect_uri: wanted.redirect_uri,
        post_logout_redirect_uri: wanted.post_logout_redirect_uri,
        scopes: wanted.scope,
        username: wanted.username,
    };
    // What is wrong is said before a secret is asked for.
    app.client.check(&draft).await?;
    draft.client_secret = client_secret(app, method, wanted.client_secret_stdin).await?;
    let has_secret = draft.client_secret.is_some();
    let connection = app.client.save(draft).await.map_err(|mut error| {
        if Exit::of_kind(error.problem.kind) == Exit::Keychain {
            error.problem.remedy = format!(
                "Nothing was saved. To save the connection without its client secret, leave --client-secret-stdin out and \
                 set {} at each run. To keep it: {}",
                secrets::VARIABLE,
                error.problem.remedy
            );
        }
        error
    })?;
    if app.output.json {
        app.output.document(&OneDocument { connection: Some(&connection), error: None })?;
        return Ok(Exit::Done);
    }
    let mut page = app.output.page();
    page.verdict(Tone::Good, &format!("Saved: {}", connection.name));
    page.labelled("Issuer", &connection.issuer);
    page.labelled("Client id", &connection.client_id);
    page.labelled("Method", connection.auth_method.label());
    page.labelled("Scopes", &connection.scopes.join(" "));
    if method.needs_secret() {
        let place = if has_secret {
            "in the keychain".to_owned()
        } else {
            format!("none stored: {} or a prompt at each run", secrets::VARIABLE)
        };
        page.labelled("Client secret", &place);
    }
    app.output.print(&page)?;
    Ok(Exit::Done)
}

async fn client_secret(app: &App, method: AuthMethod, stdin: bool) -> Result<Option<Secret>, InputProblem> {
    if !method.needs_secret() {
        if stdin {
            return Err(InputProblem::at(
                Field::ClientSecret,
                "The method None (PKCE) has no client secret.",
                "Leave --client-secret-stdin out, or choose --auth-method basic or post.",
            ));
        }
        return Ok(None);
    }
    if stdin {
        let field = Some(Field::ClientSecret);
        return prompt::line("client secret", "--client-secret-stdin", field, &app.cancel).await.map(Some);
    }
    if !prompt::possible() || secrets::from_environment()?.is_some() {
        return Ok(None);
    }
    let question = "Client secret, for the keychain (nothing: it is not kept)";
    let secret = prompt::secret(question, &app.cancel).await?;
    Ok(Some(secret).filter(|secret| !secret.is_empty()))
}

/// What a saved connection gets when it is added, a managed one gets here: its secret is the user's own.
async fn keep_secret(app: &App, wanted: &ConnectionSecret) -> Result<Exit, InputProblem> {
    let connection = app.saved(&wanted.name).await?.connection;
    if !wanted.client_secret_stdin && !prompt::possible() {
        return Err(InputProblem::at(
            Field::ClientSecret,
            "There is no terminal to ask for the client secret at.",
            "Write it to standard input as one line and add --client-secret-stdin.",
        ));
    }
    let secret = client_secret(app, connection.auth_method, wanted.client_secret_stdin).await?;
    let secret = secret.ok_or_else(|| {
        InputProblem::at(Field::ClientSecret, "No client secret was given.", "Nothing was changed.")
    })?;
    app.client.keep_client_secret(&connection.id, &secret).await?;
    if app.output.json {
        app.output.document(&OneDocument { connection: Some(&connection), error: None })?;
    } else {
        let mut page = app.output.page();
        page.verdict(Tone::Good, &format!("The client secret is in the keychain: {}", connection.name));
        app.output.print(&page)?;
    }
    Ok(Exit::Done)
}

async fn remove(app: &App, wanted: &ConnectionRemove) -> Result<Exit, InputProblem> {
    let connection = app.client.connection_to_remove(&wanted.name).await?;
    // Said before anybody is asked whether it may go.
    app.client.policy().permit_change(&connection.id)?;
    if !wanted.yes {
        if !prompt::possible() {
            return Err(Problem::new(
                ProblemKind::InvalidInput,
                "There is no terminal to ask at whether the connection may go.",
                "Add --yes to remove it without a question.",
            )
            .into());
        }
        let question = format!(
            "Remove “{}”, its refresh token and its client secret from the keychain?",
            connection.name
        );
        if !prompt::agreed(&question, &app.cancel).await? {
            return Err(Problem::new(
                ProblemKind::Cancelled,
                "Nothing was removed.",
                "Answer y to remove it, or add --yes.",
            )
            .into());
        }
    }
    app.client.remove(&connection.id).await?;
    if app.output.json {
        app.output.document(&OneDocument { connection: Some(&connection), error: None })?;
    } else {
        let mut page = app.output.page();
        page.verdict(Tone::Good, &format!("Removed: {}", connection.name));
        app.output.print(&page)?;
    }
    Ok(Exit::Done)
}
