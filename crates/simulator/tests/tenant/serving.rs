//! Plain HTTP: paths, methods, headers, latency, keep-alive, stopping.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use latchkey_simulator::Generation::{V1, V2};
use latchkey_simulator::{ClientRole, Options, Requests, Simulator, UserRole};

use crate::common::{got, http, world, world_with};

#[tokio::test]
async fn an_unknown_path_is_404_in_json() {
    let world = world().await;
    let base = format!("http://127.0.0.1:{}", world.simulator.port());
    for path in
        ["/", "/oidc", "/oidc/2", "/oidc/2/", "/oidc/2/register", "/oidc/3/me", "/oidc/logout", "/oidc/2/me/"]
    {
        let answer = world.get(&format!("{base}{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["error"], "invalid_request");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_says_which_is_right() {
    let world = world().await;
    let answer = world.get(&world.url(V2, "/token")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    let answer = world.post_raw(V2, "/me", None, &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"));
    assert_eq!(answer.json()["error"], "invalid_request");
}

#[tokio::test]
async fn head_answers_without_a_body() {
    let world = world().await;
    let answer = got(world.http.head(world.url(V2, "/.well-known/openid-configuration"))).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let world = world().await;
    let answer = world.post_raw(V2, "/token", None, &[("username", &"x".repeat(70_000))]).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn the_date_header_follows_the_tenants_clock() {
    let world = world().await;
    let url = world.url(V2, "/certs");
    assert_eq!(world.get(&url).await.header("date"), "Thu, 12 Apr 2018 21:55:59 GMT");
    world.clock.fetch_add(3_600, Ordering::Relaxed);
    assert_eq!(world.get(&url).await.header("date"), "Thu, 12 Apr 2018 22:55:59 GMT");
}

#[tokio::test]
async fn each_request_is_counted_at_its_endpoint() {
    let world = world().await;
    world.password(V2, ClientRole::Basic, UserRole::Locked, "openid").await;
    world.me(V1, None).await;
    world.me(V2, None).await;
    world.get(&world.url(V2, "/nowhere")).await;
    let expected = Requests { token: 1, userinfo: 2, unknown: 1, ..Requests::default() };
    assert_eq!(world.simulator.requests(), expected);
    assert_eq!(expected.total(), 4);
}

#[tokio::test]
async fn every_answer_takes_the_latency_and_one_connection_serves_them_all() {
    let latency = Duration::from_millis(50);
    let world = world_with(Options { latency, ..Options::default() }).await;
    let url = world.url(V2, "/.well-known/openid-configuration");
    world.get(&url).await;
    let start = Instant::now();
    for _ in 0..3 {
        let answer = world.get(&url).await;
        assert_eq!(answer.header("connection"), "", "kept alive");
    }
    let each = start.elapsed() / 3;
    assert!(each >= latency && each < latency * 4, "{each:?}");
    world.simulator.set_latency(Duration::from_secs(3_600));
    let waiting = tokio::time::timeout(latency, world.get(&url)).await;
    assert!(waiting.is_err(), "the latency can be changed while it runs");
}

#[tokio::test]
async fn it_is_reachable_on_ipv4_loopback_alone() {
    let world = world().await;
    let port = world.simulator.port();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert!(std::net::TcpStream::connect(("127.0.0.2", port)).is_err(), "not bound to every address");
    assert!(std::net::TcpStream::connect(("::1", port)).is_err());
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_idle_connections() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let (port, url) = (simulator.port(), format!("{}/certs", simulator.issuer(V2)));
    let http = http();
    assert_eq!(got(http.get(&url)).await.status, 200);
    simulator.stop().await;
    assert!(http.get(&url).send().await.is_err());
    let again = Simulator::start(Options { port, ..Options::default() }).await.unwrap();
    assert_eq!(again.port(), port);
}

#[tokio::test]
async fn dropping_it_stops_it() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let port = simulator.port();
    drop(simulator);
    let gone = async {
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}
