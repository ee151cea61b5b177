//! Who calls the API.

use std::{fmt, marker::PhantomData};

use crate::Issuer;

/// Who calls, with a permission that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person, through some client.
    User(User),
    /// An application that acts for itself.
    App(App),
}

/// A caller who has the permission `P`, a type of your own that names it.
///
/// Who holds one holds the proof that the policy was met: only the axum
/// extractor and the tower layer make it. A handler with this among its arguments
/// runs for such callers only.
pub struct Authorized<P> {
    /// Who calls.
    pub caller: Caller,
    permission: PhantomData<fn() -> P>,
}

#[cfg_attr(not(any(feature = "axum", feature = "testing", feature = "tower")), expect(dead_code))]
impl<P> Authorized<P> {
    /// For a caller whom the policy of `P` let in.
    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller, permission: PhantomData }
    }

    /// As if this caller had been let in, to call a handler in a test.
    #[cfg(feature = "testing")]
    pub fn for_test(caller: Caller) -> Self {
        Self::new(caller)
    }
}

// By hand: `P` is a name and need be neither.
impl<P> Clone for Authorized<P> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), permission: PhantomData }
    }
}

impl<P> fmt::Debug for Authorized<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized").field("caller", &self.caller).finish_non_exhaustive()
    }
}

/// A person who calls through a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who vouches for them; ids are only unique under it.
    pub issuer: Issuer,
    /// `sub`; at Entra it differs from application to application.
    pub subject: String,
    /// Under what their things are kept: `oid`, at Entra the id of the user in the whole tenant, or
    /// `sub` where there is none, unless
    /// [`AccessTokenRules::owner_claims`](crate::AccessTokenRules::owner_claims) says otherwise.
    pub owner: String,
    /// The client they use.
    pub client: Option<String>,
}

/// An application that acts for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Who vouches for it.
    pub issuer: Issuer,
    /// `sub`; at Entra, the id of its service principal.
    pub subject: String,
    /// Its client id.
    pub client: Option<String>,
}
