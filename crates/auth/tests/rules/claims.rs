//! TOKENS: `iss`, `aud`, the times, Entra's `ver` and `tid`, `azp`.

use std::time::{Duration, UNIX_EPOCH};

use oidc_resource_server::{AccessTokenRules, ConfigError, TokenError, Verifier};
use serde_json::json;

use crate::harness::{API, CLIENT, Harness, ISSUER, NOW, TENANT};

#[tokio::test]
async fn iss_is_a_string_and_equals_the_issuer_exactly() {
    let harness = Harness::new();
    for iss in [
        format!("{ISSUER}/"),
        ISSUER.to_uppercase(),
        format!("https://sts.windows.net/{TENANT}/"),
        format!(" {ISSUER}"),
        ISSUER.replace("https", "http"),
    ] {
        assert_eq!(harness.refusal(json!({"iss": iss})).await.code(), "wrong_issuer", "{iss}");
    }
    for iss in [json!([ISSUER]), json!(1), json!({}), json!(true), json!("")] {
        assert_eq!(harness.refusal(json!({"iss": iss})).await.code(), "claim_malformed", "{iss}");
    }
    assert_eq!(
        harness.refusal(json!({"iss": null})).await,
        TokenError::ClaimMissing { claim: "iss".into() }
    );
}

#[tokio::test]
async fn aud_is_a_string_or_strings_and_shares_a_value_with_the_audience() {
    let harness = Harness::rules(|rules| rules.audiences = vec!["api://x".into(), API.into()]);
    for aud in [json!(API), json!("api://x"), json!([API]), json!(["other", API])] {
        assert!(harness.verify_but(json!({"aud": aud})).await.is_ok(), "{aud}");
    }
    for aud in [
        json!("other"),
        json!([]),
        json!([""]),
        json!(format!("{API} ")),
        json!(["other", "api://y"]),
    ] {
        assert_eq!(harness.refusal(json!({"aud": aud})).await.code(), "wrong_audience", "{aud}");
    }
    for aud in [json!(1), json!({}), json!([API, 1]), json!([[API]]), json!(true)] {
        assert_eq!(harness.refusal(json!({"aud": aud})).await.code(), "claim_malformed", "{aud}");
    }
    assert_eq!(
        harness.refusal(json!({"aud": null})).await,
        TokenError::ClaimMissing { claim: "aud".into() }
    );
}

#[tokio::test]
async fn a_verifier_without_audience_is_not_built() {
    for audiences in [vec![], vec![String::new()], vec![API.to_owned(), String::new()]] {
        let rules = AccessTokenRules::new(audiences);
        assert_eq!(
            Verifier::new(Harness::new().provider, rules).err(),
            Some(ConfigError::Audience)
        );
    }
}

#[tokio::test]
async fn exp_is_required_and_checked_at_both_edges_of_the_leeway() {
    let harness = Harness::new();
    assert!(harness.verify_but(json!({"exp": NOW - 59})).await.is_ok());
    assert_eq!(harness.refusal(json!({"exp": NOW - 60})).await.code(), "expired");
    assert!(harness.verify_but(json!({"exp": 1_749_999_940.5})).await.is_ok());
    assert_eq!(harness.refusal(json!({"exp": 0})).await.code(), "expired");
    assert_eq!(
        harness.refusal(json!({"exp": null})).await,
        TokenError::ClaimMissing { claim: "exp".into() }
    );
}

#[tokio::test]
async fn nbf_and_iat_are_checked_at_both_edges_of_the_leeway() {
    let harness = Harness::new();
    for claim in ["nbf", "iat"] {
        assert!(harness.verify_but(json!({claim: NOW + 60})).await.is_ok(), "{claim}");
        assert_eq!(
            harness.refusal(json!({claim: NOW + 61})).await.code(),
            "not_yet_valid",
            "{claim}"
        );
        assert!(harness.verify_but(json!({claim: null})).await.is_ok(), "{claim} is optional");
    }
}

#[tokio::test]
async fn the_leeway_can_be_set() {
    for leeway in [0, 300] {
        let harness = Harness::new();
        let mut config =
            oidc_resource_server::ProviderConfig::new(harness.provider.issuer().clone());
        config.leeway = Duration::from_secs(leeway);
        config.algorithms = oidc_resource_server::Algorithm::ALL.to_vec();
        let provider = oidc_resource_server::Provider::new(
            config,
            harness.script.clone(),
            std::sync::Arc::new(harness.clock.clone()),
        );
        let rules = AccessTokenRules::new([API]);
        let tokens = Verifier::new(provider, rules).unwrap();
        let passes = async |changes| {
            tokens.verify(&harness.signer.token(&harness.claims_but(&changes))).await.is_ok()
        };
        assert!(passes(json!({"exp": NOW + 1 - leeway})).await);
        assert!(!passes(json!({"exp": NOW - leeway})).await);
        assert!(passes(json!({"nbf": NOW + leeway})).await);
        assert!(!passes(json!({"nbf": NOW + leeway + 1})).await);
    }
}

