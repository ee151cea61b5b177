//! What users of the crate test with.

use std::time::Duration;

use oidc_resource_server::{
    AccessTokenRules, App, Authorized, Caller, ProviderConfig, Verifier, VerifyError,
    testing::TestIssuer,
};
use serde_json::{Value, json};

use crate::harness::refused;

const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

fn verifier(issuer: &TestIssuer) -> Verifier {
    Verifier::new(issuer.provider(), AccessTokenRules::new(["api"])).unwrap()
}

fn good() -> Value {
    json!({"aud": "api", "sub": "ada", "scope": "read"})
}

#[tokio::test]
async fn a_test_issuers_token_is_good_for_an_hour() {
    let issuer = TestIssuer::new("https://login.example.com");
    let (verifier, token) = (verifier(&issuer), issuer.token(good()));
    issuer.clock().forward(Duration::from_secs(3659));
    assert!(verifier.verify(&token).await.is_ok());
    issuer.clock().forward(Duration::from_secs(1));
    assert_eq!(refused(verifier.verify(&token).await).code(), "expired");
}

#[tokio::test]
async fn its_claims_and_header_are_those_of_the_test() {
    let issuer = TestIssuer::new("https://login.example.com");
    let verifier = verifier(&issuer);
    let code = async |token: String| refused(verifier.verify(&token).await).code();
    let mut claims = good();
    claims["exp"] = Value::Null;
    assert_eq!(code(issuer.token(claims)).await, "claim_missing");
    let header = json!({"alg": "RS256", "kid": "another"});
    assert_eq!(code(issuer.token_with_header(header, good())).await, "unknown_key");
    let other = TestIssuer::new("https://login.example.com");
    assert_eq!(code(other.token(good())).await, "bad_signature");
}

#[tokio::test]
async fn it_can_be_down_and_come_back() {
    let issuer = TestIssuer::new("https://login.example.com");
    let (verifier, token) = (verifier(&issuer), issuer.token(good()));
    issuer.set_down(true);
    assert!(matches!(verifier.verify(&token).await, Err(VerifyError::Unavailable(_))));
    issuer.set_down(false);
    issuer.clock().forward(Duration::from_secs(6));
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn it_takes_a_configuration_of_ones_own() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let config = ProviderConfig::for_tenants(template, [TENANT]).unwrap();
    let issuer = TestIssuer::new(&format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
    let verifier =
        Verifier::new(issuer.provider_with(config), AccessTokenRules::new(["api"])).unwrap();
    let claims = json!({
        "aud": "api", "sub": "ada", "scp": "read", "tid": TENANT, "ver": "2.0"
    });
    assert!(verifier.verify(&issuer.token(claims)).await.is_ok());
}

#[test]
fn a_handler_can_be_called_without_a_request() {
    struct Reading;
    let app = Caller::App(App {
        issuer: "https://login.example.com".parse().unwrap(),
        subject: "daemon".into(),
        client: None,
    });
    let authorized = Authorized::<Reading>::for_test(app.clone());
    assert_eq!(authorized.caller, app);
    assert!(format!("{authorized:?}").contains("daemon"));
}
