//! RFC 9449, section 4.3: the key in a proof, and that the token is bound to it.

use oidc_resource_server::Algorithm;
use serde_json::{Value, json};

use super::{DpopHarness, fact, jkt, public};
use crate::{
    harness::merged,
    signer::{Signer, base64url},
};

/// The fact that a proof with this `jwk` fails, when the token is bound to it.
async fn refused_key(dpop_harness: &DpopHarness, jwk: Value) -> &'static str {
    let token = dpop_harness.token_but(json!({"cnf": {"jkt": jkt(&jwk)}}));
    let shown = jwk.to_string();
    let proof = dpop_harness.proof_but(&token, json!({"jwk": jwk}), json!({}));
    fact(dpop_harness.send(&token, &proof).await).expect_err(&shown)
}

#[tokio::test]
async fn jwk_is_there_and_an_object() {
    let dpop_harness = DpopHarness::new();
    for jwk in [json!("x"), json!([public(&dpop_harness.client)]), json!(1)] {
        assert_eq!(dpop_harness.refused_header(json!({"jwk": jwk})).await, "proof_key_missing");
    }
    assert_eq!(dpop_harness.refused_header(json!({"jwk": null})).await, "proof_key_missing");
    // No key is taken from elsewhere.
    let header = json!({"jwk": null, "kid": "key-1", "jku": "https://evil.example", "x5c": []});
    assert_eq!(dpop_harness.refused_header(header).await, "proof_key_missing");
    assert!(dpop_harness.harness.script.asked().iter().all(|url| !url.contains("evil")));
    for jwk in [json!({}), json!({"kty": "EC"}), json!({"kty": "oct"}), json!({"kty": 1})] {
        assert_eq!(dpop_harness.refused_header(json!({"jwk": jwk})).await, "proof_key_unusable");
    }
}

#[tokio::test]
async fn jwk_has_no_private_member() {
    let dpop_harness = DpopHarness::new();
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AAAA"), json!(null), json!([])] {
            let mut jwk = public(&dpop_harness.client);
            jwk[member] = value;
            let fact = dpop_harness.refused_header(json!({"jwk": jwk})).await;
            assert_eq!(fact, "proof_private_key", "{member}");
        }
    }
}

#[tokio::test]
async fn jwk_is_a_key_for_alg() {
    for (client, alg) in [
        (Signer::es256("client"), "ES384"),
        (Signer::es384("client"), "ES256"),
        (Signer::es256("client"), "EdDSA"),
        (Signer::eddsa("client"), "ES256"),
        (Signer::es256("client"), "RS256"),
        (Signer::rsa("client"), "ES256"),
    ] {
        let dpop_harness = DpopHarness::client(client);
        assert_eq!(
            dpop_harness.refused_header(json!({"alg": alg})).await,
            "proof_key_unusable",
            "{alg}"
        );
    }
    // RSA keys fit both paddings, but a signature fits one.
    let dpop_harness = DpopHarness::client(Signer::rsa("client"));
    assert_eq!(dpop_harness.refused_header(json!({"alg": "PS256"})).await, "bad_signature");
}

#[tokio::test]
async fn jwk_may_say_what_it_is_for() {
    let dpop_harness = DpopHarness::new();
    for changes in [
        json!({"use": "sig"}),
        json!({"key_ops": ["verify"], "ext": true}),
        json!({"alg": "ES256", "kid": "x"}),
    ] {
        let jwk = merged(public(&dpop_harness.client), &changes);
        assert_eq!(dpop_harness.check(json!({"jwk": jwk}), json!({})).await, Ok(()), "{changes}");
    }
    for changes in [json!({"use": "enc"}), json!({"key_ops": ["sign"]}), json!({"alg": "ES384"})] {
        let jwk = merged(public(&dpop_harness.client), &changes);
        assert_eq!(dpop_harness.refused_header(json!({"jwk": jwk})).await, "proof_key_unusable");
    }
}

#[tokio::test]
async fn weak_and_odd_keys_are_refused() {
    let dpop_harness = DpopHarness::client(Signer::rsa("client"));
    let n = dpop_harness.client.jwk()["n"].as_str().unwrap().to_owned();
    for (n, e) in [
        (base64url([0xc1; 128]), "AQAB"),
        (base64url([0x41; 256]), "AQAB"),
        (base64url([&[0][..], &[0xc1; 255]].concat()), "AQAB"),
        (base64url([0xc1; 1025]), "AQAB"),
        (n.clone(), "AQ"),
        (n.clone(), "AAAB"),
        (n.clone(), "Ag"),
        (n.clone(), "AQAA"),
        (n.clone(), ""),
        (n.clone(), "AQAB="),
        (String::new(), "AQAB"),
    ] {
        let jwk = json!({"kty": "RSA", "n": n, "e": e});
        assert_eq!(refused_key(&dpop_harness, jwk).await, "proof_key_unusable", "{e}");
    }
    let dpop_harness = DpopHarness::new();
    let jwk = public(&dpop_harness.client);
    for changes in [
        json!({"y": jwk["x"]}),
        json!({"x": base64url([0; 32]), "y": base64url([0; 32])}),
        json!({"x": base64url([&[0][..], &[1; 32]].concat())}),
        json!({"crv": "P-521"}),
        json!({"crv": "secp256k1"}),
    ] {
        let fact = refused_key(&dpop_harness, merged(jwk.clone(), &changes)).await;
        assert_eq!(fact, "proof_key_unusable", "{changes}");
    }
}

#[tokio::test]
async fn the_token_is_bound_to_the_key_of_the_proof() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    // Whoever stole the token proves that they have a key: their own.
    let thief = Signer::es256("thief");
    let header = merged(dpop_harness.header(), &json!({"jwk": public(&thief)}));
    let proof = thief.token_with(&header, &dpop_harness.claims(&token));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_wrong_key"));

    let whole = jkt(&dpop_harness.client.jwk());
    for jkt in [&whole[1..], &whole[..42], &whole.to_lowercase(), &format!("{whole}="), "", "x"] {
        let token = dpop_harness.token_but(json!({"cnf": {"jkt": jkt}}));
        let verdict = dpop_harness.send(&token, &dpop_harness.proof(&token)).await;
        assert_eq!(fact(verdict), Err("proof_wrong_key"), "{jkt}");
    }
}

#[tokio::test]
async fn another_spelling_of_a_key_is_another_key() {
    // As numbers they are the same, but RFC 7638 hashes the text.
    let dpop_harness = DpopHarness::client(Signer::rsa_with("client", Algorithm::PS256));
    let jwk = public(&dpop_harness.client);
    for e in ["AAEAAQ", "AAAAAQAB"] {
        let fact = dpop_harness
            .refused_header(json!({"jwk": merged(jwk.clone(), &json!({"e": e}))}))
            .await;
        assert_eq!(fact, "proof_wrong_key", "{e}");
    }
    // Members that the thumbprint leaves out change nothing.
    let jwk = merged(jwk, &json!({"crv": "P-256", "x": "AAAA", "zzz": {"n": 1}}));
    assert_eq!(dpop_harness.check(json!({"jwk": jwk}), json!({})).await, Ok(()));
}
