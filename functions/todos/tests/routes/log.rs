//! What is written to the log, and what must not be.

use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{filter::LevelFilter, fmt, layer::SubscriberExt};

use crate::world::World;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Gathers what this thread logs for as long as the guard lives.
    fn at(level: LevelFilter) -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(level).with(layer);
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_5xx_is_logged_once_with_its_cause() {
    let world = World::new().await;
    let ada = world.user("ada");
    let cookie = world.signed_in(&ada).await;
    world.get("/api/todos", &ada).send().await.ok();
    world.store.pause().await;
    let page = world.call("GET", "/api/todos").cookie(&cookie);
    for (call, code) in
        [(world.get("/api/todos", &ada), "table_unavailable"), (page, "sessions_unavailable")]
    {
        let (log, _guard) = Log::at(LevelFilter::WARN);
        assert_eq!(call.send().await.status, 503);
        let text = log.text();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("ERROR")).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert!(lines[0].contains(code), "{text}");
    }
}

#[tokio::test]
async fn tokens_cookies_and_todos_are_never_logged() {
    let world = World::new().await;
    let (log, _guard) = Log::at(LevelFilter::DEBUG);
    let expired = world.token("ada").claim("exp", 1_000_000_000).signed();
    let tokens = [world.user("ada"), world.user_with("ada", "x"), expired];
    let cookies = [world.signed_in(&tokens[0]).await, world.signed_in(&tokens[2]).await];
    let body = json!({"description": "a private matter"});
    let calls = || {
        let bearers = tokens.iter().map(|token| world.call("POST", "/api/todos").bearer(token));
        let pages = cookies.iter().map(|cookie| world.call("POST", "/api/todos").cookie(cookie));
        let calls = bearers.chain(pages).map(|call| call.header("idempotency-key", "my-key"));
        calls.map(|call| call.json(&body)).collect::<Vec<_>>()
    };
    for call in calls() {
        call.send().await;
    }
    world.store.pause().await;
    for call in calls() {
        call.send().await;
    }
    let text = log.text();
    assert!(text.contains("table_unavailable"), "nothing was logged");
    let secrets = cookies.iter().map(|cookie| cookie.split_once('=').unwrap().1);
    for secret in tokens.iter().map(String::as_str).chain(secrets) {
        assert!(!text.contains(secret));
        assert!(!text.contains(secret.rsplit('.').next().unwrap()), "a signature");
    }
    for private in ["a private matter", "my-key"] {
        assert!(!text.contains(private), "{private}");
    }
}
