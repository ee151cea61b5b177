//! The signing keys: one that signs, and the one before it, still published.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::{
    encoding::AsDer as _,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::secret::{self, base64url, from_base64url};

/// How many keys are published: the one that signs and the one before, so that
/// tokens signed just before a rotation still verify.
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
        let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
        let pkcs8 = pair.as_der().ok()?;
        Some(Self { pkcs8: base64url(pkcs8.as_ref()), created_at: now })
    }
}

/// A key ready to sign.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) created_at: u64,
    pair: KeyPair,
}

impl SigningKey {
    fn read(stored: &StoredKey) -> Option<Self> {
        let pair = KeyPair::from_pkcs8(&from_base64url(&stored.pkcs8)?).ok()?;
        // Entra's kid is a certificate's SHA-1 thumbprint: 20 bytes, 27 characters.
        let mut kid = secret::digest(&base64url(pair.public_key().as_ref()));
        kid.truncate(27);
        Some(Self { kid, created_at: stored.created_at, pair })
    }

    /// The public half as Entra publishes it: no `alg`, but the `issuer` it signs for.
    fn jwk(&self, issuer: &str) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": base64url(public.modulus().big_endian_without_leading_zero()),
            "e": base64url(public.exponent().big_endian_without_leading_zero()),
            "issuer": issuer,
        })
    }

    /// A compact JWS, RS256, over the claims. Written out here rather than taken from
    /// the library that verifies, so that the two cannot merely agree with each other.
    fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({ "typ": typ, "alg": "RS256", "kid": self.kid });
        let mut token = base64url(header.to_string().as_bytes());
        token.push('.');
        token.push_str(&base64url(claims.to_string().as_bytes()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .expect("a 2048-bit key signs a SHA-256 digest");
        token.push('.');
        token.push_str(&base64url(&signature));
        token
    }
}

/// The published keys, the one that signs first.
pub(crate) struct KeyRing(RwLock<Vec<Arc<SigningKey>>>);

impl KeyRing {
    /// Reads the keys; `None` when there is none or one cannot be read.
    pub(crate) fn read(stored: &[StoredKey]) -> Option<Self> {
        let keys = parse(stored)?;
        Some(Self(RwLock::new(keys)))
    }

    /// Puts other keys in place of these; says the `kid` that signs from now on.
    pub(crate) fn replace(&self, stored: &[StoredKey]) -> Option<String> {
        let keys = parse(stored)?;
        let kid = keys.first()?.kid.clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Some(kid)
    }

    /// The keys, newest first.
    pub(crate) fn published(&self) -> Vec<Arc<SigningKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The JWK set (RFC 7517, section 5).
    pub(crate) fn jwks(&self, issuer: &str) -> Value {
        json!({ "keys": self.published().iter().map(|key| key.jwk(issuer)).collect::<Vec<_>>() })
    }

    /// Signs with the newest key.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("JWT", claims)
    }

    /// Signs a token whose header names what it is.
    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        self.published().first().expect("a key ring is never empty").sign(typ, claims)
    }

    /// The claims of a token signed here with a key still published, of whatever age:
    /// that is enough for an `id_token_hint`, and for nothing else.
    pub(crate) fn claims_of_own_token(&self, token: &str) -> Option<Map<String, Value>> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Map<String, Value> = serde_json::from_slice(&from_base64url(header)?).ok()?;
        let kid = header.get("kid")?.as_str()?;
        let key = self.published().into_iter().find(|key| key.kid == kid)?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.pair.public_key().as_ref())
            .verify(signed.as_bytes(), &from_base64url(signature)?)
            .ok()?;
        serde_json::from_slice(&from_base64url(payload)?).ok()
    }
}

/// Puts a new key first and drops what no longer belongs.
pub(crate) fn rotate(keys: &mut Vec<StoredKey>, new: StoredKey) {
    keys.insert(0, new);
    keys.truncate(PUBLISHED);
}

fn parse(stored: &[StoredKey]) -> Option<Vec<Arc<SigningKey>>> {
    let keys: Vec<_> =
        stored.iter().map(|key| SigningKey::read(key).map(Arc::new)).collect::<Option<_>>()?;
    (!keys.is_empty()).then_some(keys)
}
