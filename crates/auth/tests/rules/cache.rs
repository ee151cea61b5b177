//! TOKENS: the key cache, rule by rule.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::{Duration, SystemTime},
};

use oidc_resource_server::{
    Algorithm, Clock, Fetch, FetchFuture, FetchRequest, Issuer, Provider, ProviderConfig,
};
use serde_json::json;

use crate::{
    harness::{
        HOUR, Harness, ISSUER, JWKS, ManualClock, Script, is_unavailable, passes, refused,
        retry_after, verify_unknown_key,
    },
    signer::Signer,
};

#[tokio::test]
async fn keys_are_fetched_once_and_shared() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    assert_eq!(
        harness.script.asked(),
        [format!("{ISSUER}/.well-known/openid-configuration"), JWKS.to_owned()]
    );
    for _ in 0..10 {
        assert!(passes(&harness).await);
    }
    assert_eq!(harness.script.asked().len(), 2);
}

#[tokio::test]
async fn metadata_is_had_without_keys() {
    let harness = Harness::new();
    let metadata = harness.provider.metadata().await.unwrap();
    assert_eq!(metadata.document()["token_endpoint"], "https://tollgatedev.ciamlogin.com/token");
    assert_eq!(harness.script.key_fetches(), 0);
}

#[tokio::test]
async fn keys_are_fresh_for_one_hour() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.clock.forward(HOUR - 1);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.key_fetches(), 1);
    harness.clock.forward(1);
    assert!(passes(&harness).await);
    assert_eq!((harness.script.key_fetches(), harness.script.metadata_fetches()), (2, 2));
}

#[tokio::test]
async fn cache_control_is_honoured_between_5_minutes_and_24_hours() {
    for (max_age, fresh_for) in
        [(1, 300), (300, 300), (600, 600), (24 * HOUR, 24 * HOUR), (1_000_000, 24 * HOUR)]
    {
        let harness = Harness::new();
        harness.script.set_max_age(max_age);
        assert!(passes(&harness).await);
        harness.clock.forward(fresh_for - 1);
        assert!(passes(&harness).await);
        assert_eq!(harness.script.key_fetches(), 1, "max-age {max_age}");
        harness.clock.forward(1);
        assert!(passes(&harness).await);
        assert_eq!(harness.script.key_fetches(), 2, "max-age {max_age}");
    }
}

#[tokio::test]
async fn the_last_known_good_keys_serve_for_24_hours_then_503() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.go_down();
    harness.clock.forward(24 * HOUR);
    assert!(passes(&harness).await);
    harness.clock.forward(1);
    assert!(is_unavailable(&harness.verify_but(json!({})).await));
    harness.script.come_back();
    harness.clock.forward(60);
    assert!(passes(&harness).await);
}

#[tokio::test]
async fn an_outage_is_never_answered_as_a_bad_token() {
    let harness = Harness::new();
    harness.script.go_down();
    assert!(is_unavailable(&harness.verify_but(json!({})).await));
    assert!(is_unavailable(&verify_unknown_key(&harness, "x").await));
    // What needs no key is checked all the same.
    assert_eq!(harness.refusal(json!({"exp": 0})).await.code(), "expired");
}

#[tokio::test]
async fn the_request_that_meets_a_rotation_succeeds() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    for kid in ["key-2", "key-3", "key-4"] {
        let next = Signer::es256(kid);
        harness.script.publish(&[&harness.signer, &next]);
        assert!(harness.verify(&next.token(&harness.claims())).await.is_ok(), "{kid}");
    }
    assert_eq!((harness.script.key_fetches(), harness.script.metadata_fetches()), (4, 1));
}

#[tokio::test]
async fn the_first_miss_is_exempt_from_the_cooldown_and_the_next_waits_30_seconds() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2, "the first miss is asked for at once");

    // A real rotation inside the cooldown is seen when it ends.
    let next = Signer::es256("key-2");
    harness.script.publish(&[&harness.signer, &next]);
    let token = next.token(&harness.claims());
    harness.clock.forward(29);
    assert_eq!(refused(harness.verify(&token).await).code(), "unknown_key");
    assert_eq!(refused(verify_unknown_key(&harness, "y").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2);
    harness.clock.forward(1);
    assert!(harness.verify(&token).await.is_ok());
    assert_eq!(harness.script.key_fetches(), 3);
}

