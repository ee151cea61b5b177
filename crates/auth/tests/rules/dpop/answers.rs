//! RFC 9449, sections 7.1, 7.2 and 9: what the answers say.

use http::{HeaderMap, Method, header::WWW_AUTHENTICATE};
use oidc_resource_server::{
    Algorithm, Dpop, DpopNonces, InMemoryReplayStore, Policy, RequestHead, Scope,
};
use serde_json::{Value, json};

use super::{DpopHarness, PATH, headers};

const ALGS: &str = r#"algs="ES256 ES384 EdDSA PS256 RS256""#;
const METADATA: &str =
    r#"resource_metadata="https://api.example/.well-known/oauth-protected-resource/v1""#;

/// Status, challenges, headers and body of the answer to these headers.
struct Answer {
    status: u16,
    challenges: Vec<String>,
    headers: HeaderMap,
    code: String,
}

async fn answer(dpop_harness: &DpopHarness, headers: &HeaderMap, scope: &str) -> Answer {
    let request = RequestHead::new(&Method::GET, PATH, headers);
    let policy = Policy::users_only(vec![Scope::parse(scope).unwrap()]).unwrap();
    let response = dpop_harness.verifier.authorize(&request, &policy).await.unwrap_err();
    let response = response.into_response::<String>();
    let body: Value = serde_json::from_str(response.body()).unwrap();
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter();
    Answer {
        status: response.status().as_u16(),
        challenges: challenges.map(|value| value.to_str().unwrap().to_owned()).collect(),
        headers: response.headers().clone(),
        code: body["code"].as_str().unwrap().to_owned(),
    }
}

/// The answer to a request with this token and these proofs.
async fn to_proof(dpop_harness: &DpopHarness, token: &str, proofs: &[&str]) -> Answer {
    answer(dpop_harness, &headers(&format!("DPoP {token}"), proofs), "ToDoList.Read").await
}

#[tokio::test]
async fn no_credentials_is_401_with_both_challenges() {
    let answer = answer(&DpopHarness::new(), &HeaderMap::new(), "ToDoList.Read").await;
    assert_eq!((answer.status, &*answer.code), (401, "no_credentials"));
    assert_eq!(
        answer.challenges,
        [format!("Bearer {METADATA}"), format!("DPoP {ALGS}, {METADATA}")]
    );
}

#[tokio::test]
async fn a_bad_proof_is_401_invalid_dpop_proof() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let used = dpop_harness.proof(&token);
    assert!(dpop_harness.send(&token, &used).await.is_ok());
    let changed = |header, claims| dpop_harness.proof_but(&token, header, claims);
    for (proof, description) in [
        ("x".to_owned(), "The DPoP proof is malformed."),
        (changed(json!({"jwk": null}), json!({})), "The key in the DPoP proof cannot be used."),
        (changed(json!({}), json!({"htm": "PUT"})), "The DPoP proof is for another method."),
        (changed(json!({}), json!({"htu": "/"})), "The DPoP proof is for another address."),
        (changed(json!({}), json!({"ath": "x"})), "The DPoP proof is for another access token."),
        (changed(json!({}), json!({"iat": 0})), "The DPoP proof is too old, or from the future."),
        (used, "The DPoP proof was used before."),
    ] {
        let answer = to_proof(&dpop_harness, &token, &[&proof]).await;
        assert_eq!((answer.status, &*answer.code), (401, "invalid_dpop_proof"));
        assert_eq!(
            answer.challenges,
            [
                format!(
                    r#"DPoP error="invalid_dpop_proof", error_description="{description}", {ALGS}, {METADATA}"#
                ),
                format!("Bearer {METADATA}")
            ]
        );
        assert!(!answer.headers.contains_key("dpop-nonce"));
    }
    let answer = to_proof(&dpop_harness, &token, &[]).await;
    assert!(answer.challenges[0].starts_with(
        r#"DPoP error="invalid_dpop_proof", error_description="The token is bound to a key and needs a DPoP proof.""#
    ));
}

#[tokio::test]
async fn a_bad_token_is_401_invalid_token_of_the_scheme_that_was_used() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token_but(json!({"exp": 0}));
    let answer = to_proof(&dpop_harness, &token, &[&dpop_harness.proof(&token)]).await;
    assert_eq!((answer.status, &*answer.code), (401, "invalid_token"));
    let expected = r#"error="invalid_token", error_description="The token has expired.""#;
    assert_eq!(
        answer.challenges,
        [format!("DPoP {expected}, {ALGS}, {METADATA}"), format!("Bearer {METADATA}")]
    );
}

