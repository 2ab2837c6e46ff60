//! What can go wrong on request: a closed set, so that a test names the fault it is about.
//!
//! The identifiers in parentheses are those of the acceptance tables: `H-16`, `id_token-aud`.

use std::time::Duration;

use serde_json::Value;

use crate::authorization::response::ResponseMode;

/// What goes wrong, endpoint by endpoint; nothing by default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    /// The answer of the discovery endpoint.
    pub discovery: Option<AnswerFault>,
    /// The answer of the key set endpoint.
    pub certs: Option<AnswerFault>,
    /// The answer of the token endpoint. The request is carried out first: a refresh token is used up all the same.
    pub token: Option<AnswerFault>,
    /// The answer of the UserInfo endpoint.
    pub userinfo: Option<AnswerFault>,
    /// The answer of the authorization endpoint, its login page included.
    pub authorization: Option<AnswerFault>,
    /// The answer of the end-session endpoint.
    pub end_session: Option<AnswerFault>,
    /// The answer of the introspection endpoint.
    pub introspection: Option<AnswerFault>,
    /// The answer of the revocation endpoint.
    pub revocation: Option<AnswerFault>,
    /// What the discovery document says.
    pub metadata: Option<MetadataFault>,
    /// What the key set holds.
    pub key_set: Option<KeySetFault>,
    /// A new key signs each token answer, published from that moment on (`key-rotation-op-sign-key`).
    pub rotate_before_signing: bool,
    /// What arrives at the redirect URI.
    pub authorization_response: Option<AuthorizationFault>,
    /// What arrives at the post-logout redirect URI.
    pub end_session_answer: Option<EndSessionFault>,
    /// What the token answer holds, the ID token aside.
    pub token_answer: Option<TokenFault>,
    /// The ID token.
    pub id_token: Option<IdTokenFault>,
    /// What UserInfo holds.
    pub userinfo_claims: Option<UserInfoFault>,
    /// The shape of `updated_at` in both; by default that of the generation.
    pub updated_at: Option<UpdatedAt>,
}

/// How an answer goes wrong on its way, whatever it says.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerFault {
    /// Another answer altogether (H-17, H-18).
    Replace {
        /// The status.
        status: u16,
        /// The content type; none if `None`.
        content_type: Option<String>,
        /// Further headers, such as `Retry-After`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// The body that is due with another status (H-17).
    Status(u16),
    /// The body that is due with another content type (H-17).
    ContentType(String),
    /// The answer that is due with further headers.
    Headers(Vec<(String, String)>),
    /// A redirect (H-14).
    Redirect {
        /// The status: 301, 302, 303, 307 or 308.
        status: u16,
        /// The `Location`.
        location: String,
    },
    /// Status 200 and the HTML page of a captive portal (H-17).
    CaptivePortal,
    /// Status 200, no body (H-17).
    Empty,
    /// Status 204 (H-17).
    NoContent,
    /// Status 400, with the request's header and body repeated in `error_description` (H-26).
    Echo,
    /// The document that is due, made invalid as JSON (H-08).
    Json(JsonFault),
    /// The document that is due, filled up with white space (H-16, H-27).
    Oversized {
        /// The size of the whole body.
        bytes: usize,
    },
    /// The same, compressed (H-16).
    GzipBomb {
        /// The size after decompression.
        bytes: usize,
    },
    /// The answer that is due, this much later.
    Delay(Duration),
    /// The request is carried out, and no answer ever comes (H-16).
    Silence,
    /// The request is carried out, and the connection closes without an answer (H-19).
    Drop,
    /// The connection closes in the middle of the body.
    Truncate {
        /// How much of the body arrives.
        after: usize,
    },
    /// Chunks without end (H-16).
    EndlessBody,
    /// The body that is due, one byte at a time (H-16).
    SlowBody {
        /// The pause before each byte.
        interval: Duration,
    },
    /// Header lines without end (H-16).
    EndlessHeaders,
    /// The answer that is due, one byte at a time from its status line on (H-16).
    SlowHeaders {
        /// The pause before each byte.
        interval: Duration,
    },
}

