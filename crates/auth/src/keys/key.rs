//! One key of a provider.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaVerificationAlgorithm,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};

use crate::{
    Algorithm,
    keys::roca,
    token::{
        base64url,
        json::{Json, Object},
    },
};

/// The least bits of an RSA modulus (RFC 7518, section 3.3): less can be
/// factored, and then an attacker could sign tokens.
const RSA_MIN_BITS: usize = 2048;
/// The most bits: verification grows with their square.
const RSA_MAX_BITS: usize = 8192;

/// The most bytes of an RSA exponent. aws-lc verifies with none over 33 bits.
const RSA_MAX_EXPONENT_BYTES: usize = 4;

/// A public key, parsed once for each algorithm that it may verify.
#[derive(Debug)]
pub(crate) struct Key {
    kid: Option<Box<str>>,
    /// The issuer that it is for, if it says so: Entra's keys for all tenants do.
    issuer: Option<Box<str>>,
    /// Empty when the key is good but not for any allowed algorithm, or not for
    /// signatures. Its id is known all the same, so a token that names it is
    /// refused without asking the provider again.
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
}

/// What a JWK is, once its numbers were checked.
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl Key {
    /// Reads a JWK (RFC 7517). `None` for one that is unknown, weak or odd: it
    /// is skipped, and the rest of the set lives on.
    pub(crate) fn parse(jwk: &Object<'_>, allowed: &[Algorithm]) -> Option<Self> {
        if jwk.repeats() {
            return None;
        }
        let kid = optional_text(jwk, "kid")?;
        let alg = optional_text(jwk, "alg")?;
        // No text is no issuer's. (Only where several tenants share keys does it count.)
        let issuer = jwk.get("issuer").map(|issuer| issuer.text().unwrap_or_default());
        let material = Material::parse(jwk)?;
        let for_signatures = is_for_signatures(jwk)?;
        let verifiers = allowed
            .iter()
            .filter(|algorithm| for_signatures && alg.is_none_or(|alg| alg == algorithm.as_str()))
            .filter_map(|&algorithm| Some((algorithm, material.verifier(algorithm)?.ok()?)))
            .collect();
        Some(Self { kid: kid.map(Into::into), issuer: issuer.map(Into::into), verifiers })
    }

    pub(crate) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.verifiers.is_empty()
    }

    /// The key for signatures of this algorithm, out of what else is known of it.
    pub(crate) fn into_verifier(self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        self.verifiers.into_iter().find(|(fits, _)| *fits == algorithm).map(|(_, key)| key)
    }

    /// The key for signatures of this algorithm, if it fits.
    pub(crate) fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(fits, _)| *fits == algorithm).map(|(_, key)| key)
    }
}

impl Material {
    fn parse(jwk: &Object<'_>) -> Option<Self> {
        let text = |name| jwk.get(name).and_then(Json::text);
        let bytes = |name| base64url::decode(text(name)?);
        match (text("kty")?, text("crv")) {
            ("RSA", _) => rsa(bytes("n")?, bytes("e")?),
            ("EC", Some("P-256")) => Some(Self::P256(point(&bytes("x")?, &bytes("y")?, 32)?)),
            ("EC", Some("P-384")) => Some(Self::P384(point(&bytes("x")?, &bytes("y")?, 48)?)),
            ("OKP", Some("Ed25519")) => ed25519(bytes("x")?),
            _ => None,
        }
    }

    /// A verifier; `None` when the algorithm is not for this kind of key.
    fn verifier(
        &self,
        algorithm: Algorithm,
    ) -> Option<Result<ParsedPublicKey, aws_lc_rs::error::KeyRejected>> {
        Some(match (self, algorithm) {
            (Self::Rsa { n, e }, _) => {
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(rsa_parameters(algorithm)?)
            }
            (Self::P256(point), Algorithm::ES256) => elliptic(&ECDSA_P256_SHA256_FIXED, point),
            (Self::P384(point), Algorithm::ES384) => elliptic(&ECDSA_P384_SHA384_FIXED, point),
            (Self::Ed25519(x), Algorithm::EdDSA) => ParsedPublicKey::new(&ED25519, x),
            _ => return None,
        })
    }
}

fn elliptic(
    algorithm: &'static EcdsaVerificationAlgorithm,
    point: &[u8],
) -> Result<ParsedPublicKey, aws_lc_rs::error::KeyRejected> {
    ParsedPublicKey::new(algorithm, point)
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA => return None,
    })
}

fn rsa(n: Vec<u8>, e: Vec<u8>) -> Option<Material> {
    // Some providers put the sign byte of ASN.1 in front of the modulus.
    let n = without_leading_zeros(n);
    let e = without_leading_zeros(e);
    let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
    // With e = 1 every message is its own signature; no even e is a real key's, nor
    // an even n. A longer e is parsed, but verifies nothing: the key would count as
    // usable, and a set of such keys would replace a good one.
    let sound = (RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits)
        && n.last()? & 1 == 1
        && e.last()? & 1 == 1
        && e.len() <= RSA_MAX_EXPONENT_BYTES
        && e != [1]
        && !roca::has_fingerprint(&n);
    sound.then_some(Material::Rsa { n, e })
}

fn without_leading_zeros(mut number: Vec<u8>) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.drain(..zeros);
    number
}

/// An uncompressed point (SEC 1, section 2.3.3). Whether it lies on the curve
/// is checked when it is parsed.
fn point(x: &[u8], y: &[u8], length: usize) -> Option<Vec<u8>> {
    (x.len() == length && y.len() == length).then(|| [&[4], x, y].concat())
}

/// The y of every Ed25519 point whose order divides 8, those that need not be
/// written so (0 and 1 plus the prime) among them. Such a key has no owner: anyone who
/// knows it can make signatures that it takes, without any secret.
const SMALL_ORDER: [[u8; 32]; 7] = {
    const PRIME: [u8; 32] = {
        let mut prime = [0xff; 32];
        prime[0] = 0xed;
        prime[31] = 0x7f;
        prime
    };
    const fn starting(mut y: [u8; 32], least: u8) -> [u8; 32] {
        y[0] = least;
        y
    }
    [
        [0; 32],
        starting([0; 32], 1),
        starting(PRIME, 0xec),
        PRIME,
        starting(PRIME, 0xee),
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
    ]
};

fn ed25519(x: Vec<u8>) -> Option<Material> {
    let mut y: [u8; 32] = x.as_slice().try_into().ok()?;
    // The highest bit is the sign of x.
    y[31] &= 0x7f;
    (!SMALL_ORDER.contains(&y)).then_some(Material::Ed25519(x))
}

/// `None` when the parameters are malformed.
fn is_for_signatures(jwk: &Object<'_>) -> Option<bool> {
    let right_use = optional_text(jwk, "use")?.is_none_or(|purpose| purpose == "sig");
    let right_operation = match jwk.get("key_ops") {
        None => true,
        Some(operations) => operations.texts()?.contains(&"verify"),
    };
    Some(right_use && right_operation)
}

/// `None` when it is there and no string.
#[allow(clippy::option_option, reason = "malformed and absent are different answers")]
fn optional_text<'o>(jwk: &'o Object<'_>, name: &str) -> Option<Option<&'o str>> {
    match jwk.get(name) {
        None => Some(None),
        Some(value) => value.text().map(Some),
    }
}
