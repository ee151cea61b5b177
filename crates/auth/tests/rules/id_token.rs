//! TOKENS: ID tokens.

use std::time::Duration;

use aws_lc_rs::digest;
use oidc_resource_server::{
    AcrClaim, AcrValues, Algorithm, ExpectedNonce, IdTokenExpectations, IdTokenVerifier, TokenError,
};
use serde_json::{Value, json};

use crate::{
    harness::{CLIENT, Harness, NOW, refused},
    signer::{Signer, base64url},
};

fn expected() -> IdTokenExpectations<'static> {
    IdTokenExpectations { nonce: ExpectedNonce::SignIn("n-1"), ..Default::default() }
}

async fn error_of(changes: Value, expected: &IdTokenExpectations<'_>) -> TokenError {
    refused(Harness::new().verify_id(changes, expected).await)
}

#[tokio::test]
async fn a_good_id_token_passes_with_all_its_claims() {
    let claims =
        Harness::new().verify_id(json!({"custom": {"a": [1]}}), &expected()).await.unwrap();
    assert_eq!(claims.subject(), "pairwise-1");
    assert_eq!(claims.text("name"), Some("Ada Lovelace"));
    assert_eq!(claims.document()["custom"], json!({"a": [1]}));
}

#[tokio::test]
async fn aud_is_the_client_and_nothing_untrusted_besides() {
    for aud in [json!(CLIENT), json!([CLIENT]), json!([CLIENT, CLIENT])] {
        assert!(Harness::new().verify_id(json!({"aud": aud}), &expected()).await.is_ok(), "{aud}");
    }
    assert_eq!(error_of(json!({"aud": "other"}), &expected()).await.code(), "wrong_audience");
    assert_eq!(error_of(json!({"aud": []}), &expected()).await.code(), "wrong_audience");
    assert_eq!(
        error_of(json!({"aud": [CLIENT, "other"]}), &expected()).await.code(),
        "untrusted_audience"
    );
    assert_eq!(error_of(json!({"aud": null}), &expected()).await.code(), "claim_missing");
    assert!(IdTokenVerifier::new(Harness::new().provider, "").is_err());
}

#[tokio::test]
async fn azp_if_present_is_the_client() {
    assert!(Harness::new().verify_id(json!({"azp": CLIENT}), &expected()).await.is_ok());
    assert_eq!(error_of(json!({"azp": "other"}), &expected()).await.code(), "wrong_client");
    assert_eq!(error_of(json!({"azp": 1}), &expected()).await.code(), "claim_malformed");
}

#[test]
fn expectations_can_be_logged_without_their_secrets() {
    let expected = IdTokenExpectations {
        access_token: Some("secret-token"),
        max_age: Some(Duration::from_secs(7)),
        ..expected()
    };
    let shown = format!("{expected:?}");
    assert!(shown.contains("7s") && !shown.contains("secret") && !shown.contains("n-1"), "{shown}");
}

#[tokio::test]
async fn nonce_equals() {
    assert_eq!(error_of(json!({"nonce": "n-2"}), &expected()).await, TokenError::WrongNonce);
    assert_eq!(
        error_of(json!({"nonce": null}), &expected()).await,
        TokenError::ClaimMissing { claim: "nonce".into() }
    );
    assert_eq!(error_of(json!({"nonce": ["n-1"]}), &expected()).await.code(), "claim_malformed");
}

#[tokio::test]
async fn with_a_refresh_the_nonce_is_absent_or_that_of_the_sign_in() {
    let of = |nonce| IdTokenExpectations { nonce: ExpectedNonce::Refresh(nonce), ..expected() };
    for nonce in [None, Some("n-1")] {
        assert!(Harness::new().verify_id(json!({"nonce": null}), &of(nonce)).await.is_ok());
    }
    assert!(Harness::new().verify_id(json!({"nonce": "n-1"}), &of(Some("n-1"))).await.is_ok());
    for nonce in [None, Some("n-2")] {
        let verdict = error_of(json!({"nonce": "n-1"}), &of(nonce)).await;
        assert_eq!(verdict, TokenError::WrongNonce, "of somebody else's sign-in");
    }
    // Who says nothing of it gets the strictest.
    let verdict = error_of(json!({}), &IdTokenExpectations::default()).await;
    assert_eq!(verdict, TokenError::WrongNonce);
}

