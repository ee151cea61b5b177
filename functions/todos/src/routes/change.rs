use auth::axum::Authorized;
use axum::{body::Body, extract::State as Shared};
use http::HeaderMap;
use serde_json::Value;
use utoipa::ToSchema;

use super::{PathId, Tagged, done};
use crate::{
    State,
    body::{self, Fields, Null},
    document::{BadBody, MalformedRequest, Missing, Outdated, Refused},
    fault::Fault,
    permission::Write,
    precondition::IfMatch,
    reach::Reach,
    todo::{Changes, Description, OwnerKey, Timestamp, Todo, TodoId},
};

/// What to change of a todo (RFC 7396). What is left out stays as it is; nothing can be null.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the shape of the body for the document; `Changes` is what is read")]
pub(crate) struct TodoPatch {
    #[schema(required = false)]
    description: Description,
    /// Whether it is done.
    #[schema(required = false)]
    completed: bool,
}

/// Change a todo
///
/// Changes of different members at the same moment are both kept. A patch without members writes
/// nothing: it gives the todo as it is, and its version stays.
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
        BadBody,
        Missing,
        Outdated,
        Refused,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn change(
    Shared(state): Shared<State>,
    Authorized { caller, .. }: Authorized<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged, Fault> {
    let reach = Reach::of(&caller)?;
    let changes = parse(body::read(&headers, body, &body::PATCH).await?)?;
    let owner = reach.locate(&state, id).await?;
    if changes.is_empty() {
        return unchanged(&state, &owner, id, &if_match).await.map(Tagged);
    }
    let now = Timestamp::of(state.clock().now());
    let outcome = state.todos().change(&owner, id, &changes, &if_match, &now).await?;
    done(outcome).map(Tagged)
}

async fn unchanged(
    state: &State,
    owner: &OwnerKey,
    id: TodoId,
    if_match: &IfMatch,
) -> Result<Todo, Fault> {
    let todo = state.todos().find(owner, id).await?.ok_or(Fault::NotFound)?;
    if if_match.holds(todo.version) { Ok(todo) } else { Err(Fault::PreconditionFailed) }
}

fn parse(json: Value) -> Result<Changes, Fault> {
    let mut fields = Fields::of(json, Null::Removal)?;
    let changes = Changes { description: fields.description(), completed: fields.completed() };
    fields.finish(Some(changes))
}