/// How a JSON object is made one that must be refused (H-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonFault {
    /// Its first member is there twice.
    DuplicateMember,
    /// A further member is nested this deep.
    Deep(usize),
    /// It starts with a byte order mark.
    ByteOrderMark,
    /// A further member is `NaN`.
    NotANumber,
    /// A further member is half of a surrogate pair.
    LoneSurrogate,
    /// A further member is a byte that is not UTF-8.
    NotUtf8,
    /// Something follows it.
    TrailingBytes,
    /// It is wrapped in an array.
    NotAnObject,
}

/// What the discovery document gets wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataFault {
    /// Another issuer (`discovery-issuer-not-matching-config`).
    Issuer(String),
    /// A member with another value (H-15).
    Set(String, Value),
    /// A member is missing.
    Remove(String),
    /// Members that nobody knows, of this size in all (H-27).
    Padding(usize),
}

/// What the key set gets wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetFault {
    /// A stranger's key stands before the right one, under the same `kid` (H-03).
    TwoKeysOneKid,
    /// No `kid` on the one key (`id_token-kid-absent-single-jwks`).
    NoKid,
    /// Several fitting keys without `kid` (`id_token-kid-absent-multiple-jwks`).
    SeveralWithoutKid,
    /// The one key without `kid`, among one for encryption and one on a curve.
    OtherKinds,
    /// The key is marked `use=enc` (H-02).
    ForEncryption,
    /// The key is for `key_ops` that do not verify (H-02).
    WrongKeyOps,
    /// The key is marked with another `alg`.
    Alg(String),
    /// The key has 1,024 bits (H-07).
    Small,
    /// The exponent is 1 (H-07).
    ExponentOne,
    /// A private key is published beside the right one (H-07).
    PrivateKey,
    /// A symmetric key is published beside the right one (H-07).
    SecretKey,
    /// So many other keys stand before the right one (H-27).
    Many(usize),
    /// A stranger's key in place of the right one (H-03: unknown `kid`).
    WithoutTheKey,
    /// No keys at all.
    Empty,
}

/// What an authorization response gets wrong, successes and errors alike unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizationFault {
    /// The state of another request, whether one was sent or not.
    WrongState,
    /// No state.
    NoState,
    /// Another issuer in `iss`, whether one is due or not (RFC 9207).
    WrongIss,
    /// No `iss`, where [`Options::response_iss`](crate::Options::response_iss) promises it.
    NoIss,
    /// A parameter with another value.
    Set(String, String),
    /// A parameter is missing.
    Remove(String),
    /// A parameter is there twice, with one value (H-12).
    Duplicate(String),
    /// Everything stands in the query and in the fragment (H-12).
    QueryAndFragment,
    /// Another response mode than was asked for.
    Mode(ResponseMode),
    /// An error in place of a success, after the person signed in.
    Error {
        /// The `error`.
        code: String,
        /// The `error_description`.
        description: String,
    },
    /// A page that goes to the redirect URI with the answer and, if it is still there 0.3 s later, with `access_denied`
    /// (H-13). Both are links as well. In place of a form, both have a fragment.
    TwoAnswers,
}

/// What the return from the end-session endpoint gets wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessionFault {
    /// No state (`rp-init-logout-no-state`).
    NoState,
    /// The state of another request (`rp-init-logout-other-state`).
    WrongState,
}

/// What the token answer gets wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenFault {
    /// A member with another value.
    Set(String, Value),
    /// A member is missing.
    Remove(String),
}

/// What the ID token gets wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum IdTokenFault {
    /// Its claims.
    Claim(ClaimFault),
    /// Its header.
    Header(HeaderFault),
    /// Its signature.
    Signature(SignatureFault),
    /// Its serialisation.
    Shape(ShapeFault),
    /// It is not there.
    Absent,
}

