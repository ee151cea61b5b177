//! TOKENS: a template of issuers, with a list of tenants.

use oidc_resource_server::{AccessTokenRules, Algorithm, Issuer, ProviderConfig, Verifier};
use serde_json::{Value, json};

use crate::{
    harness::{API, JWKS, is_unavailable, merged, refused},
    party::Party,
    signer::Signer,
};

const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const ONE: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
const TWO: &str = "0a1b2c3d-3b7a-4c58-9a57-2a1f6f1c7e10";
const UNLISTED: &str = "99999999-3b7a-4c58-9a57-2a1f6f1c7e10";

/// The provider of tenants ONE and TWO, and a verifier of its tokens.
fn tenants() -> (Party, Verifier) {
    let mut config = ProviderConfig::for_tenants(TEMPLATE, [ONE, TWO]).unwrap();
    config.algorithms = vec![Algorithm::ES256];
    let party = Party::with(config, Signer::es256("key-1"));
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    (party, verifier)
}

fn issuer(tenant: &str) -> String {
    TEMPLATE.replace("{tenantid}", tenant)
}

fn claims(party: &Party, tenant: &str) -> Value {
    party.claims(&json!({"iss": issuer(tenant), "tid": tenant, "ver": "2.0"}))
}

fn token(party: &Party, tenant: &str) -> String {
    party.signer.token(&claims(party, tenant))
}

#[tokio::test]
async fn listed_tenants_pass_and_share_metadata_and_keys() {
    let (party, verifier) = tenants();
    for tenant in [ONE, TWO] {
        let claims = verifier.verify(&token(&party, tenant)).await.unwrap();
        assert_eq!(claims.issuer().as_str(), issuer(tenant));
    }
    assert_eq!(
        party.script.asked(),
        ["https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration", JWKS]
    );
}

#[tokio::test]
async fn a_tenant_that_is_not_listed_is_refused_unasked() {
    let (party, verifier) = tenants();
    for tenant in [UNLISTED, "{tenantid}", "common", "organizations", &ONE.to_uppercase(), ""] {
        let error = refused(verifier.verify(&token(&party, tenant)).await);
        assert_eq!(error.code(), "wrong_issuer", "{tenant}");
    }
    let elsewhere = format!("https://evil.example/{ONE}/v2.0");
    let claims = party.claims(&json!({"iss": elsewhere, "tid": ONE, "ver": "2.0"}));
    let error = refused(verifier.verify(&party.signer.token(&claims)).await);
    assert_eq!(error.code(), "wrong_issuer");
    assert!(party.script.asked().is_empty());
}

#[tokio::test]
async fn tid_is_the_tenant_of_the_issuer() {
    let (party, verifier) = tenants();
    for (changes, code) in [
        (json!({"tid": TWO}), "wrong_tenant"),
        (json!({"tid": UNLISTED}), "wrong_tenant"),
        (json!({"tid": "{tenantid}"}), "wrong_tenant"),
        (json!({"tid": [ONE]}), "claim_malformed"),
        (json!({"tid": null}), "claim_missing"),
        (json!({"ver": "1.0"}), "wrong_version"),
        (json!({"ver": null}), "claim_missing"),
    ] {
        let token = party.signer.token(&merged(claims(&party, ONE), &changes));
        assert_eq!(refused(verifier.verify(&token).await).code(), code, "{changes}");
    }
    assert!(party.script.asked().is_empty());
}

#[tokio::test]
async fn the_metadata_must_name_the_template() {
    for named in [
        issuer("common"),
        issuer(ONE),
        issuer(UNLISTED),
        "https://sts.windows.net/{tenantid}/".to_owned(),
    ] {
        let (party, verifier) = tenants();
        party.script.set_metadata(json!({"issuer": named, "jwks_uri": JWKS}));
        assert!(is_unavailable(&verifier.verify(&token(&party, ONE)).await), "{named}");
        assert_eq!(party.script.key_fetches(), 0, "{named}");
    }
}

/// Whether the key, if it carries this issuer, verifies tokens of each tenant.
async fn verdicts(key_issuer: &Value) -> [Result<(), &'static str>; 2] {
    let (party, verifier) = tenants();
    let mut jwk = party.signer.jwk();
    jwk["issuer"] = key_issuer.clone();
    party.script.publish_jwks(&json!([jwk]));
    let mut verdicts = [Ok(()); 2];
    for (verdict, tenant) in verdicts.iter_mut().zip([ONE, TWO]) {
        let result = verifier.verify(&token(&party, tenant)).await;
        if result.is_err() {
            *verdict = Err(refused(result).code());
        }
        // A token that names no key is held to the same.
        let header = json!({"alg": "ES256"});
        let nameless = party.signer.token_with(&header, &claims(&party, tenant));
        let result = verifier.verify(&nameless).await;
        assert_eq!(result.is_ok(), verdict.is_ok(), "{key_issuer}");
    }
    verdicts
}

