//! `latchkey sign-in browser`: the built program, and a person at the tenant's own pages.

use std::time::{Duration, Instant};

use latchkey_simulator::{
    AuthMethod, AuthorizationFault, ClaimFault, Client, ClientRole, Faults, IdTokenFault, ONE_TIME_CODE,
    Options,
};
use serde_json::{Value, json};
use support::person::{Person, try_visit, visit};
use url::Url;

use crate::harness::{Home, Run, Tenant};
use crate::opener::Opener;

const TYPES: [&str; 3] = ["code", "id_token", "id_token token"];

fn sign_in(home: &Home, tenant: &Tenant, role: ClientRole) -> Run {
    let client = tenant.simulator.client(role).unwrap();
    home.latchkey(&["sign-in", "browser", "--issuer", &tenant.issuer, "--client-id", &client.client_id])
        .argument("--auth-method=none")
        .argument("--json")
}

fn native(home: &Home, tenant: &Tenant) -> Run {
    sign_in(home, tenant, ClientRole::Native).argument("--redirect-uri=http://127.0.0.1/callback")
}

fn status<'a>(document: &'a Value, check: &str) -> &'a str {
    let findings = document["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["check"] == check);
    finding.unwrap_or_else(|| panic!("{check}: {document:#}"))["status"].as_str().unwrap()
}

/// Signs in as Peggy Sue and returns exit code and document.
fn peggy(run: Run) -> (i32, Value) {
    let (running, address) = Opener::new().open(run);
    Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
    let ended = running.join().unwrap();
    (ended.code, ended.json())
}

#[test]
fn every_response_type_mode_and_prompt_is_signed_in_with_or_explained() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let mut known = Person::default();
    for response_type in TYPES {
        for mode in [None, Some("query"), Some("fragment"), Some("form_post")] {
            for prompt in [None, Some("login"), Some("none")] {
                let what = format!("{response_type} {mode:?} {prompt:?}");
                let mut run = native(&home, &tenant).argument(&format!("--response-type={response_type}"));
                for (name, value) in [("--response-mode", mode), ("--prompt", prompt)] {
                    if let Some(value) = value {
                        run = run.argument(name).argument(value);
                    }
                }
                if response_type != "code" && mode == Some("query") {
                    // Never allowed, and said before a browser opens.
                    let ended = run.argument(&opener.command()).ended();
                    assert_eq!((ended.code, opener.was_asked()), (3, false), "{what}: {ended:?}");
                    assert_eq!(ended.json()["error"]["code"], "invalid_request");
                    continue;
                }
                let (running, address) = opener.open(run);
                let page = known.sign_in(&address, "peggy.sue", "demo-peggy");
                assert!(page.contains("You can close this window"), "{what}: {page}");
                let ended = running.join().unwrap();
                let document = ended.json();
                assert_eq!(
                    (ended.code, &document["outcome"]),
                    (0, &json!("signed_in")),
                    "{what}: {document:#}"
                );
                for check in [
                    "authorization_state",
                    "authorization_response_mode",
                    "id_token_nonce",
                    "id_token_signature",
                ] {
                    assert_eq!(status(&document, check), "passed", "{what}: {check}");
                }
                assert_eq!(document["id_token"]["claims"]["sub"], "32916209", "{what}");
                let token = &document["tokens"]["access_token"];
                if response_type == "id_token" {
                    assert_eq!((token, &document["userinfo"]), (&json!(null), &json!(null)), "{what}");
                } else {
                    assert!(token["fingerprint"].is_string(), "{what}");
                    assert_eq!(document["userinfo"]["sub"], "32916209", "{what}");
                    assert_eq!(status(&document, "id_token_access_token_hash"), "passed", "{what}");
                }
                let exchanges: Vec<&str> = document["exchanges"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|exchange| exchange["name"].as_str().unwrap())
                    .collect();
                assert_eq!(exchanges.contains(&"token"), response_type == "code", "{what}: {exchanges:?}");
            }
        }
    }
}

#[test]
fn prompt_none_without_a_session_ends_with_what_the_provider_says() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    for response_type in TYPES {
        let run = native(&home, &tenant)
            .argument("--prompt=none")
            .argument(&format!("--response-type={response_type}"));
        let (running, address) = opener.open(run);
        Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
        let ended = running.join().unwrap();
        let error = &ended.json()["error"];
        assert_eq!((ended.code, &error["code"]), (3, &json!("login_required")), "{error:#}");
        assert!(!error["remedy"].as_str().unwrap().is_empty());
    }
}

