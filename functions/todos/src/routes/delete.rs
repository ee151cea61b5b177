use auth::axum::Authorized;
use axum::extract::State as Shared;
use http::StatusCode;

use super::{PathId, done};
use crate::{
    State,
    document::{MalformedRequest, Missing, Outdated, Refused},
    fault::Fault,
    permission::Write,
    precondition::IfMatch,
    reach::Reach,
};

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
        (status = NO_CONTENT, description = "The todo is gone"),
        MalformedRequest,
        Missing,
        Outdated,
        Refused,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn delete(
    Shared(state): Shared<State>,
    Authorized { caller, .. }: Authorized<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
) -> Result<StatusCode, Fault> {
    let owner = Reach::of(&caller)?.locate(&state, id).await?;
    done(state.todos().delete(&owner, id, &if_match).await?)?;
    Ok(StatusCode::NO_CONTENT)
}
