//! What OneLogin documents for UserInfo, introspection and revocation.

use super::{ANY, Row, Text};
use crate::http::Endpoint;

const USERINFO: &[Endpoint] = &[Endpoint::Userinfo];
const TOKENS: &[Endpoint] = &[Endpoint::Revocation, Endpoint::Introspection];
const USERINFO_PAGE: &str = "OneLogin, Get User Info";

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "userinfo-no-token",
        endpoints: USERINFO,
        statuses: &[400, 401],
        code: Some("invalid_request"),
        text: Text::Is("no bearer token provided"),
        cause: "The request reached UserInfo without an access token.",
        onelogin: "Send Authorization: Bearer and the access token. Where the recorded request has the header, a proxy \
                   removes it on the way; there is nothing to change under Applications › {app}.",
        elsewhere: "Send Authorization: Bearer and the access token. Where the recorded request has the header, a proxy \
                    removes it on the way.",
        reference: USERINFO_PAGE,
        ..ANY
    },
    Row {
        id: "userinfo-header-format",
        endpoints: USERINFO,
        statuses: &[400, 401],
        code: Some("invalid_request"),
        text: Text::Is("invalid authorization header value format"),
        cause: "The Authorization header was not understood. It is Bearer, one space, and the access token.",
        onelogin: "Send the access token, not the ID token or the client secret, and nothing else in the header. \
                   There is nothing to change under Applications › {app}.",
        elsewhere: "Send the access token, not the ID token or the client secret, and nothing else in the header.",
        reference: USERINFO_PAGE,
        ..ANY
    },
    Row {
        id: "userinfo-invalid-token",
        endpoints: USERINFO,
        statuses: &[401, 400],
        code: Some("invalid_token"),
        text: Text::Is("invalid token provided"),
        cause: "The access token has expired, was revoked, or comes from another issuer, a v1 token at a v2 endpoint \
                for one.",
        onelogin: "Sign in again or refresh, with the issuer that this endpoint belongs to. How long access tokens \
                   live is set by the Access Token Timeout at Applications › {app} › SSO.",
        elsewhere: "Sign in again or refresh, with the issuer that this endpoint belongs to.",
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "introspection-missing-token",
        endpoints: TOKENS,
        statuses: &[400],
        code: Some("invalid_request"),
        text: Text::Missing("token"),
        cause: "The request carried no token to look at.",
        onelogin: "Send the token as the form field token. There is nothing to change under Applications › {app}.",
        elsewhere: "Send the token as the form field token.",
        reference: "RFC 7662 §2.1",
        ..ANY
    },
    Row {
        id: "revocation-unsupported-token-type",
        endpoints: &[Endpoint::Revocation],
        statuses: &[400],
        code: Some("unsupported_token_type"),
        text: Text::Starts("revocation of the presented token type is not supported"),
        cause: "The token was revoked before (v1 answers so the second time), or it is of a kind that cannot be \
                revoked.",
        onelogin: "Nothing is left to do where the token was revoked. An ID token cannot be revoked: end its session \
                   instead, or wait for the timeouts at Applications › {app} › SSO.",
        elsewhere: "Nothing is left to do where the token was revoked. An ID token cannot be revoked.",
        reference: "RFC 7009 §2.2.1",
        ..ANY
    },
    Row {
        id: "revocation-authentication-failed",
        endpoints: TOKENS,
        statuses: &[401, 400],
        code: Some("invalid_request"),
        text: Text::Is("authentication failed"),
        cause: "The provider refused the client: client id and secret do not belong together.",
        onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO, and compare Token \
                   Endpoint › Authentication Method there with this connection. With None (PKCE) only the client id \
                   is sent, and no Authorization header.",
        elsewhere: "Enter client id and client secret anew, and compare the registered client authentication with \
                    this connection.",
        reference: "RFC 7009 §2.1",
        ..ANY
    },
    Row {
        id: "revocation-access-unauthorized",
        endpoints: TOKENS,
        statuses: &[401, 400, 403],
        code: Some("invalid_request"),
        text: Text::Is("access is unauthorized"),
        cause: "This client may not do that with this token: client authentication failed, or the token was issued \
                to another client.",
        onelogin: "Compare Client ID, Client Secret and Token Endpoint › Authentication Method at Applications › \
                   {app} › SSO with this connection, and use a token that this app got.",
        elsewhere: "Compare client id, client secret and client authentication with what is registered, and use a \
                    token that this client got.",
        reference: "RFC 7009 §2.1",
        ..ANY
    },
];
