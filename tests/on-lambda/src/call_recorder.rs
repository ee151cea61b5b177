use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

/// A DynamoDB in front of another that keeps account of what it is asked to do.
pub struct CallRecorder {
    address: String,
    calls: Arc<Calls>,
}

struct Calls {
    behind: String,
    client: reqwest::Client,
    operations: Mutex<Vec<String>>,
}

impl CallRecorder {
    /// Starts it in front of the DynamoDB at that address. It ends with the runtime.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn in_front_of(behind: &str) -> Result<Self> {
        // Another test of this process may have been first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (behind, client) = (behind.to_owned(), reqwest::Client::new());
        let calls = Arc::new(Calls { behind, client, operations: Mutex::default() });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(pass_on).with_state(calls.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, calls })
    }

    /// Where it is, for `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The operations since the last look, in order.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.operations())
    }
}

impl Calls {
    fn operations(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass_on(State(calls): State<Arc<Calls>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.split('.').next_back()).unwrap_or_default();
    calls.operations().push(operation.to_owned());
    let mut headers = headers;
    headers.remove("host");
    match calls.client.post(&calls.behind).headers(headers).body(body).send().await {
        Ok(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, answer.bytes().await.unwrap_or_default()).into_response()
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
