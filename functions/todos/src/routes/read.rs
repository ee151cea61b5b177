use auth::axum::Authorized;
use axum::extract::State as Shared;

use super::{PathId, Tagged};
use crate::{
    State,
    document::{Missing, Refused},
    fault::Fault,
    permission::Read,
    reach::Reach,
    todo::Todo,
};

/// Read a todo
#[utoipa::path(
    get,
    path = "/api/todos/{id}",
    operation_id = "readTodo",
    tag = "todos",
    params(("id" = String, Path, description = "The todo's id")),
    responses(
        (status = OK, description = "The todo", body = Todo, headers(
            ("ETag" = String, description = "Its version as an entity tag"),
        )),
        Missing,
        Refused,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn read(
    Shared(state): Shared<State>,
    Authorized { caller, .. }: Authorized<Read>,
    PathId(id): PathId,
) -> Result<Tagged, Fault> {
    let owner = Reach::of(&caller)?.locate(&state, id).await?;
    let todo = state.todos().find(&owner, id).await?;
    todo.map(Tagged).ok_or(Fault::NotFound)
}
