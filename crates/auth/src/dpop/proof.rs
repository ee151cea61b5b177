//! One proof.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    signature::ParsedPublicKey,
};
use http::Method;
use url::Url;

use crate::{
    Algorithm, DpopNonces, ProofError, TokenError, UntrustedText,
    dpop::{target, thumbprint::thumbprint},
    keys::key::Key,
    token::{
        base64url,
        claims::{Claims, missing},
        header::Header,
        json::{Json, Object},
        unverified::UnverifiedToken,
    },
};

/// The members of a JWK that only the holder of the private key knows (RFC 7518,
/// section 6). A proof that tells them is the sender's mistake, and the key is
/// no longer theirs alone.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// What a proof must be for.
pub(crate) struct Expected<'r> {
    pub(crate) method: &'r Method,
    pub(crate) target: Url,
    pub(crate) token: &'r [u8],
    /// `cnf.jkt` of the token.
    pub(crate) thumbprint: &'r str,
    pub(crate) algorithms: &'r [Algorithm],
    pub(crate) now: SystemTime,
    pub(crate) window: Duration,
    pub(crate) nonces: Option<&'r DpopNonces>,
}

/// A proof that is good, if it was not used before.
pub(crate) struct Proof {
    /// Names it for the replay store.
    pub(crate) id: [u8; 32],
    /// From then on it is refused for its age.
    pub(crate) expires: SystemTime,
}

impl Proof {
    /// Verifies a proof (RFC 9449, section 4.3), the signature last.
    pub(crate) fn check(proof: &str, expected: &Expected<'_>) -> Result<Self, ProofError> {
        let proof = UnverifiedToken::split(proof.as_bytes())?;
        let document = proof.header()?;
        let header = Header::parse(&document)?;
        header.allowed(expected.algorithms)?;
        header.check_type(&[Some("dpop+jwt")], "dpop+jwt")?;
        let (key, actual) = public_key(&document, header.algorithm)?;
        if verify_slices_are_equal(actual.as_bytes(), expected.thumbprint.as_bytes()).is_err() {
            return Err(ProofError::WrongKey);
        }

        let document = proof.claims()?;
        let claims = Claims::new(&document);
        let jti = claims.required_text("jti")?;
        check_method(&claims, expected.method)?;
        check_target(&claims, &expected.target)?;
        check_token(&claims, expected.token)?;
        let iat = check_time(&claims, expected)?;
        if key.verify_sig(proof.signed(), proof.signature()).is_err() {
            return Err(TokenError::BadSignature.into());
        }
        check_nonce(&claims, expected)?;
        let expires = iat + expected.window + Duration::from_secs(1);
        Ok(Self { id: id(expected.thumbprint, jti), expires })
    }
}

fn public_key(
    header: &Object<'_>,
    algorithm: Algorithm,
) -> Result<(ParsedPublicKey, String), ProofError> {
    let jwk = header.get("jwk").and_then(Json::object).ok_or(ProofError::KeyMissing)?;
    if PRIVATE_MEMBERS.iter().any(|member| jwk.has(member)) {
        return Err(ProofError::PrivateKey);
    }
    let key = Key::parse(jwk, &[algorithm]).and_then(|key| key.into_verifier(algorithm));
    let (Some(key), Some(thumbprint)) = (key, thumbprint(jwk)) else {
        return Err(ProofError::KeyUnusable { algorithm });
    };
    Ok((key, thumbprint))
}

fn check_method(claims: &Claims<'_>, expected: &Method) -> Result<(), ProofError> {
    let actual = claims.required_text("htm")?;
    if actual == expected.as_str() {
        return Ok(());
    }
    Err(ProofError::WrongMethod { expected: expected.clone(), actual: UntrustedText::new(actual) })
}

fn check_target(claims: &Claims<'_>, expected: &Url) -> Result<(), ProofError> {
    let actual = claims.required_text("htu")?;
    if target::is_same(actual, expected) {
        return Ok(());
    }
    Err(ProofError::WrongTarget {
        expected: expected.to_string(),
        actual: UntrustedText::new(actual),
    })
}

fn check_token(claims: &Claims<'_>, token: &[u8]) -> Result<(), ProofError> {
    let expected = base64url::encode(digest(&SHA256, token).as_ref());
    if claims.required_text("ath")? == expected { Ok(()) } else { Err(ProofError::WrongToken) }
}

fn check_time(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<SystemTime, ProofError> {
    let iat = claims.time("iat")?.ok_or_else(|| missing("iat"))?;
    let iat = UNIX_EPOCH + Duration::from_secs_f64(iat);
    let apart = match expected.now.duration_since(iat) {
        Ok(ago) => ago,
        Err(ahead) => ahead.duration(),
    };
    if apart > expected.window {
        return Err(ProofError::WrongTime { iat, now: expected.now, window: expected.window });
    }
    Ok(iat)
}

fn check_nonce(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), ProofError> {
    let Some(nonces) = expected.nonces else { return Ok(()) };
    match claims.text("nonce")? {
        Some(nonce) if nonces.is_good(nonce, expected.now) => Ok(()),
        _ => Err(ProofError::NonceNeeded),
    }
}

/// Names a proof. Ids are the client's own, so each key has a space of its own.
fn id(thumbprint: &str, jti: &str) -> [u8; 32] {
    let hash = digest(&SHA256, format!("{thumbprint} {jti}").as_bytes());
    hash.as_ref().try_into().expect("SHA-256 has 32 bytes")
}
