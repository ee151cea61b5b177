//! The keys of a provider.

use crate::{
    Algorithm, FetchError, Said, TokenError,
    json::Json,
    key::Key,
    unverified::{Header, UnverifiedToken},
};

/// A JWK set (RFC 7517, section 5) with at least one usable key.
#[derive(Debug)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// Reads a set. Each key stands for itself: an odd one is skipped.
    pub(crate) fn parse(body: &[u8], allowed: &[Algorithm]) -> Result<Self, FetchError> {
        let fault =
            |reason: &str| FetchError::Document { document: "key set", reason: reason.to_owned() };
        let Some(Json::Object(document)) = Json::parse(body) else {
            return Err(fault("it is not a JSON object"));
        };
        let listed = document
            .get("keys")
            .and_then(Json::list)
            .ok_or_else(|| fault("it has no list of keys"))?;
        let parse = |item: &Json<'_>| match item {
            Json::Object(jwk) => Key::parse(jwk, allowed),
            _ => None,
        };
        let keys: Vec<Key> = listed.iter().filter_map(parse).collect();
        if !keys.iter().any(Key::is_usable) {
            return Err(fault("it has no usable key"));
        }
        Ok(Self { keys })
    }

    /// Judges the signature of a token.
    pub(crate) fn verify(
        &self,
        token: &UnverifiedToken<'_>,
        header: &Header,
        algorithm: Algorithm,
    ) -> Result<(), TokenError> {
        let candidates = match &header.kid {
            Some(kid) => self.named(kid, algorithm)?,
            None => self.only_one(algorithm)?,
        };
        let good = |key: &&aws_lc_rs::signature::ParsedPublicKey| {
            key.verify_sig(token.signed(), token.signature()).is_ok()
        };
        candidates.iter().any(good).then_some(()).ok_or(TokenError::BadSignature)
    }

    /// The fitting keys of that id: usually one, but ids need not be unique
    /// (RFC 7517, section 4.5).
    fn named(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<Vec<&aws_lc_rs::signature::ParsedPublicKey>, TokenError> {
        let mut named = self.keys.iter().filter(|key| key.kid() == Some(kid)).peekable();
        if named.peek().is_none() {
            return Err(TokenError::UnknownKey { actual: Said::new(kid) });
        }
        let fitting: Vec<_> = named.filter_map(|key| key.verifier(algorithm)).collect();
        if fitting.is_empty() {
            return Err(TokenError::KeyMismatch { expected: algorithm, actual: Said::new(kid) });
        }
        Ok(fitting)
    }

    fn only_one(
        &self,
        algorithm: Algorithm,
    ) -> Result<Vec<&aws_lc_rs::signature::ParsedPublicKey>, TokenError> {
        let fitting: Vec<_> = self.keys.iter().filter_map(|key| key.verifier(algorithm)).collect();
        if fitting.len() == 1 {
            Ok(fitting)
        } else {
            Err(TokenError::NoKeyId { fitting: fitting.len() })
        }
    }
}
