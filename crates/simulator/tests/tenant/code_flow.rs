//! Codes: what gets one, what is got for one, and when it is refused.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, Options, UserRole};
use serde_json::json;

use crate::browser::{
    CALLBACK, Fields, RE_AUTH, action, cookie, hidden, location, names, query, request, value, with, without,
};
use crate::common::{NOW, World, bearer, decode, names as members, world, world_with};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn asking(world: &World, role: ClientRole) -> Fields {
    let asked = request(&world.client(role), "code");
    match role {
        ClientRole::Public | ClientRole::Native => {
            with(with(asked, "code_challenge", CHALLENGE), "code_challenge_method", "S256")
        }
        _ => asked,
    }
}

#[tokio::test]
async fn each_kind_of_client_gets_tokens_for_its_code() {
    let world = world().await;
    for generation in [V1, V2] {
        for (role, more) in [
            (ClientRole::Basic, &[][..]),
            (ClientRole::Post, &[]),
            (ClientRole::Public, &[("code_verifier", VERIFIER)]),
        ] {
            let answer = world.sign_in(generation, &asking(&world, role), UserRole::Sally).await;
            let got = query(&answer);
            assert_eq!(names(&got), ["code", "state"]);
            let json = world.exchange(generation, role, &value(&got, "code"), more).await.json();
            let access = json["access_token"].as_str().unwrap();
            assert!(json["refresh_token"].is_string(), "{json}");
            let (_, claims) = decode(&json["id_token"]);
            let hash = URL_SAFE_NO_PAD.encode(&digest(&SHA256, access.as_bytes()).as_ref()[..16]);
            assert_eq!((&claims["nonce"], &claims["at_hash"]), (&json!("n-0S6_WzA2Mj"), &json!(hash)));
            assert_eq!((&claims["auth_time"], claims.get("c_hash")), (&json!(NOW), None));
            let me = world.me(generation, Some(&bearer(&json["access_token"]))).await.json();
            assert_eq!(me["sub"], "35666371");
        }
    }
}

#[tokio::test]
async fn a_v2_id_token_of_a_code_names_the_session_and_a_refresh_keeps_it() {
    let world = world().await;
    let asked = with(asking(&world, ClientRole::Basic), "acr_values", RE_AUTH);
    let (code, session) = world.code(V2, &asked, UserRole::PeggySue).await;
    let json = world.exchange(V2, ClientRole::Basic, &code, &[]).await.json();
    let (_, first) = decode(&json["id_token"]);
    assert_eq!(
        members(&first)[6..],
        ["acr", "auth_time", "nonce", "at_hash", "rt_hash", "sid", "aud", "exp", "iat", "iss"][..]
    );
    assert_eq!(first["acr"], RE_AUTH);
    world.pass_time(30);
    let refresh = json["refresh_token"].as_str().unwrap();
    let (_, second) = decode(&world.refresh(V2, ClientRole::Basic, refresh).await.json()["id_token"]);
    assert_eq!((&second["sid"], &second["auth_time"]), (&first["sid"], &first["auth_time"]));
    assert_eq!(second.get("nonce"), None);
    let again = query(&world.open(V2, &asking(&world, ClientRole::Basic), &session).await);
    let json = world.exchange(V2, ClientRole::Basic, &value(&again, "code"), &[]).await.json();
    let (_, third) = decode(&json["id_token"]);
    assert_eq!(
        (&third["sid"], &third["auth_time"]),
        (&first["sid"], &json!(NOW)),
        "one session, two sign-ins"
    );
}

#[tokio::test]
async fn a_nonce_is_optional() {
    let world = world().await;
    let (code, _) =
        world.code(V2, &without(asking(&world, ClientRole::Basic), "nonce"), UserRole::Sally).await;
    let json = world.exchange(V2, ClientRole::Basic, &code, &[]).await.json();
    assert_eq!(decode(&json["id_token"]).1.get("nonce"), None);
}

