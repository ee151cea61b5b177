//! Back-channel logout tokens (OpenID Connect Back-Channel Logout, section 2.6).

use std::time::{Duration, UNIX_EPOCH};

use oidc_resource_server::{
    Algorithm, LogoutClaims, LogoutTokenVerifier, TokenError, Verified, VerifyError,
};
use serde_json::{Map, Value, json};

use crate::{
    harness::{CLIENT, HOUR, Harness, ISSUER, NOW, TENANT, is_unavailable, merged, refused},
    signer::{Signer, base64url},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

type Verdict = Result<Verified<LogoutClaims>, VerifyError>;

/// The claims of a good token with these changes; `null` takes a claim out.
fn claims_but(harness: &Harness, changes: &Value) -> Value {
    let now = harness.clock.seconds();
    let claims = json!({
        "iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j-1",
        "sub": "pairwise-1", "sid": "s-1", "tid": TENANT, "ver": "2.0", "events": {EVENT: {}}
    });
    merged(claims, changes)
}

/// The header of a good token with these changes.
fn header_but(harness: &Harness, changes: &Value) -> Value {
    let header = merged(harness.signer.header(), &json!({"typ": "logout+jwt"}));
    merged(header, changes)
}

async fn check(harness: &Harness, token: &str) -> Verdict {
    LogoutTokenVerifier::new(harness.provider.clone(), CLIENT).unwrap().verify(token).await
}

async fn verify_with(header: Value, changes: Value) -> Verdict {
    let harness = Harness::new();
    let (header, claims) = (header_but(&harness, &header), claims_but(&harness, &changes));
    check(&harness, &harness.signer.token_with(&header, &claims)).await
}

async fn verify_but(changes: Value) -> Verdict {
    verify_with(json!({}), changes).await
}

async fn error_of(changes: Value) -> TokenError {
    refused(verify_but(changes).await)
}

/// Fails unless each of these values of the claim is refused as malformed.
async fn malformed(claim: &str, values: &[Value]) {
    for value in values {
        let error = error_of(json!({claim: value})).await;
        assert_eq!(error.code(), "claim_malformed", "{claim}: {value}");
    }
}

fn not_text() -> [Value; 6] {
    [json!(1), json!(["s-1"]), json!({"s": 1}), json!(true), json!(1.5), json!("")]
}

#[tokio::test]
async fn a_good_logout_token_names_what_ends() {
    let claims = verify_but(json!({})).await.unwrap();
    assert_eq!(claims.issuer().as_str(), ISSUER);
    assert_eq!((claims.subject(), claims.session_id()), (Some("pairwise-1"), Some("s-1")));
    assert_eq!(claims.token_id(), "j-1");
    assert_eq!(claims.issued_at(), UNIX_EPOCH + Duration::from_secs(NOW));
    assert_eq!(claims.expires(), UNIX_EPOCH + Duration::from_secs(NOW + 120));
}

#[tokio::test]
async fn the_typ_of_a_logout_token_is_logout_jwt_or_says_nothing() {
    for typ in [
        json!("logout+jwt"),
        json!("application/logout+jwt"),
        json!("Logout+JWT"),
        json!("JWT"),
        json!(null),
    ] {
        assert!(verify_with(json!({"typ": typ}), json!({})).await.is_ok(), "{typ}");
    }
    for typ in ["at+jwt", "dpop+jwt", "secevent+jwt", "id+jwt", "logout", ""] {
        let error = refused(verify_with(json!({"typ": typ}), json!({})).await);
        assert_eq!(error.code(), "wrong_type", "{typ}");
    }
    let error = refused(verify_with(json!({"typ": ["logout+jwt"]}), json!({})).await);
    assert_eq!(error.code(), "header_malformed");
}

#[tokio::test]
async fn an_unsigned_logout_token_is_refused() {
    let harness = Harness::new();
    let claims = base64url(claims_but(&harness, &json!({})).to_string());
    for alg in ["none", "None", "NONE", "nOnE"] {
        let header = header_but(&harness, &json!({"alg": alg, "kid": null}));
        let unsigned = format!("{}.{claims}.", base64url(header.to_string()));
        for token in [unsigned.clone(), format!("{unsigned}{}", base64url("x"))] {
            let code = refused(check(&harness, &token).await).code();
            assert_eq!(code, "algorithm_not_allowed", "{alg}");
        }
    }
    // And one whose header promises a signature that is not there.
    let header = base64url(header_but(&harness, &json!({})).to_string());
    let code = refused(check(&harness, &format!("{header}.{claims}.")).await).code();
    assert_eq!(code, "bad_signature");
}

#[tokio::test]
async fn a_logout_token_of_an_algorithm_that_is_not_allowed_is_refused() {
    for alg in ["HS256", "HS512", "ES256K", "RS1", "dir", ""] {
        let error = refused(verify_with(json!({"alg": alg}), json!({})).await);
        assert_eq!(error.code(), "algorithm_not_allowed", "{alg}");
    }
    // Known, but not this issuer's.
    let harness = Harness::signer(Signer::es256("key-1"), &[Algorithm::RS256]);
    let (header, claims) = (header_but(&harness, &json!({})), claims_but(&harness, &json!({})));
    let error = refused(check(&harness, &harness.signer.token_with(&header, &claims)).await);
    assert_eq!(error.code(), "algorithm_not_allowed");
}

#[tokio::test]
async fn a_logout_token_signed_by_another_key_is_refused() {
    let harness = Harness::new();
    let (header, claims) = (header_but(&harness, &json!({})), claims_but(&harness, &json!({})));
    let token = Signer::es256("key-1").token_with(&header, &claims);
    assert_eq!(refused(check(&harness, &token).await), TokenError::BadSignature);
}

#[tokio::test]
async fn a_logout_token_of_another_issuer_is_refused() {
    for iss in ["https://evil.example", &format!("{ISSUER}/"), &ISSUER.to_uppercase()] {
        assert_eq!(error_of(json!({"iss": iss})).await.code(), "wrong_issuer", "{iss}");
    }
    malformed("iss", &[json!([ISSUER]), json!(1), json!("")]).await;
    let missing = TokenError::ClaimMissing { claim: "iss".into() };
    assert_eq!(error_of(json!({"iss": null})).await, missing);
}

#[tokio::test]
async fn a_logout_token_is_for_the_client_alone() {
    assert!(verify_but(json!({"aud": [CLIENT]})).await.is_ok());
    for aud in [json!("other"), json!([]), json!(["other"]), json!(format!("{CLIENT} "))] {
        assert_eq!(error_of(json!({"aud": aud})).await.code(), "wrong_audience", "{aud}");
    }
    assert_eq!(error_of(json!({"aud": [CLIENT, "other"]})).await.code(), "untrusted_audience");
    malformed("aud", &[json!(1), json!({}), json!([CLIENT, 1])]).await;
    assert!(LogoutTokenVerifier::new(Harness::new().provider, "").is_err());
}

#[tokio::test]
async fn a_logout_token_names_the_logout_event() {
    for events in [
        json!(null),
        json!({}),
        json!([EVENT]),
        json!(EVENT),
        json!({EVENT: true}),
        json!({EVENT: null}),
        json!({EVENT: []}),
        json!({EVENT: "{}"}),
        json!({"other": {}}),
        json!({"http://schemas.openid.net/event/backchannel-logout/": {}}),
        json!({"https://schemas.openid.net/event/backchannel-logout": {}}),
    ] {
        let error = error_of(json!({"events": events})).await;
        assert_eq!(error, TokenError::NotALogoutToken, "{events}");
    }
    let more: Map<String, Value> =
        [(EVENT.into(), json!({"x": 1})), ("other".into(), json!({}))].into_iter().collect();
    assert!(verify_but(json!({"events": more})).await.is_ok());
}

#[tokio::test]
async fn a_token_with_a_nonce_is_no_logout_token() {
    for nonce in [json!("n-1"), json!(""), json!(1), json!(false), json!([])] {
        let error = error_of(json!({"nonce": nonce})).await;
        assert_eq!(error, TokenError::NotALogoutToken, "{nonce}");
    }
    // `null` is there as well, so it cannot go through the helper that takes claims out.
    let harness = Harness::new();
    let mut claims = claims_but(&harness, &json!({}));
    claims["nonce"] = Value::Null;
    let token = harness.signer.token_with(&header_but(&harness, &json!({})), &claims);
    assert_eq!(refused(check(&harness, &token).await), TokenError::NotALogoutToken);
}

#[tokio::test]
async fn an_id_token_never_passes_for_a_logout_token() {
    let harness = Harness::new();
    for changes in [json!({}), json!({"nonce": null, "sid": "s-1", "jti": "j-1"})] {
        let token = harness.signer.token(&harness.id_claims_but(&changes));
        assert_eq!(refused(check(&harness, &token).await), TokenError::NotALogoutToken);
    }
}

#[tokio::test]
async fn sub_sid_and_jti_are_strings() {
    for claim in ["sub", "sid", "jti"] {
        malformed(claim, &not_text()).await;
    }
    // The other one does not make up for it.
    malformed("sid", &[json!(7)]).await;
    let error = error_of(json!({"sub": null, "sid": 7})).await;
    assert_eq!(error.code(), "claim_malformed");
}

#[tokio::test]
async fn a_logout_token_has_sub_or_sid() {
    let missing = TokenError::ClaimMissing { claim: "sub".into() };
    assert_eq!(error_of(json!({"sub": null, "sid": null})).await, missing);
    let by_sid = verify_but(json!({"sub": null})).await.unwrap();
    assert_eq!((by_sid.subject(), by_sid.session_id()), (None, Some("s-1")));
    let by_sub = verify_but(json!({"sid": null})).await.unwrap();
    assert_eq!((by_sub.subject(), by_sub.session_id()), (Some("pairwise-1"), None));
}

#[tokio::test]
async fn a_logout_token_has_jti_iat_exp_and_aud() {
    for claim in ["jti", "iat", "exp", "aud"] {
        let missing = TokenError::ClaimMissing { claim: claim.into() };
        assert_eq!(error_of(json!({claim: null})).await, missing);
    }
    malformed("iat", &[json!("1750000000"), json!([]), json!({})]).await;
    malformed("exp", &[json!("1750000000"), json!([]), json!({})]).await;
}

#[tokio::test]
async fn a_logout_token_out_of_its_time_is_refused() {
    // Both edges of each, with the leeway of a minute.
    for (changes, verdict) in [
        (json!({"iat": NOW - 600, "exp": NOW - 59}), None),
        (json!({"iat": NOW - 600, "exp": NOW - 60}), Some("expired")),
        (json!({"iat": NOW + 60}), None),
        (json!({"iat": NOW + 61}), Some("not_yet_valid")),
        (json!({"iat": NOW - HOUR - 60}), None),
        (json!({"iat": NOW - HOUR - 61}), Some("logout_too_old")),
        (json!({"iat": NOW - HOUR - 61, "exp": NOW + 99 * HOUR}), Some("logout_too_old")),
        (json!({"iat": 0}), Some("logout_too_old")),
        (json!({"iat": -1}), Some("time_out_of_range")),
    ] {
        let actual = verify_but(changes.clone()).await.err();
        let actual = actual.map(|error| refused::<()>(Err(error)).code());
        assert_eq!(actual, verdict, "{changes}");
    }
}

#[tokio::test]
async fn a_logout_token_need_not_be_remembered_longer_than_it_is_accepted() {
    for exp in [NOW + 2 * HOUR, 253_402_300_799] {
        let claims = verify_but(json!({"exp": exp})).await.unwrap();
        assert_eq!(claims.expires(), UNIX_EPOCH + Duration::from_secs(NOW + HOUR), "{exp}");
    }
}

#[tokio::test]
async fn a_logout_token_that_cannot_be_verified_is_neither_accepted_nor_refused() {
    let harness = Harness::new();
    let token = harness
        .signer
        .token_with(&header_but(&harness, &json!({})), &claims_but(&harness, &json!({})));
    harness.script.go_down();
    assert!(is_unavailable(&check(&harness, &token).await));
    harness.script.come_back();
    harness.clock.forward(60);
    assert!(check(&harness, &token).await.is_ok());
}
