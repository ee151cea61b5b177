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
    todo::{Changes, Description, Timestamp, Todo},
};

/// All of a todo that can be set.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholeTodo {
    description: Description,
    /// Whether it is done.
    #[schema(required = false, default = false)]
    completed: bool,
}

/// Replace a todo
///
/// What the body leaves out gets its default: a todo without `completed` is not done.
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
        BadBody,
        Missing,
        Outdated,
        Refused,
    ),
    security(("bearer" = []), ("session" = [], "csrf" = []))
)]
pub(crate) async fn replace(
    Shared(state): Shared<State>,
    Authorized { caller, .. }: Authorized<Write>,
    PathId(id): PathId,
    if_match: IfMatch,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged, Fault> {
    let reach = Reach::of(&caller)?;
    let whole = WholeTodo::parse(body::read(&headers, body, &body::JSON).await?)?;
    let owner = reach.locate(&state, id).await?;
    let changes =
        Changes { description: Some(whole.description), completed: Some(whole.completed) };
    let now = Timestamp::of(state.clock().now());
    let outcome = state.todos().change(&owner, id, &changes, &if_match, &now).await?;
    done(outcome).map(Tagged)
}

impl WholeTodo {
    fn parse(json: Value) -> Result<Self, Fault> {
        let mut fields = Fields::of(json, Null::WrongType)?;
        let description = fields.description();
        let description = fields.require("description", description);
        let completed = fields.completed().unwrap_or(false);
        let description = fields.finish(description)?;
        Ok(Self { description, completed })
    }
}
