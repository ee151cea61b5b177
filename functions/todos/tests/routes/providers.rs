//! Access tokens as each provider writes them, with the settings of its profile.

use serde_json::{Value, json};

use crate::harness::Todos;

const WEB: &str = "web-client";
const BATCH: &str = "batch-client";
const API: &str = "https://todos.example.com/api";

/// A provider with this profile, and an API with names of scopes that such providers allow.
async fn provider(profile: &str, audience: &str) -> Todos {
    Todos::with_settings([
        ("OIDC_PROVIDER", profile),
        ("API_AUDIENCE", audience),
        ("TODOS_READ_SCOPE", "todos/read"),
        ("TODOS_WRITE_SCOPE", "todos/write"),
        ("TODOS_READ_ROLE", "todos/read.all"),
        ("TODOS_WRITE_ROLE", "todos/write.all"),
        ("OIDC_SCOPES", "todos/read todos/write"),
    ])
    .await
}

/// A token of the provider with these claims, besides issuer and times.
fn token(todos: &Todos, claims: &Value) -> String {
    let bare = todos.provider.access_token();
    let bare = ["aud", "sub", "azp", "scp"].iter().fold(bare, |token, name| token.without(name));
    let claims = claims.as_object().unwrap().iter();
    claims.fold(bare, |token, (name, value)| token.claim(name, value.clone())).signed()
}

/// Who somebody with this token is to the API: only applications may name an owner.
async fn verdict(todos: &Todos, claims: &Value) -> &'static str {
    let answer = todos.get("/api/todos?owner=ada", &token(todos, claims)).send().await;
    if answer.status == 200 {
        return "application";
    }
    match answer.refusal() {
        (422, "owner_not_allowed") => "user",
        (403, "insufficient_scope") => "no permission",
        (401, "invalid_token") => "refused",
        other => panic!("{other:?}"),
    }
}

