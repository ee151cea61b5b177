//! An axum extractor that lets a handler run only for callers with permission.

use ::axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};

use crate::{AuthErrorResponse, Policy, RequestHead, Verifier};

pub use crate::Authorized;

/// A permission as a type, so that a handler names what it needs in its
/// arguments and cannot forget to check it.
///
/// `S` is the router's state, where the policy is kept.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a permission of a router with the state `{S}`",
    note = "implement `Permission<{S}>` for it, and `FromRef<{S}>` for `Verifier`; a state in an `Arc` needs a type of your own around it"
)]
pub trait Permission<S>: Send + Sync + 'static {
    /// What the permission needs.
    fn policy(state: &S) -> &Policy;
}

/// The token is taken from the `Authorization` header alone. Put a
/// [`Resource`](crate::Resource) into the request's extensions to have its
/// metadata named in `WWW-Authenticate`, or into the verifier
/// ([`Verifier::with_resource`]).
impl<S, P> FromRequestParts<S> for Authorized<P>
where
    S: Send + Sync,
    P: Permission<S>,
    Verifier: FromRef<S>,
{
    type Rejection = AuthErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AuthErrorResponse> {
        let verifier = Verifier::from_ref(state);
        let incoming = RequestHead::from(&*parts);
        verifier.authorize(&incoming, P::policy(state)).await.map(Self::new)
    }
}

impl IntoResponse for AuthErrorResponse {
    fn into_response(self) -> Response {
        AuthErrorResponse::into_response(self)
    }
}
