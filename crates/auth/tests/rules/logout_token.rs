//! Back-channel logout tokens (OpenID Connect Back-Channel Logout, section 2.6).

use auth::{LogoutClaims, LogoutTokens, TokenError, Verified, VerifyError};
use serde_json::{Map, Value, json};

use crate::stage::{CLIENT, NOW, Stage, TENANT, refused};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn verify_as(typ: &str, changes: Value) -> Result<Verified<LogoutClaims>, VerifyError> {
    let stage = Stage::new();
    let changes = merged(
        json!({
            "nonce": null, "name": null, "jti": "j-1", "sid": "s-1", "tid": TENANT,
            "events": {EVENT: {}}
        }),
        changes,
    );
    let mut header = stage.signer.header();
    header["typ"] = json!(typ);
    let token = stage.signer.token_with(&header, &stage.id_claims_but(&changes));
    LogoutTokens::new(stage.provider.clone(), CLIENT).unwrap().verify(&token).await
}

fn merged(mut to: Value, from: Value) -> Value {
    let Value::Object(from) = from else { panic!("no object") };
    to.as_object_mut().unwrap().extend(from);
    to
}

async fn refusal(changes: Value) -> TokenError {
    refused(verify_as("logout+jwt", changes).await)
}

#[tokio::test]
async fn a_good_logout_token_names_what_ends() {
    for typ in ["logout+jwt", "application/logout+jwt", "JWT"] {
        let claims = verify_as(typ, json!({})).await.unwrap();
        assert_eq!((claims.subject(), claims.session_id()), (Some("pairwise-1"), Some("s-1")));
        assert_eq!(claims.token_id(), "j-1");
        let expires = claims.expires().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(expires, NOW + 3600);
    }
    for typ in ["at+jwt", "dpop+jwt"] {
        assert_eq!(refused(verify_as(typ, json!({})).await).code(), "wrong_type");
    }
}

#[tokio::test]
async fn a_logout_token_names_the_event_and_has_no_nonce() {
    for events in [
        json!(null),
        json!({}),
        json!([EVENT]),
        json!(EVENT),
        json!({EVENT: true}),
        json!({"other": {}}),
    ] {
        assert_eq!(
            refusal(json!({"events": events})).await,
            TokenError::NotALogoutToken,
            "{events}"
        );
    }
    assert_eq!(refusal(json!({"nonce": "n-1"})).await, TokenError::NotALogoutToken);
    let more: Map<String, Value> =
        [(EVENT.into(), json!({"x": 1})), ("other".into(), json!({}))].into_iter().collect();
    assert!(verify_as("logout+jwt", json!({"events": more})).await.is_ok());
}

#[tokio::test]
async fn a_logout_token_has_jti_iat_exp_and_sub_or_sid() {
    for claim in ["jti", "iat", "exp", "aud"] {
        assert_eq!(
            refusal(json!({claim: null})).await,
            TokenError::ClaimMissing { claim: claim.into() }
        );
    }
    assert_eq!(
        refusal(json!({"sub": null, "sid": null})).await,
        TokenError::ClaimMissing { claim: "sub".into() }
    );
    assert!(verify_as("logout+jwt", json!({"sub": null})).await.is_ok());
    assert!(verify_as("logout+jwt", json!({"sid": null})).await.is_ok());
}

#[tokio::test]
async fn a_logout_token_is_for_the_client_alone() {
    assert_eq!(refusal(json!({"aud": "other"})).await.code(), "wrong_audience");
    assert_eq!(refusal(json!({"aud": [CLIENT, "other"]})).await.code(), "untrusted_audience");
    assert!(LogoutTokens::new(Stage::new().provider, "").is_err());
}