#[test]
fn the_parameters_of_the_command_line_stand_in_the_address_which_is_printed_before_it_is_opened() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let run = native(&home, &tenant)
        .argument("--login-hint=peggy.sue")
        .argument("--acr-values=onelogin:nist:level:1:re-auth")
        .argument("--max-age=300")
        .argument("--scope=openid groups");
    let (running, address) = opener.open(run);
    let parameter = |wanted: &str| {
        address.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("login_hint").as_deref(), Some("peggy.sue"));
    assert_eq!(parameter("acr_values").as_deref(), Some("onelogin:nist:level:1:re-auth"));
    assert_eq!(parameter("max_age").as_deref(), Some("300"));
    assert_eq!(parameter("scope").as_deref(), Some("openid groups"));
    assert_eq!(parameter("code_challenge_method").as_deref(), Some("S256"));
    for secret in ["client_secret", "code_verifier"] {
        assert_eq!(parameter(secret), None);
    }
    Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
    let ended = running.join().unwrap();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains(address.as_str()), "{}", ended.stderr);
    for check in ["id_token_acr", "id_token_auth_time"] {
        assert_eq!(status(&ended.json(), check), "passed");
    }
}

#[test]
fn a_person_with_a_second_factor_signs_in_after_a_wrong_password() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let user = latchkey_simulator::users()
        .into_iter()
        .find(|user| user.outcome.error_description().is_some_and(|text| text.starts_with("MFA")));
    let user = user.unwrap();
    let (running, address) = Opener::new().open(native(&home, &tenant));
    let mut person = Person::default();
    let page = person.sign_in(&address, &user.username, "not the password");
    assert!(page.contains("Authentication Failed"), "{page}");
    let page = person.sign_in(&address, &user.username, &user.password);
    assert!(page.contains("one_time_code"), "{page}");
    let page = person.enter(&page, &address, &[("one_time_code", ONE_TIME_CODE)]);
    assert!(page.contains("You can close this window"), "{page}");
    let ended = running.join().unwrap();
    assert_eq!((ended.code, &ended.json()["outcome"]), (0, &json!("signed_in")));
}

#[test]
fn a_code_is_exchanged_with_each_client_authentication() {
    let redirect_uris = vec!["http://127.0.0.1/cb?tenant=1".to_owned()];
    let client = |id: &str, method, secret| Client {
        redirect_uris: redirect_uris.clone(),
        any_loopback_port: true,
        ..Client::new(id, method, secret)
    };
    let more_clients = vec![
        client("with-basic", AuthMethod::Basic, Some("a secret of this test")),
        client("with-post", AuthMethod::Post, Some("a secret of this test")),
        client("with-none", AuthMethod::None, None),
    ];
    let tenant = Tenant::with(Options { more_clients, response_iss: true, ..Options::default() });
    let home = Home::new();
    for method in ["basic", "post", "none"] {
        let run = home
            .latchkey(&["sign-in", "browser", "--json", "--issuer", &tenant.issuer])
            .argument(&format!("--client-id=with-{method}"))
            .argument(&format!("--auth-method={method}"))
            .argument("--redirect-uri=http://127.0.0.1/cb?tenant=1")
            .secret("a secret of this test");
        let (code, document) = peggy(run);
        assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{method}: {document:#}");
        assert_eq!(status(&document, "authorization_issuer"), "passed");
    }
}

#[test]
fn what_never_reaches_the_redirect_uri_is_explained_before_a_browser_opens() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let unknown = home
        .latchkey(&["sign-in", "browser", "--json", "--issuer", &tenant.issuer, "--client-id=nobody"])
        .argument("--auth-method=none")
        .argument("--redirect-uri=http://127.0.0.1/callback");
    let unregistered =
        sign_in(&home, &tenant, ClientRole::Native).argument("--redirect-uri=http://127.0.0.1/other");
    for (run, code) in [(unknown, "invalid_client"), (unregistered, "redirect_uri_mismatch")] {
        let ended = run.argument(&opener.command()).ended();
        let document = ended.json();
        assert_eq!((ended.code, &document["outcome"]), (3, &json!("provider_error")), "{document:#}");
        assert_eq!(document["error"]["code"], code);
        assert!(!document["error"]["remedy"].as_str().unwrap().is_empty());
        assert!(!opener.was_asked());
    }
}

