//! `POST /signin`: a sign-in that somebody else begins with a form.

use axum::body::Body;
use http::{Request, StatusCode};
use test_support::Endpoint;

use crate::harness::{Signin, TestResponse, query};

const FORM: &str = "application/x-www-form-urlencoded";

async fn post(signin: &Signin, content_type: &str, form: impl Into<Body>) -> TestResponse {
    let request = Request::post("/signin?prompt=none&return_to=/query");
    let request =
        request.header("content-type", content_type).header("sec-fetch-site", "cross-site");
    signin.send(request.body(form.into()).unwrap()).await
}

/// A form for our provider with these further parameters.
fn form(signin: &Signin, further: &str) -> String {
    let iss: String =
        url::form_urlencoded::byte_serialize(signin.provider.issuer().as_bytes()).collect();
    format!("iss={iss}{further}")
}

#[tokio::test]
async fn a_form_of_elsewhere_goes_on_as_a_link_of_ours() {
    let signin = Signin::new();
    let further = "&target_link_uri=https://todos.example.com/todos?a%3D1%26b&login_hint=a%26b\
                   &max_age=60&acr_values=gold+silver&ui_locales=de&x=1&return_to=";
    let answer = post(&signin, FORM, form(&signin, further)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.set_cookies().is_empty(), "the transaction is made where it leads");
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(
        location,
        "/signin?return_to=%2Ftodos%3Fa%3D1%26b&login_hint=a%26b&ui_locales=de&max_age=60\
         &acr_values=gold+silver"
    );
    let answer = signin.get(&location).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(query(&answer)["login_hint"], "a&b");
}

#[tokio::test]
async fn a_form_must_name_our_provider() {
    let signin = Signin::new();
    for form in [
        String::new(),
        "iss=".to_owned(),
        "login_hint=ada".to_owned(),
        "iss=https://evil.example".to_owned(),
        form(&signin, "/"),
        form(&signin, "&iss=https://evil.example"),
        form(&signin, "&prompt=whatever"),
        form(&signin, "&max_age=x"),
        "\0\u{ff}%".to_owned(),
    ] {
        let answer = post(&signin, FORM, form.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{form:?}");
        assert!(answer.body.contains("invalid_parameter"), "{form:?}");
        assert_eq!(answer.header("location"), None);
    }
}

#[tokio::test]
async fn a_form_never_leads_off_our_origin() {
    let signin = Signin::new();
    for target in
        ["https://evil.example/", "//evil.example", "https://todos.example.com@evil.example"]
    {
        for name in ["target_link_uri", "return_to"] {
            let answer = post(&signin, FORM, form(&signin, &format!("&{name}={target}"))).await;
            assert_eq!(answer.header("location"), Some("/signin?return_to=%2F"), "{target}");
        }
    }
}

#[tokio::test]
async fn only_a_form_of_a_size_that_an_address_can_have_is_read() {
    let signin = Signin::new();
    for kind in ["", "application/json", "multipart/form-data; boundary=x", "text/plain"] {
        let answer = post(&signin, kind, form(&signin, "")).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
        assert!(answer.body.contains("not_a_form"), "{kind}");
    }
    let kind = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    assert_eq!(post(&signin, kind, form(&signin, "")).await.status, StatusCode::SEE_OTHER);
    for (size, status) in [(8 * 1024, 303), (8 * 1024 + 1, 413), (10_000_000, 413)] {
        let short = form(&signin, "&x=");
        let long = format!("{short}{}", "x".repeat(size - short.len()));
        assert_eq!(post(&signin, FORM, long).await.status.as_u16(), status, "{size}");
    }
}

#[tokio::test]
async fn a_form_asks_nobody() {
    let signin = Signin::new();
    post(&signin, FORM, form(&signin, "")).await;
    assert!(signin.provider.received(Endpoint::Discovery).is_empty());
}
