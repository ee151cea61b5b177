use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{Method, StatusCode, header};
use local_aws::Route;
use serve::PeerAddress;
use tower::ServiceExt as _;
use url::Url;

use crate::{functions::Functions, request_log::RequestLog};

/// Stands for the HTTP API: gives each request to the function that
/// `template.yaml` names for it, and answers what has no route itself.
#[derive(Debug)]
pub(crate) struct Gateway {
    routes: Vec<Route>,
    functions: HashMap<String, Router>,
    public_url: Url,
    log: RequestLog,
}

impl Gateway {
    pub(crate) fn new(
        routes: Vec<Route>,
        functions: Functions,
        public_url: Url,
        log: RequestLog,
    ) -> Self {
        Self { routes, functions, public_url, log }
    }

    pub(crate) fn router(self) -> Router {
        let public_host = self.public_url.host_str().map(str::to_owned);
        let router = Router::new().fallback(handle).with_state(Arc::new(self));
        loopback::guarded(router, public_host.as_deref())
    }

    async fn answer(&self, mut request: Request) -> (Response, Option<&str>) {
        let peer =
            request.extensions().get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| *peer);
        if let Some(peer) = peer {
            request.extensions_mut().insert(PeerAddress(peer.ip()));
        }
        if let Some(redirect) = self.to_public_url(&request) {
            return (redirect, None);
        }
        let route =
            self.routes.iter().find(|route| route.matches(request.method(), request.uri().path()));
        let Some((route, router)) =
            route.and_then(|route| Some((route, self.functions.get(&route.function)?)))
        else {
            return (message(StatusCode::NOT_FOUND, "Not Found"), None);
        };
        // As on Lambda: a function finishes what it began even when the client
        // has gone, and a panic is an error of this one request.
        let response = match tokio::spawn(router.clone().oneshot(request)).await {
            Ok(Ok(response)) => response,
            Err(_panicked) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        };
        (response, Some(&route.function))
    }

    /// A person who opens 127.0.0.1 is sent to localhost: cookies are per
    /// host, and the provider sends browsers back to localhost only.
    fn to_public_url(&self, request: &Request) -> Option<Response> {
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        let numeric = host.starts_with("127.0.0.1:") || host.starts_with("[::1]:");
        let navigates = request.headers().get("sec-fetch-mode")? == "navigate";
        let from = numeric && navigates && request.method() == Method::GET;
        if !from || self.public_url.host_str() != Some("localhost") {
            return None;
        }
        let mut url = self.public_url.clone();
        url.set_path(request.uri().path());
        url.set_query(request.uri().query());
        Some(Redirect::temporary(url.as_str()).into_response())
    }
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let (response, function) = gateway.answer(request).await;
    gateway.log.write(&method, &path, response.status(), started.elapsed(), function);
    response
}

/// What the HTTP API itself says.
fn message(status: StatusCode, text: &str) -> Response {
    let body = Body::from(serde_json::json!({ "message": text }).to_string());
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::{any, get};
    use local_aws::Template;

    use super::*;

    async fn panicking() -> &'static str {
        panic!("as a test")
    }

    fn gateway() -> Router {
        let function = |name: &'static str| {
            let router = Router::new().fallback(any(move || async move { name }));
            (name.to_owned(), router)
        };
        let mut functions: HashMap<_, _> = ["signin", "callback", "web"].map(function).into();
        let panics = Router::new().route("/api/todos", get(panicking));
        functions.insert("todos".to_owned(), panics);
        let url = "http://localhost:3000".parse().unwrap();
        let routes = Template::project().routes().unwrap();
        Gateway::new(routes, functions, url, RequestLog::silent()).router()
    }

    async fn check(method: Method, uri: &str, status: StatusCode, body: &str) {
        let request =
            http::Request::builder().method(method).header(header::HOST, "localhost:3000");
        let request = request.uri(uri).body(Body::empty()).unwrap();
        let response = gateway().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{uri}");
        let bytes = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
        assert_eq!(bytes, body.as_bytes(), "{uri}");
    }

    #[tokio::test]
    async fn a_request_goes_to_the_function_of_its_route() {
        check(Method::GET, "/", StatusCode::OK, "web").await;
        check(Method::GET, "/signin?return_to=%2F", StatusCode::OK, "signin").await;
        check(Method::GET, "/callback?code=c", StatusCode::OK, "callback").await;
        check(Method::POST, "/signout", StatusCode::OK, "web").await;
    }

    #[tokio::test]
    async fn what_has_no_route_is_answered_as_the_http_api_does() {
        let body = r#"{"message":"Not Found"}"#;
        check(Method::GET, "/nothing", StatusCode::NOT_FOUND, body).await;
        check(Method::DELETE, "/signin", StatusCode::NOT_FOUND, body).await;
        check(Method::GET, "/signin/", StatusCode::NOT_FOUND, body).await;
    }

    #[tokio::test]
    async fn a_panic_is_one_failed_request() {
        let body = r#"{"message":"Internal Server Error"}"#;
        check(Method::GET, "/api/todos", StatusCode::INTERNAL_SERVER_ERROR, body).await;
    }

    #[tokio::test]
    async fn a_browser_at_the_numeric_address_is_sent_to_localhost() {
        let request = |host: &str, mode: &str| {
            http::Request::get("/signin?return_to=%2Fx")
                .header(header::HOST, host)
                .header("sec-fetch-mode", mode)
                .body(Body::empty())
                .unwrap()
        };
        let response = gateway().oneshot(request("127.0.0.1:3000", "navigate")).await.unwrap();
        assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
        let location = &response.headers()[header::LOCATION];
        assert_eq!(location, "http://localhost:3000/signin?return_to=%2Fx");
        for (host, mode) in [("localhost:3000", "navigate"), ("127.0.0.1:3000", "cors")] {
            let response = gateway().oneshot(request(host, mode)).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
        }
    }
}
