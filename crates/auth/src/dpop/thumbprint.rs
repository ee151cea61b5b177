//! The name of a key.

use aws_lc_rs::digest::{SHA256, digest};

use crate::token::{
    base64url,
    json::{Json, Object},
};

/// The SHA-256 thumbprint of a JWK (RFC 7638), which `cnf.jkt` holds. `None` for
/// a kind of key that has none here.
pub(crate) fn thumbprint(jwk: &Object<'_>) -> Option<String> {
    // The required members in lexicographic order (RFC 7638, section 3.2; RFC
    // 8037, section 2).
    let members: &[&str] = match jwk.get("kty").and_then(Json::text)? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let mut canonical = Vec::with_capacity(members.len());
    for name in members {
        let value = jwk.get(name).and_then(Json::text)?;
        // Names of curves and base64url need no escapes; anything else is not a key.
        if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return None;
        }
        canonical.push(format!("\"{name}\":\"{value}\""));
    }
    let canonical = format!("{{{}}}", canonical.join(","));
    Some(base64url::encode(digest(&SHA256, canonical.as_bytes()).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(jwk: &str) -> Option<String> {
        thumbprint(Json::parse(jwk.as_bytes()).as_ref().and_then(Json::object).unwrap())
    }

    #[test]
    fn the_thumbprint_of_rfc_7638_section_3_1() {
        let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        assert_eq!(of(jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_thumbprint_of_rfc_8037_appendix_a_3() {
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        assert_eq!(of(jwk).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_that_lacks_a_member_or_needs_escapes_has_none() {
        for jwk in [
            "{}",
            r#"{"kty":"oct","k":"AAAA"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"\"}"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":1}"#,
        ] {
            assert_eq!(of(jwk), None, "{jwk}");
        }
    }
}
