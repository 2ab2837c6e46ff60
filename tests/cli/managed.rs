//! On a computer whose policy sets connections and issuers.

use std::path::PathBuf;

use latchkey_client::policy::VARIABLE;
use serde_json::{Value, json};

use crate::harness::{Home, Run, Tenant};

/// Its own folder, so that it is not among the configuration.
struct Policy {
    folder: tempfile::TempDir,
}

impl Policy {
    fn new(text: impl AsRef<str>) -> Self {
        let policy = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(policy.file(), text.as_ref()).unwrap();
        policy
    }

    fn connecting(tenant: &Tenant) -> Self {
        let connection = json!({
            "name": "Payroll", "issuer": tenant.issuer, "client_id": tenant.client_id, "auth_method": "basic",
            "scopes": ["openid", "profile", "offline_access"]
        });
        Self::new(json!({"version": 1, "connections": [connection], "allowed_issuers": []}).to_string())
    }

    fn elsewhere() -> Self {
        Self::new(json!({"version": 1, "allowed_issuers": ["https://acme.onelogin.com/oidc/2"]}).to_string())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("policy.json")
    }

    fn bind(&self, run: Run) -> Run {
        run.env(VARIABLE, self.file().to_str().unwrap())
    }
}

#[test]
fn a_managed_connection_is_marked_used_and_not_removed() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let policy = Policy::connecting(&tenant);
    tenant.save(&home, "PAYROLL");
    let latchkey = |arguments: &[&str]| policy.bind(home.latchkey(arguments));

    let list = latchkey(&["connection", "list"]).ended();
    let line = |name: &str| {
        list.stdout.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default().to_owned()
    };
    assert!(line("Payroll").trim_end().ends_with("policy"), "{list:?}");
    assert!(line("PAYROLL").contains("the name means the policy's"), "{list:?}");
    assert!(list.stdout.contains(policy.file().to_str().unwrap()), "{list:?}");
    let (_, document) = latchkey(&["connection", "list"]).document();
    let marked: Vec<&Value> =
        document["connections"].as_array().unwrap().iter().map(|one| &one["managed"]).collect();
    assert_eq!(marked, [true, false]);

    // The managed one has no user name of its own.
    let sign_in = || {
        latchkey(&["sign-in", "password", "--connection=payroll", "--password-stdin", "--no-keep"])
            .secret(&tenant.client_secret)
            .stdin("demo-peggy\n")
    };
    assert!(sign_in().ended().stderr.contains("--username"));
    let (code, document) = sign_in().argument("--username=peggy.sue").document();
    assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{document:#}");
    // Now it is known who signs in.
    assert_eq!(sign_in().document().0, 0);

    // Whoever removes it means the own one; after that there is none to remove.
    let (code, document) = latchkey(&["connection", "remove", "payroll", "--yes"]).document();
    assert_eq!((code, &document["connection"]["name"]), (0, &json!("PAYROLL")), "{document:#}");
    let (code, document) = latchkey(&["connection", "remove", "payroll", "--yes"]).document();
    assert_eq!((code, &document["error"]["kind"]), (2, &json!("policy")), "{document:#}");
    assert!(document["error"]["remedy"].as_str().unwrap().contains("policy.json"), "{document:#}");
    let add = latchkey(&["connection", "add", "--name=payroll", "--issuer", &tenant.issuer, "--client-id=x"]);
    assert!(add.ended().stderr.starts_with("error: --name: "));
}

#[test]
fn an_issuer_that_is_not_allowed_exits_with_2_and_nothing_is_sent() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let policy = Policy::elsewhere();
    tenant.save(&home, "Own");
    let at_issuer = |arguments: &[&str]| {
        home.latchkey(arguments).argument("--issuer").argument(&tenant.issuer).stdin("a.b.c\n")
    };
    let client = |run: Run| run.argument("--client-id").argument(&tenant.client_id);
    let with_own =
        |arguments: &[&str]| home.latchkey(arguments).argument("--connection=own").stdin("a.b.c\n");
    let runs = [
        client(at_issuer(&["sign-in", "password", "--username=peggy.sue", "--password-stdin"])),
        client(at_issuer(&[
            "sign-in",
            "browser",
            "--redirect-uri=http://127.0.0.1/callback",
            "--browser=false",
        ])),
        at_issuer(&["provider"]),
        client(at_issuer(&["verify"])),
        client(at_issuer(&["connection", "add", "--name=another"])),
        with_own(&["sign-in", "password", "--password-stdin"]),
        with_own(&["sign-in", "browser", "--browser=false"]),
        with_own(&["provider"]),
        with_own(&["verify"]),
        with_own(&["refresh"]),
        with_own(&["userinfo"]),
        with_own(&["userinfo", "--access-token-stdin"]),
        with_own(&["introspect", "--token-stdin"]),
        with_own(&["introspect", "--stored"]),
        with_own(&["revoke"]),
        with_own(&["revoke", "--token-stdin"]),
        with_own(&["sign-out", "--id-token-stdin"]),
    ];
    for run in runs {
        let what = format!("{:?}", run.command);
        let (code, document) = policy.bind(run.secret(&tenant.client_secret)).document();
        assert_eq!((code, &document["error"]["kind"]), (2, &json!("policy")), "{what}: {document:#}");
        let said = document["error"]["explanation"].as_str().unwrap();
        assert!(said.contains(&tenant.issuer) && said.contains("Nothing was sent"), "{what}: {said}");
        assert_eq!(tenant.simulator.requests().total(), 0, "{what}");
    }
    let ended = policy.bind(at_issuer(&["provider"])).ended();
    assert!(ended.stdout.is_empty() && ended.stderr.starts_with("error: --issuer: "), "{ended:?}");
    assert!(ended.all().contains("https://acme.onelogin.com/oidc/2"), "{ended:?}");
    // What is the user's own can still be seen and removed.
    let (_, document) = policy.bind(home.latchkey(&["connection", "list"])).document();
    assert_eq!(document["connections"].as_array().unwrap().len(), 1);
    assert_eq!(policy.bind(home.latchkey(&["connection", "remove", "own", "--yes"])).ended().code, 0);
}

