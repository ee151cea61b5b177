//! Faults that other implementations had. Where a rule's own test proves that
//! a fault is not here, it is named; the others have their test below.
//!
//! Peers:
//! - cooldown not armed by failed fetches: `cache::failed_fetches_arm_a_cooldown_of_5_seconds_that_doubles_to_60`
//! - lock held across the fetch: `cache::a_request_with_a_usable_key_never_waits_for_a_fetch`
//! - `exp` optional: `claims::exp_is_required_and_checked_at_both_edges_of_the_leeway`
//! - the attacker's `kid` sent to the JWKS URL: `cache::what_a_token_says_is_never_part_of_an_address`
//! - keys cleared before the new set parsed: `cache::a_set_without_a_usable_key_never_replaces_a_good_one`
//! - timers for refresh: `cache::no_timer_refreshes_anything`
//! - outage answered as 401: `cache::an_outage_is_never_answered_as_a_bad_token`
//!
//! jsonwebtoken:
//! - ignores `crit`: `header::any_crit_refuses`
//! - a missing or non-string `aud` passes: `claims::aud_is_a_string_or_strings_and_shares_a_value_with_the_audience`
//! - a missing, non-string or listed `iss` passes: `claims::iss_is_a_string_and_equals_the_issuer_exactly`
//! - `nbf` is off by default: `claims::nbf_and_iat_are_checked_at_both_edges_of_the_leeway`
//! - a payload that is a list is taken: `form::header_and_payload_must_be_json_objects`
//! - of two claims the last wins: `form::a_duplicate_name_in_header_or_payload_refuses`
//! - `use`, `key_ops`, `alg` of a key ignored: `key::a_key_for_another_use_does_not_fit`
//! - one null entry or numeric `kid` kills the set: `key::one_odd_key_is_skipped_and_the_set_lives_on`
//! - a string as `x5c` kills the set: `key::a_key_may_have_what_we_do_not_know`
//!
//! The tutorial:
//! - a policy of nothing: `policy::a_policy_with_an_empty_list_is_not_built`
//! - any `scp` passes: `policy::any_scp_is_not_enough`

use http::Request;
use oidc_resource_server::{
    AccessTokenRules, Algorithm, AuthError, ConfigError, Policy, RequestHead, Resource, Role,
    Scope, Verifier,
};
use serde_json::json;

use crate::{
    harness::{Harness, refused},
    signer::{Signer, base64url},
};