#[test]
fn an_error_after_the_login_is_explained() {
    let fault = AuthorizationFault::Error { code: "access_denied".into(), description: "not today".into() };
    for response_type in TYPES {
        let faults = Faults { authorization_response: Some(fault.clone()), ..Faults::default() };
        let (home, tenant) = (Home::new(), Tenant::faulty(faults));
        let (code, document) =
            peggy(native(&home, &tenant).argument(&format!("--response-type={response_type}")));
        let error = &document["error"];
        assert_eq!((code, &error["code"]), (3, &json!("access_denied")), "{document:#}");
        assert_eq!(error["description"], "not today");
        assert_eq!(tenant.simulator.requests().token, 0);
    }
}

#[test]
fn h12_an_answer_of_another_request_or_with_two_readings_is_rejected_and_nothing_more_is_sent() {
    let cases = [
        (AuthorizationFault::WrongState, "authorization_state"),
        (AuthorizationFault::NoState, "authorization_state"),
        (AuthorizationFault::WrongIss, "authorization_issuer"),
        (AuthorizationFault::Duplicate("state".into()), "authorization_parameters"),
        (AuthorizationFault::QueryAndFragment, "authorization_parameters"),
    ];
    for (fault, check) in cases {
        for response_type in TYPES {
            let faults = Faults { authorization_response: Some(fault.clone()), ..Faults::default() };
            let (home, tenant) = (Home::new(), Tenant::faulty(faults));
            let run = native(&home, &tenant)
                .argument(&format!("--response-type={response_type}"))
                .argument("--response-mode=fragment");
            let (code, document) = peggy(run);
            assert_eq!((code, &document["outcome"]), (1, &json!("rejected")), "{fault:?}: {document:#}");
            assert_eq!(status(&document, check), "failed", "{fault:?} {response_type}");
            let requests = tenant.simulator.requests();
            assert_eq!((requests.token, requests.userinfo), (0, 0), "{fault:?} {response_type}");
        }
    }
}

#[test]
fn an_id_token_without_its_nonce_or_its_hash_is_rejected_before_userinfo() {
    let claim = |fault| Some(IdTokenFault::Claim(fault));
    let nonce = || claim(ClaimFault::Set("nonce".into(), json!("another")));
    let hash = || claim(ClaimFault::Remove("at_hash".into()));
    for (response_type, id_token, check) in [
        ("code", Some(IdTokenFault::Absent), "id_token"),
        ("id_token token", Some(IdTokenFault::Absent), "authorization_response"),
        ("code", nonce(), "id_token_nonce"),
        ("id_token", nonce(), "id_token_nonce"),
        ("id_token token", nonce(), "id_token_nonce"),
        ("id_token token", hash(), "id_token_access_token_hash"),
    ] {
        let faults = Faults { id_token, ..Faults::default() };
        let (home, tenant) = (Home::new(), Tenant::faulty(faults));
        let (code, document) =
            peggy(native(&home, &tenant).argument(&format!("--response-type={response_type}")));
        assert_eq!((code, &document["outcome"]), (1, &json!("rejected")), "{document:#}");
        assert_eq!(status(&document, check), "failed", "{response_type}");
        assert_eq!(tenant.simulator.requests().userinfo, 0);
    }
}

#[test]
fn h11_h13_everything_but_the_first_answer_at_the_exact_address_is_ignored() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let (running, address) = opener.open(native(&home, &tenant).argument("--response-mode=form_post"));
    let redirect_uri = address.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let url = Url::parse(&redirect_uri).unwrap();
    let authority = url.authority().to_owned();
    for path in [
        "/",
        "/callback/",
        "/Callback?code=1",
        "/callback2?code=1",
        "/x/../callback?code=1",
        "//callback?code=1",
    ] {
        assert_eq!(visit(&authority, &authority, "GET", path, None, None).status, 404, "{path}");
    }
    let port = url.port().unwrap();
    for host in [format!("localhost:{port}"), "evil.example".to_owned(), "127.0.0.1".to_owned()] {
        assert_eq!(visit(&authority, &host, "GET", "/callback?code=1", None, None).status, 404, "{host}");
    }
    assert_eq!(visit(&authority, &authority, "PUT", "/callback?code=1", None, None).status, 404);
    let large = "a".repeat(2 * 1024 * 1024);
    let answer = try_visit(&authority, "POST", "/callback", Some(&large));
    assert!(answer.is_none_or(|answer| answer.status == 404));
    // The page for a fragment is no answer either, and nothing in it comes from elsewhere.
    let page = visit(&authority, &authority, "GET", "/callback", None, None);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    assert!(!page.body.contains("http"), "{}", page.body);
    assert!(!running.is_finished());

    let page = Person::default().sign_in(&address, "peggy.sue", "demo-peggy");
    assert!(page.contains("You can close this window"), "{page}");
    // Closed by now: whoever comes second finds nobody, or nothing.
    let second = try_visit(&authority, "GET", "/callback?error=access_denied", None);
    assert!(second.is_none_or(|answer| answer.status == 404));
    let ended = running.join().unwrap();
    assert_eq!((ended.code, &ended.json()["outcome"]), (0, &json!("signed_in")), "{ended:?}");
}

