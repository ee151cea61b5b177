//! Who is asking: `client_secret_basic` or `client_secret_post` (RFC 6749, section 2.3.1).

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{apps::App, fault::Fault, params::Params, provider::Idp, secret};

/// The client, having shown its secret in exactly one way.
pub(crate) fn authenticate<'a>(
    idp: &'a Idp,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a App, Fault> {
    let (client_id, client_secret) = match basic(headers)? {
        Some(pair) => alone(pair, params)?,
        None => posted(params)?,
    };
    let app = idp.apps().find(&client_id).ok_or_else(|| {
        Fault::new(
            "unauthorized_client",
            700_016,
            format!("Application with identifier '{client_id}' was not found in the directory."),
        )
    })?;
    let right = idp.store().read(|data| {
        let secret = data.client_secrets.get(app.client_id);
        secret.is_some_and(|secret| secret::equal(secret, &client_secret))
    });
    if right {
        Ok(app)
    } else {
        Err(Fault::new(
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."
            ),
        ))
    }
}

fn alone(basic: (String, String), params: &Params) -> Result<(String, String), Fault> {
    if params.once("client_secret").is_some() {
        return Err(Fault::malformed("The client authenticated in two ways."));
    }
    if params.once("client_id").is_some_and(|client_id| client_id != basic.0) {
        return Err(Fault::malformed("The client gave two different ids."));
    }
    Ok(basic)
}

fn posted(params: &Params) -> Result<(String, String), Fault> {
    let client_id = params.once("client_id").ok_or_else(|| Fault::missing("client_id"))?;
    let client_secret = params.once("client_secret").ok_or_else(|| {
        Fault::new("invalid_client", 7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
    })?;
    Ok((client_id.to_owned(), client_secret.to_owned()))
}

/// HTTP Basic, whose two halves are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Fault> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = given.next() else { return Ok(None) };
    let mut read = || {
        let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") || given.next().is_some() {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (client_id, client_secret) = text.split_once(':')?;
        Some((form_decoded(client_id), form_decoded(client_secret)))
    };
    read().map(Some).ok_or_else(|| {
        Fault::new("invalid_client", 900_144, "The Authorization header is not HTTP Basic.")
    })
}

fn form_decoded(text: &str) -> String {
    // Read as the name of a parameter: `&` and `=` cannot be in an encoded value.
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
