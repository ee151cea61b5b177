//! Where the token comes from.

use std::time::Duration;

use entra::Time as _;
use settings::Environment;

use crate::harness::Harness;

async fn without_token() -> Harness {
    Harness { environment: Environment::default(), ..Harness::new().await }
}

#[tokio::test]
async fn somebody_signs_in_by_device_code() {
    let harness = without_token().await;
    // The last one is said first.
    harness.tenant().login = vec!["authorization_pending", "slow_down", "authorization_pending"];
    let before = harness.graph.time().now();
    let shown = harness.run("plan", &[]).await.well();
    assert!(
        shown.starts_with(
            "To sign in, open https://microsoft.com/devicelogin and enter the code ABCD1234\n"
        ),
        "{shown}"
    );
    assert!(!shown.contains("the-device-code") && !shown.contains("the-token"), "{shown}");
    // 5, 5, and after `slow_down` 10 seconds twice (RFC 8628, section 3.5).
    assert_eq!(harness.graph.time().now() - before, Duration::from_secs(30));
}

#[tokio::test]
async fn a_sign_in_that_was_declined_ends_the_run() {
    let harness = without_token().await;
    harness.tenant().login = vec!["authorization_declined"];
    let error = harness.run("plan", &[]).await.fails();
    assert_eq!(error, "could not sign in: authorization_declined");
}

#[tokio::test]
async fn nobody_is_waited_for_longer_than_the_code_is_good() {
    let harness = without_token().await;
    harness.tenant().login = vec!["authorization_pending"; 1000];
    let before = harness.graph.time().now();
    let error = harness.run("plan", &[]).await.fails();
    assert_eq!(error, "could not sign in: the code was not entered in time");
    assert_eq!(harness.graph.time().now() - before, Duration::from_mins(15));
}

#[tokio::test]
async fn a_token_that_is_over_is_said_to_be_and_not_shown() {
    let mut harness = Harness::new().await;
    harness.environment = Environment::of([("GRAPH_TOKEN", "an-old-token")]);
    let ran = harness.run("plan", &[]).await;
    assert!(!ran.shown.contains("an-old-token"));
    let error = ran.fails();
    assert!(error.contains("renew GRAPH_TOKEN") && !error.contains("an-old-token"), "{error}");
}
