//! What is known about the client that sends a request.

use std::{convert::Infallible, net::IpAddr};

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use lambda_http::request::RequestContext;

/// The client that sends a request. An axum extractor, which never fails. Only for display: never
/// decide anything by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// Its `User-Agent`, which can be anything.
    pub user_agent: Option<String>,
    /// Where its connection came from: what API Gateway saw, never what a header such as
    /// `X-Forwarded-For` says. With a proxy or CDN in front it is that one's address.
    pub address: Option<IpAddr>,
}

impl<S: Sync> FromRequestParts<S> for ClientInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Self { user_agent, address: address(parts) })
    }
}

fn address(parts: &Parts) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(context) = parts.extensions.get()? else { return None };
    let address: IpAddr = context.http.source_ip.as_deref()?.parse().ok()?;
    // An IPv4 address that came over an IPv6 socket is shown as what it is.
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    async fn check(request: Request<()>, user_agent: Option<&str>, address: Option<&str>) {
        let (mut parts, ()) = request.into_parts();
        let Ok(client) = ClientInfo::from_request_parts(&mut parts, &()).await;
        assert_eq!(client.user_agent.as_deref(), user_agent);
        assert_eq!(client.address, address.map(|address| address.parse().unwrap()));
    }

    fn through_api_gateway(source_ip: &str) -> Request<()> {
        let event = serde_json::json!({
            "version": "2.0", "rawPath": "/", "rawQueryString": "",
            "headers": {"x-forwarded-for": "203.0.113.9", "user-agent": "Firefox/145.0"},
            "requestContext": {"http": {"method": "GET", "sourceIp": source_ip}},
        });
        let event: lambda_http::request::LambdaRequest = serde_json::from_value(event).unwrap();
        lambda_http::Request::from(event).map(|_| ())
    }

    #[tokio::test]
    async fn the_address_is_what_api_gateway_saw_and_never_what_a_header_says() {
        let agent = Some("Firefox/145.0");
        check(through_api_gateway("192.0.2.1"), agent, Some("192.0.2.1")).await;
        check(through_api_gateway("2001:db8::1"), agent, Some("2001:db8::1")).await;
        check(through_api_gateway("::ffff:192.0.2.1"), agent, Some("192.0.2.1")).await;
        check(through_api_gateway(""), agent, None).await;
        let forged = Request::builder()
            .header("x-forwarded-for", "203.0.113.9")
            .header("forwarded", "for=203.0.113.9")
            .body(());
        check(forged.unwrap(), None, None).await;
    }

    #[tokio::test]
    async fn a_user_agent_that_is_no_text_is_none() {
        let request = Request::builder().header("user-agent", &b"\xff"[..]).body(()).unwrap();
        check(request, None, None).await;
    }
}
