use axum::routing::{any, get};
use http::request::Builder;
use local_aws::{EXAMPLES, LocalDynamoDb, Template};
use outbound::Outbound;
use settings::Environment;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::*;
use crate::{node, shutdown::Shutdown, variables::Variables};

const APP: &str = "https://app.example.com";

async fn panicking() -> &'static str {
    panic!("as a test")
}

/// Sends back what the function gets.
async fn echo(parts: Parts, body: Bytes) -> Response {
    let headers = parts.headers.iter().map(|(name, value)| format!("{name}: {}", text(value)));
    let mut lines = vec![parts.method.to_string(), parts.uri.to_string()];
    lines.extend(headers);
    lines.push(format!("{body:?}"));
    let mut response = lines.join("\n").into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    for cookie in ["a=b; Secure", "c=d"] {
        headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn gateway(routes: Vec<Route>) -> Router {
    let function = |name: &'static str| {
        (name.to_owned(), Router::new().fallback(any(move || async move { name })))
    };
    let mut functions: HashMap<_, _> = ["signin", "callback", "web"].map(function).into();
    let todos = Router::new()
        .route("/api/openapi.json", get(panicking))
        .route("/api/todos", get("x".repeat(MAX_EVENT_BYTES)))
        .fallback(any(echo));
    functions.insert("todos".to_owned(), todos);
    let url = "http://localhost:3000".parse().unwrap();
    let cors = [("CorsOrigins".to_owned(), APP.to_owned())].into();
    let cors = Template::project().cors(&cors);
    let functions = Functions { routers: functions, ..Functions::default() };
    Gateway::new(routes, functions, cors, url, RequestLog::silent()).router()
}

fn request(method: Method, uri: &str) -> Builder {
    http::Request::builder().method(method).uri(uri).header(header::HOST, "localhost:3000")
}

async fn send(request: Builder, body: impl Into<Body>) -> (StatusCode, http::HeaderMap, String) {
    let gateway = gateway(Template::project().routes().unwrap());
    let response = gateway.oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

async fn check(method: Method, uri: &str, status: StatusCode, body: &str) {
    let (found, headers, text) = send(request(method, uri), Body::empty()).await;
    assert_eq!((found, &*text), (status, body), "{uri}");
    assert_eq!(headers["apigw-requestid"].len(), 16, "{uri}");
}

#[tokio::test]
async fn a_request_goes_to_the_function_of_its_route() {
    check(Method::GET, "/", StatusCode::OK, "web").await;
    check(Method::GET, "/signin?return_to=%2F", StatusCode::OK, "signin").await;
    check(Method::DELETE, "/signin", StatusCode::OK, "signin").await;
    check(Method::GET, "/callback?code=c", StatusCode::OK, "callback").await;
    check(Method::POST, "/signout", StatusCode::OK, "web").await;
    // The route $default.
    check(Method::GET, "/nothing", StatusCode::OK, "web").await;
    check(Method::GET, "/signin/", StatusCode::OK, "web").await;
}

#[tokio::test]
async fn without_a_default_route_the_http_api_itself_says_not_found() {
    let mut routes = Template::project().routes().unwrap();
    routes.retain(|route| route.key() != "$default");
    let request = request(Method::GET, "/nothing").body(Body::empty()).unwrap();
    let response = gateway(routes).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
    assert_eq!(body, r#"{"message":"Not Found"}"#);
}

#[tokio::test]
async fn a_panic_is_one_failed_request() {
    let body = r#"{"message":"Internal Server Error"}"#;
    check(Method::GET, "/api/openapi.json", StatusCode::INTERNAL_SERVER_ERROR, body).await;
}

#[tokio::test]
async fn a_request_and_a_response_pass_through_as_an_event_and_its_result() {
    let sent = request(Method::POST, "/api/todos/a%20b?x=%20&y")
        .header("cookie", "a=b; c=d")
        .header("x-a", "1")
        .header("x-a", "2")
        .header("connection", "keep-alive")
        .header("x-forwarded-for", "203.0.113.9")
        .header("content-type", "application/octet-stream");
    let (status, headers, body) = send(sent, &b"\xff\0"[..]).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let lines: Vec<_> = body.lines().collect();
    assert_eq!(lines[0], "POST");
    assert!(lines[1].ends_with("/api/todos/a%20b?x=%20&y"), "{body}");
    for line in ["cookie: a=b; c=d", "x-a: 1,2", "content-length: 2", r#"b"\xff\0""#] {
        assert!(lines.contains(&line), "{line}: {body}");
    }
    assert!(!body.contains("connection:"), "{body}");
    assert!(body.contains("x-forwarded-for: 203.0.113.9, "), "{body}");
    let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=b; Secure", "c=d"]);
    assert!(!headers.contains_key(header::CONNECTION));
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_the_function_sees_it() {
    let long = "a".repeat(MAX_HEAD_BYTES - 200);
    let fits = request(Method::GET, "/api/todos/1").header("x-long", &long);
    assert_eq!(send(fits, Body::empty()).await.0, StatusCode::OK);
    for sent in [
        request(Method::GET, "/api/todos/1").header("x-long", &*format!("{long}{long}")),
        request(Method::GET, &format!("/api/todos/1?{long}")).header("x-more", "a".repeat(200)),
    ] {
        let (status, _, body) = send(sent, Body::empty()).await;
        assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        assert_eq!(body, r#"{"message":"Request Header Fields Too Large"}"#);
    }
    for size in [MAX_BODY_BYTES + 1, MAX_EVENT_BYTES] {
        let (status, _, body) = send(request(Method::PUT, "/api/todos/1"), vec![b'a'; size]).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(body, r#"{"message":"Request Entity Too Large"}"#);
    }
}

#[tokio::test]
async fn a_response_that_lambda_would_not_take_is_a_500() {
    let body = r#"{"message":"Internal Server Error"}"#;
    check(Method::GET, "/api/todos", StatusCode::INTERNAL_SERVER_ERROR, body).await;
}

#[test]
fn the_code_of_an_error_is_for_the_log_and_not_for_the_client() {
    let code = |status: u16, body: &str| {
        let response = serde_json::json!({"statusCode": status, "body": body});
        let response = response_of(&response).unwrap();
        assert!(response.headers().is_empty());
        response.extensions().get().map(|ErrorCode(code)| code.clone())
    };
    let page = |code| format!(r#"<p>Code: <code data-test="error-code">{code}</code></p>"#);
    let problem = r#"{"status":401,"code":"invalid_token"}"#;
    assert_eq!(code(401, problem).as_deref(), Some("invalid_token"));
    assert_eq!(code(400, &page("bad_state")).as_deref(), Some("bad_state"));
    for body in ["", "{}", "[1]", r#"{"code":"\u001b[2J"}"#, &page("a b"), "<p>code</p>"] {
        assert_eq!(code(500, body), None, "{body}");
    }
    assert_eq!(code(200, problem), None);
}

#[tokio::test]
async fn cors_headers_are_the_gateway_s_alone() {
    let cors = |headers: &http::HeaderMap| {
        headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).map(|it| it.to_str().unwrap().to_owned())
    };
    let preflight = request(Method::OPTIONS, "/api/todos/1")
        .header("origin", APP)
        .header("access-control-request-method", "PATCH");
    let (_, headers, body) = send(preflight, Body::empty()).await;
    assert!(body.starts_with("OPTIONS\n"), "the function gets it: {body}");
    assert_eq!(cors(&headers).as_deref(), Some(APP));
    let read = request(Method::GET, "/api/todos/1").header("origin", APP);
    assert_eq!(cors(&send(read, Body::empty()).await.1).as_deref(), Some(APP));
    for origin in ["https://evil.example", "null"] {
        let read = request(Method::GET, "/api/todos/1").header("origin", origin);
        assert_eq!(cors(&send(read, Body::empty()).await.1), None, "{origin}");
    }
}

#[tokio::test]
async fn a_browser_at_the_numeric_address_is_sent_to_localhost() {
    let request = |host: &str, mode: &str| {
        http::Request::get("/signin?return_to=%2Fx")
            .header(header::HOST, host)
            .header("sec-fetch-mode", mode)
            .body(Body::empty())
            .unwrap()
    };
    let gateway = || gateway(Template::project().routes().unwrap());
    let response = gateway().oneshot(request("127.0.0.1:3000", "navigate")).await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    let location = &response.headers()[header::LOCATION];
    assert_eq!(location, "http://localhost:3000/signin?return_to=%2Fx");
    for (host, mode) in [("localhost:3000", "navigate"), ("127.0.0.1:3000", "cors")] {
        let response = gateway().oneshot(request(host, mode)).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
}

/// Every field that API Gateway documents, as this gateway fills it.
#[test]
fn an_event_says_where_the_request_comes_from() {
    let url = "http://localhost:3000".parse().unwrap();
    let routes = Template::project().routes().unwrap();
    let gateway = Gateway::new(routes, Functions::default(), None, url, RequestLog::silent());
    let sent = request(Method::GET, "/api/todos/a%2Fb?x=%20").header("user-agent", "curl");
    let (mut parts, ()) = sent.body(()).unwrap().into_parts();
    parts.extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5))));
    let route = gateway.routes.iter().find(|it| it.key() == "ANY /api/todos/{id}").unwrap();
    let parameters = vec![("id".to_owned(), "a%2Fb".to_owned())];
    let event = gateway.event(&parts, &Bytes::new(), route, parameters, "id=");
    assert_eq!(event["routeKey"], "ANY /api/todos/{id}");
    assert_eq!(event["rawPath"], "/api/todos/a/b");
    assert_eq!(event["rawQueryString"], "x=%20");
    assert_eq!(event["pathParameters"]["id"], "a/b");
    let context = &event["requestContext"];
    assert_eq!(context["domainName"], "localhost");
    assert_eq!(context["requestId"], "id=");
    assert_eq!(context["http"]["method"], "GET");
    assert_eq!(context["http"]["protocol"], "HTTP/1.1");
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["userAgent"], "curl");
    assert_eq!(event["headers"]["x-forwarded-port"], "3000");
    assert_eq!(event["isBase64Encoded"], false);
}

/// A gateway with the example for Node.js behind the authorizer, whose provider cannot be reached.
async fn gateway_with_node(policies: &str) -> (Router, impl Sized) {
    let store = LocalDynamoDb::in_memory().await.unwrap();
    let settings = store.environment().into_iter().chain(
        [
            ("OIDC_ISSUER", "http://localhost:9"),
            ("API_AUDIENCE", "api"),
            ("ROUTE_POLICIES", policies),
            ("PUBLIC_URL", "http://localhost:3000"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let settings = Environment::of(settings);
    let outbound = Outbound::from_environment(&settings).unwrap();
    let config = authorizer::Config::from_environment(&settings).unwrap();
    let authorizer = authorizer::State::start(config, &settings, &outbound).await.unwrap();

    let template = include_str!("../../../../template.yaml");
    let template =
        local_aws::with_examples(template, |name| Some(format!("{EXAMPLES}/{name}"))).unwrap();
    let template = Template::parse(&template).unwrap();
    let variables = Variables::new(&template, settings).unwrap();
    let (stop, shutdown) = Shutdown::by_hand();
    let mut tasks = JoinSet::new();
    let processes = node::start(&template, &variables, &shutdown, &mut tasks).await.unwrap();
    let functions = Functions { processes, authorizer: Some(authorizer), ..Functions::default() };
    let (routes, url) = (template.routes().unwrap(), "http://localhost:3000".parse().unwrap());
    let gateway = Gateway::new(routes, functions, None, url, RequestLog::silent());
    (gateway.router(), (store, stop, tasks))
}

/// As API Gateway answers (developer guide, "Control access to HTTP APIs with AWS Lambda
/// authorizers"): nothing of what the function says reaches the client.
#[tokio::test]
async fn a_refusal_of_the_authorizer_is_the_gateway_s_own_answer() {
    let (gateway, _running) = gateway_with_node("GET /api/orders-node scope=Orders.Read").await;
    // Its claims are good, and no key can be had.
    let claims = "eyJpc3MiOiAiaHR0cDovL2xvY2FsaG9zdDo5IiwiYXVkIjoiYXBpIiwic3ViIjoiYSIsImF6cCI6InciLCJzY3AiOiJPcmRlcnMuUmVhZCIsImV4cCI6NDEwMjQ0NDgwMCwiaWF0IjoxLCJuYmYiOjF9";
    let unverifiable =
        format!("Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.{claims}.{}", "A".repeat(342));
    for (method, authorization, status, message) in [
        (Method::GET, None, 401, "Unauthorized"),
        (Method::GET, Some("Bearer"), 401, "Unauthorized"),
        (Method::GET, Some(&*unverifiable), 500, "Internal Server Error"),
        // No policy names it.
        (Method::POST, Some(&*unverifiable), 403, "Forbidden"),
    ] {
        let request = request(method, "/api/orders-node");
        let request =
            authorization.into_iter().fold(request, |it, text| it.header("authorization", text));
        let response = gateway.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{authorization:?}");
        assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE));
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, json!({ "message": message }).to_string());
    }
}

#[tokio::test]
async fn a_function_in_node_js_gets_the_authorizer_s_context() {
    let (gateway, _running) = gateway_with_node("GET /api/orders-node anonymous").await;
    let request = request(Method::GET, "/api/orders-node").body(Body::empty()).unwrap();
    let response = gateway.oneshot(request).await.unwrap();
    // The example's own answer to a caller without a name.
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["code"], "not_authorized");
}
