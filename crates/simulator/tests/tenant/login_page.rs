//! The pages of the tenant: a login form, a second factor, and the session that they begin.

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, ONE_TIME_CODE, Outcome, UserRole, users};
use serde_json::json;

use crate::browser::{Fields, action, cookie, error, fragment, hidden, names, query, request, value, with};
use crate::common::{NOW, World, decode, got, world};

fn asking(world: &World) -> Fields {
    request(&world.client(ClientRole::Basic), "id_token")
}

#[tokio::test]
async fn it_is_a_plain_form_that_carries_the_request_and_runs_nothing() {
    let world = world().await;
    let asked = with(asking(&world), "state", "<script>\"'&");
    let page = world.open(V2, &asked, "").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(action(&page), "/oidc/2/auth");
    assert_eq!(hidden(&page), asked);
    for field in [r#"name="username""#, r#"name="password" type="password""#] {
        assert!(page.body.contains(field), "{field}");
    }
    assert!(!page.body.contains("<script"), "{}", page.body);
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.ends_with("form-action 'self' https://payroll.acme.example"), "{policy}");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("set-cookie"), "", "nobody is signed in yet");
}

#[tokio::test]
async fn a_posted_request_is_as_good_as_one_in_the_query() {
    let world = world().await;
    let asked = asking(&world);
    let page = got(world.http.post(world.url(V2, "/auth")).form(&asked)).await;
    assert_eq!((page.status, hidden(&page)), (200, asked.clone()));
    let url = url::Url::parse_with_params(&world.url(V2, "/auth"), &asked).unwrap();
    let elsewhere = got(world.http.post(url)).await;
    assert_eq!(elsewhere.status, 400, "a posted request has no query");
}

#[tokio::test]
async fn credentials_in_the_query_are_ignored() {
    let world = world().await;
    let asked = with(with(asking(&world), "username", "sally"), "password", "demo-sally");
    let page = world.open(V2, &asked, "").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("demo-sally"), "nor repeated");
}

