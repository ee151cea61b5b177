//! A token that is not verified yet.

use crate::{
    TokenError, TokenPart,
    token::{
        base64url,
        json::{Json, Object},
    },
};

/// The most bytes that a token may have. Decoding and parsing cost memory and
/// time by size and come before the signature, so any sender can cause them;
/// Entra's largest tokens, with 200 groups, stay under 8 KiB.
const SIZE_LIMIT: usize = 16 * 1024;

/// The parts of a compact JWS (RFC 7515, section 7.1), decoded but not verified.
pub(crate) struct UnverifiedToken<'t> {
    /// What the signature is over.
    signed: &'t [u8],
    /// Payload, header and signature, one after the other: one allocation, and the
    /// payload, which outlives the others, need not be moved.
    decoded: Vec<u8>,
    payload_end: usize,
    header_end: usize,
}

impl<'t> UnverifiedToken<'t> {
    pub(crate) fn split(token: &'t [u8]) -> Result<Self, TokenError> {
        if token.len() > SIZE_LIMIT {
            return Err(TokenError::TooLarge { limit: SIZE_LIMIT, actual: token.len() });
        }
        let mut dots = memchr::memchr_iter(b'.', token);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(TokenError::NotCompact {
                actual: token.split(|byte| *byte == b'.').count(),
            });
        };
        let (signed, signature) = (&token[..second], &token[second + 1..]);
        let (header, payload) = (&signed[..first], &signed[first + 1..]);
        let mut decoded = Vec::with_capacity(base64url::decoded_length(token));
        let mut decode = |text: &[u8], part| {
            let appended = base64url::decode_onto(&mut decoded, text);
            appended.ok_or(TokenError::NotBase64Url { part })
        };
        let payload_end = decode(payload, TokenPart::Payload)?;
        let header_end = decode(header, TokenPart::Header)?;
        decode(signature, TokenPart::Signature)?;
        Ok(Self { signed, decoded, payload_end, header_end })
    }

    pub(crate) fn header(&self) -> Result<Object<'_>, TokenError> {
        object(&self.decoded[self.payload_end..self.header_end], TokenPart::Header)
    }

    pub(crate) fn claims(&self) -> Result<Object<'_>, TokenError> {
        object(&self.decoded[..self.payload_end], TokenPart::Payload)
    }

    pub(crate) fn signed(&self) -> &[u8] {
        self.signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.decoded[self.header_end..]
    }

    pub(crate) fn into_payload(mut self) -> Vec<u8> {
        self.decoded.truncate(self.payload_end);
        self.decoded
    }
}

fn object(bytes: &[u8], part: TokenPart) -> Result<Object<'_>, TokenError> {
    match Object::parse(bytes) {
        Some(object) if object.repeats() => Err(TokenError::RepeatedName { part }),
        Some(object) => Ok(object),
        None if Json::parse(bytes).is_some() => Err(TokenError::NotAnObject { part }),
        None => Err(TokenError::NotJson { part }),
    }
}
