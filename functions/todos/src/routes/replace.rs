use api::{
    IfMatch, JsonBody,
    openapi::{AccessErrors, InvalidBody, MalformedRequest, NotFound, PreconditionFailed},
};
use axum::extract::State as Shared;

use super::{PathId, TodoResponse, parse_update, update};
use crate::{
    State,
    access_scope::AuthorizedScope,
    error::TodosError,
    permission::Write,
    todo::{Todo, WholeTodo},
};

/// Replace a todo
///
/// A field that the body leaves out gets its default: without `completed`, the todo isn't done.
#[utoipa::path(
    put,
    path = "/api/todos/{id}",
    operation_id = "replaceTodo",
    tag = "todos",
    params(
        ("id" = String, Path, description = "The todo's id"),
        ("If-Match" = inline(Option<String>), Header,
            description = "Entity tags of the versions that may be replaced, or `*`"),
    ),
    request_body(content = WholeTodo, content_type = "application/json"),
    responses(
        (status = OK, description = "The todo as it is now", body = Todo, headers(
            ("ETag" = String, description = "Its new version as an entity tag"),
        )),
        MalformedRequest,
        InvalidBody,
        NotFound,
        PreconditionFailed,
        AccessErrors,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
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
