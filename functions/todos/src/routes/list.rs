use axum::{
    Json,
    extract::{RawQuery, State as Shared},
};
use serde::Serialize;
use serve::Problem;
use utoipa::ToSchema;

use crate::{
    State,
    access_scope::{AccessScope, AuthorizedScope},
    cursor,
    error::TodosError,
    permission::Read,
    query::{self, Limit, ListQuery},
    todo::{Owner, OwnerKey, Todo},
};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TodoPage {
    items: Vec<Todo>,
    /// The `cursor` of the next page, or null on the last one.
    #[schema(required)]
    next: Option<String>,
}

/// List todos
///
/// A user gets their own, newest first. An application that acts for itself gets those of every
/// owner, in no particular order, or with `owner` those of one, newest first.
#[utoipa::path(
    get,
    path = "/api/todos",
    operation_id = "listTodos",
    tag = "todos",
    params(
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100,
            description = "How many todos to give at most: 1 to 100, 25 by default"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("owner" = Option<Owner>, Query,
            description = "Whose todos. For applications that act for themselves; a user gets 422"),
    ),
    responses(
        (status = OK, description = "A page of todos", body = TodoPage),
        (status = UNPROCESSABLE_ENTITY, description = "A user sent `owner`",
            body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Shared(state): Shared<State>,
    AuthorizedScope { scope, .. }: AuthorizedScope<Read>,
    RawQuery(query): RawQuery,
) -> Result<Json<TodoPage>, TodosError> {
    let ListQuery { limit, cursor, owner } =
        ListQuery::parse(query.as_deref().unwrap_or_default())?;
    let page = match (scope, owner) {
        (AccessScope::Own { .. }, Some(_)) => return Err(TodosError::OwnerNamedByUser),
        (AccessScope::Own { key, .. }, None) => of_owner(&state, &key, limit, cursor).await?,
        (AccessScope::All { issuer, .. }, Some(owner)) => {
            let key = OwnerKey::new(&issuer, &query::owner(&owner)?);
            of_owner(&state, &key, limit, cursor).await?
        }
        (AccessScope::All { issuer, .. }, None) => {
            let after =
                cursor.map(|text| cursor::read_in_list_of_all(&issuer, &text)).transpose()?;
            let page = state.todos().list_all(&issuer, limit, after).await?;
            let next = page.last.map(|last| cursor::in_list_of_all(&issuer, &last));
            TodoPage { items: page.todos, next }
        }
    };
    Ok(Json(page))
}

async fn of_owner(
    state: &State,
    key: &OwnerKey,
    limit: Limit,
    cursor: Option<String>,
) -> Result<TodoPage, TodosError> {
    let after = cursor.map(|text| cursor::read_in_list_of(key, &text)).transpose()?;
    let page = state.todos().list(key, limit, after).await?;
    let next = page.last.map(|last| cursor::in_list_of(key, last));
    Ok(TodoPage { items: page.todos, next })
}
