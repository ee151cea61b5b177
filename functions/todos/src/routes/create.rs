use api::{Fields, IdempotencyKey, JsonBody, RequestError};
use axum::{
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::TodoResponse;
use crate::{
    State,
    access_scope::{AccessScope, AuthorizedScope},
    error::TodosError,
    permission::Write,
    table::IdempotencyRecord,
    todo::{NewTodo, READ_ONLY, Timestamp, Todo},
};

/// Create a todo
///
/// With an `Idempotency-Key`, sending the request again returns the first result for 24 hours, even
/// if the todo has changed since.
#[utoipa::path(
    post,
    path = "/api/todos",
    operation_id = "createTodo",
    tag = "todos",
    params(IdempotencyKey),
    request_body(content = NewTodo, content_type = "application/json"),
    responses(
        (status = CREATED, description = "The new todo", body = Todo, headers(
            ("Location" = String, description = "Where the todo is"),
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
    ),
)]
pub(crate) async fn create(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Write>,
    key: Option<IdempotencyKey>,
    JsonBody(fields): JsonBody,
) -> Result<Response, TodosError> {
    let new = parse(fields, &scope)?;
    let owner = match &scope {
        AccessScope::Own { owner, .. } => owner.clone(),
        AccessScope::All { .. } => new.owner.clone().expect("`parse` requires it"),
    };
    let owner_key = scope.owner_key(&owner);
    let now = state.clock().now();
    let record = key.map(|key| IdempotencyRecord::new(&scope.name(), &key, &new, now));
    let todo = new.into_todo(state.ids().next(), owner, Timestamp::of(now));
    let todo = match record {
        None => {
            state.todos().create(&owner_key, &todo).await?;
            todo
        }
        Some(record) => state.todos().create_once(&owner_key, &todo, &record).await??,
    };
    let location = HeaderValue::try_from(format!("/api/todos/{}", todo.id));
    let location = location.expect("an id is hexadecimal digits and hyphens");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], TodoResponse(todo)).into_response())
}

fn parse(mut fields: Fields, scope: &AccessScope) -> Result<NewTodo, RequestError> {
    fields.refuse_read_only(&READ_ONLY);
    match scope {
        AccessScope::Own { .. } => {
            let detail = "Only an application that acts for itself can name an owner.";
            fields.refuse("owner", "not_allowed", detail);
        }
        AccessScope::All { .. } => fields.require("owner"),
    }
    fields.parse()
}
