//! A plain Lambda handler, with the events that API Gateway sends.

use lambda_http::{Body, Request, Response};
use oidc_resource_server::{Caller, Policy, RequestHead, Resource, Role, Scope};
use serde_json::{Value, json};

use crate::harness::Harness;

/// An event of an HTTP API, payload format 2.0.
fn event(headers: &Value) -> Request {
    let event = json!({
        "version": "2.0",
        "routeKey": "GET /todos",
        "rawPath": "/todos",
        "rawQueryString": "access_token=x",
        "cookies": ["a=1"],
        "headers": headers,
        "queryStringParameters": {"access_token": "x"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef123",
            "domainName": "abcdef123.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abcdef123",
            "http": {
                "method": "GET",
                "path": "/todos",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0"
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /todos",
            "stage": "$default",
            "time": "15/Jun/2025:15:06:40 +0000",
            "timeEpoch": 1_750_000_000_000_u64
        },
        "isBase64Encoded": false
    });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

/// What a function of one's own looks like.
async fn handler(harness: &Harness, policy: &Policy, request: Request) -> Response<Body> {
    match harness.verifier.authorize(&RequestHead::from(&request), policy).await {
        Ok(Caller::User(user)) => Response::new(format!("todos of {}", user.owner).into()),
        Ok(Caller::App(app)) => Response::new(format!("todos for {}", app.subject).into()),
        Err(response) => response.into_response::<Body>(),
    }
}

/// Status, `WWW-Authenticate` and body of the answer.
async fn answer(harness: &Harness, headers: &Value) -> (u16, Option<String>, String) {
    answer_to(harness, event(headers)).await
}

async fn answer_to(harness: &Harness, request: Request) -> (u16, Option<String>, String) {
    let policy = Policy::any_of(
        vec![Scope::parse("ToDoList.Read").unwrap()],
        vec![Role::parse("ToDoList.Read.All").unwrap()],
    );
    let (parts, body) = handler(harness, &policy.unwrap(), request).await.into_parts();
    let challenge = parts.headers.get("www-authenticate").map(|v| v.to_str().unwrap().to_owned());
    let Body::Text(body) = body else { panic!("the body is {body:?}") };
    (parts.status.as_u16(), challenge, body)
}

fn bearer(harness: &Harness, changes: &Value) -> Value {
    let token = harness.signer.token(&harness.claims_but(changes));
    json!({"authorization": format!("Bearer {token}"), "host": "evil.example"})
}

fn code(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["code"].clone()
}

#[tokio::test]
async fn users_and_applications_with_permission_are_served() {
    let harness = Harness::new();
    let user = answer(&harness, &bearer(&harness, &json!({}))).await;
    assert_eq!(user, (200, None, "todos of user-1".into()));
    let changes = json!({"scp": null, "roles": ["ToDoList.Read.All"], "sub": "app-1"});
    let app = answer(&harness, &bearer(&harness, &changes)).await;
    assert_eq!(app, (200, None, "todos for app-1".into()));
}

#[tokio::test]
async fn a_header_of_any_case_is_the_same_header() {
    let harness = Harness::new();
    let token = bearer(&harness, &json!({}))["authorization"].clone();
    assert_eq!(answer(&harness, &json!({"AUTHORIZATION": token})).await.0, 200);
}

#[tokio::test]
async fn without_a_token_the_answer_is_401_that_names_the_configured_resource() {
    let mut harness = Harness::new();
    let headers = json!({"host": "evil.example", "x-forwarded-host": "evil.example"});
    let (status, challenge, body) = answer(&harness, &headers).await;
    assert_eq!((status, challenge.as_deref()), (401, Some("Bearer")));
    assert_eq!(code(&body), "no_credentials");

    harness.verifier =
        harness.verifier.with_resource(Resource::parse("https://todos.example").unwrap());
    assert_eq!(
        answer(&harness, &headers).await.1.unwrap(),
        "Bearer resource_metadata=\"https://todos.example/.well-known/oauth-protected-resource\""
    );

    // That of the request goes before it.
    let mut request = event(&headers);
    request.extensions_mut().insert(Resource::parse("https://other.example").unwrap());
    assert_eq!(
        answer_to(&harness, request).await.1.unwrap(),
        "Bearer resource_metadata=\"https://other.example/.well-known/oauth-protected-resource\""
    );
}

#[tokio::test]
async fn bad_tokens_missing_scopes_and_outages_have_their_answers() {
    let harness = Harness::new();
    let (status, challenge, body) = answer(&harness, &bearer(&harness, &json!({"exp": 0}))).await;
    assert_eq!((status, code(&body)), (401, json!("invalid_token")));
    assert!(challenge.unwrap().starts_with("Bearer error=\"invalid_token\""));

    let (status, challenge, body) = answer(&harness, &bearer(&harness, &json!({"scp": "x"}))).await;
    assert_eq!((status, code(&body)), (403, json!("insufficient_scope")));
    assert!(challenge.unwrap().contains("scope=\"ToDoList.Read\""));

    let down = Harness::new();
    down.script.go_down();
    let (status, challenge, body) = answer(&down, &bearer(&down, &json!({}))).await;
    assert_eq!((status, challenge, code(&body)), (503, None, json!("keys_unavailable")));
}

#[tokio::test]
async fn two_headers_that_the_gateway_joined_with_a_comma_are_400() {
    let harness = Harness::new();
    let token = bearer(&harness, &json!({}))["authorization"].as_str().unwrap().to_owned();
    for joined in [format!("{token},{token}"), format!("{token}, Bearer x"), format!("{token},")] {
        let (status, _, body) = answer(&harness, &json!({"authorization": joined})).await;
        assert_eq!((status, code(&body)), (400, json!("invalid_request")), "{joined}");
    }
}
