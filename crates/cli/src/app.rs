//! One run of the program: the client, where output goes, and what ends it.

use std::sync::Arc;

use latchkey_client::client::Client;
use latchkey_client::connection::Connection;
use latchkey_client::input::{ConnectionDraft, Field, InputProblem};
use latchkey_client::keychain::Keychain;
use latchkey_client::policy::Policy;
use latchkey_client::store::Store;
use latchkey_client::transport::Transport;
use latchkey_oidc::Problem;
use latchkey_oidc::client_auth::AuthMethod;
use tokio_util::sync::CancellationToken;

use crate::args::{Everywhere, Target};
use crate::output::Output;

/// What every command works with.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) output: Output,
    /// Ctrl-C and SIGTERM.
    pub(crate) cancel: CancellationToken,
}

/// A client at a provider.
pub(crate) struct Chosen {
    pub(crate) connection: Connection,
    /// From the file, rather than made up of arguments for one run.
    pub(crate) saved: bool,
}

impl App {
    /// Reads the policy and opens the configuration. A run that needs no saved connection (`saved` is false) goes on
    /// without the configuration; without a policy that is there, none does.
    pub(crate) fn open(
        everywhere: &Everywhere,
        output: &Output,
        cancel: CancellationToken,
        saved: bool,
    ) -> Result<Self, Problem> {
        let policy = Arc::new(Policy::of_this_computer()?);
        let store = Store::in_default_folder()?;
        let (loaded, unread) = match store.load() {
            Ok(loaded) => (loaded, None),
            Err(problem) if saved => return Err(problem),
            Err(problem) => (latchkey_client::store::Loaded::default(), Some(problem)),
        };
        if let Some(problem) = &unread {
            output.remark(&format!("{} This run goes on without it.", problem.explanation));
        }
        if let Some(path) = &loaded.set_aside {
            output.remark(&format!(
                "The file of saved connections was damaged. It was set aside as {}, and nothing in it is lost.",
                path.display()
            ));
        }
        let named = everywhere.ca_file.clone();
        let set = loaded.settings.extra_ca_file.map(std::path::PathBuf::from);
        let extra_ca_file = named.or(set);
        let transport = Transport::new(policy.transport_options(extra_ca_file))?;
        let client = Client::with_transport(store, Keychain::system(), transport);
        Ok(Self { client, output: output.clone(), cancel })
    }

    /// The saved connection of that name, to run something on: before a secret is asked for, the policy is.
    pub(crate) async fn saved(&self, name: &str) -> Result<Chosen, InputProblem> {
        let connection = self.client.connection_named(name).await?;
        self.client.policy().permit(&connection.issuer)?;
        Ok(Chosen { connection, saved: true })
    }

    /// The saved connection, or one made up of issuer and client.
    pub(crate) async fn chosen(&self, target: &Target, method: AuthMethod) -> Result<Chosen, InputProblem> {
        if let Some(name) = &target.connection {
            return self.saved(name).await;
        }
        let draft = ConnectionDraft {
            id: None,
            name: "one run".to_owned(),
            issuer: target.issuer.clone().unwrap_or_default(),
            client_id: target.client_id.clone().unwrap_or_default(),
            auth_method: method,
            client_secret: None,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scopes: Vec::new(),
            username: None,
        };
        let mut connection = draft.check(&[])?;
        self.client
            .policy()
            .permit(&connection.issuer)
            .map_err(|problem| InputProblem { problem, field: Some(Field::Issuer) })?;
        // Explanations name the app by the connection, and this one has no name.
        connection.name.clear();
        Ok(Chosen { connection, saved: false })
    }
}

impl Chosen {
    /// Lets secrets go to these hosts, in this run.
    pub(crate) fn confirm(&mut self, hosts: &[String]) {
        self.connection.confirmed_hosts.extend(hosts.iter().cloned());
    }
}
