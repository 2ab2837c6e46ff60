//! What other specifications added to the discovery document.

use super::Meaning;

const fn from(reference: &'static str, name: &'static str, text: &'static str) -> Meaning {
    Meaning { name, text, onelogin: None, reference }
}

const SERVER: &str = "RFC 8414 §2";
const CIBA: &str = "OIDC CIBA §4";
const JARM: &str = "JARM §4";
const MTLS: &str = "RFC 8705 §3.3, §5";
const INTROSPECTION_JWT: &str = "RFC 9701 §7";

pub(super) const MEANINGS: &[Meaning] = &[
    // RFC 8414, OAuth 2.0 server metadata
    from(
        SERVER,
        "revocation_endpoint",
        "Where a client takes back a token that is needed no longer (RFC 7009). Revoking a refresh token ends what came \
         from it as well, at most providers.",
    ),
    from(
        SERVER,
        "revocation_endpoint_auth_methods_supported",
        "How clients may prove who they are at the revocation endpoint. Absent means client_secret_basic.",
    ),
    from(
        SERVER,
        "revocation_endpoint_auth_signing_alg_values_supported",
        "The algorithms for clients that authenticate there with a signed JWT.",
    ),
    Meaning {
        onelogin: Some("An expired or unknown token is answered with active: false, not with an error."),
        ..from(
            SERVER,
            "introspection_endpoint",
            "Says whether a token is active, and for whom and what (RFC 7662). The caller authenticates as a client.",
        )
    },
    from(
        SERVER,
        "introspection_endpoint_auth_methods_supported",
        "How clients may prove who they are at the introspection endpoint.",
    ),
    from(
        SERVER,
        "introspection_endpoint_auth_signing_alg_values_supported",
        "The algorithms for clients that authenticate there with a signed JWT.",
    ),
    from(
        SERVER,
        "code_challenge_methods_supported",
        "The PKCE methods. S256 protects the code; plain adds little and should not be used. Absent means that PKCE is \
         not promised.",
    ),
    from(SERVER, "signed_metadata", "This document once more, as a signed JWT. Not read here."),
    // Sessions and logout
    Meaning {
        onelogin: Some("With logout=false it only revokes the tokens and leaves the session open."),
        ..from(
            "OIDC RP-Initiated Logout §2.1",
            "end_session_endpoint",
            "Where the browser is sent to sign out at the provider. It may come back to a registered \
             post_logout_redirect_uri.",
        )
    },
    from(
        "OIDC Session Management §3.3",
        "check_session_iframe",
        "A page to be framed invisibly that tells an application when the session at the provider changes. Browsers \
         that block third-party cookies break it.",
    ),
    from(
        "OIDC Front-Channel Logout §3",
        "frontchannel_logout_supported",
        "Whether the provider signs the user out of other applications by loading a page of each in the browser.",
    ),
    from(
        "OIDC Front-Channel Logout §3",
        "frontchannel_logout_session_supported",
        "Whether that page is told issuer and session id, so that one session can be ended alone.",
    ),
    from(
        "OIDC Back-Channel Logout §2.1",
        "backchannel_logout_supported",
        "Whether the provider tells applications of a sign-out directly, with a signed logout token.",
    ),
    from(
        "OIDC Back-Channel Logout §2.1",
        "backchannel_logout_session_supported",
        "Whether the logout token carries the session id, so that one session can be ended alone.",
    ),
    from(
        "OIDC Prompt Create",
        "prompt_values_supported",
        "The values of prompt that are understood; create, where listed, opens the page for a new account.",
    ),
    // The authorization request and its answer
    from(
        "RFC 9207 §3",
        "authorization_response_iss_parameter_supported",
        "Whether answers to the redirect URI carry iss. Where that is promised, an answer with neither it nor an ID token, \
         or with another iss, is refused: it guards against mixing up two providers.",
    ),
    from(
        "RFC 9126 §5",
        "pushed_authorization_request_endpoint",
        "Takes the authorization request directly from the client and returns a short request_uri for the browser.",
    ),
    from(
        "RFC 9126 §5",
        "require_pushed_authorization_requests",
        "Whether requests have to be pushed first. Absent means no.",
    ),
    from(
        "RFC 9101 §10.5",
        "require_signed_request_object",
        "Whether authorization requests have to be signed JWTs. Absent means no.",
    ),
    from(
        "RFC 9396 §10",
        "authorization_details_types_supported",
        "Kinds of fine-grained permission that the parameter authorization_details may ask for.",
    ),
    from(
        JARM,
        "authorization_signing_alg_values_supported",
        "The algorithms for answers that come as one signed JWT.",
    ),
    from(
        JARM,
        "authorization_encryption_alg_values_supported",
        "How the key of such an answer may be wrapped.",
    ),
    from(
        JARM,
        "authorization_encryption_enc_values_supported",
        "The ciphers for the contents of such an answer.",
    ),
    // Tokens bound to their client
    from(
        "RFC 9449 §5.1",
        "dpop_signing_alg_values_supported",
        "The algorithms for DPoP proofs, which bind a token to a key of the client so that a stolen one is useless.",
    ),
    from(
        MTLS,
        "tls_client_certificate_bound_access_tokens",
        "Whether access tokens can be bound to the client's TLS certificate.",
    ),
    from(
        MTLS,
        "mtls_endpoint_aliases",
        "Other addresses of the endpoints, for clients that authenticate with a TLS certificate.",
    ),
    // Sign-in without a browser at hand
    from(
        "RFC 8628 §4",
        "device_authorization_endpoint",
        "Gives a device without a browser a code that the user enters on another one.",
    ),
    from(
        CIBA,
        "backchannel_authentication_endpoint",
        "Starts a sign-in that the user confirms on a phone, without a browser being sent anywhere (CIBA).",
    ),
    from(
        CIBA,
        "backchannel_token_delivery_modes_supported",
        "How the client learns that the user has confirmed: it asks (poll), is told (ping), or is sent the tokens (push).",
    ),
    from(
        CIBA,
        "backchannel_authentication_request_signing_alg_values_supported",
        "The algorithms for CIBA requests that are sent as a signed JWT.",
    ),
    from(
        CIBA,
        "backchannel_user_code_parameter_supported",
        "Whether a CIBA request may carry a code that only the user knows, against unwanted prompts.",
    ),
    // Introspection as JWT, protected resources
    from(
        INTROSPECTION_JWT,
        "introspection_signing_alg_values_supported",
        "The algorithms for introspection answers as a signed JWT.",
    ),
    from(
        INTROSPECTION_JWT,
        "introspection_encryption_alg_values_supported",
        "How the key of an encrypted introspection answer may be wrapped.",
    ),
    from(
        INTROSPECTION_JWT,
        "introspection_encryption_enc_values_supported",
        "The ciphers for the contents of an encrypted introspection answer.",
    ),
    from("RFC 9728 §4", "protected_resources", "The APIs that this provider issues tokens for."),
];
