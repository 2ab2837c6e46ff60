//! What is refused, and that nothing comes of it.

use latchkey_oidc::authorization_response::{AuthorizationOutcome, Received, parse};
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, Secret, Status};
use serde_json::json;

use crate::flow::*;
use crate::support::*;

fn navigation(added: &str) -> Received {
    Received::navigation(Secret::new(format!("{REDIRECT_URI}{added}")))
}

#[test]
fn h11_an_address_that_only_looks_like_the_redirect_uri_is_no_answer() {
    let mut pending = flow(ResponseType::Code, None).pending;
    let state = flow(ResponseType::Code, None).state;
    for address in [
        "https://payroll.acme.example/callback2",
        "https://payroll.acme.example/callback/",
        "https://payroll.acme.example/callback/../callback",
        "https://payroll.acme.example/CALLBACK",
        "https://payroll.acme.example:8443/callback",
        "https://peggy@payroll.acme.example/callback",
        "https://payroll.acme.example@evil.example/callback",
        "http://payroll.acme.example/callback",
        "tauri://localhost/callback",
    ] {
        let received = Received::navigation(Secret::new(format!("{address}?code={CODE}&state={state}")));
        let not_ours = parse(pending, &received, &metadata_with(json!({})), &Context::default()).unwrap_err();
        assert!(!not_ours.to_string().contains(CODE), "{not_ours}");
        // The request goes on: somebody else's address does not end it.
        pending = not_ours.pending;
    }
    let answer = judged(pending, &navigation(&format!("?code={CODE}&state={state}")));
    assert!(matches!(answer.outcome, AuthorizationOutcome::Code(_)));
}

#[test]
fn h12_what_reads_in_two_ways_is_refused() {
    let state = flow(ResponseType::Code, None).state;
    for (added, said) in [
        (format!("?code=a&code=b&state={state}"), "code twice"),
        (format!("?code=a&state={state}&state={state}"), "state twice"),
        (format!("?code=a&state={state}&c%6fde=b"), "code twice"),
        (format!("?code=a&code=&state={state}"), "code twice"),
        (format!("?code=a&state={state}&x=1&x=2"), "x twice"),
        (format!("?code=a&state={state}#id_token=b"), "the query and the fragment"),
        (format!("?code=a&state={state}#/signed-in"), "the query and the fragment"),
        (format!("?code=a#state={state}"), "the query and the fragment"),
        (format!("?error=login_required&state={state}#state={state}"), "the query and the fragment"),
        (format!("?x=1#code=a&state={state}"), "the query and the fragment"),
        ("".to_owned(), "none at all"),
        ("?".to_owned(), "none at all"),
        ("#".to_owned(), "none at all"),
        ("?code=&state=".to_owned(), "none at all"),
        (format!("?code=a&state={state}&x={}", "y".repeat(1024 * 1024)), "bytes"),
    ] {
        let answer = judged(flow(ResponseType::Code, None).pending, &navigation(&added));
        let finding = refused(&answer, Check::AuthorizationParameters);
        assert!(finding.received.contains(said), "{added}: {}", finding.received);
        assert_eq!(answer.findings.len(), 1, "nothing else was looked at");
    }
    // A form posted to an address that has an answer of its own.
    let received = Received::form_body(
        Secret::new(format!("{REDIRECT_URI}?code=a")),
        &Secret::new(format!("code=b&state={state}")),
    );
    let answer = judged(flow(ResponseType::Code, Some(ResponseMode::FormPost)).pending, &received);
    refused(&answer, Check::AuthorizationParameters);
}

