//! One error for each fact that a token can fail.

use std::{fmt, time::Duration};

use thiserror::Error;

use crate::{AcrValues, Algorithm, UntrustedText};

/// The fact that a token fails, with what was expected and what it says.
///
/// No variant carries the token or its signature. What a token says is held as
/// [`UntrustedText`], shortened and escaped, since the sender of the token chose it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the fields are named expected, actual and the like; the messages say the rest"
)]
pub enum TokenError {
    /// Longer than 16 KiB.
    #[error("the token has {actual} bytes, more than {limit}")]
    TooLarge { limit: usize, actual: usize },
    /// Not `header.payload.signature`.
    #[error("the token has {actual} parts, not 3")]
    NotCompact { actual: usize },
    /// A part is not base64url without padding, or has trailing bits.
    #[error("the {part} is not strict base64url")]
    NotBase64Url { part: TokenPart },
    /// The header or payload is not JSON.
    #[error("the {part} is not JSON")]
    NotJson { part: TokenPart },
    /// The header or payload is JSON, but no object.
    #[error("the {part} is not a JSON object")]
    NotAnObject { part: TokenPart },
    /// Two members of one object have the same name.
    #[error("the {part} repeats a name")]
    RepeatedName { part: TokenPart },
    /// A header parameter is missing or has the wrong JSON type.
    #[error("the header's `{name}` is not {expected}")]
    HeaderMalformed { name: &'static str, expected: &'static str },
    /// `alg` is not on the issuer's allow-list. `none` and HMAC never are.
    #[error("`alg` is {actual}, not one of {expected:?}")]
    AlgorithmNotAllowed { expected: Vec<Algorithm>, actual: UntrustedText },
    /// The header has `crit`: an extension that must be understood, and none is.
    #[error("the header has `crit`")]
    CriticalExtension,
    /// `typ` names another kind of token.
    #[error("`typ` is {actual:?}, not {expected}")]
    WrongType { expected: &'static str, actual: Option<UntrustedText> },
    /// The issuer has no key of that id.
    #[error("no key has the id {actual}")]
    UnknownKey { actual: UntrustedText },
    /// No `kid`, and not exactly one key that fits.
    #[error("the token names no key, and {fitting} keys fit, not 1")]
    NoKeyId { fitting: usize },
    /// The key of that id is not for this algorithm, or not for signatures.
    #[error("the key {actual} is not for {expected} signatures")]
    KeyMismatch { expected: Algorithm, actual: UntrustedText },
    /// The signature is not the key's over these bytes.
    #[error("the signature is wrong")]
    BadSignature,
    /// A claim that must be there is not.
    #[error("`{claim}` is missing")]
    ClaimMissing { claim: String },
    /// A claim has the wrong JSON type or form.
    #[error("`{claim}` is not {expected}")]
    ClaimMalformed { claim: String, expected: &'static str },
    /// A time outside the years 1970 to 9999.
    #[error("`{claim}` is {actual}, outside the years 1970 to 9999")]
    TimeOutOfRange { claim: String, actual: f64 },
    /// `iss` is not a trusted issuer.
    #[error("`iss` is {actual}, none of {expected:?}")]
    WrongIssuer { expected: Vec<String>, actual: UntrustedText },
    /// The key is for tokens of another issuer, as its own `issuer` says.
    #[error("the key {actual} is not for tokens of {expected:?}")]
    WrongKeyIssuer { expected: String, actual: UntrustedText },
    /// `aud`, or what stands for it ([`AudienceClaim`](crate::AudienceClaim)), shares
    /// no value with the audience.
    #[error("the audience is {actual:?}, none of {expected:?}")]
    WrongAudience { expected: Vec<String>, actual: Vec<UntrustedText> },
    /// `aud` of an ID token names others besides the client.
    #[error("`aud` is {actual:?}, not {expected:?} alone")]
    UntrustedAudience { expected: String, actual: Vec<UntrustedText> },
    /// `exp` and the leeway have passed. Times in seconds since 1970.
    #[error("`exp` is {exp}, and with {leeway:?} of leeway it is past at {now}")]
    Expired { exp: f64, now: f64, leeway: Duration },
    /// `nbf` or `iat` is in the future. Times in seconds since 1970.
    #[error("`{claim}` is {actual}, and with {leeway:?} of leeway still to come at {now}")]
    NotYetValid { claim: String, actual: f64, now: f64, leeway: Duration },
    /// `ver` of an Entra token is not 2.0.
    #[error("`ver` is {actual}, not \"2.0\"")]
    WrongVersion { actual: UntrustedText },
    /// `tid` is not the issuer's tenant.
    #[error("`tid` is {actual}, not {expected:?}")]
    WrongTenant { expected: String, actual: UntrustedText },
    /// The client is not on the list of allowed clients.
    #[error("{}, none of {expected:?}", match actual {
        Some(client) => format!("the client is {client}"),
        None => "no claim names the client".to_owned(),
    })]
    ClientNotAllowed { expected: Vec<String>, actual: Option<UntrustedText> },
    /// `azp` of an ID token is another client.
    #[error("`azp` is {actual}, not {expected:?}")]
    WrongClient { expected: String, actual: UntrustedText },
    /// Two claims that list scopes, `scp` and `scope`, are there and differ.
    #[error("two claims list scopes, and they differ")]
    ScopeConflict,
    /// Neither `scp`, `scope` nor `roles`: some other kind of token.
    #[error(
        "no claim names a permission, neither of a user (`scp`, `scope`) nor of an application (`roles`)"
    )]
    NotAnAccessToken,
    /// The token has `cnf`, so it is good only with a proof of its key, and
    /// came without one, or with a confirmation that cannot be checked here.
    #[error("the token is bound to a key (`cnf`), and came without a proof that is checked here")]
    SenderConstrained,
    /// The token came with a DPoP proof, or must, and is bound to no key.
    #[error("`cnf` has no `jkt` alone: the token is bound to no DPoP key")]
    NotBound,
    /// `events` does not name a back-channel logout, or there is a `nonce`.
    #[error("`events` names no back-channel logout, or there is a `nonce`")]
    NotALogoutToken,
    /// `nonce` is not that of the sign-in attempt. The values stay out of logs.
    #[error("`nonce` is not the sign-in attempt's")]
    WrongNonce,
    /// A logout token or an access token, sent as ID token.
    #[error("`events` or `scp` is there, which ID tokens do not have")]
    NotAnIdToken,
    /// `at_hash` is not the hash of the access token that came along.
    #[error("`at_hash` is not the hash of the access token")]
    WrongAccessTokenHash,
    /// `at_hash` is there, but no access token to compare it with.
    #[error("`at_hash` is there, but no access token came along")]
    AccessTokenMissing,
    /// The user signed in longer ago than was asked for.
    #[error("`auth_time` is {actual} seconds ago, more than {expected:?}")]
    SignInTooOld { expected: Duration, actual: f64 },
    /// A logout token was issued longer ago than one may be under way.
    #[error("`iat` of a logout token is {actual} seconds ago, more than {expected:?}")]
    LogoutTooOld { expected: Duration, actual: f64 },
    /// The sign-in has none of the `acr_values` that were asked for.
    #[error("`{claim}` is {actual:?}, none of {expected}")]
    WrongAcr { claim: &'static str, expected: AcrValues, actual: Vec<UntrustedText> },
}

