//! What copies of a provider's documents that somebody else keeps may stand for, and how long.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use oidc_resource_server::{
    AccessTokenRules, Algorithm, Clock, Fetch, FetchFuture, FetchRequest, Fetched, Provider,
    ProviderConfig, Verifier,
};
use serde_json::json;

use crate::{
    harness::{API, HOUR, Harness, ISSUER, JWKS, ManualClock},
    signer::Signer,
};

/// A store of copies in front of the provider of a [`Harness`], as [`FetchRequest`] asks for it.
struct Store {
    harness: Harness,
    verifier: Verifier,
    copies: Copies,
}

#[derive(Clone)]
struct Copies {
    script: crate::harness::Script,
    clock: ManualClock,
    keys: Arc<Mutex<Option<(SystemTime, String)>>>,
}

impl Fetch for Copies {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let copy = self.keys.lock().unwrap().clone().map(|(stored, keys)| {
            let age = self.clock.now().duration_since(stored).unwrap();
            let metadata = json!({"issuer": ISSUER, "jwks_uri": JWKS}).to_string();
            let body = if wanted.url.as_str() == JWKS { keys } else { metadata };
            Fetched { body: body.into_bytes(), age: Some(age), max_age: self.script.max_age() }
        });
        Box::pin(async move {
            match copy {
                Some(copy) if wanted.accepts(&copy) => Ok(copy),
                Some(copy) if wanted.accepts_on_error(&copy) => {
                    self.script.fetch(wanted).await.or(Ok(copy))
                }
                _ => self.script.fetch(wanted).await,
            }
        })
    }
}

impl Store {
    fn new() -> Self {
        let harness = Harness::new();
        let (script, clock) = (harness.script.clone(), harness.clock.clone());
        let copies = Copies { script, clock: clock.clone(), keys: Arc::default() };
        let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
        config.algorithms = Algorithm::ALL.to_vec();
        let provider = Provider::new(config, copies.clone(), Arc::new(clock));
        let verifier = Verifier::new(provider, AccessTokenRules::new([API])).unwrap();
        Self { harness, verifier, copies }
    }

    /// Stores a copy of these keys, as fetched so many seconds ago.
    fn put(&self, age: u64, keys: &[&Signer]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        let stored = self.harness.clock.now() - Duration::from_secs(age);
        *self.copies.keys.lock().unwrap() = Some((stored, json!({ "keys": keys }).to_string()));
    }

    async fn passes(&self, signer: &Signer) -> bool {
        let token = signer.token(&self.harness.claims());
        self.verifier.verify(&token).await.is_ok()
    }

    fn asked(&self) -> usize {
        self.harness.script.asked().len()
    }
}

#[tokio::test]
async fn with_a_young_copy_the_provider_is_not_asked() {
    for age in [0, HOUR, 75 * 60] {
        let store = Store::new();
        store.put(age, &[&store.harness.signer]);
        assert!(store.passes(&store.harness.signer).await);
        assert_eq!(store.asked(), 0, "{age}");
    }
}

#[tokio::test]
async fn with_an_old_copy_the_provider_is_asked() {
    let store = Store::new();
    store.put(75 * 60 + 1, &[&store.harness.signer]);
    assert!(store.passes(&store.harness.signer).await);
    assert_eq!(store.asked(), 2);
}

#[tokio::test]
async fn a_copy_is_fresh_for_what_is_left_of_its_hour_but_not_looked_for_with_each_request() {
    let store = Store::new();
    store.put(HOUR - 600, &[&store.harness.signer]);
    assert!(store.passes(&store.harness.signer).await);
    store.harness.clock.forward(599);
    store.put(0, &[]);
    assert!(store.passes(&store.harness.signer).await);
    store.harness.clock.forward(1);
    let next = Signer::es256("key-2");
    store.put(0, &[&next]);
    store.harness.script.publish(&[&next]);
    assert!(!store.passes(&store.harness.signer).await, "the key was withdrawn");

    let store = Store::new();
    store.put(HOUR + 60, &[&store.harness.signer]);
    assert!(store.passes(&store.harness.signer).await);
    store.put(0, &[]);
    store.harness.clock.forward(299);
    assert!(store.passes(&store.harness.signer).await);
    assert_eq!(store.asked(), 0);
}

