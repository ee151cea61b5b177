//! What a function that was frozen in the middle of a fetch makes of its answer.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use oidc_resource_server::{
    AccessTokenRules, Algorithm, Fetch, FetchFuture, FetchRequest, Fetched, Provider,
    ProviderConfig, Verifier, VerifyError,
};
use serde_json::json;
use tokio::{sync::Notify, task::JoinHandle};

use crate::{
    harness::{API, HOUR, Harness, ISSUER, JWKS},
    signer::Signer,
};

/// Answers with what is published when it is asked, and not when it answers; the
/// first question for keys is answered when it is let go.
struct Frozen {
    keys: Arc<Mutex<String>>,
    asked: AtomicUsize,
    thaw: Arc<Notify>,
}

impl Fetch for Frozen {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        Box::pin(async move {
            if wanted.url.as_str() != JWKS {
                let body = json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string();
                return Ok(Fetched { body: body.into_bytes(), ..Fetched::default() });
            }
            let body = self.keys.lock().unwrap().clone();
            if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
                self.thaw.notified().await;
            }
            Ok(Fetched { body: body.into_bytes(), ..Fetched::default() })
        })
    }
}

/// A verifier whose first fetch of keys is answered when it is let go.
fn frozen() -> (Harness, Verifier, Arc<Mutex<String>>, Arc<Notify>) {
    let harness = Harness::new();
    let keys = Arc::new(Mutex::new(json!({"keys": [harness.signer.jwk()]}).to_string()));
    let thaw = Arc::new(Notify::new());
    let fetch = Frozen { keys: keys.clone(), asked: AtomicUsize::new(0), thaw: thaw.clone() };
    let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
    config.algorithms = Algorithm::ALL.to_vec();
    let provider = Provider::new(config, fetch, Arc::new(harness.clock.clone()));
    let verifier = Verifier::new(provider, AccessTokenRules::new([API])).unwrap();
    (harness, verifier, keys, thaw)
}

/// Lets every task go as far as it can.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// A request with this token, beside the test.
fn verifying(verifier: &Verifier, token: &str) -> JoinHandle<Result<(), VerifyError>> {
    let (verifier, token) = (verifier.clone(), token.to_owned());
    tokio::spawn(async move { verifier.verify(&token).await.map(drop) })
}

/// The function was frozen while keys were fetched (`warm` was given up, say),
/// and the answer is in the socket when it wakes.
async fn thawed(after: u64) -> (Harness, Verifier, Arc<Mutex<String>>, Arc<Notify>) {
    let (harness, verifier, keys, thaw) = frozen();
    let given_up = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.warm().await }
    });
    settle().await;
    given_up.abort();
    settle().await;
    harness.clock.forward(after);
    (harness, verifier, keys, thaw)
}

#[tokio::test]
async fn a_rotation_during_a_freeze_refuses_nothing_valid() {
    let (harness, verifier, keys, thaw) = thawed(HOUR).await;
    let next = Signer::es256("key-2");
    *keys.lock().unwrap() = json!({"keys": [harness.signer.jwk(), next.jwk()]}).to_string();
    let token = next.token(&harness.claims());
    let first = verifying(&verifier, &token);
    tokio::task::yield_now().await;
    thaw.notify_one();
    let first = first.await.unwrap();
    let second = verifier.verify(&token).await.map(drop);
    assert!(first.is_ok(), "the first {first:?}, the second {second:?}");
}

#[tokio::test]
async fn a_rotation_during_a_short_freeze_is_not_refused_for_30_seconds() {
    let (harness, verifier, keys, thaw) = thawed(HOUR / 2).await;
    let next = Signer::es256("key-2");
    *keys.lock().unwrap() = json!({"keys": [harness.signer.jwk(), next.jwk()]}).to_string();
    let token = next.token(&harness.claims());
    let first = verifying(&verifier, &token);
    tokio::task::yield_now().await;
    thaw.notify_one();
    let first = first.await.unwrap();
    harness.clock.forward(29);
    let second = verifier.verify(&token).await.map(drop);
    assert!(first.is_ok() && second.is_ok(), "the first {first:?}, 29 s later {second:?}");
}

#[tokio::test]
async fn no_key_older_than_24_hours_verifies_after_a_freeze() {
    let (harness, verifier, keys, thaw) = thawed(48 * HOUR).await;
    // The old key was withdrawn long ago.
    *keys.lock().unwrap() = json!({"keys": [Signer::es256("key-2").jwk()]}).to_string();
    let token = harness.signer.token(&harness.claims());
    let first = verifying(&verifier, &token);
    tokio::task::yield_now().await;
    thaw.notify_one();
    assert!(first.await.unwrap().is_err(), "a key withdrawn for up to 48 hours verified");
}

#[tokio::test]
async fn a_request_that_started_the_fetch_before_a_freeze_takes_no_old_answer_either() {
    let (harness, verifier, _keys, thaw) = frozen();
    let token = harness.signer.token(&harness.claims());
    let begun = verifying(&verifier, &token);
    settle().await;
    harness.clock.forward(48 * HOUR);
    thaw.notify_one();
    assert!(matches!(begun.await.unwrap(), Err(VerifyError::Unavailable(_))));
}
