//! What tokens are signed with.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
};
use base64::{Engine, prelude::BASE64_STANDARD};
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
        let pkcs8 = pair.as_der().expect("aws-lc encodes its own key");
        let pkcs8 = BASE64_STANDARD.encode(pkcs8.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{pkcs8}\n-----END PRIVATE KEY-----\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("the PEM of an RSA key");
        Self { id: id.to_owned(), key }
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
