//! `latchkey sign-in`.

use latchkey_client::client::{Keep, PasswordSignIn};
use latchkey_client::input::{Field, InputProblem};
use latchkey_client::keychain::SecretKind;
use latchkey_client::report::SignInReport;
use latchkey_oidc::Problem;
use latchkey_oidc::client_auth::AuthMethod;

use super::present;
use crate::app::{App, Chosen};
use crate::args::SignInPassword;
use crate::exit::Exit;
use crate::output::progress;
use crate::output::report::Deed;
use crate::secrets;

const DEFAULT_SCOPES: &str = "openid profile";

pub(super) async fn password(app: &App, wanted: SignInPassword) -> Result<Exit, InputProblem> {
    let method = wanted.auth_method.map_or(AuthMethod::Basic, AuthMethod::from);
    let mut chosen = app.chosen(&wanted.target, method).await?;
    chosen.confirm(&wanted.confirm_host);
    let username = wanted.username.or_else(|| chosen.connection.username.clone()).ok_or_else(|| {
        InputProblem::at(
            Field::Username,
            "The connection names no user.",
            "Say who signs in with --username.",
        )
    })?;
    chosen.connection.scopes = match wanted.scope {
        Some(scopes) => scopes,
        None if chosen.saved => chosen.connection.scopes,
        None => vec![DEFAULT_SCOPES.to_owned()],
    };
    chosen.connection.scopes = latchkey_client::input::check_scopes(&chosen.connection.scopes)?;
    let client_secret = secrets::client_secret(app, &chosen).await?;
    let password = secrets::password(app, &username, wanted.password_stdin).await?;
    let request = PasswordSignIn {
        username,
        password,
        scopes: chosen.connection.scopes.clone(),
        client_secret,
        // Kept below, where the keychain's refusal still is one and not a sentence.
        keep: Keep::SessionOnly,
    };
    let watch = progress::show(&app.output);
    let report = app.client.sign_in_password(&chosen.connection, request, app.cancel.clone(), &watch).await?;
    let refused = if chosen.saved && !wanted.no_keep { keep(app, &chosen).await } else { None };
    let refused = refused.map(|mut problem| {
        problem.remedy =
            format!("Add --no-keep to leave it out of the keychain. To keep it: {}", problem.remedy);
        problem
    });
    progress::clear(&app.output);
    present::run(app, &chosen, SignInReport::clone(&report), Deed::SignIn, refused)
}

/// Puts the refresh token of the session into the keychain. `None` where that is done, or there is none.
pub(super) async fn keep(app: &App, chosen: &Chosen) -> Option<Problem> {
    let session = app.client.desk(&chosen.connection.id).session?;
    let refresh_token = session.refresh_token.as_ref()?;
    let stored =
        app.client.keychain().set(&chosen.connection.id, SecretKind::RefreshToken, refresh_token).await;
    stored.err().map(Problem::from)
}
