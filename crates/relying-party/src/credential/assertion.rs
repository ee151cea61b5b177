//! The assertion of `private_key_jwt`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth::Issuer;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Header;
use serde_json::json;
use url::Url;

use super::ClientKey;
use crate::{ClientId, Endpoints};

/// `client_assertion_type` (RFC 7523, section 2.2).
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is valid. It is used within seconds; the rest allows for clock skew. An
/// older one in a log is useless.
const LIFETIME: Duration = Duration::from_mins(1);

/// A new assertion, or `None` if signing failed.
///
/// Its audience is only the issuer, as the revision of RFC 7523 (draft-ietf-oauth-rfc7523bis)
/// requires: the metadata of a hostile provider could name another provider's token endpoint, which
/// would then accept the assertion that we send to the hostile one (CVE-2025-27370). Entra is the
/// exception: it documents its token endpoint as the audience, and its metadata comes from the
/// issuer's host.
pub(crate) fn assertion(
    key: &ClientKey,
    client: &ClientId,
    issuer: &Issuer,
    endpoints: &Endpoints,
    endpoint: &Url,
    now: SystemTime,
) -> Option<String> {
    let audience = if issuer.is_entra() { endpoint.as_str() } else { issuer.as_str() };
    let header = Header {
        x5t_s256: key.thumbprint().map(str::to_owned),
        ..Header::new(key.algorithm(prefers_pss(issuer, endpoints)))
    };
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let claims = json!({
        "iss": client.as_str(),
        "sub": client.as_str(),
        "aud": audience,
        "jti": fresh_id()?,
        "iat": now.as_secs(),
        "nbf": now.as_secs(),
        "exp": (now + LIFETIME).as_secs(),
    });
    jsonwebtoken::encode(&header, &claims, key.encoding_key()).ok()
}

/// Entra recommends PS256. Other providers get it if their metadata has it and not RS256.
fn prefers_pss(issuer: &Issuer, endpoints: &Endpoints) -> bool {
    let algorithms = endpoints.assertion_algorithms();
    let takes = |name: &str| algorithms.iter().any(|algorithm| algorithm == name);
    issuer.is_entra() || (takes("PS256") && !takes("RS256"))
}

