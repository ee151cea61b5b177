//! Key sets, as providers publish them and worse.

use auth_fuzz::{
    fixture::ENTRA,
    signer::{Edwards, Signer, base64url},
};
use serde_json::{Value, json};

use crate::{Seed, but, json, seed};

/// Of RFC 7638, section 3.1.
const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
/// The generator of P-384.
const P384: [&str; 2] = [
    "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
    "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f",
];

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = providers();
    seeds.extend(odd());
    seeds.extend(weak());
    seeds
}

fn ours() -> Value {
    Signer::provider().jwk()
}

fn rsa() -> Value {
    json!({"kty": "RSA", "use": "sig", "kid": "rsa-1", "n": N, "e": "AQAB"})
}

fn set(name: &str, keys: &Value) -> Seed {
    json(name, &json!({"keys": keys}))
}

fn providers() -> Vec<Seed> {
    let certificate = "MIIC/TCCAeWgAwIBAgIIUd7j/OIahkYwDQYJKoZIhvcNAQELBQAwLTErMCkGA1UEAxMi";
    vec![
        set(
            "good-entra",
            &json!([
                {"kty": "RSA", "use": "sig", "kid": "rsa-1", "x5t": "rsa-1", "n": N, "e": "AQAB",
                 "x5c": [certificate], "cloud_instance_name": "microsoftonline.com", "issuer": ENTRA.issuer}
            ]),
        ),
        set(
            "good-entra-for-all-tenants",
            &json!([
                but(
                    &ours(),
                    &json!({"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0", "x5t": "key-1"})
                ),
                but(
                    &rsa(),
                    &json!({"issuer": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"})
                )
            ]),
        ),
        set(
            "good-auth0",
            &json!([
                but(
                    &rsa(),
                    &json!({"alg": "RS256", "x5c": [certificate], "x5t": "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg"})
                ),
                but(&ours(), &json!({"alg": "ES256"}))
            ]),
        ),
        set(
            "good-cognito",
            &json!([
                but(&rsa(), &json!({"alg": "RS256"})),
                but(&rsa(), &json!({"alg": "RS256", "kid": "rsa-2"}))
            ]),
        ),
        set(
            "good-keycloak",
            &json!([
                but(
                    &rsa(),
                    &json!({"alg": "RSA-OAEP", "use": "enc", "x5c": [certificate], "x5t#S256": "abc"})
                ),
                but(
                    &rsa(),
                    &json!({"alg": "RS256", "kid": "rsa-2", "x5c": [certificate], "x5t": "abc"})
                ),
                but(&ours(), &json!({"alg": "ES256"}))
            ]),
        ),
        set(
            "good-of-every-kind",
            &json!([
                ours(), rsa(), Edwards::provider().jwk(),
                {"kty": "EC", "crv": "P-384", "x": P384[0], "y": P384[1], "kid": "ec-384", "key_ops": ["verify"]}
            ]),
        ),
        set(
            "good-p-384-alone",
            &json!([{"kty": "EC", "crv": "P-384", "x": P384[0], "y": P384[1]}]),
        ),
        set("good-without-kid", &json!([Signer::provider().public_jwk()])),
    ]
}

/// One odd key must not cost the set.
fn odd() -> Vec<Seed> {
    let beside = |name: &str, key: Value| set(name, &json!([key, ours()]));
    let text = ours().to_string();
    vec![
        beside("good-beside-null", Value::Null),
        beside("good-beside-number", json!(1)),
        seed("good-beside-endless-number", format!(r#"{{"keys":[{{"n":1e999}},{text}]}}"#)),
        seed("good-beside-half-a-character", format!(r#"{{"keys":[{{"n":"\ud800"}},{text}]}}"#)),
        beside("good-beside-list", json!([ours()])),
        beside("good-beside-empty-object", json!({})),
        beside("good-beside-kid-number", but(&rsa(), &json!({"kid": 1}))),
        beside("good-beside-x5c-string", but(&rsa(), &json!({"x5c": "MIIC"}))),
        beside(
            "good-beside-oct",
            json!({"kty": "oct", "kid": "key-1", "k": "AAAA", "alg": "HS256"}),
        ),
        beside("good-beside-unknown-kty", json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"})),
        beside("good-beside-unknown-curve", but(&ours(), &json!({"crv": "secp256k1"}))),
        beside("good-beside-the-same", ours()),
        beside(
            "good-beside-another-of-its-id",
            but(&Signer::client().jwk(), &json!({"kid": "key-1"})),
        ),
        set("good-key-ops", &json!([but(&ours(), &json!({"use": null, "key_ops": ["verify"]}))])),
        set(
            "bad-key-ops-for-others",
            &json!([but(&ours(), &json!({"use": null, "key_ops": ["encrypt"]}))]),
        ),
        set("bad-key-ops-string", &json!([but(&ours(), &json!({"key_ops": "verify"}))])),
        set("bad-use-enc", &json!([but(&ours(), &json!({"use": "enc"}))])),
        set("bad-alg-of-another-kind", &json!([but(&ours(), &json!({"alg": "RS256"}))])),
        set("bad-empty", &json!([])),
        seed(
            "bad-repeated-kid",
            format!("{{\"keys\":[{},\"kid\":\"key-2\"}}]}}", &text[..text.len() - 1]),
        ),
        seed(
            "good-escaped-names",
            format!("{{\"k\\u0065ys\":[{}]}}", text.replace("\"kty\"", r#""\u006bty""#)),
        ),
        seed("bad-repeated-keys", format!("{{\"keys\":[],\"keys\":[{text}]}}")),
        json("bad-keys-object", &json!({"keys": {"0": ours()}})),
        json("bad-one-key", &ours()),
        seed("bad-byte-order-mark", format!("\u{feff}{{\"keys\":[{text}]}}")),
        seed("bad-deep", format!("{{\"keys\":{}", "[".repeat(3000))),
    ]
}

/// Keys with which others than their holder could sign, or nobody.
fn weak() -> Vec<Seed> {
    let one = |name: &str, base: &Value, changes: Value| set(name, &json!([but(base, &changes)]));
    let point =
        |x: [u8; 32]| json!({"kty": "OKP", "crv": "Ed25519", "kid": "key-1", "x": base64url(x)});
    let mut identity = [0; 32];
    identity[0] = 1;
    let x = Signer::provider().point().0.to_vec();
    vec![
        one("bad-rsa-1024", &rsa(), json!({"n": &N[..171]})),
        one("bad-rsa-leading-zeros", &rsa(), json!({"n": format!("AAAA{}", &N[..168])})),
        one("bad-rsa-e-1", &rsa(), json!({"e": "AQ", "kid": "key-1"})),
        one("bad-rsa-e-1-with-zeros", &rsa(), json!({"e": "AAAB", "kid": "key-1"})),
        one("bad-rsa-e-even", &rsa(), json!({"e": "AQAA"})),
        one("bad-rsa-e-empty", &rsa(), json!({"e": ""})),
        one("good-rsa-e-3", &rsa(), json!({"e": "Aw"})),
        one(
            "good-rsa-sign-byte",
            &rsa(),
            json!({"n": base64url([&[0], &auth_fuzz::signer::strict(N).expect("base64url")[..]].concat())}),
        ),
        one("bad-rsa-standard-base64", &rsa(), json!({"n": N.replace('-', "+").replace('_', "/")})),
        one("bad-ec-off-the-curve", &ours(), json!({"y": base64url(&x)})),
        one("bad-ec-infinity", &ours(), json!({"x": base64url([0; 32]), "y": base64url([0; 32])})),
        one("bad-ec-short", &ours(), json!({"x": base64url(&x[1..])})),
        one("bad-ec-padded", &ours(), json!({"x": format!("{}=", base64url(&x))})),
        set("bad-ed25519-identity", &json!([point(identity)])),
        set("bad-ed25519-order-4", &json!([point([0; 32])])),
        set("bad-ed25519-short", &json!([{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}])),
        set("bad-x25519", &json!([{"kty": "OKP", "crv": "X25519", "x": base64url(&x)}])),
    ]
}