#[tokio::test]
async fn a_logout_token_or_an_access_token_is_no_id_token() {
    let harness = Harness::new();
    let without_nonce = IdTokenExpectations::default();
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let logout = json!({"nonce": null, "name": null, "jti": "j", "sid": "s", "events": events});
    let verdict = harness.verify_id(logout, &without_nonce).await;
    assert_eq!(refused(verdict), TokenError::NotAnIdToken);
    let access = harness.signer.token(&harness.claims_but(&json!({"aud": CLIENT})));
    let verdict = harness.id_tokens.verify(&access, &without_nonce).await;
    assert_eq!(refused(verdict), TokenError::NotAnIdToken);
}

#[tokio::test]
async fn sub_iat_and_exp_are_required() {
    for claim in ["sub", "iat", "exp"] {
        assert_eq!(
            error_of(json!({claim: null}), &expected()).await,
            TokenError::ClaimMissing { claim: claim.into() }
        );
    }
    assert_eq!(error_of(json!({"exp": NOW - 60}), &expected()).await.code(), "expired");
    assert_eq!(error_of(json!({"iat": NOW + 61}), &expected()).await.code(), "not_yet_valid");
    assert_eq!(
        error_of(json!({"iss": "https://other.example"}), &expected()).await.code(),
        "wrong_issuer"
    );
    assert_eq!(error_of(json!({"tid": null}), &expected()).await.code(), "claim_missing");
}

/// A logout could not find the session by it.
#[tokio::test]
async fn sid_is_a_string_when_present() {
    for sid in [json!(12345), json!(""), json!(["s"])] {
        assert_eq!(error_of(json!({"sid": sid}), &expected()).await.code(), "claim_malformed");
    }
}

#[tokio::test]
async fn at_hash_is_right_when_present() {
    for (signer, hash, length) in [
        (Signer::es256("key-1"), &digest::SHA256, 16),
        (Signer::es384("key-1"), &digest::SHA384, 24),
        (Signer::rsa_with("key-1", Algorithm::PS512), &digest::SHA512, 32),
        (Signer::eddsa("key-1"), &digest::SHA512, 32),
    ] {
        let harness = Harness::signer(signer, &Algorithm::ALL);
        let at_hash = base64url(&digest::digest(hash, b"the access token").as_ref()[..length]);
        let right = IdTokenExpectations { access_token: Some("the access token"), ..expected() };
        let wrong =
            IdTokenExpectations { access_token: Some("another access token"), ..expected() };
        assert!(harness.verify_id(json!({"at_hash": at_hash}), &right).await.is_ok());
        let verdict = harness.verify_id(json!({"at_hash": at_hash}), &wrong).await;
        assert_eq!(refused(verdict), TokenError::WrongAccessTokenHash);
        let verdict = harness.verify_id(json!({"at_hash": at_hash}), &expected()).await;
        assert_eq!(refused(verdict), TokenError::AccessTokenMissing);
        assert!(
            harness.verify_id(json!({}), &right).await.is_ok(),
            "it is optional in the code flow"
        );
    }
}

#[tokio::test]
async fn after_max_age_auth_time_is_present_and_recent_enough() {
    let expected = IdTokenExpectations { max_age: Some(Duration::from_mins(5)), ..expected() };
    assert!(Harness::new().verify_id(json!({"auth_time": NOW - 360}), &expected).await.is_ok());
    assert_eq!(
        error_of(json!({"auth_time": NOW - 361}), &expected).await.code(),
        "sign_in_too_old"
    );
    assert_eq!(
        error_of(json!({}), &expected).await,
        TokenError::ClaimMissing { claim: "auth_time".into() }
    );
    assert!(Harness::new().verify_id(json!({"auth_time": NOW + 60}), &expected).await.is_ok());
    assert_eq!(error_of(json!({"auth_time": NOW + 61}), &expected).await.code(), "not_yet_valid");
    assert_eq!(error_of(json!({"auth_time": "now"}), &expected).await.code(), "claim_malformed");
}