#[tokio::test]
async fn each_failure_shows_its_documented_text_and_another_try_succeeds() {
    let world = world().await;
    for user in users() {
        let answer = match user.outcome {
            Outcome::Ok | Outcome::MfaRequired | Outcome::WrongPassword => continue,
            _ => world.sign_in(V2, &asking(&world), user.role).await,
        };
        assert_eq!(error(&answer), user.outcome.error_description().unwrap());
        assert_eq!(answer.header("set-cookie"), "");
        assert!(answer.body.contains(&format!("value=\"{}\"", user.username)), "the name stays");
        assert!(!answer.body.contains(&user.password), "the password does not");
        assert_eq!(hidden(&answer), asking(&world));
    }
    for typed in [&[("username", "sally"), ("password", "wrong")][..], &[("username", ""), ("password", "")]]
    {
        let page = world.open(V2, &asking(&world), "").await;
        let answer = world.fill_in(&page, typed, "").await;
        assert_eq!(error(&answer), "Authentication Failed: Invalid user credentials");
        let answer =
            world.fill_in(&answer, &[("username", "SALLY@onelogin.com"), ("password", "demo-sally")], "");
        assert_eq!(names(&fragment(&answer.await)), ["id_token", "state"]);
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for_on_a_second_page() {
    let world = world().await;
    let page = world.sign_in(V2, &asking(&world), UserRole::MfaRequired).await;
    assert_eq!((page.status, page.header("set-cookie")), (200, ""));
    assert!(
        page.body.contains(r#"name="one_time_code""#) && page.body.contains(ONE_TIME_CODE),
        "{}",
        page.body
    );
    assert!(!page.body.contains("demo-mia"), "the password is not carried on");
    let wrong = world.fill_in(&page, &[("one_time_code", "000000")], "").await;
    assert_eq!(error(&wrong), "The code is wrong.");
    let answer = world.fill_in(&wrong, &[("one_time_code", " 314159 ")], "").await;
    let (_, claims) = decode(&json!(value(&fragment(&answer), "id_token")));
    assert_eq!(claims["sub"], world.user(UserRole::MfaRequired).profile.sub);
    let replayed = world.fill_in(&page, &[("one_time_code", ONE_TIME_CODE)], "").await;
    assert!(error(&replayed).contains("Start again"), "a page works once");
    let password = world.password(V2, ClientRole::Basic, UserRole::MfaRequired, "openid").await;
    assert_eq!(password.json()["error_description"], "MFA is required for this user");
}

#[tokio::test]
async fn a_second_factor_is_neither_guessed_nor_waited_for() {
    let world = world().await;
    let page = world.sign_in(V2, &asking(&world), UserRole::MfaRequired).await;
    for _ in 0..5 {
        world.fill_in(&page, &[("one_time_code", "000000")], "").await;
    }
    let late = world.fill_in(&page, &[("one_time_code", ONE_TIME_CODE)], "").await;
    assert!(error(&late).contains("Start again"));
    let page = world.sign_in(V2, &asking(&world), UserRole::MfaRequired).await;
    world.pass_time(300);
    let late = world.fill_in(&page, &[("one_time_code", ONE_TIME_CODE)], "").await;
    assert!(error(&late).contains("Start again"));
}

#[tokio::test]
async fn the_session_is_a_cookie_of_its_generation() {
    let world = world().await;
    for (generation, name, path) in [(V1, "demo_session_v1", "/oidc"), (V2, "demo_session_v2", "/oidc/2")] {
        let answer = world.sign_in(generation, &asking(&world), UserRole::Sally).await;
        let header = answer.header("set-cookie");
        assert!(header.starts_with(&format!("{name}=")), "{header}");
        assert!(
            header.ends_with(&format!("; Path={path}; Max-Age=28800; HttpOnly; SameSite=Lax")),
            "{header}"
        );
        let silent = with(asking(&world), "prompt", "none");
        let both = format!("theme=dark; {}; other=1", cookie(&answer));
        assert_eq!(names(&fragment(&world.open(generation, &silent, &both).await)), ["id_token", "state"]);
        let forged = format!("{name}=AAAA");
        assert_eq!(
            value(&fragment(&world.open(generation, &silent, &forged).await), "error"),
            "login_required"
        );
        world.pass_time(28_800);
        let late = world.open(generation, &silent, &both).await;
        assert_eq!(value(&fragment(&late), "error"), "login_required");
    }
}

#[tokio::test]
async fn max_age_asks_again_when_the_sign_in_is_too_long_ago() {
    let world = world().await;
    let asked = asking(&world);
    let first = cookie(&world.sign_in(V2, &asked, UserRole::Sally).await);
    world.pass_time(100);
    let old_enough = with(asked.clone(), "max_age", "100");
    let (_, claims) =
        decode(&json!(value(&fragment(&world.open(V2, &old_enough, &first).await), "id_token")));
    assert_eq!(claims["auth_time"], NOW);
    let page = world.open(V2, &with(asked.clone(), "max_age", "99"), &first).await;
    assert_eq!(page.status, 200);
    let again = world.fill_in(&page, &[("username", "sally"), ("password", "demo-sally")], &first).await;
    let (_, claims) = decode(&json!(value(&fragment(&again), "id_token")));
    assert_eq!(claims["auth_time"], NOW + 100);
    let silent = with(asked.clone(), "prompt", "none");
    assert_eq!(
        value(&fragment(&world.open(V2, &silent, &first).await), "error"),
        "login_required",
        "replaced"
    );
    assert_eq!(names(&fragment(&world.open(V2, &silent, &cookie(&again)).await)), ["id_token", "state"]);
    for bad in ["-1", "soon"] {
        let refused = world.open(V2, &with(asked.clone(), "max_age", bad), &first).await;
        assert_eq!(value(&fragment(&refused), "error"), "invalid_request");
    }
    for (name, bad) in
        [("prompt", "consent"), ("prompt", "none login"), ("request", "e30.e30."), ("request_uri", "x")]
    {
        let refused = world.open(V2, &with(asked.clone(), name, bad), &first).await;
        assert!(value(&fragment(&refused), "error").contains("request"), "{name}={bad}");
    }
    let code = request(&world.client(ClientRole::Basic), "code");
    assert_eq!(
        value(&query(&world.open(V2, &with(code, "prompt", "none"), "").await), "error"),
        "login_required"
    );
}
