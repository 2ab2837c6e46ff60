//! How a run ends, and the exit code that says so.

use latchkey_simulator::{
    AnswerFault, ClaimFault, ClientRole, Faults, IdTokenFault, MetadataFault, Options, ShapeFault,
    SignatureFault, TokenFault, UserInfoFault, users,
};
use serde_json::json;

use crate::harness::{Home, Tenant};

#[test]
fn a_good_sign_in_exits_with_0_for_each_authentication_method() {
    let (home, tenant) = (Home::new(), Tenant::start());
    for (role, method) in
        [(ClientRole::Basic, "basic"), (ClientRole::Post, "post"), (ClientRole::Public, "none")]
    {
        let client = tenant.simulator.client(role).unwrap();
        let run = home
            .latchkey(&["sign-in", "password", "--issuer", &tenant.issuer, "--client-id", &client.client_id])
            .argument("--auth-method")
            .argument(method)
            .argument("--username=peggy.sue")
            .argument("--password-stdin")
            .env("LATCHKEY_CLIENT_SECRET", client.client_secret.as_deref().unwrap_or_default())
            .stdin("demo-peggy\n");
        let (code, document) = run.document();
        assert_eq!((code, &document["outcome"]), (0, &json!("signed_in")), "{method}: {document:#}");
        assert_eq!(document["userinfo"]["sub"], "32916209");
        assert_eq!(document["error"], json!(null));
    }
}

#[test]
fn each_documented_failure_exits_with_3_and_names_its_remedy() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let failing: Vec<_> =
        users().into_iter().filter_map(|user| Some((user.outcome.error_description()?, user))).collect();
    assert_eq!(failing.len(), 7);
    for (description, user) in failing {
        let (code, document) = tenant.sign_in(&home, &user.username, &user.password).document();
        let error = &document["error"];
        assert_eq!((code, &document["outcome"]), (3, &json!("provider_error")), "{document:#}");
        assert_eq!(error["kind"], "oauth_error");
        assert_eq!((&error["code"], &error["description"]), (&json!("invalid_request"), &json!(description)));
        assert_eq!(error["http_status"], 401);
        assert_eq!(document["id_token"], json!(null));

        let ended = tenant.sign_in(&home, &user.username, &user.password).ended();
        let (explanation, remedy) =
            (error["explanation"].as_str().unwrap(), error["remedy"].as_str().unwrap());
        assert_eq!(ended.code, 3);
        for text in ["Refused by the provider", explanation, remedy, description] {
            assert!(!text.is_empty() && ended.stdout.contains(text), "{description}: {text}: {ended:?}");
        }
    }
    assert_eq!(tenant.simulator.requests().userinfo, 0);
}

#[test]
fn a_wrong_client_a_wrong_secret_and_a_wrong_method_exit_with_3() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let cases = [
        ("no-such-client", tenant.client_secret.as_str(), "basic"),
        (&tenant.client_id, "not the secret", "basic"),
        (&tenant.client_id, &tenant.client_secret, "post"),
    ];
    for (client_id, secret, method) in cases {
        let (code, document) = home
            .latchkey(&["sign-in", "password", "--issuer", &tenant.issuer, "--client-id", client_id])
            .argument("--auth-method")
            .argument(method)
            .argument("--username=peggy.sue")
            .argument("--password-stdin")
            .secret(secret)
            .stdin("demo-peggy")
            .document();
        assert_eq!((code, &document["error"]["kind"]), (3, &json!("oauth_error")), "{document:#}");
        assert!(!document["error"]["remedy"].as_str().unwrap().is_empty());
    }
    let ended = tenant.peggy(&home).argument("--auth-method=post").ended();
    assert!(ended.stdout.contains("Here: --auth-method basic"), "{ended:?}");
}

