//! OIDC Discovery §3, which every provider follows.

use super::Meaning;

const fn plain(name: &'static str, text: &'static str) -> Meaning {
    Meaning { name, text, onelogin: None, reference: "OIDC Discovery §3" }
}

const fn particular(name: &'static str, text: &'static str, onelogin: &'static str) -> Meaning {
    Meaning { name, text, onelogin: Some(onelogin), reference: "OIDC Discovery §3" }
}

pub(super) const MEANINGS: &[Meaning] = &[
    particular(
        "issuer",
        "The provider's name for itself. Every ID token has to carry exactly this as iss, and this document has to lie \
         under it.",
        "It is the base of the tenant's addresses; a slash at the end, or the custom domain in place of the subdomain, \
         already makes another issuer.",
    ),
    particular(
        "authorization_endpoint",
        "Where the browser is sent so that the user can sign in and agree. Client id, redirect URI, response type and \
         scopes go into the query.",
        "The app's SSO tab has a request that is put together already.",
    ),
    plain(
        "token_endpoint",
        "Where the client proves who it is and gets tokens for a code, a refresh token, or a user's password.",
    ),
    plain(
        "userinfo_endpoint",
        "Gives claims about the user to whoever shows an access token. Which ones depends on the scopes that were \
         granted with it.",
    ),
    particular(
        "jwks_uri",
        "The public keys that signatures are checked with, as a JWK Set. A client fetches it again when a token names a \
         key that it does not know.",
        "OneLogin changes its keys every quarter, so an application should fetch them rather than keep a copy.",
    ),
    particular(
        "registration_endpoint",
        "Where a program may register a client by itself (dynamic registration).",
        "Apps are made in the admin portal all the same.",
    ),
    particular(
        "scopes_supported",
        "The scopes that may be asked for; a provider may accept more than it lists. openid makes a request an OpenID \
         Connect request, the others ask for groups of claims, profile for the user's names for example.",
        "offline_access, which brings a refresh token in the password grant, works without being listed.",
    ),
    plain(
        "response_types_supported",
        "What the authorization endpoint can return: a code, an ID token, an access token, or several of them.",
    ),
    plain(
        "response_modes_supported",
        "How the answer reaches the redirect URI: in the query, in the fragment, or as a posted form. Absent means \
         query and fragment.",
    ),
    plain(
        "grant_types_supported",
        "The ways of getting tokens. Absent means authorization code and implicit. A client may be allowed fewer.",
    ),
    particular(
        "acr_values_supported",
        "Names for how strongly a user was authenticated. A client asks for one with acr_values and finds in the claim \
         acr what was reached.",
        "onelogin:nist:level:1:re-auth makes the user sign in again even within a session, and comes back in acr.",
    ),
    plain(
        "subject_types_supported",
        "Whether every client sees the same sub for a user (public) or each its own (pairwise).",
    ),
    particular(
        "id_token_signing_alg_values_supported",
        "The algorithms that ID tokens may be signed with. RS256 belongs to every provider; HS256 uses the client \
         secret as its key; none means unsigned, which is refused here.",
        "RS256 is what apps get unless they are set otherwise.",
    ),
    plain(
        "id_token_encryption_alg_values_supported",
        "How the key of an encrypted ID token may be wrapped. ID tokens are signed only, unless a client registers for \
         encryption.",
    ),
    plain(
        "id_token_encryption_enc_values_supported",
        "The ciphers for the contents of an encrypted ID token.",
    ),
    plain(
        "userinfo_signing_alg_values_supported",
        "The algorithms for UserInfo as a signed JWT. A client that registers for none of them gets plain JSON.",
    ),
    plain(
        "userinfo_encryption_alg_values_supported",
        "How the key of an encrypted UserInfo answer may be wrapped.",
    ),
    plain(
        "userinfo_encryption_enc_values_supported",
        "The ciphers for the contents of an encrypted UserInfo answer.",
    ),
    plain(
        "request_object_signing_alg_values_supported",
        "The algorithms for authorization requests that are sent as a signed JWT.",
    ),
    plain(
        "request_object_encryption_alg_values_supported",
        "How the key of an encrypted authorization request may be wrapped.",
    ),
    plain(
        "request_object_encryption_enc_values_supported",
        "The ciphers for the contents of an encrypted authorization request.",
    ),
    particular(
        "token_endpoint_auth_methods_supported",
        "How clients may prove who they are at the token endpoint: client_secret_basic in the header, \
         client_secret_post in the body, none for public clients with PKCE. Absent means client_secret_basic.",
        "An app accepts the one that its SSO tab names under Token Endpoint, and no other.",
    ),
    plain(
        "token_endpoint_auth_signing_alg_values_supported",
        "The algorithms for clients that authenticate with a signed JWT (client_secret_jwt, private_key_jwt).",
    ),
    plain("display_values_supported", "How the sign-in page may be laid out: page, popup, touch or wap."),
    plain(
        "claim_types_supported",
        "How claims are given: normal means in the token or in UserInfo itself; aggregated and distributed ones come \
         from elsewhere.",
    ),
    particular(
        "claims_supported",
        "The claims that the provider may be able to give about a user. Being listed promises nothing: scopes, the \
         client's set-up and the user's own data decide.",
        "groups needs the scope groups and the Groups parameter of the app; custom attributes come inside params.",
    ),
    plain("service_documentation", "A page for developers about this provider."),
    plain("claims_locales_supported", "Languages in which claim values are available."),
    plain("ui_locales_supported", "Languages of the sign-in pages."),
    plain(
        "claims_parameter_supported",
        "Whether single claims may be asked for with the parameter claims, beside scopes. Absent means no.",
    ),
    plain(
        "request_parameter_supported",
        "Whether the authorization request may be sent as a JWT in the parameter request. Absent means no.",
    ),
    plain(
        "request_uri_parameter_supported",
        "Whether the provider fetches the authorization request from a request_uri. Absent means yes.",
    ),
    plain(
        "require_request_uri_registration",
        "Whether each request_uri has to be registered before it is used. Absent means no.",
    ),
    plain("op_policy_uri", "A page on what clients may do with the data."),
    plain("op_tos_uri", "The provider's terms of service."),
];
