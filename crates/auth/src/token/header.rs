//! The header of a token.

use std::borrow::Cow;

use crate::{
    Algorithm, TokenError, UntrustedText,
    token::json::{Json, Object},
};

/// What matters of a header. `jwk`, `jku`, `x5u` and `x5c` are not even read:
/// a key that comes with the token proves nothing, and no request may go where
/// a token points.
#[derive(Debug)]
pub(crate) struct Header<'t> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<&'t str>,
    typ: Option<&'t str>,
}

impl<'t> Header<'t> {
    /// Reads a header. An algorithm that cannot be allowed is refused here, one
    /// that this issuer does not allow by [`allowed`](Self::allowed).
    pub(crate) fn parse(header: &'t Object<'_>) -> Result<Self, TokenError> {
        // Whatever its value: we understand no extension (RFC 7515, section 4.1.11).
        if header.has("crit") {
            return Err(TokenError::CriticalExtension);
        }
        let text = |name| match header.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(&**text)),
            Some(_) => Err(TokenError::HeaderMalformed { name, expected: "a string" }),
        };
        let alg =
            text("alg")?.ok_or(TokenError::HeaderMalformed { name: "alg", expected: "there" })?;
        let algorithm = Algorithm::named(alg).ok_or_else(|| TokenError::AlgorithmNotAllowed {
            expected: Algorithm::ALL.to_vec(),
            actual: UntrustedText::new(alg),
        })?;
        Ok(Self { algorithm, kid: text("kid")?, typ: text("typ")? })
    }

    /// Refuses an algorithm that is not on this list.
    pub(crate) fn allowed(&self, algorithms: &[Algorithm]) -> Result<(), TokenError> {
        if algorithms.contains(&self.algorithm) {
            return Ok(());
        }
        let actual = UntrustedText::new(self.algorithm.as_str());
        Err(TokenError::AlgorithmNotAllowed { expected: algorithms.to_vec(), actual })
    }

    /// `typ` in lower case and without `application/` (RFC 7515, section 4.1.9).
    pub(crate) fn media_type(&self) -> Option<Cow<'t, str>> {
        let typ = self.typ?;
        // The one that nearly all tokens have.
        if typ == "JWT" {
            return Some(Cow::Borrowed("jwt"));
        }
        let typ = typ.to_ascii_lowercase();
        Some(Cow::Owned(typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)))
    }

    /// Refuses a `typ` that is none of these.
    pub(crate) fn check_type(
        &self,
        passes: &[Option<&str>],
        expected: &'static str,
    ) -> Result<(), TokenError> {
        if passes.contains(&self.media_type().as_deref()) {
            return Ok(());
        }
        Err(TokenError::WrongType { expected, actual: self.typ.map(UntrustedText::new) })
    }
}
