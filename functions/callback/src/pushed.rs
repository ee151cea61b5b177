//! `GET /signin/pushed`

use axum::{extract::State as Shared, response::Response};
use http::{HeaderMap, Uri};
use relying_party::{AuthorizationRequest, Endpoints, Interaction};
use serve::{PublicOrigin, prefetch};
use session::Attempt;
use url::{Url, form_urlencoded};

use crate::{State, failure::Failure, finish::found, page, state::Parts};

/// Pushes the authorization request of an attempt that `signin` began just now (RFC 9126), and
/// sends the browser on to the provider.
///
/// The request is made of the attempt, which only its own browser has, and of wishes that are
/// judged here as they were there. A `request_uri` is never taken from the browser.
pub(crate) async fn pushed(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if prefetch::is_prefetch(&headers) {
        return prefetch::nothing();
    }
    let mut attempt = None;
    match leave(&parts, &origin, uri.query().unwrap_or_default(), &headers, &mut attempt).await {
        Ok(url) => found(&url),
        Err(failure) => page::answer(&failure, &headers, parts.clock.now(), attempt.as_ref()),
    }
}

async fn leave(
    parts: &Parts,
    origin: &PublicOrigin,
    query: &str,
    headers: &HeaderMap,
    attempt: &mut Option<Attempt>,
) -> Result<Url, Failure> {
    let (state, interaction) = parse(query)?;
    let state = session::State::parse(&state.unwrap_or_default()).ok_or(Failure::StateMissing)?;
    let found = Attempt::find(headers, &state, parts.clock.now()).map_err(Failure::Attempt)?;
    let attempt = &*attempt.insert(found);
    let metadata = parts.provider.metadata().await?;
    let endpoints = Endpoints::of(metadata.document());
    let request = AuthorizationRequest {
        client_id: &parts.client_id,
        redirect_uri: &origin.url("/callback"),
        scopes: &parts.scopes,
        state: attempt.state().as_str(),
        nonce: attempt.nonce(),
        code_verifier: attempt.verifier(),
        interaction: &interaction,
        max_age: attempt.max_age(),
        acr_values: attempt.acr_values(),
    };
    if !endpoints.requires_pushing() {
        // The metadata changed since, or somebody typed the address.
        return Ok(request.url(&endpoints)?);
    }
    let request_uri = parts.token_endpoint.push(&endpoints, &request).await;
    Ok(request_uri.map_err(Failure::of_push)?.url(&endpoints, &parts.client_id)?)
}

/// `state` and the wishes, none of them twice (RFC 6749, section 3.1).
fn parse(query: &str) -> Result<(Option<String>, Interaction), Failure> {
    let [prompt, login_hint, ui_locales] = Interaction::NAMES;
    let names = ["state", prompt, login_hint, ui_locales];
    let mut values: [Option<String>; 4] = Default::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(at) = names.iter().position(|known| *known == name) else { continue };
        if values[at].replace(value.into_owned()).is_some() {
            return Err(Failure::InvalidParameter(names[at]));
        }
    }
    let [state, wishes @ ..] = values.map(|value| value.filter(|text| !text.is_empty()));
    let interaction = Interaction::judge(wishes);
    Ok((state, interaction.map_err(|unfit| Failure::InvalidParameter(unfit.0))?))
}
