//! Lets the AWS SDK use our HTTP client: same TLS configuration, same pool, no second hyper.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
};
use aws_smithy_types::body::SdkBody;
use http::HeaderMap;

/// An HTTP client for an SDK's configuration.
pub(crate) fn sdk_http_client(http: &reqwest::Client) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(http.clone()));
    http_client_fn(move |_settings, _components| connector.clone())
}

#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let http = self.0.clone();
        HttpConnectorFuture::new(async move { send(&http, request).await })
    }
}

async fn send(
    http: &reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let response = http.execute(outgoing(request).map_err(ConnectorError::user)?).await;
    let response = response.map_err(failure)?;
    let mut answer = http::Response::new(());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    // Every answer that we ask the SDK for is a small JSON document, read whole.
    let body = response.bytes().await.map_err(failure)?;
    check_crc32(answer.headers(), &body)?;
    HttpResponse::try_from(answer.map(|()| SdkBody::from(body)))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// DynamoDB sends the CRC-32 of each body. As in botocore, a response that does not match it counts
/// as a lost connection and is requested again. The Rust SDK does not check it.
fn check_crc32(headers: &HeaderMap, body: &[u8]) -> Result<(), ConnectorError> {
    let Some(expected) = headers.get("x-amz-crc32") else { return Ok(()) };
    let expected = expected.to_str().ok().and_then(|text| text.parse().ok());
    if expected == Some(crc32fast::hash(body)) {
        return Ok(());
    }
    Err(ConnectorError::io("the response does not match its x-amz-crc32".into()))
}

fn outgoing(request: HttpRequest) -> Result<reqwest::Request, BoxError> {
    let request = request.try_into_http1x()?;
    let in_memory = request.body().bytes().map(<[u8]>::to_vec);
    let body = in_memory.ok_or("a streaming request body is not supported")?;
    Ok(reqwest::Request::try_from(request.map(|_| body))?)
}

/// Tells the SDK what kind of failure it was, because that decides whether it tries again.
fn failure(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
