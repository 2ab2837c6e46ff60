//! The error catalogue: every documented answer gets its own explanation, everything else a fitting one.

use std::collections::HashSet;

use latchkey_oidc::catalogue::{
    CODE_LIMIT, Context, DESCRIPTION_LIMIT, Grant, ProviderError, Text, choose, explain, rows,
};
use latchkey_oidc::client_auth::AuthMethod;
use latchkey_oidc::http::Endpoint;
use latchkey_oidc::{Fix, ProblemKind};

use Endpoint::{Authorization, Discovery, Introspection, Jwks, Revocation, Token, Userinfo};

fn error(endpoint: Endpoint, status: u16, code: &str, description: &str) -> ProviderError {
    ProviderError {
        endpoint,
        status,
        code: code.to_owned(),
        description: (!description.is_empty()).then(|| description.to_owned()),
    }
}

fn onelogin() -> Context<'static> {
    Context { onelogin: true, app_name: Some("Payroll portal"), ..Context::default() }
}

fn password() -> Context<'static> {
    Context { grant: Some(Grant::Password), auth_method: Some(AuthMethod::Basic), ..onelogin() }
}

fn chosen(
    endpoint: Endpoint,
    status: u16,
    code: &str,
    description: &str,
    context: &Context<'_>,
) -> &'static str {
    choose(&error(endpoint, status, code, description), context).id
}

const APP: &str = "Applications › Payroll portal";
const SSO: &str = "Applications › Payroll portal › SSO";
const METHOD: &str = "Token Endpoint › Authentication Method";
const REDIRECT_URIS: &str = "Applications › Payroll portal › Configuration › Redirect URIs";
const USER: &str = "Users › Users › the user";

