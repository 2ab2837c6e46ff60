//! H-20: proxies that refuse, that are not there, and that must not be asked for loopback hosts.

use latchkey_client::transport::{Transport, TransportOptions};
use latchkey_oidc::ProblemKind;

use crate::support::{Peer, get, is_alone, post, run_alone, send, serve, small};

fn through(proxy: &str) -> Transport {
    Transport::through_proxy(TransportOptions { limits: small(), ..TransportOptions::default() }, proxy)
        .unwrap()
}

/// Refuses every request with that status line.
async fn refusing(status: &'static str) -> crate::support::Server {
    serve(move |mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.answer(status, "proxy-authenticate: Basic realm=\"proxy\"\r\n", "go away").await;
        }
    })
    .await
}

#[tokio::test]
async fn h20_a_proxy_that_wants_a_login_is_told_apart() {
    let proxy = refusing("407 Proxy Authentication Required").await;
    let transport = through(proxy.url("/").as_ref());
    for url in ["https://provider.invalid/", "http://provider.invalid/"] {
        let problem = send(&transport, &post(url.parse().unwrap())).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Proxy, "{url}");
        assert_eq!(problem.http_status, Some(407));
        assert!(problem.explanation.contains(&proxy.address.to_string()), "{}", problem.explanation);
        assert!(problem.remedy.contains("HTTPS_PROXY"), "{}", problem.remedy);
    }
    assert!(proxy.requests()[0].starts_with("CONNECT provider.invalid:443 "));
}

#[tokio::test]
async fn h20_a_proxy_that_refuses_the_host_is_told_apart() {
    let proxy = refusing("403 Forbidden").await;
    let problem = send(&through(proxy.url("/").as_ref()), &get("https://provider.invalid/".parse().unwrap()))
        .await
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Proxy);
    assert!(problem.explanation.contains("provider.invalid:443"), "{}", problem.explanation);
    assert!(problem.remedy.contains("NO_PROXY"), "{}", problem.remedy);
}

#[tokio::test]
async fn h20_a_proxy_that_is_not_there_is_told_apart_and_its_password_stays_out() {
    let unused = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let transport = through(&format!("http://user:proxy-password@{unused}"));
    let problem = send(&transport, &get("https://provider.invalid/".parse().unwrap())).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Proxy);
    assert!(problem.explanation.contains(&unused.to_string()), "{}", problem.explanation);
    assert!(!format!("{problem:?}").contains("proxy-password"));
    let transport = through("http://proxy.invalid:3128");
    let problem = send(&transport, &get("https://provider.invalid/".parse().unwrap())).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Proxy);
    assert!(problem.explanation.contains("name of the proxy proxy.invalid:3128"), "{}", problem.explanation);
}

#[tokio::test]
async fn loopback_hosts_are_never_asked_for_through_a_proxy() {
    let proxy = refusing("403 Forbidden").await;
    let server = serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json("{}").await;
        }
    })
    .await;
    let transport = through(proxy.url("/").as_ref());
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::ffff:127.0.0.1]"] {
        let answer = send(&transport, &get(server.url_at(host, "/"))).await.unwrap();
        assert_eq!(answer.status, 200, "{host}");
    }
    assert_eq!(proxy.connections(), 0);
}

const FROM_THE_ENVIRONMENT: &str = "proxies::the_proxy_of_the_environment_is_used_but_not_for_loopback";

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_but_not_for_loopback() {
    if is_alone(FROM_THE_ENVIRONMENT) {
        let server = serve(|mut peer: Peer| async move {
            peer.request().await;
            peer.json("{}").await;
        })
        .await;
        let transport = crate::support::transport(small());
        send(&transport, &get(server.url("/"))).await.unwrap();
        let problem = send(&transport, &get("https://provider.invalid/".parse().unwrap())).await.unwrap_err();
        assert_eq!((problem.kind, problem.http_status), (ProblemKind::Proxy, Some(407)));
        return;
    }
    let proxy = refusing("407 Proxy Authentication Required").await;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let before = proxy.requests().len();
        let address = proxy.url("/").to_string();
        tokio::task::spawn_blocking(move || run_alone(FROM_THE_ENVIRONMENT, &[(variable, &address)]))
            .await
            .unwrap();
        assert_eq!(proxy.requests().len(), before + 1, "{variable}");
    }
}
