use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use ::session::SystemRandom;
use auth::HttpFetch;
use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use test_support::{ApiCall, Backend, ManualClock, ScriptedProvider, TokenBuilder};
pub(crate) use test_support::{ORIGIN, TestResponse};

/// The function and its backend.
pub(crate) struct Todos {
    backend: Backend,
    router: Router,
}

impl Deref for Todos {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl DerefMut for Todos {
    fn deref_mut(&mut self) -> &mut Backend {
        &mut self.backend
    }
}

impl Todos {
    pub(crate) async fn new() -> Self {
        Self::at(ScriptedProvider::entra()).await
    }

    /// With a token of the user ada.
    pub(crate) async fn with_user() -> (Self, String) {
        let todos = Self::new().await;
        let ada = todos.user("ada");
        (todos, ada)
    }

    /// With the path of a todo of ada's.
    pub(crate) async fn with_todo() -> (Self, String) {
        let (todos, ada) = Self::with_user().await;
        let path = todos.created(&ada, "x").await;
        (todos, path)
    }

    /// With the `Cookie` header of a session of ada's.
    pub(crate) async fn with_session() -> (Self, String) {
        let (todos, ada) = Self::with_user().await;
        let cookie = todos.signed_in(&ada).await;
        (todos, cookie)
    }

    pub(crate) async fn at(provider: ScriptedProvider) -> Self {
        let backend = Backend::start(provider, ManualClock::running()).await;
        let router = router(&backend);
        Self { backend, router }
    }

    /// With these settings, and a provider that is not Entra.
    pub(crate) async fn with_settings<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let provider = ScriptedProvider::start();
        let mut backend = Backend::start(provider, ManualClock::running()).await;
        backend.set(settings);
        let router = router(&backend);
        Self { backend, router }
    }

    /// Another instance over the same tables, with nothing cached.
    pub(crate) fn another_instance(&self) -> Router {
        router(self)
    }

    /// A valid token of a user with both scopes, in the making.
    pub(crate) fn token(&self, name: &str) -> TokenBuilder {
        self.user_token(name)
    }

    pub(crate) fn user(&self, name: &str) -> String {
        self.token(name).signed()
    }

    pub(crate) fn user_with(&self, name: &str, scopes: &str) -> String {
        self.token(name).claim("scp", scopes).signed()
    }

    /// A token of an application that acts for itself.
    pub(crate) fn app(&self, name: &str, role: &str) -> String {
        self.app_token(name, role)
    }

    pub(crate) fn writer(&self) -> String {
        self.app("daemon", "ToDoList.ReadWrite.All")
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> ApiCall {
        ApiCall::new(&self.router, method, path)
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> ApiCall {
        self.call("GET", path).bearer(token)
    }

    /// Creates a todo and gives it back.
    pub(crate) async fn create(&self, token: &str, todo: Value) -> Value {
        let answer = self.call("POST", "/api/todos").bearer(token).json(&todo).send().await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.json()
    }

    /// Creates one and gives its path.
    pub(crate) async fn created(&self, token: &str, description: &str) -> String {
        path_of(&self.create(token, json!({ "description": description })).await)
    }

    /// Opens a session that holds this access token, and returns its `Cookie` header.
    pub(crate) async fn signed_in(&self, access_token: &str) -> String {
        self.session_with(access_token).await
    }
}

fn router(backend: &Backend) -> Router {
    let config = todos::Config::from_environment(&backend.environment).unwrap();
    let fetch = HttpFetch::new(backend.outbound.http().clone())
        .with_time_limit(backend.outbound.timeouts().document);
    let (clock, random) = (backend.clock.clone(), Arc::new(SystemRandom));
    todos::app(todos::State::new(config, fetch, backend.dynamodb.clone(), clock, random).unwrap())
}

pub(crate) fn path_of(todo: &Value) -> String {
    format!("/api/todos/{}", todo["id"].as_str().unwrap())
}
