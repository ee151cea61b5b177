//! The listening side.

use std::{convert::Infallible, net::TcpListener, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http_body_util::BodyExt;
use tokio::runtime::{Builder, Runtime};

use crate::{Received, shared::Shared};

/// A running server. It has a runtime of its own, so that stopping it ends its connections too.
#[derive(Debug)]
pub(crate) struct Server(Option<Runtime>);

impl Server {
    pub(crate) fn run(listener: TcpListener, shared: Arc<Shared>) -> Self {
        listener.set_nonblocking(true).expect("a socket can be non-blocking");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime with one thread starts");
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener);
            let listener = listener.expect("the socket is non-blocking");
            let router = Router::new().fallback(handle).with_state(shared);
            axum::serve(listener, router).await
        });
        Self(Some(runtime))
    }

    /// Ends it; its port is free afterwards.
    pub(crate) async fn stop(mut self) {
        if let Some(runtime) = self.0.take() {
            let stopped = tokio::task::spawn_blocking(move || drop(runtime)).await;
            stopped.expect("dropping a runtime does not panic");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    request: Request<Body>,
) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    // A request that breaks off is one that nobody waits for an answer to.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let received = Received {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
    };
    Ok(shared.answer(received).send().await)
}
