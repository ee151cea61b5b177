//! Keys that move, rotate without a name, or stand where nobody should ask.

use serde_json::{Value, json};

use crate::{
    signer::Signer,
    stage::{HOUR, ISSUER, Stage, merged, passes, refused},
};

#[tokio::test]
async fn keys_that_moved_are_found_when_a_kid_is_unknown() {
    let stage = Stage::new();
    stage.script.set_max_age(24 * HOUR);
    assert!(passes(&stage).await);
    let next = Signer::es256("key-2");
    stage.script.set_metadata(
        json!({"issuer": ISSUER, "jwks_uri": "https://tollgatedev.ciamlogin.com/new"}),
    );
    // The metadata is young: it is not asked for again.
    let _ = stage.verify(&next.token(&stage.claims())).await;
    assert_eq!(stage.script.metadata_fetches(), 1);
    stage.clock.forward(301);
    let _ = stage.verify(&next.token(&stage.claims())).await;
    assert!(stage.script.asked().iter().any(|url| url.ends_with("/new")));
}

#[tokio::test]
async fn keys_that_are_gone_are_looked_for_anew() {
    let stage = Stage::new();
    stage.script.set_max_age(24 * HOUR);
    stage.script.publish_text("gone".to_owned());
    assert!(!passes(&stage).await);
    stage.script.set_metadata(
        json!({"issuer": ISSUER, "jwks_uri": "https://tollgatedev.ciamlogin.com/new"}),
    );
    stage.clock.forward(6);
    let _ = passes(&stage).await;
    assert!(stage.script.asked().iter().any(|url| url.ends_with("/new")));
}

#[tokio::test]
async fn keys_without_ids_can_rotate() {
    let stage = Stage::new();
    let unnamed = |signer: &Signer| merged(signer.jwk(), &json!({"kid": null}));
    let token = |signer: &Signer| {
        signer.token_with(&json!({"alg": "ES256", "typ": "JWT"}), &stage.claims())
    };
    stage.script.publish_jwks(&json!([unnamed(&stage.signer)]));
    assert!(stage.verify(&token(&stage.signer)).await.is_ok());
    let next = Signer::es256("key-2");
    stage.script.publish_jwks(&json!([unnamed(&next)]));
    let verdict = stage.verify(&token(&next)).await;
    assert!(verdict.is_ok(), "{:?}", verdict.map(drop));
}

#[tokio::test]
async fn keys_of_an_https_provider_are_not_asked_for_on_the_loopback() {
    // On Lambda the Runtime API is there: the next event would go to the fetch.
    let stage = Stage::new();
    let next = "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next";
    stage.script.set_metadata(json!({"issuer": ISSUER, "jwks_uri": next}));
    assert!(stage.provider.warm().await.is_err());
    assert!(!stage.script.asked().contains(&next.to_owned()), "{:?}", stage.script.asked());
}

#[tokio::test]
async fn forged_tokens_without_kid_cost_one_fetch_in_30_seconds() {
    let stage = Stage::new();
    let unnamed: Value = merged(stage.signer.jwk(), &json!({"kid": null}));
    stage.script.publish_jwks(&json!([unnamed]));
    let header = json!({"alg": "ES256", "typ": "JWT"});
    assert!(stage.verify(&stage.signer.token_with(&header, &stage.claims())).await.is_ok());
    let forger = Signer::es256("key-2");
    for _ in 0..20 {
        let token = forger.token_with(&header, &stage.claims());
        assert!(stage.verify(&token).await.is_err());
    }
    assert_eq!(stage.script.key_fetches(), 2);
}

#[tokio::test]
async fn a_bad_signature_of_a_known_key_causes_no_request() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    let forger = Signer::es256("key-1");
    assert_eq!(
        refused(stage.verify(&forger.token(&stage.claims())).await),
        oidc_resource_server::TokenError::BadSignature
    );
    assert_eq!(stage.script.key_fetches(), 1);
}

#[tokio::test]
async fn a_forged_token_of_the_next_key_does_not_hide_the_one_after_it() {
    let stage = Stage::new();
    assert!(passes(&stage).await);
    let (next, after) = (Signer::es256("key-2"), Signer::es256("key-3"));
    stage.script.publish(&[&stage.signer, &next]);
    let forger = Signer::es256("key-2");
    assert!(stage.verify(&forger.token(&stage.claims())).await.is_err());
    // The key that it named was found: nobody has asked in vain.
    stage.script.publish(&[&stage.signer, &next, &after]);
    assert!(stage.verify(&after.token(&stage.claims())).await.is_ok());
    assert_eq!(stage.script.key_fetches(), 3);
}