#[tokio::test]
async fn the_host_header_builds_no_address() {
    let harness = Harness::new();
    let verifier =
        harness.verifier.clone().with_resource(Resource::parse("https://todos.example").unwrap());
    for uri in ["/todos", "https://evil.example/todos"] {
        let request = Request::get(uri)
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "host=evil.example;proto=http")
            .body(())
            .unwrap();
        let head = RequestHead::from(&request);
        let headers = verifier.error_response(&head, AuthError::NoCredentials).headers();
        assert_eq!(
            headers["www-authenticate"],
            "Bearer resource_metadata=\"https://todos.example/.well-known/oauth-protected-resource\""
        );
        // Who configured none gets none.
        let headers = harness.verifier.error_response(&head, AuthError::NoCredentials).headers();
        assert_eq!(headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn failed_fetches_of_an_unknown_kid_arm_the_cooldown() {
    let harness = Harness::new();
    harness.provider.warm().await.unwrap();
    harness.script.go_down();
    for at in 0..100 {
        let token = Signer::es256(&format!("made-up-{at}")).token(&harness.claims());
        assert!(crate::harness::is_unavailable(&harness.verify(&token).await));
    }
    assert_eq!(harness.script.key_fetches(), 2);
}

#[tokio::test]
async fn the_curve_of_a_key_is_not_ignored() {
    // A P-384 key that calls itself P-256, and the other way round.
    for (signer, crv) in [(Signer::es384("key-1"), "P-256"), (Signer::es256("key-1"), "P-384")] {
        let harness = Harness::signer(signer, &Algorithm::ALL);
        let mut jwk = harness.signer.jwk();
        jwk["crv"] = json!(crv);
        harness.script.publish_jwks(&json!([jwk, Signer::rsa("other").jwk()]));
        assert_eq!(harness.refusal(json!({})).await.code(), "unknown_key", "{crv}");
    }
    // A key of the right kind for another curve's algorithm.
    let harness = Harness::signer(Signer::es384("key-1"), &Algorithm::ALL);
    let header = json!({"alg": "ES256", "kid": "key-1"});
    let token = harness.signer.token_with(&header, &harness.claims());
    assert_eq!(refused(harness.verify(&token).await).code(), "key_mismatch");
}

#[tokio::test]
async fn an_rsa_key_under_2048_bits_verifies_nothing() {
    let harness = Harness::signer(Signer::rsa("key-1"), &[Algorithm::RS256]);
    // 2047 bits: the highest bit of 256 bytes is not set.
    let mut modulus = vec![0xff; 256];
    modulus[0] = 0x7f;
    let weak = json!({"kid": "weak", "kty": "RSA", "n": base64url(modulus), "e": "AQAB"});
    harness.script.publish_jwks(&json!([harness.signer.jwk(), weak]));
    let header = json!({"alg": "RS256", "kid": "weak"});
    let token = harness.signer.token_with(&header, &harness.claims());
    assert_eq!(refused(harness.verify(&token).await).code(), "unknown_key");
}

#[test]
fn an_empty_setting_is_no_policy() {
    // What a handler makes of a variable that is not there.
    for setting in ["", " ", "ToDoList.Read "] {
        let names: Result<Vec<Scope>, _> = setting.split(' ').map(Scope::parse).collect();
        assert_eq!(names, Err(ConfigError::Scope(String::new())), "{setting:?}");
    }
    for setting in ["", "  ", "\t"] {
        let scopes: Vec<Scope> =
            setting.split_whitespace().map(|name| Scope::parse(name).unwrap()).collect();
        let roles = vec![Role::parse("a").unwrap()];
        assert_eq!(Policy::any_of(scopes.clone(), roles), Err(ConfigError::NoScopes));
        assert_eq!(Policy::users_only(scopes), Err(ConfigError::NoScopes));
    }
    assert_eq!(Role::parse(""), Err(ConfigError::Role(String::new())));
}

#[test]
fn an_empty_setting_is_no_audience() {
    let provider = Harness::new().provider;
    for audiences in [vec![], vec![""], vec!["api", ""]] {
        let verdict = Verifier::new(provider.clone(), AccessTokenRules::new(audiences)).map(drop);
        assert_eq!(verdict, Err(ConfigError::Audience));
    }
}

#[tokio::test]
async fn a_token_with_any_scp_does_not_meet_a_policy() {
    let harness = Harness::new();
    let policy = Policy::any_of(
        vec![Scope::parse("ToDoList.Read").unwrap()],
        vec![Role::parse("ToDoList.Read.All").unwrap()],
    )
    .unwrap();
    for scp in ["openid", "Mail.Read", "ToDoList.Read.All", "ToDoList.ReadWrite", "todolist.read"] {
        let token = harness.signer.token(&harness.claims_but(&json!({"scp": scp})));
        let request =
            Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let verdict = harness.verifier.authorize(&RequestHead::from(&request), &policy).await;
        let response = verdict.unwrap_err().into_response::<String>();
        assert_eq!(response.status(), 403, "{scp}");
    }
}

/// Panics when it is asked, and counts how often.
struct Panicking(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl oidc_resource_server::Fetch for Panicking {
    fn fetch<'a>(
        &'a self,
        _: oidc_resource_server::FetchRequest<'a>,
    ) -> oidc_resource_server::FetchFuture<'a> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Box::pin(async { panic!("a fault of the fetch") })
    }
}

#[tokio::test]
async fn a_fetch_that_panics_is_a_failure_with_its_cooldown() {
    let asked = std::sync::Arc::default();
    let harness = Harness::new();
    let config = oidc_resource_server::ProviderConfig::new(harness.provider.issuer().clone());
    let fetch = Panicking(std::sync::Arc::clone(&asked));
    let provider = oidc_resource_server::Provider::new(
        config,
        fetch,
        std::sync::Arc::new(harness.clock.clone()),
    );
    for _ in 0..3 {
        assert!(provider.metadata().await.is_err());
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
}