#[tokio::test]
async fn an_unknown_key_is_asked_of_the_provider_and_the_same_token_passes() {
    for age in [0, 31, HOUR] {
        let store = Store::new();
        let next = Signer::es256("key-2");
        store.put(age, &[&store.harness.signer]);
        store.harness.script.publish(&[&next]);
        assert!(store.passes(&next).await, "{age}");
        assert_eq!(store.harness.script.key_fetches(), 1);
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_with_copies_too() {
    let store = Store::new();
    store.put(HOUR, &[&store.harness.signer]);
    for number in 0..20 {
        assert!(!store.passes(&Signer::es256(&format!("made-up-{number}"))).await);
    }
    assert_eq!(store.harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_not_refused_by_an_old_copy_while_the_provider_is_down() {
    let store = Store::new();
    store.put(HOUR, &[&store.harness.signer]);
    assert!(store.passes(&store.harness.signer).await);
    store.harness.script.go_down();
    let token = Signer::es256("key-2").token(&store.harness.claims());
    let refused = store.verifier.verify(&token).await.unwrap_err();
    assert!(matches!(refused, oidc_resource_server::VerifyError::Unavailable(_)), "{refused:?}");
}

#[tokio::test]
async fn a_copy_of_a_day_serves_while_the_provider_is_down_and_no_older_one() {
    for (age, serves) in [(24 * HOUR, true), (24 * HOUR + 1, false)] {
        let store = Store::new();
        store.put(age, &[&store.harness.signer]);
        store.harness.script.go_down();
        assert_eq!(store.passes(&store.harness.signer).await, serves, "{age}");
        store.harness.clock.forward(1);
        assert!(!store.passes(&store.harness.signer).await, "it ages here, too");
    }
}

#[tokio::test]
async fn an_older_copy_does_not_take_the_place_of_newer_keys() {
    let store = Store::new();
    let next = Signer::es256("key-2");
    store.harness.script.publish(&[&next]);
    assert!(store.passes(&next).await);
    store.harness.clock.forward(HOUR);
    store.put(HOUR + 600, &[&store.harness.signer]);
    assert!(store.passes(&next).await);
    assert!(!store.passes(&store.harness.signer).await);
}

/// The copy is older than what is held, so what is held stays; but nobody has just asked the
/// provider for that.
#[tokio::test]
async fn an_unknown_key_passes_at_once_after_an_older_copy_was_passed_over() {
    let store = Store::new();
    assert!(store.passes(&store.harness.signer).await);
    store.harness.clock.forward(HOUR);
    store.put(HOUR + 600, &[&store.harness.signer]);
    let next = Signer::es256("key-2");
    store.harness.script.publish(&[&next]);
    assert!(store.passes(&next).await);
}

#[tokio::test]
async fn a_copy_that_cannot_be_used_is_as_good_as_none() {
    let store = Store::new();
    store.put(0, &[]);
    assert!(store.passes(&store.harness.signer).await);
    assert_eq!(store.harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_copy_that_its_sender_calls_fresh_for_less_is_passed_over_sooner_but_not_within_5_minutes()
 {
    for (max_age, age, asked) in [(600, 600, 0), (600, 601, 2), (1, 300, 0), (1, 301, 2)] {
        let store = Store::new();
        store.harness.script.set_max_age(max_age);
        store.put(age, &[&store.harness.signer]);
        assert!(store.passes(&store.harness.signer).await);
        assert_eq!(store.asked(), asked, "{max_age} {age}");
    }
}
