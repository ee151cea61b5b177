//! RFC 9449, section 11.1: a proof is good once.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::Method;
use oidc_resource_server::{
    AuthError, FirstUse, InMemoryReplayStore, Policy, ReplayStore, RequestHead, Scope,
};
use serde_json::json;

use super::{DpopHarness, PATH, fact, headers};

const YEAR: u64 = 365 * 24 * 3600;

#[tokio::test]
async fn a_proof_is_good_once() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
    for _ in 0..3 {
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_replayed"));
        dpop_harness.harness.clock.forward(20);
    }
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_replayed"));
    dpop_harness.harness.clock.forward(1);
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_wrong_time"));
}

#[tokio::test]
async fn a_jti_is_good_once_whatever_else_the_proof_says() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let other = dpop_harness.token_but(json!({"uti": "y"}));
    let now = dpop_harness.harness.clock.seconds();
    let same = |token: &str, iat: u64| {
        dpop_harness.proof_but(token, json!({}), json!({"jti": "same", "iat": iat}))
    };
    assert_eq!(fact(dpop_harness.send(&token, &same(&token, now)).await), Ok(()));
    for (token, iat) in [(&token, now), (&token, now + 5), (&token, now - 5), (&other, now)] {
        assert_eq!(fact(dpop_harness.send(token, &same(token, iat)).await), Err("proof_replayed"));
    }
    // Letters count.
    let proof = dpop_harness.proof_but(&token, json!({}), json!({"jti": "Same"}));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
}

#[tokio::test]
async fn each_key_has_ids_of_its_own() {
    let store = Arc::new(InMemoryReplayStore::default());
    let shared = || DpopHarness::with(|dpop| dpop.with_replay_store(Shared(Arc::clone(&store))));
    for dpop_harness in [shared(), shared()] {
        let token = dpop_harness.token();
        let proof = dpop_harness.proof_but(&token, json!({}), json!({"jti": "1"}));
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_replayed"));
    }
}

#[tokio::test]
async fn of_simultaneous_uses_exactly_one_passes() {
    let dpop_harness = Arc::new(DpopHarness::new());
    let token = dpop_harness.token();
    for _ in 0..50 {
        let proof = dpop_harness.proof(&token);
        let (one, two, three) = tokio::join!(
            dpop_harness.send(&token, &proof),
            dpop_harness.send(&token, &proof),
            dpop_harness.send(&token, &proof)
        );
        let passed = [one, two, three].iter().flatten().count();
        assert_eq!(passed, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_simultaneous_uses_on_several_threads_exactly_one_passes() {
    let dpop_harness = Arc::new(DpopHarness::new());
    let token = dpop_harness.token();
    for _ in 0..20 {
        let proof = dpop_harness.proof(&token);
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (dpop_harness, token, proof) =
                    (Arc::clone(&dpop_harness), token.clone(), proof.clone());
                tokio::spawn(async move { fact(dpop_harness.send(&token, &proof).await) })
            })
            .collect();
        let mut passed = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => passed += 1,
                Err(fact) => assert_eq!(fact, "proof_replayed"),
            }
        }
        assert_eq!(passed, 1);
    }
}

#[tokio::test]
async fn a_proof_that_is_refused_for_another_reason_is_not_used_up() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    let elsewhere = headers(&format!("DPoP {token}"), &[&proof]);
    let verdict = dpop_harness.request(&Method::POST, PATH, &elsewhere).await;
    assert_eq!(fact(verdict), Err("proof_wrong_method"));
    let verdict = dpop_harness.request(&Method::GET, "/", &elsewhere).await;
    assert_eq!(fact(verdict), Err("proof_wrong_target"));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
}

#[tokio::test]
async fn a_proof_is_used_up_by_a_request_that_the_policy_refuses() {
    let dpop_harness = DpopHarness::new();
    let token = dpop_harness.token();
    let headers = headers(&format!("DPoP {token}"), &[&dpop_harness.proof(&token)]);
    let request = RequestHead::new(&Method::GET, PATH, &headers);
    let policy = Policy::users_only(vec![Scope::parse("Other").unwrap()]).unwrap();
    let response = dpop_harness.verifier.authorize(&request, &policy).await.unwrap_err();
    assert_eq!(response.error().code(), "insufficient_scope");
    let policy = Policy::users_only(vec![Scope::parse("ToDoList.Read").unwrap()]).unwrap();
    let response = dpop_harness.verifier.authorize(&request, &policy).await.unwrap_err();
    assert_eq!(response.error().variant(), "proof_replayed");
}

#[tokio::test]
async fn a_clock_that_goes_forward_and_back_does_not_make_a_used_proof_good() {
    // A store so small that it must forget all it can.
    let dpop_harness =
        DpopHarness::with(|dpop| dpop.with_replay_store(InMemoryReplayStore::with_capacity(2)));
    let token = dpop_harness.token_but(json!({"exp": 253_402_300_799_u64}));
    let used = [dpop_harness.proof(&token), dpop_harness.proof(&token)];
    for proof in &used {
        assert_eq!(fact(dpop_harness.send(&token, proof).await), Ok(()));
    }
    dpop_harness.harness.clock.forward(YEAR);
    assert_eq!(fact(dpop_harness.send(&token, &dpop_harness.proof(&token)).await), Ok(()));
    dpop_harness.harness.clock.back(YEAR);
    for proof in &used {
        assert_eq!(fact(dpop_harness.send(&token, proof).await), Err("proof_replayed"));
    }
    // And costs nobody more than the moment of it.
    dpop_harness.harness.clock.forward(1);
    assert_eq!(fact(dpop_harness.send(&token, &dpop_harness.proof(&token)).await), Ok(()));
}

