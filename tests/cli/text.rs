//! The text for people, where standard output is no terminal.

use latchkey_simulator::{ClaimFault, Faults, IdTokenFault};

use crate::harness::{Home, Tenant, steers};

#[test]
fn the_verdict_comes_first_and_then_every_check() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended = tenant.peggy(&home).ended();
    let first = ended.stdout.lines().next().unwrap();
    let count =
        first.strip_prefix("Signed in as Peggy Sue · ").unwrap().strip_suffix(" checks passed").unwrap();
    let (passed, due) = count.split_once(" of ").unwrap();
    assert_eq!(passed, due, "{first}");
    assert!(passed.parse::<u32>().unwrap() > 12, "{first}");
    for text in [
        "Check ",
        "Expected ",
        "Received ",
        "Result",
        "ID token: signature",
        "RS256, key ",
        "UserInfo",
        "Exchanges",
    ] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    assert_eq!(ended.stderr, "");
}

#[test]
fn what_failed_stands_before_what_passed() {
    let fault = IdTokenFault::Claim(ClaimFault::WrongAudience);
    let tenant = Tenant::faulty(Faults { id_token: Some(fault), ..Faults::default() });
    let ended = tenant.peggy(&Home::new()).ended();
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.starts_with("Rejected · "), "{}", ended.stdout);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let head = lines.iter().position(|line| line.trim_start().starts_with("Check ")).unwrap();
    assert!(
        lines[head + 1].contains("ID token: audience") && lines[head + 1].ends_with("failed"),
        "{lines:#?}"
    );
    assert!(lines[head + 2].trim_start().starts_with("→ "), "{lines:#?}");
    assert!(ended.stdout.contains("which are not to be trusted"), "{}", ended.stdout);
}

#[test]
fn piped_text_has_no_colours_and_no_progress() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended = tenant.peggy(&home).env("TERM", "xterm-256color").env("CLICOLOR_FORCE", "1").ended();
    assert!(!steers(&ended.stdout), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_scope_that_brought_nothing_is_said_with_its_setting() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended = tenant
        .sign_in(&home, "nadia.nogroups", "demo-nadia")
        .argument("--scope=openid profile groups")
        .ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("No groups came back"), "{}", ended.stdout);
}

#[test]
fn a_provider_is_explained_entry_by_entry() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended = home.latchkey(&["provider", "--issuer", &tenant.issuer]).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.starts_with(&format!("Ready: {} · ", tenant.issuer)), "{}", ended.stdout);
    for text in [
        "token_endpoint",
        "Where the client proves who it is",
        "id_token_signing_alg_values_supported",
        "HS256, RS256, PS256",
        "RSA 2048",
        "usable",
    ] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
}