#[tokio::test]
async fn an_unknown_kid_that_has_just_had_the_keys_fetched_does_not_have_them_fetched_again() {
    let harness = Harness::new();
    for kid in ["x", "y"] {
        assert_eq!(refused(verify_unknown_key(&harness, kid).await).code(), "unknown_key");
        assert_eq!(harness.script.key_fetches(), 1);
    }
    harness.clock.forward(HOUR);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2);
}

#[tokio::test]
async fn while_the_provider_cannot_be_reached_an_unknown_kid_is_503() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.go_down();
    assert_eq!(retry_after(verify_unknown_key(&harness, "x").await), 5);
    harness.clock.forward(2);
    assert_eq!(retry_after(verify_unknown_key(&harness, "x").await), 3);
    assert!(passes(&harness).await, "known keys serve on");
    assert_eq!(harness.script.key_fetches(), 2);
    harness.script.come_back();
    harness.clock.forward(3);
    assert_eq!(refused(verify_unknown_key(&harness, "x").await).code(), "unknown_key");
}

#[tokio::test]
async fn failed_fetches_arm_a_cooldown_of_5_seconds_that_doubles_to_60() {
    let harness = Harness::new();
    harness.script.go_down();
    for (round, cooldown) in [5, 10, 20, 40, 60, 60].into_iter().enumerate() {
        assert_eq!(retry_after(harness.verify_but(json!({})).await), cooldown);
        for _ in 0..100 {
            assert!(is_unavailable(&harness.verify_but(json!({})).await));
        }
        harness.clock.forward(cooldown - 1);
        assert_eq!(retry_after(harness.verify_but(json!({})).await), 1);
        assert_eq!(harness.script.asked().len(), round + 1, "one fetch a cooldown");
        harness.clock.forward(1);
    }
    harness.script.come_back();
    assert!(passes(&harness).await);
    harness.script.go_down();
    assert_eq!(
        retry_after(verify_unknown_key(&harness, "x").await),
        5,
        "a success ends the doubling"
    );
}

#[tokio::test]
async fn stale_keys_during_an_outage_cost_one_fetch_a_cooldown() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.go_down();
    harness.clock.forward(HOUR);
    for _ in 0..100 {
        assert!(passes(&harness).await);
    }
    assert_eq!((harness.script.key_fetches(), harness.script.metadata_fetches()), (2, 2));
}

#[tokio::test]
async fn a_request_with_a_usable_key_never_waits_for_a_fetch() {
    let harness = Arc::new(Harness::new());
    assert!(passes(&harness).await);
    harness.script.hold();
    let waiting = tokio::spawn({
        let harness = harness.clone();
        async move { verify_unknown_key(&harness, "x").await }
    });
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(harness.script.key_fetches(), 2);
    assert!(passes(&harness).await, "no lock is held across the fetch");
    assert!(!waiting.is_finished());
    harness.script.let_go();
    assert_eq!(refused(waiting.await.unwrap()).code(), "unknown_key");
}

#[tokio::test]
async fn the_request_after_the_fresh_time_waits_and_those_beside_it_do_not() {
    let harness = Arc::new(Harness::new());
    assert!(passes(&harness).await);
    harness.clock.forward(HOUR);
    harness.script.hold();
    let first = tokio::spawn({
        let harness = harness.clone();
        async move { passes(&harness).await }
    });
    tokio::task::yield_now().await;
    assert!(passes(&harness).await);
    assert!(!first.is_finished());
    harness.script.let_go();
    assert!(first.await.unwrap());
}

#[tokio::test]
async fn a_shared_fetch_survives_the_cancellation_of_who_began_it() {
    let harness = Arc::new(Harness::new());
    harness.script.hold();
    let request = || {
        let harness = harness.clone();
        tokio::spawn(async move { passes(&harness).await })
    };
    let first = request();
    tokio::task::yield_now().await;
    let second = request();
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    harness.script.let_go();
    assert!(second.await.unwrap());
    assert_eq!(harness.script.asked().len(), 2);
}

#[tokio::test]
async fn cancelled_requests_cannot_flood_the_provider() {
    let harness = Harness::new();
    harness.script.hold();
    for _ in 0..50 {
        let abandoned = tokio::time::timeout(Duration::ZERO, passes(&harness)).await;
        assert!(abandoned.is_err());
        tokio::task::yield_now().await;
    }
    assert_eq!(harness.script.asked().len(), 1);
}

