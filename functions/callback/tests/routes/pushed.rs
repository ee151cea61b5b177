//! `GET /signin/pushed`: authorization requests that are pushed (RFC 9126).

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use test_support::{CLIENT_ID, Endpoint, MockResponse};
use url::Url;

use crate::harness::{Browser, Callback, ORIGIN, TestResponse, parameter};

const REQUIRED: &str = "require_pushed_authorization_requests";
const ENDPOINT: &str = "pushed_authorization_request_endpoint";

async fn callback() -> Callback {
    let callback = Callback::new().await;
    callback.announce(REQUIRED, true);
    callback
}

/// The path that `signin` sends the browser to, and its transaction in the browser.
fn path(callback: &Callback, browser: &mut Browser, wishes: &str) -> String {
    let state = parameter(&callback.begin(browser), "state");
    format!("/signin/pushed?state={state}{wishes}")
}

async fn push(callback: &Callback, browser: &mut Browser, wishes: &str) -> TestResponse {
    let path = path(callback, browser, wishes);
    callback.get(browser, &path).await
}

fn pushed(callback: &Callback) -> usize {
    callback.provider.received(Endpoint::PushedAuthorization).len()
}

fn location(answer: &TestResponse) -> Url {
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    Url::parse(answer.header("location").unwrap()).unwrap()
}

#[tokio::test]
async fn a_pushed_sign_in_comes_back_like_any_other() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let values = auth::AcrValues::parse("gold").unwrap();
    let max_age = Some(Duration::from_mins(5));
    let transaction = callback.transaction("/#sessions", max_age).with_acr_values(Some(values));
    let state = parameter(&callback.leave(&mut browser, &transaction), "state");
    let wishes = "prompt=login&login_hint=ada%40example.com&ui_locales=de+en";
    let path = format!("/signin/pushed?state={state}&{wishes}");
    let to_provider = location(&callback.get(&mut browser, &path).await);

    let names: Vec<String> = to_provider.query_pairs().map(|(name, _)| name.into()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "nothing else goes through the browser");
    assert_eq!(parameter(to_provider.as_str(), "client_id"), CLIENT_ID);
    let [request] = &callback.provider.received(Endpoint::PushedAuthorization)[..] else {
        panic!("one")
    };
    let form = request.form();
    assert_eq!(form["state"], state);
    assert_eq!(form["redirect_uri"], format!("{ORIGIN}/callback"));
    assert_eq!(form["code_challenge_method"], "S256");
    assert_eq!(form["scope"].split(' ').next(), Some("openid"));
    assert_eq!(form["prompt"], "login");
    assert_eq!(form["login_hint"], "ada@example.com");
    assert_eq!(form["ui_locales"], "de en");
    assert_eq!(form["max_age"], "300");
    assert_eq!(form["acr_values"], "gold");
    assert!(request.header("authorization").unwrap().starts_with("Basic "));

    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let claims = json!({ "auth_time": now, "acr": "gold" });
    let back = callback.provider.sign_in_with(to_provider.as_str(), &claims);
    callback.come_back(&mut browser, &back).await.assert_goes_to("/#sessions");
    assert!(callback.session(&browser).await.is_some());
}

#[tokio::test]
async fn only_the_browser_that_began_can_push() {
    let callback = callback().await;
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    let begun = path(&callback, &mut attacker, "");
    callback.begin(&mut victim);
    callback.get(&mut victim, &begun).await.assert_is_page(400, "state_unknown");
    for (query, code) in [
        (String::new(), "state_missing"),
        ("state=".to_owned(), "state_missing"),
        ("state=x".to_owned(), "state_missing"),
        (format!("state={}", "A".repeat(43)), "state_unknown"),
    ] {
        let answer = callback.get(&mut victim, &format!("/signin/pushed?{query}")).await;
        answer.assert_is_page(400, code);
    }
    callback.wait(15 * 60);
    callback.get(&mut attacker, &begun).await.assert_is_page(400, "state_expired");
    assert_eq!(pushed(&callback), 0);
}

#[tokio::test]
async fn the_configured_parameters_are_pushed_too() {
    let callback = Callback::with([
        ("OIDC_BASE_SCOPES", "openid profile"),
        ("OIDC_AUTHORIZATION_PARAMS", "audience=https://api.example/a%26b&prompt=consent"),
        ("OIDC_STEP_UP", "acrs"),
    ]);
    let (callback, mut browser) = (callback.await, Browser::default());
    callback.announce(REQUIRED, true);
    let values = auth::AcrValues::parse("c1").unwrap();
    let transaction = callback.transaction("/", None).with_acr_values(Some(values));
    let state = parameter(&callback.leave(&mut browser, &transaction), "state");
    location(&callback.get(&mut browser, &format!("/signin/pushed?state={state}")).await);
    location(&push(&callback, &mut browser, "&prompt=login").await);
    let forms = callback.provider.received(Endpoint::PushedAuthorization);
    let [strong, again] = [&forms[0], &forms[1]].map(test_support::Received::form);
    assert_eq!(strong["audience"], "https://api.example/a&b");
    assert_eq!((&*strong["prompt"], &*again["prompt"]), ("consent", "login"));
    assert!(strong["scope"].starts_with("openid profile api://"), "{}", strong["scope"]);
    assert_eq!(strong["claims"], r#"{"id_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
    assert!(!strong.contains_key("acr_values") && !again.contains_key("claims"));
}

#[tokio::test]
async fn a_request_uri_is_never_taken_from_the_browser() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let own = "&request_uri=urn:eve&client_id=eve&redirect_uri=https://evil.example&scope=admin\
               &nonce=eve&max_age=9&acr_values=x&request=x";
    let to_provider = location(&push(&callback, &mut browser, own).await);
    assert!(!to_provider.as_str().contains("eve"), "{to_provider}");
    let form = callback.provider.received(Endpoint::PushedAuthorization)[0].form();
    for (name, value) in &form {
        let theirs = ["eve", "urn:eve", "https://evil.example", "admin", "x", "9"];
        assert!(!theirs.contains(&value.as_str()), "{name} is {value}");
    }
    for absent in ["request", "request_uri", "max_age", "acr_values"] {
        assert!(!form.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn wishes_are_judged_again() {
    let callback = callback().await;
    for wishes in [
        "&prompt=whatever",
        "&prompt=none+login",
        "&prompt=login&prompt=login",
        "&state=x",
        "&login_hint=a%0d%0ab",
        "&ui_locales=de,en",
    ] {
        let answer = push(&callback, &mut Browser::default(), wishes).await;
        answer.assert_is_page(400, "invalid_parameter");
    }
    assert_eq!(pushed(&callback), 0);
    location(&push(&callback, &mut Browser::default(), "&prompt=&x=1&x=2").await);
}

#[tokio::test]
async fn a_prefetch_pushes_nothing() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let path = path(&callback, &mut browser, "");
    let mut request = browser.request(&path);
    request.headers_mut().insert("sec-purpose", "prefetch".parse().unwrap());
    let answer = callback.send(request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.set_cookies().is_empty());
    assert_eq!(pushed(&callback), 0);
}

#[tokio::test]
async fn other_methods_push_nothing() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let path = path(&callback, &mut browser, "");
    for method in [Method::HEAD, Method::POST, Method::PUT] {
        let mut request = browser.request(&path);
        *request.method_mut() = method;
        let answer = callback.send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), Some("GET"));
    }
    assert_eq!(pushed(&callback), 0);
}

