//! What may be typed. Secrets are never among it: see `prompt`.

#![allow(rustdoc::bare_urls)] // the comments are the help that people read

mod session;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};

pub(crate) use self::session::{Introspect, Revoke, SignOut};

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 rejected by a check, 2 usage, 3 the provider answered an error,
4 network or TLS, 5 keychain.

Secrets are never arguments. The password comes from a prompt or --password-stdin. The client
secret comes from LATCHKEY_CLIENT_SECRET, the keychain (with --connection) or a prompt.

LATCHKEY_CONFIG_DIR names another folder for the saved connections, LATCHKEY_LOG=debug logs to
standard error, NO_COLOR turns colours off. LATCHKEY_POLICY_FILE names a policy for this run, where
this computer has none.";

/// Sign in to OneLogin, or any OpenID Connect provider, and see every check.
#[derive(Debug, Parser)]
#[command(
    name = "latchkey",
    version,
    after_help = EXIT_CODES,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Everywhere {
    /// Print one JSON document on standard output, and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show the values of tokens, not only their fingerprints
    #[arg(long, global = true)]
    pub(crate) show_tokens: bool,
    /// Trust the certificate authorities of this PEM file as well, for this run
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,
    /// No colours
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in
    #[command(subcommand)]
    SignIn(SignIn),
    /// Explain a provider's metadata and keys
    Provider(Provider),
    /// Verify an ID token that stands on standard input
    Verify(Verify),
    /// Ask for the claims about the user
    Userinfo(Userinfo),
    /// Use the refresh token of the keychain, and keep the new one there
    Refresh(Refresh),
    /// Ask the provider whether a token is active
    Introspect(Introspect),
    /// Revoke a token, and prove it
    Revoke(Revoke),
    /// Sign out at the provider's end-session endpoint
    SignOut(SignOut),
    /// Saved connections, shared with the window
    #[command(subcommand)]
    Connection(Connection),
    /// Run a OneLogin tenant on this computer, for tries and tests
    Simulate(Simulate),
    /// Print completions for a shell
    Completions(Completions),
    /// Write the manual pages; packaging uses it
    #[command(hide = true)]
    Manual(Manual),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignIn {
    /// With user name and password (resource owner password grant)
    Password(SignInPassword),
    /// At the provider's own page, in the system's browser (authorization code and implicit flow)
    Browser(SignInBrowser),
}

/// Which client at which provider.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The provider's issuer, for OneLogin https://SUBDOMAIN.onelogin.com/oidc/2
    #[arg(long, value_name = "URL", required_unless_present = "connection", value_hint = ValueHint::Url)]
    pub(crate) issuer: Option<String>,
    /// The app's client id
    #[arg(long, value_name = "ID", required_unless_present = "connection")]
    pub(crate) client_id: Option<String>,
    /// A saved connection, in place of issuer, client and the rest
    #[arg(long, value_name = "NAME", conflicts_with_all = ["issuer", "client_id"])]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SignInPassword {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How the client authenticates [default: basic]
    #[arg(long, value_name = "METHOD", conflicts_with = "connection")]
    pub(crate) auth_method: Option<Method>,
    /// Who signs in [default: the connection's]
    #[arg(long, value_name = "NAME", required_unless_present = "connection")]
    pub(crate) username: Option<String>,
    /// Read the password from standard input: one line
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Scopes to ask for [default: "openid profile", or the connection's]
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<Vec<String>>,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
    /// Do not keep the refresh token in the keychain
    #[arg(long, requires = "connection")]
    pub(crate) no_keep: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SignInBrowser {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Where the answer goes: http, 127.0.0.1, ::1 or localhost, as it is registered. Without a port, at a free one
    #[arg(long, value_name = "URL", required_unless_present = "connection", conflicts_with = "connection", value_hint = ValueHint::Url)]
    pub(crate) redirect_uri: Option<String>,
    /// What to ask for: code, id_token or "id_token token"
    #[arg(long, value_name = "TYPE", default_value = "code", value_parser = response_type)]
    pub(crate) response_type: ResponseType,
    /// Where the answer shall come: query, fragment or form_post [default: query for code, else fragment]
    #[arg(long, value_name = "MODE", value_parser = response_mode)]
    pub(crate) response_mode: Option<ResponseMode>,
    /// login: sign in anew; none: show no page
    #[arg(long, value_name = "PROMPT")]
    pub(crate) prompt: Option<String>,
    /// The user name to fill in
    #[arg(long, value_name = "NAME")]
    pub(crate) login_hint: Option<String>,
    /// How to sign in, for OneLogin onelogin:nist:level:1:re-auth
    #[arg(long, value_name = "VALUES")]
    pub(crate) acr_values: Option<String>,
    /// Oldest sign-in that will do, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u32>,
    /// Where the access token shall be used; may be given several times (RFC 8707)
    #[arg(long, value_name = "URI", value_hint = ValueHint::Url)]
    pub(crate) resource: Vec<String>,
    /// Languages of the provider's pages, the preferred one first: "de-CH de"
    #[arg(long, value_name = "TAGS")]
    pub(crate) ui_locales: Option<String>,
    /// One more parameter of the request; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameter: Vec<(String, String)>,
    /// The program that opens the address, which it gets as its argument [default: the system's browser]
    #[arg(long, value_name = "CMD", value_hint = ValueHint::CommandString)]
    pub(crate) browser: Option<String>,
    /// How the client authenticates, for code [default: basic]
    #[arg(long, value_name = "METHOD", conflicts_with = "connection")]
    pub(crate) auth_method: Option<Method>,
    /// Scopes to ask for [default: "openid profile", or the connection's]
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<Vec<String>>,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
    /// Do not keep the refresh token in the keychain
    #[arg(long, requires = "connection")]
    pub(crate) no_keep: bool,
}

fn parameter(typed: &str) -> Result<(String, String), String> {
    let (name, value) = typed.split_once('=').ok_or_else(|| "expected NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

fn response_type(typed: &str) -> Result<ResponseType, String> {
    ResponseType::parse(typed).ok_or_else(|| "expected code, id_token or \"id_token token\"".to_owned())
}

fn response_mode(typed: &str) -> Result<ResponseMode, String> {
    ResponseMode::parse(typed).ok_or_else(|| "expected query, fragment or form_post".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Provider {
    /// The provider's issuer, for OneLogin https://SUBDOMAIN.onelogin.com/oidc/2
    #[arg(long, value_name = "URL", required_unless_present = "connection", value_hint = ValueHint::Url)]
    pub(crate) issuer: Option<String>,
    /// A saved connection, in place of the issuer
    #[arg(long, value_name = "NAME", conflicts_with = "issuer")]
    pub(crate) connection: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The nonce that was sent
    #[arg(long, value_name = "NONCE")]
    pub(crate) nonce: Option<String>,
    /// Read the access token from the second line of standard input, and check at_hash by it
    #[arg(long)]
    pub(crate) access_token_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Userinfo {
    /// A saved connection
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) connection: String,
    /// Read the access token from standard input; otherwise one is got by a refresh
    #[arg(long)]
    pub(crate) access_token_stdin: bool,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Refresh {
    /// A saved connection
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) connection: String,
    /// Let secrets go to this host although the issuer is elsewhere
    #[arg(long, value_name = "HOST[:PORT]", value_hint = ValueHint::Hostname)]
    pub(crate) confirm_host: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Connection {
    /// The saved connections
    List,
    /// Save a connection
    Add(ConnectionAdd),
    /// Keep a connection's client secret in the keychain, also of one that this computer's policy sets
    Secret(ConnectionSecret),
    /// Remove a connection and what the keychain holds for it
    Remove(ConnectionRemove),
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("provider").required(true).args(["issuer", "onelogin"])))]
pub(crate) struct ConnectionAdd {
    /// Its name, for --connection
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The provider's issuer
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) issuer: Option<String>,
    /// A OneLogin account, by subdomain or custom domain, in place of the issuer
    #[arg(long, value_name = "SUBDOMAIN")]
    pub(crate) onelogin: Option<String>,
    /// The app's client id
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// How the client authenticates
    #[arg(long, value_name = "METHOD", default_value = "basic")]
    pub(crate) auth_method: Method,
    /// The app's redirect URI, exactly as it is registered
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) redirect_uri: Option<String>,
    /// The app's post-logout redirect URI, exactly as it is registered
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) post_logout_redirect_uri: Option<String>,
    /// Scopes to ask for
    #[arg(long, value_name = "SCOPES", default_value = "openid profile")]
    pub(crate) scope: Vec<String>,
    /// Who usually signs in
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// Read the client secret from standard input, one line, and keep it in the keychain
    #[arg(long)]
    pub(crate) client_secret_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectionSecret {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Read the client secret from standard input, one line
    #[arg(long)]
    pub(crate) client_secret_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectionRemove {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Each answer takes this many milliseconds
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub(crate) latency_ms: u64,
    /// The one generation of OneLogin's OpenID Connect to serve [default: both]
    #[arg(long, value_name = "GENERATION")]
    pub(crate) generation: Option<Generation>,
    /// Stop when standard input is closed, as well as on Ctrl-C
    #[arg(long)]
    pub(crate) until_stdin_closes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// The folder to write them into
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Id and secret in the Authorization header
    Basic,
    /// Id and secret in the body
    Post,
    /// The id in the body, and no secret (PKCE)
    None,
}

impl From<Method> for AuthMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Basic => Self::Basic,
            Method::Post => Self::Post,
            Method::None => Self::None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// Opaque access tokens; out of service since 2021
    V1,
    /// Access tokens are JWTs; what live tenants use
    V2,
}

impl From<Generation> for latchkey_simulator::Generation {
    fn from(generation: Generation) -> Self {
        match generation {
            Generation::V1 => Self::V1,
            Generation::V2 => Self::V2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_secret() {
        fn options(command: &clap::Command, found: &mut Vec<String>) {
            for argument in command.get_arguments() {
                let takes_a_value = argument.get_action().takes_values();
                if let Some(name) = argument.get_long().filter(|_| takes_a_value) {
                    found.push(name.to_owned());
                }
            }
            for command in command.get_subcommands() {
                options(command, found);
            }
        }
        let mut found = Vec::new();
        options(&Arguments::command(), &mut found);
        assert!(found.contains(&"issuer".to_owned()));
        for name in found {
            assert!(
                !name.contains("password") && !name.contains("secret") && !name.contains("token"),
                "{name}"
            );
        }
    }
}
