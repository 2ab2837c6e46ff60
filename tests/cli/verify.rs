//! `verify` and `userinfo` with tokens from standard input.

use latchkey_simulator::{AnswerFault, ClaimFault, Faults, IdTokenFault, KeySetFault, SignatureFault};
use serde_json::{Value, json};

use crate::harness::{Home, Run, Tenant};

struct Signed {
    id_token: String,
    access_token: String,
}

/// Signs in although the token is faulty, and takes the tokens as they came over the wire.
fn signed(tenant: &Tenant) -> Signed {
    use std::io::{Read as _, Write as _};
    let address = ("127.0.0.1", tenant.simulator.port());
    let body = format!(
        "grant_type=password&username=peggy.sue&password=demo-peggy&scope=openid+profile&client_id={}",
        tenant.client_id
    );
    let basic = latchkey_oidc::http::Authorization::Basic {
        client_id: tenant.client_id.clone(),
        client_secret: latchkey_oidc::Secret::from(tenant.client_secret.as_str()),
    };
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /oidc/2/token HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nauthorization: {}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        address.1,
        basic.header_value().expose(),
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let json = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
    let tokens: Value = serde_json::from_str(json).unwrap();
    let token = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
    Signed { id_token: token("id_token"), access_token: token("access_token") }
}

fn verify(home: &Home, tenant: &Tenant, stdin: &str) -> Run {
    home.latchkey(&["verify", "--issuer", &tenant.issuer, "--client-id", &tenant.client_id]).stdin(stdin)
}

fn failed(document: &Value) -> Vec<&str> {
    let findings = document["findings"].as_array().unwrap();
    let failed = findings.iter().filter(|finding| finding["status"] == "failed");
    failed.map(|finding| finding["check"].as_str().unwrap()).collect()
}

#[test]
fn a_good_token_is_verified_and_its_access_token_by_at_hash() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let Signed { id_token, access_token } = signed(&tenant);
    let (code, document) = verify(&home, &tenant, &id_token).document();
    assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{document:#}");
    assert_eq!(document["id_token"]["claims"]["sub"], "32916209");
    assert_eq!(document["tokens"]["id_token"]["expires_in"], 7200);

    let both = |access_token: &str| {
        verify(&home, &tenant, &format!(" {id_token} \r\n{access_token}\n")).argument("--access-token-stdin")
    };
    let ended = both(&access_token).ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.starts_with("Verified: a token for Peggy Sue · "), "{}", ended.stdout);
    assert!(!ended.all().contains(&id_token) && !ended.all().contains(&access_token));

    let (code, document) = both("another.access.token").document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_access_token_hash"]));
    let (code, document) = both("").document();
    assert_eq!((code, &document["error"]["kind"]), (2, &json!("invalid_input")));
}

#[test]
fn a_token_for_another_client_with_a_broken_signature_or_no_token_at_all_exits_with_1() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let good = signed(&tenant).id_token;
    let other = home.latchkey(&["verify", "--issuer", &tenant.issuer, "--client-id=another"]).stdin(&good);
    let (code, document) = other.document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_audience"]));
    assert_eq!(document["error"]["kind"], "rejected");

    let (code, document) = verify(&home, &tenant, "no token").document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_format"]));

    let faults = [
        ("id_token_signature", IdTokenFault::Signature(SignatureFault::Broken)),
        ("id_token_algorithm", IdTokenFault::Signature(SignatureFault::None("nOnE".into()))),
        ("id_token_expires", IdTokenFault::Claim(ClaimFault::Expired)),
    ];
    for (check, fault) in faults {
        tenant.simulator.set_faults(Faults { id_token: Some(fault), ..Faults::default() });
        let token = signed(&tenant).id_token;
        let (code, document) = verify(&home, &tenant, &token).document();
        assert_eq!(code, 1, "{document:#}");
        assert!(failed(&document).contains(&check), "{document:#}");
    }
}

#[test]
fn a_nonce_has_to_be_named_and_to_match() {
    let fault = IdTokenFault::Claim(ClaimFault::Nonce("n-0S6_WzA2Mj".into()));
    let tenant = Tenant::faulty(Faults { id_token: Some(fault), ..Faults::default() });
    let (home, token) = (Home::new(), signed(&tenant).id_token);
    let (code, document) = verify(&home, &tenant, &token).argument("--nonce=n-0S6_WzA2Mj").document();
    assert_eq!(code, 0, "{document:#}");
    let (code, document) = verify(&home, &tenant, &token).argument("--nonce=another").document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_nonce"]));
    let (code, document) = verify(&home, &tenant, &token).document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_nonce"]));
    assert!(document["error"]["remedy"].as_str().unwrap().contains("--nonce"), "{document:#}");
}

#[test]
fn hs256_is_verified_with_the_client_secret_of_the_environment() {
    let fault = IdTokenFault::Signature(SignatureFault::HmacWithClientSecret);
    let tenant = Tenant::faulty(Faults { id_token: Some(fault), ..Faults::default() });
    let (home, token) = (Home::new(), signed(&tenant).id_token);
    let (code, document) = verify(&home, &tenant, &token).secret(&tenant.client_secret).document();
    assert_eq!(code, 0, "{document:#}");
    let (code, document) =
        verify(&home, &tenant, &token).secret("another secret of at least 32 bytes").document();
    assert_eq!(code, 1, "{document:#}");
    let (code, document) = verify(&home, &tenant, &token).document();
    assert_eq!(code, 1, "{document:#}");
}

#[test]
fn without_keys_the_cause_is_the_key_set_and_not_the_token() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let token = signed(&tenant).id_token;
    tenant.simulator.set_faults(Faults { certs: Some(AnswerFault::CaptivePortal), ..Faults::default() });
    let (code, document) = verify(&home, &tenant, &token).document();
    assert_eq!((code, &document["error"]["kind"]), (3, &json!("not_json")), "{document:#}");
    assert_eq!(document["outcome"], "provider_error");

    tenant.simulator.set_faults(Faults { key_set: Some(KeySetFault::WithoutTheKey), ..Faults::default() });
    let (code, document) = verify(&home, &tenant, &token).document();
    assert_eq!((code, failed(&document)), (1, vec!["id_token_signature"]), "{document:#}");
}

#[test]
fn userinfo_takes_an_access_token_from_standard_input() {
    let (home, tenant) = (Home::new(), Tenant::start());
    tenant.save(&home, "Payroll");
    let Signed { access_token, .. } = signed(&tenant);
    let userinfo = |token: &str| {
        home.latchkey(&["userinfo", "--connection=payroll", "--access-token-stdin"]).stdin(token)
    };
    let (code, document) = userinfo(&access_token).document();
    assert_eq!((code, &document["userinfo"]["name"]), (0, &json!("Peggy Sue")), "{document:#}");
    let ended = userinfo(&access_token).ended();
    assert!(ended.stdout.starts_with("UserInfo of Peggy Sue"), "{ended:?}");
    assert!(!ended.all().contains(&access_token));

    let (code, document) = userinfo("not-a-token").document();
    assert_eq!((code, &document["error"]["code"]), (3, &json!("invalid_token")), "{document:#}");
    assert_eq!(document["error"]["http_status"], 401);
    let (code, document) = userinfo("").document();
    assert_eq!((code, &document["error"]["kind"]), (2, &json!("invalid_input")));
    let (code, _) = userinfo("two words").document();
    assert_ne!(code, 0);
}