#[test]
fn an_address_where_nothing_of_ours_can_listen_is_a_usage_error() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("http://127.0.0.1:{}/callback", taken.local_addr().unwrap().port());
    let other = std::net::TcpListener::bind(Url::parse(&taken).unwrap().authority());
    for (redirect_uri, why) in [
        ("https://payroll.acme.example/callback", "another place than this computer"),
        ("https://127.0.0.1/callback", "its scheme is not http"),
        ("http://192.0.2.1/callback", "another place than this computer"),
        ("/callback", "no absolute URL"),
        (taken.as_str(), "cannot be listened at"),
    ] {
        let run = sign_in(&home, &tenant, ClientRole::Native)
            .argument(&format!("--redirect-uri={redirect_uri}"))
            .argument(&opener.command());
        let ended = run.ended();
        assert_eq!(ended.code, 2, "{redirect_uri}: {ended:?}");
        assert_eq!(ended.json()["error"]["kind"], "invalid_input");
        assert!(ended.stderr.contains(why), "{redirect_uri}: {}", ended.stderr);
    }
    drop(other);
    assert!(!opener.was_asked());
    assert_eq!(tenant.simulator.requests().total(), 0);
}

#[test]
fn a_browser_that_cannot_be_opened_ends_the_run() {
    let (home, tenant) = (Home::new(), Tenant::start());
    for browser in ["/no/such/browser", "false"] {
        let ended = native(&home, &tenant).argument("--browser").argument(browser).ended();
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_eq!(ended.json()["error"]["kind"], "configuration");
    }
}

#[test]
fn a_saved_connection_brings_its_redirect_uri() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let client = tenant.simulator.client(ClientRole::Native).unwrap();
    let ended = home
        .latchkey(&["connection", "add", "--name=Desktop", "--auth-method=none", "--issuer", &tenant.issuer])
        .argument("--client-id")
        .argument(&client.client_id)
        .argument("--redirect-uri=http://[::1]/callback")
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    let (code, document) =
        peggy(home.latchkey(&["sign-in", "browser", "--connection=Desktop", "--no-keep", "--json"]));
    assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{document:#}");
}

#[test]
fn what_the_browser_brings_stands_in_no_output_unless_it_was_asked_for() {
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    for show in [false, true] {
        let mut run = native(&home, &tenant).argument("--response-type=id_token token");
        if show {
            run = run.argument("--show-tokens");
        }
        let (running, address) = opener.open(run);
        let mut person = Person::default();
        person.sign_in(&address, "peggy.sue", "demo-peggy");
        let ended = running.join().unwrap();
        assert_eq!(ended.code, 0, "{ended:?}");
        let fields: Vec<(String, String)> =
            url::form_urlencoded::parse(person.delivered.as_bytes()).into_owned().collect();
        for name in ["id_token", "access_token"] {
            let (_, value) = fields.iter().find(|(known, _)| known == name).unwrap();
            assert_eq!(ended.all().contains(value.as_str()), show, "{name}");
        }
    }
}

#[test]
fn ctrl_c_while_the_browser_is_open_exits_with_4() {
    use std::process::Stdio;
    let (home, tenant, opener) = (Home::new(), Tenant::start(), Opener::new());
    let mut command = native(&home, &tenant).argument(&opener.command()).command;
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !opener.was_asked() {
        assert!(began.elapsed() < Duration::from_secs(20), "no address");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &document["outcome"]), (Some(4), &json!("network_error")));
    assert_eq!(document["error"]["kind"], "cancelled");
}
