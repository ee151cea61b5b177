//! The signing keys: the current one, and the one before it, which stays published.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::{
    encoding::AsDer as _,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
    jwk::{Jwk, PublicKeyUse},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::secret::{self, base64url, from_base64url};

/// How many keys are published: the current one and the one before, so that tokens signed
/// just before a rotation still verify.
const PUBLISHED: usize = 2;

/// A key as the data file keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    pkcs8: String,
    created_at: u64,
}

impl StoredKey {
    /// A new RSA key of 2048 bits, as Entra's are.
    pub(crate) fn generate(now: u64) -> Option<Self> {
        let pkcs8 = KeyPair::generate(KeySize::Rsa2048).ok()?.as_der().ok()?;
        Some(Self { pkcs8: base64url(pkcs8.as_ref()), created_at: now })
    }
}

/// A key ready to sign.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) created_at: u64,
    private: EncodingKey,
    public: DecodingKey,
    jwk: Jwk,
}

impl SigningKey {
    fn read(stored: &StoredKey) -> Option<Self> {
        let pkcs8 = from_base64url(&stored.pkcs8)?;
        let body = STANDARD.encode(&pkcs8);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).ok()?;
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).ok()?;
        // Entra's kid is a certificate's SHA-1 thumbprint: 20 bytes, 27 characters.
        let pair = KeyPair::from_pkcs8(&pkcs8).ok()?;
        let mut kid = secret::digest(&base64url(pair.public_key().as_ref()));
        kid.truncate(27);
        jwk.common.key_algorithm = None;
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_id = Some(kid.clone());
        jwk.common.x509_sha1_fingerprint = Some(kid.clone());
        let public = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { kid, created_at: stored.created_at, private, public, jwk })
    }

    /// The public key as Entra publishes it: without `alg`, with the `issuer` it signs for.
    fn published(&self, issuer: &str) -> Value {
        let mut jwk = json!(self.jwk);
        jwk["issuer"] = issuer.into();
        jwk
    }
}

/// The published keys, the current one first.
pub(crate) struct KeyRing(RwLock<Arc<[SigningKey]>>);

impl KeyRing {
    /// Reads the keys; `None` if there is none or one cannot be read.
    pub(crate) fn read(stored: &[StoredKey]) -> Option<Self> {
        parse(stored).map(|keys| Self(RwLock::new(keys)))
    }

    /// Replaces the keys and returns the `kid` of the one that signs from now on.
    pub(crate) fn replace(&self, stored: &[StoredKey]) -> Option<String> {
        let keys = parse(stored)?;
        let kid = keys.first()?.kid.clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Some(kid)
    }

    /// The keys, newest first.
    pub(crate) fn published(&self) -> Arc<[SigningKey]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The JWK set (RFC 7517, section 5).
    pub(crate) fn jwks(&self, issuer: &str) -> Value {
        json!({ "keys": self.published().iter().map(|key| key.published(issuer)).collect::<Vec<_>>() })
    }

    /// Signs a token of this `typ`, if any, with the newest key, with RS256.
    pub(crate) fn sign(&self, typ: Option<&str>, claims: &Value) -> String {
        let keys = self.published();
        let key = keys.first().expect("a key ring is never empty");
        let header = Header {
            typ: typ.map(str::to_owned),
            kid: Some(key.kid.clone()),
            ..Header::new(Algorithm::RS256)
        };
        encode(&header, claims, &key.private).expect("a 2048-bit RSA key signs any claims")
    }

    /// The claims of a token that was signed here with a key still published, even an expired
    /// one: enough for an `id_token_hint`, and for nothing else.
    pub(crate) fn claims_of_own_token(&self, token: &str) -> Option<Map<String, Value>> {
        let kid = decode_header(token).ok()?.kid?;
        let keys = self.published();
        let key = keys.iter().find(|key| key.kid == kid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        rules.validate_aud = false;
        Some(decode(token, &key.public, &rules).ok()?.claims)
    }
}

/// Puts a new key first and drops the ones that are no longer published.
pub(crate) fn rotate(keys: &mut Vec<StoredKey>, new: StoredKey) {
    keys.insert(0, new);
    keys.truncate(PUBLISHED);
}

fn parse(stored: &[StoredKey]) -> Option<Arc<[SigningKey]>> {
    let keys: Arc<[_]> = stored.iter().map(SigningKey::read).collect::<Option<_>>()?;
    (!keys.is_empty()).then_some(keys)
}
