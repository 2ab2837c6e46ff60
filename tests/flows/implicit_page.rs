//! OneLogin's page “Implicit Flow”, sentence by sentence: the request and its success. Its errors are in
//! `implicit_errors`.

use latchkey_client::report::{Kept, Outcome};
use latchkey_client::sign_in::browser::BrowserRequest;
use latchkey_oidc::http::{Endpoint, HttpAnswer};
use latchkey_oidc::issuer::Issuer;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, ProblemKind, Status, metadata};
use latchkey_simulator::{
    AuthorizationFault, ClaimFault, ClientRole, Faults, Generation, IdTokenFault, UserRole,
};
use serde_json::{Value, json};
use support::flows::{
    Flow, assert_problem, assert_rejected, assert_signed_in, finding, problem, sent, status,
};

use crate::in_browser::{Browser, REDIRECT_URI, request, sign_in};

const BOTH: [Generation; 2] = [Generation::V1, Generation::V2];
const IMPLICIT: [ResponseType; 2] = [ResponseType::IdToken, ResponseType::IdTokenToken];
const RE_AUTH: &str = "onelogin:nist:level:1:re-auth";

/// “Set to id_token token”, with all that the page names as additional.
fn documented() -> BrowserRequest {
    request(ResponseType::IdTokenToken, "openid profile groups")
}

fn id_token(fault: ClaimFault) -> Faults {
    Faults { id_token: Some(IdTokenFault::Claim(fault)), ..Faults::default() }
}

#[test]
fn the_region_is_the_issuers_host_and_its_deprecation_is_said() {
    // “Set to the region of your OneLogin instance.” Both were removed with v1.
    for region in ["openid-connect", "openid-connect-eu"] {
        let issuer = Issuer::parse(&format!("https://{region}.onelogin.com/oidc")).unwrap();
        let url = |path: &str| format!("https://{region}.onelogin.com/oidc{path}");
        assert_eq!(issuer.discovery_url().as_str(), url("/.well-known/openid-configuration"));
        let document = json!({
            "issuer": issuer.as_str(),
            "authorization_endpoint": url("/auth"),
            "jwks_uri": url("/certs"),
            "response_types_supported": ["code", "id_token token", "id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let answer = HttpAnswer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: document.to_string().into_bytes(),
            received_at: 0,
        };
        let (metadata, findings) = metadata::parse(&answer, &issuer).unwrap();
        assert_eq!(metadata.authorization_endpoint.unwrap().as_str(), url("/auth"));
        let retired = findings.iter().find(|finding| finding.check == Check::IssuerRetired).unwrap();
        assert_eq!(retired.status, Status::Warning);
        // “There is a more recent version of this OpenId Connect API available.”
        assert!(retired.remedy.as_ref().unwrap().contains("onelogin.com/oidc/2"), "{retired:?}");
    }
    assert!(!Issuer::onelogin("acme").unwrap().is_retired());
}

#[tokio::test]
async fn the_resource_url_has_these_parameters_and_no_others() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        // https://<region>/auth?client_id=<client id>&redirect_uri=<redirect uri>&response_type=id_token&scope=openid
        let report = sign_in(&flow, &connection, request(ResponseType::IdToken, "openid"), &browser).await;
        assert_signed_in(&report);
        let seen = browser.last();
        assert_eq!(seen.endpoint, format!("{}/auth", flow.simulator.issuer(generation)));
        let names: Vec<&str> = seen.asked.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce"]);
        assert_eq!(seen.asked("client_id"), Some(connection.client_id.as_str()));
        assert_eq!(seen.asked("redirect_uri"), Some(REDIRECT_URI));
        assert_eq!(seen.asked("response_type"), Some("id_token"));
        assert_eq!(seen.asked("scope"), Some("openid"));

        // And with everything that is optional.
        let all = BrowserRequest {
            acr_values: vec![RE_AUTH.to_owned()],
            prompt: Some("login".to_owned()),
            login_hint: Some("peggy.sue".to_owned()),
            ..documented()
        };
        assert_signed_in(sign_in(&flow, &connection, all, &browser).await.as_ref());
        let seen = browser.last();
        assert_eq!(seen.asked("response_type"), Some("id_token token"));
        assert_eq!(seen.asked("scope"), Some("openid profile groups"));
        assert_eq!(seen.asked("acr_values"), Some(RE_AUTH));
        assert_eq!(seen.asked("prompt"), Some("login"));
        assert_eq!(seen.asked("login_hint"), Some("peggy.sue"));
        assert_eq!(seen.asked.len(), 9);
    }
}

