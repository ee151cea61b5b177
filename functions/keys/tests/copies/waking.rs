use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, routing::post};
use key_snapshot::{Elapsed, Timer};
use keys::Refreshed;
use tokio::sync::{OnceCell, mpsc, oneshot};

use crate::harness::Keys;

/// A Lambda that runs the function some time after it was asked to. Gives how often it was asked.
async fn lambda(keys: &mut Keys, status: u16) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, function, runs) = (asked.clone(), keys.function(), keys.runs.clone());
    let invoke = post(async move || {
        counter.fetch_add(1, Ordering::Relaxed);
        if status == 202 {
            let runs = runs.clone();
            tokio::spawn(async move {
                if keys::refresh(&function).await.is_ok_and(|done| done == Refreshed::Stored) {
                    runs.send_modify(|runs| *runs += 1);
                }
            });
        }
        axum::http::StatusCode::from_u16(status).unwrap()
    });
    let router = Router::new().route("/2015-03-31/functions/{name}/invocations", invoke);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    keys.environment = keys
        .environment
        .clone()
        .with("KEYS_FUNCTION", "keys:live")
        .with("AWS_ENDPOINT_URL_LAMBDA", address);
    asked
}

#[tokio::test]
async fn without_copies_it_wakes_the_writer_and_waits_for_it() {
    let mut keys = Keys::new().await;
    let woken = lambda(&mut keys, 202).await;
    assert!(keys.passes().await);
    assert_eq!((woken.load(Ordering::Relaxed), keys.asked()), (1, 2));
}

/// Two hundred cold starts at once, and nothing in the table.
#[tokio::test(flavor = "multi_thread")]
async fn however_many_start_at_once_the_provider_is_asked_once() {
    let mut keys = Keys::new().await;
    lambda(&mut keys, 202).await;
    let token = keys.provider.access_token().signed();
    let cold: Vec<_> = (0..200).map(|_| keys.instance()).collect();
    let mut instances = tokio::task::JoinSet::new();
    for instance in cold {
        let token = token.clone();
        instances.spawn(async move { instance.verify(&token).await.is_ok() });
    }
    assert!(instances.join_all().await.into_iter().all(|passes| passes));
    assert_eq!(keys.asked(), 2);
}

/// Pauses as long as the test lets it.
struct Paused(mpsc::UnboundedSender<(Duration, oneshot::Sender<()>)>);

impl Timer for Paused {
    fn timeout(&self, _limit: Duration) -> Elapsed {
        Box::pin(std::future::pending())
    }

    fn pause(&self, duration: Duration) -> Elapsed {
        let (end, ended) = oneshot::channel();
        self.0.send((duration, end)).unwrap();
        Box::pin(async move { drop(ended.await) })
    }
}

/// Starts an instance with an empty table and a Lambda that has the call and does nothing yet.
/// `at_pause` is awaited with the number of each pause before that pause ends. Gives the time that
/// the instance paused and how often the provider was asked.
async fn waits(keys: &mut Keys, at_pause: impl AsyncFn(&Keys, usize)) -> (Duration, usize) {
    lambda(keys, 204).await;
    let (sender, mut pauses) = mpsc::unbounded_channel();
    let (instance, token) = (keys.instance_with(Paused(sender)), keys.token().signed());
    let verified = tokio::spawn(async move { instance.verify(&token).await.is_ok() });
    let (mut total, mut number) = (Duration::ZERO, 0);
    while let Some((duration, end)) = pauses.recv().await {
        total += duration;
        at_pause(keys, number).await;
        number += 1;
        end.send(()).unwrap();
    }
    assert!(verified.await.unwrap());
    (total, keys.asked())
}

#[tokio::test]
async fn a_writer_that_has_not_started_after_1500_ms_is_not_waited_for() {
    let mut keys = Keys::new().await;
    let waited = waits(&mut keys, async |_, _| {}).await;
    assert_eq!(waited, (Duration::from_millis(1500), 2));
}

#[tokio::test]
async fn a_slow_writer_that_is_at_work_is_waited_for_and_the_provider_is_asked_once() {
    let mut keys = Keys::new().await;
    let lease = OnceCell::new();
    let waited = waits(&mut keys, async |keys, pause| match pause {
        0 => lease.set(keys.claim().await).unwrap(),
        // Later than an instance waits for a writer that has not started.
        5 => keys.store(lease.get().unwrap()).await,
        _ => {}
    });
    assert_eq!(waited.await, (Duration::from_millis(3100), 0));
}

#[tokio::test]
async fn a_writer_that_never_writes_is_waited_for_3900_ms() {
    let mut keys = Keys::new().await;
    let waited = waits(&mut keys, async |keys, pause| {
        if pause == 0 {
            keys.claim().await;
        }
    });
    assert_eq!(waited.await, (Duration::from_millis(3900), 2));
}

#[tokio::test]
async fn a_writer_that_cannot_be_woken_costs_no_more_than_asking_the_provider() {
    let mut keys = Keys::new().await;
    let woken = lambda(&mut keys, 403).await;
    assert!(keys.passes().await);
    assert_eq!((woken.load(Ordering::Relaxed), keys.asked()), (1, 2));
}

#[tokio::test]
async fn old_copies_wake_the_writer_while_the_provider_is_asked() {
    let mut keys = Keys::new().await;
    keys.run().await.unwrap();
    keys.clock.advance(Duration::from_mins(76));
    let woken = lambda(&mut keys, 202).await;
    assert!(keys.passes().await);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_unknown_key_wakes_the_writer_once_however_many_tokens_name_one() {
    let mut keys = Keys::new().await;
    keys.run().await.unwrap();
    let woken = lambda(&mut keys, 202).await;
    let instance = keys.instance();
    for number in 0..5 {
        let made_up = test_support::SigningKey::generate(&format!("made-up-{number}"));
        let token = keys.provider.access_token().header("kid", made_up.id()).signed_by(&made_up);
        assert!(instance.verify(&token).await.is_err());
    }
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}