#[test]
fn a_policy_that_cannot_be_used_stops_every_command_that_it_could_bind() {
    let (home, tenant) = (Home::new(), Tenant::start());
    tenant.save(&home, "Own");
    let before = tenant.simulator.requests().total();
    let cases = [
        ("{\"version\": 1,", "EOF"),
        ("{\"version\": 7}", "version 7"),
        ("{\"version\": 1, \"allow_issuers\": []}", "allow_issuers"),
        ("{\"version\": 1, \"client_secret\": \"hunter2\"}", "looks like a secret"),
        ("{\"version\": 1, \"extra_ca_file\": \"/nowhere/ca.pem\"}", "/nowhere/ca.pem"),
    ];
    for (text, said) in cases {
        let policy = Policy::new(text);
        let peggy = tenant.peggy(&home);
        let own = home.latchkey(&["connection", "list"]);
        let looked = home.latchkey(&["provider", "--issuer", &tenant.issuer]);
        for run in [peggy, own, looked] {
            let ended = policy.bind(run).ended();
            assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{text}: {ended:?}");
            assert!(ended.stderr.contains(said), "{text}: {ended:?}");
            assert!(ended.stderr.contains(policy.file().to_str().unwrap()), "{text}: {ended:?}");
            assert!(!ended.stderr.contains("hunter2"), "{ended:?}");
        }
    }
    // One that is named has to be there.
    let gone = Policy::new("{}");
    std::fs::remove_file(gone.file()).unwrap();
    assert_eq!(gone.bind(tenant.peggy(&home)).ended().code, 2);
    assert_eq!(tenant.simulator.requests().total(), before);
    assert_eq!(tenant.peggy(&home).env(VARIABLE, "").ended().code, 0, "empty names nothing");
}

#[test]
fn a_ca_file_with_nothing_in_it_stops_a_run_before_anything_is_sent() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, "no certificate").unwrap();
    let policy = Policy::new(json!({"version": 1, "extra_ca_file": ca}).to_string());
    let ended = policy.bind(tenant.peggy(&home)).ended();
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains(ca.to_str().unwrap()) && ended.stderr.contains("policy"), "{ended:?}");
    assert_eq!(tenant.simulator.requests().total(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn the_client_secret_of_a_managed_connection_goes_to_the_users_keychain() {
    use support::desktop::{KeychainState, Machine};

    let (machine, tenant) = (Machine::start(KeychainState::Unlocked, false), Tenant::start());
    let policy = Policy::connecting(&tenant);
    let latchkey = |arguments: &[&str]| {
        let mut command = machine.command(support::programs::program("latchkey"));
        command.args(arguments);
        policy.bind(Run::of(command))
    };
    let secret = ["connection", "secret", "payroll"];
    assert!(latchkey(&secret).ended().stderr.contains("--client-secret-stdin"));
    let typed = format!("{}\n", tenant.client_secret);
    let (code, document) = latchkey(&secret).argument("--client-secret-stdin").stdin(typed).document();
    assert_eq!((code, &document["connection"]["managed"]), (0, &json!(true)), "{document:#}");
    assert_eq!(machine.keychain_accounts().len(), 1);
    let sign_in = latchkey(&["sign-in", "password", "--connection=payroll", "--username=peggy.sue"]);
    let (code, document) = sign_in.argument("--password-stdin").stdin("demo-peggy\n").document();
    assert_eq!(code, 0, "{document:#}");
    let (code, document) = latchkey(&["refresh", "--connection=payroll"]).document();
    assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{document:#}");
}
