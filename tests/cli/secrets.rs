//! H-26: planted secrets are in no output, no log, and no file.

use latchkey_simulator::{AnswerFault, AuthMethod, Client, Faults, Options, User, UserInfoFault};
use serde_json::json;

use crate::harness::{Ended, Home, Run, Tenant};

const PASSWORD: &str = "canary pass+word/4711&ü";
const CLIENT_SECRET: &str = "canary-client:secret/0815+ä";

fn tenant(faults: Faults) -> Tenant {
    let options = Options {
        more_clients: vec![Client::new("canary-client", AuthMethod::Basic, Some(CLIENT_SECRET))],
        more_users: vec![User::new("4711", "canary.user", PASSWORD, "Cana", "Ry")],
        faults,
        ..Options::default()
    };
    let tenant = Tenant::with(options);
    Tenant { client_id: "canary-client".into(), client_secret: CLIENT_SECRET.into(), ..tenant }
}

/// In the encodings in which it was sent or may come back.
fn forms(secret: &str) -> Vec<String> {
    let encoded = latchkey_oidc::http::form_encode(secret);
    let json = serde_json::to_string(secret).unwrap();
    let mut forms = vec![secret.to_owned(), encoded.clone(), encoded.replace('+', "%20")];
    forms.push(json.trim_matches('"').to_owned());
    forms.push(
        secret
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
            .collect(),
    );
    forms
}

fn clean(ended: &Ended, home: &Home) {
    let mut places = vec![("the output".to_owned(), ended.all())];
    if let Ok(entries) = std::fs::read_dir(home.config()) {
        for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            places.push((path.display().to_string(), text));
        }
    }
    for (place, text) in places {
        for secret in [PASSWORD, CLIENT_SECRET] {
            for form in forms(secret) {
                assert!(!text.contains(&form), "{form} is in {place}: {text}");
            }
        }
        assert!(!text.contains("eyJ"), "a token is in {place}: {text}");
    }
}

fn everywhere(run: impl Fn() -> Run, home: &Home, code: i32) {
    for run in [run(), run().argument("--json"), run().env("LATCHKEY_LOG", "trace").env("RUST_LOG", "trace")]
    {
        let ended = run.ended();
        assert_eq!(ended.code, code, "{ended:?}");
        clean(&ended, home);
    }
}

#[test]
fn h26_a_good_sign_in_leaves_no_secret() {
    let (home, tenant) = (Home::new(), tenant(Faults::default()));
    everywhere(
        || tenant.sign_in(&home, "canary.user", PASSWORD).argument("--scope=openid offline_access"),
        &home,
        0,
    );
    tenant.save(&home, "Canary");
    let sign_in = || {
        home.latchkey(&[
            "sign-in",
            "password",
            "--connection=canary",
            "--username=canary.user",
            "--password-stdin",
        ])
        .secret(CLIENT_SECRET)
        .stdin(PASSWORD)
    };
    everywhere(sign_in, &home, 5);
}

#[test]
fn h26_a_provider_that_repeats_what_it_was_sent_gives_nothing_away() {
    let home = Home::new();
    let echo = tenant(Faults { token: Some(AnswerFault::Echo), ..Faults::default() });
    everywhere(|| echo.sign_in(&home, "canary.user", PASSWORD), &home, 3);
    let echo = tenant(Faults { userinfo: Some(AnswerFault::Echo), ..Faults::default() });
    everywhere(|| echo.sign_in(&home, "canary.user", PASSWORD), &home, 3);
}

#[test]
fn h26_a_secret_in_a_claim_is_taken_out() {
    let home = Home::new();
    let fault =
        UserInfoFault::Set("note".into(), json!([{"deep": format!("you sent {PASSWORD}")}, CLIENT_SECRET]));
    let tenant = tenant(Faults { userinfo_claims: Some(fault), ..Faults::default() });
    everywhere(|| tenant.sign_in(&home, "canary.user", PASSWORD), &home, 0);
    let (_, document) = tenant.sign_in(&home, "canary.user", PASSWORD).document();
    assert_eq!(document["userinfo"]["note"][0]["deep"], "you sent [password]", "{document:#}");
}

#[test]
fn h26_a_wrong_secret_and_a_broken_connection_leave_nothing_either() {
    let home = Home::new();
    let tenant = tenant(Faults::default());
    everywhere(|| tenant.sign_in(&home, "peggy.sue", PASSWORD), &home, 3);
    tenant.simulator.set_faults(Faults { token: Some(AnswerFault::Drop), ..Faults::default() });
    everywhere(|| tenant.sign_in(&home, "canary.user", PASSWORD), &home, 4);
}

#[test]
fn logs_are_written_only_when_asked_for() {
    let (home, tenant) = (Home::new(), Tenant::start());
    assert_eq!(tenant.peggy(&home).env("RUST_LOG", "trace").ended().stderr, "");
    let ended = tenant.peggy(&home).env("LATCHKEY_LOG", "loud").argument("--json").ended();
    assert!(ended.stderr.contains("LATCHKEY_LOG takes"), "{ended:?}");
    ended.json();
}