/// A claim that must be refused, or accepted against the odds.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimFault {
    /// A claim with another value.
    Set(String, Value),
    /// A claim whose value is this text, which need not be JSON (H-09: `1e400`).
    SetLiteral(String, String),
    /// A claim is missing (`id_token-sub`, `id_token-aud`, `id_token-iat`).
    Remove(String),
    /// The issuer of another tenant (`id_token-issuer-mismatch`).
    WrongIssuer,
    /// Another person (`refresh-token-invalid-sub`).
    WrongSubject,
    /// Another client (`id_token-aud`).
    WrongAudience,
    /// An array with this client alone: to be accepted.
    AudienceAsArray,
    /// An array with this client and a stranger.
    AudienceWithStranger {
        /// The authorised party, if any.
        azp: Option<String>,
    },
    /// `exp` was two minutes ago.
    Expired,
    /// `iat` was a week ago.
    IssuedAWeekAgo,
    /// `iat` is two minutes ahead.
    IssuedAhead,
    /// `nbf` is two minutes ahead.
    NotYetValid,
    /// A nonce (`nonce-invalid`, or one that was never sent).
    Nonce(String),
    /// The hash of another access token (`id_token-bad-at_hash`).
    WrongAtHash,
    /// The hash of another refresh token.
    WrongRtHash,
}

/// A header that must be refused, or accepted against the odds.
#[derive(Debug, Clone, PartialEq)]
pub enum HeaderFault {
    /// No `kid`.
    NoKid,
    /// A `kid` that no key set holds (H-03).
    UnknownKid,
    /// A member with another value (H-02, H-04, H-05: `alg`, `jku`, `x5u`, `crit`, `b64`, `typ`).
    Set(String, Value),
    /// A member is missing (H-01: `alg`).
    Remove(String),
    /// The token is signed by a stranger's key, which stands in the header as `jwk` (H-04).
    EmbeddedKey,
}

/// A signature that must be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureFault {
    /// None, and the header says so in this spelling: `none`, `nOnE` (H-01).
    None(String),
    /// RS256, and none there.
    Missing,
    /// One bit differs (`id_token-bad-sig-rs256`).
    Broken,
    /// By a stranger's key under the right `kid`.
    OtherKey,
    /// HS256, with the public key as the secret (H-01).
    HmacWithPublicKey,
    /// HS256, with the client's own secret: legal where it was agreed.
    HmacWithClientSecret,
    /// HS256, with another secret (`id_token-bad-sig-hs256`).
    HmacWithOtherSecret,
    /// The header says ES256 and the signature has its size (`id_token-bad-sig-es256`).
    Es256,
}

/// A serialisation that must be refused (H-05, H-06, H-08).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShapeFault {
    /// Header and claims alone.
    TwoParts,
    /// One part too many.
    FourParts,
    /// The five parts of an encrypted token.
    FiveParts,
    /// Base64url with padding.
    Padded,
    /// White space inside.
    Spaced,
    /// Bits set that base64url does not use.
    NonCanonical,
    /// A line break at the end.
    TrailingBytes,
    /// A header that is no JSON object as it should be.
    Header(JsonFault),
    /// Claims that are no JSON object as they should be.
    Claims(JsonFault),
}

/// What UserInfo gets wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum UserInfoFault {
    /// A claim with another value.
    Set(String, Value),
    /// A claim is missing.
    Remove(String),
    /// Another person's `sub` (`userinfo-bad-sub-claim`).
    WrongSubject,
    /// No `sub`.
    NoSubject,
    /// `{}`, as for a token without scopes.
    Empty,
    /// The signed form, for the client that gets one.
    Jwt(IdTokenFault),
}

/// The three shapes of `updated_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdatedAt {
    /// ISO 8601 (v1).
    Iso8601,
    /// Milliseconds (v2's page).
    Milliseconds,
    /// Seconds (a real v2 token).
    Seconds,
}
