//! What OneLogin documents for the authorization endpoint: pages inside the login window (400), and
//! errors that come back to the redirect URI (302, or 200 where a form was posted).

use super::{ANY, FixRule, Row, Text, When};
use crate::http::Endpoint;

const HERE: &[Endpoint] = &[Endpoint::Authorization];
const PAGE: &[u16] = &[400];
const CALLBACK: &[u16] = &[302, 303, 307, 200, 400];

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "authorization-missing-nonce",
        endpoints: HERE,
        statuses: &[400, 302, 303],
        code: Some("invalid_request"),
        text: Text::Missing("nonce"),
        cause: "The request carried no nonce, and the implicit flow needs one.",
        onelogin: "Let the application send a fresh random nonce with every request and compare it with the one in \
                   the ID token. There is nothing to change under Applications › {app}.",
        elsewhere: "Let the application send a fresh random nonce with every request and compare it with the one in \
                    the ID token.",
        reference: "OIDC Core §3.2.2.1",
        ..ANY
    },
    Row {
        id: "authorization-missing-redirect-uri",
        endpoints: HERE,
        statuses: PAGE,
        code: Some("invalid_request"),
        text: Text::Missing("redirect_uri"),
        cause: "The request carried no redirect URI.",
        onelogin: "Send redirect_uri with one of the values under Applications › {app} › Configuration › Redirect \
                   URIs, character for character.",
        elsewhere: "Send redirect_uri with a value that is registered for this client, character for character.",
        reference: "OIDC Core §3.1.2.1",
        ..ANY
    },
    Row {
        id: "authorization-redirect-uri-mismatch",
        endpoints: HERE,
        statuses: PAGE,
        code: Some("redirect_uri_mismatch"),
        text: Text::Starts("redirect_uri did not match any"),
        cause: "The redirect URI is not registered for this client. Every character counts: scheme, host, port, path \
                and a slash at the end.",
        onelogin: "Add it under Applications › {app} › Configuration › Redirect URIs. A change there takes up to 10 \
                   minutes to work.",
        elsewhere: "Register the redirect URI for this client exactly as it is sent.",
        reference: "OIDC Core §3.1.2.1",
        ..ANY
    },
    Row {
        id: "authorization-client-invalid",
        endpoints: HERE,
        statuses: &[400, 401],
        code: Some("invalid_client"),
        text: Text::Is("client is invalid"),
        cause: "No client with this client id exists at this issuer.",
        onelogin: "Copy the Client ID from Applications › {app} › SSO, and check that the issuer is of the same \
                   tenant. A pair from Developers › API Credentials does not work here.",
        elsewhere: "Compare the client id with the one that the provider shows for the client, and the issuer with \
                    the tenant in which it was registered.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "authorization-response-type",
        endpoints: HERE,
        statuses: CALLBACK,
        code: Some("unsupported_response_type"),
        text: Text::Starts("response type not supported"),
        cause: "The provider does not know the response type that was asked for.",
        onelogin: "Ask for one that the metadata list under response_types_supported: id_token token, id_token or \
                   code. The metadata are linked at Applications › {app} › SSO.",
        elsewhere: "Ask for one that the metadata list under response_types_supported.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "authorization-missing-scope",
        endpoints: HERE,
        statuses: CALLBACK,
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
    Row {
        id: "authorization-login-required",
        endpoints: HERE,
        statuses: CALLBACK,
        code: Some("login_required"),
        text: Text::Is("end-user authentication is required"),
        cause: "The request said prompt=none, and this browser has no session at the provider.",
        onelogin: "Leave prompt out, or send prompt=login, so that the user can sign in. How long a session lasts is \
                   set at Security › Policies › the user's policy › Session.",
        elsewhere: "Leave prompt out, or send prompt=login, so that the user can sign in.",
        reference: "OIDC Core §3.1.2.6",
        ..ANY
    },
    Row {
        id: "authorization-scope-offline-access",
        endpoints: HERE,
        statuses: CALLBACK,
        code: Some("invalid_scope"),
        text: Text::Starts("some of requested scopes are not"),
        when: &[When::Scope("offline_access")],
        cause: "The provider does not grant offline_access at the authorization endpoint.",
        onelogin: "Do not ask for offline_access here. Whether refresh tokens come is set by the Refresh Token \
                   Timeout at Applications › {app} › SSO.",
        elsewhere: "Do not ask for offline_access here.",
        fix: FixRule::RemoveScope("offline_access"),
        reference: "RFC 6749 §4.1.2.1",
    },
    Row {
        id: "authorization-scope-unknown",
        endpoints: HERE,
        statuses: CALLBACK,
        code: Some("invalid_scope"),
        text: Text::Starts("some of requested scopes are not"),
        cause: "One of the scopes is not allowed for this client.",
        onelogin: "Ask only for scopes that the metadata list under scopes_supported; they are linked at \
                   Applications › {app} › SSO. Scopes of an API come with an API Authorization server: Developers › \
                   API Authorization.",
        elsewhere: "Ask only for scopes that the metadata list under scopes_supported and that this client may have.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
];
