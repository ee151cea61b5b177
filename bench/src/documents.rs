//! How often the provider was asked for the documents that it publishes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};

/// Counts requests, each of which is answered with one whole document.
#[derive(Clone, Default)]
pub(crate) struct Documents(Arc<Counts>);

#[derive(Default)]
struct Counts {
    metadata: AtomicUsize,
    keys: AtomicUsize,
}

impl Documents {
    /// Counts what comes to the router of a provider from now on.
    pub(crate) fn count(&self, provider: Router) -> Router {
        provider.layer(from_fn_with_state(self.clone(), note))
    }

    /// How often the metadata was asked for (OpenID Connect Discovery, section 4).
    pub(crate) fn metadata(&self) -> usize {
        self.0.metadata.load(Ordering::Relaxed)
    }

    /// How often the keys were asked for (RFC 7517, section 5).
    pub(crate) fn keys(&self) -> usize {
        self.0.keys.load(Ordering::Relaxed)
    }
}

async fn note(State(documents): State<Documents>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.ends_with("/.well-known/openid-configuration") {
        documents.0.metadata.fetch_add(1, Ordering::Relaxed);
    } else if path.ends_with("/discovery/v2.0/keys") {
        documents.0.keys.fetch_add(1, Ordering::Relaxed);
    }
    next.run(request).await
}
