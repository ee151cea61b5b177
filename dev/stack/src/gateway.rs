//! Stands for the HTTP API: gives each request to the function that `template.yaml` names for it,
//! as an event of payload format 2.0, and sends its response to the client.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use local_aws::{
    PathParameters, Route,
    http_api::{
        Cors, HttpApiRequest, HttpApiResponse, HttpApiResponseError, authorizer_event,
        decoded_path, is_text, request_id,
    },
};
use serde_json::{Value, json};
use serve::EventHandler;
use url::Url;

use crate::{functions::Functions, node::NodeProcess, request_log::RequestLog};

/// "Total combined size of request line and header values" (API Gateway Developer Guide, "Quotas
/// for configuring and running an HTTP API").
const MAX_HEAD_BYTES: usize = 10_240;

/// "Payload size" (the same page).
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// "Invocation payload (request and response)" (Lambda Developer Guide, "Lambda quotas").
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

const APIGW_REQUESTID: HeaderName = HeaderName::from_static("apigw-requestid");

/// The HTTP API.
pub(crate) struct Gateway {
    routes: Vec<Route>,
    functions: HashMap<String, Handler>,
    authorizer: Option<authorizer::State>,
    cors: Option<Cors>,
    public_url: Url,
    log: RequestLog,
}

/// A function that answers requests.
#[derive(Clone)]
enum Handler {
    Router(EventHandler),
    Process(NodeProcess),
}

/// A request that the gateway answers itself: with this status, and its phrase in JSON. AWS documents
/// neither for what is too large: 413, 431 and their bodies are assumed.
struct Refused(StatusCode);

/// The code of an error, for the log: an extension of the response, which no client gets.
#[derive(Clone)]
struct ErrorCode(String);

impl Gateway {
    pub(crate) fn new(
        routes: Vec<Route>,
        functions: Functions,
        cors: Option<Cors>,
        public_url: Url,
        log: RequestLog,
    ) -> Self {
        let Functions { routers, processes, authorizer } = functions;
        let own = |(name, router)| (name, Handler::Router(EventHandler::new(router)));
        let process = |(name, process)| (name, Handler::Process(process));
        let processes = processes.into_iter().map(process);
        let functions = routers.into_iter().map(own).chain(processes).collect();
        Self { routes, functions, authorizer, cors, public_url, log }
    }

    pub(crate) fn router(self) -> Router {
        let public_host = self.public_url.host_str().map(str::to_owned);
        let router = Router::new().fallback(handle).with_state(Arc::new(self));
        loopback::guarded(router, public_host.as_deref())
    }

