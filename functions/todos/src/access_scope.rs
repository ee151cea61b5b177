use auth::{Caller, Issuer};

use crate::{
    State,
    fault::Fault,
    todo::{Owner, OwnerKey, TodoId},
};

/// Whose todos a caller can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A user: their own, and nobody else's exist for them.
    Own { owner: Owner, key: OwnerKey },
    /// An application that acts for itself: those of every owner under its issuer.
    All { issuer: Issuer, subject: String },
}

impl Reach {
    /// # Errors
    /// When the token's subject is a text that cannot be an owner.
    pub(crate) fn of(caller: &Caller) -> Result<Self, Fault> {
        match caller {
            Caller::User(user) => {
                let owner = Owner::parse(user.owner()).map_err(|_| Fault::NoOwner)?;
                Ok(Self::Own { key: OwnerKey::new(&user.issuer, &owner), owner })
            }
            Caller::App(app) => {
                Ok(Self::All { issuer: app.issuer.clone(), subject: app.subject.clone() })
            }
        }
    }

    /// Where to look for this todo.
    ///
    /// # Errors
    /// When no owner within reach has it, or the table does not say.
    pub(crate) async fn locate(&self, state: &State, id: TodoId) -> Result<OwnerKey, Fault> {
        match self {
            Self::Own { key, .. } => Ok(key.clone()),
            Self::All { issuer, .. } => {
                let owner = state.todos().owner_of(issuer, id, state.clock().now()).await?;
                owner.ok_or(Fault::NotFound)
            }
        }
    }

    /// Names the caller, for what belongs to them and nobody else. A user and an application can
    /// have the same subject at some providers, so their kind is a part of it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Own { key, .. } => format!("user {key}"),
            Self::All { issuer, subject } => format!("app {issuer}#{subject}"),
        }
    }
}
