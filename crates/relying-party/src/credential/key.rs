//! The private key of `private_key_jwt`.

use std::str::FromStr;

use auth::Algorithm;
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding,
        RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// A private key, and the certificate that belongs to it if the PEM text holds one. It has no
/// `Debug`.
pub struct ClientKey {
    pair: Pair,
    thumbprint: Option<String>,
}

enum Pair {
    // Boxed: it is much larger than the others.
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ClientKey {
    /// Reads PEM text with one private key (PKCS#8, PKCS#1 or SEC 1): RSA from 2048 bits, P-256,
    /// P-384 or Ed25519. A certificate may stand in it too.
    ///
    /// Line breaks may be written as `\n` in two characters, as environments without real ones
    /// need it.
    ///
    /// # Errors
    /// When there is no private key in it, or none of these kinds.
    pub fn parse(pem: &str) -> Result<Self, KeyError> {
        let pem = zeroize::Zeroizing::new(pem.replace("\\n", "\n"));
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::NoKey)?;
        let certificate = CertificateDer::pem_slice_iter(pem.as_bytes()).next();
        let certificate = certificate.transpose().map_err(|_| KeyError::Certificate)?;
        let thumbprint =
            |der: CertificateDer<'_>| BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, der.as_ref()));
        Ok(Self { pair: pair(&der)?, thumbprint: certificate.map(thumbprint) })
    }

    /// The SHA-256 of the certificate, the `x5t#S256` by which Entra finds the public key.
    pub(crate) fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    /// The algorithm to sign with. For RSA RS256, which every provider must support, unless the
    /// provider prefers PS256.
    pub(crate) fn algorithm(&self, prefers_pss: bool) -> Algorithm {
        match self.pair {
            Pair::Rsa(_) if prefers_pss => Algorithm::PS256,
            Pair::Rsa(_) => Algorithm::RS256,
            Pair::P256(_) => Algorithm::ES256,
            Pair::P384(_) => Algorithm::ES384,
            Pair::Ed25519(_) => Algorithm::EdDSA,
        }
    }

    /// The signature of these bytes; none if aws-lc has no random bytes to sign with.
    pub(crate) fn sign(&self, bytes: &[u8], prefers_pss: bool) -> Option<Vec<u8>> {
        let rsa: &'static dyn RsaEncoding =
            if prefers_pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa, &SystemRandom::new(), bytes, &mut signature).ok()?;
                Some(signature)
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                Some(pair.sign(&SystemRandom::new(), bytes).ok()?.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Some(pair.sign(bytes).as_ref().to_vec()),
        }
    }
}

impl FromStr for ClientKey {
    type Err = KeyError;

    fn from_str(pem: &str) -> Result<Self, Self::Err> {
        Self::parse(pem)
    }
}

/// A private key that cannot be used. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No PEM text, or none with a private key in it.
    #[error("there is no PEM private key in it")]
    NoKey,
    /// A key of another kind.
    #[error("the key is not RSA from 2048 bits, P-256, P-384 or Ed25519")]
    Kind,
    /// What stands as a certificate beside it is none.
    #[error("the certificate beside the key cannot be read")]
    Certificate,
}

fn pair(key: &PrivateKeyDer<'_>) -> Result<Pair, KeyError> {
    let der = key.secret_der();
    let rsa = match key {
        PrivateKeyDer::Pkcs1(_) => RsaKeyPair::from_der(der).ok(),
        PrivateKeyDer::Pkcs8(_) => RsaKeyPair::from_pkcs8(der).ok(),
        _ => None,
    };
    // aws-lc refuses RSA keys under 2048 bits.
    if let Some(pair) = rsa {
        return Ok(Pair::Rsa(Box::new(pair)));
    }
    let curve = |algorithm: &'static EcdsaSigningAlgorithm| {
        EcdsaKeyPair::from_private_key_der(algorithm, der)
            .or_else(|_| EcdsaKeyPair::from_pkcs8(algorithm, der))
            .ok()
    };
    if let Some(pair) = curve(&ECDSA_P256_SHA256_FIXED_SIGNING) {
        return Ok(Pair::P256(pair));
    }
    if let Some(pair) = curve(&ECDSA_P384_SHA384_FIXED_SIGNING) {
        return Ok(Pair::P384(pair));
    }
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed25519).map_err(|_| KeyError::Kind)
}
