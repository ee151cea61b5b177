//! The private key of `private_key_jwt`.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use pkcs8::PrivateKeyInfo;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// A private key, and the thumbprint of its certificate if the PEM text has one. It has no `Debug`.
pub struct ClientKey {
    key: EncodingKey,
    /// RS256 for any RSA key.
    algorithm: Algorithm,
    thumbprint: Option<String>,
}

impl ClientKey {
    /// Reads PEM text with one private key (PKCS#8, PKCS#1 or SEC 1): RSA from 2048 bits, P-256,
    /// P-384 or Ed25519. It may also contain a certificate.
    ///
    /// Line breaks may be written as the two characters `\n`, for environments without multi-line
    /// values.
    ///
    /// # Errors
    /// When there is no private key, or one of another kind.
    pub fn parse(pem: &str) -> Result<Self, KeyError> {
        let pem = zeroize::Zeroizing::new(pem.replace("\\n", "\n"));
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::NoKey)?;
        let certificate = CertificateDer::pem_slice_iter(pem.as_bytes()).next();
        let certificate = certificate.transpose().map_err(|_| KeyError::Certificate)?;
        let thumbprint =
            |der: CertificateDer<'_>| BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, der.as_ref()));
        let (key, algorithm) = encoding_key(&der).ok_or(KeyError::Kind)?;
        Ok(Self { key, algorithm, thumbprint: certificate.map(thumbprint) })
    }

    /// The SHA-256 of the certificate, the `x5t#S256` by which Entra finds the public key.
    pub(crate) fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    pub(crate) fn encoding_key(&self) -> &EncodingKey {
        &self.key
    }

    /// The algorithm to sign with. For RSA, RS256, which every provider must support, unless the
    /// provider prefers PS256.
    pub(crate) fn algorithm(&self, prefers_pss: bool) -> Algorithm {
        if prefers_pss && self.algorithm == Algorithm::RS256 {
            Algorithm::PS256
        } else {
            self.algorithm
        }
    }
}

/// A private key that cannot be used. The message contains nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no PEM text with a private key.
    #[error("there is no PEM private key in it")]
    NoKey,
    /// A key of another kind.
    #[error("the key is not RSA from 2048 bits, P-256, P-384 or Ed25519")]
    Kind,
    /// The certificate next to the key is invalid.
    #[error("the certificate beside the key cannot be read")]
    Certificate,
}

/// The key in the encoding that `jsonwebtoken` signs with: PKCS#1 for RSA, PKCS#8 for the others.
fn encoding_key(key: &PrivateKeyDer<'_>) -> Option<(EncodingKey, Algorithm)> {
    let der = key.secret_der();
    // aws-lc refuses RSA keys under 2048 bits, and PKCS#8 whose algorithm is not plain RSA: a key
    // for PSS alone must not sign RS256 (RFC 8017, appendix A.2.3).
    let pkcs1 = match key {
        PrivateKeyDer::Pkcs8(_) if RsaKeyPair::from_pkcs8(der).is_ok() => {
            Some(PrivateKeyInfo::try_from(der).ok()?.private_key)
        }
        PrivateKeyDer::Pkcs1(_) if RsaKeyPair::from_der(der).is_ok() => Some(der),
        _ => None,
    };
    if let Some(pkcs1) = pkcs1 {
        return Some((EncodingKey::from_rsa_der(pkcs1), Algorithm::RS256));
    }
    let elliptic = |curve: &'static EcdsaSigningAlgorithm, algorithm| {
        let pair = EcdsaKeyPair::from_private_key_der(curve, der)
            .or_else(|_| EcdsaKeyPair::from_pkcs8(curve, der))
            .ok()?;
        Some((EncodingKey::from_ec_der(pair.to_pkcs8v1().ok()?.as_ref()), algorithm))
    };
    elliptic(&ECDSA_P256_SHA256_FIXED_SIGNING, Algorithm::ES256)
        .or_else(|| elliptic(&ECDSA_P384_SHA384_FIXED_SIGNING, Algorithm::ES384))
        .or_else(|| {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
            Some((EncodingKey::from_ed_der(pair.to_pkcs8().ok()?.as_ref()), Algorithm::EdDSA))
        })
}
