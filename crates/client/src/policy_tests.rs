use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::place::{Place, find};
use super::*;

const ISSUER: &str = "https://acme.onelogin.com/oidc/2";

fn payroll() -> Value {
    json!({
        "name": "Payroll", "issuer": ISSUER, "client_id": "ba88ac70", "auth_method": "basic",
        "redirect_uri": "https://payroll.acme.example/callback", "scopes": ["openid", "profile"],
        "confirmed_hosts": ["login.acme.example:8443"]
    })
}

struct Computer {
    folder: TempDir,
}

impl Computer {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }
}

fn read(text: impl AsRef<[u8]>) -> Result<Policy, Problem> {
    let computer = Computer::new();
    Policy::read(&computer.file("policy.json", text))
}

fn policy(value: &Value) -> Policy {
    read(value.to_string()).unwrap()
}

#[test]
fn a_policy_says_what_it_sets() {
    let computer = Computer::new();
    let ca = computer.file("ca.pem", "any");
    let text = json!({
        "version": 1, "connections": [payroll()], "allowed_issuers": ["https://b.example"],
        "login_window": false, "extra_ca_file": ca
    });
    let file = computer.file("policy.json", text.to_string());
    let policy = Policy::read(&file).unwrap();
    assert_eq!(policy.file(), Some(file.as_path()));
    let [connection] = policy.connections() else { panic!("one connection: {policy:?}") };
    assert!(connection.managed && !connection.demo);
    assert_eq!((connection.name.as_str(), connection.issuer.as_str()), ("Payroll", ISSUER));
    assert_eq!(connection.confirmed_hosts, ["login.acme.example:8443"]);
    // A managed connection could not be used otherwise.
    assert_eq!(policy.allowed_issuers().unwrap(), ["https://b.example", ISSUER]);
    assert!(!policy.login_window());
    assert_eq!(policy.extra_ca_file(), Some(ca.as_path()));
}

#[test]
fn a_policy_that_sets_nothing_changes_nothing() {
    // As PowerShell writes it.
    let policy = read(b"\xef\xbb\xbf{\"version\": 1}\r\n").unwrap();
    assert!(policy.connections().is_empty() && policy.login_window());
    assert_eq!((policy.allowed_issuers(), policy.extra_ca_file()), (None, None));
    assert_eq!(policy.permit("https://anybody.example"), Ok(()));
    assert_eq!(policy.permit_login_window(), Ok(()));
}

#[test]
fn what_is_not_understood_is_refused_and_the_file_named() {
    let with = |member: &str, value: Value| {
        let mut connection = payroll();
        connection[member] = value;
        json!({"version": 1, "connections": [connection]}).to_string()
    };
    let twice = json!({"version": 1, "connections": [payroll(), payroll()]}).to_string();
    let cases: [(&str, &str); 20] = [
        ("", "it is empty"),
        ("{\"version\": 1", "EOF"),
        ("[]", "its version is not 1"),
        ("{}", "its version is not 1"),
        ("{\"version\": \"1\"}", "its version is not 1"),
        ("{\"version\": 2, \"unheard\": 1}", "version 2"),
        ("{\"version\": 1, \"login_windows\": false}", "login_windows"),
        ("{\"version\": 1, \"login_window\": \"off\"}", "boolean"),
        ("{\"version\": 1, \"login_window\": true, \"login_window\": false}", "twice"),
        ("{\"version\": 1, \"allowed_issuers\": null}", "allowed_issuers is null"),
        ("{\"version\": 1, \"allowed_issuers\": [\"acme\"]}", "allowed_issuers: “acme” cannot be an issuer"),
        ("{\"version\": 1, \"allowed_issuers\": [\"https://a.example \"]}", "write https://a.example"),
        ("{\"version\": 1, \"extra_ca_file\": \"ca.pem\"}", "absolute path"),
        (&with("managed", json!(true)), "managed"),
        (&with("issuer", json!("http://a.example")), "connection “Payroll”"),
        (&with("auth_method", json!("mtls")), "mtls"),
        (&with("redirect_uri", json!("/callback")), "redirect URI"),
        (&with("confirmed_hosts", json!(["https://a.example/"])), "HOST:PORT"),
        (&with("scopes", json!(["a\"b"])), "scope"),
        (&twice, "a connection named “Payroll” already"),
    ];
    for (text, said) in cases {
        let computer = Computer::new();
        let file = computer.file("policy.json", text);
        let problem = Policy::read(&file).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Configuration, "{text}");
        let explanation = &problem.explanation;
        assert!(explanation.contains(said), "{text}: {explanation}");
        assert!(explanation.contains(&file.display().to_string()), "{text}: {explanation}");
        assert!(problem.remedy.contains("never skipped"), "{text}: {}", problem.remedy);
    }
    let missing = Computer::new();
    assert!(Policy::read(&missing.path("policy.json")).is_err());
    assert!(Policy::read(missing.folder.path()).unwrap_err().explanation.contains("no file"));
    let unread = missing.path("ca.pem");
    let text = json!({"version": 1, "extra_ca_file": unread}).to_string();
    assert!(read(text).unwrap_err().explanation.contains(&unread.display().to_string()));
}

