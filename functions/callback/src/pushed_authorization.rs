//! `GET /signin/pushed`

use axum::{extract::State as Shared, response::Response};
use http::{HeaderMap, Uri};
use relying_party::{AuthorizationRequest, Interaction};
use serve::{PublicOrigin, prefetch};
use session::SignInTransaction;
use url::{Url, form_urlencoded};

use crate::{State, callback::redirect_to_provider, error::SignInError, error_page, state::Parts};

/// Pushes the authorization request of a transaction that `signin` just started (RFC 9126), and
/// redirects the browser to the provider.
///
/// The request consists of the transaction, which only its own browser has, and of the interaction
/// parameters, which are validated again. A `request_uri` from the browser is never used.
pub(crate) async fn push(
    Shared(State(parts)): Shared<State>,
    origin: PublicOrigin,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if prefetch::is_prefetch(&headers) {
        return prefetch::nothing();
    }
    let mut transaction = None;
    match provider_url(&parts, &origin, uri.query().unwrap_or_default(), &headers, &mut transaction)
        .await
    {
        Ok(url) => redirect_to_provider(&url),
        Err(error) => {
            error_page::respond(&error, &headers, parts.client.clock.now(), transaction.as_ref())
        }
    }
}

async fn provider_url(
    parts: &Parts,
    origin: &PublicOrigin,
    query: &str,
    headers: &HeaderMap,
    transaction: &mut Option<SignInTransaction>,
) -> Result<Url, SignInError> {
    let (state, interaction) = parse(query)?;
    let state =
        session::OAuthState::parse(&state.unwrap_or_default()).ok_or(SignInError::StateMissing)?;
    let found = SignInTransaction::find(headers, &state, parts.client.clock.now())
        .map_err(SignInError::Transaction)?;
    let transaction = &*transaction.insert(found);
    let endpoints = parts.client.discovery.endpoints().await?;
    let request = AuthorizationRequest {
        client_id: &parts.client.client_id,
        redirect_uri: &origin.url("/callback"),
        scopes: &parts.client.scopes,
        additional_params: &parts.additional_params,
        step_up: parts.step_up,
        transaction,
        interaction: &interaction,
    };
    if !parts.pushed_authorization.applies(&endpoints) {
        // The metadata or the setting has changed, or the user typed the URL.
        return Ok(request.url(&endpoints)?);
    }
    let request_uri = parts.client.token_endpoint.push(&endpoints, &request).await;
    Ok(request_uri
        .map_err(SignInError::from_pushed_request)?
        .url(&endpoints, &parts.client.client_id)?)
}

/// `state` and the interaction parameters, each at most once (RFC 6749, section 3.1).
fn parse(query: &str) -> Result<(Option<String>, Interaction), SignInError> {
    let [prompt, login_hint, ui_locales] = Interaction::NAMES;
    let names = ["state", prompt, login_hint, ui_locales];
    let mut values: [Option<String>; 4] = Default::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(at) = names.iter().position(|known| *known == name) else { continue };
        if values[at].replace(value.into_owned()).is_some() {
            return Err(SignInError::InvalidParameter(names[at]));
        }
    }
    let [state, interaction @ ..] = values.map(|value| value.filter(|text| !text.is_empty()));
    let interaction = Interaction::parse(interaction);
    Ok((state, interaction.map_err(|error| SignInError::InvalidParameter(error.0))?))
}
