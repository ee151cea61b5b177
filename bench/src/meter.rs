//! A DynamoDB in front of another that notes what each request consumed.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::tls;

pub(crate) struct Meter {
    endpoint: String,
    shared: Arc<Log>,
}

struct Log {
    behind: String,
    client: reqwest::Client,
    reads: Mutex<Vec<Read>>,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    /// `Query`, for example.
    pub(crate) operation: String,
    /// Read request units; none where the DynamoDB does not say.
    pub(crate) units: Option<f64>,
}

impl Meter {
    /// Serves until the program ends.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub(crate) async fn in_front_of(behind: &str) -> Result<Self> {
        // Who was first does not matter: it is the same one everywhere.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (behind, client) = (behind.to_owned(), reqwest::Client::new());
        let shared = Arc::new(Log { behind, client, reads: Mutex::default() });
        let listener = tls::listener().await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, shared })
    }

    /// The value of `AWS_ENDPOINT_URL_DYNAMODB`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The requests since the last look, in order.
    pub(crate) fn take(&self) -> Vec<Read> {
        std::mem::take(&mut *self.shared.reads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass_on(State(shared): State<Arc<Log>>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(mut request) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // Functions have no use for the figure and do not ask for it. The emulator checks no
    // signature, so the body can be another than the signed one.
    request["ReturnConsumedCapacity"] = json!("TOTAL");
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.split('.').next_back()).unwrap_or_default();
    let operation = operation.to_owned();
    let mut headers = headers;
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    let asked = shared.client.post(&shared.behind).headers(headers).body(request.to_string());
    let Ok(answer) = asked.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap_or_default();
    let units = units(&body);
    shared.reads.lock().unwrap_or_else(PoisonError::into_inner).push(Read { operation, units });
    (status, headers, body).into_response()
}

/// What an answer says was consumed.
fn units(answer: &[u8]) -> Option<f64> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    answer["ConsumedCapacity"]["CapacityUnits"].as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_was_consumed_or_nothing() {
        let answer = br#"{"Items": [], "ConsumedCapacity": {"CapacityUnits": 7.5}}"#;
        assert_eq!(units(answer), Some(7.5));
        assert_eq!(units(b"{}"), None);
        assert_eq!(units(b"no JSON"), None);
    }
}
