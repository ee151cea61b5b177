//! The Lambda authorizer, with the events that API Gateway sends.

use oidc_resource_server::{
    Policy, Role, Scope,
    api_gateway::{AuthorizerError, LambdaAuthorizer},
};
use serde_json::{Value, json};

use crate::harness::{CLIENT, Harness, ISSUER};

const STAGE_ARN: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod";

fn authorizer(harness: &Harness) -> LambdaAuthorizer {
    let scopes = vec![Scope::parse("ToDoList.Read").unwrap()];
    let policy = Policy::any_of(scopes, vec![Role::parse("ToDoList.Read.All").unwrap()]);
    LambdaAuthorizer::new(harness.verifier.clone(), policy.unwrap())
}

fn bearer(harness: &Harness, changes: &Value) -> String {
    format!("Bearer {}", harness.signer.token(&harness.claims_but(changes)))
}

/// An event of an HTTP API, payload format 2.0.
fn http_event(authorization: &str) -> Value {
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("{STAGE_ARN}/GET/todos"),
        "identitySource": [authorization],
        "routeKey": "GET /todos",
        "rawPath": "/prod/todos",
        "rawQueryString": "",
        "headers": {"authorization": authorization, "host": "evil.example"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef123",
            "domainName": "abcdef123.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abcdef123",
            "http": {
                "method": "GET",
                "path": "/prod/todos",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.5.0"
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /todos",
            "stage": "prod",
            "time": "15/Jun/2025:15:06:40 +0000",
            "timeEpoch": 1_750_000_000_000_u64
        }
    })
}

/// An event of a REST API, authorizer of type `REQUEST`.
fn rest_event(authorization: &str) -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("{STAGE_ARN}/GET/todos"),
        "resource": "/todos",
        "path": "/todos",
        "httpMethod": "GET",
        "headers": {"Authorization": authorization, "Host": "evil.example"},
        "multiValueHeaders": {"Authorization": [authorization], "Host": ["evil.example"]},
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "pathParameters": {},
        "stageVariables": {},
        "requestContext": {
            "resourceId": "05c7jb",
            "resourcePath": "/todos",
            "httpMethod": "GET",
            "path": "/prod/todos",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "curl/8.5.0"},
            "apiId": "abcdef123"
        }
    })
}

/// An event of an HTTP API, payload format 1.0: one value for each header.
fn http_event_v1(authorization: &str) -> Value {
    let mut event = rest_event(authorization);
    event["version"] = json!("1.0");
    event["identitySource"] = json!(authorization);
    event["authorizationToken"] = json!(authorization);
    event.as_object_mut().unwrap().remove("multiValueHeaders");
    event["requestContext"]["routeKey"] = json!("GET /todos");
    event
}

async fn http(harness: &Harness, event: Value) -> Result<Value, AuthorizerError> {
    let event = serde_json::from_value(event).unwrap();
    let response = authorizer(harness).http_api(&event).await?;
    Ok(serde_json::to_value(response).unwrap())
}

async fn rest(harness: &Harness, event: Value) -> Result<Value, AuthorizerError> {
    let event = serde_json::from_value(event).unwrap();
    let response = authorizer(harness).rest_api(&event).await?;
    Ok(serde_json::to_value(response).unwrap())
}

fn context() -> Value {
    json!({
        "issuer": ISSUER, "subject": "pairwise-1", "object_id": "user-1", "client": CLIENT,
        "kind": "user", "scope": "ToDoList.Read ToDoList.ReadWrite", "roles": ""
    })
}

fn policy(effect: &str, context: &Value) -> Value {
    json!({
        "principalId": "pairwise-1",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Action": ["execute-api:Invoke"],
                "Effect": effect,
                "Resource": ["arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/*"]
            }]
        },
        "context": context,
        "usageIdentifierKey": null
    })
}

