//! The discovery document explained: every member that live providers publish, in our own words.

// A case that cannot be set up is a failed one.
#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

use std::collections::HashSet;

use latchkey_oidc::explain::{MetadataEntry, entries, explanation, meanings};
use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::metadata::{ProviderMetadata, parse};
use latchkey_oidc::{Check, Finding, Status};
use serde_json::{Value, json};

fn metadata(document: &Value) -> (ProviderMetadata, Vec<Finding>) {
    let issuer = Issuer::parse(document["issuer"].as_str().unwrap()).unwrap();
    let answer = HttpAnswer {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: serde_json::to_vec(document).unwrap(),
        received_at: 0,
    };
    parse(&answer, &issuer).unwrap()
}

fn v2() -> Value {
    let base = "https://common.onelogin.com/oidc/2";
    json!({
        "acr_values_supported": ["onelogin:nist:level:1:re-auth"],
        "authorization_endpoint": format!("{base}/auth"),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "claims_supported": ["sub", "email", "groups", "params"],
        "code_challenge_methods_supported": ["S256"],
        "end_session_endpoint": format!("{base}/logout"),
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "client_credentials", "password"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "introspection_endpoint": format!("{base}/token/introspection"),
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "issuer": base,
        "jwks_uri": format!("{base}/certs"),
        "registration_endpoint": format!("{base}/register"),
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": ["code", "id_token token", "id_token"],
        "revocation_endpoint": format!("{base}/token/revocation"),
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": ["openid", "name", "profile", "groups", "email", "params", "phone"],
        "subject_types_supported": ["public"],
        "token_endpoint": format!("{base}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "userinfo_endpoint": format!("{base}/me"),
        "userinfo_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
    })
}

fn entry<'a>(entries: &'a [MetadataEntry], name: &str) -> &'a MetadataEntry {
    entries.iter().find(|entry| entry.name == name).unwrap_or_else(|| panic!("{name} is there"))
}

#[test]
fn every_member_of_onelogins_document_is_explained_in_document_order() {
    let document = v2();
    let (metadata, findings) = metadata(&document);
    let entries = entries(&metadata, &findings);
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let expected: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, expected);
    for entry in &entries {
        assert!(entry.explanation.is_some(), "{} is explained", entry.name);
        assert_eq!(entry.value, document[&entry.name]);
    }
}

#[test]
fn what_onelogins_page_adds_is_said_at_onelogin_and_nowhere_else() {
    let cases = [
        ("acr_values_supported", "sign in again"),
        ("acr_values_supported", "comes back in acr"),
        ("jwks_uri", "every quarter"),
        ("jwks_uri", "rather than keep a copy"),
        ("claims_supported", "custom attributes come inside params"),
        ("scopes_supported", "offline_access"),
    ];
    for (name, words) in cases {
        assert!(explanation(name, true).unwrap().contains(words), "{name}");
        assert!(!explanation(name, false).unwrap().contains(words), "{name}");
    }
    for meaning in meanings() {
        assert!(!meaning.text.contains("OneLogin"), "{}", meaning.name);
    }
}

#[test]
fn a_tenant_on_this_computer_or_behind_a_custom_address_is_known_by_its_acr() {
    let mut document = v2();
    document["issuer"] = json!("https://login.acme.example/sso");
    let (metadata, _) = metadata(&document);
    let entries = entries(&metadata, &[]);
    assert!(entry(&entries, "jwks_uri").explanation.as_deref().unwrap().contains("every quarter"));
}

#[test]
fn meanings_are_distinct_sentences_with_a_reference() {
    let mut names = HashSet::new();
    for meaning in meanings() {
        assert!(names.insert(meaning.name), "{} twice", meaning.name);
        assert!(!meaning.reference.is_empty());
        for words in [Some(meaning.text), meaning.onelogin].into_iter().flatten() {
            assert!(
                words.ends_with('.') && !words.contains("  ") && !words.contains('!'),
                "{}",
                meaning.name
            );
        }
    }
    let others = [
        "check_session_iframe",
        "frontchannel_logout_supported",
        "backchannel_logout_session_supported",
        "authorization_response_iss_parameter_supported",
        "pushed_authorization_request_endpoint",
        "dpop_signing_alg_values_supported",
        "device_authorization_endpoint",
        "mtls_endpoint_aliases",
        "backchannel_authentication_endpoint",
        "signed_metadata",
        "op_tos_uri",
    ];
    for name in others {
        assert!(names.contains(name), "{name}");
    }
}

