//! The codes of OAuth 2.0, where the text said nothing that is known: RFC 6749 §4.1.2.1 and §5.2,
//! RFC 6750 §3.1, RFC 7009 §2.2.1. A row for one endpoint or grant comes before the one for any.

use super::{ANY, FixRule, Grant, Row, When};
use crate::client_auth::AuthMethod;
use crate::http::Endpoint;

const AUTHORIZATION: &[Endpoint] = &[Endpoint::Authorization];
const TOKEN: &[Endpoint] = &[Endpoint::Token];
const USERINFO: &[Endpoint] = &[Endpoint::Userinfo];

const INVALID_CLIENT: Row = Row {
    code: Some("invalid_client"),
    cause: "Client authentication failed: the client id is unknown, the secret is wrong, or the client is registered \
            for another way of authenticating.",
    onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO, and compare Token \
               Endpoint › Authentication Method there with this connection.",
    elsewhere: "Enter client id and client secret anew, and compare the registered client authentication with this \
                connection.",
    reference: "RFC 6749 §5.2",
    ..ANY
};

const INVALID_GRANT: Row = Row {
    endpoints: TOKEN,
    code: Some("invalid_grant"),
    cause: "What was handed in for tokens is not valid: used, expired, revoked, or issued to another client.",
    onelogin: "Sign in again. How long refresh tokens live is set by the Refresh Token Timeout at Applications › \
               {app} › SSO.",
    elsewhere: "Sign in again.",
    reference: "RFC 6749 §5.2",
    ..ANY
};

