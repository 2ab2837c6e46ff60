//! Sign-in at the provider's own page, in the login window: every response type, response mode and prompt, at the
//! tenant and at two providers that nobody here wrote.

use latchkey_simulator::{ClientRole, Faults};
use support::desktop::{
    Asked, Desktop, NewConnection, Setup, assert_explained, assert_signed_in, desktop, hook, status,
};
use support::peers::{Peer, PeerKind, PeerUser};

use crate::common::{client, tenant};

/// Every response type with each response mode that it allows; the default is empty.
pub(crate) const RESPONSES: [(&str, &str); 10] = [
    ("code", ""),
    ("code", "query"),
    ("code", "fragment"),
    ("code", "form_post"),
    ("id_token", ""),
    ("id_token", "fragment"),
    ("id_token", "form_post"),
    ("id_token token", ""),
    ("id_token token", "fragment"),
    ("id_token token", "form_post"),
];

#[tokio::test]
async fn every_response_type_mode_and_prompt_signs_in_at_the_tenant() {
    let tenant = tenant(Faults::default()).await;
    desktop(Setup::first_start(), async |window| {
        window.connect(&NewConnection::to(&tenant, client(&tenant, ClientRole::Basic))).await;
        let id = window.connection(&client(&tenant, ClientRole::Basic).name).await;
        for prompt in ["", "login"] {
            for (response_type, response_mode) in RESPONSES {
                let asked = Asked::code().response(response_type, response_mode).prompt(prompt);
                window.ask(&asked).await;
                window.login_window().await.signs_in("peggy.sue", "demo-peggy");
                judge(window, &id, &asked).await;
            }
        }
        without_a_page(window, &id, &Asked::code(), false).await;
        let keeping = Asked::code().keeping();
        window.ask(&keeping).await;
        window.login_window().await.signs_in("peggy.sue", "demo-peggy");
        judge(window, &id, &keeping).await;
        without_a_page(window, &id, &keeping, true).await;
    })
    .await;
}

#[tokio::test]
async fn every_response_type_mode_and_prompt_signs_in_at_the_first_provider_that_nobody_here_wrote() {
    at_peer(PeerKind::V1Like).await;
}

#[tokio::test]
async fn every_response_type_mode_and_prompt_signs_in_at_the_current_provider_that_nobody_here_wrote() {
    at_peer(PeerKind::V2Like).await;
}

async fn at_peer(kind: PeerKind) {
    let peer = Peer::start(kind);
    let app = peer.client("basic-client");
    let user = peer.user("peggy.sue");
    let new = NewConnection {
        name: app.client_id.clone(),
        issuer: peer.issuer.clone(),
        client_id: app.client_id.clone(),
        method: "basic",
        client_secret: app.client_secret.clone().unwrap(),
    };
    desktop(Setup::first_start(), async |window| {
        window.connect(&new).await;
        let id = window.connection(&new.name).await;
        let asked = Asked::code().at(&app.redirect_uris[0]);
        for prompt in ["", "login"] {
            for (response_type, response_mode) in RESPONSES {
                let asked = asked.clone().response(response_type, response_mode).prompt(prompt);
                window.ask(&asked).await;
                signs_in_at_peer(window, user).await;
                judge(window, &id, &asked).await;
            }
        }
        without_a_page(window, &id, &asked, false).await;
        let keeping = asked.keeping();
        window.ask(&keeping).await;
        signs_in_at_peer(window, user).await;
        judge(window, &id, &keeping).await;
        without_a_page(window, &id, &keeping, true).await;
        window.click("bw-forget-session").await;
        window.gone(&hook("bw-forget-session")).await;
        without_a_page(window, &id, &keeping, false).await;
    })
    .await;
}

/// The pages of a peer: subject and any password, then whether that is fine.
async fn signs_in_at_peer(window: &Desktop, user: &PeerUser) {
    let login = window.login_window().await;
    login.signs_in(&user.sub, "any");
    login.agrees().await;
}

/// `prompt=none`: without a session the provider says so, at the redirect URI and in the mode that was asked for; with
/// one, no page is needed.
async fn without_a_page(window: &Desktop, id: &str, asked: &Asked, session: bool) {
    for (response_type, response_mode) in RESPONSES {
        let asked = asked.clone().response(response_type, response_mode).prompt("none");
        window.ask(&asked).await;
        if session {
            judge(window, id, &asked).await;
            continue;
        }
        let report = window.concluded(id).await;
        assert_explained(&report, "provider_error", "oauth_error", "session");
        assert_eq!(report["error"]["code"], "login_required", "{asked:?}");
        assert_eq!(status(&report, "authorization_response_mode"), "passed", "{asked:?}");
    }
}

/// Signed in, with tokens that were verified, on the screen and in the report.
async fn judge(window: &Desktop, id: &str, asked: &Asked) {
    let report = &window.concluded(id).await;
    let what = format!("{} {} {}", asked.response_type, asked.response_mode, asked.prompt);
    assert_signed_in(report, &what);
    window.reads(&hook("verdict"), "Signed in as Peggy Sue").await;
    for check in [
        "authorization_state",
        "authorization_response_mode",
        "authorization_response",
        "id_token_signature",
        "id_token_nonce",
        "id_token_issuer",
        "id_token_audience",
        "id_token_expires",
    ] {
        assert_eq!(status(report, check), "passed", "{what}: {check}");
    }
    assert_eq!(report["who"], "Peggy Sue", "{what}");
    let userinfo = report["userinfo"].is_object();
    assert_eq!(userinfo, asked.response_type != "id_token", "{what}");
    if userinfo {
        assert_eq!(status(report, "user_info_subject"), "passed", "{what}");
    }
}
