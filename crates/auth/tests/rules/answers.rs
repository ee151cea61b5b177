//! TOKENS: 400, 401, 403, 503, and what stands in their headers.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use oidc_resource_server::{
    AuthError, CredentialsError, InsufficientScopeError, Policy, RequestHead, Resource, Role,
    Scheme, Scope, credentials,
};
use serde_json::{Value, json};

use crate::harness::Harness;

fn headers(values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap())).collect()
}

fn token(headers: &HeaderMap) -> Result<&str, AuthError> {
    let found = credentials(headers)?;
    assert_eq!(found.scheme, Scheme::Bearer);
    Ok(found.token)
}

/// The challenges in the answer to a request that is refused for this reason.
fn challenges(error: &AuthError, resource: Option<&str>) -> Vec<String> {
    let (method, none) = (Method::GET, HeaderMap::new());
    let resource = resource.map(|resource| Resource::parse(resource).unwrap());
    let mut head = RequestHead::new(&method, "/", &none);
    head.resource = resource.as_ref();
    let headers = Harness::new().verifier.error_response(&head, error.clone()).headers();
    let challenges = headers.get_all(WWW_AUTHENTICATE);
    challenges.iter().map(|challenge| challenge.to_str().unwrap().to_owned()).collect()
}

fn challenge(error: &AuthError, resource: Option<&str>) -> String {
    let mut challenges = challenges(error, resource);
    assert_eq!(challenges.len(), 1, "{challenges:?}");
    challenges.remove(0)
}

async fn lack(changes: Value) -> InsufficientScopeError {
    let scopes = vec![Scope::parse("a.Read").unwrap(), Scope::parse("a.Write").unwrap()];
    let policy = Policy::any_of(scopes, vec![Role::parse("a.All").unwrap()]).unwrap();
    policy.check(&Harness::new().verify_but(changes).await.unwrap()).unwrap_err()
}

#[test]
fn the_token_is_taken_from_the_authorization_header() {
    for value in ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER   a.b-c_d~e+f/g==  "]
    {
        assert_eq!(token(&headers(&[value])).unwrap(), "a.b-c_d~e+f/g==", "{value}");
    }
}

#[test]
fn no_credentials_is_401_without_error() {
    for none in [headers(&[]), headers(&["Basic YTpi"]), headers(&["Bearerx y"]), headers(&[""])] {
        assert_eq!(token(&none), Err(AuthError::NoCredentials), "{none:?}");
    }
    let error = AuthError::NoCredentials;
    assert_eq!((error.status().as_u16(), error.code()), (401, "no_credentials"));
    assert_eq!(challenge(&error, None), "Bearer");
    assert_eq!(
        challenge(&error, Some("https://a.example")),
        "Bearer resource_metadata=\"https://a.example/.well-known/oauth-protected-resource\""
    );
}

#[test]
fn two_headers_an_empty_token_and_spaces_in_it_are_400_invalid_request() {
    for (values, fault) in [
        (&["Bearer a", "Bearer a"][..], CredentialsError::Repeated),
        (&["Basic a", "Bearer a"], CredentialsError::Repeated),
        (&["Bearer"], CredentialsError::Empty),
        (&["Bearer "], CredentialsError::Empty),
        (&["Bearer    "], CredentialsError::Empty),
        (&["Bearer a b"], CredentialsError::Characters),
        (&["Bearer a, Bearer b"], CredentialsError::Characters),
        (&["Bearer a\tb"], CredentialsError::Characters),
        (&["Bearer \"a\""], CredentialsError::Characters),
        (&["Bearer é"], CredentialsError::Characters),
    ] {
        assert_eq!(token(&headers(values)), Err(AuthError::InvalidRequest(fault)), "{values:?}");
    }
    let error = AuthError::InvalidRequest(CredentialsError::Empty);
    assert_eq!((error.status().as_u16(), error.code()), (400, "invalid_request"));
    assert!(
        challenge(&error, None)
            .starts_with("Bearer error=\"invalid_request\", error_description=\"")
    );
}

#[tokio::test]
async fn a_bad_token_is_401_invalid_token() {
    let error = AuthError::Token(Harness::new().refusal(json!({"exp": 0})).await);
    assert_eq!(
        (error.status().as_u16(), error.code(), error.variant()),
        (401, "invalid_token", "expired")
    );
    assert_eq!(
        challenge(&error, Some("https://a.example")),
        "Bearer error=\"invalid_token\", error_description=\"The token has expired.\", \
         resource_metadata=\"https://a.example/.well-known/oauth-protected-resource\""
    );
    assert_eq!(error.retry_after(), None);
}

#[tokio::test]
async fn a_missing_scope_is_403_and_names_what_would_do() {
    let error = AuthError::from(lack(json!({})).await);
    assert_eq!((error.status().as_u16(), error.code()), (403, "insufficient_scope"));
    assert_eq!(
        challenge(&error, None),
        "Bearer error=\"insufficient_scope\", error_description=\"This needs a.Read or a.Write.\", scope=\"a.Read\""
    );
    let error = AuthError::from(lack(json!({"idtyp": "app"})).await);
    assert!(challenge(&error, None).ends_with("scope=\"a.All\""));
}

#[tokio::test]
async fn keys_not_to_be_had_are_503_with_retry_after_and_no_challenge() {
    let harness = Harness::new();
    harness.script.go_down();
    let error = AuthError::from(harness.verify_but(json!({})).await.unwrap_err());
    assert_eq!((error.status().as_u16(), error.code()), (503, "keys_unavailable"));
    assert_eq!(error.retry_after(), Some(5));
    assert_eq!(challenges(&error, Some("https://a.example")), [""; 0]);
    let AuthError::Unavailable(mut unavailable) = error else { panic!() };
    for (duration, seconds) in
        [(Duration::ZERO, 1), (Duration::from_millis(1), 1), (Duration::from_millis(1001), 2)]
    {
        unavailable.retry_after = duration;
        assert_eq!(AuthError::Unavailable(unavailable.clone()).retry_after(), Some(seconds));
    }
}

#[tokio::test]
async fn nothing_breaks_out_of_a_header_value() {
    // The one text in a challenge that is nobody's but the configuration's.
    let error = AuthError::InsufficientScope(lack(json!({"scp": "x"})).await);
    let AuthError::InsufficientScope(mut lack) = error else { panic!() };
    lack.needed = vec!["a\"\\\r\nX: y\u{e9}".to_owned()];
    let challenge = challenge(&AuthError::InsufficientScope(lack), None);
    assert!(challenge.ends_with("scope=\"aX: y\""), "{challenge}");
}

#[test]
fn a_resource_is_written_as_it_was_given() {
    let resource = oidc_resource_server::Resource::parse("https://api.example/v1").unwrap();
    assert_eq!(resource.to_string(), "https://api.example/v1");
}
