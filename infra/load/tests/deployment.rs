//! The bounds, against a server that counts.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::Router;
use clap::Parser as _;
use http::{HeaderMap, StatusCode};
use load::{Arguments, Plan, Tally, drive};
use outbound::Outbound;
use settings::Environment;
use tokio::net::TcpListener;

/// What a server saw, and what came of it.
struct Seen {
    requests: u64,
    tally: Tally,
    took: Duration,
}

/// Sends to a server that answers the request of each number as `answer` says.
async fn sent(
    arguments: &[&str],
    answer: impl Fn(u64, &HeaderMap) -> StatusCode + Clone + Send + Sync + 'static,
) -> Seen {
    let seen = Arc::new(AtomicU64::new(0));
    let counter = seen.clone();
    let handler = move |headers: HeaderMap| async move {
        answer(counter.fetch_add(1, Ordering::Relaxed), &headers)
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/session", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
    let arguments = ["load", "--url", &url].into_iter().chain(arguments.iter().copied());
    let plan = Plan::of(&Arguments::try_parse_from(arguments).unwrap()).unwrap();
    let outbound = Outbound::from_environment(&Environment::of([("", ""); 0])).unwrap();
    let started = Instant::now();
    let tally = drive(&plan, outbound.http()).await;
    Seen { requests: seen.load(Ordering::Relaxed), tally, took: started.elapsed() }
}

#[tokio::test]
async fn exactly_what_was_planned_is_sent_over_the_time_that_was_planned() {
    let all = sent(&["--rate", "100", "--seconds", "1"], |_, _| StatusCode::OK).await;
    assert_eq!(all.requests, 100);
    assert!(!all.tally.was_stopped());
    assert!(all.tally.to_string().starts_with("100 sent, 100 × 200\n"), "{}", all.tally);
    // The last one leaves after 99 hundredths; it may be later on a loaded machine, never earlier.
    assert!(all.took >= Duration::from_millis(990), "{:?}", all.took);
}

#[tokio::test]
async fn a_deployment_that_fails_is_left_alone() {
    let failing = sent(&["--rate", "200", "--seconds", "60"], |number, _| match number {
        0..30 => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    })
    .await;
    assert!(failing.tally.was_stopped());
    // 12 000 were planned; some are under way when it is noticed.
    assert!(failing.requests < 600, "{}", failing.requests);
    assert!(failing.tally.to_string().ends_with("stopped: more than 5 % of the last failed"));
}

#[tokio::test]
async fn nobody_there_is_noticed_too() {
    let url = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let arguments = ["load", "--url", &url, "--rate", "100"];
    let plan = Plan::of(&Arguments::try_parse_from(arguments).unwrap()).unwrap();
    let outbound = Outbound::from_environment(&Environment::of([("", ""); 0])).unwrap();
    let tally = drive(&plan, outbound.http()).await;
    assert!(tally.was_stopped());
    assert!(tally.sent() < 600, "{tally}");
}

#[tokio::test]
async fn a_token_is_sent_and_never_shown() {
    let file = std::env::temp_dir().join(format!("tollgate-load-{}", std::process::id()));
    std::fs::write(&file, "eyJ0b2tlbg.e30.c2ln\n").unwrap();
    let path = file.to_str().unwrap();
    let arguments = ["--rate", "20", "--seconds", "1", "--token-file", path];
    let all = sent(&arguments, |_, headers| {
        let expected = "Bearer eyJ0b2tlbg.e30.c2ln";
        let given = headers.get("authorization").is_some_and(|value| value == expected);
        if given { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
    })
    .await;
    let arguments =
        Arguments::try_parse_from(["load", "--url", "https://a.example", "--token-file", path]);
    let plan = Plan::of(&arguments.unwrap()).unwrap().to_string();
    std::fs::remove_file(&file).unwrap();
    assert!(all.tally.to_string().contains("20 × 200"), "{}", all.tally);
    assert!(plan.contains("with a token") && !plan.contains("eyJ"), "{plan}");
}
