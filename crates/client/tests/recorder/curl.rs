//! H-22: the copied command runs unchanged in a POSIX shell, and sends what the client would send.

use std::process::{Command, Output};

use latchkey_client::curl::{from_exchange, from_request};
use latchkey_client::recorder::Recorder;
use latchkey_oidc::Secret;
use latchkey_oidc::http::{Authorization, Endpoint, FieldValue, HttpRequest, Method};
use tokio_util::sync::CancellationToken;
use url::{Url, form_urlencoded};

use crate::support::{Peer, Server, get, serve, small, transport};

const NASTY: &str =
    "it's \"q\" $HOME `id` $(id) \\ \\n !x & | ; < > * ? [a] {b} ~ # % + = @file 'x' ünï 日本\nnext\tline ";
const SECRETS: [(&str, &str); 5] = [
    ("LATCHKEY_PASSWORD", "pa'ss \"$HOME\" `id` \\ & = + % @ ü日\nline"),
    ("LATCHKEY_CLIENT_SECRET", "sec'ret:\"$HOME\" `id` \\ & = + % ~*-._ ü日\nline"),
    ("LATCHKEY_REFRESH_TOKEN", "refresh'\"$token"),
    ("LATCHKEY_ACCESS_TOKEN", "access.token-1_2~3+/="),
    ("LATCHKEY_TOKEN", "another$token"),
];

fn secret(name: &str) -> Secret {
    Secret::from(SECRETS.iter().find(|(variable, _)| *variable == name).unwrap().1)
}

async fn server() -> Server {
    serve(|mut peer: Peer| async move {
        while peer.request().await.is_some() {
            peer.json("{\"ok\": true}").await;
        }
    })
    .await
}

fn requests(url: impl Fn(&str) -> Url) -> Vec<HttpRequest> {
    let field = |name: &str, value: &str| (name.to_owned(), FieldValue::Plain(value.to_owned()));
    let password = |authorization| HttpRequest {
        endpoint: Endpoint::Token,
        method: Method::Post,
        url: url("/token"),
        authorization,
        form: Some(vec![
            field("grant_type", "password"),
            field("username", NASTY),
            field("na'me $x=&", "@/etc/passwd"),
            field("", "without a name"),
            field("empty", ""),
            field("looks like a placeholder", "[password]"),
            ("password".to_owned(), FieldValue::Credential(secret("LATCHKEY_PASSWORD"))),
            ("client_secret".to_owned(), FieldValue::Credential(secret("LATCHKEY_CLIENT_SECRET"))),
            ("refresh_token".to_owned(), FieldValue::Token(secret("LATCHKEY_REFRESH_TOKEN"))),
            ("token".to_owned(), FieldValue::Token(secret("LATCHKEY_TOKEN"))),
        ]),
        accept: "application/json",
    };
    let basic = Authorization::Basic {
        client_id: "cli'ent:\"id\" $x ü".to_owned(),
        client_secret: secret("LATCHKEY_CLIENT_SECRET"),
    };
    let mut bearer = get(url("/me?q=it's[1]{2,3}&x=$HOME`id`"));
    bearer.authorization = Some(Authorization::Bearer(secret("LATCHKEY_ACCESS_TOKEN")));
    let mut empty = password(None);
    empty.form = Some(Vec::new());
    let mut none = password(None);
    none.form = None;
    vec![
        password(Some(basic)),
        password(None),
        bearer,
        get(url("/.well-known/openid-configuration")),
        empty,
        none,
    ]
}

fn shell(command: &str, variables: &[(&str, &str)]) -> Output {
    let home = tempfile::tempdir().unwrap();
    Command::new("sh")
        .args(["-c", command])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// What matters of a request: its first line, authorization, and decoded form.
fn essence(request: &str) -> (Vec<Option<String>>, Vec<(String, String)>) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    (
        vec![head.lines().next().map(str::to_owned), header("authorization"), header("accept")],
        form_urlencoded::parse(body.as_bytes()).into_owned().collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn h22_the_copied_command_sends_what_the_client_sends() {
    let server = server().await;
    let transport = transport(small());
    for request in requests(|path| server.url(path)) {
        let recorder = Recorder::new();
        transport.send(&request, &recorder, &CancellationToken::new()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        for command in [from_exchange(&recorder.exchanges()[0]), from_request(&request)] {
            for (_, value) in SECRETS {
                assert!(!command.contains(value), "{command}");
            }
            let checked = Command::new("sh").args(["-n", "-c", &command]).output().unwrap();
            assert!(checked.status.success(), "{command}");
            let before = server.requests().len();
            let output = tokio::task::spawn_blocking({
                let command = command.clone();
                move || shell(&command, &SECRETS)
            })
            .await
            .unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{command}\n{errors}");
            assert!(String::from_utf8_lossy(&output.stdout).contains("{\"ok\": true}"), "{command}");
            let requests = server.requests();
            assert_eq!(requests.len(), before + 1);
            assert_eq!(essence(&requests[before]), essence(&sent), "{command}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h22_a_secret_that_is_not_set_stops_the_command_and_is_named() {
    let server = server().await;
    for request in requests(|path| server.url(path)).into_iter().take(3) {
        let command = from_request(&request);
        for (missing, words) in [
            ("LATCHKEY_PASSWORD", "set it to the password"),
            ("LATCHKEY_CLIENT_SECRET", "set it to the client secret"),
            ("LATCHKEY_ACCESS_TOKEN", "set it to the access token"),
        ] {
            if !command.contains(missing) {
                continue;
            }
            let others: Vec<_> = SECRETS.into_iter().filter(|(name, _)| *name != missing).collect();
            let output = shell(&command, &others);
            assert!(!output.status.success(), "{command}");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(errors.contains(missing) && errors.contains(words), "{errors}");
        }
    }
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}

#[test]
fn h22_the_command_reads_well() {
    let request = HttpRequest {
        endpoint: Endpoint::Token,
        method: Method::Post,
        url: "https://acme.onelogin.com/oidc/2/token".parse().unwrap(),
        authorization: None,
        form: Some(vec![
            ("grant_type".to_owned(), FieldValue::Plain("password".to_owned())),
            ("password".to_owned(), FieldValue::Credential(Secret::from("x"))),
        ]),
        accept: "application/json",
    };
    let expected = r#"curl --include --globoff \
  --header 'Accept: application/json' \
  --data-urlencode 'grant_type=password' \
  --data-urlencode 'password='"${LATCHKEY_PASSWORD:?set it to the password}" \
  'https://acme.onelogin.com/oidc/2/token'"#;
    assert_eq!(from_request(&request), expected);
}