#[test]
fn h12_an_answer_in_another_place_than_asked_for_is_refused() {
    for response_type in ResponseType::ALL {
        for asked in
            [None, Some(ResponseMode::Query), Some(ResponseMode::Fragment), Some(ResponseMode::FormPost)]
        {
            for place in ResponseMode::ALL {
                let flow = flow(response_type, asked);
                let expected = flow.pending.response_mode();
                let mut parameters = vec![("state", flow.state.as_str())];
                match response_type {
                    ResponseType::Code => parameters.push(("code", CODE)),
                    ResponseType::IdToken => parameters.push(("id_token", "a.b.c")),
                    ResponseType::IdTokenToken => parameters.extend([
                        ("id_token", "a.b.c"),
                        ("access_token", ACCESS_TOKEN),
                        ("token_type", "Bearer"),
                    ]),
                }
                let answer = judged(flow.pending, &received(place, &parameters));
                let tokens_in_query = response_type.is_implicit() && place == ResponseMode::Query;
                // Asked for tokens in a query, a provider rightly uses the fragment.
                let corrected = !response_type.allows(expected) && place == ResponseMode::Fragment;
                if tokens_in_query || (place != expected && !corrected) {
                    let finding = refused(&answer, Check::AuthorizationResponseMode);
                    assert_eq!(finding.received, place.as_str());
                } else if corrected {
                    assert_eq!(
                        with_status(&answer.findings, Status::Warning),
                        [Check::AuthorizationResponseMode]
                    );
                } else {
                    nothing_failed(&answer);
                }
            }
        }
    }
}

#[test]
fn state_missing_or_of_another_request_is_refused_before_anything_is_looked_at() {
    for response_type in ResponseType::ALL {
        let ours = flow(response_type, None).state;
        let other = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9";
        let first = ours[..42].to_owned();
        let longer = format!("{ours}A");
        for state in
            [None, Some(""), Some(other), Some(first.as_str()), Some(longer.as_str()), Some("\u{202e}")]
        {
            for answered in [
                &[("code", CODE)][..],
                &[("id_token", "no.token"), ("access_token", "at")][..],
                &[("error", "login_required")][..],
                &[("iss", "https://evil.example"), ("code", CODE)][..],
            ] {
                let mut parameters = answered.to_vec();
                parameters.extend(state.map(|state| ("state", state)));
                let place = response_type.default_mode();
                let answer = judged(flow(response_type, None).pending, &received(place, &parameters));
                let finding = refused(&answer, Check::AuthorizationState);
                assert_eq!(answer.findings.last(), Some(&finding), "something was looked at after it");
                assert!(!finding.received.contains('\u{202e}'));
                let claims = finding.remedy.unwrap().contains("login_required");
                assert_eq!(claims, answered[0].0 == "error");
            }
        }
    }
}

#[test]
fn h26_a_token_echoed_as_state_is_not_shown() {
    let long = "e".repeat(101);
    for echoed in [CODE, &long] {
        let answer = judged(
            flow(ResponseType::Code, None).pending,
            &received(ResponseMode::Query, &[("code", CODE), ("state", echoed)]),
        );
        assert!(!refused(&answer, Check::AuthorizationState).received.contains(echoed));
        assert!(!format!("{answer:?}").contains(echoed));
    }
}

#[test]
fn rfc_9207_iss_that_differs_or_is_missing_though_promised_is_refused() {
    let promised = json!({ "authorization_response_iss_parameter_supported": true });
    for (metadata, iss, passes) in [
        (json!({}), None, true),
        (json!({ "authorization_response_iss_parameter_supported": false }), None, true),
        (promised.clone(), None, false),
        (promised.clone(), Some(""), false),
        (promised.clone(), Some(ISSUER), true),
        (json!({}), Some(ISSUER), true),
        (promised, Some("https://acme.onelogin.com/oidc/2/"), false),
        (json!({}), Some("https://evil.example/oidc/2"), false),
        (json!({}), Some("HTTPS://acme.onelogin.com/oidc/2"), false),
    ] {
        for answered in [("code", CODE), ("error", "access_denied")] {
            let flow = flow(ResponseType::Code, None);
            let mut parameters = vec![answered, ("state", &*flow.state)];
            parameters.extend(iss.map(|iss| ("iss", iss)));
            let received = received(ResponseMode::Query, &parameters);
            let answer =
                parse(flow.pending, &received, &metadata_with(metadata.clone()), &Context::default())
                    .unwrap();
            if passes {
                nothing_failed(&answer);
                assert!(!matches!(answer.outcome, AuthorizationOutcome::Rejected));
            } else {
                refused(&answer, Check::AuthorizationIssuer);
            }
        }
    }
}

