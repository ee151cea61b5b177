//! DESIGN: scopes count for users, roles for applications.

use oidc_resource_server::{Caller, ConfigError, InsufficientScopeError, Policy, Role, Scope};
use serde_json::{Value, json};

use crate::harness::{CLIENT, Harness, ISSUER};

fn policy() -> Policy {
    let scopes = ["ToDoList.Read", "ToDoList.ReadWrite"].map(|name| Scope::parse(name).unwrap());
    let roles =
        ["ToDoList.Read.All", "ToDoList.ReadWrite.All"].map(|name| Role::parse(name).unwrap());
    Policy::any_of(scopes.into(), roles.into()).unwrap()
}

async fn check(changes: Value) -> Result<Caller, InsufficientScopeError> {
    policy().check(&Harness::new().verify_but(changes).await.unwrap())
}

#[test]
fn a_policy_with_an_empty_list_is_not_built() {
    let (scope, role) = (Scope::parse("a").unwrap(), Role::parse("b").unwrap());
    assert_eq!(Policy::any_of(vec![], vec![role.clone()]), Err(ConfigError::NoScopes));
    assert_eq!(Policy::any_of(vec![scope], vec![]), Err(ConfigError::NoRoles));
    assert_eq!(Policy::users_only(vec![]), Err(ConfigError::NoScopes));
    assert_eq!(Policy::apps_only(vec![]), Err(ConfigError::NoRoles));
}

#[tokio::test]
async fn a_user_with_a_scope_passes() {
    for scp in ["ToDoList.Read", "other ToDoList.ReadWrite"] {
        let Caller::User(user) = check(json!({"scp": scp})).await.unwrap() else {
            panic!("no user")
        };
        assert_eq!(
            (user.issuer.as_str(), user.owner.as_str(), user.subject.as_str()),
            (ISSUER, "user-1", "pairwise-1")
        );
        assert_eq!(user.client.as_deref(), Some(CLIENT));
    }
    let Caller::User(user) = check(json!({"oid": null})).await.unwrap() else { panic!("no user") };
    assert_eq!(user.owner, "pairwise-1");
}

#[tokio::test]
async fn any_scp_is_not_enough() {
    for scp in ["other", "ToDoList.Read.All", "todolist.read", "ToDoList.Rea", "ToDoList.Readx"] {
        let lack = check(json!({"scp": scp})).await.unwrap_err();
        assert!(!lack.app);
        assert_eq!(lack.needed, ["ToDoList.Read", "ToDoList.ReadWrite"]);
    }
}

#[tokio::test]
async fn a_users_role_opens_nothing() {
    for changes in [
        json!({"scp": "other", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": "", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": null, "idtyp": "user", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": null, "idtyp": "APP", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": null, "scope": "other", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": "other", "roles": ["ToDoList.Read"]}),
        // A user's ID token, where API and client are one registration: it has
        // a nonce, and at Entra no `azp`.
        json!({"scp": null, "azp": null, "roles": ["ToDoList.Read.All"]}),
        json!({"scp": null, "nonce": "n-1", "roles": ["ToDoList.Read.All"]}),
    ] {
        assert!(!check(changes.clone()).await.unwrap_err().app, "{changes}");
    }
}

#[tokio::test]
async fn an_application_counts_by_its_roles() {
    for changes in [
        json!({"scp": null, "roles": ["ToDoList.Read.All"]}),
        json!({"scp": null, "idtyp": "app", "roles": ["ToDoList.ReadWrite.All"]}),
        json!({"scp": "other", "idtyp": "app", "roles": ["ToDoList.ReadWrite.All"]}),
    ] {
        let Caller::App(app) = check(changes).await.unwrap() else { panic!("no app") };
        assert_eq!((app.issuer.as_str(), app.client.as_deref()), (ISSUER, Some(CLIENT)));
    }
}

#[tokio::test]
async fn an_applications_scope_opens_nothing() {
    for changes in [
        json!({"idtyp": "app"}),
        json!({"idtyp": "app", "roles": ["ToDoList.Read"]}),
        json!({"scp": null, "roles": ["ToDoList.Read"]}),
    ] {
        let lack = check(changes.clone()).await.unwrap_err();
        assert!(lack.app, "{changes}");
        assert_eq!(lack.needed, ["ToDoList.Read.All", "ToDoList.ReadWrite.All"]);
    }
}

#[tokio::test]
async fn a_policy_for_one_kind_refuses_the_other() {
    let harness = Harness::new();
    let user = harness.verify_but(json!({})).await.unwrap();
    let app = harness.verify_but(json!({"scp": null, "roles": ["b"]})).await.unwrap();
    let users = Policy::users_only(vec![Scope::parse("ToDoList.Read").unwrap()]).unwrap();
    let apps = Policy::apps_only(vec![Role::parse("b").unwrap()]).unwrap();
    assert!(users.check(&user).is_ok() && users.check(&app).is_err());
    assert!(apps.check(&app).is_ok() && apps.check(&user).is_err());
}

#[tokio::test]
async fn a_caller_of_the_wrong_kind_gets_an_error_that_says_so() {
    let harness = Harness::new();
    let users =
        oidc_resource_server::Policy::users_only(vec!["ToDoList.Read".parse().unwrap()]).unwrap();
    let app = serde_json::json!({"idtyp": "app", "scp": null, "roles": ["ToDoList.Read.All"]});
    let lack = users.check(&harness.verify_but(app).await.unwrap()).unwrap_err();
    assert!(lack.to_string().contains("this policy never admits"), "{lack}");
    let sentence = oidc_resource_server::AuthError::from(lack).detail();
    assert_eq!(sentence, "Tokens of this kind cannot do this.");
}
