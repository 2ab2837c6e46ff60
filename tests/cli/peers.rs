//! `latchkey sign-in browser` at two providers that nobody here wrote.

use serde_json::json;
use support::peers::{Peer, PeerKind};
use support::person::Person;

use crate::harness::Home;
use crate::opener::Opener;

/// What each type may be asked to come in; the last of them is not named in the request.
const RESPONSES: [(&str, &[Option<&str>]); 3] = [
    ("code", &[Some("query"), Some("fragment"), Some("form_post"), None]),
    ("id_token", &[Some("fragment"), Some("form_post"), None]),
    ("id_token token", &[Some("fragment"), Some("form_post"), None]),
];

#[test]
fn every_response_type_mode_and_prompt_is_signed_in_with_or_explained_at_both_providers() {
    for kind in PeerKind::ALL {
        let (home, peer, opener) = (Home::new(), Peer::start(kind), Opener::new());
        let subject = &peer.user("peggy.sue").sub;
        for (response_type, modes) in RESPONSES {
            for mode in modes {
                for prompt in [None, Some("login"), Some("none")] {
                    let what = format!("{kind:?} {response_type} {mode:?} {prompt:?}");
                    let mut run = home
                        .latchkey(&["sign-in", "browser", "--json", "--auth-method=none"])
                        .argument(&format!("--issuer={}", peer.issuer))
                        .argument("--client-id=native-client")
                        .argument("--redirect-uri=http://127.0.0.1/callback")
                        .argument(&format!("--response-type={response_type}"));
                    for (name, value) in [("--response-mode", *mode), ("--prompt", prompt)] {
                        if let Some(value) = value {
                            run = run.argument(name).argument(value);
                        }
                    }
                    let (running, address) = opener.open(run);
                    let page = Person::default().sign_in_at_peer(&address, subject);
                    let ended = running.join().unwrap();
                    let document = ended.json();
                    if prompt == Some("none") {
                        // Nobody is signed in in this browser.
                        let error = (&document["error"]["kind"], &document["error"]["code"]);
                        assert_eq!(ended.code, 3, "{what}: {document:#}\n{page}");
                        assert_eq!(error, (&json!("oauth_error"), &json!("login_required")), "{what}");
                        continue;
                    }
                    assert_eq!(ended.code, 0, "{what}: {document:#}\n{page}");
                    assert_eq!(document["outcome"], "signed_in", "{what}");
                    assert_eq!(document["id_token"]["claims"]["sub"], **subject, "{what}");
                    assert_eq!(document["userinfo"].is_object(), response_type != "id_token", "{what}");
                }
            }
        }
    }
}