#[tokio::test]
async fn a_full_store_is_503_until_a_proof_is_past_its_time() {
    let dpop_harness =
        DpopHarness::with(|dpop| dpop.with_replay_store(InMemoryReplayStore::with_capacity(2)));
    let token = dpop_harness.token();
    for _ in 0..2 {
        assert_eq!(fact(dpop_harness.send(&token, &dpop_harness.proof(&token)).await), Ok(()));
    }
    let proof = dpop_harness.proof(&token);
    let error = dpop_harness.send(&token, &proof).await.unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.code(), error.retry_after()),
        (503, "replay_store_unavailable", Some(1))
    );
    dpop_harness.harness.clock.forward(60);
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("replay_store_unavailable"));
    dpop_harness.harness.clock.forward(1);
    assert_eq!(fact(dpop_harness.send(&token, &dpop_harness.proof(&token)).await), Ok(()));
}

#[tokio::test]
async fn a_full_store_still_knows_a_proof_that_was_used() {
    let dpop_harness =
        DpopHarness::with(|dpop| dpop.with_replay_store(InMemoryReplayStore::with_capacity(1)));
    let token = dpop_harness.token();
    let proof = dpop_harness.proof(&token);
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
    assert_eq!(fact(dpop_harness.send(&token, &proof).await), Err("proof_replayed"));
}

#[tokio::test]
async fn the_store_forgets_thousands_of_proofs_and_none_too_early() {
    let store = InMemoryReplayStore::default();
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_750_000_000 + seconds);
    let id = |number: u64| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_le_bytes());
        id
    };
    for number in 0..5000 {
        let (now, expires) = (at(number / 10), at(number / 10 + 61));
        assert_eq!(store.first_use(id(number), now, expires).await, Ok(true), "{number}");
        // The oldest that is still within its window, and one past it.
        if let Some(early) = number.checked_sub(600) {
            assert_eq!(store.first_use(id(early), now, at(early / 10 + 61)).await, Ok(false));
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_is_503_replay_store_unavailable() {
    let dpop_harness = DpopHarness::with(|dpop| dpop.with_replay_store(Broken));
    let token = dpop_harness.token();
    let error = dpop_harness.send(&token, &dpop_harness.proof(&token)).await.unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.code(), error.variant(), error.retry_after()),
        (503, "replay_store_unavailable", "replay_store_unavailable", Some(1))
    );
    assert!(matches!(error, AuthError::ReplayStore(_)));
}

#[tokio::test]
async fn the_store_hears_of_good_proofs_alone_and_how_long_to_keep_them() {
    let heard = RecordingStore::default();
    let dpop_harness = DpopHarness::with(|dpop| dpop.with_replay_store(heard.clone()));
    let token = dpop_harness.token();
    let now = dpop_harness.harness.clock.seconds();
    let unknown_key = crate::signer::Signer::es256("unknown_key");
    let forged = unknown_key.token_with(&dpop_harness.header(), &dpop_harness.claims(&token));
    assert_eq!(fact(dpop_harness.send(&token, &forged).await), Err("bad_signature"));
    assert_eq!(heard.0.lock().unwrap().len(), 0);
    for iat in [now - 60, now + 60] {
        let proof = dpop_harness.proof_but(&token, json!({}), json!({"iat": iat}));
        assert_eq!(fact(dpop_harness.send(&token, &proof).await), Ok(()));
        let (_, told, expires) = heard.0.lock().unwrap().pop().unwrap();
        assert_eq!(told, UNIX_EPOCH + Duration::from_secs(now));
        // The last moment at which it would pass is before it may be forgotten.
        assert!(expires > UNIX_EPOCH + Duration::from_secs(iat + 60));
        assert!(expires <= UNIX_EPOCH + Duration::from_secs(iat + 62));
    }
}

struct Shared(Arc<InMemoryReplayStore>);

impl ReplayStore for Shared {
    fn first_use(&self, proof: [u8; 32], now: SystemTime, expires: SystemTime) -> FirstUse<'_> {
        self.0.first_use(proof, now, expires)
    }
}

struct Broken;

impl ReplayStore for Broken {
    fn first_use(&self, _: [u8; 32], _: SystemTime, _: SystemTime) -> FirstUse<'_> {
        Box::pin(async {
            Err(oidc_resource_server::ReplayStoreError { reason: "the table is gone".into() })
        })
    }
}

/// A proof, the time, and how long it is to be kept.
type SeenProof = ([u8; 32], SystemTime, SystemTime);

#[derive(Clone, Default)]
struct RecordingStore(Arc<Mutex<Vec<SeenProof>>>);

impl ReplayStore for RecordingStore {
    fn first_use(&self, proof: [u8; 32], now: SystemTime, expires: SystemTime) -> FirstUse<'_> {
        self.0.lock().unwrap().push((proof, now, expires));
        Box::pin(async { Ok(true) })
    }
}
