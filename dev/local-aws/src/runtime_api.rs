use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderName, StatusCode, header::ORIGIN},
    middleware::{self, Next},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex as Turn, mpsc, oneshot, watch},
};

/// What a function answered, or the error that it reported, which an HTTP API turns
/// into a 500.
pub type Outcome = Result<Value, String>;

/// The Lambda Runtime API (version 2018-06-01) of one function.
pub struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<(Value, oneshot::Sender<Outcome>)>,
    idle: watch::Receiver<bool>,
}

struct Shared {
    /// Whether the function waits for an event.
    idle: watch::Sender<bool>,
    events: Turn<mpsc::UnboundedReceiver<(Value, oneshot::Sender<Outcome>)>>,
    under_way: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    numbers: std::sync::atomic::AtomicU64,
}

impl RuntimeApi {
    /// Serves on a loopback port, and no web page: events have cookies and tokens.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        let (events, queue) = mpsc::unbounded_channel();
        let (idle, is_idle) = watch::channel(false);
        let shared = Arc::new(Shared {
            idle,
            events: Turn::new(queue),
            under_way: Mutex::default(),
            numbers: 1.into(),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .layer(middleware::from_fn(refuse_pages))
            .with_state(shared);
        let router = loopback::guarded(router, None);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, events, idle: is_idle })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the function waits for an event.
    pub async fn idle(&self) {
        // An error means that the API is gone, and the function with it.
        let _ = self.idle.clone().wait_for(|idle| *idle).await;
    }

    /// Hands the event over; the receiver gets what comes of it.
    pub fn invoke(&self, event: Value) -> oneshot::Receiver<Outcome> {
        let (sender, receiver) = oneshot::channel();
        // If the API is gone, the sender is too, and the receiver learns of it.
        let _ = self.events.send((event, sender));
        receiver
    }
}

/// Browsers send one of these headers with every request of a page to this machine.
async fn refuse_pages(request: Request, next: Next) -> Response {
    let names = [ORIGIN, HeaderName::from_static("sec-fetch-site")];
    if names.iter().any(|name| request.headers().contains_key(name)) {
        return (StatusCode::FORBIDDEN, "Web pages have no access.\n").into_response();
    }
    next.run(request).await
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    // The test is over, and its function is about to be.
    let mut events = shared.events.lock().await;
    shared.idle.send_replace(events.is_empty());
    let event = events.recv().await;
    shared.idle.send_replace(false);
    let Some((event, done)) = event else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let number = shared.numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let id = format!("00000000-0000-4000-8000-{number:012}");
    shared.under_way().insert(id.clone(), done);
    let headers = AppendHeaders([
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:test".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ]);
    (headers, event.to_string()).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> impl IntoResponse {
    let answer = serde_json::from_str(&body).map_err(|_| body);
    shared.end(&id, answer)
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> impl IntoResponse {
    shared.end(&id, Err(body))
}

impl Shared {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Outcome>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, id: &str, outcome: Outcome) -> impl IntoResponse + use<> {
        if let Some(done) = self.under_way().remove(id) {
            // A test that gave up does not listen.
            let _ = done.send(outcome);
        }
        (StatusCode::ACCEPTED, json!({ "status": "OK" }).to_string())
    }
}
