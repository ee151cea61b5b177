//! A stand-in for Microsoft Graph, its sign-in and the tenant's metadata, in the test's own process.
//!
//! It is a directory that keeps what it is given, with what makes the real one hard: an object that
//! was just made is not found for a while, lists come in pages, permissions that are enabled cannot
//! be redefined, and requests are refused when a test says so.

mod applications;
mod directory;
mod flows;
mod injected_error;
mod login;
mod principals;
mod reply;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, Uri, header::AUTHORIZATION};
use serde_json::Value;
use url::Url;

pub(crate) use directory::{Directory, Sent, TENANT_ID};
pub(crate) use injected_error::InjectedError;
use reply::Reply;

use crate::harness::TestTime;

#[derive(Clone)]
pub(crate) struct MockGraph {
    url: Url,
    shared: Arc<Shared>,
}

struct Shared {
    time: TestTime,
    directory: Mutex<Directory>,
}

impl MockGraph {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let directory = Mutex::new(Directory::default());
        let shared = Arc::new(Shared { time: TestTime::new(), directory });
        let app = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared }
    }

    /// The same at a port where nobody listens.
    pub(crate) fn unreachable(&self) -> Self {
        Self { url: "http://127.0.0.1:1".parse().unwrap(), shared: self.shared.clone() }
    }

    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    pub(crate) fn time(&self) -> &TestTime {
        &self.shared.time
    }

    pub(crate) fn directory(&self) -> MutexGuard<'_, Directory> {
        self.shared.directory.lock().unwrap()
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut directory = shared.directory.lock().unwrap();
    directory.now = entra::Time::now(&shared.time);
    let Some(path) = uri.path().strip_prefix("/v1.0") else {
        return login::answer(&mut directory, uri.path(), &body).into_response();
    };
    if headers.get(AUTHORIZATION).is_none_or(|it| it != "Bearer the-token") {
        return Reply::error(401, "InvalidAuthenticationToken", "Access token is empty.")
            .into_response();
    }
    let query = uri.query().map(decoded).unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let host = format!("http://{}", headers["host"].to_str().unwrap());
    let sent = Sent { method, path: path.to_owned(), query, body };
    directory.answer(&sent, &host).into_response()
}

fn decoded(query: &str) -> String {
    percent_encoding::percent_decode_str(query).decode_utf8().unwrap().into_owned()
}
