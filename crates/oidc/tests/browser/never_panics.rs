//! What holds for every answer there is.

use latchkey_oidc::authorization_probe::{Verdict, judge};
use latchkey_oidc::authorization_response::{AuthorizationOutcome, Received, parse};
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::finding::any_failed;
use latchkey_oidc::http::HttpAnswer;
use latchkey_oidc::redirect_uri::RedirectUri;
use latchkey_oidc::response_type::{ResponseMode, ResponseType};
use latchkey_oidc::{Check, Secret, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::flow::*;

const NAMES: &str =
    "(code|state|id_token|access_token|token_type|expires_in|error|error_description|iss|scope|[a-z]{0,3})";

fn response_type() -> impl Strategy<Value = ResponseType> {
    prop::sample::select(ResponseType::ALL.to_vec())
}

fn mode() -> impl Strategy<Value = ResponseMode> {
    prop::sample::select(ResponseMode::ALL.to_vec())
}

proptest! {
    #[test]
    fn any_address_is_read_or_refused(response_type in response_type(), text in any::<String>(), added in "[?#&=%a-z0-9+]{0,60}") {
        for address in [text.clone(), format!("{REDIRECT_URI}{added}"), format!("{REDIRECT_URI}{text}")] {
            let flow = flow(response_type, None);
            let received = Received::navigation(Secret::new(address));
            if let Ok(answer) = parse(flow.pending, &received, &metadata_with(json!({})), &Context::default()) {
                // Nobody guesses the state.
                prop_assert!(matches!(answer.outcome, AuthorizationOutcome::Rejected));
                prop_assert!(any_failed(&answer.findings));
            }
        }
    }

    #[test]
    fn any_parameters_are_read_or_refused(
        response_type in response_type(),
        asked in proptest::option::of(mode()),
        place in mode(),
        parameters in vec((NAMES, ".{0,12}"), 0..6),
        with_state in any::<bool>(),
    ) {
        let flow = flow(response_type, asked);
        let mut parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if with_state {
            parameters.push(("state", &flow.state));
        }
        let answer = judged(flow.pending, &received(place, &parameters));
        let rejected = matches!(answer.outcome, AuthorizationOutcome::Rejected);
        prop_assert_eq!(rejected, any_failed(&answer.findings));
        if !rejected {
            let of_state = answer.findings.iter().find(|finding| finding.check == Check::AuthorizationState);
            prop_assert_eq!(of_state.map(|finding| finding.status), Some(Status::Passed));
        }
    }

    #[test]
    fn any_redirect_of_a_probe_is_judged(location in any::<String>(), added in "[?#&=%a-z0-9+]{0,60}", status in 200_u16..600) {
        for location in [location.clone(), format!("{REDIRECT_URI}{added}"), format!("{REDIRECT_URI}#{location}")] {
            let answer = HttpAnswer {
                status,
                headers: vec![("location".to_owned(), location)],
                body: Vec::new(),
                received_at: 0,
            };
            let verdict = judge(&answer, &flow(ResponseType::Code, None).pending, &Context::default());
            // Nobody guesses the state, so no error is believed.
            prop_assert!(matches!(verdict, Verdict::GoOn | Verdict::Unclear(_)));
        }
    }

    #[test]
    fn a_redirect_uri_matches_itself_and_no_longer_path(path in "[a-z]{1,8}", more in "[a-z/.@:]{1,8}") {
        let text = format!("https://app.example/{path}");
        let ours = RedirectUri::parse(&text).unwrap();
        let longer = format!("{text}{more}");
        let with_parameters = format!("{text}?{}", "a=1");
        prop_assert!(ours.matches(&text));
        prop_assert!(ours.matches(&with_parameters));
        prop_assert!(!ours.matches(&longer));
    }
}