#[tokio::test]
async fn an_http_api_gets_a_simple_response_with_the_caller_in_its_context() {
    let harness = Harness::new();
    let response = http(&harness, http_event(&bearer(&harness, &json!({})))).await.unwrap();
    assert_eq!(response, json!({"isAuthorized": true, "context": context()}));
}

#[tokio::test]
async fn an_application_is_told_from_a_user_in_the_context() {
    let harness = Harness::new();
    let changes = json!({"scp": null, "oid": null, "roles": ["other", "ToDoList.Read.All"]});
    let response = http(&harness, http_event(&bearer(&harness, &changes))).await.unwrap();
    assert_eq!(
        response,
        json!({"isAuthorized": true, "context": {
            "issuer": ISSUER, "subject": "pairwise-1", "client": CLIENT, "kind": "app",
            "scope": "", "roles": "other ToDoList.Read.All"
        }})
    );
}

#[tokio::test]
async fn a_missing_scope_is_no_error_but_a_no() {
    let harness = Harness::new();
    let other = bearer(&harness, &json!({"scp": "ToDoList.Rea"}));
    let response = http(&harness, http_event(&other)).await.unwrap();
    assert_eq!(response, json!({"isAuthorized": false, "context": {}}));
    for event in [rest_event(&other), http_event_v1(&other)] {
        assert_eq!(rest(&harness, event).await.unwrap(), policy("Deny", &json!({})));
    }
}

#[tokio::test]
async fn a_rest_api_gets_a_policy_for_the_whole_stage() {
    let harness = Harness::new();
    let good = bearer(&harness, &json!({}));
    let mut of_the_console = rest_event(&good);
    of_the_console["multiValueHeaders"] = json!(null);
    for event in [rest_event(&good), of_the_console, http_event_v1(&good)] {
        assert_eq!(rest(&harness, event).await.unwrap(), policy("Allow", &context()));
    }
}

#[tokio::test]
async fn a_missing_or_bad_token_is_the_error_that_the_gateway_answers_with_401() {
    let harness = Harness::new();
    for authorization in [
        String::new(),
        "Basic YTpi".to_owned(),
        "Bearer".to_owned(),
        "Bearer x".to_owned(),
        bearer(&harness, &json!({"exp": 0})),
        bearer(&harness, &json!({"aud": "other"})),
        format!("{0},{0}", bearer(&harness, &json!({}))),
    ] {
        for verdict in [
            http(&harness, http_event(&authorization)).await,
            rest(&harness, rest_event(&authorization)).await,
            rest(&harness, http_event_v1(&authorization)).await,
        ] {
            assert_eq!(verdict.unwrap_err().to_string(), "Unauthorized", "{authorization}");
        }
    }
    let mut event = http_event("");
    event["headers"] = json!({});
    assert_eq!(http(&harness, event).await, Err(AuthorizerError::Unauthorized));
}

#[tokio::test]
async fn an_outage_is_another_error() {
    let harness = Harness::new();
    harness.script.go_down();
    let good = bearer(&harness, &json!({}));
    for verdict in [
        http(&harness, http_event(&good)).await,
        rest(&harness, rest_event(&good)).await,
        rest(&harness, http_event_v1(&good)).await,
    ] {
        let error = verdict.unwrap_err();
        assert_eq!(error, AuthorizerError::Unavailable);
        assert_ne!(error.to_string(), "Unauthorized");
    }
}

#[tokio::test]
async fn two_authorization_headers_are_refused_where_a_rest_api_lists_both() {
    // `headers` has the last value of each header only.
    let harness = Harness::new();
    let good = bearer(&harness, &json!({}));
    for values in [json!(["Bearer x", good]), json!([good, good])] {
        let mut event = rest_event(&good);
        event["multiValueHeaders"]["Authorization"] = values.clone();
        assert_eq!(rest(&harness, event).await, Err(AuthorizerError::Unauthorized), "{values}");
    }
}

