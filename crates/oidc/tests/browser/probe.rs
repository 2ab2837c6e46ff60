//! What the authorization endpoint says before a window opens.

use latchkey_oidc::authorization_probe::{self, Verdict, judge};
use latchkey_oidc::catalogue::Context;
use latchkey_oidc::http::{Endpoint, HttpAnswer, Method};
use latchkey_oidc::response_type::ResponseType;
use latchkey_oidc::{Problem, ProblemKind};
use serde_json::json;
use url::Url;

use crate::flow::*;
use crate::support::*;

fn context() -> Context<'static> {
    Context { onelogin: true, ..Context::default() }
}

fn verdict(answer: &HttpAnswer) -> Verdict {
    judge(answer, &flow(ResponseType::IdTokenToken, None).pending, &context())
}

fn redirect(status: u16, location: &str) -> HttpAnswer {
    HttpAnswer { headers: vec![("location".to_owned(), location.to_owned())], ..answer(status, "", "") }
}

#[track_caller]
fn refused(verdict: Verdict) -> Problem {
    match verdict {
        Verdict::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_probe_asks_for_what_the_window_opens() {
    let url = Url::parse(&format!("{ISSUER}/auth?client_id=x")).unwrap();
    let request = authorization_probe::request(url.clone());
    assert_eq!((request.endpoint, request.method), (Endpoint::Authorization, Method::Get));
    assert_eq!(request.url, url);
    assert!(request.authorization.is_none() && request.form.is_none());
    assert!(request.accept.starts_with("application/json"));
}

#[test]
fn errors_that_may_not_be_redirected_are_explained_with_the_setting() {
    for (status, code, description, place) in [
        (400, "invalid_request", "missing required parameter(s). (nonce)", "nonce"),
        (400, "invalid_request", "missing required parameter(s). (redirect_uri)", "Redirect URIs"),
        (
            400,
            "redirect_uri_mismatch",
            "redirect_uri did not match any client's registered redirect_uri",
            "10 minutes",
        ),
        (400, "invalid_client", "client is invalid", "Client ID"),
        (401, "invalid_client", "client is invalid", "Client ID"),
        (200, "invalid_client", "client is invalid", "Client ID"),
    ] {
        let body = json!({ "error": code, "error_description": description, "state": "s" }).to_string();
        let problem = refused(verdict(&json_answer(status, &body)));
        assert_eq!(problem.kind, ProblemKind::OauthError);
        assert_eq!(problem.endpoint, Some(Endpoint::Authorization));
        assert!(problem.remedy.contains(place) || status == 200, "{}", problem.remedy);
        // The same page, taken from inside the window.
        let seen = authorization_probe::page(&format!("  {body}\n"), &context()).unwrap();
        assert_eq!((seen.code.as_deref(), seen.http_status), (Some(code), None));
        assert!(seen.remedy.contains(place), "{}", seen.remedy);
    }
    for page in ["", "<html>", "{}", "{\"error\":1}", "[1]"] {
        assert_eq!(authorization_probe::page(page, &context()), None);
    }
}

#[test]
fn a_login_page_and_a_redirect_elsewhere_let_the_window_open() {
    for answer in [
        answer(200, "text/html; charset=utf-8", "<form>"),
        answer(200, "", ""),
        json_answer(200, "{}"),
        redirect(302, "https://acme.onelogin.com/login2/?return=x"),
        redirect(303, "/interaction/1?error=login_required"),
        redirect(302, ""),
        answer(302, "", ""),
    ] {
        assert_eq!(verdict(&answer), Verdict::GoOn, "{answer:?}");
    }
}

#[test]
fn an_error_on_its_way_to_the_redirect_uri_is_told_before_the_window_opens() {
    let state = flow(ResponseType::IdTokenToken, None).state;
    for sign in ['?', '#'] {
        let to = |code: &str, state: &str| {
            redirect(
                302,
                &format!("{REDIRECT_URI}{sign}error={code}&error_description=some+text&state={state}"),
            )
        };
        for code in ["unsupported_response_type", "invalid_scope", "invalid_request", "unauthorized_client"] {
            let Verdict::Redirected(problem) = verdict(&to(code, &state)) else { panic!("{code}") };
            assert_eq!((problem.code.as_deref(), problem.http_status), (Some(code), Some(302)));
        }
        // The probe has no session, so what asks for one says nothing.
        for code in
            ["login_required", "interaction_required", "consent_required", "account_selection_required"]
        {
            assert_eq!(verdict(&to(code, &state)), Verdict::GoOn, "{code}");
        }
        // Not an answer to this request, or not to this address.
        assert_eq!(verdict(&to("invalid_scope", "another")), Verdict::GoOn);
        let elsewhere = redirect(302, &format!("{REDIRECT_URI}2{sign}error=invalid_scope&state={state}"));
        assert_eq!(verdict(&elsewhere), Verdict::GoOn);
    }
}

#[test]
fn a_page_with_an_error_status_is_unclear_and_its_status_explained() {
    for status in [400, 401, 403, 404, 429, 500, 503] {
        let Verdict::Unclear(problem) = verdict(&answer(status, "text/html", "<h1>We are sorry</h1>")) else {
            panic!("{status}")
        };
        assert_eq!(problem.http_status, Some(status));
        assert_eq!(problem.description.as_deref(), Some("<h1>We are sorry</h1>"));
        assert!(!problem.explanation.is_empty() && !problem.remedy.is_empty());
    }
    let Verdict::Unclear(problem) = verdict(&answer(400, "text/html", "<h1>Invalid redirect_uri</h1>"))
    else {
        panic!()
    };
    assert!(problem.remedy.contains("Redirect URIs"), "{}", problem.remedy);
}