#[tokio::test]
async fn a_302_goes_to_the_registered_redirect_uri_with_the_answer_in_the_fragment() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let report = sign_in(&flow, &connection, documented(), &browser).await;
        assert_signed_in(&report);
        // The page says “query parameters”; real answers have them in the fragment, as OIDC Core §3.2.2.5 asks.
        let (code, location) = browser.last().redirect.unwrap();
        let (uri, fragment) = location.split_once('#').unwrap();
        assert_eq!((code, uri), (302, REDIRECT_URI));
        let names: Vec<_> =
            url::form_urlencoded::parse(fragment.as_bytes()).map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["id_token", "access_token", "expires_in", "token_type", "state"]);
        assert_eq!(status(&report, Check::AuthorizationResponseMode), Status::Passed);
        // Nobody listens at the redirect URI, and the token endpoint has no part in it.
        assert!(!sent(&report).contains(&Endpoint::Token));
    }
}

#[tokio::test]
async fn a_form_posted_to_the_redirect_uri_is_as_good() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        for response_type in IMPLICIT {
            let posted = BrowserRequest {
                response_mode: Some(ResponseMode::FormPost),
                ..request(response_type, "openid")
            };
            let report = sign_in(&flow, &connection, posted, &browser).await;
            assert_signed_in(&report);
            assert_eq!(finding(&report, Check::AuthorizationResponseMode).expected, "form_post");
            assert!(browser.last().redirect.is_none(), "a page posts it");
        }
        let in_query =
            BrowserRequest { response_mode: Some(ResponseMode::Query), ..request(IMPLICIT[1], "openid") };
        let report = sign_in(&flow, &connection, in_query, &browser).await;
        assert_eq!(problem(&report).code.as_deref(), Some("invalid_request"), "tokens in a query");
    }
}

#[tokio::test]
async fn the_response_type_decides_whether_an_access_token_comes() {
    let flow = Flow::start().await;
    for generation in BOTH {
        for response_type in IMPLICIT {
            let connection = flow.connection(generation, ClientRole::Basic).await;
            let browser = Browser::of(&flow, UserRole::PeggySue);
            let report =
                sign_in(&flow, &connection, request(response_type, "openid profile"), &browser).await;
            assert_signed_in(&report);
            let with_access_token = response_type == ResponseType::IdTokenToken;
            assert_eq!(report.tokens.access_token.is_some(), with_access_token);
            assert_eq!(report.userinfo.is_some(), with_access_token);
            assert!(report.tokens.refresh_token.is_none(), "none in the implicit flow");
            assert_eq!(report.refresh_token_kept, Kept::None);
            if with_access_token {
                assert_eq!(report.tokens.access_token.as_ref().unwrap().expires_in, Some(3_600));
                assert_eq!(status(&report, Check::TokenType), Status::Passed);
                assert_eq!(status(&report, Check::UserInfoSubject), Status::Passed);
            }
            flow.client.remove(&connection.id).await.unwrap();
        }
    }
}

#[tokio::test]
async fn profile_and_groups_bring_more_in_the_id_token_and_in_userinfo() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::Sally);
        for (scopes, name, groups) in [
            ("openid", false, false),
            ("openid profile", true, false),
            ("openid groups", false, true),
            ("openid profile groups", true, true),
        ] {
            let report =
                sign_in(&flow, &connection, request(ResponseType::IdTokenToken, scopes), &browser).await;
            assert_signed_in(&report);
            let userinfo = report.userinfo.as_ref().unwrap();
            for claims in [&report.id_token.as_ref().unwrap().claims, userinfo] {
                assert_eq!(claims["sub"], json!("35666371"));
                assert_eq!(claims.get("given_name").is_some(), name, "{generation} {scopes}");
                assert_eq!(claims.get("groups").is_some(), groups, "{generation} {scopes}");
            }
        }
    }
}

#[tokio::test]
async fn the_nonce_is_fresh_comes_back_in_the_id_token_and_is_compared() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let report = sign_in(&flow, &connection, documented(), &browser).await;
            assert_signed_in(&report);
            let nonce = browser.last().asked("nonce").unwrap().to_owned();
            assert_eq!(nonce.len(), 43, "256 bits");
            assert_eq!(report.id_token.as_ref().unwrap().claims["nonce"], json!(nonce));
            assert_eq!(status(&report, Check::IdTokenNonce), Status::Passed);
            nonces.push(nonce);
        }
        assert_ne!(nonces[0], nonces[1]);
        // The token of the first request as the answer to another one.
        let replayed = ClaimFault::Nonce(nonces[0].clone());
        for fault in [replayed, ClaimFault::Remove("nonce".to_owned())] {
            flow.fault(id_token(fault));
            let report = sign_in(&flow, &connection, documented(), &browser).await;
            assert_rejected(&report, Check::IdTokenNonce);
            assert!(!sent(&report).contains(&Endpoint::Userinfo));
        }
        flow.fault(Faults::default());
    }
}