#[tokio::test]
async fn a_malformed_method_arn_is_no_allow() {
    let harness = Harness::new();
    let good = bearer(&harness, &json!({}));
    for arn in [
        json!(null),
        json!(""),
        json!("*"),
        json!("///"),
        json!("*/*/*"),
        json!("a/b/c"),
        json!(STAGE_ARN),
        json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef123"),
        json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef123//GET/todos"),
        json!("arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET/todos"),
        json!("arn:aws:execute-api:eu-west-1:123456789012:abcdef123/*/GET/todos"),
        json!("arn:aws:execute-api:eu-west-1:123456789012:/prod/GET/todos"),
        json!("arn:aws:s3:eu-west-1:123456789012:abcdef123/prod/GET/todos"),
        json!("arn:aws:execute-api:abcdef123/prod/GET/todos"),
        json!("arn:aws:execute-api::123456789012:abcdef123/prod/GET/todos"),
        json!("arn:aws:execute-api:*:123456789012:abcdef123/prod/GET/todos"),
    ] {
        let mut event = rest_event(&good);
        event["methodArn"] = arn.clone();
        assert_eq!(rest(&harness, event).await, Err(AuthorizerError::Unavailable), "{arn}");
    }
}

#[tokio::test]
async fn partitions_and_the_default_stage_are_taken() {
    let harness = Harness::new();
    for arn in [
        "arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef123/prod",
        "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef123/prod",
        "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/$default",
    ] {
        let mut event = rest_event(&bearer(&harness, &json!({})));
        event["methodArn"] = json!(format!("{arn}/GET/todos/17:x"));
        let response = rest(&harness, event).await.unwrap();
        let statement = &response["policyDocument"]["Statement"][0];
        assert_eq!(statement["Resource"], json!([format!("{arn}/*")]));
    }
}

#[tokio::test]
async fn attack_one_role_is_not_two_in_the_context() {
    let harness = Harness::new();
    let changes = json!({"scp": null, "roles": ["ToDoList.Read.All", "x ToDoList.ReadWrite.All"]});
    let response = http(&harness, http_event(&bearer(&harness, &changes))).await.unwrap();
    let roles = response["context"]["roles"].as_str().unwrap();
    assert!(!roles.split(' ').any(|role| role == "ToDoList.ReadWrite.All"), "{roles}");
}

#[tokio::test]
async fn no_wildcard_policy_variable_or_partial_arn_gets_a_policy() {
    let harness = Harness::new();
    let good = bearer(&harness, &json!({}));
    for arn in [
        "arn:aws:execute-api:eu-west-1:123456789012:abc/${*}/GET/",
        "arn:aws:execute-api:eu-west-1:123456789012:abc/prod",
        "arn:aws:execute-api:eu-west-1:123456789012:/prod/GET/",
        "arn:aws:execute-api:eu-west-1:123456789012:abc//GET/",
        "arn:aws:execute-api:eu-west-1:123456789012:abc:x/prod/GET/",
        "ARN:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/",
        "arn:aws:execute-api:eu-west-1:123456789012:abc/${aws:x}/GET/",
    ] {
        let mut event = rest_event(&good);
        event["methodArn"] = json!(arn);
        assert_eq!(rest(&harness, event).await, Err(AuthorizerError::Unavailable), "{arn}");
    }
}

#[tokio::test]
async fn an_event_without_a_method_is_no_gateways() {
    let harness = Harness::new();
    let mut event = rest_event(&bearer(&harness, &json!({})));
    event["httpMethod"] = Value::Null;
    let event = serde_json::from_value(event).unwrap();
    let verdict = authorizer(&harness).rest_api(&event).await;
    assert_eq!(verdict.err(), Some(AuthorizerError::Unavailable));
}

#[test]
fn for_debugging_an_authorizer_shows_its_policy() {
    let shown = format!("{:?}", authorizer(&Harness::new()));
    assert!(shown.contains("LambdaAuthorizer") && shown.contains("ToDoList.Read.All"), "{shown}");
}
