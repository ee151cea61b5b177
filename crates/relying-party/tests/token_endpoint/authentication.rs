//! How the client shows who it is.

use base64::{Engine, prelude::BASE64_STANDARD};
use test_support::Endpoint;

use crate::harness::Fixture;

#[tokio::test]
async fn basic_credentials_are_form_encoded_first() {
    let secret = [("OIDC_CLIENT_SECRET", "a~b:c%d/e f+g")];
    let fixture = Fixture::with("urn:web app", secret);
    let _refused = fixture.redeem().await;
    let [request] = &fixture.provider.received(Endpoint::Token)[..] else { panic!("one") };
    let credentials = request.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
    let credentials = BASE64_STANDARD.decode(credentials).unwrap();
    assert_eq!(String::from_utf8(credentials).unwrap(), "urn%3Aweb+app:a%7Eb%3Ac%25d%2Fe+f%2Bg");
    assert!(!request.form().contains_key("client_secret"));
    assert!(!request.form().contains_key("client_id"));
}

#[tokio::test]
async fn post_credentials_are_in_the_body_alone() {
    let fixture = Fixture::with(
        "web",
        [("OIDC_CLIENT_AUTH", "client_secret_post"), ("OIDC_CLIENT_SECRET", "a&b=c")],
    );
    let _refused = fixture.redeem().await;
    let [request] = &fixture.provider.received(Endpoint::Token)[..] else { panic!("one") };
    assert_eq!(request.form()["client_id"], "web");
    assert_eq!(request.form()["client_secret"], "a&b=c");
    assert_eq!(request.header("authorization"), None);
}

/// A new P-256 key as PEM text.
pub(crate) fn private_key() -> String {
    let pair = aws_lc_rs::signature::EcdsaKeyPair::generate(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    );
    let document = pair.unwrap().to_pkcs8v1().unwrap();
    let body = BASE64_STANDARD.encode(document.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

#[tokio::test]
async fn a_private_key_signs_and_stays_here() {
    let pem = private_key();
    let settings = [("OIDC_CLIENT_AUTH", "private_key_jwt"), ("OIDC_CLIENT_KEY", pem.as_str())];
    let fixture = Fixture::with("web", settings);
    let _refused = fixture.redeem().await;
    let _refused = fixture.client.refresh(&fixture.endpoints, "rt", None, None).await;
    let requests = fixture.provider.received(Endpoint::Token);
    let forms: Vec<_> = requests.iter().map(test_support::Received::form).collect();
    for form in &forms {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        assert_eq!(form["client_assertion_type"], kind);
        assert_eq!(form["client_assertion"].split('.').count(), 3);
        assert_eq!(form["client_id"], "web");
        assert!(!form.contains_key("client_secret"));
    }
    assert_ne!(forms[0]["client_assertion"], forms[1]["client_assertion"]);
    assert!(requests.iter().all(|request| request.header("authorization").is_none()));
}
