use api::{
    IfMatch, MergePatchBody,
    openapi::{AccessErrors, InvalidBody, MalformedRequest, NotFound, PreconditionFailed},
};
use axum::extract::State as Shared;

use super::{PathId, TodoResponse, parse_update, update};
use crate::{
    State,
    access_scope::AuthorizedScope,
    error::TodosError,
    permission::Write,
    todo::{Todo, TodoPatch},
};

/// Change a todo
///
/// Changes of different fields at the same moment are both kept. An empty patch writes nothing: it
/// returns the todo as it is, and the version stays.
#[utoipa::path(
    patch,
    path = "/api/todos/{id}",
    operation_id = "changeTodo",
    tag = "todos",
    params(
        ("id" = String, Path, description = "The todo's id"),
        ("If-Match" = inline(Option<String>), Header,
            description = "Entity tags of the versions that may be changed, or `*`"),
    ),
    request_body(content(
        (TodoPatch = "application/merge-patch+json"),
        (TodoPatch = "application/json"),
    )),
    responses(
        (status = OK, description = "The todo as it is now", body = Todo, headers(
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
        MalformedRequest,
        InvalidBody,
        NotFound,
        PreconditionFailed,
        AccessErrors,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
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