    async fn answer(&self, request: Request) -> (Response, Option<&str>) {
        if let Some(redirect) = self.to_public_url(&request) {
            return (redirect, None);
        }
        let (parts, body) = request.into_parts();
        let id = request_id();
        let found = self.routes.iter().find_map(|route| {
            let parameters = route.path_parameters(&parts.method, parts.uri.path())?;
            Some((route, parameters, self.functions.get(&route.function)?))
        });
        let function = found.as_ref().map(|(route, ..)| route.function.as_str());
        let answered = match found {
            _ if head_bytes(&parts) > MAX_HEAD_BYTES => {
                Err(Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE))
            }
            None => Err(Refused(StatusCode::NOT_FOUND)),
            Some((route, parameters, handler)) => {
                self.invoke(&parts, body, route, parameters, handler.clone(), &id).await
            }
        };
        let mut response = answered.unwrap_or_else(IntoResponse::into_response);
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(APIGW_REQUESTID, id);
        }
        // AWS forwards `OPTIONS` to a route that takes it, `ANY` and `$default` among them, and adds
        // its headers to the response: "Configure CORS for HTTP APIs" advises on a route that catches
        // preflights because "the $default route catches (...) OPTIONS requests".
        if let Some(cors) = &self.cors {
            cors.apply(&parts.method, &parts.headers, headers);
        }
        (response, function)
    }

    async fn invoke(
        &self,
        parts: &Parts,
        body: Body,
        route: &Route,
        path_parameters: PathParameters,
        handler: Handler,
        request_id: &str,
    ) -> Result<Response, Refused> {
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await;
        let body = body.map_err(|_| Refused(StatusCode::PAYLOAD_TOO_LARGE))?;
        let mut event = self.event(parts, &body, route, path_parameters, request_id);
        if route.authorizer.is_some() {
            let context = self.authorize(authorizer_event(event.clone())).await.map_err(Refused)?;
            event["requestContext"]["authorizer"] = json!({ "lambda": context });
        }
        let event = event.to_string();
        if event.len() > MAX_EVENT_BYTES {
            return Err(Refused(StatusCode::PAYLOAD_TOO_LARGE));
        }
        // As on Lambda: a function finishes what it began even when the client
        // has gone, and a panic is an error of this one request.
        let invocation = tokio::spawn(async move { handler.invoke(&event).await });
        let failed = Refused(StatusCode::INTERNAL_SERVER_ERROR);
        let Ok(Some(response)) = invocation.await else { return Err(failed) };
        if response.to_string().len() > MAX_EVENT_BYTES {
            return Err(failed);
        }
        response_of(&response).map_err(|error| {
            tracing::error!(%error, "the function {} failed", route.function);
            failed
        })
    }

    /// The context that the authorizer gives an allowed request, or the status of the answer to
    /// another one. There is no `WWW-Authenticate`, and nothing of what the function says.
    async fn authorize(&self, event: Value) -> Result<Value, StatusCode> {
        let failed = StatusCode::INTERNAL_SERVER_ERROR;
        let state = self.authorizer.as_ref().ok_or(failed)?;
        let event = serde_json::from_str(&event.to_string()).map_err(|_| failed)?;
        let answer = authorizer::authorize(state, event).await.map_err(|error| {
            // This text is the one that is not a failure of the function.
            if error.to_string() == "Unauthorized" { StatusCode::UNAUTHORIZED } else { failed }
        })?;
        let mut answer = serde_json::to_value(answer).map_err(|_| failed)?;
        if answer["isAuthorized"] == true {
            Ok(answer["context"].take())
        } else {
            Err(StatusCode::FORBIDDEN)
        }
    }

    fn event(
        &self,
        parts: &Parts,
        body: &Bytes,
        route: &Route,
        path_parameters: PathParameters,
        request_id: &str,
    ) -> Value {
        let peer = parts.extensions.get().map(|ConnectInfo(peer): &ConnectInfo<SocketAddr>| peer);
        let content_type = parts.headers.get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|it| it.to_str().ok()).unwrap_or_default();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), text(value)));
        let request = HttpApiRequest {
            route_key: &route.key(),
            method: parts.method.as_str(),
            path: &decoded_path(parts.uri.path()),
            query: parts.uri.query().unwrap_or_default(),
            protocol: &format!("{:?}", parts.version),
            headers: headers.collect(),
            body: Some((body, is_text(content_type))),
            path_parameters,
            source_ip: &peer.map(|peer| peer.ip().to_string()).unwrap_or_default(),
            domain_name: self.public_url.host_str().unwrap_or_default(),
            scheme: self.public_url.scheme(),
            port: self.public_url.port_or_known_default().unwrap_or_default(),
            request_id,
        };
        request.into_event()
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

impl Handler {
    /// The response to an event; nothing if the function fails.
    async fn invoke(self, event: &str) -> Option<Value> {
        match self {
            Self::Router(handler) => handler.invoke(event).await.ok(),
            Self::Process(process) => process.invoke(serde_json::from_str(event).ok()?).await,
        }
    }
}

/// Header values are Latin-1 to HTTP, and text in an event.
fn text(value: &HeaderValue) -> String {
    match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => value.as_bytes().iter().copied().map(char::from).collect(),
    }
}

fn head_bytes(parts: &Parts) -> usize {
    let line = parts.method.as_str().len() + parts.uri.to_string().len() + "  HTTP/1.1".len();
    line + parts.headers.values().map(HeaderValue::len).sum::<usize>()
}

/// The response of a function, as the client gets it.
fn response_of(response: &Value) -> Result<Response, HttpApiResponseError> {
    let HttpApiResponse { status, headers, cookies, body } = HttpApiResponse::parse(response)?;
    let code = if status >= 400 { error_code(&body) } else { None };
    let mut response = Response::new(Body::from(body));
    if let Some(code) = code {
        response.extensions_mut().insert(code);
    }
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let cookies = cookies.into_iter().map(|cookie| (header::SET_COOKIE.to_string(), cookie));
    for (name, value) in headers.into_iter().chain(cookies) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    Ok(response)
}

/// The `code` of a problem document (RFC 9457) or an error page, if it can't disturb a terminal.
fn error_code(body: &[u8]) -> Option<ErrorCode> {
    let code = if let Ok(problem) = serde_json::from_slice::<Value>(body) {
        problem["code"].as_str()?.to_owned()
    } else {
        let page = str::from_utf8(body).ok()?;
        page.split_once("data-test=\"error-code\">")?.1.split('<').next()?.to_owned()
    };
    let is_word =
        !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word.then_some(ErrorCode(code))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let phrase = match self.0 {
            StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
            status => status.canonical_reason().unwrap_or_default(),
        };
        let body = Body::from(json!({ "message": phrase }).to_string());
        (self.0, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

async fn handle(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let (response, function) = gateway.answer(request).await;
    let code = response.extensions().get().map(|ErrorCode(code)| code.as_str());
    gateway.log.write(&method, &path, response.status(), started.elapsed(), function, code);
    response
}

#[cfg(test)]
mod tests;
