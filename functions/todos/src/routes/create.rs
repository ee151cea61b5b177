use std::time::SystemTime;

use auth::axum::Authorized;
use axum::{
    body::Body,
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use utoipa::ToSchema;

use super::Tagged;
use crate::{
    State,
    body::{self, Fields, Null},
    document::{BadBody, MalformedRequest, Refused},
    fault::Fault,
    idempotency_key::{IdempotencyKey, MaybeKey},
    permission::Write,
    reach::Reach,
    table::{Attempt, Creation},
    todo::{Description, Owner, OwnerKey, Timestamp, Todo, Version},
};

/// A todo to create.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTodo {
    description: Description,
    /// Whether it is done already.
    #[schema(required = false, default = false)]
    completed: bool,
    /// Whose todo it is. Applications that act for themselves must name them; a user gets 422.
    #[schema(required = false)]
    owner: Owner,
}

/// Create a todo
///
/// With an `Idempotency-Key`, sending the request again gives the first result again, for
/// 24 hours, whatever became of the todo since.
#[utoipa::path(
    post,
    path = "/api/todos",
    operation_id = "createTodo",
    tag = "todos",
    params(
        ("Idempotency-Key" = inline(Option<String>), Header, min_length = 1, max_length = 255,
            pattern = "^[!-~]+$",
            description = "Names the request, so that sending it again does not create another todo"),
    ),
    request_body(content = NewTodo, content_type = "application/json"),
    responses(
        (status = CREATED, description = "The new todo", body = Todo, headers(
            ("Location" = String, description = "Where the todo is"),
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
        MalformedRequest,
        BadBody,
        Refused,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn create(
    Shared(state): Shared<State>,
    Authorized { caller, .. }: Authorized<Write>,
    MaybeKey(key): MaybeKey,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Fault> {
    let reach = Reach::of(&caller)?;
    let new = NewTodo::parse(body::read(&headers, body, &body::JSON).await?, &reach)?;
    let owner_key = match &reach {
        Reach::Own { key, .. } => key.clone(),
        Reach::All { issuer, .. } => OwnerKey::new(issuer, &new.owner),
    };
    let now = state.clock().now();
    let attempt = key.map(|key| new.attempt(&reach, &owner_key, &key, now));
    let todo = new.into_todo(&state, now);
    let todo = match attempt {
        None => {
            state.todos().create(&owner_key, &todo).await?;
            todo
        }
        Some(attempt) => match state.todos().create_once(&owner_key, &todo, &attempt).await? {
            Creation::Done(first) => first,
            Creation::KeyReused => return Err(Fault::KeyReused),
        },
    };
    let location = HeaderValue::try_from(format!("/api/todos/{}", todo.id));
    let location = location.expect("an id is hexadecimal digits and hyphens");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Tagged(todo)).into_response())
}

impl NewTodo {
    fn parse(json: Value, reach: &Reach) -> Result<Self, Fault> {
        let mut fields = Fields::of(json, Null::WrongType)?;
        let description = fields.description();
        let description = fields.require("description", description);
        let completed = fields.completed().unwrap_or(false);
        let owner = match reach {
            Reach::Own { owner, .. } => {
                fields.refuse_owner();
                Some(owner.clone())
            }
            Reach::All { .. } => {
                let owner = fields.owner();
                fields.require("owner", owner)
            }
        };
        let (description, owner) = fields.finish(description.zip(owner))?;
        Ok(Self { description, completed, owner })
    }

    /// Two requests are the same when they ask for the same, however they write it.
    fn attempt(
        &self,
        reach: &Reach,
        owner: &OwnerKey,
        key: &IdempotencyKey,
        now: SystemTime,
    ) -> Attempt {
        let request = serde_json::json!([owner.as_str(), self.description, self.completed]);
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Attempt::new(&reach.name(), key, &request.to_string(), since.as_secs())
    }

    fn into_todo(self, state: &State, now: SystemTime) -> Todo {
        let now = Timestamp::of(now);
        Todo {
            id: state.ids().next(),
            description: self.description,
            completed: self.completed,
            owner: self.owner,
            created_at: now.clone(),
            updated_at: now,
            version: Version::FIRST,
        }
    }
}
