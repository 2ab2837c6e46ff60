//! `connection`, and commands with `--connection`, where there is no keychain.

use latchkey_oidc::issuer::Issuer;
use serde_json::json;

use crate::harness::{Home, Tenant, members};

#[test]
fn connections_are_added_listed_used_and_removed() {
    let (home, tenant) = (Home::new(), Tenant::start());
    assert!(home.latchkey(&["connection", "list"]).ended().stdout.contains("No connections are saved"));
    tenant.save(&home, "Payroll");
    let (code, document) = home.latchkey(&["connection", "list"]).document();
    assert_eq!((code, members(&document)), (0, vec!["connections", "error"]));
    let saved = &document["connections"][0];
    assert_eq!((&saved["name"], &saved["auth_method"]), (&json!("Payroll"), &json!("basic")));
    assert_eq!(saved["scopes"], json!(["openid", "profile", "offline_access"]));
    let list = home.latchkey(&["connection", "list"]).ended().stdout;
    assert!(list.contains("Payroll") && list.contains(&tenant.issuer) && list.contains("none"), "{list}");

    // By any case; user name and scopes are the connection's.
    let sign_in = || {
        home.latchkey(&["sign-in", "password", "--connection=PAYROLL", "--password-stdin", "--no-keep"])
            .secret(&tenant.client_secret)
            .stdin("demo-peggy\n")
    };
    let (code, document) = sign_in().document();
    assert_eq!(code, 0, "{document:#}");
    assert!(document["tokens"]["refresh_token"].is_object());
    let list = home.latchkey(&["connection", "list"]).ended().stdout;
    assert!(list.contains("signed in, 20"), "{list}");

    let refused = home.latchkey(&["connection", "remove", "payroll"]).ended();
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("--yes"), "{refused:?}");
    let (code, document) = home.latchkey(&["connection", "remove", "payroll", "--yes"]).document();
    assert_eq!((code, &document["connection"]["name"]), (0, &json!("Payroll")), "{document:#}");
    let (_, document) = home.latchkey(&["connection", "list"]).document();
    assert_eq!(document, json!({"connections": [], "error": null}));
    assert_eq!(sign_in().document().0, 2);
}

#[test]
fn a_onelogin_account_is_named_by_its_subdomain() {
    let home = Home::new();
    let (code, document) = home
        .latchkey(&["connection", "add", "--name=Acme", "--onelogin=acme", "--client-id=id"])
        .argument("--auth-method=none")
        .document();
    assert_eq!((code, &document["connection"]["issuer"]), (0, &json!("https://acme.onelogin.com/oidc/2")));
    assert_eq!(Issuer::onelogin("acme").unwrap().as_str(), "https://acme.onelogin.com/oidc/2");
}

#[test]
fn both_redirect_uris_are_saved_exactly_as_they_are_registered() {
    let home = Home::new();
    let uris = ["https://Payroll.acme.example:443/callback", "https://payroll.acme.example/signed-out/"];
    let (code, document) = home
        .latchkey(&["connection", "add", "--name=Acme", "--onelogin=acme", "--client-id=id"])
        .argument("--redirect-uri")
        .argument(uris[0])
        .argument("--post-logout-redirect-uri")
        .argument(uris[1])
        .document();
    assert_eq!(code, 0, "{document:#}");
    let (_, listed) = home.latchkey(&["connection", "list"]).document();
    for saved in [&document["connection"], &listed["connections"][0]] {
        assert_eq!(saved["redirect_uri"], uris[0]);
        assert_eq!(saved["post_logout_redirect_uri"], uris[1]);
    }
}

#[test]
fn what_cannot_be_saved_exits_with_2_and_names_the_option() {
    let home = Home::new();
    let add = |arguments: &[&str]| {
        let mut run = home.latchkey(&["connection", "add"]);
        for argument in arguments {
            run = run.argument(argument);
        }
        run.ended()
    };
    let good = ["--name=a", "--issuer=https://a.example", "--client-id=id"];
    assert_eq!(add(&good).code, 0);
    let cases: [(&[&str], &str); 7] = [
        (
            &["--name=b", "--issuer=https://a.example", "--client-id=id", "--post-logout-redirect-uri=/x"],
            "--post-logout-redirect-uri: ",
        ),
        (&good, "--name: "),
        (&["--name=b", "--issuer=a.example", "--client-id=id"], "--issuer: "),
        (&["--name=b", "--issuer=https://a.example", "--client-id= "], "--client-id: "),
        (
            &["--name=b", "--issuer=https://a.example", "--client-id=id", "--redirect-uri=/x"],
            "--redirect-uri: ",
        ),
        (&["--name=b", "--onelogin=a b", "--client-id=id"], "--issuer: "),
        (
            &[
                "--name=b",
                "--issuer=https://a.example",
                "--client-id=id",
                "--auth-method=none",
                "--client-secret-stdin",
            ],
            "client secret: ",
        ),
    ];
    for (arguments, place) in cases {
        let ended = add(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
        assert!(ended.stderr.starts_with(&format!("error: {place}")), "{ended:?}");
    }
    assert_eq!(add(&["--name=b", "--client-id=id"]).code, 2);
}

#[test]
fn h24_without_a_keychain_what_needs_one_exits_with_5_and_nothing_is_written() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended = home
        .latchkey(&[
            "connection",
            "add",
            "--name=a",
            "--issuer",
            &tenant.issuer,
            "--client-id",
            &tenant.client_id,
        ])
        .argument("--client-secret-stdin")
        .stdin("canary-secret-4711\n")
        .ended();
    assert_eq!(ended.code, 5, "{ended:?}");
    assert!(
        ended.stderr.contains("Nothing was saved") && !ended.all().contains("canary-secret"),
        "{ended:?}"
    );
    let (_, document) = home.latchkey(&["connection", "list"]).document();
    assert_eq!(document["connections"], json!([]));

    tenant.save(&home, "Payroll");
    for command in ["refresh", "userinfo"] {
        let (code, document) =
            home.latchkey(&[command, "--connection=payroll"]).secret(&tenant.client_secret).document();
        assert_eq!((code, &document["error"]["kind"]), (5, &json!("keychain_absent")), "{document:#}");
        assert_eq!(document["exchanges"], json!([]));
        // Without the secret in the environment it is the keychain that is asked first.
        let (code, document) = home.latchkey(&[command, "--connection=payroll"]).document();
        assert_eq!((code, &document["error"]["kind"]), (5, &json!("keychain_absent")), "{document:#}");
        assert!(document["error"]["remedy"].as_str().unwrap().contains("LATCHKEY_CLIENT_SECRET"));
    }

    // The sign-in itself went well, and its document is whole.
    let sign_in = || {
        home.latchkey(&["sign-in", "password", "--connection=payroll", "--password-stdin"])
            .secret(&tenant.client_secret)
            .stdin("demo-peggy\n")
    };
    let (code, document) = sign_in().document();
    assert_eq!((code, &document["outcome"]), (5, &json!("signed_in")), "{document:#}");
    assert_eq!(document["error"]["kind"], "keychain_absent");
    assert_eq!(document["userinfo"]["name"], "Peggy Sue");
    let ended = sign_in().ended();
    assert_eq!(ended.code, 5);
    assert!(ended.stdout.starts_with("Signed in as Peggy Sue"), "{ended:?}");
    assert!(ended.stdout.contains("could not be kept") && ended.stdout.contains("--no-keep"), "{ended:?}");
    // Where there is nothing to keep, no keychain is needed.
    assert_eq!(sign_in().argument("--scope=openid").document().0, 0);
}
