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

/// What was asked for since the last time.
fn asked(harness: &Harness) -> Vec<String> {
    std::mem::take(&mut harness.tenant().asked)
}

#[tokio::test]
async fn only_permissions_that_the_plan_needs_are_asked_for() {
    const READ: &str = "devicecode: Application.Read.All DelegatedPermissionGrant.ReadWrite.All \
                        EventListener.Read.All User.Read offline_access";
    let harness = without_token().await;
    harness.run("plan", &[]).await.well();
    assert_eq!(asked(&harness), [READ]);

    // Consent to what a flow and registrations take is missing the first time.
    harness.apply(&[]).await;
    let needed = "Application.Read.All Application.ReadWrite.All \
                  DelegatedPermissionGrant.ReadWrite.All EventListener.Read.All \
                  EventListener.ReadWrite.All User.Read offline_access";
    let all = [READ.to_owned(), format!("token: {needed}"), format!("devicecode: {needed}")];
    assert_eq!(asked(&harness), all);

    harness.apply(&[]).await;
    assert_eq!(asked(&harness), [READ], "there is nothing to do");

    harness.tenant().consented = true;
    harness.apply(&["--daemon"]).await;
    let needed = "AppRoleAssignment.ReadWrite.All Application.Read.All Application.ReadWrite.All \
                  DelegatedPermissionGrant.ReadWrite.All EventListener.Read.All User.Read \
                  offline_access";
    assert_eq!(asked(&harness), [READ.to_owned(), format!("token: {needed}")]);
}
