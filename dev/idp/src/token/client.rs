//! Requests that clients post: the form, and authentication with `client_secret_basic` or
//! `client_secret_post` (RFC 6749, section 2.3.1).

use axum::http::{
    HeaderMap,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{apps::App, oauth_error::OAuthError, params::Params, provider::Provider, secret};

/// The parameters of a request that a client posts.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, OAuthError> {
    let form = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|it| {
        let kind = it.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !form {
        return Err(OAuthError::malformed("The request body must be form-encoded."));
    }
    let params = Params::parse(body);
    params.unrepeated()?;
    Ok(params)
}

/// The client, which must present its secret in exactly one way.
pub(crate) fn authenticate<'a>(
    idp: &'a Provider,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a App, OAuthError> {
    let (client_id, client_secret) = match basic(headers)? {
        Some(pair) => only_basic(pair, params)?,
        None => posted(params)?,
    };
    let app = idp.app(&client_id).ok_or_else(|| OAuthError::unknown_client(&client_id))?;
    let valid = idp.store.read(|data| {
        let secret = data.client_secrets.get(app.client_id);
        secret.is_some_and(|secret| secret::equal(secret, &client_secret))
    });
    if valid {
        Ok(app)
    } else {
        Err(OAuthError::new(
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
            ),
        ))
    }
}

fn only_basic(basic: (String, String), params: &Params) -> Result<(String, String), OAuthError> {
    if params.once("client_secret").is_some() {
        return Err(OAuthError::malformed("The client authenticated in two ways."));
    }
    if params.once("client_id").is_some_and(|client_id| client_id != basic.0) {
        return Err(OAuthError::malformed("The client sent two different ids."));
    }
    Ok(basic)
}

fn posted(params: &Params) -> Result<(String, String), OAuthError> {
    let client_id = params.required("client_id")?;
    let client_secret = params.once("client_secret").ok_or_else(|| {
        OAuthError::new(
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    })?;
    Ok((client_id.to_owned(), client_secret.to_owned()))
}

/// HTTP Basic; the client id and the secret are each form-encoded.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = values.next() else { return Ok(None) };
    let mut read = || {
        let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") || values.next().is_some() {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (client_id, client_secret) = text.split_once(':')?;
        Some((form_decoded(client_id), form_decoded(client_secret)))
    };
    read().map(Some).ok_or_else(|| {
        OAuthError::new("invalid_client", 900_144, "The Authorization header is not HTTP Basic.")
    })
}

fn form_decoded(text: &str) -> String {
    // Parsed as a parameter's name: an encoded value contains no `&` or `=`.
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::form_decoded;

    #[test]
    fn the_halves_of_basic_are_form_decoded() {
        assert_eq!(form_decoded("dev8Q%7Ea-b_c"), "dev8Q~a-b_c");
        assert_eq!(form_decoded("dev8Q~a"), "dev8Q~a");
        assert_eq!(form_decoded("a+b%3Ac"), "a b:c");
    }
}
