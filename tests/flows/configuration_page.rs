//! OneLogin's page “Provider Configuration”, sentence by sentence: the document, its explanation, the keys, and what
//! comes in its place where the issuer is wrong.

use latchkey_client::recorder::Recorder;
use latchkey_client::report::Outcome;
use latchkey_oidc::{Check, Finding, Fix, Problem, ProblemKind, Status, explain};
use latchkey_simulator::{AnswerFault, ClientRole, Faults, Generation, MetadataFault, UserRole};
use serde_json::{Value, json};
use support::flows::{Flow, SCOPES, assert_signed_in, problem};
use tokio_util::sync::CancellationToken;

async fn look_up(
    flow: &Flow,
    issuer: &str,
) -> Result<std::sync::Arc<latchkey_client::provider::Provider>, Problem> {
    flow.client.look_up(issuer, &Recorder::new(), &CancellationToken::new()).await
}

/// The document of the page, with another issuer in it.
fn page(issuer: &str) -> Value {
    json!({
        "acr_values_supported": ["onelogin:nist:level:1:re-auth"],
        "authorization_endpoint": format!("{issuer}/auth"),
        "claims_parameter_supported": true,
        "claims_supported": ["acr", "auth_time", "company", "custom_fields", "department", "email", "family_name",
            "given_name", "groups", "iss", "locale_code", "name", "phone_number", "preferred_username", "sub", "title",
            "updated_at"],
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "password"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/certs"),
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": ["code", "id_token token", "id_token"],
        "scopes_supported": ["openid", "name", "profile", "groups", "email", "phone"],
        "subject_types_supported": ["public"],
        "token_endpoint": format!("{issuer}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": format!("{issuer}/me"),
        "userinfo_signing_alg_values_supported": [],
        "code_challenge_methods_supported": ["plain", "S256"],
        "introspection_endpoint": format!("{issuer}/token/introspection"),
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint": format!("{issuer}/token/revocation"),
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claim_types_supported": ["normal"],
    })
}

#[tokio::test]
async fn the_sample_document_is_read_whole() {
    let flow = Flow::start().await;
    let issuer = flow.simulator.issuer(Generation::V1);
    let provider = look_up(&flow, &issuer).await.unwrap();
    assert_eq!(Value::Object(provider.metadata.raw.clone()), page(&issuer));
    let endpoints: Vec<(&str, String)> =
        provider.metadata.endpoints().map(|(name, url)| (name, url.to_string())).collect();
    assert_eq!(
        endpoints,
        [
            ("authorization_endpoint", "/auth"),
            ("token_endpoint", "/token"),
            ("userinfo_endpoint", "/me"),
            ("jwks_uri", "/certs"),
            ("introspection_endpoint", "/token/introspection"),
            ("revocation_endpoint", "/token/revocation"),
        ]
        .map(|(name, path)| (name, format!("{issuer}{path}")))
    );
    assert!(
        provider.findings.iter().all(|finding| finding.status == Status::Passed),
        "{:?}",
        provider.findings
    );
}

#[tokio::test]
async fn each_documented_element_is_explained() {
    let flow = Flow::start().await;
    for generation in [Generation::V1, Generation::V2] {
        let provider = look_up(&flow, &flow.simulator.issuer(generation)).await.unwrap();
        let entries = explain::entries(&provider.metadata, &provider.findings);
        for name in [
            "acr_values_supported",
            "authorization_endpoint",
            "claims_supported",
            "grant_types_supported",
            "id_token_signing_alg_values_supported",
            "issuer",
            "jwks_uri",
            "scopes_supported",
            "token_endpoint",
            "introspection_endpoint",
            "revocation_endpoint",
            "userinfo_endpoint",
        ] {
            let entry = entries.iter().find(|entry| entry.name == name).unwrap();
            let explanation = entry.explanation.as_ref();
            assert!(explanation.is_some_and(|text| text.len() > 20), "{name} is not explained");
        }
        assert_eq!(entries.len(), provider.metadata.raw.len(), "every member is shown");
    }
}

#[tokio::test]
async fn the_keys_are_at_jwks_uri_and_are_not_cached() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let provider = look_up(&flow, &connection.issuer).await.unwrap();
    assert!(provider.keys.is_some() && provider.keys_problem.is_none());
    assert_eq!(flow.requests().certs, 1);
    for number in 2..5 {
        assert_signed_in(flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await.as_ref());
        assert_eq!(flow.requests().certs, number, "the key set is fetched at each sign-in");
        // A rotation between two sign-ins is nothing that anybody notices.
        flow.simulator.rotate_keys().unwrap();
    }
    assert_eq!(flow.requests().discovery, 1);
}

