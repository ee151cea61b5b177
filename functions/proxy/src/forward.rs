//! A request on its way to an upstream, and the response on its way back.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use gate::{Admitted, AdmittedCaller};
use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH},
    request::Parts,
};
use lambda_http::request::RequestContext;
use percent_encoding::percent_decode_str;
use serve::{BinaryBody, ClientInfo, PublicOrigin};

use crate::{
    State as ProxyState,
    error::ProxyError,
    request_headers::{OwnHeaders, outgoing},
    response_headers::returned,
    upstream::Upstream,
};

/// The longest body of a response, in bytes. Lambda takes 6 MB with all around it, and base64 makes
/// four bytes of three.
const LONGEST_BODY: usize = 4_500_000;

/// Sends a request on.
pub(crate) async fn forward(
    State(state): State<ProxyState>,
    origin: PublicOrigin,
    client: ClientInfo,
    request: Request,
) -> Response {
    // As where the function isn't deployed, for want of upstreams.
    if state.upstreams().is_empty() {
        return ProxyError::NotFound.into_response();
    }
    // A browser's preflight has no credentials and needs a 2xx status; the gateway adds its headers.
    if request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    {
        return StatusCode::NO_CONTENT.into_response();
    }
    // An upstream's answer to TRACE would show the page its token.
    if !is_allowed(request.method()) {
        return ProxyError::Method.into_response();
    }
    let (mut parts, body) = request.into_parts();
    let admitted = match state.gate().admit(&mut parts).await {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    let sent = send(&state, &origin, &client, &admitted, parts, body).await;
    sent.unwrap_or_else(IntoResponse::into_response)
}

fn is_allowed(method: &Method) -> bool {
    use http::Method as M;
    [M::GET, M::HEAD, M::OPTIONS, M::POST, M::PUT, M::PATCH, M::DELETE].contains(method)
}

async fn send(
    state: &ProxyState,
    origin: &PublicOrigin,
    client: &ClientInfo,
    admitted: &Admitted,
    parts: Parts,
    body: Body,
) -> Result<Response, ProxyError> {
    // The path that the gate has judged.
    let path = percent_decode_str(parts.uri.path()).decode_utf8();
    let target = path.ok().and_then(|path| state.upstreams().target(&path, parts.uri.query()));
    let (upstream, url) = target.ok_or(ProxyError::NoUpstream)?;
    let bearer = match admitted {
        Admitted::Anonymous => None,
        Admitted::Caller(admitted) => Some(bearer(admitted).ok_or(ProxyError::NoToken)?),
    };
    let address = client.address;
    let request_id = match parts.extensions.get() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    let own = OwnHeaders { bearer, origin, address, request_id };
    let mut headers = outgoing(&parts.headers, own).ok_or(ProxyError::Loop)?;
    let body = to_bytes(body, usize::MAX).await.map_err(|_| ProxyError::Body)?;
    // RFC 9110, section 8.6. The client sets every other length.
    if body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let request = state
        .client(&parts.method)
        .request(parts.method.clone(), url.clone())
        .headers(headers)
        .timeout(state.timeout());
    let response = request.body(body).send().await.map_err(|error| failure(upstream, error))?;
    let status = response.status();
    if status.is_informational() {
        // 101, though no `Upgrade` was sent on.
        return Err(ProxyError::Unavailable);
    }
    let headers = returned(status, response.headers(), upstream, &url)?;
    let body = read(response, upstream).await?;
    let mut response = Response::new(Body::from(body));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response.extensions_mut().insert(BinaryBody);
    Ok(response)
}

fn bearer(admitted: &AdmittedCaller) -> Option<HeaderValue> {
    let token = admitted.access_token.as_ref()?.as_str();
    let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    bearer.set_sensitive(true);
    Some(bearer)
}

/// The body, as it is. Not a part of one that is too long.
async fn read(mut response: reqwest::Response, upstream: &Upstream) -> Result<Bytes, ProxyError> {
    let announced = response.headers().get(CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    // With HEAD, the length is that of another response.
    if response.content_length() != Some(0)
        && announced.and_then(|it| it.parse().ok()).is_some_and(|it: usize| it > LONGEST_BODY)
    {
        return Err(ProxyError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(upstream, error))? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return Err(ProxyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Logged here, once. The address is not: it has the query in it.
fn failure(upstream: &Upstream, error: reqwest::Error) -> ProxyError {
    // Without a connection, nothing was sent.
    let is_timeout = error.is_timeout() && !error.is_connect();
    let error = outbound::causes(&error.without_url());
    let prefix = upstream.prefix();
    if is_timeout {
        tracing::error!(code = "upstream_timeout", prefix, %error, "an upstream takes too long");
        ProxyError::Timeout
    } else {
        tracing::error!(code = "upstream_unavailable", prefix, %error, "an upstream fails");
        ProxyError::Unavailable
    }
}
