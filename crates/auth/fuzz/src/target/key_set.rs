//! Bytes as a key set.

use std::sync::LazyLock;

use auth::{Algorithm, KeySet};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::{
    oracle::{
        jose::{could_be_usable, is_key_of},
        json::Tree,
    },
    signer::{Signer, base64url},
};

const PAYLOAD: &str = r#"{"sub":"anybody"}"#;

struct Tokens {
    provider: Signer,
    /// Signed by the provider, with and without `kid`.
    good: [String; 2],
    /// Signed by nobody whom a set could name.
    foreign: Vec<String>,
}

static TOKENS: LazyLock<Tokens> = LazyLock::new(|| {
    let (provider, untrusted) = (Signer::provider(), Signer::untrusted());
    let headers = [json!({"alg": "ES256", "kid": "key-1"}), json!({"alg": "ES256"})];
    let mut foreign: Vec<String> =
        headers.iter().map(|header| untrusted.sign(header.to_string(), PAYLOAD)).collect();
    for kid in [Some("key-1"), None] {
        foreign.extend([2048, 3072, 4096].map(|bits| with_exponent_one(kid, bits)));
        foreign.extend(with_small_order(kid));
    }
    let good = headers.map(|header| provider.sign(header.to_string(), PAYLOAD));
    Tokens { provider, good, foreign }
});

fn unsigned(algorithm: &str, kid: Option<&str>) -> String {
    let mut header = json!({"alg": algorithm});
    if let Some(kid) = kid {
        header["kid"] = Value::from(kid);
    }
    format!("{}.{}", base64url(header.to_string()), base64url(PAYLOAD))
}

/// What any RSA key with e = 1 takes for signed: the padded hash itself.
fn with_exponent_one(kid: Option<&str>, bits: usize) -> String {
    const SHA256_INFO: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let signed = unsigned("RS256", kid);
    let padding = vec![0xff; bits / 8 - 3 - SHA256_INFO.len() - 32];
    let hash = digest(&SHA256, signed.as_bytes());
    let signature = [&[0, 1], &padding[..], &[0], &SHA256_INFO, hash.as_ref()].concat();
    format!("{signed}.{}", base64url(signature))
}

/// What Ed25519 keys of small order take for signed: s = 0, and as R a point of
/// small order. With the neutral point as key the first does for any message,
/// with a key of order n each does for one message in n.
fn with_small_order(kid: Option<&str>) -> Vec<String> {
    let signed = unsigned("EdDSA", kid);
    SMALL_ORDER
        .iter()
        .map(|point| format!("{signed}.{}", base64url([point, &[0; 32][..]].concat())))
        .collect()
}

/// The points of small order in their canonical encodings.
const SMALL_ORDER: [[u8; 32]; 8] = {
    const ORDER_8: [u8; 32] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ];
    const ORDER_8_NEGATIVE: [u8; 32] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ];
    const fn with(mut point: [u8; 32], at: usize, byte: u8) -> [u8; 32] {
        point[at] = byte;
        point
    }
    let minus_one = with(with([0xff; 32], 0, 0xec), 31, 0x7f);
    [
        with([0; 32], 0, 1),
        minus_one,
        [0; 32],
        with([0; 32], 31, 0x80),
        ORDER_8,
        with(ORDER_8, 31, 0xfa),
        ORDER_8_NEGATIVE,
        with(ORDER_8_NEGATIVE, 31, 0x85),
    ]
};

/// Takes the bytes as a key set, and asks it about good and foreign signatures.
/// Whether it is a set.
pub fn key_set(bytes: &[u8]) -> bool {
    let Tokens { provider, good: [named, unnamed], foreign } = &*TOKENS;
    let tree = Tree::parse(bytes);
    let keys = match tree.as_ref().map(|tree| tree.all("keys")).as_deref() {
        Some([Tree::List(keys)]) => &keys[..],
        // None, or two of which nobody knows which counts.
        _ => &[],
    };
    let kid = |jwk: &Tree| jwk.get("kid").and_then(Tree::text).map(str::to_owned);
    let theirs = || keys.iter().filter(|jwk| is_key_of(jwk, provider));

    let Ok(set) = KeySet::parse(bytes, &Algorithm::ALL) else {
        let extreme = tree.as_ref().is_some_and(Tree::is_extreme);
        assert!(extreme || theirs().next().is_none(), "a set with the provider's key is refused");
        return false;
    };
    // What is odd within a key costs that key alone; the oracle stops there.
    assert!(tree.is_none() || keys.iter().any(could_be_usable), "a set without a usable key");
    for token in foreign {
        assert!(set.verify_signature_only(token).is_err(), "a foreign signature is good: {token}");
    }
    let result = set.verify_signature_only(named);
    let listed = theirs().any(|jwk| kid(jwk).as_deref() == Some("key-1"));
    assert!(tree.is_none() || result.is_ok() == listed, "the provider's signature: {result:?}");
    if let Ok(payload) = result {
        assert_eq!(payload, PAYLOAD.as_bytes());
    }
    if set.verify_signature_only(unnamed).is_ok() {
        assert!(tree.is_none() || theirs().count() == 1, "not the one key that fits");
    }
    true
}
