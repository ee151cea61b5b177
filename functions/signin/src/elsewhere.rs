//! `POST /signin`

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
    State, page,
    wishes::{Wishes, WishesError},
};

/// In bytes. As much as fits into the address that it becomes.
const LARGEST: usize = 8 * 1024;

/// A sign-in that somebody else begins with a form (`OpenID` Connect Core, section 4). It goes on
/// as `GET /signin` by 303, so that there is one way to begin: the attempt is made there, and a
/// reload sends no form again.
pub(crate) async fn begun_elsewhere(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !serve::is_form(&headers) {
        return page::not_a_form().into_response();
    }
    let Ok(form) = to_bytes(body, LARGEST).await else {
        return page::too_large().into_response();
    };
    let form: Vec<_> = form_urlencoded::parse(&form).collect();
    // Who begins a sign-in elsewhere must say for which provider, with a form as in a link.
    let names_provider = form.iter().any(|(name, value)| name == "iss" && !value.is_empty());
    let query: String =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let wishes = Wishes::parse(&query, parts.provider.issuer(), &origin);
    match wishes {
        Ok(wishes) if names_provider => see_other(&wishes),
        Ok(_) => refused(WishesError::Missing("iss")),
        Err(fault) => refused(fault),
    }
}

fn refused(fault: WishesError) -> Response {
    tracing::info!(code = "invalid_parameter", %fault, "no sign-in began");
    page::invalid_parameter().into_response()
}

/// The address has what was judged good, in our own words, and nothing else of the form.
fn see_other(wishes: &Wishes) -> Response {
    let location = HeaderValue::try_from(wishes.address());
    let location = location.expect("a path with a form-encoded query is printable ASCII");
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
