//! The keys of a provider.

use aws_lc_rs::signature::ParsedPublicKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Algorithm, FetchError, Issuer, TokenError, UntrustedText,
    keys::key::Key,
    provider::tenants,
    token::{header::Header, json::Object, unverified::UnverifiedToken},
};

/// A JWK set (RFC 7517, section 5) with at least one usable key.
///
/// [`Verifier`](crate::Verifier) fetches and keeps one for each issuer. By
/// itself it verifies any compact JWS, of which it knows nothing but that.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// Reads a set, for these algorithms. Each key stands for itself: one that is
    /// unknown, weak or odd is skipped, and the rest lives on.
    ///
    /// # Errors
    /// [`FetchError::Document`] when it is not a key set, or has no usable key.
    pub fn parse(json: &[u8], algorithms: &[Algorithm]) -> Result<Self, FetchError> {
        let fault =
            |reason: &str| FetchError::Document { document: "key set", reason: reason.to_owned() };
        let document: Document<'_> = str::from_utf8(json)
            .ok()
            // Deserializing takes a list for a struct, too.
            .filter(|json| json.trim_start().starts_with('{'))
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or_else(|| fault("it is not a JSON object with one list of keys"))?;
        let parse = |jwk: &&RawValue| Key::parse(&Object::parse(jwk.get().as_bytes())?, algorithms);
        let keys: Vec<Key> = document.keys.iter().filter_map(parse).collect();
        if !keys.iter().any(Key::is_usable) {
            return Err(fault("it has no usable key"));
        }
        Ok(Self { keys })
    }

    /// The payload of a compact JWS (RFC 7515) whose signature is good, **and
    /// nothing else about it**: not who issued it, for whom, until when. For
    /// tokens use [`Verifier`](crate::Verifier).
    ///
    /// # Errors
    /// When it is malformed, or the signature is not a key's of this set.
    pub fn verify_signature_only(&self, jws: &str) -> Result<Vec<u8>, TokenError> {
        let token = UnverifiedToken::split(jws.as_bytes())?;
        self.verify(&token, &Header::parse(&token.header()?)?, None)?;
        Ok(token.into_payload())
    }

    /// Verifies the signature of a token. A key that names an issuer must then
    /// name this one, if given.
    pub(crate) fn verify(
        &self,
        token: &UnverifiedToken<'_>,
        header: &Header<'_>,
        issuer: Option<&Issuer>,
    ) -> Result<(), TokenError> {
        let fitting = || self.keys.iter().filter_map(|key| candidate(key, header));
        let own = |(key, _): &Candidate<'_>| match (issuer, key.issuer()) {
            (Some(issuer), Some(own)) => tenants::is_for(own, issuer),
            _ => true,
        };
        let good =
            |(_, key): Candidate<'_>| key.verify_sig(token.signed(), token.signature()).is_ok();
        // Nothing says which of several it would be.
        if header.kid.is_none() && fitting().count() != 1 {
            return Err(TokenError::NoKeyId { fitting: fitting().count() });
        }
        // Usually one, but ids need not be unique (RFC 7517, section 4.5).
        if fitting().filter(own).any(good) {
            return Ok(());
        }
        Err(self.error(header, issuer.filter(|_| !fitting().any(|key| own(&key)))))
    }

    /// Why no key of this set made the signature. With an issuer: because those
    /// that fit are for other issuers.
    fn error(&self, header: &Header<'_>, issuer: Option<&Issuer>) -> TokenError {
        let actual = UntrustedText::new(header.kid.unwrap_or_default());
        let is_known = |key: &Key| header.kid.is_none() || key.kid() == header.kid;
        if !self.keys.iter().any(is_known) {
            return TokenError::UnknownKey { actual };
        }
        if !self.keys.iter().any(|key| candidate(key, header).is_some()) {
            return TokenError::KeyMismatch { expected: header.algorithm, actual };
        }
        match issuer {
            Some(issuer) => TokenError::WrongKeyIssuer { expected: issuer.to_string(), actual },
            None => TokenError::BadSignature,
        }
    }
}

/// A key set before its keys are parsed: each is parsed by itself, so that one
/// with odd JSON costs no other, and a set of thousands takes the memory of one at a time.
#[derive(Deserialize)]
struct Document<'j> {
    #[serde(borrow)]
    keys: Vec<&'j RawValue>,
}

/// A key that may have made the signature.
type Candidate<'k> = (&'k Key, &'k ParsedPublicKey);

/// The key, if it has the id that the token names and is for its algorithm.
fn candidate<'k>(key: &'k Key, header: &Header<'_>) -> Option<Candidate<'k>> {
    let named = header.kid.is_none() || key.kid() == header.kid;
    Some((key, key.verifier(header.algorithm).filter(|_| named)?))
}
