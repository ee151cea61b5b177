//! What the policies say, for bearer tokens.

use serde_json::json;

use crate::harness::Harness;

#[tokio::test]
async fn what_no_policy_names_is_denied_whoever_calls() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.Read Orders.ReadWrite");
    for (method, path) in
        [("GET", "/"), ("GET", "/api"), ("PATCH", "/api/orders"), ("OPTIONS", "/api/orders")]
    {
        for call in [gate.call(method, path), gate.call(method, path).bearer(&token)] {
            assert_eq!(call.send().await.refusal(), (403, "no_route_policy"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_path_that_could_be_read_in_two_ways_is_denied() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.ReadWrite");
    for path in [
        "/health/../api/orders",
        "/health/%2e%2e/api/orders",
        "/api//orders",
        "/api/orders/",
        "/api/orders/%2e%2e",
        "/api/orders/a%2F%2e%2e",
        "/api/orders/a%5cb",
        "/api/orders/%252e%252e",
        "/api/orders/a;b",
        "/api/orders/%00",
        "/api/orders/%ff",
        "/API/orders",
        "/Health",
    ] {
        let answer = gate.call("GET", path).bearer(&token).send().await;
        assert_eq!(answer.refusal(), (403, "ambiguous_path"), "{path}");
    }
}

#[tokio::test]
async fn without_policies_everything_is_denied() {
    let gate = Harness::with([("ROUTE_POLICIES", "")]).await;
    let call = gate.call("GET", "/health");
    assert_eq!(call.send().await.refusal(), (403, "no_route_policy"));
}

#[tokio::test]
async fn anyone_may_use_an_anonymous_route_and_no_token_is_read() {
    let gate = Harness::new().await;
    for call in [
        gate.call("GET", "/health"),
        gate.call("HEAD", "/health"),
        gate.call("GET", "/health").bearer("bad"),
        gate.call("GET", "/health").header("cookie", "__Host-session=bad"),
    ] {
        assert_eq!(call.send().await.status, 200);
    }
}

#[tokio::test]
async fn a_user_needs_a_scope_and_an_application_a_role() {
    let gate = Harness::new().await;
    let token = gate.user("Orders.Read Other");
    let admitted = gate.call("GET", "/api/orders").bearer(&token).send().await.ok();
    let bearer = format!("Bearer {token}");
    let expected =
        json!({"who": "ada", "scopes": ["Orders.Read", "Other"], "roles": [], "bearer": bearer});
    assert_eq!(admitted, expected);
    let call = gate.call("POST", "/api/orders").bearer(&token);
    assert_eq!(call.send().await.refusal(), (403, "insufficient_scope"));

    let daemon = gate.app_token("daemon", "Orders.Read.All");
    let admitted = gate.call("GET", "/api/orders").bearer(&daemon).send().await.ok();
    assert_eq!(admitted["roles"], json!(["Orders.Read.All"]));
    let call = gate.call("POST", "/api/orders").bearer(&daemon);
    assert_eq!(call.send().await.refusal(), (403, "insufficient_scope"), "no role is named");
}

#[tokio::test]
async fn a_missing_or_bad_token_is_401_with_a_challenge() {
    let gate = Harness::new().await;
    let answer = gate.call("GET", "/api/orders").send().await;
    assert_eq!(answer.refusal(), (401, "no_credentials"));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    let answer = gate.call("GET", "/api/orders").bearer("bad").send().await;
    assert_eq!(answer.refusal(), (401, "invalid_token"));
    let token = gate.user("Orders.Read");
    let call = gate.call("GET", "/api/orders").bearer(&token).bearer(&token);
    assert_eq!(call.send().await.refusal(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_token_of_one_api_does_not_open_another() {
    let gate = Harness::new().await;
    let first = gate.user("Bills.Read Orders.Read");
    let call = gate.call("GET", "/api/bills").bearer(&first);
    assert_eq!(call.send().await.refusal(), (401, "invalid_token"));
    let other =
        gate.user_token("ada").claim("aud", "billing").claim("scp", "Bills.Read Orders.Read");
    let other = other.signed();
    gate.call("GET", "/api/bills").bearer(&other).send().await.ok();
    let call = gate.call("GET", "/api/orders").bearer(&other);
    assert_eq!(call.send().await.refusal(), (401, "invalid_token"));
}
