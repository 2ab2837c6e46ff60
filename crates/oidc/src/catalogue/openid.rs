//! The codes of OpenID Connect (Core §3.1.2.6) and of the specifications around it, on any endpoint.

use super::{ANY, Row};

const AUTHENTICATION: &str = "OIDC Core §3.1.2.6";

/// The request says what the provider must not ask, and it has to ask.
const INTERACTION: Row = Row {
    code: Some("interaction_required"),
    cause: "The request said prompt=none, and the provider has to ask the user something first.",
    onelogin: "Leave prompt out and let the user sign in. What is asked is set by the user's policy at Security › \
               Policies, and by the app's at Applications › {app} › Access.",
    elsewhere: "Leave prompt out and let the user sign in.",
    reference: AUTHENTICATION,
    ..ANY
};

/// A second factor or a fresh sign-in is due.
const STRONGER: Row = Row {
    cause: "A policy asks for a stronger or fresher sign-in than this one, a second factor as a rule.",
    onelogin: "Sign in through the browser (authorization code or implicit flow), or exempt the user: choose a \
               policy without MFA at Users › Users › the user › Authentication › User security policy.",
    elsewhere: "Sign in through the browser (authorization code or implicit flow), or exempt the user from the \
                second factor.",
    ..ANY
};

/// The client uses something optional.
const NOT_OFFERED: Row = Row {
    onelogin: "Send the parameters one by one in the query. The metadata, linked at Applications › {app} › SSO, say \
               what is offered.",
    elsewhere: "Send the parameters one by one in the query. The metadata say what is offered.",
    reference: AUTHENTICATION,
    ..ANY
};

const REDIRECT_URI: Row = Row {
    cause: "The redirect URI is not registered for this client. Every character counts: scheme, host, port, path and \
            a slash at the end.",
    onelogin: "Add it under Applications › {app} › Configuration › Redirect URIs. A change there takes up to 10 \
               minutes to work.",
    elsewhere: "Register the redirect URI for this client exactly as it is sent.",
    reference: "OIDC Core §3.1.2.1",
    ..ANY
};

const DPOP: Row = Row {
    onelogin: "Latchkey sends no DPoP proofs: let Applications › {app} › SSO ask for none to test the app here.",
    elsewhere: "Latchkey sends no DPoP proofs: register the client without sender-constrained tokens to test it here.",
    reference: "RFC 9449 §5",
    ..ANY
};

pub(super) const ROWS: &[Row] = &[
    Row { id: "code-interaction-required", ..INTERACTION },
    Row {
        id: "code-login-required",
        code: Some("login_required"),
        cause: "The user has to sign in: there is no session at the provider, or it is too old for max_age, and the \
                request said prompt=none.",
        onelogin: "Leave prompt out, or send prompt=login. How long a session lasts is set at Security › Policies › \
                   the user's policy › Session.",
        elsewhere: "Leave prompt out, or send prompt=login.",
        ..INTERACTION
    },
    Row {
        id: "code-account-selection-required",
        code: Some("account_selection_required"),
        cause: "The user has several sessions at the provider, and the request said prompt=none.",
        onelogin: "Leave prompt out, or send a login_hint with the user name as at Users › Users › the user.",
        elsewhere: "Leave prompt out, or send prompt=select_account or a login_hint.",
        ..INTERACTION
    },
    Row {
        id: "code-consent-required",
        code: Some("consent_required"),
        cause: "The user, or an administrator for all users, has not agreed yet to what this client asks for.",
        onelogin: "Leave prompt out and let the user agree once. Look at Applications › {app} › SSO, and at \
                   Developers › API Authorization where the app uses scopes of an API.",
        elsewhere: "Leave prompt out and let the user agree once, or grant consent for all users at the provider. In \
                    the password grant nobody can be asked, so consent has to exist before.",
        ..INTERACTION
    },
    Row { id: "code-mfa-required", code: Some("mfa_required"), reference: "RFC 6749 §5.2", ..STRONGER },
    Row {
        id: "code-unmet-authentication-requirements",
        code: Some("unmet_authentication_requirements"),
        reference: "OpenID Connect Core Error Code unmet_authentication_requirements 1.0",
        ..STRONGER
    },
    Row {
        id: "code-insufficient-user-authentication",
        code: Some("insufficient_user_authentication"),
        reference: "RFC 9470 §3",
        ..STRONGER
    },
    Row {
        id: "code-request-not-supported",
        code: Some("request_not_supported"),
        cause: "The provider does not take a request object (the parameter request).",
        ..NOT_OFFERED
    },
    Row {
        id: "code-request-uri-not-supported",
        code: Some("request_uri_not_supported"),
        cause: "The provider does not fetch request objects (the parameter request_uri).",
        ..NOT_OFFERED
    },
    Row {
        id: "code-registration-not-supported",
        code: Some("registration_not_supported"),
        cause: "The provider does not take self-issued registration (the parameter registration).",
        ..NOT_OFFERED
    },
    Row {
        id: "code-invalid-request-uri",
        code: Some("invalid_request_uri"),
        cause: "The provider could not fetch what request_uri names, it has expired, or it holds an error.",
        ..NOT_OFFERED
    },
    Row {
        id: "code-invalid-request-object",
        code: Some("invalid_request_object"),
        cause: "The request object is malformed, or its signature is not valid for this client.",
        ..NOT_OFFERED
    },
    Row {
        id: "code-unsupported-response-mode",
        code: Some("unsupported_response_mode"),
        cause: "The provider does not offer this response mode, or not for this response type.",
        onelogin: "Use one that the metadata list under response_modes_supported; they are linked at Applications › \
                   {app} › SSO. Tokens never come as query.",
        elsewhere: "Use one that the metadata list under response_modes_supported. Tokens never come as query.",
        reference: "OAuth 2.0 Multiple Response Types §2.1",
        ..ANY
    },
    Row { id: "code-redirect-uri-mismatch", code: Some("redirect_uri_mismatch"), ..REDIRECT_URI },
    Row { id: "code-invalid-redirect-uri", code: Some("invalid_redirect_uri"), ..REDIRECT_URI },
    Row {
        id: "code-invalid-target",
        code: Some("invalid_target"),
        cause: "The API that the parameter resource names is unknown, or not for this client.",
        onelogin: "Compare resource with the audience at Developers › API Authorization › the server, and give the \
                   app access there. {app} is listed among its apps then.",
        elsewhere: "Compare resource with the API's identifier at the provider, and give this client access to it.",
        reference: "RFC 8707 §2",
        ..ANY
    },
    Row {
        id: "code-use-dpop-nonce",
        code: Some("use_dpop_nonce"),
        cause: "The provider wants a DPoP proof with its nonce.",
        ..DPOP
    },
    Row {
        id: "code-invalid-dpop-proof",
        code: Some("invalid_dpop_proof"),
        cause: "The provider wants a DPoP proof, and got none that is valid.",
        ..DPOP
    },
];