#[tokio::test]
async fn a_key_with_an_issuer_verifies_only_tokens_of_that_issuer() {
    const WRONG: Result<(), &str> = Err("wrong_key_issuer");
    assert_eq!(verdicts(&json!(TEMPLATE)).await, [Ok(()), Ok(())]);
    assert_eq!(verdicts(&json!(issuer(ONE))).await, [Ok(()), WRONG]);
    assert_eq!(verdicts(&json!(issuer(TWO))).await, [WRONG, Ok(())]);
    for other in [
        json!(issuer(UNLISTED)),
        json!(issuer(&ONE.to_uppercase())),
        json!(issuer("common")),
        json!(issuer("{tid}")),
        json!("https://login.microsoftonline.com/{tenantid}{tenantid}/v2.0"),
        json!("https://login.microsoftonline.com/{tenantid}/v2.0/"),
        json!("https://evil.example/{tenantid}/v2.0"),
        json!("{tenantid}"),
        json!(ONE),
        json!(""),
        json!(1),
        json!(null),
        json!([TEMPLATE]),
        json!({"issuer": TEMPLATE}),
    ] {
        assert_eq!(verdicts(&other).await, [WRONG, WRONG], "{other}");
    }
}

#[tokio::test]
async fn keys_of_the_same_id_and_of_several_tenants_are_told_apart() {
    let (party, verifier) = tenants();
    let of_two = Signer::es256("key-1");
    let (mut one, mut two) = (party.signer.jwk(), of_two.jwk());
    one["issuer"] = json!(issuer(ONE));
    two["issuer"] = json!(issuer(TWO));
    party.script.publish_jwks(&json!([one, two]));
    assert!(verifier.verify(&token(&party, ONE)).await.is_ok());
    assert!(verifier.verify(&of_two.token(&claims(&party, TWO))).await.is_ok());
    for (signer, tenant) in [(&of_two, ONE), (&party.signer, TWO)] {
        let verdict = verifier.verify(&signer.token(&claims(&party, tenant))).await;
        assert_eq!(refused(verdict).code(), "bad_signature", "{tenant}");
    }
}

#[tokio::test]
async fn with_an_exact_issuer_the_issuer_of_a_key_is_ignored() {
    for key_issuer in [json!(issuer(UNLISTED)), json!(TEMPLATE), json!(1), json!(null)] {
        let mut config = ProviderConfig::new(Issuer::parse(&issuer(ONE)).unwrap());
        config.algorithms = vec![Algorithm::ES256];
        let party = Party::with(config, Signer::es256("key-1"));
        let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
        let mut jwk = party.signer.jwk();
        jwk["issuer"] = key_issuer.clone();
        party.script.publish_jwks(&json!([jwk]));
        assert!(verifier.verify(&token(&party, ONE)).await.is_ok(), "{key_issuer}");
    }
}

#[tokio::test]
async fn a_tenant_may_be_listed_in_any_case_and_its_tokens_name_it_in_lower_case() {
    let mut config = ProviderConfig::for_tenants(TEMPLATE, [ONE.to_uppercase()]).unwrap();
    config.algorithms = vec![Algorithm::ES256];
    let party = Party::with(config, Signer::es256("key-1"));
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    assert!(verifier.verify(&token(&party, ONE)).await.is_ok());
    let verdict = verifier.verify(&token(&party, &ONE.to_uppercase())).await;
    assert_eq!(refused(verdict).code(), "wrong_issuer");
}

#[tokio::test]
async fn of_many_tenants_a_log_names_the_first() {
    let tenants = (0..20).map(|at| format!("{at:08}-3b7a-4c58-9a57-2a1f6f1c7e10"));
    let config = ProviderConfig::for_tenants(TEMPLATE, tenants).unwrap();
    let party = Party::with(config, Signer::es256("key-1"));
    let verifier = Verifier::new(party.provider.clone(), AccessTokenRules::new([API])).unwrap();
    let verdict = verifier.verify(&token(&party, UNLISTED)).await;
    let said = refused(verdict).to_string();
    assert_eq!(said.matches("login.microsoftonline.com").count(), 8 + 1, "{said}");
}
