use api::IfMatch;
use axum::extract::State as Shared;
use http::StatusCode;

use super::PathId;
use crate::{
    State, access_scope::AuthorizedScope, error::TodosError, permission::Write, todo::TodoId,
};

/// Delete a todo
#[utoipa::path(
    delete,
    path = "/api/todos/{id}",
    operation_id = "deleteTodo",
    tag = "todos",
    params(("id" = TodoId, Path, description = "The todo's id"), IfMatch),
    responses((status = NO_CONTENT, description = "The todo was deleted")),
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
