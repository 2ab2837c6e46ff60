//! The last resort: codes that nobody knows, explained by their status, and one row for everything.

use super::{ANY, Row};
use crate::http::Endpoint;

const CLIENT_AUTHENTICATED: &[Endpoint] = &[Endpoint::Token, Endpoint::Introspection, Endpoint::Revocation];
const SEMANTICS: &str = "RFC 9110 §15";

/// The provider is in trouble, not the request.
const TROUBLE: Row = Row {
    cause: "The provider failed ({answer}). This says nothing about the connection's settings.",
    onelogin: "Try again in a minute, and look at OneLogin's status page when it stays. There is nothing to change \
               under Applications › {app}.",
    elsewhere: "Try again in a minute, and ask whoever runs the provider when it stays.",
    reference: SEMANTICS,
    ..ANY
};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "status-400-authorization",
        endpoints: &[Endpoint::Authorization],
        statuses: &[400],
        cause: "The provider refused the request on a page of its own ({answer}). It does so where it will not send \
                anybody to the redirect URI: the client id or the redirect URI is not known to it, as a rule.",
        onelogin: "Compare the Client ID at Applications › {app} › SSO and the Redirect URIs at Applications › {app} › \
                   Configuration with this connection. A change of the latter takes up to 10 minutes to work.",
        elsewhere: "Compare client id and redirect URI with what is registered for this client, character for \
                    character. The page may say more.",
        reference: "RFC 6749 §4.1.2.1",
        ..ANY
    },
    Row {
        id: "status-401-userinfo",
        endpoints: &[Endpoint::Userinfo],
        statuses: &[401],
        cause: "UserInfo refused the access token ({answer}): it has expired, was revoked, or is of another issuer.",
        onelogin: "Sign in again or refresh. How long access tokens live is set by the Access Token Timeout at \
                   Applications › {app} › SSO.",
        elsewhere: "Sign in again or refresh.",
        reference: "RFC 6750 §3.1",
        ..ANY
    },
    Row {
        id: "status-401-client",
        endpoints: CLIENT_AUTHENTICATED,
        statuses: &[401],
        cause: "The provider refused the credentials of client or user ({answer}).",
        onelogin: "Copy the Client ID and the Client Secret anew from Applications › {app} › SSO, compare Token \
                   Endpoint › Authentication Method there with this connection, then look at Users › Users › the \
                   user.",
        elsewhere: "Enter client id and client secret anew, compare the registered client authentication with this \
                    connection, then check user name and password.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-401",
        statuses: &[401],
        cause: "The provider asks for credentials where none are due ({answer}).",
        onelogin: "Check the issuer: it is shown at Applications › {app} › SSO. A proxy or gateway in front of the \
                   provider answers so as well.",
        elsewhere: "Check the issuer. A proxy or gateway in front of the provider answers so as well.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-403",
        statuses: &[403],
        cause: "The provider understood the request and will not serve it ({answer}): a policy, an address that is \
                not allowed, or a user without access.",
        onelogin: "Look at Applications › {app} › Access for the user's role, and at Security › Policies for the \
                   addresses that may sign in. Activity › Events says what was refused.",
        elsewhere: "Look at the provider's log for what was refused: a policy, an address, or the user's access to \
                    this client.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-404",
        statuses: &[404],
        cause: "There is no {endpoint} endpoint at this address ({answer}).",
        onelogin: "Check the issuer against the one at Applications › {app} › SSO: subdomain, /oidc/2 at the end and \
                   no slash after it. Then read the metadata again.",
        elsewhere: "Check the issuer character for character, then read the metadata again.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-405",
        statuses: &[405],
        cause: "The {endpoint} endpoint does not take this HTTP method ({answer}): the address belongs to something \
                else.",
        onelogin: "Read the metadata again, and check the issuer against the one at Applications › {app} › SSO.",
        elsewhere: "Read the metadata again, and check the issuer.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-415",
        statuses: &[415],
        cause: "The {endpoint} endpoint does not take a form ({answer}): the address belongs to something else, or a \
                gateway changed the request.",
        onelogin: "Read the metadata again, check the issuer against the one at Applications › {app} › SSO, and try \
                   without the proxy.",
        elsewhere: "Read the metadata again, check the issuer, and try without the proxy.",
        reference: SEMANTICS,
        ..ANY
    },
    Row {
        id: "status-429",
        statuses: &[429],
        cause: "The provider answers no more for a while: too many requests came.",
        onelogin: "Wait as long as Retry-After in the answer says, or a minute. OneLogin documents no limit for \
                   OpenID Connect, so Activity › Events may say more.",
        elsewhere: "Wait as long as Retry-After in the answer says, or a minute.",
        reference: "RFC 6585 §4",
        ..ANY
    },
    Row { id: "status-500", statuses: &[500, 501], ..TROUBLE },
    Row {
        id: "status-502",
        statuses: &[502, 504],
        cause: "A gateway in front of the provider got no usable answer from it ({answer}).",
        ..TROUBLE
    },
    Row {
        id: "status-503",
        statuses: &[503],
        cause: "The provider is out of service for the moment ({answer}).",
        onelogin: "Wait as long as Retry-After in the answer says, or a minute, and look at OneLogin's status page \
                   when it stays. There is nothing to change under Applications › {app}.",
        elsewhere: "Wait as long as Retry-After in the answer says, or a minute.",
        ..TROUBLE
    },
];

/// Fits anything.
pub(super) static GENERIC: Row = Row {
    id: "generic",
    cause: "The provider refused the request at its {endpoint} endpoint with {answer}, which no specification \
            known here explains.",
    onelogin: "Read the provider's answer in the recorded exchange, compare Applications › {app} › SSO with this connection \
               (client id, authentication method, issuer), and look at Activity › Events for the same minute.",
    elsewhere: "Read the provider's answer in the recorded exchange, compare client id, authentication method, scopes and \
                issuer with what is registered, and look at the provider's log for the same minute.",
    reference: "RFC 6749 §5.2",
    ..ANY
};
