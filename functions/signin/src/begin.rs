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
use relying_party::{AuthorizationRequest, EndpointError, Endpoints, Interaction};
use serve::{PublicOrigin, prefetch};
use session::Attempt;
use url::Url;

use crate::{
    State, page,
    state::Parts,
    wishes::{Wishes, WishesError},
};

/// Sends the browser to the provider, with the attempt in a cookie.
pub(crate) async fn begin(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if prefetch::is_prefetch(&headers) || prefetch::is_part_of_a_page(&headers) {
        // Its cookie would push out one that somebody is waiting for.
        return prefetch::nothing();
    }
    match leave(&parts, &origin, uri.query().unwrap_or_default(), &headers).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn leave(
    parts: &Parts,
    origin: &PublicOrigin,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let wishes = Wishes::parse(query, parts.provider.issuer(), origin)?;
    let metadata = parts.provider.metadata().await;
    let metadata = metadata.map_err(|cause| Failure::Unavailable(cause, wishes.address()))?;
    let now = parts.clock.now();
    let attempt = Attempt::begin(&*parts.random, now, wishes.return_to, wishes.max_age)
        .as_strong_as(wishes.acr_values);
    let endpoints = Endpoints::of(metadata.document());
    let url = if endpoints.requires_pushing() {
        to_be_pushed(origin, &attempt, &wishes.interaction)
    } else {
        AuthorizationRequest {
            client_id: &parts.client_id,
            redirect_uri: &origin.url("/callback"),
            scopes: &parts.scopes,
            state: attempt.state().as_str(),
            nonce: attempt.nonce(),
            code_verifier: attempt.verifier(),
            interaction: &wishes.interaction,
            max_age: attempt.max_age(),
            acr_values: attempt.acr_values(),
        }
        .url(&endpoints)?
    };
    Ok(redirect(&url, &attempt, Attempt::make_room(headers, now)))
}

/// Where `callback` pushes the request (RFC 9126): that takes the client's credential, and this
/// function has none. What must be checked afterwards rides in the attempt.
fn to_be_pushed(origin: &PublicOrigin, attempt: &Attempt, interaction: &Interaction) -> Url {
    let mut url = origin.url("/signin/pushed");
    url.query_pairs_mut()
        .append_pair("state", attempt.state().as_str())
        .extend_pairs(interaction.parameters());
    url
}

fn redirect(url: &Url, attempt: &Attempt, cleared: Vec<HeaderValue>) -> Response {
    let location = HeaderValue::from_str(url.as_str()).expect("a parsed URL is printable ASCII");
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cleared.into_iter().chain([attempt.set_cookie()]) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// Why no sign-in began.
enum Failure {
    Wishes(WishesError),
    /// With the address to try again at.
    Unavailable(UnavailableError, String),
    Endpoint(EndpointError),
}

impl From<WishesError> for Failure {
    fn from(error: WishesError) -> Self {
        Self::Wishes(error)
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Wishes(fault) => {
                tracing::info!(code = "invalid_parameter", %fault, "no sign-in began");
                page::invalid_parameter().into_response()
            }
            Self::Unavailable(cause, address) => {
                tracing::warn!(code = "provider_unavailable", %cause, "no sign-in began");
                page::provider_unavailable(cause.retry_after, address).into_response()
            }
            Self::Endpoint(cause) => {
                tracing::error!(code = "provider_unusable", %cause, "no sign-in began");
                page::provider_unusable().into_response()
            }
        }
    }
}
