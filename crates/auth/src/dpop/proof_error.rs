//! One error for each fact that a proof can fail.

use std::time::{Duration, SystemTime};

use http::Method;
use thiserror::Error;

use crate::{Algorithm, TokenError, UntrustedText};

/// The fact that a DPoP proof fails (RFC 9449, section 4.3).
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the fields are named expected, actual and the like; the messages say the rest"
)]
pub enum ProofError {
    /// No `DPoP` header.
    #[error("the request has no DPoP header")]
    Missing,
    /// More than one `DPoP` header.
    #[error("the request has more than one DPoP header")]
    Repeated,
    /// Bytes in the header that no proof has.
    #[error("the DPoP header has characters that no proof has")]
    Characters,
    /// It is not a valid JWT: malformed, of another type, without a claim,
    /// badly signed.
    #[error("the proof: {0}")]
    Jwt(#[from] TokenError),
    /// No `jwk` in the header.
    #[error("the proof has no `jwk`")]
    KeyMissing,
    /// `jwk` is odd, weak, or for another algorithm.
    #[error("the proof's `jwk` is not a usable key for {algorithm}")]
    KeyUnusable { algorithm: Algorithm },
    /// `jwk` tells the private key.
    #[error("the proof's `jwk` has members of a private key")]
    PrivateKey,
    /// The access token is bound to another key. Neither is named in logs.
    #[error("the access token is bound to another key than the proof's")]
    WrongKey,
    /// `htm` is another method.
    #[error("`htm` is {actual}, not {expected}")]
    WrongMethod { expected: Method, actual: UntrustedText },
    /// `htu` is another address.
    #[error("`htu` is {actual}, not {expected}")]
    WrongTarget { expected: String, actual: UntrustedText },
    /// `ath` is not the hash of the access token.
    #[error("`ath` is not the hash of the access token")]
    WrongToken,
    /// `iat` is too long ago, or too far ahead.
    #[error("`iat` is {iat:?}, more than {window:?} from {now:?}")]
    WrongTime { iat: SystemTime, now: SystemTime, window: Duration },
    /// No nonce of ours, or an old one. The answer brings a new one.
    #[error("the proof has no nonce of ours that is still good")]
    NonceNeeded,
    /// The proof was used before.
    #[error("the proof was used before")]
    Replayed,
}

impl ProofError {
    /// The variant as a stable name for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "proof_missing",
            Self::Repeated => "proof_repeated",
            Self::Characters => "proof_characters",
            Self::Jwt(_) => "proof_malformed",
            Self::KeyMissing => "proof_key_missing",
            Self::KeyUnusable { .. } => "proof_key_unusable",
            Self::PrivateKey => "proof_private_key",
            Self::WrongKey => "proof_wrong_key",
            Self::WrongMethod { .. } => "proof_wrong_method",
            Self::WrongTarget { .. } => "proof_wrong_target",
            Self::WrongToken => "proof_wrong_token",
            Self::WrongTime { .. } => "proof_wrong_time",
            Self::NonceNeeded => "proof_nonce_needed",
            Self::Replayed => "proof_replayed",
        }
    }

    /// A sentence for the caller. It is the same for every proof that fails this
    /// fact, so it can go into a header and reveals nothing of the setup.
    pub fn detail(&self) -> &'static str {
        match self {
            Self::Missing => "The token is bound to a key and needs a DPoP proof.",
            Self::Repeated | Self::Characters | Self::Jwt(_) => "The DPoP proof is malformed.",
            Self::KeyMissing | Self::KeyUnusable { .. } | Self::PrivateKey => {
                "The key in the DPoP proof cannot be used."
            }
            Self::WrongKey => "The token is bound to another key.",
            Self::WrongMethod { .. } => "The DPoP proof is for another method.",
            Self::WrongTarget { .. } => "The DPoP proof is for another address.",
            Self::WrongToken => "The DPoP proof is for another access token.",
            Self::WrongTime { .. } => "The DPoP proof is too old, or from the future.",
            Self::NonceNeeded => "The DPoP proof needs the nonce of this answer.",
            Self::Replayed => "The DPoP proof was used before.",
        }
    }
}
