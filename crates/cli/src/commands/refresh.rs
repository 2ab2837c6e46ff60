//! `latchkey refresh`.

use latchkey_client::input::InputProblem;
use latchkey_client::report::{Kept, SignInReport};
use latchkey_oidc::Problem;

use super::{present, sign_in};
use crate::app::{App, Chosen};
use crate::args::Refresh;
use crate::exit::Exit;
use crate::output::progress;
use crate::output::report::Deed;
use crate::secrets;

pub(super) async fn run(app: &App, wanted: &Refresh) -> Result<Exit, InputProblem> {
    let mut chosen = app.saved(&wanted.connection).await?;
    chosen.confirm(&wanted.confirm_host);
    let (report, refused) = refresh(app, &chosen).await?;
    present::run(app, &chosen, report, Deed::Refresh, refused)
}

/// Refreshes with the token of the keychain. The problem is the keychain's where it did not take the new token.
pub(super) async fn refresh(
    app: &App,
    chosen: &Chosen,
) -> Result<(SignInReport, Option<Problem>), InputProblem> {
    let client_secret = secrets::client_secret(app, chosen).await?;
    let watch = progress::show(&app.output);
    let ended = app.client.refresh(&chosen.connection, client_secret, app.cancel.clone(), &watch).await;
    progress::clear(&app.output);
    let report = SignInReport::clone(&*ended?);
    // The token came from the keychain. If the new one is not there, a second try stores it, or tells why not.
    let refused =
        if report.refresh_token_kept == Kept::SessionOnly { sign_in::keep(app, chosen).await } else { None };
    Ok((report, refused))
}
