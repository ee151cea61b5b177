//! TOKENS: several issuers side by side.

use oidc_resource_server::{AccessTokenRules, ConfigError, Issuer, ProviderConfig, Verifier};
use serde_json::json;

use crate::{
    harness::{API, is_unavailable, refused},
    party::{Party, both},
    signer::Signer,
};

const A: &str = "https://a.example";
const B: &str = "https://b.example/realms/b";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANTS: [&str; 2] =
    ["5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10", "0a1b2c3d-3b7a-4c58-9a57-2a1f6f1c7e10"];

#[tokio::test]
async fn each_issuer_is_served_by_its_own_keys_when_it_is_named() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    let claims = verifier.verify(&a.token(json!({}))).await.unwrap();
    assert_eq!(claims.issuer().as_str(), A);
    assert!(b.script.asked().is_empty(), "nobody asked for a token of B");
    let claims = verifier.verify(&b.token(json!({}))).await.unwrap();
    assert_eq!(claims.issuer().as_str(), B);
    assert_eq!((a.script.key_fetches(), b.script.key_fetches()), (1, 1));
}

#[tokio::test]
async fn a_key_of_one_issuer_never_verifies_a_token_of_another() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    verifier.warm().await.unwrap();
    // Both have a key of the same id.
    for (signer, named) in [(&a, &b), (&b, &a)] {
        let verdict = verifier.verify(&signer.token_for(named)).await;
        assert_eq!(refused(verdict).code(), "bad_signature");
    }
    // Only A has a key of this id.
    let own = Signer::es256("of-a");
    a.script.publish(&[&a.signer, &own]);
    assert!(verifier.verify(&own.token(&a.claims(&json!({})))).await.is_ok());
    let verdict = verifier.verify(&own.token(&b.claims(&json!({})))).await;
    assert_eq!(refused(verdict).code(), "unknown_key");
    // And no id at all.
    let header = json!({"alg": "ES256"});
    let token = a.signer.token_with(&header, &b.claims(&json!({})));
    assert_eq!(refused(verifier.verify(&token).await).code(), "bad_signature");
}

#[tokio::test]
async fn an_outage_of_one_issuer_leaves_the_other_served() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    a.script.go_down();
    assert!(is_unavailable(&verifier.verify(&a.token(json!({}))).await));
    assert!(verifier.verify(&b.token(json!({}))).await.is_ok());
    assert!(is_unavailable(&verifier.verify(&a.token(json!({}))).await), "B's keys are not A's");
}

#[tokio::test]
async fn an_unknown_kid_asks_only_the_issuer_that_the_token_names() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    verifier.warm().await.unwrap();
    let unknown_key = Signer::es256("x").token(&a.claims(&json!({})));
    assert_eq!(refused(verifier.verify(&unknown_key).await).code(), "unknown_key");
    assert_eq!((a.script.key_fetches(), b.script.key_fetches()), (2, 1));

    // A's cooldown is not B's: a rotation there is seen at once.
    let next = Signer::es256("key-2");
    b.script.publish(&[&next]);
    assert!(verifier.verify(&next.token(&b.claims(&json!({})))).await.is_ok());
    assert_eq!((a.script.key_fetches(), b.script.key_fetches()), (2, 2));
}

#[tokio::test]
async fn an_unknown_issuer_causes_no_request() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    for iss in ["https://c.example", "https://a.example/", "https://A.example", "https://b.example"]
    {
        let error = refused(verifier.verify(&a.token(json!({"iss": iss}))).await);
        assert_eq!(error.code(), "wrong_issuer", "{iss}");
        assert!(error.to_string().contains(A) && error.to_string().contains(B), "{error}");
    }
    assert!(a.script.asked().is_empty() && b.script.asked().is_empty());
}

#[test]
fn the_same_issuer_is_not_trusted_twice() {
    let exact = |issuer: &str| ProviderConfig::new(Issuer::parse(issuer).unwrap());
    let tenant = |at: usize| exact(&TEMPLATE.replace("{tenantid}", TENANTS[at]));
    let template = |tenants: &[&str]| ProviderConfig::for_tenants(TEMPLATE, tenants).unwrap();
    let trust = |configs: [ProviderConfig; 3]| {
        let [first, second, third] =
            configs.map(|config| Party::with(config, Signer::es256("key-1")).provider);
        let rules = || AccessTokenRules::new([API]);
        Verifier::new(first, rules())?.and(second, rules())?.and(third, rules()).map(drop)
    };
    for twice in [
        [exact(A), exact(B), exact(A)],
        [exact(B), exact(A), exact(A)],
        [exact(A), tenant(0), template(&TENANTS)],
        [exact(A), tenant(1), template(&TENANTS)],
        [tenant(1), exact(A), template(&TENANTS)],
        [exact(A), template(&TENANTS), tenant(0)],
        [template(&TENANTS), exact(A), tenant(1)],
        [exact(A), template(&TENANTS[..1]), template(&TENANTS)],
        [template(&TENANTS[1..]), exact(A), template(&TENANTS)],
    ] {
        let named: Vec<String> = twice.iter().map(|config| config.issuer.to_string()).collect();
        let verdict = trust(twice);
        assert!(matches!(verdict, Err(ConfigError::DuplicateIssuer(_))), "{named:?}: {verdict:?}");
    }
    assert_eq!(trust([template(&TENANTS[..1]), template(&TENANTS[1..]), exact(A)]), Ok(()));
}

#[test]
fn the_rules_of_each_issuer_are_checked() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = Verifier::new(a.provider, AccessTokenRules::new([API])).unwrap();
    let verdict = verifier.and(b.provider, AccessTokenRules::new([""])).map(drop);
    assert_eq!(verdict, Err(ConfigError::Audience));
}

#[tokio::test]
async fn warm_loads_the_keys_of_all_side_by_side() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = both(&a, &b);
    a.script.hold();
    b.script.hold();
    let warm = tokio::spawn({
        let verifier = verifier.clone();
        async move { verifier.warm().await }
    });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((a.script.asked().len(), b.script.asked().len()), (1, 1), "neither waits");
    b.script.let_go();
    a.script.let_go();
    warm.await.unwrap().unwrap();
    assert_eq!((a.script.key_fetches(), b.script.key_fetches()), (1, 1));
}

#[tokio::test]
async fn warm_reports_the_failure_of_one_and_loads_the_others() {
    for first_fails in [true, false] {
        let (a, b) = (Party::new(A), Party::new(B));
        let (down, up) = if first_fails { (&a, &b) } else { (&b, &a) };
        down.script.go_down();
        let verifier = both(&a, &b);
        assert!(verifier.warm().await.is_err());
        assert_eq!(up.script.key_fetches(), 1);
        assert!(up.provider.status().keys.is_fresh && !down.provider.status().keys.is_usable);
    }
}
