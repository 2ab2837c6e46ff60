//! What OneLogin documents for the token endpoint, client authentication included.

use super::{ANY, FixRule, Grant, Row, Text, When};
use crate::client_auth::AuthMethod;
use crate::http::Endpoint;

const HERE: &[Endpoint] = &[Endpoint::Token];
const CLIENT_AUTHENTICATED: &[Endpoint] = &[Endpoint::Token, Endpoint::Introspection, Endpoint::Revocation];
const BAD_REQUEST: &[u16] = &[400];
/// Documented as 401; the statuses beside it carry the same texts in some answers.
const REFUSED: &[u16] = &[401, 400, 403];
const PASSWORD_GRANT: &str = "OneLogin, Resource Owner Password Grant";
const HEADER_FORMAT: Text = Text::Is("invalid authorization header value format");
const SECRET_IN_HEADER: Text = Text::Starts("client_secret must be provided in the authorization header");

/// What is wrong where no header was sent and one is due.
const NO_HEADER: Row = Row {
    endpoints: CLIENT_AUTHENTICATED,
    statuses: BAD_REQUEST,
    code: Some("invalid_request"),
    text: HEADER_FORMAT,
    cause: "The client has to authenticate with an Authorization header (Basic), and this connection sent none: it \
            uses {method}.",
    onelogin: "Use Basic for this connection, or set Applications › {app} › SSO › Token Endpoint › Authentication \
               Method to {method}.",
    elsewhere: "Use Basic for this connection, or register {method} for this client.",
    fix: FixRule::Method(AuthMethod::Basic),
    reference: "RFC 6749 §2.3.1",
    ..ANY
};

/// What is wrong where client and user are refused in one breath, and there is no user in the request.
const CLIENT_REFUSED: Row = Row {
    endpoints: HERE,
    statuses: REFUSED,
    code: Some("invalid_request"),
    text: Text::Is("authentication failed"),
    cause: "The provider refused the client: client id and secret do not belong together, or the client is switched \
            off.",
    onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO, and compare Token \
               Endpoint › Authentication Method there with this connection.",
    elsewhere: "Enter client id and client secret anew, and compare the registered client authentication with this \
                connection.",
    reference: "RFC 6749 §5.2",
    ..ANY
};