const INVALID_SCOPE: Row = Row {
    code: Some("invalid_scope"),
    cause: "One of the scopes is unknown, malformed, or more than this client or user may have.",
    onelogin: "Ask only for scopes that the metadata list under scopes_supported; they are linked at Applications › \
               {app} › SSO. Scopes of an API come with an API Authorization server: Developers › API Authorization.",
    elsewhere: "Ask only for scopes that the metadata list under scopes_supported and that this client may have.",
    reference: "RFC 6749 §5.2",
    ..ANY
};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "code-invalid-request-password",
        endpoints: TOKEN,
        statuses: &[401, 403],
        code: Some("invalid_request"),
        when: &[When::Grant(Grant::Password)],
        cause: "The provider refused the client or the user, in words that are not known here.",
        onelogin: "Look at Users › Users › the user for its state, at Applications › {app} › Access for its role, and \
                   compare Applications › {app} › SSO with this connection. Activity › Events says what was refused.",
        elsewhere: "Read the provider's own words, and check user name, password, and the user's access to \
                    this client.",
        reference: "OneLogin, Resource Owner Password Grant",
        ..ANY
    },
    Row {
        id: "code-invalid-request-userinfo",
        endpoints: USERINFO,
        code: Some("invalid_request"),
        cause: "UserInfo did not understand the request: the access token is missing, sent twice, or malformed.",
        onelogin: "Sign in again and look at the header of the recorded request. There is nothing to change under Applications \
                   › {app}.",
        elsewhere: "Sign in again and look at the header of the recorded request.",
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "code-invalid-request",
        code: Some("invalid_request"),
        cause: "The request lacks a parameter, repeats one, or carries a value that the {endpoint} endpoint does not \
                understand.",
        onelogin: "Read the provider's own words: they name the parameter as a rule. Then compare Applications › \
                   {app} › SSO (client id, Token Endpoint › Authentication Method) and Configuration › Redirect URIs \
                   with this connection.",
        elsewhere: "Read the provider's own words: they name the parameter as a rule. Then compare client id, client \
                    authentication and redirect URI with what is registered.",
        reference: "RFC 6749 §5.2",
        ..ANY
    },
    Row {
        id: "code-invalid-client-authorization",
        endpoints: AUTHORIZATION,
        code: Some("invalid_client"),
        cause: "No client with this client id exists at this issuer.",
        onelogin: "Copy the Client ID from Applications › {app} › SSO, and check that the issuer is of the same \
                   tenant. A pair from Developers › API Credentials does not work here.",
        elsewhere: "Compare the client id with the one that the provider shows for the client.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "code-invalid-client-basic",
        when: &[When::Method(AuthMethod::Basic)],
        elsewhere: "Enter client id and client secret anew. Where they are right, the client may be registered for \
                    the secret in the body: try POST.",
        fix: FixRule::OtherSecretMethod,
        ..INVALID_CLIENT
    },
    Row {
        id: "code-invalid-client-post",
        when: &[When::Method(AuthMethod::Post)],
        elsewhere: "Enter client id and client secret anew. Where they are right, the client may be registered for \
                    the secret in the header: try Basic.",
        fix: FixRule::OtherSecretMethod,
        ..INVALID_CLIENT
    },
    Row {
        id: "code-invalid-client-none",
        when: &[When::Method(AuthMethod::None)],
        cause: "Client authentication failed. This connection sends the client id and no secret, so either the id is \
                unknown or the client has a secret and must use it.",
        onelogin: "Compare Client ID and Token Endpoint › Authentication Method at Applications › {app} › SSO with \
                   this connection: None (PKCE) there goes with no secret here.",
        elsewhere: "Compare the client id with the registered one; where the client has a secret, choose Basic or \
                    POST and enter it.",
        ..INVALID_CLIENT
    },
    Row { id: "code-invalid-client", ..INVALID_CLIENT },
    Row {
        id: "code-invalid-grant-password",
        when: &[When::Grant(Grant::Password)],
        cause: "User name or password is wrong, or this user may not sign in with a password here.",
        onelogin: "Compare the user name with the one at Users › Users › the user, look there whether the user is \
                   active, and set a new password under More Actions where it is forgotten. Whether the user has \
                   the app: Applications › {app} › Access.",
        elsewhere: "Check user name and password, and whether the provider lets this user sign in with a password: \
                    an account that is locked, disabled or has a second factor is refused so as well.",
        ..INVALID_GRANT
    },
    Row {
        id: "code-invalid-grant-refresh",
        when: &[When::Grant(Grant::RefreshToken)],
        cause: "The refresh token is not valid any more: used before, expired, revoked, or issued to another client.",
        onelogin: "Sign in again. How long refresh tokens live is set by the Refresh Token Timeout at Applications › \
                   {app} › SSO.",
        elsewhere: "Sign in again. Where this comes back soon, the provider's lifetime for refresh tokens is short, \
                    or another program uses the same token.",
        ..INVALID_GRANT
    },
    Row {
        id: "code-invalid-grant-code",
        when: &[When::Grant(Grant::AuthorizationCode)],
        cause: "The code is not valid: used before, expired, issued to another client or redirect URI, or the code \
                verifier does not belong to it.",
        onelogin: "Sign in again, and exchange each code once and at once, with the redirect URI of the first \
                   request. It is among those at Applications › {app} › Configuration › Redirect URIs.",
        elsewhere: "Sign in again, and exchange each code once and at once, with the redirect URI of the first \
                    request.",
        ..INVALID_GRANT
    },
    Row { id: "code-invalid-grant", endpoints: &[], ..INVALID_GRANT },
    Row {
        id: "code-unauthorized-client",
        code: Some("unauthorized_client"),
        cause: "The client is known, and it may not use this grant or response type.",
        onelogin: "Check Application Type and Token Endpoint at Applications › {app} › SSO, and compare the grant \
                   with grant_types_supported in the metadata that is linked there.",
        elsewhere: "Allow the grant or response type for this client at the provider, or use another.",
        reference: "RFC 6749 §5.2",
        ..ANY
    },
    Row {
        id: "code-unsupported-grant-type",
        code: Some("unsupported_grant_type"),
        cause: "The provider does not offer this grant.",
        onelogin: "Compare with grant_types_supported in the metadata, linked at Applications › {app} › SSO.",
        elsewhere: "Compare with grant_types_supported in the metadata. Many providers have switched the password \
                    grant off: sign in through the browser there.",
        reference: "RFC 6749 §5.2",
        ..ANY
    },
    Row {
        id: "code-invalid-scope-offline-access",
        when: &[When::Scope("offline_access")],
        cause: "One of the scopes is refused, and offline_access is the likeliest: not every flow and client may \
                have it.",
        onelogin: "Ask without offline_access. Whether refresh tokens come is set by the Refresh Token Timeout at \
                   Applications › {app} › SSO.",
        elsewhere: "Ask without offline_access, or allow refresh tokens for this client at the provider.",
        fix: FixRule::RemoveScope("offline_access"),
        ..INVALID_SCOPE
    },
    Row {
        id: "code-invalid-scope-openid",
        when: &[When::NoScope("openid")],
        cause: "The scopes are refused, and openid is not among them.",
        onelogin: "Ask for openid as well. There is nothing to change under Applications › {app}.",
        elsewhere: "Ask for openid as well.",
        fix: FixRule::AddScope("openid"),
        ..INVALID_SCOPE
    },
    Row { id: "code-invalid-scope", ..INVALID_SCOPE },
    Row {
        id: "code-access-denied",
        code: Some("access_denied"),
        cause: "The user declined, or a policy at the provider did.",
        onelogin: "Look at Applications › {app} › Access for the user's role, and at Security › Policies for the \
                   policies of user and app. Activity › Events says what was refused.",
        elsewhere: "Check whether the user has access to this client, and the provider's log for the policy that \
                    refused.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "code-unsupported-response-type",
        code: Some("unsupported_response_type"),
        cause: "The provider does not offer this response type to this client.",
        onelogin: "Ask for one that the metadata list under response_types_supported; they are linked at \
                   Applications › {app} › SSO.",
        elsewhere: "Ask for one that the metadata list under response_types_supported, and allow it for this client.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "code-server-error",
        code: Some("server_error"),
        cause: "The provider failed while it worked on the request.",
        onelogin: "Try again in a minute, and look at OneLogin's status page when it stays. There is nothing to \
                   change under Applications › {app}.",
        elsewhere: "Try again in a minute, and ask whoever runs the provider when it stays.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "code-temporarily-unavailable",
        code: Some("temporarily_unavailable"),
        cause: "The provider is overloaded or being maintained.",
        onelogin: "Try again in a few minutes, and look at OneLogin's status page when it stays. There is nothing to \
                   change under Applications › {app}.",
        elsewhere: "Try again in a few minutes.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "code-invalid-token",
        code: Some("invalid_token"),
        cause: "The access token has expired, was revoked, is malformed, or comes from another issuer.",
        onelogin: "Sign in again or refresh, with the issuer that this endpoint belongs to. How long access tokens \
                   live is set by the Access Token Timeout at Applications › {app} › SSO.",
        elsewhere: "Sign in again or refresh, with the issuer that this endpoint belongs to.",
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "code-insufficient-scope-openid",
        code: Some("insufficient_scope"),
        when: &[When::NoScope("openid")],
        cause: "The access token was granted without the scope openid, which UserInfo needs.",
        onelogin: "Ask for openid as well and sign in again. There is nothing to change under Applications › {app}.",
        elsewhere: "Ask for openid as well and sign in again.",
        fix: FixRule::AddScope("openid"),
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "code-insufficient-scope",
        code: Some("insufficient_scope"),
        cause: "The access token was granted with fewer scopes than this endpoint needs.",
        onelogin: "Ask for the scope that WWW-Authenticate in the answer names, and sign in again. What a scope \
                   brings is mapped at Applications › {app} › Parameters.",
        elsewhere: "Ask for the scope that WWW-Authenticate in the answer names, and sign in again.",
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "code-unsupported-token-type",
        code: Some("unsupported_token_type"),
        cause: "The provider does not revoke tokens of this kind, or this one was revoked before.",
        onelogin: "Nothing is left to do where the token was revoked. How long tokens live is set at Applications › \
                   {app} › SSO.",
        elsewhere: "Nothing is left to do where the token was revoked; otherwise wait until it expires.",
        reference: "RFC 7009 §2.2.1",
        ..ANY
    },
];