#[tokio::test]
async fn cancelled_misses_arm_the_cooldown_too() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.hold();
    assert!(tokio::time::timeout(Duration::ZERO, verify_unknown_key(&harness, "x")).await.is_err());
    harness.script.let_go();
    while harness.script.key_fetches() < 2 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    assert_eq!(refused(verify_unknown_key(&harness, "y").await).code(), "unknown_key");
    assert_eq!(harness.script.key_fetches(), 2);
}

#[tokio::test]
async fn a_rotation_takes_back_no_miss_of_another_request() {
    // In whatever order the two are checked.
    for found_first in [true, false] {
        let harness = Arc::new(Harness::new());
        assert!(passes(&harness).await);
        let next = Signer::es256("key-2");
        harness.script.publish(&[&harness.signer, &next]);
        let token = next.token(&harness.claims());
        let (missed, found) = if found_first {
            tokio::join!(verify_unknown_key(&harness, "x"), harness.verify(&token))
        } else {
            let (found, missed) =
                tokio::join!(harness.verify(&token), verify_unknown_key(&harness, "x"));
            (missed, found)
        };
        assert_eq!(refused(missed).code(), "unknown_key");
        assert!(found.is_ok());
        assert_eq!(refused(verify_unknown_key(&harness, "y").await).code(), "unknown_key");
        assert_eq!(harness.script.key_fetches(), 2);
    }
}

#[tokio::test]
async fn the_age_of_keys_counts_from_the_beginning_of_their_fetch() {
    let harness = Arc::new(Harness::new());
    harness.script.hold();
    let first = tokio::spawn({
        let harness = harness.clone();
        async move { harness.provider.warm().await.is_ok() }
    });
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    harness.script.let_go();
    // As if the instance had been frozen in between.
    harness.clock.forward(HOUR / 2);
    assert!(first.await.unwrap());
    harness.clock.forward(HOUR / 2);
    assert!(passes(&harness).await);
    assert_eq!(harness.script.metadata_fetches(), 2);
}

#[tokio::test]
async fn a_fetch_that_panics_is_a_failed_fetch() {
    struct Panics(Script);

    impl Fetch for Panics {
        fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
            Box::pin(async move {
                let _ = self.0.fetch(wanted).await;
                panic!("a fault of the fetcher")
            })
        }
    }

    let harness = Harness::new();
    let config = ProviderConfig::new(harness.provider.issuer().clone());
    let provider =
        Provider::new(config, Panics(harness.script.clone()), Arc::new(harness.clock.clone()));
    for _ in 0..10 {
        assert!(provider.warm().await.is_err());
    }
    assert_eq!(harness.script.asked().len(), 1);
}

#[test]
fn a_fetch_whose_runtime_ended_is_begun_anew() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let harness = Harness::new();
    harness.script.hold();
    runtime().block_on(async {
        let is_asked = async {
            while harness.script.asked().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = harness.provider.warm() => panic!("the response is held back"),
            () = is_asked => {}
        }
    });
    harness.script.let_go();
    assert!(runtime().block_on(passes(&harness)));
}

#[test]
fn a_thread_that_was_held_up_does_not_set_the_clock_back_for_the_others() {
    /// Holds up one look at it until it is told or has waited long enough.
    struct Slow(ManualClock, Mutex<Option<(mpsc::Sender<()>, mpsc::Receiver<()>)>>);

    impl Clock for Slow {
        fn now(&self) -> SystemTime {
            let now = self.0.now();
            let hold_up = self.1.lock().unwrap().take();
            if let Some((looked, go_on)) = hold_up {
                looked.send(()).unwrap();
                let _ = go_on.recv_timeout(Duration::from_millis(200));
            }
            now
        }
    }

    let harness = Harness::new();
    let mut config = ProviderConfig::new(harness.provider.issuer().clone());
    config.algorithms = Algorithm::ALL.to_vec();
    let clock = Arc::new(Slow(harness.clock.clone(), Mutex::new(None)));
    let provider = Provider::new(config, harness.script.clone(), clock.clone());
    let warm = |provider: &Provider| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(provider.warm()).unwrap();
    };
    warm(&provider);

    let ((looked, has_looked), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel());
    *clock.1.lock().unwrap() = Some((looked, may_go_on));
    std::thread::scope(|scope| {
        let held_up = scope.spawn(|| warm(&provider));
        has_looked.recv().unwrap();
        harness.clock.forward(10);
        warm(&provider);
        let _ = go_on.send(());
        held_up.join().unwrap();
    });
    assert_eq!(harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_set_without_a_usable_key_never_replaces_a_good_one() {
    for bad in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
    ] {
        let harness = Harness::new();
        assert!(passes(&harness).await);
        harness.script.publish_text(bad.to_owned());
        harness.clock.forward(HOUR);
        assert!(passes(&harness).await, "{bad}");
        assert_eq!(harness.script.key_fetches(), 2);
        assert!(is_unavailable(&verify_unknown_key(&harness, "x").await), "{bad}");
    }
}

