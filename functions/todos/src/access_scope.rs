use api::RequestError;
use auth::{Caller, Issuer};

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

impl AccessScope {
    /// # Errors
    /// When the token's subject cannot be an owner.
    pub(crate) fn of(caller: &Caller) -> Result<Self, TodosError> {
        match caller {
            Caller::User(user) => {
                let owner = Owner::parse(user.owner()).map_err(|_| TodosError::NoOwner)?;
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
