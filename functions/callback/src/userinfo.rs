//! Asks for the name of a user whose ID token has none.

use auth::IdClaims;
use relying_party::{EndpointError, EndpointErrorKind, Endpoints, Tokens, UserinfoError};
use serde_json::{Map, Value};

use crate::{error::SignInError, state::Parts};

/// The page shows one of these.
const NAMES: [&str; 3] = ["name", "preferred_username", "email"];

/// Asks the userinfo endpoint if the ID token has no name for the user. Sign-in continues if it
/// doesn't respond or refuses the access token of the API (Entra accepts only those for Microsoft
/// Graph).
pub(crate) async fn of(
    parts: &Parts,
    endpoints: &Endpoints,
    tokens: &Tokens,
    claims: &IdClaims,
) -> Result<Map<String, Value>, SignInError> {
    if NAMES.iter().any(|name| claims.text(name).is_some_and(|text| !text.is_empty())) {
        return Ok(Map::new());
    }
    let asked = parts.userinfo.claims(endpoints, tokens.access_token.as_str(), claims.subject());
    match asked.await {
        Ok(userinfo) => Ok(userinfo),
        Err(UserinfoError::AnotherSubject) => Err(SignInError::UserinfoRefused),
        Err(UserinfoError::Endpoint(EndpointError {
            kind: EndpointErrorKind::Missing, ..
        })) => Ok(Map::new()),
        Err(error) => {
            tracing::warn!(code = "no_userinfo", %error, "a user signs in without a name");
            Ok(Map::new())
        }
    }
}
