//! TOKENS: what makes a token an access token, and which permissions it names.

use oidc_resource_server::{Role, Scope, TokenError};
use serde_json::json;

use crate::harness::{Harness, NOW};

fn scope(name: &str) -> Scope {
    Scope::parse(name).unwrap()
}

#[tokio::test]
async fn a_token_without_scp_scope_and_roles_is_no_access_token() {
    let harness = Harness::new();
    for changes in [
        json!({"scp": null}),
        json!({"scp": ""}),
        json!({"scp": []}),
        json!({"scp": null, "roles": []}),
        json!({"scp": null, "scope": "", "roles": []}),
    ] {
        assert_eq!(
            harness.refusal(changes.clone()).await,
            TokenError::NotAnAccessToken,
            "{changes}"
        );
    }
}

#[tokio::test]
async fn scp_and_scope_are_strings_split_at_spaces_or_lists() {
    let harness = Harness::new();
    for changes in [
        json!({"scp": "A B"}),
        json!({"scp": ["A", "B"]}),
        json!({"scp": null, "scope": "B A"}),
        json!({"scp": "A B", "scope": ["B", "A"]}),
        json!({"scp": "A B", "scope": "B A B"}),
    ] {
        let claims = harness.verify_but(changes.clone()).await.unwrap();
        assert!(claims.has_scope(&scope("A")) && claims.has_scope(&scope("B")), "{changes}");
        assert!(!claims.has_scope(&scope("C")));
    }
    for scp in [
        json!("A  B"),
        json!(" A"),
        json!("A "),
        json!(1),
        json!(["A", 1]),
        json!(["A", ""]),
        json!({"A": 1}),
    ] {
        assert_eq!(harness.refusal(json!({"scp": scp})).await.code(), "claim_malformed", "{scp}");
        assert_eq!(
            harness.refusal(json!({"scp": null, "scope": scp})).await.code(),
            "claim_malformed",
            "{scp}"
        );
    }
}

#[tokio::test]
async fn scp_and_scope_both_present_and_different_refuse() {
    let harness = Harness::new();
    for changes in [
        json!({"scp": "A", "scope": "B"}),
        json!({"scp": "A", "scope": "A B"}),
        json!({"scp": "A B", "scope": "A"}),
        json!({"scp": "A A", "scope": "A B"}),
    ] {
        assert_eq!(harness.refusal(changes.clone()).await, TokenError::ScopeConflict, "{changes}");
    }
}

#[tokio::test]
async fn what_was_verified_is_what_the_document_says() {
    // serde_json takes an object with one of these names for something else.
    let hidden = json!({"$serde_json::private::RawValue": 5});
    let custom =
        json!({"hidden": hidden, "numbers": [1, -1, 1.5, u64::MAX], "rest": [null, true, "x"]});
    let claims = Harness::new().verify_but(json!({"custom": custom})).await.unwrap();
    assert_eq!(claims.document()["custom"], custom);
}

#[tokio::test]
async fn names_compare_exactly_and_by_whole_value() {
    let harness = Harness::new();
    let claims =
        harness.verify_but(json!({"scp": "ToDoList.ReadWrite", "roles": ["A B"]})).await.unwrap();
    for other in ["ToDoList.Read", "todolist.readwrite", "ToDoList.ReadWrite.All", "ToDoList"] {
        assert!(!claims.has_scope(&scope(other)), "{other}");
    }
    // A list's value with a space in it is one role, not two, and no scope at all.
    assert!(!claims.has_role(&Role::parse("A").unwrap()));
    assert_eq!(harness.refusal(json!({"scp": ["A B"]})).await.code(), "claim_malformed");
}

#[tokio::test]
async fn roles_are_a_list_of_strings() {
    let harness = Harness::new();
    for roles in [json!("A"), json!([1]), json!({}), json!([""])] {
        assert_eq!(
            harness.refusal(json!({"roles": roles})).await.code(),
            "claim_malformed",
            "{roles}"
        );
    }
}

#[tokio::test]
async fn ids_are_strings_with_something_in_them() {
    let harness = Harness::new();
    assert_eq!(
        harness.refusal(json!({"sub": null})).await,
        TokenError::ClaimMissing { claim: "sub".into() }
    );
    for changes in [
        json!({"sub": ""}),
        json!({"oid": ""}),
        json!({"sub": 1}),
        json!({"oid": 1}),
        json!({"idtyp": 1}),
    ] {
        assert_eq!(harness.refusal(changes.clone()).await.code(), "claim_malformed", "{changes}");
    }
    assert!(harness.verify_but(json!({"oid": null})).await.is_ok());
}

#[test]
fn scope_and_role_names_are_scope_tokens() {
    for good in ["ToDoList.Read", "api://x/y", "a:b", "!"] {
        assert!(Scope::parse(good).is_ok() && Role::parse(good).is_ok(), "{good}");
    }
    for bad in ["", " ", "a b", "a\"", "a\\", "é", "a\n"] {
        assert!(Scope::parse(bad).is_err() && Role::parse(bad).is_err(), "{bad:?}");
    }
}

#[tokio::test]
async fn a_token_expires_at_its_exp() {
    let harness = Harness::new();
    let claims = harness.verify_but(json!({"exp": NOW + 90})).await.unwrap();
    let expires = claims.expires().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(expires.as_secs(), NOW + 90);
}