#[tokio::test]
async fn times_outside_1970_to_9999_and_other_types_refuse() {
    let harness = Harness::new();
    for claim in ["exp", "nbf", "iat"] {
        for time in [
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(253_402_300_800_u64),
            json!(u64::MAX),
            json!(i64::MIN),
        ] {
            assert_eq!(
                harness.refusal(json!({claim: time})).await.code(),
                "time_out_of_range",
                "{claim} {time}"
            );
        }
        for time in [json!("1750000000"), json!(true), json!([NOW]), json!({})] {
            assert_eq!(
                harness.refusal(json!({claim: time})).await.code(),
                "claim_malformed",
                "{claim} {time}"
            );
        }
    }
    assert!(harness.verify_but(json!({"exp": 253_402_300_799_u64})).await.is_ok());
    // `null` is a value, and no number.
    let claims = harness.claims().to_string().replace(&format!("\"nbf\":{NOW}"), "\"nbf\":null");
    let token = harness.signer.sign(&harness.signer.header().to_string(), &claims);
    assert_eq!(crate::harness::refused(harness.verify(&token).await).code(), "claim_malformed");
}

#[tokio::test]
async fn a_clock_before_1970_accepts_nothing_that_has_a_beginning() {
    let harness = Harness::new();
    let token = harness.signer.token(&harness.claims());
    harness.clock.set(UNIX_EPOCH - Duration::from_secs(1));
    assert_eq!(crate::harness::refused(harness.verify(&token).await).code(), "not_yet_valid");
}

#[tokio::test]
async fn on_an_entra_issuer_ver_and_tid_are_required_and_right() {
    let harness = Harness::new();
    for (changes, code) in [
        (json!({"ver": null}), "claim_missing"),
        (json!({"tid": null}), "claim_missing"),
        (json!({"ver": "1.0"}), "wrong_version"),
        (json!({"ver": 2.0}), "claim_malformed"),
        (json!({"tid": CLIENT}), "wrong_tenant"),
        (json!({"tid": [TENANT]}), "claim_malformed"),
    ] {
        assert_eq!(harness.refusal(changes.clone()).await.code(), code, "{changes}");
    }
}

#[tokio::test]
async fn other_issuers_use_ver_and_tid_as_they_like() {
    let harness = Harness::issuer("https://accounts.example.com");
    for changes in [json!({"ver": null, "tid": null}), json!({"ver": 7, "tid": ["x"]})] {
        assert!(harness.verify_but(changes.clone()).await.is_ok(), "{changes}");
    }
}

#[tokio::test]
async fn azp_is_on_the_allow_list_if_there_is_one() {
    let harness = Harness::rules(|rules| rules.allowed_clients = vec![CLIENT.into()]);
    assert!(harness.verify_but(json!({})).await.is_ok());
    assert_eq!(harness.refusal(json!({"azp": "other"})).await.code(), "client_not_allowed");
    assert_eq!(harness.refusal(json!({"azp": null})).await.code(), "client_not_allowed");
    assert_eq!(harness.refusal(json!({"azp": [CLIENT]})).await.code(), "claim_malformed");
    // RFC 9068 calls it `client_id`; `azp` comes first.
    assert!(harness.verify_but(json!({"azp": null, "client_id": CLIENT})).await.is_ok());
    assert_eq!(
        harness.refusal(json!({"azp": "other", "client_id": CLIENT})).await.code(),
        "client_not_allowed"
    );

    let open = Harness::new();
    assert_eq!(open.verify_but(json!({"azp": "other"})).await.unwrap().client(), Some("other"));
    let mut rules = AccessTokenRules::new([API]);
    rules.allowed_clients = vec![String::new()];
    assert_eq!(Verifier::new(open.provider, rules).err(), Some(ConfigError::AllowedClient));
}

#[tokio::test]
async fn each_failed_fact_names_expected_and_actual_and_never_the_token() {
    let harness = Harness::new();
    let message = harness.refusal(json!({"aud": "other"})).await.to_string();
    assert!(message.contains("other") && message.contains(API), "{message}");
    let message = harness.refusal(json!({"tid": CLIENT})).await.to_string();
    assert!(message.contains(TENANT) && message.contains(CLIENT), "{message}");

    // What a token says cannot flood a log, nor forge a line of it.
    let message =
        harness.refusal(json!({"aud": format!("x\n{}", "y".repeat(1000))})).await.to_string();
    assert!(message.len() < 300 && !message.contains('\n'), "{message}");
    let message = harness.refusal(json!({"aud": vec!["\u{200b}"; 1000]})).await.to_string();
    assert!(message.len() < 300 && message.contains("and 992 more"), "{message}");
}
