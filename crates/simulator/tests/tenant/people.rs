//! The description, and the people who are hard to show.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{Client, ClientRole, Options, User, UserRole};

use crate::common::{bearer, decode, names, world, world_with};

const SCOPE: &str = "openid profile email groups phone params";

#[tokio::test]
async fn the_description_has_the_shape_of_the_command_lines_contract() {
    let world = world().await;
    let line = serde_json::to_string(&world.simulator.description()).unwrap();
    assert!(!line.contains('\n'));
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(names(&json), ["issuers", "clients", "users"]);
    assert_eq!(names(&json["issuers"]), ["v1", "v2"]);
    assert_eq!(json["issuers"]["v2"], world.simulator.issuer(V2));
    let clients = json["clients"].as_array().unwrap();
    for client in clients {
        assert_eq!(names(client), ["client_id", "client_secret", "auth_method", "redirect_uris"]);
        assert_eq!(client["client_secret"].is_null(), client["auth_method"] == "none");
        assert!(client["redirect_uris"][0].as_str().unwrap().ends_with("/callback"));
    }
    assert_eq!(clients[0]["redirect_uris"][0], "https://payroll.acme.example/callback");
    for method in ["basic", "post", "none"] {
        assert!(clients.iter().any(|client| client["auth_method"] == method));
    }
    for user in json["users"].as_array().unwrap() {
        assert_eq!(names(user), ["username", "password", "outcome"]);
    }
    assert_eq!(json["users"][0]["username"], "peggy.sue");
    assert_eq!(json["users"][0]["outcome"], "ok");
}

#[tokio::test]
async fn everybody_described_as_ok_signs_in_at_both_generations() {
    let world = world().await;
    let client = world.client(ClientRole::Public);
    let ok: Vec<_> =
        world.simulator.description().users.into_iter().filter(|user| user.outcome == "ok").collect();
    assert!(ok.len() >= 7);
    for user in ok {
        for generation in [V1, V2] {
            let fields = [
                ("grant_type", "password"),
                ("username", &*user.username),
                ("password", &user.password),
                ("scope", SCOPE),
            ];
            let answer = world.post(generation, "/token", &client, &fields).await;
            assert_eq!(answer.status, 200, "{}", user.username);
            let me = world.me(generation, Some(&bearer(&answer.json()["access_token"]))).await;
            assert_eq!(me.json()["preferred_username"], *user.username);
        }
    }
}

#[tokio::test]
async fn somebody_without_roles_has_no_groups_claim() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::NoGroups, SCOPE).await.json();
    assert_eq!(decode(&json["id_token"]).1.get("groups"), None);
}

#[tokio::test]
async fn h_27_somebody_has_5000_groups() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::ManyGroups, SCOPE).await.json();
    let groups = decode(&json["id_token"]).1["groups"].as_array().unwrap().len();
    assert_eq!(groups, 5_000);
}

#[tokio::test]
async fn h_27_somebody_has_200_kb_of_claims() {
    let world = world().await;
    for generation in [V1, V2] {
        let json = world.password(generation, ClientRole::Basic, UserRole::ManyClaims, SCOPE).await.json();
        let size = world.me(generation, Some(&bearer(&json["access_token"]))).await.body.len();
        assert!((180_000..260_000).contains(&size), "{size}");
    }
}

#[tokio::test]
async fn h_21_somebody_is_hostile() {
    let world = world().await;
    let json = world.password(V2, ClientRole::Basic, UserRole::Hostile, SCOPE).await.json();
    let me = world.me(V2, Some(&bearer(&json["access_token"]))).await.json().to_string();
    for hostile in
        ["<script>", "\u{202e}", "\u{200b}", "\\u001b[2J", "=HYPERLINK", "__proto__", "http://127.0.0.1:9/"]
    {
        assert!(me.contains(hostile), "{hostile}");
    }
}

#[tokio::test]
async fn a_test_can_add_its_own_client_and_person() {
    let client = Client::new("canary-client", latchkey_simulator::AuthMethod::Post, Some("canary-secret"));
    let user = User::new("7", "canary", "canary-password", "Cana", "Ry");
    let options = Options { more_clients: vec![client], more_users: vec![user], ..Options::default() };
    let world = world_with(options).await;
    assert_eq!(world.password(V2, ClientRole::Other, UserRole::Other, "openid").await.status, 200);
}
