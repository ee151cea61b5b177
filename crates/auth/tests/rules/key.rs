//! TOKENS: which key judges a token, and which keys are none.

use base64::Engine;
use oidc_resource_server::{Algorithm, TokenError};
use serde_json::{Value, json};

use crate::{
    harness::{Harness, is_unavailable, refused},
    signer::{Signer, base64url},
};

fn without_kid(harness: &Harness) -> String {
    harness.signer.token_with(&json!({"alg": harness.signer.algorithm.as_str()}), &harness.claims())
}

#[tokio::test]
async fn the_key_is_found_by_kid() {
    let harness = Harness::new();
    let other = Signer::es256("key-2");
    harness.script.publish(&[&other, &harness.signer]);
    assert!(harness.verify(&harness.signer.token(&harness.claims())).await.is_ok());
    assert!(harness.verify(&other.token(&harness.claims())).await.is_ok());
    let lie = harness.signer.token_with(&other.header(), &harness.claims());
    assert_eq!(refused(harness.verify(&lie).await), TokenError::BadSignature);
}

#[tokio::test]
async fn without_kid_exactly_one_key_must_fit() {
    let harness = Harness::new();
    assert!(harness.verify(&without_kid(&harness)).await.is_ok());

    // A key of another kind does not fit, so one is left.
    let harness = Harness::new();
    harness.script.publish(&[&harness.signer, &Signer::rsa("rsa")]);
    assert!(harness.verify(&without_kid(&harness)).await.is_ok());

    let harness = Harness::new();
    harness.script.publish(&[&harness.signer, &Signer::es256("key-2")]);
    assert_eq!(
        refused(harness.verify(&without_kid(&harness)).await),
        TokenError::NoKeyId { fitting: 2 }
    );

    let harness = Harness::new();
    harness.script.publish(&[&Signer::rsa("rsa")]);
    assert_eq!(
        refused(harness.verify(&without_kid(&harness)).await),
        TokenError::NoKeyId { fitting: 0 }
    );
}

#[tokio::test]
async fn a_key_for_another_use_does_not_fit() {
    for change in [
        json!({"use": "enc"}),
        json!({"use": "SIG"}),
        json!({"key_ops": ["sign"]}),
        json!({"key_ops": []}),
        json!({"alg": "RS512"}),
    ] {
        let harness = Harness::signer(Signer::rsa("key-1"), &[Algorithm::RS256]);
        harness.script.publish_jwks(&json!([
            changed(harness.signer.jwk(), &change),
            Signer::rsa("other").jwk()
        ]));
        assert_eq!(harness.refusal(json!({})).await.code(), "key_mismatch", "{change}");
    }
    for change in [
        json!({"use": null}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["sign", "verify"]}),
    ] {
        let harness = Harness::new();
        harness.script.publish_jwks(&json!([changed(harness.signer.jwk(), &change)]));
        assert!(harness.verify_but(json!({})).await.is_ok(), "{change}");
    }
}

