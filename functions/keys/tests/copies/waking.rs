use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, routing::post};

use crate::world::World;

/// A Lambda that runs the function some time after it was asked to. Gives how often it was asked.
async fn lambda(world: &mut World, status: u16) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let (counter, function) = (asked.clone(), world.function());
    let invoke = post(async move || {
        counter.fetch_add(1, Ordering::Relaxed);
        if status == 202 {
            tokio::spawn(async move { keys::refresh(&function).await });
        }
        axum::http::StatusCode::from_u16(status).unwrap()
    });
    let router = Router::new().route("/2015-03-31/functions/{name}/invocations", invoke);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    world.environment = world
        .environment
        .clone()
        .with("KEYS_FUNCTION", "keys:live")
        .with("AWS_ENDPOINT_URL_LAMBDA", address);
    asked
}

#[tokio::test]
async fn without_copies_it_wakes_the_writer_and_waits_for_it() {
    let mut world = World::new().await;
    let woken = lambda(&mut world, 202).await;
    assert!(world.passes().await);
    assert_eq!((woken.load(Ordering::Relaxed), world.asked()), (1, 2));
}

/// Two hundred cold starts at once, and nothing in the table.
#[tokio::test(flavor = "multi_thread")]
async fn however_many_start_at_once_the_provider_is_asked_once() {
    let mut world = World::new().await;
    lambda(&mut world, 202).await;
    let token = world.provider.access_token().signed();
    let mut instances = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (instance, token) = (world.instance(), token.clone());
        instances.spawn(async move { instance.verify(&token).await.is_ok() });
    }
    assert!(instances.join_all().await.into_iter().all(|passes| passes));
    assert_eq!(world.asked(), 2);
}

#[tokio::test]
async fn a_writer_that_cannot_be_woken_costs_no_more_than_asking_the_provider() {
    let mut world = World::new().await;
    let woken = lambda(&mut world, 403).await;
    assert!(world.passes().await);
    assert_eq!((woken.load(Ordering::Relaxed), world.asked()), (1, 2));
}

#[tokio::test]
async fn old_copies_wake_the_writer_while_the_provider_is_asked() {
    let mut world = World::new().await;
    world.run().await.unwrap();
    world.clock.forward(76 * 60);
    let woken = lambda(&mut world, 202).await;
    assert!(world.passes().await);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_unknown_key_wakes_the_writer_once_however_many_tokens_name_one() {
    let mut world = World::new().await;
    world.run().await.unwrap();
    let woken = lambda(&mut world, 202).await;
    let instance = world.instance();
    for number in 0..5 {
        let made_up = test_support::SigningKey::generate(&format!("made-up-{number}"));
        let token = world.provider.access_token().header("kid", made_up.id()).signed_by(&made_up);
        assert!(instance.verify(&token).await.is_err());
    }
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}