fn fresh_id() -> Option<String> {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(id))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::AsDer,
        rand::SystemRandom,
        rsa::{KeyPair, KeySize},
        signature::{
            ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
            ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
            RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
            VerificationAlgorithm,
        },
    };
    use base64::prelude::BASE64_STANDARD;
    use serde_json::Value;

    use super::*;
    use crate::KeyError;

    const NOON: u64 = 1_800_000_000;
    const ENTRA: &str = "https://login.example/5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10/v2.0";

    fn pem(label: &str, der: &[u8]) -> String {
        let text = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    }

    fn rsa() -> (String, Vec<u8>) {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let private = pem("PRIVATE KEY", pair.as_der().unwrap().as_ref());
        (private, pair.public_key().as_ref().to_vec())
    }

    fn made(pem: &str, issuer: &str, metadata: &Value) -> String {
        let endpoint = Url::parse("https://login.example/token").unwrap();
        assertion(
            &ClientKey::parse(pem).ok().unwrap(),
            &"web".parse().unwrap(),
            &Issuer::parse(issuer).unwrap(),
            &Endpoints::of(metadata.as_object().unwrap()),
            &endpoint,
            UNIX_EPOCH + Duration::from_secs(NOON),
        )
        .unwrap()
    }

    fn part(assertion: &str, at: usize) -> Value {
        let part = assertion.split('.').nth(at).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    fn check(
        pem: &str,
        public: &[u8],
        issuer: &str,
        metadata: &Value,
        alg: &str,
        by: &'static dyn VerificationAlgorithm,
    ) {
        let assertion = made(pem, issuer, metadata);
        assert_eq!(part(&assertion, 0), json!({ "typ": "JWT", "alg": alg }));
        let (input, signature) = assertion.rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(by, public).verify(input.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn each_kind_of_key_signs_with_its_algorithm() {
        let (issuer, nothing) = ("https://login.example", json!({}));
        let (private, public) = rsa();
        check(&private, &public, issuer, &nothing, "RS256", &RSA_PKCS1_2048_8192_SHA256);
        check(&private, &public, ENTRA, &nothing, "PS256", &RSA_PSS_2048_8192_SHA256);
        let pss = json!({ "token_endpoint_auth_signing_alg_values_supported": ["PS256"] });
        check(&private, &public, issuer, &pss, "PS256", &RSA_PSS_2048_8192_SHA256);

        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
        let public = pair.public_key().as_ref();
        check(&private, public, issuer, &nothing, "ES256", &ECDSA_P256_SHA256_FIXED);
        let sec1 = pem("EC PRIVATE KEY", pair.private_key().as_der().unwrap().as_ref());
        check(&sec1, public, issuer, &nothing, "ES256", &ECDSA_P256_SHA256_FIXED);

        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let private = pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref());
        let public = pair.public_key().as_ref();
        check(&private, public, issuer, &nothing, "ES384", &ECDSA_P384_SHA384_FIXED);

        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let private = pem("PRIVATE KEY", document.as_ref());
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        check(&private, pair.public_key().as_ref(), issuer, &nothing, "EdDSA", &ED25519);
    }

    /// The same key, whose PKCS#8 names RSASSA-PSS, may not sign RS256 (RFC 8017, appendix A.2.3).
    #[test]
    fn a_key_for_pss_alone_is_refused() {
        const RSA_ENCRYPTION: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let mut der = pair.as_der().unwrap().as_ref().to_vec();
        assert!(ClientKey::parse(&pem("PRIVATE KEY", &der)).is_ok());
        let oid = der.windows(RSA_ENCRYPTION.len()).position(|it| it == RSA_ENCRYPTION).unwrap();
        der[oid + RSA_ENCRYPTION.len() - 1] = 10;
        assert_eq!(ClientKey::parse(&pem("PRIVATE KEY", &der)).err(), Some(KeyError::Kind));
    }

    #[test]
    fn an_assertion_is_short_lived_unique_and_for_the_issuer_alone() {
        let (pem, _) = rsa();
        let (first, second) = (
            made(&pem, "https://login.example", &json!({})),
            made(&pem, "https://login.example", &json!({})),
        );
        let mut claims = part(&first, 1);
        assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
        assert_ne!(claims["jti"], part(&second, 1)["jti"]);
        claims.as_object_mut().unwrap().remove("jti");
        let expected = json!({
            "iss": "web", "sub": "web", "aud": "https://login.example",
            "iat": NOON, "nbf": NOON, "exp": NOON + 60,
        });
        assert_eq!(claims, expected);
    }

    #[test]
    fn for_entra_the_audience_is_the_token_endpoint_and_the_certificate_is_named() {
        let (key, _) = rsa();
        let certificate = pem("CERTIFICATE", b"a certificate");
        let assertion = made(&format!("{certificate}{key}"), ENTRA, &json!({}));
        assert_eq!(part(&assertion, 1)["aud"], "https://login.example/token");
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"a certificate");
        let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(digest);
        assert_eq!(part(&assertion, 0)["x5t#S256"], thumbprint.as_str());
    }

    #[test]
    fn a_key_may_have_escaped_line_breaks() {
        let (pem, _) = rsa();
        assert!(ClientKey::parse(&pem.replace('\n', "\\n")).is_ok());
    }

    #[test]
    fn an_unusable_key_is_refused() {
        for (text, fault) in [
            (String::new(), KeyError::NoKey),
            ("hello".to_owned(), KeyError::NoKey),
            (pem("PUBLIC KEY", b"x"), KeyError::NoKey),
            (pem("PRIVATE KEY", b"x"), KeyError::Kind),
        ] {
            assert_eq!(ClientKey::parse(&text).err(), Some(fault), "{text}");
        }
    }
}