#[tokio::test]
async fn an_issuer_without_a_document_says_where_it_looked_and_what_to_check() {
    let flow = Flow::start().await;
    let issuer = flow.simulator.issuer(Generation::V2).replace("/oidc/2", "/oidc/3");
    let problem = look_up(&flow, &issuer).await.unwrap_err();
    assert_eq!((problem.kind, problem.http_status), (ProblemKind::HttpStatus, Some(404)));
    assert!(problem.explanation.contains(&format!("{issuer}/.well-known/openid-configuration")));
    assert!(problem.remedy.contains("issuer"), "{}", problem.remedy);
}

#[tokio::test]
async fn what_is_no_document_is_told_apart() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let json_fault = AnswerFault::Json;
    for (fault, kind, said) in [
        (AnswerFault::CaptivePortal, ProblemKind::NotJson, "web page"),
        (AnswerFault::Empty, ProblemKind::NotJson, "empty body"),
        (AnswerFault::NoContent, ProblemKind::NotJson, "status 204"),
        (json_fault(latchkey_simulator::JsonFault::DuplicateMember), ProblemKind::Malformed, "twice"),
        (AnswerFault::Status(503), ProblemKind::HttpStatus, "503"),
    ] {
        flow.fault(Faults { discovery: Some(fault), ..Faults::default() });
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        let problem = problem(&report);
        assert_eq!(problem.kind, kind, "{problem:?}");
        assert!(problem.explanation.contains(said), "{}", problem.explanation);
        assert!(!problem.remedy.is_empty());
    }
    assert_eq!(flow.requests().token, 0, "a password went to what is no provider");
}

#[tokio::test]
async fn discovery_issuer_not_matching_config_shows_the_differing_character_and_can_be_mended() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    let right = connection.issuer.clone();
    // The most reported fault: a slash at the end.
    let draft = latchkey_client::input::ConnectionDraft {
        issuer: format!("{right}/"),
        ..flow.draft(Generation::V2, ClientRole::Post)
    };
    let slashed = flow.saved(draft).await;
    let report = flow.sign_in(&slashed, UserRole::PeggySue, SCOPES).await;
    assert_eq!(report.outcome, Outcome::Rejected);
    let problem = problem(&report);
    assert_eq!(problem.kind, ProblemKind::IssuerMismatch);
    assert!(problem.explanation.contains("the slash at the end is missing"), "{}", problem.explanation);
    assert_eq!(problem.fix, Some(Fix::UseIssuer { issuer: right.clone() }));
    assert_eq!(flow.requests().token, 0);

    let mended = flow.client.apply(&slashed.id, problem.fix.as_ref().unwrap()).await.unwrap();
    assert_eq!(mended.issuer, right);
    assert_signed_in(flow.sign_in(&mended, UserRole::PeggySue, SCOPES).await.as_ref());
}

#[tokio::test]
async fn discovery_issuer_not_matching_config_stops_before_anything_is_sent() {
    let flow = Flow::start().await;
    let connection = flow.v2().await;
    for other in
        ["https://common.onelogin.com/oidc/2".to_owned(), connection.issuer.replace("127.0.0.1", "localhost")]
    {
        flow.fault(Faults { metadata: Some(MetadataFault::Issuer(other.clone())), ..Faults::default() });
        let before = flow.requests();
        let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
        assert_eq!(report.outcome, Outcome::Rejected);
        let problem = problem(&report);
        assert!(problem.explanation.contains(&other), "{}", problem.explanation);
        assert!(problem.explanation.contains("differ from character"), "{}", problem.explanation);
        assert_eq!(flow.requests().total(), before.total() + 1, "only discovery was asked");
        flow.assert_nothing_kept(&connection).await;
    }
}

#[tokio::test]
async fn what_the_metadata_do_not_offer_is_a_warning_and_is_tried() {
    let flow = Flow::start().await;
    // v1's page offers no authentication without a secret, and public clients worked all the same.
    let connection = flow.connection(Generation::V1, ClientRole::Public).await;
    let report = flow.sign_in(&connection, UserRole::PeggySue, SCOPES).await;
    assert_signed_in(&report);
    let warned = |check| {
        let finding: &Finding = report.findings.iter().find(|finding| finding.check == check).unwrap();
        (finding.status, finding.received.clone())
    };
    assert_eq!(
        warned(Check::MetadataAuthMethod),
        (Status::Warning, "client_secret_basic, client_secret_post".into())
    );
    assert_eq!(warned(Check::MetadataGrant).0, Status::Passed);
}
