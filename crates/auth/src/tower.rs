//! A tower layer that lets a service run only for callers with permission.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Authorized, Policy, RequestHead, Verifier};

/// Answers for the service inside when a caller lacks the permission `P`, and
/// otherwise puts an [`Authorized<P>`](Authorized) into the request's extensions.
///
/// `P` is a type of your own that names the permission. The service inside asks
/// the extensions for it, so a layer of another permission, or a forgotten one,
/// shows at once.
pub struct AuthorizeLayer<P> {
    verifier: Verifier,
    policy: Arc<Policy>,
    permission: PhantomData<fn() -> P>,
}

impl<P> AuthorizeLayer<P> {
    /// A layer that lets callers in whom this policy lets in.
    pub fn new(verifier: Verifier, policy: Policy) -> Self {
        Self { verifier, policy: Arc::new(policy), permission: PhantomData }
    }
}

impl<S, P> Layer<S> for AuthorizeLayer<P> {
    type Service = Authorize<S, P>;

    fn layer(&self, inner: S) -> Authorize<S, P> {
        Authorize { inner, authorize: self.clone() }
    }
}

/// A service behind an [`AuthorizeLayer`].
pub struct Authorize<S, P> {
    inner: S,
    authorize: AuthorizeLayer<P>,
}

impl<S, P, B, R> Service<Request<B>> for Authorize<S, P>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    P: 'static,
    B: Send + 'static,
    R: From<String>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let authorize = self.authorize.clone();
        // The one that was found ready, not a clone that never was.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match authorize.verifier.authorize(&RequestHead::from(&parts), &authorize.policy).await
            {
                Ok(caller) => {
                    parts.extensions.insert(Authorized::<P>::new(caller));
                    inner.call(Request::from_parts(parts, body)).await
                }
                Err(error) => Ok(error.into_response()),
            }
        })
    }
}

// By hand: `P` is a name and need be neither.
impl<P> Clone for AuthorizeLayer<P> {
    fn clone(&self) -> Self {
        let (verifier, policy) = (self.verifier.clone(), Arc::clone(&self.policy));
        Self { verifier, policy, permission: PhantomData }
    }
}

impl<S: Clone, P> Clone for Authorize<S, P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), authorize: self.authorize.clone() }
    }
}

impl<P> fmt::Debug for AuthorizeLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeLayer").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, P> fmt::Debug for Authorize<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorize").field("inner", &self.inner).finish_non_exhaustive()
    }
}
