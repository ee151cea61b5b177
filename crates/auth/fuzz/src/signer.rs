//! The keys of the fixture. They are fixed, so that a run can be repeated, and
//! public, so that they must sign nothing else.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, UnparsedPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Encodes a part of a token.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a part of a token, if it is written in the one way that it can be.
pub fn strict(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| base64url(bytes) == text)
}

/// An ES256 key.
pub struct Signer {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new(kid: &'static str, pkcs8: &[u8]) -> Self {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .expect("a key of this folder");
        Self { kid, pair }
    }

    /// The provider's.
    pub fn provider() -> Self {
        Self::new("key-1", include_bytes!("../keys/provider.pk8"))
    }

    /// A key that no provider publishes. No seed has its public half.
    pub fn untrusted() -> Self {
        Self::new("key-1", include_bytes!("../keys/untrusted.pk8"))
    }

    /// A client's, to which tokens are bound (RFC 9449).
    pub fn client() -> Self {
        Self::new("", include_bytes!("../keys/client.pk8"))
    }

    /// The coordinates of the public key.
    pub fn point(&self) -> (&[u8], &[u8]) {
        self.pair.public_key().as_ref()[1..].split_at(32)
    }

    /// The public key, as a key set lists it.
    pub fn jwk(&self) -> Value {
        let mut jwk = self.public_jwk();
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The public key and nothing else about it.
    pub fn public_jwk(&self) -> Value {
        let (x, y) = self.point();
        json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
    }

    /// A compact JWS of these very bytes, well-formed or not.
    pub fn sign(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("there are random bytes");
        format!("{signed}.{}", base64url(signature))
    }

    /// Whether this key made this signature, asked in another way than the
    /// crate under test asks.
    pub fn made(&self, signed: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref())
            .verify(signed.as_bytes(), signature)
            .is_ok()
    }
}

/// The provider's Ed25519 key. Its signatures have no random part, so a token
/// that it signs is the same in each run, and seeds can have the hash of it.
pub struct Edwards(Ed25519KeyPair);

impl Edwards {
    /// The key id.
    pub const KID: &str = "key-ed";

    /// The provider's.
    pub fn provider() -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("any 32 bytes are a seed"))
    }

    /// The public key, as a key set lists it.
    pub fn jwk(&self) -> Value {
        let x = base64url(self.0.public_key());
        json!({"kid": Self::KID, "use": "sig", "kty": "OKP", "crv": "Ed25519", "x": x})
    }

    /// A token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "EdDSA", "kid": Self::KID});
        let signed = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        format!("{signed}.{}", base64url(self.0.sign(signed.as_bytes())))
    }
}