/// Endpoint, status, code and text as OneLogin documents them; the row; the place that the remedy names.
type Documented = (Endpoint, u16, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const DOCUMENTED: &[Documented] = &[
    (Authorization, 400, "invalid_request", "missing required parameter(s). (nonce)", "authorization-missing-nonce", APP),
    (Authorization, 400, "invalid_request", "missing required parameter(s). (redirect_uri)", "authorization-missing-redirect-uri", REDIRECT_URIS),
    (Authorization, 400, "redirect_uri_mismatch", "redirect_uri did not match any client's registered redirect_uri", "authorization-redirect-uri-mismatch", REDIRECT_URIS),
    (Authorization, 400, "redirect_uri_mismatch", "redirect_uri did not match any client's registered redirect_uris", "authorization-redirect-uri-mismatch", REDIRECT_URIS),
    (Authorization, 400, "invalid_client", "client is invalid", "authorization-client-invalid", SSO),
    (Authorization, 401, "invalid_client", "client is invalid", "authorization-client-invalid", SSO),
    (Authorization, 302, "unsupported_response_type", "response type not supported. (code token)", "authorization-response-type", SSO),
    (Authorization, 302, "invalid_request", "missing required parameter(s) scope", "authorization-missing-scope", APP),
    (Authorization, 302, "login_required", "End-User authentication is required", "authorization-login-required", "Security › Policies"),
    (Authorization, 302, "invalid_scope", "some of requested scopes are not whitelisted", "authorization-scope-unknown", SSO),
    (Token, 400, "invalid_request", "invalid authorization header value format", "token-header-format", SSO),
    (Introspection, 400, "invalid_request", "invalid authorization header value format", "token-header-format", SSO),
    (Revocation, 400, "invalid_request", "invalid authorization header value format", "token-header-format", SSO),
    (Token, 400, "invalid_request", "Resource not found", "token-resource-not-found", SSO),
    (Token, 400, "unsupported_grant_type", "unsupported grant_type requested (xxxx)", "token-grant-type", SSO),
    (Token, 400, "invalid_request", "client_secret must be provided in the Authorization header", "token-secret-in-header-basic", METHOD),
    (Token, 400, "invalid_grant", "grant request is invalid", "code-invalid-grant-password", USER),
    (Token, 401, "invalid_request", "Authentication Failed", "token-authentication-failed", METHOD),
    (Token, 401, "invalid_request", "Authentication Failed: Invalid user credentials", "token-user-credentials", USER),
    (Token, 401, "invalid_request", "MFA is required for this user", "token-user-mfa", "Authentication › User security policy"),
    (Token, 401, "invalid_request", "User is locked. Access is unauthorized", "token-user-locked", "Users › Users › the user › More Actions"),
    (Token, 401, "invalid_request", "User is suspended. Access is unauthorized", "token-user-suspended", "Users › Users › the user › More Actions"),
    (Token, 401, "invalid_request", "Password expired", "token-password-expired", "Users › Users › the user › More Actions"),
    (Token, 401, "invalid_request", "Access is unauthorized", "token-user-not-assigned", "Applications › Payroll portal › Access"),
    (Userinfo, 400, "invalid_request", "no bearer token provided", "userinfo-no-token", APP),
    (Userinfo, 400, "invalid_request", "invalid authorization header value format", "userinfo-header-format", APP),
    (Userinfo, 401, "invalid_token", "invalid token provided", "userinfo-invalid-token", SSO),
    (Introspection, 400, "invalid_request", "missing required parameter(s). (token)", "introspection-missing-token", APP),
    (Revocation, 400, "unsupported_token_type", "revocation of the presented token type is not supported", "revocation-unsupported-token-type", SSO),
    (Revocation, 401, "invalid_request", "Authentication Failed", "revocation-authentication-failed", METHOD),
    (Revocation, 401, "invalid_request", "Access is unauthorized", "revocation-access-unauthorized", METHOD),
];

#[test]
fn every_documented_answer_gets_its_row_and_names_the_place_in_the_portal() {
    for &(endpoint, status, code, text, row, place) in DOCUMENTED {
        let error = error(endpoint, status, code, text);
        assert_eq!(choose(&error, &password()).id, row, "{endpoint:?} {status} {code} {text}");
        let problem = explain(&error, &password());
        assert!(problem.remedy.contains(place), "{row}: {}", problem.remedy);
        assert_eq!(problem.kind, ProblemKind::OauthError);
        assert_eq!(problem.code.as_deref(), Some(code));
        assert_eq!(problem.description.as_deref(), Some(text));
        assert_eq!(problem.http_status, Some(status));
        assert_eq!(problem.endpoint, Some(endpoint));
        assert!(problem.explanation.ends_with('.') && problem.remedy.ends_with('.'), "{row}");
    }
}

#[test]
fn texts_are_compared_leniently() {
    for text in [
        "user is LOCKED. Access is unauthorized",
        "User is locked.  Access is unauthorized.",
        "  User is locked.\n\tAccess is unauthorized  ",
        "User is locked",
    ] {
        assert_eq!(chosen(Token, 401, "invalid_request", text, &password()), "token-user-locked", "{text}");
    }
    for text in ["missing required parameter(s) (nonce)", "Missing required parameters: scope, nonce"] {
        assert_eq!(
            chosen(Authorization, 400, "invalid_request", text, &onelogin()),
            "authorization-missing-nonce",
            "{text}"
        );
    }
    let live = "redirect_uri did not match any of the client's registered redirect_uris";
    assert_eq!(
        chosen(Authorization, 400, "redirect_uri_mismatch", live, &onelogin()),
        "authorization-redirect-uri-mismatch"
    );
}

#[test]
fn a_text_alone_chooses_nothing() {
    let text = "User is locked. Access is unauthorized";
    assert_eq!(chosen(Token, 401, "invalid_grant", text, &password()), "code-invalid-grant-password");
    assert_eq!(chosen(Token, 401, "", text, &password()), "status-401-client");
    assert_eq!(chosen(Token, 500, "made_up", text, &password()), "status-500");
    for row in rows().filter(|row| row.text != Text::Any) {
        assert!(row.code.is_some(), "{} needs a code", row.id);
        assert!(!row.endpoints.is_empty() && !row.statuses.is_empty(), "{}", row.id);
    }
}

#[test]
fn the_same_text_at_another_endpoint_is_not_matched() {
    for endpoint in [Userinfo, Authorization, Jwks, Discovery] {
        let row = chosen(endpoint, 401, "invalid_request", "MFA is required for this user", &password());
        assert!(row.starts_with("code-invalid-request"), "{endpoint:?}: {row}");
    }
    let header = "invalid authorization header value format";
    assert_eq!(chosen(Token, 400, "invalid_request", header, &password()), "token-header-format");
    assert_eq!(chosen(Userinfo, 400, "invalid_request", header, &password()), "userinfo-header-format");
    assert_eq!(chosen(Authorization, 400, "invalid_request", header, &password()), "code-invalid-request");
}

#[test]
fn an_unknown_text_falls_back_to_the_code() {
    let cases = [
        (Token, 401, "invalid_request", "code-invalid-request-password"),
        (Token, 400, "invalid_request", "code-invalid-request"),
        (Token, 401, "invalid_client", "code-invalid-client-basic"),
        (Token, 400, "INVALID_GRANT", "code-invalid-grant-password"),
        (Token, 400, "unauthorized_client", "code-unauthorized-client"),
        (Token, 400, "unsupported_grant_type", "code-unsupported-grant-type"),
        (Token, 400, "invalid_scope", "code-invalid-scope"),
        (Token, 400, "mfa_required", "code-mfa-required"),
        (Token, 400, "invalid_target", "code-invalid-target"),
        (Token, 400, "consent_required", "code-consent-required"),
        (Token, 400, "use_dpop_nonce", "code-use-dpop-nonce"),
        (Authorization, 302, "interaction_required", "code-interaction-required"),
        (Authorization, 302, "login_required", "code-login-required"),
        (Authorization, 302, "account_selection_required", "code-account-selection-required"),
        (Authorization, 302, "access_denied", "code-access-denied"),
        (Authorization, 302, "server_error", "code-server-error"),
        (Authorization, 302, "temporarily_unavailable", "code-temporarily-unavailable"),
        (Authorization, 302, "unsupported_response_type", "code-unsupported-response-type"),
        (Authorization, 302, "unsupported_response_mode", "code-unsupported-response-mode"),
        (Authorization, 302, "request_not_supported", "code-request-not-supported"),
        (Authorization, 302, "request_uri_not_supported", "code-request-uri-not-supported"),
        (Authorization, 302, "registration_not_supported", "code-registration-not-supported"),
        (Authorization, 302, "invalid_request_uri", "code-invalid-request-uri"),
        (Authorization, 302, "invalid_request_object", "code-invalid-request-object"),
        (Authorization, 302, "unmet_authentication_requirements", "code-unmet-authentication-requirements"),
        (Authorization, 400, "invalid_client", "code-invalid-client-authorization"),
        (Authorization, 400, "invalid_redirect_uri", "code-invalid-redirect-uri"),
        (Authorization, 403, "redirect_uri_mismatch", "code-redirect-uri-mismatch"),
        (Userinfo, 400, "invalid_request", "code-invalid-request-userinfo"),
        (Userinfo, 401, "invalid_token", "code-invalid-token"),
        (Userinfo, 403, "insufficient_scope", "code-insufficient-scope"),
        (Userinfo, 401, "insufficient_user_authentication", "code-insufficient-user-authentication"),
        (Userinfo, 401, "invalid_dpop_proof", "code-invalid-dpop-proof"),
        (Revocation, 503, "unsupported_token_type", "code-unsupported-token-type"),
    ];
    for (endpoint, status, code, row) in cases {
        assert_eq!(chosen(endpoint, status, code, "never heard of", &password()), row, "{code}");
        assert_eq!(chosen(endpoint, status, code, "", &password()), row, "{code} without a text");
    }
}

#[test]
fn an_unknown_code_falls_back_to_the_status_and_then_to_a_remedy_all_the_same() {
    let cases = [
        (Authorization, 400, "status-400-authorization"),
        (Userinfo, 401, "status-401-userinfo"),
        (Token, 401, "status-401-client"),
        (Discovery, 401, "status-401"),
        (Token, 403, "status-403"),
        (Discovery, 404, "status-404"),
        (Token, 405, "status-405"),
        (Token, 415, "status-415"),
        (Token, 429, "status-429"),
        (Token, 500, "status-500"),
        (Token, 502, "status-502"),
        (Token, 503, "status-503"),
        (Token, 418, "generic"),
        (Token, 400, "generic"),
    ];
    for (endpoint, status, row) in cases {
        let error = error(endpoint, status, "made_up", "never heard of");
        assert_eq!(choose(&error, &onelogin()).id, row);
        let problem = explain(&error, &onelogin());
        assert!(problem.remedy.len() > 20, "{row} says what to do");
    }
    let problem = explain(&error(Token, 403, "made_up", ""), &onelogin());
    assert!(problem.explanation.contains("status 403 and the code made_up"), "{}", problem.explanation);
}

#[test]
fn kinds_tell_errors_from_bare_statuses_and_rate_limits() {
    assert_eq!(explain(&error(Token, 400, "made_up", ""), &onelogin()).kind, ProblemKind::OauthError);
    let bare = explain(&error(Token, 502, "  ", ""), &onelogin());
    assert_eq!((bare.kind, bare.code), (ProblemKind::HttpStatus, None));
    assert_eq!(explain(&error(Token, 429, "", ""), &onelogin()).kind, ProblemKind::RateLimited);
}

#[test]
fn invalid_grant_is_explained_by_the_grant_in_use() {
    let cases = [
        (Some(Grant::Password), "code-invalid-grant-password"),
        (Some(Grant::RefreshToken), "code-invalid-grant-refresh"),
        (Some(Grant::AuthorizationCode), "code-invalid-grant-code"),
        (None, "code-invalid-grant"),
    ];
    for (grant, row) in cases {
        let context = Context { grant, ..onelogin() };
        assert_eq!(chosen(Token, 400, "invalid_grant", "grant request is invalid", &context), row);
    }
    let refresh = Context { grant: Some(Grant::RefreshToken), ..onelogin() };
    assert_eq!(
        chosen(Token, 401, "invalid_request", "Authentication Failed", &refresh),
        "token-client-refused-refresh"
    );
}

#[test]
fn a_wrong_client_authentication_offers_the_right_one() {
    let basic = Some(Fix::UseAuthMethod { method: AuthMethod::Basic });
    let post = Some(Fix::UseAuthMethod { method: AuthMethod::Post });
    let with = |method, onelogin| Context { auth_method: method, onelogin, ..Context::default() };
    let header = error(Token, 400, "invalid_request", "invalid authorization header value format");
    let secret =
        error(Token, 400, "invalid_request", "client_secret must be provided in the Authorization header");
    let client = error(Token, 401, "invalid_client", "client authentication failed");
    let cases = [
        (&header, Some(AuthMethod::Post), true, &basic),
        (&header, Some(AuthMethod::None), true, &basic),
        (&header, Some(AuthMethod::Basic), true, &None),
        (&secret, Some(AuthMethod::Post), true, &basic),
        (&secret, Some(AuthMethod::Basic), true, &None),
        (&secret, None, true, &basic),
        (&client, Some(AuthMethod::Basic), false, &post),
        (&client, Some(AuthMethod::Post), false, &basic),
        (&client, Some(AuthMethod::None), false, &None),
        (&client, Some(AuthMethod::Basic), true, &None),
    ];
    for (error, method, onelogin, fix) in cases {
        assert_eq!(&explain(error, &with(method, onelogin)).fix, fix, "{error:?} with {method:?}");
    }
    let problem = explain(&secret, &Context { auth_method: Some(AuthMethod::Post), ..onelogin() });
    assert!(
        problem.remedy.contains("SSO › Token Endpoint › Authentication Method to POST"),
        "{}",
        problem.remedy
    );
}

#[test]
fn scopes_in_the_way_are_offered_for_removal_and_missing_ones_for_addition() {
    let offline = ["openid".to_owned(), "offline_access".to_owned()];
    let profile = ["profile".to_owned()];
    let with = |scopes| Context { scopes, ..onelogin() };
    let add = Some(Fix::AddScope { scope: "openid".into() });
    let remove = Some(Fix::RemoveScope { scope: "offline_access".into() });
    let missing = error(Authorization, 302, "invalid_request", "missing required parameter(s) scope");
    let whitelist =
        error(Authorization, 302, "invalid_scope", "some of requested scopes are not whitelisted");
    let scope = error(Token, 400, "invalid_scope", "");
    let insufficient = error(Userinfo, 403, "insufficient_scope", "");
    assert_eq!(explain(&missing, &with(&[])).fix, add);
    assert_eq!(explain(&missing, &with(&profile)).fix, add);
    assert_eq!(explain(&missing, &with(&offline)).fix, None);
    assert_eq!(explain(&whitelist, &with(&offline)).fix, remove);
    assert_eq!(explain(&whitelist, &with(&profile)).fix, None);
    assert_eq!(explain(&scope, &with(&offline)).fix, remove);
    assert_eq!(explain(&scope, &with(&profile)).fix, add);
    assert_eq!(explain(&insufficient, &with(&profile)).fix, add);
    assert_eq!(explain(&insufficient, &with(&offline)).fix, None);
}

#[test]
fn other_providers_are_not_sent_to_onelogins_portal() {
    for row in rows() {
        for words in [row.cause, row.elsewhere] {
            assert!(!words.contains("OneLogin") && !words.contains('›'), "{}: {words}", row.id);
        }
        assert!(row.onelogin.contains('›'), "{} names no place: {}", row.id, row.onelogin);
    }
}

#[test]
fn rows_are_complete_distinct_and_fill_up() {
    let mut ids = HashSet::new();
    for row in rows() {
        assert!(ids.insert(row.id), "{} twice", row.id);
        assert!(!row.reference.is_empty(), "{}", row.id);
        for words in [row.cause, row.onelogin, row.elsewhere] {
            assert!(words.ends_with('.') && words.starts_with(char::is_uppercase), "{}: {words}", row.id);
            assert!(!words.contains("  ") && !words.contains('!'), "{}: {words}", row.id);
            for hole in words.split('{').skip(1) {
                let name = hole.split('}').next().unwrap_or_default();
                assert!(["app", "method", "endpoint", "answer"].contains(&name), "{}: {name}", row.id);
            }
        }
    }
    assert_eq!(rows().last().map(|row| row.id), Some("generic"));
    assert!(ids.len() > 70, "{} rows", ids.len());
}

#[test]
fn an_app_without_a_name_is_the_app() {
    let context = Context { app_name: None, ..password() };
    let problem = explain(&error(Token, 401, "invalid_request", "Access is unauthorized"), &context);
    assert!(problem.remedy.contains("Applications › the app › Access"), "{}", problem.remedy);
}

#[test]
fn h21_hostile_text_is_made_visible_bounded_and_never_a_template() {
    let long = "\u{202e}<script>".repeat(100_000);
    let context = Context { app_name: Some("{answer}\u{200b}{app}"), ..password() };
    let problem = explain(&error(Token, 401, &long, &long), &context);
    let code = problem.code.as_deref().unwrap_or_default();
    let description = problem.description.as_deref().unwrap_or_default();
    assert!(code.chars().count() <= CODE_LIMIT && code.ends_with('…'), "{code}");
    assert!(description.chars().count() <= DESCRIPTION_LIMIT && description.ends_with('…'));
    assert!(code.starts_with("\\u{202e}<script>"));
    let whole = format!("{problem:?}{}{}", problem.explanation, problem.remedy);
    assert!(!whole.contains('\u{202e}') && !whole.contains('\u{200b}'));
    assert!(problem.remedy.contains("{answer}\\u{200b}{app}"), "{}", problem.remedy);
    let exact = "x".repeat(DESCRIPTION_LIMIT);
    let problem = explain(&error(Token, 400, "a", &exact), &context);
    assert_eq!(problem.description, Some(exact));
}
