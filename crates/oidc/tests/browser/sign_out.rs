//! Sign-out at the provider, with the certification's names.

use std::collections::BTreeMap;

use latchkey_oidc::end_session::{EndSessionRequest, Prepared, judge_return};
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::{Check, Secret, Status};
use url::Url;

use crate::support::*;

const RETURN: &str = "https://payroll.acme.example/signed-out";
const ID_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";

fn request() -> EndSessionRequest {
    EndSessionRequest {
        end_session_endpoint: Url::parse(&format!("{ISSUER}/logout?tenant=1")).unwrap(),
        id_token_hint: Some(Secret::from(ID_TOKEN)),
        client_id: None,
        post_logout_redirect_uri: Some(RedirectUri::parse(RETURN).unwrap()),
        onelogin_logout: None,
    }
}

fn parameters(url: &str) -> BTreeMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[test]
fn rp_init_logout() {
    let Prepared { url, shown, pending } = request().prepare(&[7; 32]);
    let sent = parameters(url.expose());
    assert_eq!(sent["tenant"], "1");
    assert_eq!(sent["id_token_hint"], ID_TOKEN);
    assert_eq!(sent["post_logout_redirect_uri"], RETURN);
    assert_eq!(sent["state"].len(), 43);
    // What is shown has the fingerprint in place of the token.
    assert!(!shown.contains(ID_TOKEN) && shown.contains("id_token_hint=[id_token sha256:"), "{shown}");
    let back = Secret::new(format!("{RETURN}?state={}", sent["state"]));
    let finding = judge_return(pending.unwrap(), &back).unwrap();
    assert_eq!((finding.check, finding.status), (Check::EndSessionState, Status::Passed));
}

#[test]
fn rp_init_logout_no_state_and_other_state_complete_and_are_flagged() {
    let state = parameters(request().prepare(&[7; 32]).url.expose())["state"].clone();
    for (added, received) in [
        (String::new(), "missing"),
        ("?x=1".to_owned(), "missing"),
        ("?state=another".to_owned(), "another"),
        ("?state=".to_owned(), ""),
        (format!("?state={state}&state={state}"), "2 of them"),
    ] {
        let pending = request().prepare(&[7; 32]).pending.unwrap();
        let finding = judge_return(pending, &Secret::new(format!("{RETURN}{added}"))).unwrap();
        assert_eq!(finding.status, Status::Warning, "{added}");
        assert_eq!(finding.received, received);
        assert!(finding.remedy.is_some());
    }
}

#[test]
fn h11_another_address_is_no_return_from_sign_out() {
    let mut pending = request().prepare(&[7; 32]).pending.unwrap();
    for address in ["https://payroll.acme.example/signed-out/", "https://evil.example/signed-out", ""] {
        pending = judge_return(pending, &Secret::from(address)).unwrap_err().pending;
    }
    assert!(pending.redirect_uri().matches(RETURN));
}

#[test]
fn onelogin_logout_false_revokes_only_and_a_state_needs_a_place_to_return_to() {
    for (logout, sent_as) in [(Some(false), Some("false")), (Some(true), Some("true")), (None, None)] {
        let request = EndSessionRequest {
            onelogin_logout: logout,
            post_logout_redirect_uri: None,
            client_id: Some(CLIENT.to_owned()),
            ..request()
        };
        let Prepared { url, pending, .. } = request.prepare(&[7; 32]);
        let sent = parameters(url.expose());
        assert_eq!(sent.get("logout").map(String::as_str), sent_as);
        assert_eq!(sent["client_id"], CLIENT);
        assert!(!sent.contains_key("state") && pending.is_none());
    }
    let bare = EndSessionRequest {
        id_token_hint: None,
        post_logout_redirect_uri: None,
        end_session_endpoint: Url::parse(&format!("{ISSUER}/logout")).unwrap(),
        ..request()
    };
    let prepared = bare.prepare(&[7; 32]);
    assert_eq!(prepared.url.expose(), format!("{ISSUER}/logout"));
    assert_eq!(prepared.shown, prepared.url.expose());
}
