//! RFC 9449, sections 8 and 9: nonces of the resource.

use http::Method;
use oidc_resource_server::{AuthErrorResponse, DpopNonces, Policy, RequestHead, Scope};
use serde_json::{Value, json};

use super::{DpopHarness, PATH, fact, headers};

const KEY: [u8; 32] = [7; 32];

fn dpop_harness() -> DpopHarness {
    DpopHarness::with(|dpop| dpop.with_nonces(DpopNonces::new(&KEY)))
}

/// The rejection of a request whose proof has these claims changed.
async fn error_response(dpop_harness: &DpopHarness, claims: Value) -> AuthErrorResponse {
    let token = dpop_harness.token();
    let proof = dpop_harness.proof_but(&token, json!({}), claims);
    let headers = headers(&format!("DPoP {token}"), &[&proof]);
    let request = RequestHead::new(&Method::GET, PATH, &headers);
    let policy = Policy::users_only(vec![Scope::parse("Other").unwrap()]).unwrap();
    dpop_harness.verifier.authorize(&request, &policy).await.unwrap_err()
}

/// The nonce that an answer brings.
async fn nonce(dpop_harness: &DpopHarness) -> String {
    let response = error_response(dpop_harness, json!({})).await;
    assert_eq!(response.error().code(), "use_dpop_nonce");
    response.headers()["dpop-nonce"].to_str().unwrap().to_owned()
}

async fn check(dpop_harness: &DpopHarness, nonce: &str) -> Result<(), &'static str> {
    let token = dpop_harness.token();
    let proof = dpop_harness.proof_but(&token, json!({}), json!({"nonce": nonce}));
    fact(dpop_harness.send(&token, &proof).await)
}

#[tokio::test]
async fn a_proof_without_nonce_is_answered_with_one_that_passes() {
    let dpop_harness = dpop_harness();
    let nonce = nonce(&dpop_harness).await;
    for _ in 0..2 {
        assert_eq!(check(&dpop_harness, &nonce).await, Ok(()), "good for many proofs");
    }
}

#[tokio::test]
async fn a_nonce_is_good_for_5_minutes() {
    let dpop_harness = dpop_harness();
    let nonce = nonce(&dpop_harness).await;
    dpop_harness.harness.clock.forward(300);
    assert_eq!(check(&dpop_harness, &nonce).await, Ok(()));
    dpop_harness.harness.clock.forward(1);
    assert_eq!(check(&dpop_harness, &nonce).await, Err("proof_nonce_needed"));
    dpop_harness.harness.clock.back(306);
    assert_eq!(check(&dpop_harness, &nonce).await, Ok(()));
    dpop_harness.harness.clock.back(1);
    assert_eq!(check(&dpop_harness, &nonce).await, Err("proof_nonce_needed"));
}

#[tokio::test]
async fn a_nonce_of_another_issuer_is_not_accepted() {
    let dpop_harness = dpop_harness();
    let good = nonce(&dpop_harness).await;
    let other = nonce(&DpopHarness::with(|dpop| dpop.with_nonces(DpopNonces::generate()))).await;
    for bad in [&other, "x", "AAAAAAAAAAA", &good[1..], &good[..20], &format!("{good}A")] {
        assert_eq!(check(&dpop_harness, bad).await, Err("proof_nonce_needed"), "{bad}");
    }
    // Instances with the same key know each other's.
    assert_eq!(check(&self::dpop_harness(), &good).await, Ok(()));
}

#[tokio::test]
async fn a_nonce_that_is_no_text_is_malformed() {
    let dpop_harness = dpop_harness();
    for bad in [json!(1), json!(""), json!(["x"])] {
        let response = error_response(&dpop_harness, json!({"nonce": bad})).await;
        assert_eq!(response.error().code(), "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn a_proof_that_lacks_the_nonce_is_not_used_up() {
    let dpop_harness = dpop_harness();
    let nonce = nonce(&dpop_harness).await;
    let token = dpop_harness.token();
    for (nonce, expected) in [(json!(null), Err("proof_nonce_needed")), (json!(nonce), Ok(()))] {
        let proof = dpop_harness.proof_but(&token, json!({}), json!({"jti": "1", "nonce": nonce}));
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), expected);
    }
}

#[tokio::test]
async fn only_a_request_that_proves_the_key_gets_a_nonce() {
    let dpop_harness = dpop_harness();
    for claims in [json!({"htm": "POST"}), json!({"iat": 0}), json!({"jti": null})] {
        let response = error_response(&dpop_harness, claims).await;
        assert_eq!(response.error().code(), "invalid_dpop_proof");
        assert!(!response.headers().contains_key("dpop-nonce"));
    }
    let token = dpop_harness.token();
    let unknown_key = crate::signer::Signer::es256("unknown_key");
    let forged = unknown_key.token_with(&dpop_harness.header(), &dpop_harness.claims(&token));
    assert_eq!(fact(dpop_harness.send(&token, &forged).await), Err("bad_signature"));
}

#[tokio::test]
async fn without_nonces_whatever_nonce_a_proof_has_is_ignored() {
    let dpop_harness = DpopHarness::new();
    for nonce in [json!("x"), json!(1)] {
        assert_eq!(dpop_harness.check(json!({}), json!({"nonce": nonce})).await, Ok(()));
    }
    let response = error_response(&dpop_harness, json!({})).await;
    assert_eq!(response.error().code(), "insufficient_scope");
    assert!(!response.headers().contains_key("dpop-nonce"));
}
