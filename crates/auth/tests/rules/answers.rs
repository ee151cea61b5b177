//! TOKENS: 400, 401, 403, 503, and what stands in their headers.

use std::time::Duration;

use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, WWW_AUTHENTICATE},
};
use oidc_resource_server::{
    CredentialsFault, Incoming, InsufficientScope, Policy, Refusal, Resource, Role, Scheme, Scope,
    credentials,
};
use serde_json::{Value, json};

use crate::stage::Stage;

fn headers(values: &[&str]) -> HeaderMap {
    values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap())).collect()
}

fn token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let found = credentials(headers)?;
    assert_eq!(found.scheme, Scheme::Bearer);
    Ok(found.token)
}

/// The challenges in the answer to a request that is refused for this reason.
fn challenges(refusal: &Refusal, resource: Option<&str>) -> Vec<String> {
    let (method, none) = (Method::GET, HeaderMap::new());
    let resource = resource.map(|resource| Resource::parse(resource).unwrap());
    let mut incoming = Incoming::new(&method, "/", &none);
    incoming.resource = resource.as_ref();
    let headers = Stage::new().verifier.rejection(&incoming, refusal.clone()).headers();
    let challenges = headers.get_all(WWW_AUTHENTICATE);
    challenges.iter().map(|challenge| challenge.to_str().unwrap().to_owned()).collect()
}

fn challenge(refusal: &Refusal, resource: Option<&str>) -> String {
    let mut challenges = challenges(refusal, resource);
    assert_eq!(challenges.len(), 1, "{challenges:?}");
    challenges.remove(0)
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
        assert_eq!(token(&headers(&[value])).unwrap(), "a.b-c_d~e+f/g==", "{value}");
    }
}

#[test]
fn no_credentials_is_401_without_error() {
    for none in [headers(&[]), headers(&["Basic YTpi"]), headers(&["Bearerx y"]), headers(&[""])] {
        assert_eq!(token(&none), Err(Refusal::NoCredentials), "{none:?}");
    }
    let refusal = Refusal::NoCredentials;
    assert_eq!((refusal.status().as_u16(), refusal.code()), (401, "no_credentials"));
    assert_eq!(challenge(&refusal, None), "Bearer");
    assert_eq!(
        challenge(&refusal, Some("https://a.example")),
        "Bearer resource_metadata=\"https://a.example/.well-known/oauth-protected-resource\""
    );
}

#[test]
fn two_headers_an_empty_token_and_spaces_in_it_are_400_invalid_request() {
    for (values, fault) in [
        (&["Bearer a", "Bearer a"][..], CredentialsFault::Repeated),
        (&["Basic a", "Bearer a"], CredentialsFault::Repeated),
        (&["Bearer"], CredentialsFault::Empty),
        (&["Bearer "], CredentialsFault::Empty),
        (&["Bearer    "], CredentialsFault::Empty),
        (&["Bearer a b"], CredentialsFault::Characters),
        (&["Bearer a, Bearer b"], CredentialsFault::Characters),
        (&["Bearer a\tb"], CredentialsFault::Characters),
        (&["Bearer \"a\""], CredentialsFault::Characters),
        (&["Bearer é"], CredentialsFault::Characters),
    ] {
        assert_eq!(token(&headers(values)), Err(Refusal::InvalidRequest(fault)), "{values:?}");
    }
    let refusal = Refusal::InvalidRequest(CredentialsFault::Empty);
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
        challenge(&refusal, Some("https://a.example")),
        "Bearer error=\"invalid_token\", error_description=\"The token has expired.\", \
         resource_metadata=\"https://a.example/.well-known/oauth-protected-resource\""
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
    assert_eq!(refusal.retry_after(), Some(5));
    assert_eq!(challenges(&refusal, Some("https://a.example")), [""; 0]);
    let Refusal::Unavailable(mut unavailable) = refusal else { panic!() };
    for (duration, seconds) in
        [(Duration::ZERO, 1), (Duration::from_millis(1), 1), (Duration::from_millis(1001), 2)]
    {
        unavailable.retry_after = duration;
        assert_eq!(Refusal::Unavailable(unavailable.clone()).retry_after(), Some(seconds));
    }
}

#[tokio::test]
async fn nothing_breaks_out_of_a_header_value() {
    // The one text in a challenge that is nobody's but the configuration's.
    let refusal = Refusal::InsufficientScope(lack(json!({"scp": "x"})).await);
    let Refusal::InsufficientScope(mut lack) = refusal else { panic!() };
    lack.needed = vec!["a\"\\\r\nX: y\u{e9}".to_owned()];
    let challenge = challenge(&Refusal::InsufficientScope(lack), None);
    assert!(challenge.ends_with("scope=\"aX: y\""), "{challenge}");
}

#[test]
fn a_resource_is_written_as_it_was_given() {
    let resource = oidc_resource_server::Resource::parse("https://api.example/v1").unwrap();
    assert_eq!(resource.to_string(), "https://api.example/v1");
}