#[tokio::test]
async fn a_bound_token_as_a_bearer_token_is_401_and_told_of_dpop() {
    let dpop_harness = DpopHarness::new();
    let headers = headers(&format!("Bearer {}", dpop_harness.token()), &[]);
    let answer = answer(&dpop_harness, &headers, "ToDoList.Read").await;
    assert_eq!((answer.status, &*answer.code), (401, "invalid_token"));
    assert!(
        answer.challenges[0].starts_with(r#"Bearer error="invalid_token", error_description=""#)
    );
    assert_eq!(answer.challenges[1..], [format!("DPoP {ALGS}, {METADATA}")]);
}

#[tokio::test]
async fn a_missing_nonce_is_401_use_dpop_nonce_with_one() {
    let dpop_harness = DpopHarness::with(|dpop| dpop.with_nonces(DpopNonces::generate()));
    let token = dpop_harness.token();
    let answer = to_proof(&dpop_harness, &token, &[&dpop_harness.proof(&token)]).await;
    assert_eq!((answer.status, &*answer.code), (401, "use_dpop_nonce"));
    assert_eq!(
        answer.challenges,
        [
            format!(
                r#"DPoP error="use_dpop_nonce", error_description="The DPoP proof needs the nonce of this answer.", {ALGS}, {METADATA}"#
            ),
            format!("Bearer {METADATA}")
        ]
    );
    assert_eq!(answer.headers.get_all("dpop-nonce").iter().count(), 1);
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_missing_scope_is_403_and_keeps_the_scheme() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let headers = headers(&format!("DPoP {token}"), &[&dpop_harness.proof(&token)]);
    let answer = answer(&dpop_harness, &headers, "Other").await;
    assert_eq!((answer.status, &*answer.code), (403, "insufficient_scope"));
    assert_eq!(
        answer.challenges,
        [format!(
            r#"DPoP error="insufficient_scope", error_description="This needs Other.", scope="Other", {ALGS}, {METADATA}"#
        )]
    );
}

#[tokio::test]
async fn a_store_that_cannot_tell_is_503_with_retry_after_and_no_challenge() {
    let dpop_harness =
        DpopHarness::with(|dpop| dpop.with_replay_store(InMemoryReplayStore::with_capacity(0)));
    let token = dpop_harness.token();
    let answer = to_proof(&dpop_harness, &token, &[&dpop_harness.proof(&token)]).await;
    assert_eq!((answer.status, &*answer.code), (503, "replay_store_unavailable"));
    assert_eq!(answer.challenges, [""; 0]);
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_malformed_header_is_400_in_the_scheme_that_it_names() {
    let dpop_harness = DpopHarness::new();
    for (authorization, scheme) in
        [("DPoP", "DPoP"), ("dpop a b", "DPoP"), ("Bearer", "Bearer"), ("Bearer a b", "Bearer")]
    {
        let answer = answer(&dpop_harness, &headers(authorization, &[]), "ToDoList.Read").await;
        assert_eq!((answer.status, &*answer.code), (400, "invalid_request"));
        let start = format!(r#"{scheme} error="invalid_request", "#);
        assert!(answer.challenges[0].starts_with(&start), "{:?}", answer.challenges);
        assert_eq!(answer.challenges.len(), 1);
    }
}

#[tokio::test]
async fn algs_names_what_is_configured() {
    let dpop_harness = DpopHarness::with(|dpop: Dpop| dpop.with_algorithms([Algorithm::EdDSA]));
    let answer = answer(&dpop_harness, &HeaderMap::new(), "ToDoList.Read").await;
    assert_eq!(answer.challenges[1], format!(r#"DPoP algs="EdDSA", {METADATA}"#));
}

#[tokio::test]
async fn with_dpop_off_no_answer_speaks_of_it() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let headers = headers(&format!("DPoP {token}"), &[&dpop_harness.proof(&token)]);
    let off = DpopHarness { verifier: dpop_harness.harness.verifier.clone(), ..dpop_harness };
    let answer = answer(&off, &headers, "ToDoList.Read").await;
    assert_eq!((answer.status, &*answer.code), (401, "no_credentials"));
    assert_eq!(answer.challenges, ["Bearer"]);
}
