//! Events as API Gateway sends them, and the answers to them.

use authorizer::{AuthorizerError, AuthorizerEvent, Config, State, authorize};
use local_aws::http_api::{HttpApiRequest, authorizer_event};
use serde_json::{Value, json};
use test_support::{Backend, Endpoint, ManualClock, MockResponse, ScriptedProvider};

const POLICIES: &str = "GET /health anonymous
    GET /api/orders scope=Orders.Read role=Orders.Read.All
    GET /api/orders/{id} scope=Orders.Read";

const METHOD_ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef/test/GET/api/orders";

async fn backend() -> Backend {
    let mut backend = Backend::start(ScriptedProvider::start(), ManualClock::default()).await;
    backend.set([("ROUTE_POLICIES", POLICIES)]);
    backend
}

async fn answer(backend: &Backend, event: &Value) -> Result<Value, AuthorizerError> {
    let config = Config::from_environment(&backend.environment).expect("valid settings");
    let state = State::start(config, &backend.environment, &backend.outbound).await;
    let state = state.expect("the settings of AWS");
    let event: AuthorizerEvent = serde_json::from_str(&event.to_string()).expect("an event");
    authorize(&state, event).await.map(|response| serde_json::to_value(response).expect("JSON"))
}

/// The event of an HTTP API with a route for this very path.
fn get(path: &str, headers: &[(&str, &str)]) -> Value {
    routed(&format!("GET {path}"), &[], path, headers)
}

fn routed(
    route_key: &str,
    path_parameters: &[(&str, &str)],
    path: &str,
    headers: &[(&str, &str)],
) -> Value {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
    let request = HttpApiRequest {
        route_key,
        method: "GET",
        path,
        query: "",
        protocol: "HTTP/1.1",
        headers: headers.collect(),
        body: None,
        path_parameters: path_parameters.iter().map(owned).collect(),
        source_ip: "192.0.2.1",
        domain_name: "todos.example.com",
        scheme: "https",
        port: 443,
        request_id: "JKJaXmPLvHcESHA=",
    };
    authorizer_event(request.into_event())
}