pub(super) const ROWS: &[Row] = &[
    Row { id: "token-header-missing-post", when: &[When::Method(AuthMethod::Post)], ..NO_HEADER },
    Row { id: "token-header-missing-none", when: &[When::Method(AuthMethod::None)], ..NO_HEADER },
    Row {
        id: "token-header-format",
        endpoints: CLIENT_AUTHENTICATED,
        statuses: BAD_REQUEST,
        code: Some("invalid_request"),
        text: HEADER_FORMAT,
        cause: "The Authorization header was not understood. It is Basic, a space, and base64 of client id, colon and \
                client secret.",
        onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO, without spaces \
                   around them, and check that Token Endpoint › Authentication Method there is Basic.",
        elsewhere: "Enter client id and client secret anew, without spaces around them, and check that Basic is \
                    registered for this client.",
        reference: "RFC 6749 §2.3.1",
        ..ANY
    },
    Row {
        id: "token-resource-not-found",
        endpoints: HERE,
        statuses: &[400, 404],
        code: Some("invalid_request"),
        text: Text::Is("resource not found"),
        cause: "The provider found no such client: probably the client id is wrong, or belongs to another tenant.",
        onelogin: "Copy the Client ID from Applications › {app} › SSO, and check that the issuer is of the same \
                   tenant. A pair from Developers › API Credentials does not work here.",
        elsewhere: "Compare the client id with the one that the provider shows for the client, and the issuer with \
                    the tenant in which it was registered.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-grant-type",
        endpoints: HERE,
        statuses: BAD_REQUEST,
        code: Some("unsupported_grant_type"),
        text: Text::Starts("unsupported grant_type requested"),
        cause: "The provider does not offer this grant to this client, or its name is misspelt.",
        onelogin: "Compare with grant_types_supported in the metadata, linked at Applications › {app} › SSO, and \
                   check there that Application Type and Token Endpoint fit the grant.",
        elsewhere: "Compare with grant_types_supported in the metadata, and allow the grant for this client.",
        reference: "RFC 6749 §5.2",
        ..ANY
    },
    Row {
        id: "token-secret-in-header-basic",
        endpoints: HERE,
        statuses: BAD_REQUEST,
        code: Some("invalid_request"),
        text: SECRET_IN_HEADER,
        when: &[When::Method(AuthMethod::Basic)],
        cause: "The client secret is due in the Authorization header. This connection sends it there, so something on \
                the way may remove the header.",
        onelogin: "Look at the recorded request, check Applications › {app} › SSO › Token Endpoint › \
                   Authentication Method, and try without the proxy.",
        elsewhere: "Look at the recorded request, and try without the proxy.",
        reference: "RFC 6749 §2.3.1",
        ..ANY
    },
    Row {
        id: "token-secret-in-header",
        endpoints: HERE,
        statuses: BAD_REQUEST,
        code: Some("invalid_request"),
        text: SECRET_IN_HEADER,
        cause: "The app is set to Basic, so the client secret is due in the Authorization header; this connection \
                uses {method}.",
        onelogin: "Use Basic for this connection, or set Applications › {app} › SSO › Token Endpoint › \
                   Authentication Method to {method}.",
        elsewhere: "Use Basic for this connection, or register {method} for this client.",
        fix: FixRule::Method(AuthMethod::Basic),
        reference: "RFC 6749 §2.3.1",
        ..ANY
    },
    Row {
        id: "token-secret-in-body",
        endpoints: HERE,
        statuses: BAD_REQUEST,
        code: Some("invalid_request"),
        text: Text::Starts("client_secret must be provided in the body"),
        cause: "The app is set to POST, so the client secret is due in the body of the request; this connection uses \
                {method}.",
        onelogin: "Use POST for this connection, or set Applications › {app} › SSO › Token Endpoint › \
                   Authentication Method to {method}.",
        elsewhere: "Use POST for this connection, or register {method} for this client.",
        fix: FixRule::Method(AuthMethod::Post),
        reference: "RFC 6749 §2.3.1",
        ..ANY
    },
    Row {
        id: "token-missing-scope",
        endpoints: HERE,
        statuses: BAD_REQUEST,
        code: Some("invalid_request"),
        text: Text::Missing("scope"),
        cause: "The request carried no scope, or one without openid, which makes it an OpenID Connect request.",
        onelogin: "Ask for openid, and for profile, email or groups where the application needs them. There is \
                   nothing to change under Applications › {app}.",
        elsewhere: "Ask for openid, and for profile or email where the application needs them.",
        fix: FixRule::AddScope("openid"),
        reference: "OIDC Core §3.1.2.1",
        ..ANY
    },
    Row { id: "token-client-refused-refresh", when: &[When::Grant(Grant::RefreshToken)], ..CLIENT_REFUSED },
    Row { id: "token-client-refused-code", when: &[When::Grant(Grant::AuthorizationCode)], ..CLIENT_REFUSED },
    Row {
        id: "token-authentication-failed",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Is("authentication failed"),
        cause: "The provider refused the credentials, and does not say whether the client's or the user's.",
        onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO and compare Token \
                   Endpoint › Authentication Method there with this connection; then check user name and password at \
                   Users › Users › the user.",
        elsewhere: "Enter client id and client secret anew, then user name and password.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-user-credentials",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Starts("authentication failed invalid user credentials"),
        cause: "The client was accepted; user name or password is wrong.",
        onelogin: "Compare the user name with the one at Users › Users › the user, and set a new password there \
                   under More Actions where it is forgotten. Users of a connected directory have the directory's \
                   password.",
        elsewhere: "Compare the user name with the one that the provider knows, and set a new password where it is \
                    forgotten.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-user-mfa",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Starts("mfa is required"),
        cause: "A policy asks this user for a second factor, and the password grant has no place for one.",
        onelogin: "Sign this user in through the browser (authorization code or implicit flow). To test with a \
                   password, exempt the user: choose a policy without MFA at Users › Users › the user › \
                   Authentication › User security policy.",
        elsewhere: "Sign this user in through the browser (authorization code or implicit flow), or exempt the user \
                    from the second factor.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-user-locked",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Starts("user is locked"),
        cause: "The user is locked, as a rule after too many wrong passwords.",
        onelogin: "Unlock the user at Users › Users › the user › More Actions. What locks a user, and for how long, \
                   is set at Security › Policies › the user's policy.",
        elsewhere: "Unlock the user at the provider.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-user-suspended",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Starts("user is suspended"),
        cause: "The user is suspended: an administrator or a directory switched the account off.",
        onelogin: "Reactivate the user at Users › Users › the user › More Actions. Where a directory suspended the \
                   user, enable the account there as well.",
        elsewhere: "Reactivate the user at the provider.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-password-expired",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Starts("password expired"),
        cause: "The user's password has expired, and the password grant has no place for choosing a new one.",
        onelogin: "Let the user sign in to OneLogin in the browser and choose a new password, or set one at Users › \
                   Users › the user › More Actions. How long passwords last is set at Security › Policies › the \
                   user's policy › Password.",
        elsewhere: "Let the user sign in at the provider in the browser and choose a new password, or set one there.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    Row {
        id: "token-user-not-assigned",
        endpoints: HERE,
        statuses: REFUSED,
        code: Some("invalid_request"),
        text: Text::Is("access is unauthorized"),
        cause: "The password is right, and this user may not use this app.",
        onelogin: "Assign the app at Users › Users › the user › Applications, or give the user a role that is ticked \
                   at Applications › {app} › Access.",
        elsewhere: "Give the user access to this client at the provider.",
        reference: PASSWORD_GRANT,
        ..ANY
    },
    // The documented text, "grant request is invalid", says no more than its code does: the rows for
    // `invalid_grant` among the codes explain it by the grant in use.
];