#[tokio::test]
async fn the_state_is_fresh_returned_on_success_and_verifies_the_call() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let mut states = Vec::new();
        for _ in 0..2 {
            assert_signed_in(sign_in(&flow, &connection, documented(), &browser).await.as_ref());
            let seen = browser.last();
            let state = seen.asked("state").unwrap();
            assert_eq!(state.len(), 43, "256 bits");
            assert!(seen.redirect.as_ref().unwrap().1.ends_with(&format!("&state={state}")));
            states.push(state.to_owned());
        }
        assert_ne!(states[0], states[1]);
        for fault in [
            AuthorizationFault::WrongState,
            AuthorizationFault::NoState,
            AuthorizationFault::Set("state".to_owned(), states[0].clone()),
        ] {
            flow.fault(Faults { authorization_response: Some(fault), ..Faults::default() });
            let report = sign_in(&flow, &connection, documented(), &browser).await;
            assert_rejected(&report, Check::AuthorizationState);
            assert!(report.id_token.is_none(), "nothing of the answer was used");
        }
        flow.fault(Faults::default());
    }
}

#[tokio::test]
async fn acr_values_force_a_fresh_sign_in_and_come_back_in_acr() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let plain = request(ResponseType::IdTokenToken, "openid");
        let report = sign_in(&flow, &connection, plain.clone(), &browser).await;
        assert!(browser.last().login_page.is_some());
        assert_eq!(report.id_token.as_ref().unwrap().claims.get("acr"), None);
        assert_signed_in(sign_in(&flow, &connection, plain.clone(), &browser).await.as_ref());
        assert_eq!(browser.last().login_page, None, "the session is enough");

        let fresh = BrowserRequest { acr_values: vec![RE_AUTH.to_owned()], ..plain };
        let report = sign_in(&flow, &connection, fresh.clone(), &browser).await;
        assert_signed_in(&report);
        assert!(browser.last().login_page.is_some(), "regardless of the session state");
        assert_eq!(report.id_token.as_ref().unwrap().claims["acr"], json!(RE_AUTH));
        let acr = finding(&report, Check::IdTokenAcr);
        assert_eq!((acr.status, &*acr.expected), (Status::Passed, RE_AUTH));

        // A provider that does not say so has not refused the sign-in, but the tester wants to know.
        flow.fault(id_token(ClaimFault::Remove("acr".to_owned())));
        let report = sign_in(&flow, &connection, fresh, &browser).await;
        assert_signed_in(&report);
        let acr = finding(&report, Check::IdTokenAcr);
        assert_eq!((acr.status, &*acr.received), (Status::Warning, "missing"));
        flow.fault(Faults::default());
    }
}

#[tokio::test]
async fn prompt_login_shows_the_login_page_whatever_the_session() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let asked = BrowserRequest { prompt: Some("login".to_owned()), ..documented() };
        for _ in 0..2 {
            assert_signed_in(sign_in(&flow, &connection, asked.clone(), &browser).await.as_ref());
            assert!(browser.last().login_page.is_some());
        }
    }
}

#[tokio::test]
async fn prompt_none_needs_a_session_and_shows_no_page() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        let silent = BrowserRequest { prompt: Some("none".to_owned()), ..documented() };
        let report = sign_in(&flow, &connection, silent.clone(), &browser).await;
        assert_eq!(report.outcome, Outcome::ProviderError);
        assert_problem(&report, ProblemKind::OauthError, "this browser has no session", "Leave prompt out");
        assert_eq!(problem(&report).code.as_deref(), Some("login_required"));
        let seen = browser.last();
        assert_eq!(seen.login_page, None);
        let error =
            "#error=login_required&error_description=End-User%20authentication%20is%20required&state=";
        assert!(seen.redirect.as_ref().unwrap().1.starts_with(&format!("{REDIRECT_URI}{error}")), "{seen:?}");
        flow.assert_nothing_kept(&connection).await;

        assert_signed_in(sign_in(&flow, &connection, documented(), &browser).await.as_ref());
        assert_signed_in(sign_in(&flow, &connection, silent, &browser).await.as_ref());
        assert_eq!(browser.last().login_page, None);
    }
}

