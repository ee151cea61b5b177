//! `GET /signin`

use std::{collections::BTreeSet, time::Duration};

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use serde_json::{Value, json};
use session::{OAuthState, SignInTransaction};
use test_support::{Browser, Endpoint, MockResponse, cookie_pair};

use crate::harness::{ORIGIN, Signin, TestResponse, noon, query};

/// The transaction that the browser would bring back with this answer's cookie.
pub(crate) fn transaction(answer: &TestResponse) -> SignInTransaction {
    let cookie = answer.set_cookies().last().unwrap().split(';').next().unwrap().to_owned();
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookie).unwrap())]);
    SignInTransaction::find(&headers, &OAuthState::parse(&query(answer)["state"]).unwrap(), noon())
        .unwrap()
}

#[tokio::test]
async fn the_browser_is_sent_to_the_authorization_endpoint() {
    let signin = Signin::new();
    let answer = signin.get("/signin").await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let location = answer.location();
    let endpoint = format!("{}/authorize", signin.provider.issuer());
    assert_eq!(location.as_str().split('?').next(), Some(endpoint.as_str()));
    let query = query(&answer);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["response_mode"], "query");
    assert_eq!(query["client_id"], test_support::CLIENT_ID);
    assert_eq!(query["redirect_uri"], format!("{ORIGIN}/callback"));
    assert_eq!(query["code_challenge_method"], "S256");
}

#[tokio::test]
async fn the_api_scopes_are_asked_for_at_once() {
    let query = query(&Signin::new().get("/signin").await);
    assert_eq!(
        query["scope"],
        "openid profile offline_access api://todos/ToDoList.Read api://todos/ToDoList.ReadWrite"
    );
}

#[tokio::test]
async fn a_profile_changes_scopes_and_parameters_and_a_request_s_own_prompt_wins() {
    let signin = Signin::with([("OIDC_PROVIDER", "google"), ("OIDC_SCOPES", "")]);
    let first = query(&signin.get("/signin").await);
    assert_eq!(first["scope"], "openid profile email");
    assert_eq!((&*first["access_type"], &*first["prompt"]), ("offline", "consent"));
    let answer = signin.get("/signin?prompt=none").await;
    let prompts: Vec<_> = answer.location().query_pairs().into_owned().collect();
    let prompts: Vec<_> = prompts.iter().filter(|(name, _)| name == "prompt").collect();
    assert_eq!(prompts, [&("prompt".to_owned(), "none".to_owned())]);
    assert_eq!(query(&answer)["access_type"], "offline");
}

