//! The keys of a provider.

use aws_lc_rs::signature::ParsedPublicKey;

use crate::{
    Algorithm, FetchError, Issuer, Said, TokenError,
    keys::key::Key,
    provider::tenants,
    token::{header::Header, json::Json, unverified::UnverifiedToken},
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
    /// [`FetchError::Document`] when it is no set, or has no usable key.
    pub fn parse(json: &[u8], algorithms: &[Algorithm]) -> Result<Self, FetchError> {
        let fault =
            |reason: &str| FetchError::Document { document: "key set", reason: reason.to_owned() };
        let Some(Json::Object(document)) = Json::parse(json) else {
            return Err(fault("it is not a JSON object"));
        };
        let listed = document
            .get("keys")
            .and_then(Json::list)
            .ok_or_else(|| fault("it has no list of keys"))?;
        let parse = |item: &Json<'_>| match item {
            Json::Object(jwk) => Key::parse(jwk, algorithms),
            _ => None,
        };
        let keys: Vec<Key> = listed.iter().filter_map(parse).collect();
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
        let token = UnverifiedToken::split(jws)?;
        self.verify(&token, &Header::parse(&token.header()?)?, None)?;
        Ok(token.into_payload())
    }

    /// Judges the signature of a token. A key that names an issuer must then
    /// name this one, if given.
    pub(crate) fn verify(
        &self,
        token: &UnverifiedToken<'_>,
        header: &Header<'_>,
        issuer: Option<&Issuer>,
    ) -> Result<(), TokenError> {
        let algorithm = header.algorithm;
        let mut candidates = match header.kid {
            Some(kid) => self.named(kid, algorithm)?,
            None => self.only_one(algorithm)?,
        };
        if let Some(issuer) = issuer {
            candidates
                .retain(|(key, _)| key.issuer().is_none_or(|own| tenants::is_for(own, issuer)));
            if candidates.is_empty() {
                let (expected, actual) = (issuer.to_string(), Said::new(header.kid.unwrap_or("")));
                return Err(TokenError::WrongKeyIssuer { expected, actual });
            }
        }
        let good =
            |(_, key): &Candidate<'_>| key.verify_sig(token.signed(), token.signature()).is_ok();
        candidates.iter().any(good).then_some(()).ok_or(TokenError::BadSignature)
    }

    /// The fitting keys of that id: usually one, but ids need not be unique
    /// (RFC 7517, section 4.5).
    fn named(&self, kid: &str, algorithm: Algorithm) -> Result<Vec<Candidate<'_>>, TokenError> {
        let mut named = self.keys.iter().filter(|key| key.kid() == Some(kid)).peekable();
        if named.peek().is_none() {
            return Err(TokenError::UnknownKey { actual: Said::new(kid) });
        }
        let fitting: Vec<_> = named.filter_map(|key| candidate(key, algorithm)).collect();
        if fitting.is_empty() {
            return Err(TokenError::KeyMismatch { expected: algorithm, actual: Said::new(kid) });
        }
        Ok(fitting)
    }

    fn only_one(&self, algorithm: Algorithm) -> Result<Vec<Candidate<'_>>, TokenError> {
        let fitting: Vec<_> =
            self.keys.iter().filter_map(|key| candidate(key, algorithm)).collect();
        if fitting.len() == 1 {
            Ok(fitting)
        } else {
            Err(TokenError::NoKeyId { fitting: fitting.len() })
        }
    }
}

/// A key that may have made the signature.
type Candidate<'k> = (&'k Key, &'k ParsedPublicKey);

fn candidate(key: &Key, algorithm: Algorithm) -> Option<Candidate<'_>> {
    Some((key, key.verifier(algorithm)?))
}
