//! `GET /signin`

use auth::UnavailableError;
use axum::{
    extract::State as Shared,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, StatusCode, Uri,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
};
use relying_party::{AuthorizationRequest, EndpointError, Interaction};
use serve::{PublicOrigin, prefetch};
use session::SignInTransaction;
use url::Url;

use crate::{
    State,
    authorization_params::{AuthorizationParams, ParamsError},
    error_page,
    state::Parts,
};

/// Redirects the browser to the provider, with the transaction in a cookie.
pub(crate) async fn authorize(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if prefetch::is_prefetch(&headers) || prefetch::is_part_of_a_page(&headers) {
        // Its cookie could evict one that is needed.
        return prefetch::nothing();
    }
    match start(&parts, &origin, uri.query().unwrap_or_default(), &headers).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn start(
    parts: &Parts,
    origin: &PublicOrigin,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, AuthorizeError> {
    let params =
        AuthorizationParams::parse(query, parts.discovery.issuer(), origin, parts.step_up)?;
    let endpoints = parts.discovery.endpoints().await;
    let endpoints = endpoints.map_err(|cause| AuthorizeError::Unavailable(cause, params.url()))?;
    let now = parts.clock.now();
    let transaction =
        SignInTransaction::begin(&*parts.random, now, params.return_to, params.max_age)
            .with_acr_values(params.acr_values);
    let url = if parts.pushed_authorization.applies(&endpoints) {
        push_url(origin, &transaction, &params.interaction)
    } else {
        AuthorizationRequest {
            client_id: &parts.client_id,
            redirect_uri: &origin.url("/callback"),
            scopes: &parts.scopes,
            additional_params: &parts.additional_params,
            step_up: parts.step_up,
            transaction: &transaction,
            interaction: &params.interaction,
        }
        .url(&endpoints)?
    };
    Ok(redirect(&url, &transaction, SignInTransaction::evict(headers, now)))
}

/// The URL at which `callback` pushes the request (RFC 9126): that needs the client's credential,
/// which this function doesn't have.
fn push_url(
    origin: &PublicOrigin,
    transaction: &SignInTransaction,
    interaction: &Interaction,
) -> Url {
    let mut url = origin.url("/signin/pushed");
    url.query_pairs_mut()
        .append_pair("state", transaction.state().as_str())
        .extend_pairs(interaction.parameters());
    url
}

fn redirect(url: &Url, transaction: &SignInTransaction, cleared: Vec<HeaderValue>) -> Response {
    let location = HeaderValue::from_str(url.as_str()).expect("a parsed URL is printable ASCII");
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cleared.into_iter().chain([transaction.set_cookie()]) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// Why the sign-in did not start.
enum AuthorizeError {
    Params(ParamsError),
    /// With the URL for a retry.
    Unavailable(UnavailableError, String),
    Endpoint(EndpointError),
}

impl From<ParamsError> for AuthorizeError {
    fn from(error: ParamsError) -> Self {
        Self::Params(error)
    }
}

impl From<EndpointError> for AuthorizeError {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

impl IntoResponse for AuthorizeError {
    fn into_response(self) -> Response {
        match self {
            Self::Params(error) => error_page::params_refused(error).into_response(),
            Self::Unavailable(cause, address) => {
                tracing::warn!(code = "provider_unavailable", %cause, "no sign-in began");
                error_page::provider_unavailable(cause.retry_after, address).into_response()
            }
            Self::Endpoint(cause) => {
                tracing::error!(code = "provider_unusable", %cause, "no sign-in began");
                error_page::provider_unusable().into_response()
            }
        }
    }
}
