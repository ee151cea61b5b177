//! A Graph that is slow, busy, distributed and strict, as the real one is.

use std::time::Duration;

use entra::Time as _;
use http::Method;
use serde_json::json;

use crate::{harness::Harness, mock_graph::InjectedError};

async fn with(fault: InjectedError) -> Harness {
    let harness = Harness::new().await;
    harness.tenant().faults.push(fault);
    harness
}

#[tokio::test]
async fn a_throttled_program_sends_nothing_before_its_time_and_waits_no_longer() {
    for (method, path) in [(Method::GET, "/organization"), (Method::POST, "/applications")] {
        let harness =
            with(InjectedError::new(method, path, 429, "TooManyRequests").retry_after(17)).await;
        let until = harness.graph.time().now() + Duration::from_secs(17);
        harness.apply(&[]).await;
        assert_eq!(harness.graph.time().now(), until);
        assert_eq!(harness.tenant().impolite, 0);
        assert_eq!(harness.tenant().applications.len(), 2);
    }
}

#[tokio::test]
async fn endless_throttling_has_an_end() {
    let fault =
        InjectedError::new(Method::GET, "/organization", 429, "TooManyRequests").times(1000);
    let harness = with(fault).await;
    let error = harness.run("plan", &[]).await.fails();
    assert!(error.contains("429 TooManyRequests"), "{error}");
    assert_eq!(harness.tenant().sent.len(), 9);
}

#[tokio::test]
async fn nobody_waits_long_for_a_server_that_is_not_there() {
    let mut harness = Harness::new().await;
    harness.graph = harness.graph.unreachable();
    let before = harness.graph.time().now();
    let error = harness.run("plan", &[]).await.fails();
    assert!(error.contains("no answer from Microsoft Graph"), "{error}");
    assert_eq!(harness.graph.time().now() - before, Duration::from_secs(7));
}

#[tokio::test]
async fn what_was_just_made_is_waited_for_until_every_replica_knows_it() {
    let harness = Harness::new().await;
    harness.tenant().lag = Duration::from_secs(20);
    harness.apply(&["--daemon"]).await;
    assert_eq!(harness.tenant().applications.len(), 3);
    assert_eq!(harness.tenant().grants.len(), 2);
    // And so the next run, at once after it, makes nothing a second time.
    let shown = harness.run("apply", &["--daemon"]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~)"), "{shown}");
}

#[tokio::test]
async fn a_replica_that_never_hears_of_it_is_given_up() {
    let harness = Harness::new().await;
    harness.tenant().lag = Duration::from_hours(2);
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("404 Request_ResourceNotFound"), "{error}");
}

#[tokio::test]
async fn a_refusal_names_the_permission_and_the_role_that_it_takes() {
    for (method, path, scope) in [
        (Method::POST, "/applications", "Application.ReadWrite.All"),
        (Method::POST, "/oauth2PermissionGrants", "DelegatedPermissionGrant.ReadWrite.All"),
        (Method::POST, "/appRoleAssignments", "AppRoleAssignment.ReadWrite.All"),
        (Method::POST, "/authenticationEventsFlows", "EventListener.ReadWrite.All"),
        (Method::GET, "/organization", "User.Read"),
    ] {
        let harness =
            with(InjectedError::new(method, path, 403, "Authorization_RequestDenied")).await;
        let error = harness.run("apply", &["--yes", "--daemon"]).await.fails();
        assert!(error.contains("(Authorization_RequestDenied)"), "{error}");
        assert!(error.contains(&format!("the permission {scope}, ")), "{error}");
        assert!(error.contains(" the role "), "{error}");
    }
}

#[tokio::test]
async fn a_run_that_was_refused_half_way_is_continued_by_the_next() {
    let harness = with(InjectedError::new(
        Method::POST,
        "/oauth2PermissionGrants",
        403,
        "Authorization_RequestDenied",
    ))
    .await;
    harness.run("apply", &["--yes"]).await.fails();
    let made = harness.tenant().applications.clone();
    harness.apply(&[]).await;
    assert_eq!(harness.tenant().applications.len(), made.len());
    assert_eq!(harness.tenant().grants.len(), 2);
}

#[tokio::test]
async fn lists_are_read_over_all_their_pages() {
    let harness = Harness::new().await;
    harness.apply(&["--daemon"]).await;
    harness.tenant().page = 1;
    let shown = harness.run("plan", &["--daemon"]).await.well();
    assert!(shown.contains("0 to create (+), 0 to change (~)"), "{shown}");
    let paged = harness.tenant().sent.iter().filter(|it| it.query.contains("skiptoken")).count();
    assert!(paged >= 4, "{paged}");
}

#[tokio::test]
async fn reads_and_changes_are_repeated_after_a_server_error() {
    for status in [500, 502, 503, 504] {
        let harness = Harness::new().await;
        harness
            .tenant()
            .faults
            .push(InjectedError::new(Method::GET, "/applications", status, "").times(2));
        harness
            .tenant()
            .faults
            .push(InjectedError::new(Method::PATCH, "/applications", status, "").times(2));
        harness.apply(&[]).await;
        assert_eq!(harness.tenant().applications.len(), 2);
    }
}

#[tokio::test]
async fn a_creation_that_may_have_happened_is_not_repeated_but_found_by_the_next_run() {
    let fault = InjectedError::new(Method::POST, "/applications", 500, "InternalServerError")
        .after_the_work();
    let harness = with(fault).await;
    let error = harness.run("apply", &["--yes"]).await.fails();
    assert!(error.contains("could not register the API for certain"), "{error}");
    assert_eq!(harness.tenant().applications.len(), 1);
    harness.apply(&[]).await;
    assert_eq!(harness.tenant().applications.len(), 2);
}

#[tokio::test]
async fn a_certificate_whose_response_was_lost_is_registered_once() {
    let harness = Harness::applied().await;
    let lost = InjectedError::new(Method::PATCH, "/applications", 504, "GatewayTimeout");
    harness.tenant().faults.push(lost.after_the_work());
    harness.apply(&["--new-credential"]).await;
    assert_eq!(harness.tenant().part("web")["keyCredentials"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_deletion_of_what_is_gone_already_is_done() {
    let harness = Harness::applied().await;
    harness
        .tenant()
        .faults
        .push(InjectedError::new(Method::DELETE, "/servicePrincipals", 500, "").after_the_work());
    harness.run("remove", &["--yes"]).await.well();
    assert!(harness.tenant().applications.is_empty());
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused_before_anything_is_made() {
    let harness = Harness::new().await;
    let line = ["entra", "apply", "--tenant", "fabrikam.onmicrosoft.com", "--yes"];
    let line = [&line[..], &["--public-url", "https://todo.example.com"]].concat();
    let error = harness.run_line(&line).await.fails();
    assert!(error.ends_with("not for fabrikam.onmicrosoft.com"), "{error}");
    assert_eq!(harness.tenant().writes(), [""; 0]);
}

#[tokio::test]
async fn a_workforce_tenant_is_refused() {
    let harness = Harness::new().await;
    harness.tenant().is_external = false;
    let error = harness.run("plan", &[]).await.fails();
    assert!(error.contains(" is not the metadata of an external tenant: "), "{error}");
    assert!(error.contains("404 Not Found"), "{error}");
}

#[tokio::test]
async fn a_next_page_elsewhere_does_not_get_the_token() {
    let harness = Harness::new().await;
    harness.tenant().elsewhere = Some("https://attacker.example");
    let error = harness.run("plan", &[]).await.fails();
    assert!(error.contains("its next page is elsewhere"), "{error}");
    assert_eq!(json!(harness.tenant().writes()), json!([]));
}
