//! `POST /signin`: third-party-initiated login.

use axum::{
    body::{Body, to_bytes},
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, LOCATION},
};
use serve::PublicOrigin;
use url::form_urlencoded;

use crate::{
    State,
    authorization_params::{AuthorizationParams, ParamsError},
    error_page,
};

/// In bytes. The form must fit into a URL.
const MAX_BODY: usize = 8 * 1024;

/// A sign-in that a third party starts with a form (`OpenID` Connect Core, section 4). Redirects to
/// `GET /signin` with 303, which starts the transaction.
pub(crate) async fn third_party_login(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !serve::is_form(&headers) {
        return error_page::not_a_form().into_response();
    }
    let Ok(form) = to_bytes(body, MAX_BODY).await else {
        return error_page::too_large().into_response();
    };
    let form: Vec<_> = form_urlencoded::parse(&form).collect();
    // A third party must name the provider.
    let names_provider = form.iter().any(|(name, value)| name == "iss" && !value.is_empty());
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let params =
        AuthorizationParams::parse(&query, parts.discovery.issuer(), &origin, parts.step_up);
    match params {
        Ok(params) if names_provider => see_other(&params),
        Ok(_) => error_page::params_refused(ParamsError::Missing("iss")).into_response(),
        Err(error) => error_page::params_refused(error).into_response(),
    }
}

/// The URL contains only the validated parameters.
fn see_other(params: &AuthorizationParams) -> Response {
    let location = HeaderValue::try_from(params.url());
    let location = location.expect("a path with a form-encoded query is printable ASCII");
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
