use api::RequestError;
use axum::extract::State as Shared;

use super::{PathId, TodoResponse};
use crate::{
    State,
    access_scope::AuthorizedScope,
    error::TodosError,
    permission::Read,
    todo::{Todo, TodoId},
};

/// Read a todo
#[utoipa::path(
    get,
    path = "/api/todos/{id}",
    operation_id = "readTodo",
    tag = "todos",
    params(("id" = TodoId, Path, description = "The todo's id")),
    responses(
        (status = OK, description = "The todo", body = Todo, headers(
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
    ),
)]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Read>,
    PathId(id): PathId,
) -> Result<TodoResponse, TodosError> {
    let owner = scope.locate(&state, id).await?;
    let todo = state.todos().find(&owner, id).await?;
    Ok(TodoResponse(todo.ok_or(RequestError::NotFound)?))
}