#[test]
fn an_id_token_beside_it_stands_for_a_missing_iss_and_for_no_other_one() {
    let promised = json!({ "authorization_response_iss_parameter_supported": true });
    for (answered, iss, passes) in [
        (("id_token", "a.b.c"), None, true),
        (("id_token", "a.b.c"), Some(ISSUER), true),
        (("id_token", "a.b.c"), Some("https://evil.example/oidc/2"), false),
        (("error", "access_denied"), None, false),
    ] {
        let flow = flow(ResponseType::IdToken, None);
        let mut parameters = vec![answered, ("state", &*flow.state)];
        parameters.extend(iss.map(|iss| ("iss", iss)));
        let received = received(ResponseMode::Fragment, &parameters);
        let metadata = metadata_with(promised.clone());
        let answer = parse(flow.pending, &received, &metadata, &Context::default()).unwrap();
        if passes { nothing_failed(&answer) } else { drop(refused(&answer, Check::AuthorizationIssuer)) }
    }
}

#[test]
fn exactly_what_was_asked_for_is_taken() {
    const BEARER: (&str, &str) = ("token_type", "Bearer");
    let code = ("code", CODE);
    let (id_token, access_token) = (("id_token", "a.b.c"), ("access_token", ACCESS_TOKEN));
    for (response_type, answered) in [
        (ResponseType::Code, vec![("scope", "openid")]),
        (ResponseType::Code, vec![code, id_token]),
        (ResponseType::Code, vec![code, access_token, BEARER]),
        (ResponseType::Code, vec![("code", "split\r\nheader")]),
        (ResponseType::Code, vec![("code", "ä")]),
        (ResponseType::Code, vec![code, ("error", "access_denied")]),
        (ResponseType::IdToken, vec![code]),
        (ResponseType::IdToken, vec![id_token, access_token, BEARER]),
        (ResponseType::IdToken, vec![id_token, ("refresh_token", REFRESH_TOKEN)]),
        (ResponseType::IdToken, vec![id_token, ("error", "login_required")]),
        (ResponseType::IdTokenToken, vec![id_token]),
        (ResponseType::IdTokenToken, vec![access_token, BEARER]),
        (ResponseType::IdTokenToken, vec![code, id_token, access_token, BEARER]),
        (ResponseType::IdTokenToken, vec![id_token, ("access_token", "a\u{0}b"), BEARER]),
        (ResponseType::IdTokenToken, vec![id_token, access_token, BEARER, ("expires_in", "soon")]),
        (ResponseType::IdTokenToken, vec![id_token, access_token, BEARER, ("expires_in", "+5")]),
        (ResponseType::IdTokenToken, vec![id_token, access_token, BEARER, ("expires_in", "-5")]),
    ] {
        let flow = flow(response_type, None);
        let mut parameters = answered.clone();
        parameters.push(("state", &flow.state));
        let answer = judged(flow.pending, &received(response_type.default_mode(), &parameters));
        let finding = refused(&answer, Check::AuthorizationResponse);
        for (_, value) in [code, id_token, access_token] {
            assert!(!format!("{finding:?}").contains(value), "{finding:?}");
        }
    }
}

#[test]
fn token_type_other_than_bearer_is_refused() {
    for token_type in [None, Some("mac"), Some("DPoP"), Some("Bearer ")] {
        let flow = flow(ResponseType::IdTokenToken, None);
        let mut parameters =
            vec![("id_token", "a.b.c"), ("access_token", ACCESS_TOKEN), ("state", flow.state.as_str())];
        parameters.extend(token_type.map(|kind| ("token_type", kind)));
        refused(&judged(flow.pending, &received(ResponseMode::Fragment, &parameters)), Check::TokenType);
    }
}
