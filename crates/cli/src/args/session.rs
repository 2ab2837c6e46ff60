//! The arguments of introspection, revocation and sign-out.

use clap::{Args, ValueHint};

#[derive(Debug, Args)]
pub(crate) struct Introspect {
    /// A saved connection
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) connection: String,
    /// Ask about the refresh token of the keychain; otherwise an access token is got by a refresh
    #[arg(long, conflicts_with = "token_stdin")]
    pub(crate) stored: bool,
    /// Read the token from standard input: one line
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// A saved connection
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) connection: String,
    /// Read the token from standard input: one line; otherwise it is the refresh token of the keychain
    #[arg(long)]
    pub(crate) token_stdin: bool,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SignOut {
    /// A saved connection
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) connection: String,
    /// Where the provider shall send the browser afterwards, exactly as it is registered
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) post_logout_redirect_uri: Option<String>,
    /// Sign out in the system's browser, with its cookies. A post-logout redirect URI has to be on this computer then
    #[arg(long)]
    pub(crate) in_browser: bool,
    /// The same with this program, which gets the address as its argument
    #[arg(long, value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub(crate) browser: Option<String>,
    /// Revoke the tokens and leave the user signed in (OneLogin's logout=false)
    #[arg(long)]
    pub(crate) revoke_only: bool,
    /// Read the ID token from standard input; otherwise one is got by a refresh
    #[arg(long)]
    pub(crate) id_token_stdin: bool,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
}
