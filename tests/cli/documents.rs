//! The one document of `--json`: its members, their order, and nothing beside it.

use latchkey_oidc::Secret;
use serde_json::{Value, json};

use crate::harness::{Home, Tenant, members, steers};

const RUN: [&str; 7] = ["outcome", "findings", "id_token", "userinfo", "tokens", "error", "exchanges"];
const FINDING: [&str; 6] = ["check", "status", "expected", "received", "reference", "remedy"];
const ERROR: [&str; 6] = ["kind", "code", "description", "http_status", "explanation", "remedy"];
const EXCHANGE: [&str; 5] = ["name", "method", "url", "status", "ms"];
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

#[test]
fn the_document_of_a_sign_in_has_exactly_the_members_of_the_contract() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let ended =
        tenant.peggy(&home).argument("--scope=openid profile offline_access").argument("--json").ended();
    let document = ended.json();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert_eq!(members(&document), RUN);
    assert_eq!(document["outcome"], "signed_in");
    for finding in document["findings"].as_array().unwrap() {
        assert_eq!(members(finding), FINDING);
        assert!(["passed", "failed", "warning", "not_due"].contains(&finding["status"].as_str().unwrap()));
    }
    assert_eq!(members(&document["id_token"]), ["header", "claims"]);
    assert_eq!(document["id_token"]["header"]["alg"], "RS256");
    assert_eq!(document["id_token"]["claims"]["sub"], "32916209");
    assert_eq!(document["userinfo"]["name"], "Peggy Sue");
    assert_eq!(members(&document["tokens"]), TOKENS);
    for name in TOKENS {
        assert_eq!(members(&document["tokens"][name]), ["fingerprint", "expires_in"]);
        assert!(document["tokens"][name]["fingerprint"].as_str().unwrap().starts_with("sha256:"));
    }
    assert_eq!(document["tokens"]["access_token"]["expires_in"], 3600);
    assert_eq!(document["error"], json!(null));
    let exchanges = document["exchanges"].as_array().unwrap();
    let names: Vec<&Value> = exchanges.iter().map(|exchange| &exchange["name"]).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for exchange in exchanges {
        assert_eq!(members(exchange), EXCHANGE);
        assert_eq!(exchange["status"], 200);
        assert!(exchange["ms"].is_number() && exchange["url"].as_str().unwrap().starts_with(&tenant.issuer));
    }
    for name in ["discovery", "jwks", "token", "userinfo"] {
        assert!(names.iter().any(|found| *found == name), "{names:?}");
    }
}

#[test]
fn the_error_of_a_document_has_exactly_the_members_of_the_contract() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let (_, document) = tenant.sign_in(&home, "peggy.sue", "wrong").document();
    assert_eq!(members(&document), RUN);
    assert_eq!(members(&document["error"]), ERROR);
    assert_eq!(document["tokens"], json!({"access_token": null, "refresh_token": null, "id_token": null}));
}

#[test]
fn token_values_are_there_only_when_asked_for() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let run = || tenant.peggy(&home).argument("--scope=openid offline_access");
    for ended in [run().ended(), run().argument("--json").ended()] {
        assert!(!ended.all().contains("eyJ"), "{ended:?}");
    }
    let (_, document) = run().argument("--show-tokens").document();
    for name in TOKENS {
        let token = &document["tokens"][name];
        assert_eq!(members(token), ["fingerprint", "expires_in", "value"]);
        let value = Secret::from(token["value"].as_str().unwrap());
        assert_eq!(token["fingerprint"], value.fingerprint());
    }
    let ended = run().argument("--show-tokens").ended();
    assert_eq!(
        ended.stdout.matches("eyJ").count(),
        4,
        "two JWTs, each with header and claims: {}",
        ended.stdout
    );
}

#[test]
fn the_document_of_a_provider_has_metadata_findings_and_keys() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let (code, document) = home.latchkey(&["provider", "--issuer", &tenant.issuer]).document();
    assert_eq!(code, 0, "{document:#}");
    assert_eq!(
        members(&document),
        ["outcome", "issuer", "metadata", "findings", "keys", "error", "exchanges"]
    );
    assert_eq!(document["issuer"], tenant.issuer);
    assert_eq!(document["metadata"]["token_endpoint"], format!("{}/token", tenant.issuer));
    assert_eq!(document["keys"][0]["kty"], "RSA");
    assert_eq!(document["keys"][0]["bits"], 2048);
    assert_eq!(document["exchanges"].as_array().unwrap().len(), 2);

    let (code, document) = home.latchkey(&["provider", "--issuer", "nonsense"]).document();
    assert_eq!((code, &document["error"]["kind"]), (2, &json!("invalid_issuer")));
    assert_eq!(document["metadata"], json!(null));
}

#[test]
fn h21_hostile_claims_are_escaped_in_the_document_and_read_back_as_they_were() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let hostile = latchkey_simulator::users()
        .into_iter()
        .find(|user| user.role == latchkey_simulator::UserRole::Hostile)
        .unwrap();
    assert!(steers(&hostile.profile.name), "the simulator's hostile person is not hostile");
    let run = || {
        tenant.sign_in(&home, &hostile.username, &hostile.password).argument("--scope=openid profile groups")
    };
    let ended = run().argument("--json").ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(!steers(&ended.stdout), "{}", ended.stdout);
    assert_eq!(ended.json()["userinfo"]["name"], hostile.profile.name);
    let ended = run().ended();
    assert!(!steers(&ended.stdout) && !steers(&ended.stderr), "{}", ended.stdout);
}

#[test]
fn h27_five_thousand_groups_and_200_kb_of_claims_come_whole() {
    let (home, tenant) = (Home::new(), Tenant::start());
    for role in [latchkey_simulator::UserRole::ManyGroups, latchkey_simulator::UserRole::ManyClaims] {
        let user = tenant.simulator.user(role).unwrap();
        let run = || {
            tenant.sign_in(&home, &user.username, &user.password).argument("--scope=openid profile groups")
        };
        let (code, document) = run().document();
        assert_eq!(code, 0);
        if role == latchkey_simulator::UserRole::ManyGroups {
            assert_eq!(document["userinfo"]["groups"].as_array().unwrap().len(), 5000);
        }
        let ended = run().ended();
        assert!(ended.stdout.len() < 200_000, "{role:?}: {} bytes", ended.stdout.len());
    }
}

#[test]
fn a_reader_who_stops_reading_is_no_fault() {
    use std::io::Read as _;
    let (home, tenant) = (Home::new(), Tenant::start());
    let mut command = home.latchkey(&["provider", "--issuer", &tenant.issuer, "--json"]).command;
    let mut child = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}