#[tokio::test]
async fn one_odd_key_is_skipped_and_the_set_lives_on() {
    let good = Signer::rsa("key-1");
    let n = good.jwk()["n"].as_str().unwrap().to_owned();
    let weak = base64url([0xc1; 128]);
    let long = base64url([0xc1; 1025]);
    let point = Signer::es256("x").jwk();
    let odd = [
        json!(null),
        json!(1),
        json!("key"),
        json!([]),
        json!({}),
        json!({"kty": "oct", "k": "AAAA", "kid": "odd"}),
        json!({"kty": "RSA", "n": weak, "e": "AQAB", "kid": "odd"}),
        json!({"kty": "RSA", "n": long, "e": "AQAB", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "AQ", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "Ag", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "AQAA", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "AAAA", "kid": "odd"}),
        json!({"kty": "RSA", "n": "", "e": "AQAB", "kid": "odd"}),
        json!({"kty": "RSA", "n": format!("{n}="), "e": "AQAB", "kid": "odd"}),
        json!({"kty": "RSA", "kid": "odd"}),
        json!({"kty": "RSA", "n": n, "e": "AQAB", "kid": 7}),
        json!({"kty": "RSA", "n": n, "e": "AQAB", "kid": "odd", "use": 1}),
        json!({"kty": "RSA", "n": n, "e": "AQAB", "kid": "odd", "key_ops": "verify"}),
        json!({"kty": "EC", "crv": "P-256", "x": point["x"], "y": point["x"], "kid": "odd"}),
        json!({"kty": "EC", "crv": "P-384", "x": point["x"], "y": point["y"], "kid": "odd"}),
        json!({"kty": "EC", "crv": "P-521", "x": point["x"], "y": point["y"], "kid": "odd"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": point["x"], "y": point["y"], "kid": "odd"}),
        json!({"kty": "OKP", "crv": "Ed448", "x": "AAAA", "kid": "odd"}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "odd"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "odd"}),
        json!({"kty": 1, "kid": "odd"}),
    ];
    for key in odd {
        let harness = Harness::signer(Signer::rsa("key-1"), &Algorithm::ALL);
        harness.script.publish_jwks(&json!([key, harness.signer.jwk()]));
        assert!(harness.verify_but(json!({})).await.is_ok(), "{key}");
        for alg in ["RS256", "ES256", "EdDSA"] {
            let token =
                harness.signer.token_with(&json!({"alg": alg, "kid": "odd"}), &harness.claims());
            let code = refused(harness.verify(&token).await).code();
            assert!(["unknown_key", "key_mismatch"].contains(&code), "{key}: {code}");
        }
        // Alone it makes no set.
        let harness = Harness::signer(Signer::rsa("key-1"), &Algorithm::ALL);
        harness.script.publish_jwks(&json!([key]));
        assert!(is_unavailable(&harness.verify_but(json!({})).await), "{key}");
    }
}

/// One point for each y of small order, as libsodium lists them too.
#[tokio::test]
async fn an_ed25519_key_of_small_order_is_skipped() {
    let starting = |rest: u8, first: u8, last: u8| {
        let mut y = [rest; 32];
        (y[0], y[31]) = (first, last);
        y
    };
    let order_8 = [
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
    ];
    let others = [
        starting(0, 0, 0),
        starting(0, 1, 0),
        starting(0xff, 0xec, 0x7f),
        starting(0xff, 0xed, 0x7f),
        starting(0xff, 0xee, 0x7f),
    ];
    let decode = |x| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(x).unwrap();
        <[u8; 32]>::try_from(bytes).unwrap()
    };
    for y in others.into_iter().chain(order_8.map(decode)) {
        for sign in [0, 0x80] {
            let mut point = y;
            point[31] |= sign;
            let x = base64url(point);
            let key = json!({"kty": "OKP", "crv": "Ed25519", "kid": "odd", "x": x});
            let harness = Harness::new();
            harness.script.publish_jwks(&json!([key, harness.signer.jwk()]));
            assert!(harness.verify_but(json!({})).await.is_ok());

            // The neutral point takes this signature for any message.
            let header = base64url(json!({"alg": "EdDSA", "kid": "odd"}).to_string());
            let signature = base64url([&starting(0, 1, 0)[..], &[0; 32]].concat());
            let token = format!("{header}.{}.{signature}", base64url(harness.claims().to_string()));
            assert_eq!(refused(harness.verify(&token).await).code(), "unknown_key", "{x}");
        }
    }
    let harness = Harness::signer(Signer::eddsa("key-1"), &[Algorithm::EdDSA]);
    assert!(harness.verify_but(json!({})).await.is_ok());
}