#[tokio::test]
async fn after_acr_values_acr_is_one_of_them() {
    let values = AcrValues::parse("gold silver").unwrap();
    let expected = IdTokenExpectations { acr_values: Some(&values), ..expected() };
    for acr in ["gold", "silver"] {
        assert!(Harness::new().verify_id(json!({"acr": acr}), &expected).await.is_ok());
    }
    for acr in ["bronze", "GOLD", "gold silver", "0"] {
        assert_eq!(error_of(json!({"acr": acr}), &expected).await.code(), "wrong_acr", "{acr}");
    }
    assert_eq!(
        error_of(json!({}), &expected).await,
        TokenError::ClaimMissing { claim: "acr".into() }
    );
    for acr in [json!(["gold"]), json!(1), json!("")] {
        assert_eq!(error_of(json!({"acr": acr}), &expected).await.code(), "claim_malformed");
    }
    // What nobody asked for is nobody's business.
    let unasked = IdTokenExpectations { acr_values: None, ..expected };
    assert!(Harness::new().verify_id(json!({"acr": ["gold"]}), &unasked).await.is_ok());
}

#[tokio::test]
async fn after_authentication_contexts_one_is_in_acrs() {
    let values = AcrValues::parse("c1 c2").unwrap();
    let (acr_values, acr_claim) = (Some(&values), AcrClaim::Acrs);
    let expected = IdTokenExpectations { acr_values, acr_claim, ..expected() };
    for acrs in [json!(["c9", "c2"]), json!(["c1"]), json!("c1")] {
        assert!(Harness::new().verify_id(json!({"acrs": acrs}), &expected).await.is_ok());
    }
    for acrs in [json!(["c3"]), json!([]), json!(["c1 c2"]), json!("c1 c2"), json!("C1")] {
        assert_eq!(error_of(json!({"acrs": acrs}), &expected).await.code(), "wrong_acr", "{acrs}");
    }
    for claims in [json!({}), json!({"acr": "c1"})] {
        let missing = TokenError::ClaimMissing { claim: "acrs".into() };
        assert_eq!(error_of(claims, &expected).await, missing);
    }
    for acrs in [json!(["c1", 1]), json!(["c1", ""]), json!(1), json!(""), json!({"c1": true})] {
        assert_eq!(error_of(json!({"acrs": acrs}), &expected).await.code(), "claim_malformed");
    }
    let unasked = IdTokenExpectations { acr_values: None, ..expected };
    assert!(Harness::new().verify_id(json!({"acrs": 1}), &unasked).await.is_ok());
}

#[tokio::test]
async fn id_tokens_and_access_tokens_do_not_pass_for_each_other() {
    let harness = Harness::new();
    // Even with an audience that both have in common.
    let claims = harness.id_claims_but(&json!({"aud": crate::harness::API}));
    assert_eq!(refused(harness.verify_claims(&claims).await), TokenError::NotAnAccessToken);

    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "application/at+jwt"] {
        let mut header = harness.signer.header();
        header["typ"] = json!(typ);
        let token = harness.signer.token_with(&header, &harness.id_claims_but(&json!({})));
        assert_eq!(
            refused(harness.id_tokens.verify(&token, &expected()).await).code(),
            "wrong_type",
            "{typ}"
        );
    }
    let token = harness.signer.token(&harness.claims());
    assert_eq!(
        refused(harness.id_tokens.verify(&token, &expected()).await).code(),
        "wrong_audience"
    );
}

#[tokio::test]
async fn all_its_claims_can_be_taken_out() {
    let claims = Harness::new().verify_id(json!({}), &expected()).await.unwrap();
    let document = claims.into_inner().into_document();
    assert_eq!(document["name"], "Ada Lovelace");
}
