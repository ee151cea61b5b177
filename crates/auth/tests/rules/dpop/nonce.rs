//! RFC 9449, sections 8 and 9: nonces of the resource.

use http::Method;
use oidc_resource_server::{AuthErrorResponse, DpopNonces, Policy, RequestHead, Scope};
use serde_json::{Value, json};

use super::{PATH, Scene, fact, headers};

const KEY: [u8; 32] = [7; 32];

fn scene() -> Scene {
    Scene::with(|dpop| dpop.with_nonces(DpopNonces::new(&KEY)))
}

/// The rejection of a request whose proof has these claims changed.
async fn error_response(scene: &Scene, claims: Value) -> AuthErrorResponse {
    let token = scene.token();
    let proof = scene.proof_but(&token, json!({}), claims);
    let headers = headers(&format!("DPoP {token}"), &[&proof]);
    let request = RequestHead::new(&Method::GET, PATH, &headers);
    let policy = Policy::users_only(vec![Scope::parse("Other").unwrap()]).unwrap();
    scene.verifier.authorize(&request, &policy).await.unwrap_err()
}

/// The nonce that an answer brings.
async fn nonce(scene: &Scene) -> String {
    let response = error_response(scene, json!({})).await;
    assert_eq!(response.error().code(), "use_dpop_nonce");
    response.headers()["dpop-nonce"].to_str().unwrap().to_owned()
}

async fn check(scene: &Scene, nonce: &str) -> Result<(), &'static str> {
    let token = scene.token();
    let proof = scene.proof_but(&token, json!({}), json!({"nonce": nonce}));
    fact(scene.send(&token, &proof).await)
}

#[tokio::test]
async fn a_proof_without_nonce_is_answered_with_one_that_passes() {
    let scene = scene();
    let nonce = nonce(&scene).await;
    for _ in 0..2 {
        assert_eq!(check(&scene, &nonce).await, Ok(()), "good for many proofs");
    }
}

#[tokio::test]
async fn a_nonce_is_good_for_5_minutes() {
    let scene = scene();
    let nonce = nonce(&scene).await;
    scene.stage.clock.forward(300);
    assert_eq!(check(&scene, &nonce).await, Ok(()));
    scene.stage.clock.forward(1);
    assert_eq!(check(&scene, &nonce).await, Err("proof_nonce_needed"));
    scene.stage.clock.back(306);
    assert_eq!(check(&scene, &nonce).await, Ok(()));
    scene.stage.clock.back(1);
    assert_eq!(check(&scene, &nonce).await, Err("proof_nonce_needed"));
}

#[tokio::test]
async fn a_nonce_of_another_issuer_is_not_accepted() {
    let scene = scene();
    let good = nonce(&scene).await;
    let other = nonce(&Scene::with(|dpop| dpop.with_nonces(DpopNonces::generate()))).await;
    for bad in [&other, "x", "AAAAAAAAAAA", &good[1..], &good[..20], &format!("{good}A")] {
        assert_eq!(check(&scene, bad).await, Err("proof_nonce_needed"), "{bad}");
    }
    // Instances with the same key know each other's.
    assert_eq!(check(&self::scene(), &good).await, Ok(()));
}

#[tokio::test]
async fn a_nonce_that_is_no_text_is_malformed() {
    let scene = scene();
    for bad in [json!(1), json!(""), json!(["x"])] {
        let response = error_response(&scene, json!({"nonce": bad})).await;
        assert_eq!(response.error().code(), "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn a_proof_that_lacks_the_nonce_is_not_used_up() {
    let scene = scene();
    let nonce = nonce(&scene).await;
    let token = scene.token();
    for (nonce, expected) in [(json!(null), Err("proof_nonce_needed")), (json!(nonce), Ok(()))] {
        let proof = scene.proof_but(&token, json!({}), json!({"jti": "1", "nonce": nonce}));
        assert_eq!(fact(scene.send(&token, &proof).await), expected);
    }
}

#[tokio::test]
async fn only_a_request_that_proves_the_key_gets_a_nonce() {
    let scene = scene();
    for claims in [json!({"htm": "POST"}), json!({"iat": 0}), json!({"jti": null})] {
        let response = error_response(&scene, claims).await;
        assert_eq!(response.error().code(), "invalid_dpop_proof");
        assert!(!response.headers().contains_key("dpop-nonce"));
    }
    let token = scene.token();
    let stranger = crate::signer::Signer::es256("stranger");
    let forged = stranger.token_with(&scene.header(), &scene.claims(&token));
    assert_eq!(fact(scene.send(&token, &forged).await), Err("bad_signature"));
}

#[tokio::test]
async fn without_nonces_whatever_nonce_a_proof_has_is_ignored() {
    let scene = Scene::new();
    for nonce in [json!("x"), json!(1)] {
        assert_eq!(scene.check(json!({}), json!({"nonce": nonce})).await, Ok(()));
    }
    let response = error_response(&scene, json!({})).await;
    assert_eq!(response.error().code(), "insufficient_scope");
    assert!(!response.headers().contains_key("dpop-nonce"));
}