#[test]
fn a_secret_is_refused_with_the_way_to_the_keychain_and_not_repeated() {
    for name in ["client_secret", "clientSecret", "password", "Refresh-Token", "api_key"] {
        let mut connection = payroll();
        connection[name] = json!("hunter2");
        for value in
            [json!({"version": 1, "connections": [connection]}), json!({"version": 1, name: "hunter2"})]
        {
            let problem = read(value.to_string()).unwrap_err();
            let said = format!("{problem:?}");
            assert!(problem.explanation.contains(name) && problem.explanation.contains("secret"), "{said}");
            assert!(problem.remedy.contains("keychain") && !said.contains("hunter2"), "{said}");
        }
    }
}

#[test]
#[cfg(unix)]
fn what_everybody_can_change_is_no_policy() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let computer = Computer::new();
    let ca = computer.file("ca.pem", "any");
    let file = computer.file("policy.json", json!({"version": 1, "extra_ca_file": ca}).to_string());
    assert!(Policy::read(&file).is_ok());
    for (path, loose, tight) in [(&file, 0o646, 0o644), (&ca, 0o666, 0o644)] {
        mode(path, loose);
        let explanation = Policy::read(&file).unwrap_err().explanation;
        assert!(
            explanation.contains("everybody") && explanation.contains(&path.display().to_string()),
            "{explanation}"
        );
        mode(path, tight);
    }
    mode(computer.folder.path(), 0o777);
    assert!(Policy::read(&file).unwrap_err().explanation.contains("its folder"));
    // As /tmp.
    mode(computer.folder.path(), 0o1777);
    assert!(Policy::read(&file).is_ok());

    assert_eq!(super::place::judge(0o100_664, 0, true), Ok(()));
    assert!(super::place::judge(0o100_644, 1000, true).unwrap_err().contains("root"));
    assert_eq!(super::place::judge(0o100_644, 1000, false), Ok(()));
    assert!(super::place::judge(0o100_646, 0, true).is_err());
}

#[test]
fn another_file_counts_only_where_the_system_has_none() {
    let computer = Computer::new();
    let (system, other) = (computer.path("system.json"), computer.path("other.json"));
    assert_eq!(find(&system, None), Ok(None));
    assert_eq!(find(&system, Some(other.clone())), Ok(Some(Place::named(other.clone()))));
    // Named, so it must be there.
    assert!(find(&system, Some(other.clone())).unwrap().unwrap().read().is_err());
    computer.file("other.json", "{\"version\": 1}");
    computer.file("system.json", "damaged");
    let found = find(&system, Some(other.clone())).unwrap().unwrap();
    assert!(found.read().unwrap_err().explanation.contains("system.json"));
    // A folder that is a file hides whether there is one.
    assert!(find(&system.join("policy.json"), Some(other.clone())).is_err());
    #[cfg(unix)]
    {
        fs::remove_file(&system).unwrap();
        std::os::unix::fs::symlink(computer.path("gone"), &system).unwrap();
        assert!(
            find(&system, Some(other)).unwrap().unwrap().read().is_err(),
            "a link to nothing was skipped"
        );
    }
}

#[test]
fn an_id_outlives_a_new_name_and_tells_connections_of_one_client_apart() {
    let renamed = |name: &str| {
        let mut connection = payroll();
        connection["name"] = json!(name);
        connection
    };
    let ids = |connections: Vec<Value>| -> Vec<String> {
        let policy = policy(&json!({"version": 1, "connections": connections}));
        policy.connections().iter().map(|connection| connection.id.clone()).collect()
    };
    let first = ids(vec![payroll()]);
    assert_eq!(first[0].len(), 32);
    assert!(first[0].bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
    assert_eq!(ids(vec![payroll()]), first);
    assert_eq!(ids(vec![renamed("Pay")]), first);
    let both = ids(vec![payroll(), renamed("Groups")]);
    assert_eq!(both[0], first[0]);
    assert_ne!(both[1], first[0]);
    assert_eq!(ids(vec![renamed("Pay"), renamed("Groups")]), both);
    let mut other = payroll();
    other["client_id"] = json!("another");
    assert_ne!(ids(vec![other]), first);
}

#[test]
fn issuers_are_compared_by_every_character_and_the_demo_alone_is_let_through() {
    let policy = policy(&json!({"version": 1, "allowed_issuers": [ISSUER, "https://b.example/"]}));
    assert_eq!(policy.permit(ISSUER), Ok(()));
    for refused in ["https://acme.onelogin.com/oidc/2/", "https://b.example", "http://127.0.0.1:4000/oidc/2"]
    {
        let problem = policy.permit(refused).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Policy);
        assert!(problem.explanation.contains(refused) && problem.explanation.contains("Nothing was sent"));
        assert!(problem.remedy.contains("policy.json"), "{}", problem.remedy);
    }
    assert!(policy.permit("https://b.example").unwrap_err().remedy.contains("every character"));
    policy.permit_demo("http://127.0.0.1:4000/oidc/2");
    assert_eq!(policy.permit("http://127.0.0.1:4000/oidc/2"), Ok(()));
    assert!(policy.permit("http://127.0.0.1:4001/oidc/2").is_err());
    let none = read("{\"version\": 1, \"allowed_issuers\": []}").unwrap();
    assert!(none.permit(ISSUER).unwrap_err().remedy.contains("allows none"));
}
