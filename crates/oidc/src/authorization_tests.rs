use std::collections::BTreeMap;

use super::*;
use crate::support::{ACR, CLIENT, ISSUER};

const REDIRECT_URI: &str = "https://payroll.acme.example/callback?tenant=ä&x=1";

fn request(response_type: ResponseType) -> AuthorizationRequest {
    AuthorizationRequest::new(
        Url::parse(&format!("{ISSUER}/auth")).unwrap(),
        ISSUER,
        CLIENT,
        RedirectUri::parse(REDIRECT_URI).unwrap(),
        response_type,
    )
}

fn randomness(seed: u8) -> Randomness {
    let mut bytes = [seed; 96];
    bytes[32..64].fill(seed + 1);
    bytes[64..].fill(seed + 2);
    Randomness::new(&bytes)
}

fn parameters(url: &Url) -> BTreeMap<String, String> {
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let parameters: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(parameters.len(), pairs.len(), "a parameter stands twice");
    parameters
}

#[test]
fn nonce_unless_code_flow_and_in_it_as_well() {
    for response_type in ResponseType::ALL {
        let prepared = request(response_type).prepare(randomness(1)).unwrap();
        let sent = parameters(&prepared.url);
        assert_eq!(sent["nonce"], prepared.pending.nonce, "{response_type}");
        assert_eq!(sent["nonce"].len(), 43);
        assert_eq!(sent["state"], prepared.pending.state.expose());
        assert_ne!(sent["nonce"], sent["state"]);
        assert_eq!(sent["response_type"], response_type.as_str());
    }
}

#[test]
fn pkce_s256_goes_with_every_code_and_the_verifier_never_with_the_url() {
    for response_type in ResponseType::ALL {
        let Prepared { url, pending } = request(response_type).prepare(randomness(1)).unwrap();
        let sent = parameters(&url);
        assert_eq!(sent.contains_key("code_challenge"), response_type == ResponseType::Code);
        if response_type == ResponseType::Code {
            assert_eq!(sent["code_challenge_method"], "S256");
            assert_eq!(sent["code_challenge"], pkce::challenge(&pending.verifier));
        }
        assert!(!url.as_str().contains(pending.verifier.expose()));
        assert!(!format!("{pending:?}").contains(pending.verifier.expose()));
    }
}

