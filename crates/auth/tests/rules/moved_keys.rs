//! Keys that move, rotate without a name, or stand where nobody should ask.

use serde_json::{Value, json};

use crate::{
    harness::{HOUR, Harness, ISSUER, merged, passes, refused},
    signer::Signer,
};

#[tokio::test]
async fn keys_that_moved_are_found_when_a_kid_is_unknown() {
    let harness = Harness::new();
    harness.script.set_max_age(24 * HOUR);
    assert!(passes(&harness).await);
    let next = Signer::es256("key-2");
    harness.script.set_metadata(
        json!({"issuer": ISSUER, "jwks_uri": "https://tollgatedev.ciamlogin.com/new"}),
    );
    // The metadata is young: it is not asked for again.
    let _ = harness.verify(&next.token(&harness.claims())).await;
    assert_eq!(harness.script.metadata_fetches(), 1);
    harness.clock.forward(301);
    let _ = harness.verify(&next.token(&harness.claims())).await;
    assert!(harness.script.asked().iter().any(|url| url.ends_with("/new")));
}

#[tokio::test]
async fn keys_that_are_gone_are_looked_for_anew() {
    let harness = Harness::new();
    harness.script.set_max_age(24 * HOUR);
    harness.script.publish_text("gone".to_owned());
    assert!(!passes(&harness).await);
    harness.script.set_metadata(
        json!({"issuer": ISSUER, "jwks_uri": "https://tollgatedev.ciamlogin.com/new"}),
    );
    harness.clock.forward(6);
    let _ = passes(&harness).await;
    assert!(harness.script.asked().iter().any(|url| url.ends_with("/new")));
}

#[tokio::test]
async fn keys_without_ids_can_rotate() {
    let harness = Harness::new();
    let unnamed = |signer: &Signer| merged(signer.jwk(), &json!({"kid": null}));
    let token = |signer: &Signer| {
        signer.token_with(&json!({"alg": "ES256", "typ": "JWT"}), &harness.claims())
    };
    harness.script.publish_jwks(&json!([unnamed(&harness.signer)]));
    assert!(harness.verify(&token(&harness.signer)).await.is_ok());
    let next = Signer::es256("key-2");
    harness.script.publish_jwks(&json!([unnamed(&next)]));
    let verdict = harness.verify(&token(&next)).await;
    assert!(verdict.is_ok(), "{:?}", verdict.map(drop));
}

#[tokio::test]
async fn keys_of_an_https_provider_are_not_asked_for_on_the_loopback() {
    // On Lambda the Runtime API is there: the next event would go to the fetch.
    let harness = Harness::new();
    let next = "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next";
    harness.script.set_metadata(json!({"issuer": ISSUER, "jwks_uri": next}));
    assert!(harness.provider.warm().await.is_err());
    assert!(!harness.script.asked().contains(&next.to_owned()), "{:?}", harness.script.asked());
}

#[tokio::test]
async fn forged_tokens_without_kid_cost_one_fetch_in_30_seconds() {
    let harness = Harness::new();
    let unnamed: Value = merged(harness.signer.jwk(), &json!({"kid": null}));
    harness.script.publish_jwks(&json!([unnamed]));
    let header = json!({"alg": "ES256", "typ": "JWT"});
    assert!(harness.verify(&harness.signer.token_with(&header, &harness.claims())).await.is_ok());
    let forger = Signer::es256("key-2");
    for _ in 0..20 {
        let token = forger.token_with(&header, &harness.claims());
        assert!(harness.verify(&token).await.is_err());
    }
    assert_eq!(harness.script.key_fetches(), 2);
}

#[tokio::test]
async fn a_bad_signature_of_a_known_key_causes_no_request() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    let forger = Signer::es256("key-1");
    assert_eq!(
        refused(harness.verify(&forger.token(&harness.claims())).await),
        oidc_resource_server::TokenError::BadSignature
    );
    assert_eq!(harness.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_forged_token_of_the_next_key_does_not_hide_the_one_after_it() {
    let harness = Harness::new();
    assert!(passes(&harness).await);
    let (next, after) = (Signer::es256("key-2"), Signer::es256("key-3"));
    harness.script.publish(&[&harness.signer, &next]);
    let forger = Signer::es256("key-2");
    assert!(harness.verify(&forger.token(&harness.claims())).await.is_err());
    // The key that it named was found: nobody has asked in vain.
    harness.script.publish(&[&harness.signer, &next, &after]);
    assert!(harness.verify(&after.token(&harness.claims())).await.is_ok());
    assert_eq!(harness.script.key_fetches(), 3);
}
