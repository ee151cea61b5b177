use std::marker::PhantomData;

use api::RequestError;
use auth::{
    Caller, Issuer,
    axum::{Authorized, Permission},
};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{
    State,
    error::TodosError,
    todo::{Owner, OwnerKey, TodoId},
};

/// Whose todos a caller can access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AccessScope {
    /// A user: their own. For them, no others exist.
    Own { owner: Owner, key: OwnerKey },
    /// An application that acts for itself: those of every owner under its issuer.
    All { issuer: Issuer, subject: String },
}

/// What a caller with the permission `P` can access. A handler takes it before the body, so that a
/// caller without access learns nothing about what it sent.
#[derive(Debug)]
pub(crate) struct AuthorizedScope<P> {
    pub(crate) scope: AccessScope,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission<State>> FromRequestParts<State> for AuthorizedScope<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let authorized = Authorized::<P>::from_request_parts(parts, state).await;
        let caller = authorized.map_err(IntoResponse::into_response)?.caller;
        let scope = AccessScope::of(&caller).map_err(IntoResponse::into_response)?;
        Ok(Self { scope, permission: PhantomData })
    }
}

impl AccessScope {
    /// # Errors
    /// When the token's subject cannot be an owner.
    fn of(caller: &Caller) -> Result<Self, TodosError> {
        match caller {
            Caller::User(user) => {
                let owner = Owner::parse(&user.owner).map_err(|_| TodosError::NoOwner)?;
                Ok(Self::Own { key: OwnerKey::new(&user.issuer, &owner), owner })
            }
            Caller::App(app) => {
                Ok(Self::All { issuer: app.issuer.clone(), subject: app.subject.clone() })
            }
        }
    }

    /// The partition of this owner's todos. A user's is always their own.
    pub(crate) fn owner_key(&self, owner: &Owner) -> OwnerKey {
        match self {
            Self::Own { key, .. } => key.clone(),
            Self::All { issuer, .. } => OwnerKey::new(issuer, owner),
        }
    }

    /// The partition of this todo.
    ///
    /// # Errors
    /// When no owner in scope has it, or the table cannot be read.
    pub(crate) async fn locate(&self, state: &State, id: TodoId) -> Result<OwnerKey, TodosError> {
        match self {
            Self::Own { key, .. } => Ok(key.clone()),
            Self::All { issuer, .. } => {
                let owner = state.todos().owner_of(issuer, id, state.clock().now()).await?;
                owner.ok_or(RequestError::NotFound.into())
            }
        }
    }

    /// Identifies the caller. A user and an application can have the same subject at some
    /// providers, so their kind is a part of it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Own { key, .. } => format!("user {key}"),
            Self::All { issuer, subject } => format!("app {issuer}#{subject}"),
        }
    }
}