/// Each token must be what stands beside it. `base` has what its changes leave as it is.
async fn check(todos: &Todos, base: &Value, cases: &[(&str, Value, &str)]) {
    for (name, changes, expected) in cases {
        let mut claims = base.clone();
        for (claim, value) in changes.as_object().unwrap() {
            claims[claim] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(verdict(todos, &claims).await, *expected, "{name}: {claims}");
    }
}

/// The owner of what the user with this token creates.
async fn owner(todos: &Todos, claims: &Value) -> Value {
    todos.create(&token(todos, claims), json!({"description": "x"})).await["owner"].clone()
}

#[tokio::test]
async fn no_user_of_cognito_is_an_application_and_no_application_a_user() {
    let todos = provider("cognito", &format!("{WEB} {BATCH}")).await;
    let user = json!({
        "sub": "a3d4c8f2-0000-4000-8000-000000000001", "client_id": WEB, "token_use": "access",
        "scope": "openid todos/read todos/write", "username": "ada", "version": 2,
        "auth_time": 1_750_000_000, "origin_jti": "o", "event_id": "e", "jti": "j",
        "cognito:groups": ["todos/read.all"]
    });
    let application = json!({
        "sub": BATCH, "client_id": BATCH, "token_use": "access", "scope": "todos/read.all",
        "auth_time": 1_750_000_000, "version": 2, "jti": "j"
    });
    let id_token = json!({
        "sub": "a3d4c8f2-0000-4000-8000-000000000001", "aud": WEB, "token_use": "id",
        "cognito:username": "ada", "email": "ada@example.com", "at_hash": "h",
        "auth_time": 1_750_000_000, "cognito:groups": ["todos/read.all"], "jti": "j"
    });
    check(
        &todos,
        &user,
        &[
            ("a user", json!({}), "user"),
            ("a user without a scope of ours", json!({"scope": "openid profile"}), "no permission"),
            ("with the scope of applications", json!({"scope": "todos/read.all"}), "no permission"),
            ("of another app client", json!({"client_id": "another"}), "refused"),
        ],
    )
    .await;
    check(
        &todos,
        &application,
        &[
            ("an application", json!({}), "application"),
            (
                "with the scope of users",
                json!({"scope": "todos/read todos/write"}),
                "no permission",
            ),
            ("of another app client", json!({"client_id": "another", "sub": "another"}), "refused"),
        ],
    )
    .await;
    check(&todos, &id_token, &[("an ID token", json!({}), "refused")]).await;
    assert_eq!(owner(&todos, &user).await, user["sub"]);
}

#[tokio::test]
async fn no_user_of_auth0_is_an_application_and_no_application_a_user() {
    let todos = provider("auth0", API).await;
    let user = json!({
        "sub": "auth0|507f1f77bcf86cd799439011", "azp": WEB,
        "aud": [API, "https://contoso.eu.auth0.com/userinfo"],
        "scope": "openid profile todos/read todos/write",
        "permissions": ["todos/read", "todos/write", "todos/read.all"]
    });
    let application = json!({
        "sub": format!("{BATCH}@clients"), "aud": API, "azp": BATCH, "gty": "client-credentials",
        "scope": "todos/read.all", "permissions": ["todos/read.all"]
    });
    let id_token = json!({
        "sub": "auth0|507f1f77bcf86cd799439011", "aud": WEB, "nonce": "n", "sid": "s",
        "nickname": "ada", "permissions": ["todos/read.all"]
    });
    check(
        &todos,
        &user,
        &[
            ("a user", json!({}), "user"),
            ("a user whose client asked for no scope", json!({"scope": null}), "no permission"),
            ("with the scope of applications", json!({"scope": "todos/read.all"}), "no permission"),
            ("for another API", json!({"aud": "https://other.example.com"}), "refused"),
            ("a user by a name that ends alike", json!({"sub": "auth0|x@clients"}), "user"),
        ],
    )
    .await;
    check(
        &todos,
        &application,
        &[
            ("an application", json!({}), "application"),
            ("without RBAC", json!({"permissions": null}), "application"),
            (
                "with the scope of users",
                json!({"scope": "todos/read", "permissions": ["todos/read"]}),
                "no permission",
            ),
            ("for another API", json!({"aud": "https://other.example.com"}), "refused"),
        ],
    )
    .await;
    check(&todos, &id_token, &[("an ID token", json!({}), "refused")]).await;
    assert_eq!(owner(&todos, &user).await, user["sub"]);
}

#[tokio::test]
async fn no_user_of_okta_is_an_application_and_no_application_a_user() {
    let todos = provider("okta", "api://todos").await;
    let user = json!({
        "ver": 1, "jti": "AT.x", "aud": "api://todos", "cid": WEB, "uid": "00u1",
        "sub": "ada@example.com", "scp": ["openid", "todos/read", "todos/write"],
        "auth_time": 1_750_000_000
    });
    let application = json!({
        "ver": 1, "jti": "AT.y", "aud": "api://todos", "cid": BATCH, "sub": BATCH,
        "scp": ["todos/read.all"]
    });
    let id_token = json!({
        "ver": 1, "jti": "ID.x", "aud": WEB, "sub": "00u1", "idp": "00o1", "amr": ["pwd"],
        "nonce": "n", "auth_time": 1_750_000_000, "at_hash": "h", "preferred_username": "ada"
    });
    check(
        &todos,
        &user,
        &[
            ("a user", json!({}), "user"),
            ("a user without a scope of ours", json!({"scp": ["openid"]}), "no permission"),
            ("with the scope of applications", json!({"scp": ["todos/read.all"]}), "no permission"),
            ("a user without an id", json!({"uid": null}), "refused"),
            (
                "a user whose login is the client's id",
                json!({"sub": WEB, "scp": ["todos/read.all"]}),
                "no permission",
            ),
            ("for another API", json!({"aud": "api://other"}), "refused"),
        ],
    )
    .await;
    check(
        &todos,
        &application,
        &[
            ("an application", json!({}), "application"),
            ("with the scope of users", json!({"scp": ["todos/read"]}), "no permission"),
            ("for another API", json!({"aud": "api://other"}), "refused"),
        ],
    )
    .await;
    check(&todos, &id_token, &[("an ID token", json!({}), "refused")]).await;
    // A login may pass from one user to another.
    assert_eq!(owner(&todos, &user).await, "00u1");
    let mut next = user.clone();
    next["uid"] = "00u2".into();
    assert_eq!(owner(&todos, &next).await, "00u2");
}

#[tokio::test]
async fn no_user_of_keycloak_is_an_application_and_no_application_a_user() {
    let todos = provider("keycloak", "todos").await;
    let user = json!({
        "sub": "a3d4c8f2-0000-4000-8000-000000000001", "typ": "Bearer", "azp": WEB,
        "aud": ["todos", "account"], "acr": "1", "sid": "s-1", "auth_time": 1_750_000_000,
        "scope": "openid profile todos/read todos/write", "preferred_username": "ada",
        "realm_access": {"roles": ["todos/read.all"]}
    });
    let application = json!({
        "sub": "a3d4c8f2-0000-4000-8000-000000000002", "typ": "Bearer", "azp": BATCH,
        "aud": ["todos", "account"], "acr": "1", "scope": "profile todos/read.all",
        "clientHost": "10.0.0.1", "clientAddress": "10.0.0.1", "client_id": BATCH,
        "preferred_username": "service-account-batch"
    });
    let id_token = json!({
        "sub": "a3d4c8f2-0000-4000-8000-000000000001", "typ": "ID", "azp": WEB, "aud": WEB,
        "nonce": "n", "acr": "1", "sid": "s-1", "at_hash": "h", "roles": ["todos/read.all"]
    });
    check(
        &todos,
        &user,
        &[
            ("a user", json!({}), "user"),
            ("a user with roles", json!({"roles": ["todos/read.all"]}), "user"),
            (
                "with roles alone",
                json!({
                    "roles": ["todos/read.all"], "scope": null, "acr": null, "sid": null,
                    "auth_time": null
                }),
                "no permission",
            ),
            ("with the scope of applications", json!({"scope": "todos/read.all"}), "no permission"),
            ("for another API", json!({"aud": ["other", "account"]}), "refused"),
        ],
    )
    .await;
    check(
        &todos,
        &application,
        &[
            ("an application", json!({}), "application"),
            ("by roles", json!({"scope": "profile", "roles": ["todos/read.all"]}), "application"),
            (
                "with the scope of users",
                json!({"scope": "todos/read todos/write"}),
                "no permission",
            ),
            ("for another API", json!({"aud": "account"}), "refused"),
        ],
    )
    .await;
    check(&todos, &id_token, &[("an ID token", json!({}), "refused")]).await;
    assert_eq!(owner(&todos, &user).await, user["sub"]);
}

#[tokio::test]
async fn an_id_token_of_google_opens_nothing() {
    // It has no access tokens for APIs. Its ID tokens open nothing, whatever the audience is.
    let todos = provider("google", WEB).await;
    let id_token = json!({
        "sub": "110169484474386276334", "aud": WEB, "azp": WEB, "at_hash": "h", "nonce": "n",
        "email": "ada@example.com", "email_verified": true
    });
    check(&todos, &id_token, &[("an ID token", json!({}), "refused")]).await;
}

#[tokio::test]
async fn the_settings_go_before_the_profile() {
    let todos = Todos::with_settings([
        ("OIDC_PROVIDER", "cognito"),
        ("API_AUDIENCE", "todos"),
        ("API_AUDIENCE_CLAIM", "aud"),
        ("API_CLIENT_CLAIMS", "app"),
        ("API_ALLOWED_CLIENTS", WEB),
        ("API_OWNER_CLAIMS", "person"),
        ("API_SCOPE_CLAIMS", "may"),
        ("API_ROLE_CLAIMS", "does"),
        ("API_APPLICATIONS_BY", "claim:robot"),
    ])
    .await;
    let user = json!({
        "sub": "s", "aud": "todos", "app": WEB, "person": "p-1",
        "may": "ToDoList.ReadWrite", "does": ["ToDoList.Read.All"]
    });
    check(
        &todos,
        &user,
        &[
            ("a user", json!({}), "user"),
            ("an application", json!({"robot": "yes", "person": null}), "application"),
            ("of another client", json!({"app": "other"}), "refused"),
            ("without an owner", json!({"person": null}), "refused"),
            ("without permissions", json!({"may": null, "does": null}), "refused"),
            ("for another API", json!({"aud": "other"}), "refused"),
        ],
    )
    .await;
    assert_eq!(owner(&todos, &user).await, "p-1");
}