#[test]
fn unknown_members_are_kept_unexplained_and_hostile_names_made_visible() {
    let mut document = v2();
    document["x_made_up"] = json!({"a": [1]});
    document["\u{202e}issuer"] = json!("<script>");
    let (metadata, findings) = metadata(&document);
    let entries = entries(&metadata, &findings);
    assert_eq!(entry(&entries, "x_made_up").explanation, None);
    assert_eq!(entry(&entries, "x_made_up").value, json!({"a": [1]}));
    assert_eq!(entry(&entries, "\\u{202e}issuer").explanation, None);
}

#[test]
fn findings_stand_beside_the_member_they_are_about_the_worst_first() {
    let (metadata, found) = metadata(&v2());
    let entries_found = entries(&metadata, &found);
    let status = |name: &str| entry(&entries_found, name).finding.as_ref().map(|f| (f.check, f.status));
    assert_eq!(status("issuer"), Some((Check::MetadataIssuer, Status::Passed)));
    assert_eq!(status("token_endpoint"), Some((Check::MetadataEndpoints, Status::Passed)));
    assert_eq!(
        status("id_token_signing_alg_values_supported"),
        Some((Check::MetadataAlgorithms, Status::Passed))
    );
    assert_eq!(status("subject_types_supported"), None);

    let finding = |check, status, received: &'static str| Finding::new(check, status, "", received, "");
    let findings = [
        finding(Check::MetadataIssuer, Status::Passed, "same"),
        finding(Check::IssuerRetired, Status::Warning, "v1"),
        finding(Check::MetadataGrant, Status::Failed, ""),
        finding(Check::MetadataAuthMethod, Status::Warning, ""),
        finding(Check::MetadataScopes, Status::Passed, ""),
        finding(Check::MetadataPkce, Status::NotDue, ""),
        finding(Check::KeySet, Status::Passed, ""),
        finding(Check::KeyPrivate, Status::Failed, ""),
        finding(
            Check::MetadataEndpoints,
            Status::Warning,
            "token_endpoint at a.example, userinfo_endpoint at b.example",
        ),
    ];
    let entries = entries(&metadata, &findings);
    let status = |name: &str| entry(&entries, name).finding.as_ref().map(|f| (f.check, f.status));
    assert_eq!(status("issuer"), Some((Check::IssuerRetired, Status::Warning)));
    assert_eq!(status("grant_types_supported"), Some((Check::MetadataGrant, Status::Failed)));
    assert_eq!(
        status("token_endpoint_auth_methods_supported"),
        Some((Check::MetadataAuthMethod, Status::Warning))
    );
    assert_eq!(status("scopes_supported"), Some((Check::MetadataScopes, Status::Passed)));
    assert_eq!(status("code_challenge_methods_supported"), Some((Check::MetadataPkce, Status::NotDue)));
    assert_eq!(status("jwks_uri"), Some((Check::KeyPrivate, Status::Failed)));
    assert_eq!(status("token_endpoint"), Some((Check::MetadataEndpoints, Status::Warning)));
    assert_eq!(status("userinfo_endpoint"), Some((Check::MetadataEndpoints, Status::Warning)));
    assert_eq!(status("revocation_endpoint"), None);
}

#[test]
fn h27_a_megabyte_of_unknown_members_is_quick() {
    let mut document = v2();
    for n in 0..20_000 {
        document[format!("member_{n}")] = json!("forty characters of value, more or less");
    }
    let (metadata, findings) = metadata(&document);
    let begun = std::time::Instant::now();
    let entries = entries(&metadata, &findings);
    let taken = begun.elapsed();
    assert_eq!(entries.len(), 20_026);
    assert!(taken.as_millis() < 500, "{taken:?} even in a debug build");
}