#[tokio::test]
async fn an_authentication_context_is_requested_by_claims() {
    let signin = Signin::with([("OIDC_STEP_UP", "acrs")]);
    let answer = signin.get("/signin?acr_values=c1").await;
    let request = query(&answer);
    assert_eq!(request["claims"], r#"{"id_token":{"acrs":{"essential":true,"value":"c1"}}}"#);
    assert!(!request.contains_key("acr_values"));
    assert_eq!(transaction(&answer).acr_values().unwrap().as_str(), "c1");
    let several = query(&signin.get("/signin?acr_values=c1+c2").await);
    let values = r#"{"id_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}"#;
    assert_eq!(several["claims"], values);
    assert!(!query(&signin.get("/signin").await).contains_key("claims"));
}

#[tokio::test]
async fn a_step_up_that_the_provider_cannot_answer_is_a_page_that_says_so() {
    let signin = Signin::with([("OIDC_STEP_UP", "none")]);
    let answer = signin.get("/signin?acr_values=gold").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("step_up_unsupported"), "{}", answer.body);
    assert!(answer.set_cookies().is_empty());
    let form = Request::post("/signin").header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(Body::from(format!("acr_values=gold&iss={}", signin.provider.issuer())));
    let answer = signin.send(form.unwrap()).await;
    assert!(answer.body.contains("step_up_unsupported"), "{}", answer.body);
    assert_eq!(signin.get("/signin?acr_values=").await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn the_transaction_rides_in_its_own_cookie_named_after_the_state() {
    let answer = Signin::new().get("/signin?return_to=/todos&max_age=60").await;
    let query = query(&answer);
    let [cookie] = answer.set_cookies()[..] else { panic!("one cookie") };
    assert!(cookie.starts_with(&format!("__Host-signin-{}=", &query["state"][..16])), "{cookie}");
    assert!(cookie.contains("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
    let transaction = transaction(&answer);
    assert_eq!(transaction.nonce(), query["nonce"]);
    assert_eq!(transaction.return_to().as_str(), "/todos");
    assert_eq!(transaction.max_age(), Some(Duration::from_mins(1)));
}

#[tokio::test]
async fn every_transaction_has_its_own_state_nonce_and_challenge() {
    let signin = Signin::new();
    let first = query(&signin.get("/signin").await);
    let second = query(&signin.get("/signin").await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(first[name], second[name], "{name}");
        assert_eq!(first[name].len(), 43, "{name}");
    }
    assert_ne!(first["state"], first["nonce"]);
}

#[tokio::test]
async fn the_verifier_is_not_in_the_redirect() {
    let answer = Signin::new().get("/signin").await;
    let verifier = transaction(&answer).verifier().to_owned();
    assert!(!answer.location().as_str().contains(&verifier));
}

#[tokio::test]
async fn a_redirect_is_never_stored() {
    let answer = Signin::new().get("/signin").await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn at_most_eight_transactions_are_kept_and_the_oldest_is_cleared() {
    let signin = Signin::new();
    let transactions: Vec<SignInTransaction> = (0..8)
        .map(|minute| {
            let started = noon() - Duration::from_mins(8) + Duration::from_mins(minute);
            SignInTransaction::begin(
                &session::SystemRandom,
                started,
                session::ReturnTo::home(),
                None,
            )
        })
        .collect();
    let pairs: Vec<String> = transactions.iter().map(|it| cookie_pair(&it.set_cookie())).collect();
    let request = Request::get("/signin").header(header::COOKIE, pairs.join("; "));
    let answer = signin.send(request.body(Body::empty()).unwrap()).await;
    let cookies = answer.set_cookies();
    let oldest = SignInTransaction::clear_cookie(transactions[0].state());
    assert_eq!(cookies.len(), 2);
    assert_eq!(cookies[0], oldest.to_str().unwrap());
}

/// Links with long wishes, opened behind somebody's back.
#[tokio::test]
async fn attempts_never_fill_the_headers_that_the_gateway_takes() {
    let signin = Signin::new();
    let mut browser = Browser::default();
    let long = format!("/signin?return_to=/{}&max_age=4294967295", "a".repeat(500));
    for _ in 0..10 {
        browser.receive(&signin.send(browser.request(&long)).await);
    }
    let length = browser.cookies().len();
    assert!((2048..6 * 1024).contains(&length), "{length}");
}

#[tokio::test]
async fn a_prefetch_gets_204_and_no_cookie() {
    let signin = Signin::new();
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "Prefetch"),
        // Parts of a page, and scripts.
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-mode", "cors"),
    ] {
        let request = Request::get("/signin").header(name, value).body(Body::empty()).unwrap();
        let answer = signin.send(request).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{value}");
        assert!(answer.set_cookies().is_empty());
        assert_eq!(answer.header("location"), None);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert!(signin.provider.received(Endpoint::Discovery).is_empty());
}

#[tokio::test]
async fn wishes_are_passed_on_to_the_provider() {
    let path = "/signin?prompt=login&login_hint=ada%40example.com&ui_locales=de+en&max_age=0\
                &acr_values=gold+silver";
    let query = query(&Signin::new().get(path).await);
    assert_eq!(query["prompt"], "login");
    assert_eq!(query["login_hint"], "ada@example.com");
    assert_eq!(query["ui_locales"], "de en");
    assert_eq!(query["max_age"], "0");
    assert_eq!(query["acr_values"], "gold silver");
}

#[tokio::test]
async fn what_the_callback_must_check_rides_in_the_transaction() {
    let answer = Signin::new().get("/signin?max_age=300&acr_values=gold+silver").await;
    assert_eq!(transaction(&answer).max_age(), Some(Duration::from_mins(5)));
    assert_eq!(transaction(&answer).acr_values().unwrap().as_str(), "gold silver");
    let answer = Signin::new().get("/signin?acr_values=&max_age=").await;
    assert_eq!(transaction(&answer).max_age(), None);
    assert_eq!(transaction(&answer).acr_values(), None);
}

#[tokio::test]
async fn a_provider_that_takes_pushed_requests_only_is_reached_by_way_of_the_callback_function() {
    let signin = Signin::new();
    let mut metadata = signin.provider.metadata();
    metadata["require_pushed_authorization_requests"] = json!(true);
    signin.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
    let path = "/signin?prompt=login&login_hint=a%26b&ui_locales=de&max_age=300&acr_values=gold\
                &return_to=/a&request_uri=urn:x";
    let answer = signin.get(path).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let location = answer.location();
    assert!(location.as_str().starts_with(&format!("{ORIGIN}/signin/pushed?")), "{location}");
    let names: Vec<String> = location.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["state", "prompt", "login_hint", "ui_locales"]);
    assert_eq!(query(&answer)["login_hint"], "a&b");
    assert_eq!(transaction(&answer).max_age(), Some(Duration::from_mins(5)));
    assert_eq!(transaction(&answer).acr_values().unwrap().as_str(), "gold");
    assert!(signin.provider.received(Endpoint::PushedAuthorization).is_empty());
}

#[tokio::test]
async fn a_provider_that_only_can_take_pushed_requests_is_reached_directly() {
    let signin = Signin::new();
    for required in [json!(false), json!("true"), Value::Null] {
        let mut metadata = signin.provider.metadata();
        metadata["require_pushed_authorization_requests"] = required;
        signin.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
        let location = signin.get("/signin").await.location();
        assert!(location.as_str().starts_with(signin.provider.issuer()), "{location}");
    }
}

#[tokio::test]
async fn a_provider_that_can_take_pushed_requests_gets_them_on_demand() {
    let signin = Signin::with([("OIDC_PUSHED_AUTHORIZATION", "supported")]);
    let location = signin.get("/signin").await.location();
    assert!(location.as_str().starts_with(&format!("{ORIGIN}/signin/pushed?")), "{location}");
    let mut metadata = signin.provider.metadata();
    for unusable in [Value::Null, json!("http://login.example/par")] {
        metadata["pushed_authorization_request_endpoint"] = unusable;
        signin.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
        signin.clock.advance(Duration::from_hours(24));
        let location = signin.get("/signin").await.location();
        assert!(location.as_str().starts_with(signin.provider.issuer()), "{location}");
    }
}

#[tokio::test]
async fn a_query_cannot_change_the_request_s_own_parameters() {
    let path = "/signin?state=mine&nonce=mine&client_id=mine&redirect_uri=https://evil.example\
                &scope=admin&code_challenge=mine&code_challenge_method=plain&response_mode=fragment\
                &login_hint=a%26redirect_uri%3Dhttps://evil.example";
    let answer = Signin::new().get(path).await;
    let pairs: Vec<(String, String)> = answer.location().query_pairs().into_owned().collect();
    let names: BTreeSet<&String> = pairs.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), pairs.len(), "no parameter is there twice");
    assert_eq!(query(&answer)["redirect_uri"], format!("{ORIGIN}/callback"));
    assert_eq!(query(&answer)["code_challenge_method"], "S256");
    assert!(pairs.iter().filter(|(name, _)| name != "login_hint").all(|(_, v)| v != "mine"));
}

#[tokio::test]
async fn a_hostile_query_is_a_redirect_or_a_page_and_never_a_5xx() {
    let signin = Signin::new();
    let long = "x".repeat(5000);
    for query in [
        "prompt=%00",
        "prompt=login&prompt=login",
        "max_age=99999999999999999999",
        "max_age=NaN",
        "login_hint=%0d%0aSet-Cookie:%20a=b",
        "ui_locales=%F0%9F%92%A9",
        "return_to=%ff%fe&return_to=/",
        "%=%&&&==&;",
        "return_to",
        "__proto__=1&constructor=2",
        &format!("return_to=/{long}"),
        &format!("login_hint={long}"),
        &format!("{long}={long}"),
    ] {
        let answer = signin.get(&format!("/signin?{query}")).await;
        let status = answer.status;
        assert!(
            status == StatusCode::FOUND || status == StatusCode::BAD_REQUEST,
            "{query}: {status}"
        );
        if status == StatusCode::BAD_REQUEST {
            assert!(answer.body.contains("invalid_parameter"), "{query}");
            assert!(answer.set_cookies().is_empty(), "{query}");
        }
    }
}

#[tokio::test]
async fn a_path_on_our_origin_is_kept() {
    let signin = Signin::new();
    for path in ["/", "/todos", "/todos?filter=open&page=2#item-3", "/a%20b/c"] {
        let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let answer = signin.get(&format!("/signin?return_to={encoded}")).await;
        assert_eq!(transaction(&answer).return_to().as_str(), path);
    }
}

#[tokio::test]
async fn an_unreachable_provider_is_a_503_page_with_a_way_on_and_works_again_afterwards() {
    let signin = Signin::new();
    signin.provider.stop().await;
    let answer = signin.get("/signin?return_to=/todos%3Fa%3D1&max_age=60").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    assert!(answer.body.contains("provider_unavailable"), "{}", answer.body);
    assert!(answer.body.contains("href=\"/signin?return_to=%2Ftodos%3Fa%3D1&amp;max_age=60\""));
    assert!(answer.set_cookies().is_empty());

    signin.provider.resume().await;
    signin.clock.advance(Duration::from_mins(1));
    assert_eq!(signin.get("/signin").await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn metadata_without_a_safe_authorization_endpoint_is_a_503_page() {
    for endpoint in [Value::Null, json!("http://login.example/authorize"), json!(7)] {
        let signin = Signin::new();
        let mut metadata = signin.provider.metadata();
        metadata["authorization_endpoint"] = endpoint.clone();
        signin.provider.always(Endpoint::Discovery, MockResponse::json(&metadata));
        let answer = signin.get("/signin").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{endpoint}");
        assert!(answer.body.contains("provider_unusable"), "{endpoint}");
        assert_eq!(answer.header("location"), None);
    }
}

#[tokio::test]
async fn signin_needs_no_keys() {
    let signin = Signin::new();
    signin.provider.always(Endpoint::Keys, MockResponse::status(500));
    assert_eq!(signin.get("/signin").await.status, StatusCode::FOUND);
    assert!(signin.provider.received(Endpoint::Keys).is_empty());
}

#[tokio::test]
async fn the_host_header_has_no_say_in_the_redirect_uri() {
    let request = Request::get("/signin")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .body(Body::empty())
        .unwrap();
    let answer = Signin::new().send(request).await;
    assert_eq!(query(&answer)["redirect_uri"], format!("{ORIGIN}/callback"));
}
