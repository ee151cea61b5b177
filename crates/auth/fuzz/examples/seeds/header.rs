//! Headers.

use auth_fuzz::fixture::good_header;
use serde_json::json;

use crate::{Seed, but, json, seed, with};

pub(crate) fn seeds() -> Vec<Seed> {
    let entra = json!({"typ": "JWT", "alg": "ES256", "kid": "key-1"});
    vec![
        json("good-entra", &entra),
        json("good-entra-v1-x5t", &but(&entra, &json!({"x5t": "key-1"}))),
        json("good-rfc-9068", &good_header()),
        json("good-rfc-9068-media-type", &but(&entra, &json!({"typ": "Application/AT+JWT"}))),
        json("good-cognito-without-typ", &json!({"kid": "key-1", "alg": "ES256"})),
        json(
            "good-key-of-its-own-is-ignored",
            &but(
                &entra,
                &json!({
                    "jwk": {"kty": "oct", "k": "AAAA"}, "jku": "https://evil.example/jwks",
                    "x5u": "https://evil.example/cert", "x5c": ["MIIB"]
                }),
            ),
        ),
        seed("good-escaped-names", r#"{"\u0061lg":"\u0045S256","k\u0069d":"key-1"}"#),
        seed("good-spaces", "\r\n\t { \"alg\" : \"ES256\" ,\"kid\":\"key-1\" } \n"),
        json("bad-without-kid", &json!({"alg": "ES256"})),
        json("bad-kid-unknown", &but(&entra, &json!({"kid": "key-9"}))),
        json("bad-kid-empty", &but(&entra, &json!({"kid": ""}))),
        json("bad-kid-number", &but(&entra, &json!({"kid": 1}))),
        json("bad-kid-list", &but(&entra, &json!({"kid": ["key-1"]}))),
        seed("bad-kid-null", r#"{"alg":"ES256","kid":null}"#),
        json("bad-kid-path", &but(&entra, &json!({"kid": "../../../../dev/null"}))),
        json(
            "bad-kid-line-breaks",
            &but(&entra, &json!({"kid": "key-1\r\nSet-Cookie: a=b\u{202e}"})),
        ),
        json("bad-kid-of-another-key", &but(&entra, &json!({"kid": "key-2"}))),
        json("bad-kid-of-ed25519", &but(&entra, &json!({"kid": "key-ed"}))),
        json("bad-kid-long", &but(&entra, &json!({"kid": "k".repeat(1000)}))),
        json("bad-alg-none", &but(&entra, &json!({"alg": "none"}))),
        json("bad-alg-none-mixed-case", &but(&entra, &json!({"alg": "nOnE"}))),
        json("bad-alg-hmac", &but(&entra, &json!({"alg": "HS256"}))),
        json("bad-alg-of-rsa", &but(&entra, &json!({"alg": "RS256"}))),
        json("bad-alg-of-another-curve", &but(&entra, &json!({"alg": "ES384"}))),
        json("bad-alg-secp256k1", &but(&entra, &json!({"alg": "ES256K"}))),
        json("bad-alg-lower-case", &but(&entra, &json!({"alg": "es256"}))),
        json("bad-alg-list", &but(&entra, &json!({"alg": ["ES256"]}))),
        json("bad-alg-eddsa", &json!({"alg": "EdDSA", "kid": "key-ed"})),
        json("bad-alg-missing", &json!({"kid": "key-1"})),
        json("bad-crit", &but(&entra, &json!({"crit": ["exp"], "exp": 1}))),
        json("bad-crit-empty", &but(&entra, &json!({"crit": []}))),
        seed("bad-crit-null", with(&entra, r#""crit":null"#)),
        seed("bad-crit-escaped", with(&entra, r#""cr\u0069t":[]"#)),
        json("bad-b64", &but(&entra, &json!({"crit": ["b64"], "b64": false}))),
        json("bad-typ-proof", &but(&entra, &json!({"typ": "dpop+jwt"}))),
        json("bad-typ-logout", &but(&entra, &json!({"typ": "logout+jwt"}))),
        json("bad-typ-number", &but(&entra, &json!({"typ": 1}))),
        seed("bad-repeated-alg", with(&entra, r#""alg":"none""#)),
        seed("bad-repeated-escaped", with(&entra, r#""\u0061lg":"none""#)),
        json("bad-list", &json!([entra])),
        seed("bad-byte-order-mark", format!("\u{feff}{entra}")),
    ]
}