#[tokio::test]
async fn login_hint_prepopulates_the_user_name() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        for (hint, filled_in) in
            [(None, ""), (Some("sally"), "sally"), (Some("sally@onelogin.com"), "sally@onelogin.com")]
        {
            let browser = Browser::of(&flow, UserRole::Sally);
            let asked = BrowserRequest { login_hint: hint.map(str::to_owned), ..documented() };
            assert_signed_in(sign_in(&flow, &connection, asked, &browser).await.as_ref());
            assert_eq!(browser.last().login_page.as_deref(), Some(filled_in));
        }
    }
}

#[tokio::test]
async fn the_id_token_sample_of_sally() {
    let flow = Flow::start().await;
    let connection = flow.connection(Generation::V1, ClientRole::Basic).await;
    assert_eq!(connection.client_id, "78d1d040-20c9-0136-5146-067351775fae92920");
    let rt_hash = "ZUK9M1zLqc4O1XIGVZ8cng";
    flow.fault(id_token(ClaimFault::Set("rt_hash".to_owned(), json!(rt_hash))));
    let browser = Browser::of(&flow, UserRole::Sally);
    let asked = BrowserRequest {
        acr_values: vec![RE_AUTH.to_owned()],
        ..request(ResponseType::IdTokenToken, "openid profile email groups")
    };
    let report = sign_in(&flow, &connection, asked, &browser).await;
    assert_signed_in(&report);
    let claims = report.id_token.as_ref().unwrap().claims.as_object().unwrap().clone();
    let expected = json!({
        "sub": "35666371",
        "email": "sally@onelogin.com",
        "preferred_username": "sally",
        "name": "Sally Tyler",
        "updated_at": "2018-04-12T21:55:56Z",
        "given_name": "Sally",
        "family_name": "Tyler",
        "groups": ["Admin Role", "User Role", "Custom Roll"],
        "acr": RE_AUTH,
        "rt_hash": rt_hash,
        "aud": "78d1d040-20c9-0136-5146-067351775fae92920",
        "iss": connection.issuer,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(claims.get(name), Some(value), "{name}");
    }
    // What differs at each sign-in: the sample's lives two hours too.
    let number = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(number("exp") - number("iat"), 1_523_577_359 - 1_523_570_159);
    let at_hash = claims["at_hash"].as_str().unwrap();
    assert_eq!(at_hash.len(), "UnQAjiMVu7OhJYPHRNbhQA".len());
    let more: Vec<&str> = claims
        .keys()
        .map(String::as_str)
        .filter(|name| expected.get(name).is_none() && !["exp", "iat", "at_hash"].contains(name))
        .collect();
    assert_eq!(more, ["auth_time", "nonce"], "all that the sample does not have");

    for (check, state) in [
        (Check::IdTokenSignature, Status::Passed),
        (Check::IdTokenIssuer, Status::Passed),
        (Check::IdTokenAudience, Status::Passed),
        (Check::IdTokenExpires, Status::Passed),
        (Check::IdTokenIssuedAt, Status::Passed),
        (Check::IdTokenNonce, Status::Passed),
        (Check::IdTokenAccessTokenHash, Status::Passed),
        (Check::IdTokenAcr, Status::Passed),
        (Check::Groups, Status::Passed),
        (Check::UpdatedAt, Status::Passed),
        // No refresh token comes in this flow, so what it is the hash of is not here.
        (Check::IdTokenRefreshTokenHash, Status::NotDue),
    ] {
        assert_eq!(status(&report, check), state, "{check:?}");
    }
    assert_eq!(report.who.as_deref(), Some("Sally Tyler"));
}

#[tokio::test]
async fn at_hash_must_be_there_and_fit_where_an_access_token_comes_beside() {
    let flow = Flow::start().await;
    for generation in BOTH {
        let connection = flow.connection(generation, ClientRole::Basic).await;
        let browser = Browser::of(&flow, UserRole::PeggySue);
        for fault in [
            ClaimFault::WrongAtHash,
            ClaimFault::Remove("at_hash".to_owned()),
            ClaimFault::Set("at_hash".to_owned(), Value::Null),
        ] {
            flow.fault(id_token(fault));
            let report = sign_in(&flow, &connection, documented(), &browser).await;
            assert_rejected(&report, Check::IdTokenAccessTokenHash);
            assert!(!sent(&report).contains(&Endpoint::Userinfo), "the access token was used");
        }
        flow.fault(Faults::default());
    }
}
