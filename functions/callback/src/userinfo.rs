//! What the provider tells about a user whose ID token says little.

use auth::IdClaims;
use relying_party::{EndpointError, Endpoints, Fault, Tokens, UserinfoError};
use serde_json::{Map, Value};

use crate::{failure::Failure, state::Parts};

/// What a person is known by on the page. With one of these the ID token says enough.
const NAMES: [&str; 3] = ["name", "preferred_username", "email"];

/// Asks the userinfo endpoint when the ID token has no name for the user. Nobody is kept from
/// signing in because it does not answer, or does not take an access token that is for the API
/// alone (Entra's takes only those for Microsoft Graph).
pub(crate) async fn of(
    parts: &Parts,
    endpoints: &Endpoints,
    tokens: &Tokens,
    claims: &IdClaims,
) -> Result<Map<String, Value>, Failure> {
    if NAMES.iter().any(|name| claims.text(name).is_some_and(|text| !text.is_empty())) {
        return Ok(Map::new());
    }
    let asked = parts.userinfo.claims(endpoints, tokens.access_token.as_str(), claims.subject());
    match asked.await {
        Ok(userinfo) => Ok(userinfo),
        Err(UserinfoError::AnotherSubject) => Err(Failure::UserinfoRefused),
        Err(UserinfoError::Endpoint(EndpointError { fault: Fault::Absent, .. })) => Ok(Map::new()),
        Err(error) => {
            tracing::warn!(code = "no_userinfo", %error, "a user signs in without a name");
            Ok(Map::new())
        }
    }
}
