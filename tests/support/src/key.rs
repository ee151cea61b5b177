//! What tokens are signed with.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

/// An RSA key for RS256.
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    key: EncodingKey,
}

impl SigningKey {
    /// A new key. Takes a noticeable fraction of a second.
    ///
    /// # Panics
    /// When aws-lc fails to make one.
    pub fn generate(id: &str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("aws-lc makes RSA keys");
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().expect("aws-lc encodes what it made");
        Self { id: id.to_owned(), key: EncodingKey::from_rsa_der(pkcs1(pkcs8.as_ref())) }
    }

    /// The key that every provider of this process starts with.
    pub fn first() -> &'static Self {
        static FIRST: OnceLock<SigningKey> = OnceLock::new();
        FIRST.get_or_init(|| Self::generate("first"))
    }

    /// Its `kid`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its public half as a JSON Web Key.
    ///
    /// # Panics
    /// Never: the key is a valid RSA key.
    pub fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("an RSA key");
        let mut jwk = json!(jwk);
        jwk["use"] = json!("sig");
        jwk["kid"] = json!(self.id);
        jwk
    }

    /// The RS256 signature of these bytes, in base64url.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        jsonwebtoken::crypto::sign(bytes, &self.key, Algorithm::RS256).expect("an RSA key signs")
    }
}

/// The `RSAPrivateKey` in a PKCS #8 document (RFC 5208), which jsonwebtoken expects. The header
/// before it has 26 bytes for every 2048-bit key.
fn pkcs1(pkcs8: &[u8]) -> &[u8] {
    &pkcs8[26..]
}