/// Fails unless a push ends with this page when the endpoint answers so, and the same address
/// works afterwards.
async fn endpoint(scripted: MockResponse, status: u16, code: &str) {
    let (callback, mut browser) = (callback().await, Browser::default());
    callback.provider.always(Endpoint::PushedAuthorization, scripted);
    let path = path(&callback, &mut browser, "");
    let answer = callback.get(&mut browser, &path).await;
    answer.assert_is_page(status, code);
    assert!(answer.body.contains("href=\"/signin?return_to=%2Ftodos%3Ffilter%3Dopen\""));
    callback.provider.behave(Endpoint::PushedAuthorization);
    location(&callback.get(&mut browser, &path).await);
}

#[tokio::test]
async fn every_failure_of_a_push_is_a_page_with_a_code_and_a_way_on() {
    endpoint(MockResponse::error("invalid_request"), 400, "request_refused").await;
    endpoint(MockResponse::error("invalid_scope"), 400, "request_refused").await;
    endpoint(MockResponse::error("invalid_client").with_status(401), 502, "client_refused").await;
    endpoint(MockResponse::error("unauthorized_client"), 502, "client_refused").await;
    endpoint(MockResponse::error("temporarily_unavailable"), 503, "provider_unavailable").await;
    for status in [429, 500, 503] {
        endpoint(MockResponse::status(status), 503, "provider_unavailable").await;
    }
    endpoint(MockResponse::hang_up(), 503, "provider_unavailable").await;
    endpoint(MockResponse::text("<html>"), 502, "provider_malformed").await;
    endpoint(MockResponse::json(&json!({ "request_uri": 7 })), 502, "provider_malformed").await;
    endpoint(MockResponse::status(302).header("location", "/x"), 502, "provider_malformed").await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_503_page_and_the_same_address_works_afterwards() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let path = path(&callback, &mut browser, "");
    callback.provider.stop().await;
    callback.get(&mut browser, &path).await.assert_is_page(503, "provider_unavailable");
    callback.provider.resume().await;
    callback.wait(60);
    location(&callback.get(&mut browser, &path).await);
}

#[tokio::test]
async fn a_provider_that_requires_what_it_has_no_safe_endpoint_for_is_a_502_page() {
    for endpoint in [Value::Null, json!("http://login.example/par")] {
        let (callback, mut browser) = (Callback::new().await, Browser::default());
        let mut metadata = callback.provider.metadata();
        metadata[REQUIRED] = json!(true);
        metadata[ENDPOINT] = endpoint;
        callback.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
        push(&callback, &mut browser, "").await.assert_is_page(502, "provider_malformed");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_require_it_gets_the_request_through_the_browser() {
    let (callback, mut browser) = (Callback::new().await, Browser::default());
    let to_provider = location(&push(&callback, &mut browser, "&prompt=login").await);
    assert_eq!(parameter(to_provider.as_str(), "prompt"), "login");
    assert_eq!(pushed(&callback), 0);
    let back = callback.provider.sign_in(to_provider.as_str());
    callback.come_back(&mut browser, &back).await.assert_goes_to("/todos?filter=open");
}

#[tokio::test]
async fn failed_pushes_count_as_failed_rounds() {
    let (callback, mut browser) = (callback().await, Browser::default());
    let refusal = MockResponse::error("invalid_request");
    callback.provider.always(Endpoint::PushedAuthorization, refusal);
    for round in 1..=3 {
        let answer = push(&callback, &mut browser, "").await;
        assert_eq!(answer.offers_to_try_again(), round < 3, "round {round}");
    }
}

#[tokio::test]
async fn a_request_is_pushed_on_demand_to_a_provider_that_only_supports_it() {
    let callback = Callback::with([("OIDC_PUSHED_AUTHORIZATION", "supported")]).await;
    let mut browser = Browser::default();
    let to_provider = location(&push(&callback, &mut browser, "").await);
    assert!(to_provider.query_pairs().any(|(name, _)| name == "request_uri"), "{to_provider}");
    assert_eq!(pushed(&callback), 1);
}
