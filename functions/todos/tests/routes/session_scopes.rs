//! Sessions that need no access token, as with Google.

use std::time::{Duration, SystemTime};

use ::session::{Device, SessionContents, SignIn, UserKey};
use auth::Clock;
use serde_json::{Map, Value, json};
use test_support::{CLIENT_ID, cookie_pair};

use crate::harness::Todos;

const GOOGLE: (&str, &str) = ("OIDC_PROVIDER", "google");

/// The `Cookie` header of a session with an opaque access token and these claims of the ID token,
/// besides `iss`.
async fn signed_in(todos: &Todos, claims: Value) -> String {
    signed_in_until(todos, claims, None).await
}

async fn signed_in_until(todos: &Todos, claims: Value, expiry: Option<SystemTime>) -> String {
    let mut all = json!({"iss": todos.provider.issuer(), "sub": "1101", "aud": CLIENT_ID});
    for (name, value) in claims.as_object().unwrap() {
        all[name] = value.clone();
    }
    let claims: Map<_, _> = all.as_object().unwrap().clone();
    let contents = SessionContents {
        access_token: "ya29.opaque".into(),
        access_expires_at: expiry,
        obtained_at: todos.clock.now(),
        refresh_token: None,
        id_token: "id".into(),
        claims: claims.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        userinfo: Map::new(),
        scopes: None,
    };
    let sign_in = SignIn {
        user: UserKey::new(todos.provider.issuer(), "1101"),
        provider_session: None,
        began_at: todos.clock.now(),
        device: Device::default(),
    };
    cookie_pair(&todos.open_session(&contents, &sign_in).await.set_cookie())
}

#[tokio::test]
async fn a_session_has_the_scopes_of_the_setting() {
    for (scopes, writes) in [
        ("ToDoList.Read", (403, "insufficient_scope")),
        ("ToDoList.Read ToDoList.ReadWrite", (201, "")),
        ("ToDoList.Read.All", (403, "insufficient_scope")),
    ] {
        let todos = Todos::with_settings([GOOGLE, ("API_SESSION_SCOPES", scopes)]).await;
        let cookie = signed_in(&todos, json!({})).await;
        let body = json!({"description": "x"});
        let answer = todos.call("POST", "/api/todos").cookie(&cookie).json(&body).send().await;
        assert_eq!(answer.refusal(), writes, "{scopes}");
        if writes.0 == 201 {
            assert_eq!(answer.json()["owner"], "1101");
        }
        let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
        let reads = if scopes.ends_with("All") { 403 } else { 200 };
        assert_eq!(answer.status, reads, "{scopes}");
        // A session never makes its user an application.
        let answer = todos.call("GET", "/api/todos?owner=1102").cookie(&cookie).send().await;
        assert_eq!(answer.status, if reads == 200 { 422 } else { 403 });
    }
}

#[tokio::test]
async fn without_the_setting_a_session_needs_an_access_token() {
    for scopes in ["", " "] {
        let todos = Todos::with_settings([GOOGLE, ("API_SESSION_SCOPES", scopes)]).await;
        let cookie = signed_in(&todos, json!({})).await;
        let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
        assert_eq!(answer.refusal(), (401, "invalid_token"));
    }
}

#[tokio::test]
async fn the_scopes_of_sessions_are_never_those_of_a_token() {
    let todos = Todos::with_settings([GOOGLE, ("API_SESSION_SCOPES", "ToDoList.Read")]).await;
    let cookie = signed_in(&todos, json!({})).await;
    let id_token = todos.provider.id_token().claim("aud", "api").signed();
    let weak = todos.provider.access_token().claim("scp", "other").signed();
    for (token, refusal) in [
        (&*id_token, (401, "invalid_token")),
        ("ya29.opaque", (401, "invalid_token")),
        (&*weak, (403, "insufficient_scope")),
    ] {
        // Not even beside a good session.
        let call = todos.get("/api/todos", token);
        assert_eq!(call.send().await.refusal(), refusal);
        let call = todos.get("/api/todos", token).cookie(&cookie);
        assert_eq!(call.send().await.refusal(), refusal);
    }
    let call = todos.call("GET", "/api/todos").header("authorization", "Basic eA==");
    assert_eq!(call.cookie(&cookie).send().await.refusal(), (401, "no_credentials"));
    let call = todos.call("GET", "/api/todos");
    assert_eq!(call.send().await.refusal(), (401, "no_credentials"));
    // What other sites cause is refused as ever.
    let call = todos.call("GET", "/api/todos").header("cookie", &cookie);
    assert_eq!(call.send().await.status, 403);
    let call = todos.call("GET", "/api/todos").cookie(&cookie);
    let call = call.header("origin", "https://evil.example");
    assert_eq!(call.send().await.refusal(), (403, "cross_site_request"));
    // A token for the API is good beside it all.
    let token = todos.provider.access_token().signed();
    todos.get("/api/todos", &token).send().await.ok();
}

#[tokio::test]
async fn a_session_that_does_not_say_whose_it_is_is_refused() {
    let todos = Todos::with_settings([
        GOOGLE,
        ("API_SESSION_SCOPES", "ToDoList.Read"),
        ("API_OWNER_CLAIMS", "person"),
        ("API_ALLOWED_CLIENTS", CLIENT_ID),
    ])
    .await;
    for (claims, is_good) in [
        (json!({"person": "p-1"}), true),
        (json!({"person": "p-1", "azp": CLIENT_ID, "aud": ["a", "b"]}), true),
        (json!({}), false),
        (json!({"person": ""}), false),
        (json!({"person": 7}), false),
        (json!({"person": "p-1", "sub": null}), false),
        (json!({"person": "p-1", "iss": null}), false),
        (json!({"person": "p-1", "iss": "https://login.example"}), false),
        (json!({"person": "p-1", "aud": "another-client"}), false),
        (json!({"person": "p-1", "azp": "another-client"}), false),
        (json!({"person": "p-1", "aud": null}), false),
    ] {
        let cookie = signed_in(&todos, claims.clone()).await;
        let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
        if is_good {
            answer.ok();
        } else {
            assert_eq!(answer.refusal(), (401, "invalid_token"), "{claims}");
        }
    }
}

#[tokio::test]
async fn a_session_that_has_ended_opens_nothing() {
    let todos = Todos::with_settings([GOOGLE, ("API_SESSION_SCOPES", "ToDoList.Read")]).await;
    let cookie = signed_in(&todos, json!({})).await;
    todos.call("GET", "/api/todos").cookie(&cookie).send().await.ok();
    todos.clock.advance(Duration::from_mins(61));
    let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (401, "no_credentials"));
}

/// The provider may have blocked the user, which only a refresh shows.
#[tokio::test]
async fn a_session_opens_nothing_after_its_access_token_has_expired() {
    let todos = Todos::with_settings([GOOGLE, ("API_SESSION_SCOPES", "ToDoList.Read")]).await;
    let expiry = todos.clock.now() + Duration::from_mins(10);
    let cookie = signed_in_until(&todos, json!({}), Some(expiry)).await;
    todos.call("GET", "/api/todos").cookie(&cookie).send().await.ok();
    todos.clock.advance(Duration::from_mins(10));
    let answer = todos.call("GET", "/api/todos").cookie(&cookie).send().await;
    assert_eq!(answer.refusal(), (401, "no_credentials"));
}
