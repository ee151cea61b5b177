//! Providers that write scopes and audiences elsewhere: Auth0, Amazon Cognito.

use oidc_resource_server::{
    AccessTokenRules, AudienceClaim, ConfigError, Scope, TokenError, Verifier,
};
use serde_json::{Value, json};

use crate::{
    harness::{CLIENT, refused},
    party::Party,
};

const AUTH0: &str = "https://tollgate.eu.auth0.com/";
const COGNITO: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";

/// A provider, and a verifier with these rules.
fn with(issuer: &str, change: impl FnOnce(&mut AccessTokenRules)) -> (Party, Verifier) {
    let party = Party::new(issuer);
    let mut rules = AccessTokenRules::new([crate::harness::API]);
    change(&mut rules);
    let verifier = Verifier::new(party.provider.clone(), rules).unwrap();
    (party, verifier)
}

fn scope_claims(names: &[&str]) -> Vec<String> {
    names.iter().copied().map(str::to_owned).collect()
}

#[tokio::test]
async fn scopes_are_read_from_the_claims_that_are_listed_and_no_others() {
    let (auth0, verifier) =
        with(AUTH0, |rules| rules.scope_claims = scope_claims(&["permissions"]));
    let changes = json!({"scope": "openid profile", "permissions": ["read:todos", "write:todos"]});
    let claims = verifier.verify(&auth0.token(changes)).await.unwrap();
    let names: Vec<&str> = claims.scopes().collect();
    assert_eq!(names, ["read:todos", "write:todos"]);
    assert!(!claims.has_scope(&Scope::parse("openid").unwrap()));

    for changes in [
        json!({"scope": "read:todos"}),
        json!({"scp": "read:todos"}),
        json!({"permissions": []}),
        json!({"permissions": ""}),
    ] {
        let error = refused(verifier.verify(&auth0.token(changes.clone())).await);
        assert_eq!(error, TokenError::NotAnAccessToken, "{changes}");
    }
}

#[tokio::test]
async fn a_listed_claim_has_the_same_forms_as_scope() {
    let (auth0, verifier) =
        with(AUTH0, |rules| rules.scope_claims = scope_claims(&["permissions", "scope"]));
    let verdict = async |changes: Value| verifier.verify(&auth0.token(changes)).await;
    for changes in [
        json!({"permissions": ["ToDoList.Read"]}),
        json!({"permissions": "ToDoList.Read"}),
        json!({"scope": null, "permissions": ["ToDoList.Read"]}),
    ] {
        assert!(verdict(changes.clone()).await.is_ok(), "{changes}");
    }
    for permissions in [json!(["other"]), json!([]), json!("ToDoList.Read other")] {
        let error = refused(verdict(json!({"permissions": permissions})).await);
        assert_eq!(error, TokenError::ScopeConflict, "{permissions}");
    }
    for permissions in [json!(1), json!([1]), json!({}), json!("a  b"), json!([""])] {
        let error = refused(verdict(json!({"permissions": permissions})).await);
        assert_eq!(error.code(), "claim_malformed", "{permissions}");
    }
}

#[test]
fn rules_without_a_claim_for_scopes_are_refused() {
    for names in [&[][..], &[""], &["scp", ""]] {
        let mut rules = AccessTokenRules::new(["api"]);
        rules.scope_claims = scope_claims(names);
        let verdict = Verifier::new(Party::new(AUTH0).provider, rules).map(drop);
        assert_eq!(verdict, Err(ConfigError::ScopeClaim), "{names:?}");
    }
}

#[tokio::test]
async fn at_cognito_the_audience_is_the_client_id() {
    let (cognito, verifier) = with(COGNITO, |rules| {
        rules.audience_claim = AudienceClaim::ClientId;
        rules.audiences = vec![CLIENT.to_owned(), "second-client".to_owned()];
    });
    let verdict = async |changes: Value| verifier.verify(&cognito.token(changes)).await;
    for changes in [
        json!({"aud": null}),
        json!({"aud": null, "client_id": "second-client"}),
        json!({"aud": "other"}),
        json!({"aud": 1}),
        json!({"aud": []}),
    ] {
        assert!(verdict(changes.clone()).await.is_ok(), "{changes}");
    }
    for changes in [
        json!({"aud": null, "client_id": "other"}),
        json!({"aud": CLIENT, "client_id": "other"}),
        json!({"aud": null, "client_id": CLIENT.to_uppercase()}),
        json!({"aud": null, "client_id": format!("{CLIENT} ")}),
        json!({"azp": CLIENT, "client_id": "other"}),
    ] {
        let error = refused(verdict(changes.clone()).await);
        assert_eq!(error.code(), "wrong_audience", "{changes}");
        assert!(error.to_string().contains(CLIENT), "{error}");
    }
    for (changes, code) in [
        (json!({"aud": CLIENT, "client_id": null}), "claim_missing"),
        (json!({"azp": CLIENT, "client_id": null}), "claim_missing"),
        (json!({"client_id": ""}), "claim_malformed"),
        (json!({"client_id": [CLIENT]}), "claim_malformed"),
        (json!({"client_id": 1}), "claim_malformed"),
    ] {
        assert_eq!(refused(verdict(changes.clone()).await).code(), code, "{changes}");
    }
}

#[tokio::test]
async fn elsewhere_the_client_id_is_no_audience() {
    let (party, verifier) = with(COGNITO, |rules| rules.audiences = vec![CLIENT.to_owned()]);
    let error = refused(verifier.verify(&party.token(json!({"aud": null}))).await);
    assert_eq!(error, TokenError::ClaimMissing { claim: "aud".into() });
    let error = refused(verifier.verify(&party.token(json!({"aud": "other"}))).await);
    assert_eq!(error.code(), "wrong_audience");
}

#[test]
fn without_an_audience_no_verifier_is_built_at_cognito_either() {
    for audiences in [vec![], vec![String::new()]] {
        let mut rules = AccessTokenRules::new(audiences);
        rules.audience_claim = AudienceClaim::ClientId;
        let verdict = Verifier::new(Party::new(COGNITO).provider, rules).map(drop);
        assert_eq!(verdict, Err(ConfigError::Audience));
    }
}
