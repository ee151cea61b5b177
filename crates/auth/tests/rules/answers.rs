//! TOKENS: 400, 401, 403, 503, and what stands in their headers.

use std::time::Duration;

use auth::{BearerFault, InsufficientScope, Policy, Refusal, Role, Scope, TokenError, bearer};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use serde_json::{Value, json};

use crate::stage::Stage;

fn headers(values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap())).collect()
}

fn challenge(refusal: &Refusal, metadata: Option<&str>) -> String {
    refusal.www_authenticate(metadata).unwrap().to_str().unwrap().to_owned()
}

async fn lack(changes: Value) -> InsufficientScope {
    let scopes = vec![Scope::parse("a.Read").unwrap(), Scope::parse("a.Write").unwrap()];
    let policy = Policy::any_of(scopes, vec![Role::parse("a.All").unwrap()]).unwrap();
    policy.check(&Stage::new().verify_but(changes).await.unwrap()).unwrap_err()
}

#[test]
fn the_token_is_taken_from_the_authorization_header() {
    for value in ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER   a.b-c_d~e+f/g==  "]
    {
        assert_eq!(bearer(&headers(&[value])).unwrap(), "a.b-c_d~e+f/g==", "{value}");
    }
}

#[test]
fn no_credentials_is_401_without_error() {
    for none in [
        headers(&[]),
        headers(&["Basic YTpi"]),
        headers(&["Bearerx y"]),
        headers(&["DPoP x"]),
        headers(&[""]),
    ] {
        assert_eq!(bearer(&none), Err(Refusal::NoCredentials), "{none:?}");
    }
    let refusal = Refusal::NoCredentials;
    assert_eq!((refusal.status().as_u16(), refusal.code()), (401, "no_credentials"));
    assert_eq!(challenge(&refusal, None), "Bearer");
    assert_eq!(
        challenge(&refusal, Some("https://a.example/m")),
        "Bearer resource_metadata=\"https://a.example/m\""
    );
}

#[test]
fn two_headers_an_empty_token_and_spaces_in_it_are_400_invalid_request() {
    for (values, fault) in [
        (&["Bearer a", "Bearer a"][..], BearerFault::Repeated),
        (&["Basic a", "Bearer a"], BearerFault::Repeated),
        (&["Bearer"], BearerFault::Empty),
        (&["Bearer "], BearerFault::Empty),
        (&["Bearer    "], BearerFault::Empty),
        (&["Bearer a b"], BearerFault::Characters),
        (&["Bearer a, Bearer b"], BearerFault::Characters),
        (&["Bearer a\tb"], BearerFault::Characters),
        (&["Bearer \"a\""], BearerFault::Characters),
        (&["Bearer é"], BearerFault::Characters),
    ] {
        assert_eq!(bearer(&headers(values)), Err(Refusal::InvalidRequest(fault)), "{values:?}");
    }
    let refusal = Refusal::InvalidRequest(BearerFault::Empty);
    assert_eq!((refusal.status().as_u16(), refusal.code()), (400, "invalid_request"));
    assert!(
        challenge(&refusal, None)
            .starts_with("Bearer error=\"invalid_request\", error_description=\"")
    );
}

#[tokio::test]
async fn a_bad_token_is_401_invalid_token() {
    let refusal = Refusal::Token(Stage::new().refusal(json!({"exp": 0})).await);
    assert_eq!(
        (refusal.status().as_u16(), refusal.code(), refusal.variant()),
        (401, "invalid_token", "expired")
    );
    assert_eq!(
        challenge(&refusal, Some("https://a.example/m")),
        "Bearer error=\"invalid_token\", error_description=\"The token has expired.\", \
         resource_metadata=\"https://a.example/m\""
    );
    assert_eq!(refusal.retry_after(), None);
}

#[tokio::test]
async fn a_missing_scope_is_403_and_names_what_would_do() {
    let refusal = Refusal::from(lack(json!({})).await);
    assert_eq!((refusal.status().as_u16(), refusal.code()), (403, "insufficient_scope"));
    assert_eq!(
        challenge(&refusal, None),
        "Bearer error=\"insufficient_scope\", error_description=\"This needs a.Read or a.Write.\", scope=\"a.Read\""
    );
    let refusal = Refusal::from(lack(json!({"idtyp": "app"})).await);
    assert!(challenge(&refusal, None).ends_with("scope=\"a.All\""));
}

#[tokio::test]
async fn keys_not_to_be_had_are_503_with_retry_after_and_no_challenge() {
    let stage = Stage::new();
    stage.script.go_down();
    let refusal = Refusal::from(stage.verify_but(json!({})).await.unwrap_err());
    assert_eq!((refusal.status().as_u16(), refusal.code()), (503, "keys_unavailable"));
    assert_eq!((refusal.retry_after(), refusal.www_authenticate(Some("x"))), (Some(5), None));
    let Refusal::Unavailable(mut unavailable) = refusal else { panic!() };
    for (duration, seconds) in
        [(Duration::ZERO, 1), (Duration::from_millis(1), 1), (Duration::from_millis(1001), 2)]
    {
        unavailable.retry_after = duration;
        assert_eq!(Refusal::Unavailable(unavailable.clone()).retry_after(), Some(seconds));
    }
}

#[test]
fn nothing_breaks_out_of_a_header_value() {
    let refusal = Refusal::Token(TokenError::BadSignature);
    let challenge = challenge(&refusal, Some("https://a.example/\"\\\r\nX: y\u{e9}"));
    assert!(challenge.ends_with("resource_metadata=\"https://a.example/X: y\""), "{challenge}");
}