#[tokio::test]
async fn a_key_that_left_the_set_stops_verifying_with_the_next_refresh() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.script.publish(&[&Signer::es256("key-2")]);
    assert!(passes(&harness).await);
    harness.clock.forward(HOUR);
    assert_eq!(refused(harness.verify_but(json!({})).await).code(), "unknown_key");
}

#[tokio::test]
async fn the_same_kid_with_new_material_is_taken() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    let renewed = Signer::es256("key-1");
    harness.script.publish(&[&renewed]);
    harness.clock.forward(HOUR);
    assert!(harness.verify(&renewed.token(&harness.claims())).await.is_ok());
    assert_eq!(refused(harness.verify_but(json!({})).await).code(), "bad_signature");
}

#[tokio::test]
async fn what_a_token_says_is_never_part_of_an_address() {
    let harness = Harness::new();
    for kid in ["../../evil", "https://evil.example", "a?b=c#d", "x%00", "evil\r\n"] {
        let _ = verify_unknown_key(&harness, kid).await;
        harness.clock.forward(30);
    }
    assert!(harness.script.asked().iter().all(|url| !url.contains("evil")));
}

#[tokio::test(start_paused = true)]
async fn no_timer_refreshes_anything() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    harness.clock.forward(100 * HOUR);
    tokio::time::sleep(Duration::from_hours(100)).await;
    assert_eq!(harness.script.asked().len(), 2);
}

#[tokio::test]
async fn discovery_must_name_the_configured_issuer_and_a_safe_jwks_uri() {
    for metadata in [
        json!({"issuer": format!("{ISSUER}/"), "jwks_uri": JWKS}),
        json!({"issuer": [ISSUER], "jwks_uri": JWKS}),
        json!({"jwks_uri": JWKS}),
        json!({"issuer": ISSUER}),
        json!({"issuer": ISSUER, "jwks_uri": JWKS.replace("https", "http")}),
        json!({"issuer": ISSUER, "jwks_uri": "http://localhost.evil.example/keys"}),
        json!({"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}),
        json!({"issuer": ISSUER, "jwks_uri": "/keys"}),
        json!([]),
    ] {
        let harness = Harness::new();
        harness.script.set_metadata(metadata.clone());
        assert!(is_unavailable(&harness.verify_but(json!({})).await), "{metadata}");
        assert_eq!(harness.script.key_fetches(), 0, "{metadata}");
    }
}

#[tokio::test]
async fn a_metadata_url_of_its_own_changes_nothing_about_the_issuer() {
    let by_name = "https://tollgatedev.ciamlogin.com/tollgatedev.onmicrosoft.com/v2.0/.well-known/openid-configuration";
    for (named, good) in [
        (ISSUER, true),
        ("https://tollgatedev.ciamlogin.com/tollgatedev.onmicrosoft.com/v2.0", false),
    ] {
        let harness = Harness::new();
        let script = Script::new(named, &[&harness.signer]);
        let mut config = ProviderConfig::new(Issuer::parse(ISSUER).unwrap());
        config.metadata_url = Some(by_name.parse().unwrap());
        config.algorithms = vec![Algorithm::ES256];
        let clock: ManualClock = harness.clock.clone();
        let provider = Provider::new(config, script.clone(), Arc::new(clock));
        assert_eq!(provider.warm().await.is_ok(), good);
        assert_eq!(script.asked()[0], by_name);
    }
}

#[tokio::test]
async fn metadata_is_never_asked_for_over_plain_http() {
    let harness = Harness::new();
    let mut config = ProviderConfig::new(harness.provider.issuer().clone());
    config.metadata_url = Some("http://tollgatedev.ciamlogin.com/metadata".parse().unwrap());
    let provider = Provider::new(config, harness.script.clone(), Arc::new(harness.clock.clone()));
    assert!(provider.warm().await.is_err());
    assert!(harness.script.asked().is_empty());
}