#[tokio::test]
async fn a_code_works_once_and_its_reuse_revokes_its_tokens() {
    let world = world().await;
    let (code, _) = world.code(V2, &asking(&world, ClientRole::Basic), UserRole::Sally).await;
    let json = world.exchange(V2, ClientRole::Basic, &code, &[]).await.json();
    let token = bearer(&json["access_token"]);
    assert_eq!(world.me(V2, Some(&token)).await.status, 200);
    let again = world.exchange(V2, ClientRole::Basic, &code, &[]).await;
    assert_eq!(again.literal().0, 400);
    assert_eq!(
        again.json(),
        json!({"error": "invalid_grant", "error_description": "grant request is invalid"})
    );
    assert_eq!(world.me(V2, Some(&token)).await.status, 401);
    let refresh = json["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(V2, ClientRole::Basic, refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_is_bound_to_client_redirect_uri_generation_and_verifier() {
    let world = world().await;
    let (code, _) = world.code(V2, &asking(&world, ClientRole::Public), UserRole::Sally).await;
    let right = ("code_verifier", VERIFIER);
    for (generation, role, more) in [
        (V2, ClientRole::Basic, &[right][..]),
        (V2, ClientRole::Native, &[right]),
        (V1, ClientRole::Public, &[right]),
        (V2, ClientRole::Public, &[right, ("redirect_uri", "http://localhost:8080/callback")]),
        (V2, ClientRole::Public, &[]),
        (V2, ClientRole::Public, &[("code_verifier", CHALLENGE)]),
        (V2, ClientRole::Public, &[("code_verifier", "short")]),
    ] {
        let answer = world.exchange(generation, role, &code, more).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_grant")), "{more:?}");
    }
    let fields = [("grant_type", "authorization_code"), ("code", &*code), right];
    let answer = world.post(V2, "/token", &world.client(ClientRole::Public), &fields).await;
    assert_eq!(answer.json()["error_description"], "missing required parameter(s). (redirect_uri)");
    assert_eq!(world.exchange(V2, ClientRole::Public, &code, &[right]).await.status, 200, "it is unspoilt");
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let world = world().await;
    let (code, _) = world.code(V2, &asking(&world, ClientRole::Basic), UserRole::Sally).await;
    let answer = world.exchange(V2, ClientRole::Basic, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_lives_a_minute() {
    let world = world().await;
    for (seconds, status) in [(59, 200), (60, 400)] {
        let (code, _) = world.code(V2, &asking(&world, ClientRole::Basic), UserRole::Sally).await;
        world.pass_time(seconds);
        assert_eq!(world.exchange(V2, ClientRole::Basic, &code, &[]).await.status, status, "{seconds} s");
    }
}

#[tokio::test]
async fn a_public_client_needs_a_challenge_and_v2_refuses_a_plain_one() {
    let world = world().await;
    let asked = asking(&world, ClientRole::Public);
    let none = without(without(asked.clone(), "code_challenge"), "code_challenge_method");
    let plain = with(with(asked.clone(), "code_challenge", VERIFIER), "code_challenge_method", "plain");
    for (generation, asked) in [
        (V1, none.clone()),
        (V2, none),
        (V1, without(asked.clone(), "code_challenge")),
        (V2, with(asked.clone(), "code_challenge", "short")),
        (V2, with(asked.clone(), "code_challenge_method", "S512")),
        (V2, plain.clone()),
        (V2, without(plain.clone(), "code_challenge_method")),
    ] {
        let got = query(&world.open(generation, &asked, "").await);
        assert_eq!(value(&got, "error"), "invalid_request", "{asked:?}");
        assert!(value(&got, "error_description").contains("code_challenge"));
    }
    let (code, _) = world.code(V1, &plain, UserRole::Sally).await;
    let answer = world.exchange(V1, ClientRole::Public, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.status, 200, "v1 offers plain");
}

#[tokio::test]
async fn a_native_client_may_listen_on_any_port_of_a_loopback_address() {
    let world = world().await;
    let asked = asking(&world, ClientRole::Native);
    for uri in ["http://127.0.0.1:49152/callback", "http://127.0.0.1/callback", "http://[::1]:1/callback"] {
        let (code, _) = world.code(V2, &with(asked.clone(), "redirect_uri", uri), UserRole::Sally).await;
        let more = [("code_verifier", VERIFIER), ("redirect_uri", uri)];
        assert_eq!(world.exchange(V2, ClientRole::Native, &code, &more).await.status, 200, "{uri}");
    }
    for uri in [
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:8080/callback/",
        "http://127.0.0.1:8080/callback?a=b",
        "http://localhost:8080/callback",
        "https://127.0.0.1:8080/callback",
        CALLBACK,
    ] {
        let page = world.open(V2, &with(asked.clone(), "redirect_uri", uri), "").await;
        assert_eq!(page.json()["error"], "redirect_uri_mismatch", "{uri}");
    }
}

#[tokio::test]
async fn each_response_mode_is_honoured_where_it_is_allowed() {
    let world = world().await;
    let session = cookie(&world.sign_in(V2, &asking(&world, ClientRole::Basic), UserRole::Sally).await);
    for response_type in ["code", "id_token", "id_token token"] {
        let asked = request(&world.client(ClientRole::Basic), response_type);
        let url =
            location(&world.open(V2, &with(asked.clone(), "response_mode", "fragment"), &session).await);
        assert!(url.query().is_none() && url.fragment().is_some());
        let page = world.open(V2, &with(asked.clone(), "response_mode", "form_post"), &session).await;
        assert_eq!((page.status, action(&page).as_str()), (200, CALLBACK));
        assert_eq!(value(&hidden(&page), "state"), "a state & more");
        assert_eq!(hidden(&page)[0].0, response_type.split(' ').next().unwrap());
        assert!(page.body.contains("<noscript>") && page.body.contains("<button"));
        let script = page.body.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
        let hash = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, script.as_bytes()));
        let policy = page.header("content-security-policy");
        assert!(policy.contains(&format!("script-src 'sha256-{hash}'")), "{policy}");
        assert!(policy.contains("form-action https://payroll.acme.example;"), "{policy}");
        let refused = world.open(V2, &with(asked.clone(), "response_mode", "query"), &session).await;
        let url = location(&refused);
        if response_type == "code" {
            assert!(url.query().unwrap().starts_with("code="));
        } else {
            assert!(url.fragment().unwrap().starts_with("error=invalid_request"), "{url}");
        }
        let url = location(
            &world.open(V2, &with(asked.clone(), "response_mode", "carrier_pigeon"), &session).await,
        );
        assert!(url.as_str().contains("error=invalid_request"));
        let silent = with(with(asked, "response_mode", "form_post"), "prompt", "none");
        let page = world.open(V2, &silent, "").await;
        assert_eq!(value(&hidden(&page), "error"), "login_required", "errors are posted too");
    }
}

#[tokio::test]
async fn v2_names_its_issuer_in_the_response_if_asked_to() {
    let world = world_with(Options { response_iss: true, ..Options::default() }).await;
    let member = "authorization_response_iss_parameter_supported";
    let metadata = |generation| world.url(generation, "/.well-known/openid-configuration");
    assert_eq!(world.get(&metadata(V2)).await.json()[member], true);
    assert_eq!(world.get(&metadata(V1)).await.json().get(member), None);
    let asked = asking(&world, ClientRole::Basic);
    let got = query(&world.sign_in(V2, &asked, UserRole::Sally).await);
    assert_eq!(value(&got, "iss"), world.simulator.issuer(V2));
    let refused = query(&world.open(V2, &with(asked.clone(), "prompt", "none"), "").await);
    assert_eq!(value(&refused, "iss"), world.simulator.issuer(V2));
    assert_eq!(names(&query(&world.sign_in(V1, &asked, UserRole::Sally).await)), ["code", "state"]);
}
