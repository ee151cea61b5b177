//! A token that nobody has judged yet.

use crate::{
    Part, TokenError,
    token::{
        base64url,
        json::{Json, Object},
    },
};

/// The most bytes that a token may have. Decoding and parsing cost memory and
/// time by size and come before the signature, so anybody can make us pay;
/// Entra's largest tokens, with 200 groups, stay under 8 KiB.
const SIZE_LIMIT: usize = 16 * 1024;

/// The parts of a compact JWS (RFC 7515, section 7.1), decoded but not judged.
pub(crate) struct UnverifiedToken<'t> {
    /// What the signature is over.
    signed: &'t str,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'t> UnverifiedToken<'t> {
    pub(crate) fn split(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > SIZE_LIMIT {
            return Err(TokenError::TooLarge { limit: SIZE_LIMIT, actual: token.len() });
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(TokenError::NotCompact { actual: token.split('.').count() });
        };
        let (signed, signature) = (&token[..second], &token[second + 1..]);
        let (header, payload) = (&signed[..first], &signed[first + 1..]);
        let decode = |text, part| base64url::decode(text).ok_or(TokenError::NotBase64Url { part });
        Ok(Self {
            signed,
            header: decode(header, Part::Header)?,
            payload: decode(payload, Part::Payload)?,
            signature: decode(signature, Part::Signature)?,
        })
    }

    pub(crate) fn header(&self) -> Result<Object<'_>, TokenError> {
        object(&self.header, Part::Header)
    }

    pub(crate) fn claims(&self) -> Result<Object<'_>, TokenError> {
        object(&self.payload, Part::Payload)
    }

    pub(crate) fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}

fn object(bytes: &[u8], part: Part) -> Result<Object<'_>, TokenError> {
    match Json::parse(bytes) {
        Some(Json::Object(object)) if object.repeats() => Err(TokenError::RepeatedName { part }),
        Some(Json::Object(object)) => Ok(*object),
        Some(_) => Err(TokenError::NotAnObject { part }),
        None => Err(TokenError::NotJson { part }),
    }
}
