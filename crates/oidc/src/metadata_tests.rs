use serde_json::json;

use super::*;
use crate::finding::any_failed;
use crate::support::{ISSUER, answer, find, json_answer, with_status};

fn issuer() -> Issuer {
    Issuer::parse(ISSUER).unwrap()
}

fn parsed(members: Value) -> Result<(ProviderMetadata, Vec<Finding>), Problem> {
    let mut document = json!({ "issuer": ISSUER });
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    parse(&json_answer(200, &document.to_string()), &issuer())
}

/// As a live tenant answered in November 2022, shortened to what matters here.
fn live() -> Value {
    json!({
        "acr_values_supported": ["onelogin:nist:level:1:re-auth"],
        "authorization_endpoint": "https://acme.onelogin.com/oidc/2/auth",
        "claims_parameter_supported": true,
        "claims_supported": ["sub", "email", "groups"],
        "code_challenge_methods_supported": ["S256"],
        "end_session_endpoint": "https://acme.onelogin.com/oidc/2/logout",
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "client_credentials", "password"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "introspection_endpoint": "https://acme.onelogin.com/oidc/2/token/introspection",
        "jwks_uri": "https://acme.onelogin.com/oidc/2/certs",
        "response_modes_supported": ["form_post", "fragment", "query"],
        "response_types_supported": ["code", "id_token token", "id_token"],
        "revocation_endpoint": "https://acme.onelogin.com/oidc/2/token/revocation",
        "scopes_supported": ["openid", "name", "profile", "groups", "email", "params", "phone"],
        "subject_types_supported": ["public"],
        "token_endpoint": "https://acme.onelogin.com/oidc/2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "userinfo_endpoint": "https://acme.onelogin.com/oidc/2/me",
        "x_unknown": { "kept": [1, 2] },
    })
}

#[test]
fn a_live_document_is_read_whole_and_unknown_members_are_kept() {
    let (metadata, findings) = parsed(live()).unwrap();
    assert!(findings.iter().all(|finding| finding.status == Status::Passed), "{findings:#?}");
    assert_eq!(metadata.endpoints().count(), 7);
    assert_eq!(metadata.raw["x_unknown"], json!({ "kept": [1, 2] }));
    assert_eq!(metadata.raw.keys().next().map(String::as_str), Some("issuer"));
    assert_eq!(metadata.auth_methods(), [AuthMethod::Basic, AuthMethod::Post, AuthMethod::None]);
    assert_eq!(metadata.offers_grant(Grant::Password), Some(true));
    assert_eq!(metadata.scopes_supported.unwrap().len(), 7);
}

#[test]
fn what_is_not_said_is_not_made_up() {
    let (metadata, findings) = parsed(json!({})).unwrap();
    assert_eq!(metadata.offers_grant(Grant::Password), None);
    // OIDC Discovery §3: without the member, Basic.
    assert_eq!(metadata.auth_methods(), [AuthMethod::Basic]);
    assert_eq!(with_status(&findings, Status::Warning), [Check::MetadataRequired]);
    assert!(!any_failed(&findings));
    for endpoint in [Endpoint::Token, Endpoint::Userinfo, Endpoint::Jwks, Endpoint::Revocation] {
        let problem = metadata.endpoint_for_secrets(&issuer(), endpoint, &[]).unwrap_err();
        assert_eq!((problem.kind, problem.endpoint), (ProblemKind::MissingMetadata, Some(endpoint)));
    }
    let (metadata, _) = parsed(json!({
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "CLIENT_SECRET_BASIC"],
    }))
    .unwrap();
    assert_eq!(metadata.offers_grant(Grant::Password), Some(false));
    assert_eq!(metadata.auth_methods(), []);
}

