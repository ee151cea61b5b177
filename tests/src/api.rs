//! The todo API with somebody's credentials.

use crate::{
    answer::Answer,
    client::{Body, Client},
    target::{Capability, Machine},
    test_context::TestContext,
};
use anyhow::Result;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

const TODOS: &str = "/api/todos";

/// Somebody who calls the API.
pub(crate) struct Api {
    client: Client,
    credentials: Credentials,
    /// For whom todos are made, where the caller must say it. Nobody else's test
    /// uses that name.
    owner: Option<String>,
}

enum Credentials {
    Bearer(String),
    /// The session cookie, as the page sends it.
    Session(String),
}

impl Api {
    /// The machine that may read and write, for an owner of its own.
    pub(crate) async fn daemon(test: &TestContext) -> Result<Self> {
        let daemon = test.target().provider.daemon.as_ref();
        Self::machine(test, daemon, Uuid::new_v4().to_string()).await
    }

    /// The machine that may only read.
    pub(crate) async fn reader(test: &TestContext) -> Result<Self> {
        let reader = test.target().provider.reader.as_ref();
        Self::machine(test, reader, Uuid::new_v4().to_string()).await
    }

    /// The person whose session all tests share.
    pub(crate) async fn session(test: &TestContext) -> Result<Self> {
        let (_, cookie) = test.session().await?;
        Ok(Self::with_session(test, cookie))
    }

    /// Whoever has this session cookie.
    pub(crate) fn with_session(test: &TestContext, cookie: &str) -> Self {
        let credentials = Credentials::Session(cookie.to_owned());
        Self { client: test.client.clone(), credentials, owner: None }
    }

    async fn machine(test: &TestContext, machine: Option<&Machine>, owner: String) -> Result<Self> {
        let token = test.token(machine).await?;
        let owner = Some(owner).filter(|_| test.target().can(Capability::AppRoles));
        let credentials = Credentials::Bearer(token);
        Ok(Self { client: test.client.clone(), credentials, owner })
    }

    /// A request with the credentials, to a path of the API.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, path);
        match &self.credentials {
            Credentials::Bearer(token) => {
                request.header("authorization", format!("Bearer {token}"))
            }
            Credentials::Session(cookie) => {
                request.header("cookie", format!("__Host-session={cookie}")).header("x-csrf", "1")
            }
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// The list with these query parameters (`limit=2`), of the own owner.
    pub(crate) fn list(&self, query: &str) -> RequestBuilder {
        let owner = self.owner.as_ref().map(|owner| format!("owner={owner}&")).unwrap_or_default();
        self.get(&format!("{TODOS}?{owner}{query}"))
    }

    /// A request that makes a todo of this body.
    pub(crate) fn post(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST, TODOS).json_body(body)
    }

    /// A body that makes a good todo.
    pub(crate) fn todo(&self, description: &str) -> Value {
        let mut todo = json!({ "description": description });
        if let Some(owner) = &self.owner {
            todo["owner"] = json!(owner);
        }
        todo
    }

    /// Makes a todo and gives it as the API does.
    pub(crate) async fn make(&self, description: &str) -> Result<Value> {
        let answer = Answer::to(self.post(&self.todo(description))).await?.is(201);
        Ok(answer.json())
    }
}

/// The path of a todo.
pub(crate) fn path_of(todo: &Value) -> String {
    format!("{TODOS}/{}", todo["id"].as_str().expect("a todo has an id"))
}