#[test]
fn each_rejected_token_exits_with_1_and_nothing_is_sent_after_it() {
    let claim = |fault| IdTokenFault::Claim(fault);
    let home = Home::new();
    let cases: [(&str, IdTokenFault); 14] = [
        ("id_token_issuer", claim(ClaimFault::WrongIssuer)),
        ("id_token_audience", claim(ClaimFault::WrongAudience)),
        ("id_token_audience", claim(ClaimFault::Remove("aud".into()))),
        ("id_token_subject", claim(ClaimFault::Remove("sub".into()))),
        ("id_token_expires", claim(ClaimFault::Expired)),
        ("id_token_issued_at", claim(ClaimFault::IssuedAhead)),
        ("id_token_not_before", claim(ClaimFault::NotYetValid)),
        ("id_token_nonce", claim(ClaimFault::Nonce("never sent".into()))),
        ("id_token_access_token_hash", claim(ClaimFault::WrongAtHash)),
        ("id_token_signature", IdTokenFault::Signature(SignatureFault::Broken)),
        ("id_token_algorithm", IdTokenFault::Signature(SignatureFault::None("none".into()))),
        ("id_token_signature", IdTokenFault::Signature(SignatureFault::OtherKey)),
        ("id_token_format", IdTokenFault::Shape(ShapeFault::FourParts)),
        ("id_token_format", IdTokenFault::Shape(ShapeFault::Padded)),
    ];
    let tenant = Tenant::start();
    for (check, fault) in cases {
        tenant.simulator.set_faults(Faults { id_token: Some(fault.clone()), ..Faults::default() });
        let (code, document) = tenant.peggy(&home).document();
        assert_eq!((code, &document["outcome"]), (1, &json!("rejected")), "{fault:?}: {document:#}");
        assert_eq!(document["error"]["kind"], "rejected");
        let failed: Vec<_> = document["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["status"] == "failed")
            .map(|finding| finding["check"].as_str().unwrap())
            .collect();
        assert!(failed.contains(&check), "{fault:?}: {failed:?}");
        assert_eq!(document["userinfo"], json!(null));
    }
    assert_eq!(tenant.simulator.requests().userinfo, 0);
}

#[test]
fn userinfo_of_another_person_exits_with_1_and_is_not_shown() {
    let tenant =
        Tenant::faulty(Faults { userinfo_claims: Some(UserInfoFault::WrongSubject), ..Faults::default() });
    let (code, document) = tenant.peggy(&Home::new()).document();
    assert_eq!((code, &document["outcome"]), (1, &json!("rejected")));
    assert_eq!(document["userinfo"], json!(null));
}

#[test]
fn metadata_of_another_issuer_exit_with_1_before_any_secret_is_sent() {
    let fault = MetadataFault::Issuer("https://another.example/oidc/2".into());
    let tenant = Tenant::faulty(Faults { metadata: Some(fault), ..Faults::default() });
    let home = Home::new();
    let (code, document) = tenant.peggy(&home).document();
    assert_eq!((code, &document["outcome"]), (1, &json!("rejected")), "{document:#}");
    let (code, document) = home.latchkey(&["provider", "--issuer", &tenant.issuer]).document();
    assert_eq!((code, &document["outcome"]), (1, &json!("rejected")), "{document:#}");
    assert_eq!(tenant.simulator.requests().token, 0);
}

#[test]
fn h15_an_endpoint_elsewhere_waits_for_confirmation() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let host = format!("localhost:{}", tenant.simulator.port());
    let endpoint = json!(format!("http://{host}/oidc/2/token"));
    tenant.simulator.set_faults(Faults {
        metadata: Some(MetadataFault::Set("token_endpoint".into(), endpoint)),
        ..Faults::default()
    });
    let (code, document) = tenant.peggy(&home).document();
    assert_eq!((code, &document["error"]["kind"]), (1, &json!("unconfirmed_host")), "{document:#}");
    assert!(document["error"]["remedy"].as_str().unwrap().ends_with(&format!("Here: --confirm-host {host}")));
    assert_eq!(tenant.simulator.requests().token, 0);
    let (code, document) = tenant.peggy(&home).argument("--confirm-host").argument(&host).document();
    assert_eq!(code, 0, "{document:#}");
}

#[test]
fn what_is_no_answer_of_a_provider_exits_with_3() {
    let home = Home::new();
    let replace = |status, headers: &[(&str, &str)]| AnswerFault::Replace {
        status,
        content_type: Some("application/json".into()),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: "{}".into(),
    };
    let redirect = AnswerFault::Redirect { status: 302, location: "https://evil.example/".into() };
    let cases = [
        ("not_json", Faults { discovery: Some(AnswerFault::CaptivePortal), ..Faults::default() }),
        ("not_json", Faults { token: Some(AnswerFault::Empty), ..Faults::default() }),
        ("redirect", Faults { token: Some(redirect), ..Faults::default() }),
        ("rate_limited", Faults { token: Some(replace(429, &[("retry-after", "30")])), ..Faults::default() }),
        ("http_status", Faults { discovery: Some(replace(500, &[])), ..Faults::default() }),
        (
            "malformed",
            Faults { token_answer: Some(TokenFault::Remove("access_token".into())), ..Faults::default() },
        ),
        (
            "missing_metadata",
            Faults { metadata: Some(MetadataFault::Remove("token_endpoint".into())), ..Faults::default() },
        ),
    ];
    for (kind, faults) in cases {
        let (code, document) = Tenant::faulty(faults).peggy(&home).document();
        assert_eq!(document["error"]["kind"], kind, "{document:#}");
        assert_eq!((code, &document["outcome"]), (3, &json!("provider_error")), "{document:#}");
        assert!(!document["error"]["remedy"].as_str().unwrap().is_empty());
    }
}

#[test]
fn without_an_id_token_the_sign_in_completes_and_says_that_nothing_was_verified() {
    let (home, tenant) = (Home::new(), Tenant::start());
    let client = tenant.simulator.client(ClientRole::Documented).unwrap();
    let issuer = tenant.simulator.issuer(latchkey_simulator::Generation::V1);
    let run = || {
        home.latchkey(&["sign-in", "password", "--issuer", &issuer, "--client-id", &client.client_id])
            .argument("--username=peggy.sue")
            .argument("--password-stdin")
            .secret(client.client_secret.as_deref().unwrap())
            .stdin("demo-peggy\n")
    };
    let (code, document) = run().document();
    assert_eq!((code, &document["id_token"]), (0, &json!(null)), "{document:#}");
    let ended = run().ended();
    assert!(ended.stdout.starts_with("Signed in as Peggy Sue"), "{ended:?}");
    assert!(ended.stdout.contains("nothing could be verified"), "{ended:?}");
}

#[test]
fn one_generation_is_served_when_only_one_is_asked_for() {
    let options = Options { generation: Some(latchkey_simulator::Generation::V1), ..Options::default() };
    let (code, document) = Tenant::with(options).peggy(&Home::new()).document();
    assert_eq!((code, &document["error"]["http_status"]), (3, &json!(404)), "{document:#}");
}