#[test]
fn members_of_the_wrong_shape_are_named() {
    for (name, value) in [
        ("issuer", json!(null)),
        ("issuer", json!([ISSUER])),
        ("token_endpoint", json!(null)),
        ("token_endpoint", json!("")),
        ("token_endpoint", json!("/oidc/2/token")),
        ("token_endpoint", json!("acme.onelogin.com/token")),
        ("token_endpoint", json!("https://")),
        ("jwks_uri", json!({})),
        ("jwks_uri", json!(["https://acme.onelogin.com/certs"])),
        ("userinfo_endpoint", json!(7)),
        ("scopes_supported", json!("openid profile")),
        ("scopes_supported", json!(["openid", 1])),
        ("grant_types_supported", json!({ "password": true })),
        ("token_endpoint_auth_methods_supported", json!(null)),
        ("id_token_signing_alg_values_supported", json!([["RS256"]])),
        ("code_challenge_methods_supported", json!("S256")),
    ] {
        let problem = parsed(json!({ name: value })).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Malformed, "{name}");
        assert!(problem.explanation.contains(name), "{}", problem.explanation);
    }
    let problem = parse(&json_answer(200, "{}"), &issuer()).unwrap_err();
    assert!(problem.explanation.contains("issuer") && problem.explanation.contains("nothing"));
}

#[test]
fn unsigned_tokens_on_offer_are_a_warning() {
    for (algorithms, status) in [
        (json!(["RS256"]), Status::Passed),
        (json!(["HS256", "RS256", "PS256"]), Status::Passed),
        (json!(["RS256", "none"]), Status::Warning),
        (json!(["ES256"]), Status::Warning),
        (json!([]), Status::Warning),
    ] {
        let (_, findings) = parsed(json!({ "id_token_signing_alg_values_supported": algorithms })).unwrap();
        find(&findings, Check::MetadataAlgorithms, status);
    }
}

#[test]
fn a_retired_generation_is_said() {
    let retired = "https://openid-connect.onelogin.com/oidc";
    let body = json!({ "issuer": retired }).to_string();
    let (_, findings) = parse(&json_answer(200, &body), &Issuer::parse(retired).unwrap()).unwrap();
    let finding = find(&findings, Check::IssuerRetired, Status::Warning);
    assert!(finding.remedy.unwrap().contains("/oidc/2"));
}

#[test]
fn an_issuer_that_differs_is_offered_only_where_it_could_be_one() {
    for (received, offered) in [
        ("https://acme.onelogin.com/oidc", true),
        ("https://acme.onelogin.com/oidc/2 ", false),
        ("http://acme.onelogin.com/oidc/2", false),
        ("https://acme.onelogin.com/oidc/2?x", false),
        ("", false),
        ("acme", false),
    ] {
        let body = json!({ "issuer": received }).to_string();
        let problem = parse(&json_answer(200, &body), &issuer()).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::IssuerMismatch);
        assert_eq!(problem.fix.is_some(), offered, "{received}");
    }
}

#[test]
fn no_metadata_has_a_remedy_for_each_issuer() {
    for (issuer, remedy) in [
        (ISSUER, "subdomain"),
        ("https://openid-connect.onelogin.com/oidc", "SUBDOMAIN"),
        ("https://accounts.example", "path"),
    ] {
        for status in [404, 410] {
            let answer = answer(status, "text/html", "<h1>Not found</h1>");
            let problem = parse(&answer, &Issuer::parse(issuer).unwrap()).unwrap_err();
            assert_eq!((problem.kind, problem.http_status), (ProblemKind::HttpStatus, Some(status)));
            assert!(problem.remedy.contains(remedy), "{}", problem.remedy);
        }
    }
    let portal = answer(200, "text/html", "<html>Wi-Fi of the hotel</html>");
    let problem = parse(&portal, &issuer()).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotJson);
    assert!(problem.remedy.contains("captive portal"));
}

#[test]
fn every_grant_has_the_name_of_the_specification() {
    let names =
        [Grant::Password, Grant::RefreshToken, Grant::AuthorizationCode, Grant::Implicit].map(grant_type);
    assert_eq!(names, ["password", "refresh_token", "authorization_code", "implicit"]);
}