/// A part of a token in compact form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPart {
    /// The first part.
    Header,
    /// The second part.
    Payload,
    /// The third part.
    Signature,
}

impl fmt::Display for TokenPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

impl TokenError {
    /// The variant as a stable name for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NotCompact { .. } => "not_compact",
            Self::NotBase64Url { .. } => "not_base64url",
            Self::NotJson { .. } => "not_json",
            Self::NotAnObject { .. } => "not_an_object",
            Self::RepeatedName { .. } => "repeated_name",
            Self::HeaderMalformed { .. } => "header_malformed",
            Self::AlgorithmNotAllowed { .. } => "algorithm_not_allowed",
            Self::CriticalExtension => "critical_extension",
            Self::WrongType { .. } => "wrong_type",
            Self::UnknownKey { .. } => "unknown_key",
            Self::NoKeyId { .. } => "no_key_id",
            Self::KeyMismatch { .. } => "key_mismatch",
            Self::BadSignature => "bad_signature",
            Self::ClaimMissing { .. } => "claim_missing",
            Self::ClaimMalformed { .. } => "claim_malformed",
            Self::TimeOutOfRange { .. } => "time_out_of_range",
            Self::WrongIssuer { .. } => "wrong_issuer",
            Self::WrongKeyIssuer { .. } => "wrong_key_issuer",
            Self::WrongAudience { .. } => "wrong_audience",
            Self::UntrustedAudience { .. } => "untrusted_audience",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::WrongVersion { .. } => "wrong_version",
            Self::WrongTenant { .. } => "wrong_tenant",
            Self::ClientNotAllowed { .. } => "client_not_allowed",
            Self::WrongClient { .. } => "wrong_client",
            Self::ScopeConflict => "scope_conflict",
            Self::NotAnAccessToken => "not_an_access_token",
            Self::SenderConstrained => "sender_constrained",
            Self::NotBound => "not_bound",
            Self::NotALogoutToken => "not_a_logout_token",
            Self::NotAnIdToken => "not_an_id_token",
            Self::WrongNonce => "wrong_nonce",
            Self::WrongAccessTokenHash => "wrong_access_token_hash",
            Self::AccessTokenMissing => "access_token_missing",
            Self::SignInTooOld { .. } => "sign_in_too_old",
            Self::LogoutTooOld { .. } => "logout_too_old",
            Self::WrongAcr { .. } => "wrong_acr",
        }
    }

    /// A sentence for the caller. It is the same for every token that fails
    /// this fact, so it can go into a header and reveals nothing of the setup.
    pub fn detail(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "The token is too large.",
            Self::NotCompact { .. }
            | Self::NotBase64Url { .. }
            | Self::NotJson { .. }
            | Self::NotAnObject { .. }
            | Self::RepeatedName { .. }
            | Self::HeaderMalformed { .. } => "The token is malformed.",
            Self::AlgorithmNotAllowed { .. } => {
                "The token is signed with an algorithm that is not accepted."
            }
            Self::CriticalExtension => "The token needs an extension that is not supported.",
            Self::WrongType { .. } | Self::NotAnAccessToken => "The token is of another type.",
            Self::UnknownKey { .. }
            | Self::NoKeyId { .. }
            | Self::KeyMismatch { .. }
            | Self::WrongKeyIssuer { .. } => "The token is signed with a key that is not known.",
            Self::BadSignature => "The signature of the token is wrong.",
            Self::ClaimMissing { .. } => "The token lacks a claim that is required.",
            Self::ClaimMalformed { .. } | Self::TimeOutOfRange { .. } | Self::ScopeConflict => {
                "The token has a claim that is malformed."
            }
            Self::WrongIssuer { .. } | Self::WrongTenant { .. } | Self::WrongVersion { .. } => {
                "The token is from another issuer."
            }
            Self::WrongAudience { .. } | Self::UntrustedAudience { .. } => {
                "The token is for another audience."
            }
            Self::Expired { .. } => "The token has expired.",
            Self::NotYetValid { .. } => "The token is not valid yet.",
            Self::ClientNotAllowed { .. } | Self::WrongClient { .. } => {
                "The token was issued to another client."
            }
            Self::SenderConstrained => "The token is bound to a key and needs a proof of it.",
            Self::NotBound => "The token is not bound to a DPoP key.",
            Self::NotALogoutToken => "The token is not a logout token.",
            Self::NotAnIdToken => "The token is not an ID token.",
            Self::WrongNonce => "The token belongs to another sign-in.",
            Self::WrongAccessTokenHash | Self::AccessTokenMissing => {
                "The token belongs to another access token."
            }
            Self::SignInTooOld { .. } => "The sign-in is too long ago.",
            Self::LogoutTooOld { .. } => "The logout is too long ago.",
            Self::WrongAcr { .. } => "The sign-in is not strong enough.",
        }
    }
}
