//! DynamoDB's API over HTTP, for this machine's programs only.
//!
//! The emulator's own server answers every site (`Access-Control-Allow-Origin: *`), every host and
//! every signature: any page in the developer's browser could read and write the tables.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN},
    },
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::post,
};
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::access_key::AccessKey;

const CRC32: HeaderName = HeaderName::from_static("x-amz-crc32");

/// The largest request body that DynamoDB accepts, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// Serves the operations that the functions and the tests use, to requests for a loopback host
/// that name `key` and do not come from a web page.
pub(crate) fn router(database: Database, key: AccessKey) -> Router {
    let router = Router::new()
        .route("/", post(answer))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(key, authenticate))
        .with_state(database);
    loopback::guarded(router, None)
}

/// Browsers send `Origin` with every request of a page that could carry the headers of this API.
async fn authenticate(State(key): State<AccessKey>, request: Request, next: Next) -> Response {
    if request.headers().contains_key(ORIGIN) {
        return (StatusCode::FORBIDDEN, "Web pages have no access.\n").into_response();
    }
    let authorization = request.headers().get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    if authorization.is_some_and(|authorization| key.signed(authorization)) {
        return next.run(request).await;
    }
    let message = "The security token included in the request is invalid.";
    coral_error("UnrecognizedClientException", Some(message))
}

async fn answer(State(database): State<Database>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|it| it.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("DynamoDB_20120810."));
    match operation.and_then(|operation| dispatch(&database, operation, &body)) {
        Some(Ok(body)) => response(StatusCode::OK, body),
        Some(Err(error)) => {
            let status = StatusCode::from_u16(error.status_code());
            response(status.unwrap_or(StatusCode::BAD_REQUEST), error.to_json())
        }
        None => coral_error("UnknownOperationException", None),
    }
}

/// The answer to an operation, `None` to one that nothing here uses.
fn dispatch(
    database: &Database,
    operation: &str,
    body: &[u8],
) -> Option<Result<String, DynoxideError>> {
    Some(match operation {
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "DescribeTimeToLive" => run(body, |request| database.describe_time_to_live(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "ListTables" => run(body, |request| database.list_tables(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "Scan" => run(body, |request| database.scan(request)),
        "TransactWriteItems" => run(body, |request| database.transact_write_items(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        _ => return None,
    })
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        if error.is_data() {
            DynoxideError::ValidationException(message)
        } else {
            DynoxideError::SerializationException(message)
        }
    })?;
    serde_json::to_string(&operation(request)?)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// An error of the service framework, before an operation is reached.
fn coral_error(name: &str, message: Option<&str>) -> Response {
    let mut body = json!({ "__type": format!("com.amazon.coral.service#{name}") });
    if let Some(message) = message {
        body["message"] = message.into();
    }
    response(StatusCode::BAD_REQUEST, body.to_string())
}

/// With the checksum that DynamoDB sends with successes and errors.
fn response(status: StatusCode, body: String) -> Response {
    let crc32 = crc32fast::hash(body.as_bytes()).to_string();
    let headers = [(CONTENT_TYPE, "application/x-amz-json-1.0".to_owned()), (CRC32, crc32)];
    (status, headers, body).into_response()
}
