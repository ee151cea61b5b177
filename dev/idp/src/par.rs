//! Pushed authorization requests (RFC 9126).

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use crate::{
    authorize::{AuthorizationRequest, Judged, Refused, judge},
    fault::Fault,
    live::PUSHED_LIFETIME,
    params::Params,
    provider::Idp,
    token,
};

/// What a `request_uri` of ours starts with (section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// `POST …/par`: the authorization request, from the client itself.
pub(crate) async fn post(State(idp): State<Idp>, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = match push(&idp, &headers, &body) {
        Ok(request_uri) => {
            let body = json!({ "request_uri": request_uri, "expires_in": PUSHED_LIFETIME });
            (StatusCode::CREATED, Json(body)).into_response()
        }
        Err(fault) => token::refusal(&idp, &fault),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn push(idp: &Idp, headers: &HeaderMap, body: &[u8]) -> Result<String, Fault> {
    let params = token::form(headers, body)?;
    let app = token::authenticate(idp, headers, &params)?;
    // With HTTP Basic the client need not name itself in the form, too.
    let params = params.with("client_id", app.client_id);
    match judge(idp, &params) {
        Judged::Good(request) => Ok(format!("{PREFIX}{}", idp.live().push(*request, idp.now()))),
        Judged::Refused(Refused { fault, .. }) | Judged::NotOurs(fault) => Err(fault),
    }
}

/// The request that was pushed, once, and to the client that pushed it.
pub(crate) fn pull(idp: &Idp, params: &Params) -> Result<AuthorizationRequest, Fault> {
    let request_uri = params.once("request_uri").ok_or_else(|| Fault::missing("request_uri"))?;
    let client_id = params.once("client_id").ok_or_else(|| Fault::missing("client_id"))?;
    let id = request_uri.strip_prefix(PREFIX).unwrap_or_default();
    let pushed = idp.live().pull(id, client_id, idp.now());
    pushed.ok_or_else(|| {
        Fault::new(
            "invalid_request_uri",
            90023,
            "The request_uri is unknown, was used, has expired or is another client's.",
        )
    })
}
