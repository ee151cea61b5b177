//! A token that nobody has judged yet.

use crate::{
    Algorithm, Part, Said, TokenError, base64url,
    json::{Json, Object},
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
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::NotCompact { actual: token.split('.').count() });
        };
        let decode = |text, part| base64url::decode(text).ok_or(TokenError::NotBase64Url { part });
        Ok(Self {
            signed: &token[..header.len() + 1 + payload.len()],
            header: decode(header, Part::Header)?,
            payload: decode(payload, Part::Payload)?,
            signature: decode(signature, Part::Signature)?,
        })
    }

    pub(crate) fn header(&self) -> Result<Header, TokenError> {
        Header::parse(&object(&self.header, Part::Header)?)
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

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// What matters of a header. `jwk`, `jku`, `x5u` and `x5c` are not even read:
/// a key that comes with the token proves nothing, and no request may go where
/// a token points.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    typ: Option<String>,
}

impl Header {
    fn parse(header: &Object<'_>) -> Result<Self, TokenError> {
        // Whatever its value: we understand no extension (RFC 7515, section 4.1.11).
        if header.has("crit") {
            return Err(TokenError::CriticalExtension);
        }
        let text = |name| match header.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.clone().into_owned())),
            Some(_) => Err(TokenError::HeaderMalformed { name, expected: "a string" }),
        };
        let alg =
            text("alg")?.ok_or(TokenError::HeaderMalformed { name: "alg", expected: "there" })?;
        Ok(Self { alg, kid: text("kid")?, typ: text("typ")? })
    }

    /// The algorithm, if it is allowed.
    pub(crate) fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, TokenError> {
        Algorithm::named(&self.alg).filter(|algorithm| allowed.contains(algorithm)).ok_or_else(
            || TokenError::AlgorithmNotAllowed {
                expected: allowed.to_vec(),
                actual: Said::new(&self.alg),
            },
        )
    }

    /// `typ` in lower case and without `application/` (RFC 7515, section 4.1.9).
    pub(crate) fn media_type(&self) -> Option<String> {
        let typ = self.typ.as_ref()?.to_ascii_lowercase();
        Some(typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ))
    }

    /// The refusal of a token with this `typ` where another was expected.
    pub(crate) fn wrong_type(&self, expected: &'static str) -> TokenError {
        TokenError::WrongType { expected, actual: self.typ.as_deref().map(Said::new) }
    }
}

fn object(bytes: &[u8], part: Part) -> Result<Object<'_>, TokenError> {
    match Json::parse(bytes) {
        Some(Json::Object(object)) if object.repeats() => Err(TokenError::RepeatedName { part }),
        Some(Json::Object(object)) => Ok(object),
        Some(_) => Err(TokenError::NotAnObject { part }),
        None => Err(TokenError::NotJson { part }),
    }
}
