//! A tenant whose secrets are written for this test.

use latchkey_simulator::{
    AnswerFault, AuthMethod, ClaimFault, Client, Faults, IdTokenFault, Options, Simulator, TokenFault, User,
    UserInfoFault,
};

/// What form encoding, JSON, shells, HTML and SQL each have to get right.
pub(crate) const PASSWORD: &str = "Canary pass\"w<r&d>%+/=\\'$(id);--0123456789";
pub(crate) const CLIENT_SECRET: &str = "canary+client/secret=&%20\"'\\$(id)-0123456789";
pub(crate) const USERNAME: &str = "carla.canary";
pub(crate) const CLIENT_ID: &str = "canary-client";

pub(crate) async fn tenant() -> Simulator {
    let options = Options {
        more_clients: vec![Client::new(CLIENT_ID, AuthMethod::Basic, Some(CLIENT_SECRET))],
        more_users: vec![User::new("41879999", USERNAME, PASSWORD, "Carla", "Canary")],
        ..Options::default()
    };
    Simulator::start(options).await.unwrap()
}

/// Token answers that repeat the password: in JSON with the whole request, and in HTML with headers and a reason.
pub(crate) fn indiscreet() -> [Faults; 3] {
    let replace = |status, content_type: &str, body: String| AnswerFault::Replace {
        status,
        content_type: Some(content_type.to_owned()),
        headers: vec![
            ("x-password".to_owned(), form(PASSWORD)),
            ("x-debug".to_owned(), format!("secret={}", form(CLIENT_SECRET))),
            ("set-cookie".to_owned(), format!("password={}", form(PASSWORD))),
        ],
        body,
    };
    let html = format!("<html><body>Wrong password: {PASSWORD} for {CLIENT_SECRET}</body></html>");
    let json = serde_json::json!({
        "error": "invalid_request",
        "error_description": format!("{PASSWORD} is not the password, {CLIENT_SECRET} is the secret"),
        "error_uri": format!("https://acme.example/?p={}", form(PASSWORD)),
    });
    [AnswerFault::Echo, replace(500, "text/html", html), replace(401, "application/json", json.to_string())]
        .map(|token| Faults { token: Some(token), ..Faults::default() })
}

/// Answers that put the password where a check quotes what came: the sign-in is rejected.
pub(crate) fn quoted() -> [Faults; 3] {
    let token_type = TokenFault::Set("token_type".to_owned(), PASSWORD.into());
    let issuer = ClaimFault::Set("iss".to_owned(), format!("https://{PASSWORD}/{CLIENT_SECRET}").into());
    let subject = UserInfoFault::Set("sub".to_owned(), PASSWORD.into());
    [
        Faults { token_answer: Some(token_type), ..Faults::default() },
        Faults { id_token: Some(IdTokenFault::Claim(issuer)), ..Faults::default() },
        Faults { userinfo_claims: Some(subject), ..Faults::default() },
    ]
}

/// Claims that repeat the password beside what is asked for: the sign-in is accepted.
pub(crate) fn claimed() -> Faults {
    let nickname = ClaimFault::Set("nickname".to_owned(), PASSWORD.into());
    let website = UserInfoFault::Set("website".to_owned(), serde_json::json!([{ "of": CLIENT_SECRET }]));
    Faults {
        id_token: Some(IdTokenFault::Claim(nickname)),
        userinfo_claims: Some(website),
        ..Faults::default()
    }
}

fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
