//! `latchkey sign-in`.

use latchkey_client::client::{BrowserSignIn, Keep, PasswordSignIn};
use latchkey_client::input::{Field, InputProblem};
use latchkey_client::keychain::SecretKind;
use latchkey_client::report::SignInReport;
use latchkey_client::sign_in::browser::BrowserRequest;
use latchkey_oidc::Problem;
use latchkey_oidc::client_auth::AuthMethod;

use super::browser::SystemBrowser;
use super::present;
use crate::app::{App, Chosen};
use crate::args::{SignInBrowser, SignInPassword};
use crate::exit::Exit;
use crate::output::progress;
use crate::output::report::Deed;
use crate::secrets;

const DEFAULT_SCOPES: &str = "openid profile";

pub(super) async fn password(app: &App, wanted: SignInPassword) -> Result<Exit, InputProblem> {
    let method = wanted.auth_method.map_or(AuthMethod::Basic, AuthMethod::from);
    let mut chosen = app.chosen(&wanted.target, method).await?;
    chosen.confirm(&wanted.confirm_host);
    set_scopes(&mut chosen, wanted.scope)?;
    let username = wanted.username.or_else(|| chosen.connection.username.clone()).ok_or_else(|| {
        InputProblem::at(
            Field::Username,
            "The connection names no user.",
            "Say who signs in with --username.",
        )
    })?;
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
    let refused = kept(app, &chosen, wanted.no_keep).await;
    progress::clear(&app.output);
    present::run(app, &chosen, SignInReport::clone(&report), Deed::SignIn, refused)
}

pub(super) async fn browser(app: &App, wanted: SignInBrowser) -> Result<Exit, InputProblem> {
    let method = wanted.auth_method.map_or(AuthMethod::Basic, AuthMethod::from);
    let mut chosen = app.chosen(&wanted.target, method).await?;
    chosen.confirm(&wanted.confirm_host);
    set_scopes(&mut chosen, wanted.scope)?;
    let typed = wanted.redirect_uri.as_deref().or(chosen.connection.redirect_uri.as_deref());
    let (browser, redirect_uri) = SystemBrowser::new(app, typed, wanted.browser.as_deref()).await?;
    let client_secret = if wanted.response_type.is_implicit() {
        // Only to verify what was signed with it: nobody is asked for it.
        secrets::from_environment()?.filter(|_| chosen.connection.auth_method.needs_secret())
    } else {
        secrets::client_secret(app, &chosen).await?
    };
    let words = |text: Option<String>| {
        text.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
    };
    let request = BrowserSignIn {
        request: BrowserRequest {
            redirect_uri,
            response_type: wanted.response_type,
            response_mode: wanted.response_mode,
            scopes: chosen.connection.scopes.clone(),
            prompt: wanted.prompt,
            login_hint: wanted.login_hint,
            acr_values: words(wanted.acr_values),
            max_age: wanted.max_age,
            resources: wanted.resource,
            ui_locales: words(wanted.ui_locales),
            extra: wanted.parameter,
        },
        client_secret,
        // As for a password.
        keep: Keep::SessionOnly,
    };
    let watch = progress::show(&app.output);
    let cancel = app.cancel.clone();
    let report = app.client.sign_in_browser(&chosen.connection, request, &browser, cancel, &watch).await?;
    let refused = kept(app, &chosen, wanted.no_keep).await;
    progress::clear(&app.output);
    present::run(app, &chosen, SignInReport::clone(&report), Deed::SignIn, refused)
}

/// What was typed, else the connection's scopes, else the usual ones.
fn set_scopes(chosen: &mut Chosen, typed: Option<Vec<String>>) -> Result<(), InputProblem> {
    let connection = &mut chosen.connection;
    let wanted = match typed {
        Some(scopes) => scopes,
        None if chosen.saved => std::mem::take(&mut connection.scopes),
        None => vec![DEFAULT_SCOPES.to_owned()],
    };
    connection.scopes = latchkey_client::input::check_scopes(&wanted)?;
    Ok(())
}

/// Keeps the refresh token where that is wanted, and says how to do without where the keychain refuses.
async fn kept(app: &App, chosen: &Chosen, no_keep: bool) -> Option<Problem> {
    let mut problem = if chosen.saved && !no_keep { keep(app, chosen).await? } else { return None };
    problem.remedy = format!("Add --no-keep to leave it out of the keychain. To keep it: {}", problem.remedy);
    Some(problem)
}

/// Puts the refresh token of the session into the keychain. `None` where that is done, or there is none.
pub(super) async fn keep(app: &App, chosen: &Chosen) -> Option<Problem> {
    let session = app.client.desk(&chosen.connection.id).session?;
    let refresh_token = session.refresh_token.as_ref()?;
    let stored =
        app.client.keychain().set(&chosen.connection.id, SecretKind::RefreshToken, refresh_token).await;
    stored.err().map(Problem::from)
}
