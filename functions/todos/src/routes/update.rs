use api::{FieldErrors, Fields, IfMatch, JsonBody, MergePatchBody, RequestError};
use axum::extract::State as Shared;
use deserr::Deserr;
use serde::Serialize;

use super::{PathId, TodoResponse};
use crate::{
    State,
    access_scope::{AccessScope, AuthorizedScope},
    error::TodosError,
    permission::Write,
    todo::{READ_ONLY, Timestamp, Todo, TodoId, TodoPatch, WholeTodo},
};

/// Replace a todo
///
/// A field that the body leaves out gets its default: without `completed`, the todo isn't done.
#[utoipa::path(
    put,
    path = "/api/todos/{id}",
    operation_id = "replaceTodo",
    tag = "todos",
    params(("id" = TodoId, Path, description = "The todo's id"), IfMatch),
    request_body(content = WholeTodo, content_type = "application/json"),
    responses(
        (status = OK, description = "The todo as it is now", body = Todo, headers(
            ("ETag" = String, description = "Its new version as an entity tag"),
        )),
    ),
)]
pub(crate) async fn replace(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
    JsonBody(fields): JsonBody,
) -> Result<TodoResponse, TodosError> {
    let whole: WholeTodo = parse_update(fields)?;
    update(&state, &scope, id, &if_match, &whole).await
}

/// Change a todo
///
/// Changes of different fields at the same moment are both kept. An empty patch writes nothing: it
/// returns the todo as it is, and the version stays.
#[utoipa::path(
    patch,
    path = "/api/todos/{id}",
    operation_id = "changeTodo",
    tag = "todos",
    params(("id" = TodoId, Path, description = "The todo's id"), IfMatch),
    request_body(content(
        (TodoPatch = "application/merge-patch+json"),
        (TodoPatch = "application/json"),
    )),
    responses(
        (status = OK, description = "The todo as it is now", body = Todo, headers(
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
    ),
)]
pub(crate) async fn change(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
    MergePatchBody(fields): MergePatchBody,
) -> Result<TodoResponse, TodosError> {
    let patch: TodoPatch = parse_update(fields)?;
    update(&state, &scope, id, &if_match, &patch).await
}

/// Sets fields of a todo: what `PUT` and `PATCH` have in common.
async fn update(
    state: &State,
    scope: &AccessScope,
    id: TodoId,
    if_match: &IfMatch,
    fields: &impl Serialize,
) -> Result<TodoResponse, TodosError> {
    let owner = scope.locate(state, id).await?;
    let now = Timestamp::of(state.clock().now());
    Ok(TodoResponse(state.todos().update(&owner, id, fields, if_match, &now).await??))
}

/// Reads the body of `PUT` and `PATCH`: an owner cannot be changed.
fn parse_update<T: Deserr<FieldErrors>>(mut fields: Fields) -> Result<T, RequestError> {
    fields.refuse_read_only(&READ_ONLY);
    fields.refuse_read_only(&["owner"]);
    fields.parse()
}