#[tokio::test]
async fn a_key_with_a_repeated_name_is_skipped() {
    let harness = Harness::new();
    let odd = Signer::es256("odd");
    let repeated = odd.jwk().to_string().replacen('{', r#"{"use":"sig","#, 1);
    harness.script.publish_text(format!(r#"{{"keys":[{repeated},{}]}}"#, harness.signer.jwk()));
    assert!(harness.verify_but(json!({})).await.is_ok());
    assert_eq!(refused(harness.verify(&odd.token(&harness.claims())).await).code(), "unknown_key");
}

#[tokio::test]
async fn two_keys_of_the_same_id_both_verify() {
    let harness = Harness::new();
    let twin = Signer::es256("key-1");
    harness.script.publish(&[&twin, &harness.signer]);
    for signer in [&twin, &harness.signer] {
        assert!(harness.verify(&signer.token(&harness.claims())).await.is_ok());
    }
    let verdict = harness.verify(&Signer::es256("key-1").token(&harness.claims())).await;
    assert_eq!(refused(verdict), TokenError::BadSignature);
}

#[tokio::test]
async fn a_key_may_have_what_we_do_not_know() {
    let harness = Harness::new();
    let extra =
        json!({"x5c": "no list", "x5t": 1, "issuer": {"a": []}, "cloud_instance_name": null});
    harness.script.publish_jwks(&json!([changed(harness.signer.jwk(), &extra)]));
    assert!(harness.verify_but(json!({})).await.is_ok());
}

#[tokio::test]
async fn a_key_with_the_fingerprint_of_roca_is_skipped() {
    // A power of 65537 is one modulo every prime, too. This one has 2049 bits.
    let mut n = vec![1_u8];
    for _ in 0..128 {
        // Times 65537: itself, and itself two bytes further up.
        let shifted = [&n[..], &[0, 0]].concat();
        let mut sum = Vec::new();
        let mut carry = 0;
        for at in 0..shifted.len() {
            let low = n.len().checked_sub(at + 1).map_or(0, |at| u16::from(n[at]));
            let digit = low + u16::from(shifted[shifted.len() - 1 - at]) + carry;
            sum.insert(0, digit.to_le_bytes()[0]);
            carry = digit >> 8;
        }
        n = sum;
    }
    let weak = json!({"kty": "RSA", "kid": "roca", "n": base64url(&n), "e": "AQAB"});
    let harness = Harness::signer(Signer::rsa("key-1"), &[Algorithm::RS256]);
    harness.script.publish_jwks(&json!([weak]));
    assert!(is_unavailable(&harness.verify_but(json!({})).await), "no key is usable");
    harness.script.publish_jwks(&json!([weak, harness.signer.jwk()]));
    harness.clock.forward(60);
    assert!(harness.verify_but(json!({})).await.is_ok(), "the rest of the set lives on");
}

#[tokio::test]
async fn a_modulus_with_a_sign_byte_is_the_same_key() {
    let harness = Harness::signer(Signer::rsa("key-1"), &[Algorithm::RS256]);
    let mut jwk = harness.signer.jwk();
    let n = base64::Engine::decode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        jwk["n"].as_str().unwrap(),
    );
    jwk["n"] = json!(base64url([vec![0], n.unwrap()].concat()));
    harness.script.publish_jwks(&json!([jwk]));
    assert!(harness.verify_but(json!({})).await.is_ok());
}

#[tokio::test]
async fn a_signature_is_verified_over_the_bytes_as_sent() {
    let harness = Harness::new();
    let token = harness.signer.token(&harness.claims());
    let other = harness.signer.token(&harness.claims_but(&json!({"oid": "user-2"})));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for bad in [format!("{signed}.{signature}"), format!("{signed}."), format!("{signed}.AAAA")] {
        assert_eq!(refused(harness.verify(&bad).await), TokenError::BadSignature);
    }
}

fn changed(mut jwk: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            jwk.as_object_mut().unwrap().remove(name);
        } else {
            jwk[name] = value.clone();
        }
    }
    jwk
}
