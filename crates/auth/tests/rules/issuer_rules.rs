//! TOKENS: a token is checked by the rules of the issuer that it names.

use std::time::Duration;

use oidc_resource_server::{
    AccessTokenRules, Algorithm, AudienceClaim, Issuer, ProviderConfig, Scope, TokenType,
};
use serde_json::json;

use crate::{
    harness::{API, refused},
    party::{Party, both, with_rules},
    signer::Signer,
};

const A: &str = "https://a.example";
const B: &str = "https://b.example/realms/b";

#[tokio::test]
async fn algorithms_are_those_of_the_issuer_that_the_token_names() {
    let mut config = ProviderConfig::new(Issuer::parse(B).unwrap());
    config.algorithms = vec![Algorithm::EdDSA];
    let (a, b) = (Party::new(A), Party::with(config, Signer::eddsa("key-1")));
    let verifier = both(&a, &b);
    assert!(verifier.verify(&a.token(json!({}))).await.is_ok());
    assert!(verifier.verify(&b.token(json!({}))).await.is_ok());
    for (signer, named) in [(&a, &b), (&b, &a)] {
        let verdict = verifier.verify(&signer.token_for(named)).await;
        assert_eq!(refused(verdict).code(), "algorithm_not_allowed");
    }
}

#[tokio::test]
async fn leeway_and_clock_are_those_of_the_issuer_that_the_token_names() {
    let mut config = ProviderConfig::new(Issuer::parse(B).unwrap());
    config.algorithms = vec![Algorithm::ES256];
    config.leeway = Duration::from_mins(5);
    let (a, b) = (Party::new(A), Party::with(config, Signer::es256("key-1")));
    let verifier = both(&a, &b);
    let late = |party: &Party, seconds| {
        let exp = party.clock.seconds() - seconds;
        party.token(json!({"iat": exp - 60, "exp": exp}))
    };
    assert!(verifier.verify(&late(&a, 59)).await.is_ok());
    assert_eq!(refused(verifier.verify(&late(&a, 60)).await).code(), "expired");
    assert!(verifier.verify(&late(&b, 299)).await.is_ok());
    assert_eq!(refused(verifier.verify(&late(&b, 300)).await).code(), "expired");
    b.clock.forward(4000);
    for party in [&a, &b] {
        assert!(verifier.verify(&party.token(json!({}))).await.is_ok());
    }
}

#[tokio::test]
async fn typ_is_checked_by_the_rules_of_the_issuer_that_the_token_names() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = with_rules(&a, &b, |rules| rules.token_types = vec![TokenType::AtJwt]);
    let typed = |party: &Party, typ| {
        let header = json!({"alg": "ES256", "kid": "key-1", "typ": typ});
        party.signer.token_with(&header, &party.claims(&json!({"jti": "j-1"})))
    };
    assert!(verifier.verify(&typed(&a, "JWT")).await.is_ok());
    assert!(verifier.verify(&typed(&b, "at+jwt")).await.is_ok());
    assert_eq!(refused(verifier.verify(&typed(&b, "JWT")).await).code(), "wrong_type");
}

#[tokio::test]
async fn scopes_are_read_from_the_claims_of_the_issuer_that_the_token_names() {
    let (a, b) = (Party::new(A), Party::new(B));
    let verifier = with_rules(&a, &b, |rules| rules.scope_claims = vec!["permissions".into()]);
    let changes = json!({"scope": "of-a", "permissions": ["of-b"]});
    let (of_a, of_b) = (Scope::parse("of-a").unwrap(), Scope::parse("of-b").unwrap());
    let claims = verifier.verify(&a.token(changes.clone())).await.unwrap();
    assert!(claims.has_scope(&of_a) && !claims.has_scope(&of_b));
    let claims = verifier.verify(&b.token(changes)).await.unwrap();
    assert!(claims.has_scope(&of_b) && !claims.has_scope(&of_a));
}

#[tokio::test]
async fn each_rule_is_that_of_the_issuer_that_the_token_names() {
    type Change = fn(&mut AccessTokenRules);
    // What B is told, what then passes there and nowhere else, and why.
    let cases: [(Change, _, &str, &str); 4] = [
        (
            |rules| rules.audiences = vec!["b-api".into()],
            json!({"aud": "b-api"}),
            "wrong_audience",
            "wrong_audience",
        ),
        (
            |rules| rules.scope_claims = vec!["permissions".into()],
            json!({"scope": null, "permissions": ["ToDoList.Read"]}),
            "not_an_access_token",
            "not_an_access_token",
        ),
        (
            |rules| rules.audience_claim = AudienceClaim::ClientId,
            json!({"aud": null, "client_id": API}),
            "claim_missing",
            "wrong_audience",
        ),
        (
            |rules| rules.allowed_clients = vec!["b-client".into()],
            json!({"client_id": "b-client"}),
            "",
            "client_not_allowed",
        ),
    ];
    for (change, special, at_a, at_b) in cases {
        let (a, b) = (Party::new(A), Party::new(B));
        let verifier = with_rules(&a, &b, change);
        assert!(verifier.verify(&b.token(special.clone())).await.is_ok(), "{special}");
        assert_eq!(refused(verifier.verify(&b.token(json!({}))).await).code(), at_b, "{special}");
        assert!(verifier.verify(&a.token(json!({}))).await.is_ok(), "{special}");
        let verdict = verifier.verify(&a.token(special.clone())).await;
        match at_a {
            "" => assert!(verdict.is_ok(), "A lists no clients"),
            code => assert_eq!(refused(verdict).code(), code, "{special}"),
        }
    }
}
