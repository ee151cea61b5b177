use api::{
    IfMatch,
    openapi::{AccessErrors, MalformedRequest, NotFound, PreconditionFailed},
};
use axum::extract::State as Shared;
use http::StatusCode;

use super::PathId;
use crate::{State, access_scope::AuthorizedScope, error::TodosError, permission::Write};

/// Delete a todo
#[utoipa::path(
    delete,
    path = "/api/todos/{id}",
    operation_id = "deleteTodo",
    tag = "todos",
    params(
        ("id" = String, Path, description = "The todo's id"),
        ("If-Match" = inline(Option<String>), Header,
            description = "Entity tags of the versions that may be deleted, or `*`"),
    ),
    responses(
        (status = NO_CONTENT, description = "The todo was deleted"),
        MalformedRequest,
        NotFound,
        PreconditionFailed,
        AccessErrors,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn delete(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
) -> Result<StatusCode, TodosError> {
    let owner = scope.locate(&state, id).await?;
    state.todos().delete(&owner, id, &if_match).await??;
    Ok(StatusCode::NO_CONTENT)
}