/// The event of a REST API (API Gateway Developer Guide, "Input to an API Gateway Lambda
/// authorizer").
fn rest_get(path: &str, multi_value_headers: &Value) -> Value {
    json!({
        "type": "REQUEST", "methodArn": METHOD_ARN, "resource": path, "path": path,
        "httpMethod": "GET",
        "headers": { "Authorization": "Bearer the-last-one-only" },
        "multiValueHeaders": multi_value_headers,
        "queryStringParameters": {}, "pathParameters": {}, "stageVariables": {},
        "requestContext": { "path": format!("/test{path}"), "stage": "test", "httpMethod": "GET" },
    })
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

const DENIED: Result<Value, AuthorizerError> = Ok(Value::Null);

/// An answer without what only an allowed caller gets.
fn verdict(answer: Result<Value, AuthorizerError>) -> Result<Value, AuthorizerError> {
    answer.map(|answer| {
        if answer == json!({ "isAuthorized": false, "context": {} }) { Value::Null } else { answer }
    })
}

#[tokio::test]
async fn a_user_is_allowed_with_a_context_of_strings() {
    let backend = backend().await;
    let token =
        backend.user_token("ada").claim("scp", "Orders.Read x").claim("azp", "app").signed();
    let event = get("/api/orders", &[("authorization", &bearer(&token))]);
    let expected = json!({
        "isAuthorized": true,
        "context": {
            "kind": "user", "issuer": backend.provider.issuer(), "sub": "ada-at-the-api",
            "owner": "ada", "client": "app", "scope": "Orders.Read x", "roles": "",
        },
    });
    assert_eq!(answer(&backend, &event).await, Ok(expected));
    // Of an authorizer with identity sources, which another template may have.
    let mut with_sources = event.clone();
    with_sources["identitySource"] = json!(["a", "b"]);
    assert_eq!(answer(&backend, &with_sources).await, answer(&backend, &event).await);
}

#[tokio::test]
async fn an_application_has_no_owner_and_a_role_with_a_space_is_left_out() {
    let backend = backend().await;
    let token = backend.user_token("daemon").without("scp").claim("idtyp", "app");
    let token = token.claim("roles", json!(["Orders.Read.All", "Orders Admin"])).signed();
    let event = get("/api/orders", &[("authorization", &bearer(&token))]);
    let context = answer(&backend, &event).await.unwrap()["context"].take();
    assert_eq!(context["kind"], "app");
    assert_eq!(context["roles"], "Orders.Read.All");
    assert_eq!(context.get("owner"), None);
}

#[tokio::test]
async fn a_route_that_no_policy_names_is_denied() {
    let backend = backend().await;
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders.Read").signed());
    for path in ["/api/other", "/api/orders/", "/api/ORDERS", "/api/orders/a%2fb", "/"] {
        let event = get(path, &[("authorization", &token)]);
        assert_eq!(verdict(answer(&backend, &event).await), DENIED, "{path}");
    }
}

#[tokio::test]
async fn an_anonymous_route_tells_only_that() {
    let backend = backend().await;
    let expected = json!({ "isAuthorized": true, "context": { "kind": "anonymous" } });
    assert_eq!(answer(&backend, &get("/health", &[])).await, Ok(expected));
}

#[tokio::test]
async fn without_a_valid_token_the_error_has_the_text_that_api_gateway_answers_with_401() {
    let backend = backend().await;
    let other = backend.user_token("ada").claim("aud", "other").signed();
    for headers in [
        vec![],
        vec![("authorization", bearer(&other))],
        vec![("authorization", "Bearer".to_owned())],
        vec![("authorization", "Basic YTpi".to_owned())],
        vec![("authorization", "Bearer \u{7f}".to_owned())],
        vec![("cookie", "__Host-session=of-nobody".to_owned()), ("x-csrf", "1".to_owned())],
    ] {
        let sent: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let found = answer(&backend, &get("/api/orders", &sent)).await;
        assert_eq!(found, Err(AuthorizerError::Unauthorized), "{headers:?}");
    }
    assert_eq!(AuthorizerError::Unauthorized.to_string(), "Unauthorized");
}

#[tokio::test]
async fn a_token_without_the_scope_is_denied() {
    let backend = backend().await;
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders").signed());
    let found = answer(&backend, &get("/api/orders", &[("authorization", &token)])).await;
    assert_eq!(verdict(found), DENIED);
}

#[tokio::test]
async fn a_session_needs_the_csrf_header_and_is_refused_at_once_when_it_has_ended() {
    let backend = backend().await;
    let token = backend.user_token("ada").claim("scp", "Orders.Read").signed();
    let cookie = backend.session_with(&token).await;
    let without = get("/api/orders", &[("cookie", &cookie)]);
    assert_eq!(verdict(answer(&backend, &without).await), DENIED);
    let cross_site = [("cookie", &*cookie), ("x-csrf", "1"), ("origin", "https://other.example")];
    assert_eq!(verdict(answer(&backend, &get("/api/orders", &cross_site)).await), DENIED);

    let with = get("/api/orders", &[("cookie", &cookie), ("x-csrf", "1")]);
    let context = answer(&backend, &with).await.unwrap()["context"].take();
    assert_eq!(context["owner"], "ada");

    for mut row in backend.rows("SessionsTable").await {
        let delete = backend.dynamodb.delete_item().table_name("SessionsTable");
        delete.key("id", row.remove("id").unwrap()).send().await.unwrap();
    }
    assert_eq!(answer(&backend, &with).await, Err(AuthorizerError::Unauthorized));
}

#[tokio::test]
async fn the_access_token_is_passed_on_only_if_that_is_set() {
    let mut backend = backend().await;
    let token = backend.user_token("ada").claim("scp", "Orders.Read").signed();
    let cookie = backend.session_with(&token).await;
    let event = get("/api/orders", &[("cookie", &cookie), ("x-csrf", "1")]);
    assert_eq!(answer(&backend, &event).await.unwrap()["context"].get("access_token"), None);
    backend.set([("AUTHORIZER_PASS_ACCESS_TOKEN", "true")]);
    assert_eq!(answer(&backend, &event).await.unwrap()["context"]["access_token"], *token);
    let anonymous = get("/health", &[("authorization", "Bearer of-anyone")]);
    let context = answer(&backend, &anonymous).await.unwrap()["context"].take();
    assert_eq!(context, json!({ "kind": "anonymous" }), "a token that was not verified");
}

/// API Gateway chooses a route by the path as it was sent, and tells the decoded one.
#[tokio::test]
async fn a_path_that_is_judged_as_another_route_than_the_one_chosen_is_denied() {
    let mut backend = backend().await;
    let policies = "GET /api/admin/{action} role=Admin GET /api/{path+} anonymous";
    backend.set([("ROUTE_POLICIES", policies)]);
    let chosen = routed("GET /api/{path+}", &[("path", "a/b")], "/api/a/b", &[]);
    assert_eq!(answer(&backend, &chosen).await.unwrap()["isAuthorized"], true);
    for (route_key, name, sent, path) in [
        ("GET /api/admin/{action}", "action", "delete%2F1", "/api/admin/delete/1"),
        ("ANY /api/{section}/{id}/items", "id", "7%3F", "/api/orders/7"),
    ] {
        let event = routed(route_key, &[("section", "orders"), (name, sent)], path, &[]);
        assert_eq!(verdict(answer(&backend, &event).await), DENIED, "{route_key} {path}");
    }
    // Judged as /api/public/admin, which is what `serve` makes of it.
    let event = routed("$default", &[], "//api/public/admin", &[]);
    assert_eq!(verdict(answer(&backend, &event).await), DENIED);
    let mut rest = rest_get("/api/admin/delete/1", &json!({}));
    rest["resource"] = json!("/api/admin/{action}");
    rest["pathParameters"] = json!({ "action": "delete/1" });
    let policy = answer(&backend, &rest).await.unwrap();
    assert_eq!(policy["policyDocument"]["Statement"][0]["Effect"], "Deny");
}

#[tokio::test]
async fn without_keys_the_error_is_another_one_and_no_one_is_allowed() {
    let backend = backend().await;
    backend.provider.always(Endpoint::Keys, MockResponse::status(503));
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders.Read").signed());
    let found = answer(&backend, &get("/api/orders", &[("authorization", &token)])).await;
    assert_eq!(found, Err(AuthorizerError::Unavailable));
}

#[tokio::test]
async fn a_policy_is_for_the_one_method_and_path() {
    let backend = backend().await;
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders.Read").signed());
    let headers = json!({ "Authorization": [token], "Accept": ["a", "b"] });
    let found = answer(&backend, &rest_get("/api/orders", &headers)).await.unwrap();
    let statement = json!([
        { "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": METHOD_ARN },
    ]);
    assert_eq!(found["policyDocument"]["Statement"], statement);
    assert_eq!(found["principalId"], "ada-at-the-api");
    assert_eq!(found["context"]["owner"], "ada");

    let found = answer(&backend, &rest_get("/api/other", &headers)).await.unwrap();
    assert_eq!(found["policyDocument"]["Statement"][0]["Effect"], "Deny");
    assert_eq!(found["context"], json!({}));
}

#[tokio::test]
async fn no_policy_allows_a_pattern_that_the_caller_wrote() {
    let backend = backend().await;
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders.Read").signed());
    for id in ["*", "?", "${aws:userid}"] {
        let path = format!("/api/orders/{id}");
        let mut event = rest_get(&path, &json!({ "Authorization": [token] }));
        event["methodArn"] = METHOD_ARN.replace("/api/orders", &path).into();
        let found = answer(&backend, &event).await.unwrap();
        assert_eq!(found["policyDocument"]["Statement"][0]["Effect"], "Deny", "{id}");
    }
}

#[tokio::test]
async fn a_second_authorization_header_is_seen() {
    let backend = backend().await;
    let token = bearer(&backend.user_token("ada").claim("scp", "Orders.Read").signed());
    let twice = json!({ "Authorization": ["Basic YTpi", token] });
    let found = answer(&backend, &rest_get("/api/orders", &twice)).await;
    assert_eq!(found, Err(AuthorizerError::Unauthorized));
    let twice = get("/api/orders", &[("authorization", "Basic YTpi"), ("authorization", &token)]);
    assert_eq!(answer(&backend, &twice).await, Err(AuthorizerError::Unauthorized));
}

#[test]
fn an_event_of_another_service_is_no_event() {
    for event in [
        json!({}),
        json!([]),
        json!({ "version": "2.0" }),
        json!({ "type": "TOKEN", "methodArn": METHOD_ARN, "authorizationToken": "a" }),
    ] {
        assert!(serde_json::from_str::<AuthorizerEvent>(&event.to_string()).is_err(), "{event}");
    }
}