#[test]
fn every_parameter_arrives_as_it_was_given() {
    let request = AuthorizationRequest {
        response_mode: Some(ResponseMode::FormPost),
        scopes: ["openid", "profile", "groups"].map(str::to_owned).to_vec(),
        prompt: Some("login".into()),
        login_hint: Some("peggy+sue & co@acme.example".into()),
        acr_values: vec![ACR.into(), "urn:b".into()],
        max_age: Some(0),
        resources: vec!["https://api.acme.example/v1".into()],
        ui_locales: vec!["de-CH".into(), "en".into()],
        extra: vec![("display".into(), "page".into()), ("x y".into(), "ü=&#".into())],
        ..request(ResponseType::IdTokenToken)
    };
    let Prepared { url, pending } = request.prepare(randomness(7)).unwrap();
    assert_eq!(url.path(), "/oidc/2/auth");
    let mut sent = parameters(&url);
    for random in ["state", "nonce"] {
        assert!(sent.remove(random).is_some());
    }
    let acr_values = format!("{ACR} urn:b");
    let expected: BTreeMap<String, String> = [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "id_token token"),
        ("response_mode", "form_post"),
        ("scope", "openid profile groups"),
        ("prompt", "login"),
        ("login_hint", "peggy+sue & co@acme.example"),
        ("acr_values", &acr_values),
        ("max_age", "0"),
        ("resource", "https://api.acme.example/v1"),
        ("ui_locales", "de-CH en"),
        ("display", "page"),
        ("x y", "ü=&#"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    assert_eq!(sent, expected);
    assert_eq!(pending.response_mode(), ResponseMode::FormPost);
}

#[test]
fn what_was_not_chosen_is_not_sent() {
    let Prepared { url, pending } = request(ResponseType::IdToken).prepare(randomness(7)).unwrap();
    let names: Vec<String> = parameters(&url).into_keys().collect();
    assert_eq!(names, ["client_id", "nonce", "redirect_uri", "response_type", "scope", "state"]);
    assert_eq!(pending.response_mode(), ResponseMode::Fragment);
    let code = request(ResponseType::Code).prepare(randomness(7)).unwrap();
    assert_eq!(code.pending.response_mode(), ResponseMode::Query);
}

#[test]
fn extra_parameters_may_not_replace_ours() {
    for name in RESERVED {
        for name in [name.to_owned(), name.to_uppercase(), format!(" {name}")] {
            let request = AuthorizationRequest {
                extra: vec![(name.clone(), "x".into())],
                ..request(ResponseType::Code)
            };
            let fault = request.prepare(randomness(1)).unwrap_err();
            assert_eq!(fault, RequestFault::Reserved(name.trim().to_lowercase()));
            assert_eq!(Problem::from(fault).kind, ProblemKind::InvalidInput);
        }
    }
}

#[test]
fn what_cannot_be_sent_is_named() {
    let base = || request(ResponseType::Code);
    let extra = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "1".to_owned())).collect();
    let endpoint = |query: &str| Url::parse(&format!("{ISSUER}/auth?{query}")).unwrap();
    for (request, fault) in [
        (AuthorizationRequest { client_id: String::new(), ..base() }, RequestFault::ClientId),
        (
            AuthorizationRequest { scopes: vec!["openid profile".into()], ..base() },
            RequestFault::Scope("openid profile".into()),
        ),
        (AuthorizationRequest { scopes: vec!["a\"b".into()], ..base() }, RequestFault::Scope("a\"b".into())),
        (AuthorizationRequest { extra: extra(&["a", "a"]), ..base() }, RequestFault::Twice("a".into())),
        (AuthorizationRequest { extra: extra(&[""]), ..base() }, RequestFault::Nameless),
        (
            AuthorizationRequest { authorization_endpoint: endpoint("state=1"), ..base() },
            RequestFault::Endpoint("state".into()),
        ),
        (
            AuthorizationRequest { authorization_endpoint: endpoint("a=1"), extra: extra(&["a"]), ..base() },
            RequestFault::Endpoint("a".into()),
        ),
    ] {
        assert_eq!(request.prepare(randomness(1)).unwrap_err(), fault);
    }
    // A query of the endpoint's own stays (RFC 6749 §3.1).
    let request = AuthorizationRequest { authorization_endpoint: endpoint("tenant=7"), ..base() };
    assert_eq!(parameters(&request.prepare(randomness(1)).unwrap().url)["tenant"], "7");
}

#[test]
fn a_probe_lacks_exactly_what_it_leaves_out() {
    let request = request(ResponseType::IdTokenToken);
    let complete = parameters(&request.clone().prepare(randomness(1)).unwrap().url);
    for left_out in
        [LeftOut::ClientId, LeftOut::RedirectUri, LeftOut::ResponseType, LeftOut::Scope, LeftOut::Nonce]
    {
        let mut expected = complete.clone();
        assert!(expected.remove(left_out.as_str()).is_some());
        assert_eq!(parameters(&request.incomplete(left_out, randomness(1)).unwrap()), expected);
    }
}

#[test]
fn response_types_are_read_in_any_order_and_modes_by_name() {
    for response_type in ResponseType::ALL {
        assert_eq!(ResponseType::parse(response_type.as_str()), Some(response_type));
        assert_eq!(
            serde_json::to_value(response_type).unwrap(),
            serde_json::Value::from(response_type.as_str())
        );
    }
    assert_eq!(ResponseType::parse("token id_token"), Some(ResponseType::IdTokenToken));
    for other in ["", "token", "code id_token", "id_token id_token", "CODE", "none"] {
        assert_eq!(ResponseType::parse(other), None, "{other}");
    }
    for mode in ResponseMode::ALL {
        assert_eq!(ResponseMode::parse(mode.as_str()), Some(mode));
        assert_eq!(serde_json::to_value(mode).unwrap(), serde_json::Value::from(mode.as_str()));
    }
    assert_eq!(ResponseMode::parse("jwt"), None);
    assert!(!ResponseType::IdToken.allows(ResponseMode::Query));
    assert!(ResponseType::Code.allows(ResponseMode::Query));
}
