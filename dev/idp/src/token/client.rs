//! Who is asking: `client_secret_basic` or `client_secret_post` (RFC 6749, section 2.3.1).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::apps::App;
use crate::fault::Fault;
use crate::params::Params;
use crate::provider::Idp;
use crate::secret;

/// The client, having shown its secret in exactly one way.
pub(super) fn authenticate<'a>(
    idp: &'a Idp,
    headers: &HeaderMap,
    params: &Params,
) -> Result<&'a App, Fault> {
    let (client_id, client_secret) = match basic(headers)? {
        Some((client_id, client_secret)) => {
            if params.once("client_secret").is_some() {
                return Err(Fault::malformed("The client authenticated in two ways."));
            }
            if params.once("client_id").is_some_and(|id| id != client_id) {
                return Err(Fault::malformed("The client gave two different ids."));
            }
            (client_id, client_secret)
        }
        None => {
            let client_id = params.once("client_id").ok_or_else(|| Fault::missing("client_id"))?;
            let client_secret = params.once("client_secret").ok_or_else(|| {
                Fault::new("invalid_client", 7_000_218,
                    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
            })?;
            (client_id.to_owned(), client_secret.to_owned())
        }
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

/// HTTP Basic, whose two halves are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Fault> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = given.next() else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") || given.next().is_some() {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((form_decoded(id), form_decoded(secret)))
    };
    let mut read = read;
    read().map(Some).ok_or_else(|| {
        Fault::new("invalid_client", 900_144, "The Authorization header is not HTTP Basic.")
    })
}

fn form_decoded(text: &str) -> String {
    // The parser splits at `&` and `=`, which an encoded value cannot hold.
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.map(|(name, value)| format!("{name}{value}")).collect()
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
