//! What is typed wrongly: exit code 2, a sentence that helps, and nothing sent.

use serde_json::json;

use crate::harness::{Home, Tenant, members};

#[test]
fn what_cannot_be_parsed_exits_with_2_and_prints_nothing_on_standard_output() {
    let home = Home::new();
    let cases: [(&[&str], &str); 19] = [
        (&[], "Usage: latchkey"),
        (&["check"], "unrecognized subcommand"),
        (&["introspect"], "--connection <NAME>"),
        (&["sign-out"], "--connection <NAME>"),
        (&["revoke"], "--connection <NAME>"),
        (&["sign-in", "browser"], "--redirect-uri <URL>"),
        (&["sign-in", "browser", "--connection=a", "--redirect-uri=b"], "stands for issuer"),
        (&["sign-in", "browser", "--connection=a", "--response-type=token"], "id_token token"),
        (&["sign-in", "browser", "--connection=a", "--response-mode=jwt"], "form_post"),
        (&["connection", "export"], "unrecognized subcommand"),
        (&["connection", "import"], "unrecognized subcommand"),
        (&["sign-in", "password"], "--issuer <URL>"),
        (&["sign-in", "password", "--issuer", "https://a.example"], "--client-id <ID>"),
        (
            &["sign-in", "password", "--connection", "a", "--issuer", "b"],
            "stands for issuer, client and the rest",
        ),
        (&["sign-in", "password", "--connection", "a", "--auth-method", "post"], "stands for issuer"),
        (&["provider", "--connection", "a", "--issuer", "b"], "stands for issuer"),
        (&["provider", "--issuer"], "a value is required"),
        (&["simulate", "--port", "70000"], "70000"),
        (&["refresh"], "--connection <NAME>"),
    ];
    for (arguments, text) in cases {
        let ended = home.latchkey(arguments).ended();
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(text), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn what_is_wrong_beyond_parsing_exits_with_2_and_still_prints_the_document() {
    let home = Home::new();
    let sign_in = |issuer: &str, client_id: &str, username: &str, password: &str| {
        home.latchkey(&["sign-in", "password", "--password-stdin"])
            .argument(&format!("--issuer={issuer}"))
            .argument(&format!("--client-id={client_id}"))
            .argument(&format!("--username={username}"))
            .secret("secret")
            .stdin(password)
    };
    let good = "https://acme.onelogin.com/oidc/2";
    let cases = [
        (sign_in("acme", "id", "u", "p"), "invalid_issuer", "https://"),
        (sign_in("ftp://acme.example", "id", "u", "p"), "invalid_issuer", "issuer"),
        (sign_in("http://acme.onelogin.com/oidc/2", "id", "u", "p"), "invalid_issuer", "https"),
        (sign_in("", "id", "u", "p"), "invalid_input", "issuer URL"),
        (sign_in(good, "", "u", "p"), "invalid_input", "Client ID"),
        (sign_in(good, "id", " ", "p"), "invalid_input", "user name"),
        (sign_in(good, "id", "u", ""), "invalid_input", "--password-stdin"),
        (sign_in(good, "id", "u", "\n"), "invalid_input", "--password-stdin"),
        (sign_in(good, "id", "u", "p").argument("--scope=a\"b"), "invalid_input", "Scopes"),
        (sign_in(good, "id", "u", "p").argument("--ca-file=/no/such/file.pem"), "configuration", "file"),
        (
            sign_in(good, "id", "u", "p").env("LATCHKEY_CLIENT_SECRET", ""),
            "invalid_input",
            "LATCHKEY_CLIENT_SECRET",
        ),
        (home.latchkey(&["verify", "--issuer", good, "--client-id=id"]), "invalid_input", "ID token"),
        (home.latchkey(&["refresh", "--connection=none"]), "invalid_input", "connection add"),
    ];
    for (run, kind, helpful) in cases {
        let ended = run.argument("--json").ended();
        let document = ended.json();
        assert_eq!((ended.code, &document["error"]["kind"]), (2, &json!(kind)), "{ended:?}");
        assert_eq!(
            members(&document),
            ["outcome", "findings", "id_token", "userinfo", "tokens", "error", "exchanges"]
        );
        assert_eq!(document["outcome"], json!(null));
        assert_eq!(document["exchanges"], json!([]));
        let remedy = document["error"]["remedy"].as_str().unwrap();
        assert!(remedy.contains(helpful), "{remedy}");
        assert!(ended.stderr.starts_with("error: ") && ended.stderr.contains(remedy), "{ended:?}");
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let home = Home::new();
    let ended = home
        .latchkey(&["sign-in", "password", "--issuer=https://acme.onelogin.com/oidc/2", "--client-id=id"])
        .argument("--username=u")
        .secret("secret")
        .stdin("p\n")
        .ended();
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("add --password-stdin"), "{ended:?}");
}

#[test]
fn h26_a_secret_as_an_argument_is_refused_without_repeating_it() {
    let home = Home::new();
    for arguments in [
        &["sign-in", "password", "--password", "canary-4711"][..],
        &["sign-in", "password", "--password=canary-4711"],
        &["sign-in", "password", "--client-secret", "canary-4711"],
        &["sign-in", "password", "--json", "--client-secret=canary-4711"],
        &["sign-in", "password", "canary-4711"],
        &["connection", "add", "--client-secret", "canary-4711"],
        &["verify", "--token", "canary-4711"],
    ] {
        let ended = home.latchkey(arguments).ended();
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(!ended.all().contains("canary-4711"), "{ended:?}");
    }
    let ended = home.latchkey(&["sign-in", "password", "--password", "x"]).ended();
    assert!(ended.stderr.contains("--password-stdin") && ended.stderr.contains("history"), "{ended:?}");
}

#[test]
fn help_names_every_command_and_option_and_no_secret() {
    let home = Home::new();
    for (arguments, words) in [
        (
            &["--help"][..],
            &["sign-in", "provider", "verify", "userinfo", "refresh", "connection", "simulate"][..],
        ),
        (
            &["sign-in", "password", "--help"],
            &["--password-stdin", "--no-keep", "--show-tokens", "--ca-file"],
        ),
        (&["verify", "--help"], &["--nonce", "--access-token-stdin", "--json"]),
        (&["connection", "add", "--help"], &["--onelogin", "--client-secret-stdin", "--redirect-uri"]),
        (&["simulate", "--help"], &["--port", "--latency-ms", "--generation", "--until-stdin-closes"]),
    ] {
        let ended = home.latchkey(arguments).secret("canary-4711").ended();
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
        for word in words {
            assert!(ended.stdout.contains(word), "{arguments:?} {word}: {}", ended.stdout);
        }
        assert!(!ended.stdout.contains("canary-4711"), "{}", ended.stdout);
    }
    let version = home.latchkey(&["--version"]).ended();
    assert_eq!(version.stdout, concat!("latchkey ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_damaged_configuration_is_set_aside_and_a_newer_one_is_left_alone() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let file = home.config().join("connections.json");
    std::fs::create_dir_all(home.config()).unwrap();

    std::fs::write(&file, "{ no json").unwrap();
    let ended = home.latchkey(&["connection", "list"]).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("connections.damaged-"), "{ended:?}");

    let newer = r#"{"version":99,"connections":[]}"#;
    std::fs::write(&file, newer).unwrap();
    let (code, document) = home.latchkey(&["connection", "list"]).document();
    assert_eq!((code, &document["error"]["kind"]), (2, &json!("configuration")), "{document:#}");
    // What needs no saved connection goes on without.
    let ended = tenant.peggy(&home).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("goes on without it"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), newer);
}
