//! The token endpoint's JSON document.

use std::{fmt, time::Duration};

use openidconnect::{
    AccessToken, EmptyAdditionalClaims, OAuth2TokenResponse, RefreshToken, Scope, TokenResponse,
    TokenType,
    core::{
        CoreGenderClaim, CoreIdToken, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

use super::{Token, Tokens};

/// More is no promise that anybody can keep, and would not fit into a date one day.
const LONGEST: u64 = 365 * 24 * 60 * 60;

/// A token response. `openidconnect`'s own would parse the ID token; ours leaves it as it is, for
/// the one verifier to judge.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TokenDocument {
    #[serde(deserialize_with = "access_token")]
    access_token: AccessToken,
    token_type: Bearer,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    id_token: Option<RawIdToken>,
}

#[derive(Deserialize, Serialize)]
struct RawIdToken(String);

impl fmt::Debug for RawIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawIdToken(..)")
    }
}

/// `token_type`: `Bearer` in any case. A token of another type could not be used as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Bearer;

impl TokenType for Bearer {}

impl<'de> Deserialize<'de> for Bearer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        if text.eq_ignore_ascii_case("bearer") { Ok(Self) } else { Err(D::Error::custom("type")) }
    }
}

/// RFC 6750, section 2.1: what can stand in an `Authorization` header.
fn access_token<'de, D: Deserializer<'de>>(from: D) -> Result<AccessToken, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(D::Error::custom("not a token"));
    }
    Ok(AccessToken::new(text))
}

/// A number, or one written as a string, as some providers do. Anything else counts as missing:
/// it is only advice on when to refresh.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let seconds = match Value::deserialize(from)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    Ok(seconds.map(|seconds| seconds.min(LONGEST)))
}

impl OAuth2TokenResponse for TokenDocument {
    type TokenType = Bearer;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &Bearer {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl
    TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for TokenDocument
{
    /// None on purpose: `openidconnect` must not judge ID tokens.
    fn id_token(&self) -> Option<&CoreIdToken> {
        None
    }
}

impl From<TokenDocument> for Tokens {
    fn from(document: TokenDocument) -> Self {
        let expires_in = document.expires_in();
        let present = |text: &String| !text.is_empty();
        let refresh_token = document.refresh_token.map(RefreshToken::into_secret).filter(present);
        Self {
            access_token: Token::new(document.access_token.into_secret()),
            id_token: document.id_token.map(|RawIdToken(text)| Token::new(text)),
            refresh_token: refresh_token.map(Token::new),
            expires_in,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: &Value) -> Option<Tokens> {
        serde_json::from_value::<TokenDocument>(document.clone()).ok().map(Tokens::from)
    }

    fn with(name: &str, value: impl Into<Value>) -> Option<Tokens> {
        let mut document = json!({ "access_token": "at", "token_type": "Bearer" });
        document[name] = value.into();
        read(&document)
    }

    #[test]
    fn the_token_type_is_bearer_in_any_case() {
        for kind in ["Bearer", "bearer", "BEARER"] {
            assert!(with("token_type", kind).is_some(), "{kind}");
        }
        for kind in ["", "DPoP", "mac", "Bearer "] {
            assert!(with("token_type", kind).is_none(), "{kind}");
        }
        assert!(read(&json!({ "access_token": "at" })).is_none());
    }

    #[test]
    fn expires_in_may_be_missing_or_strange() {
        let seconds = |value: Value| with("expires_in", value).unwrap().expires_in;
        assert_eq!(seconds(Value::Null), None);
        assert_eq!(seconds(json!(3599)), Some(Duration::from_secs(3599)));
        assert_eq!(seconds(json!("3599")), Some(Duration::from_secs(3599)));
        assert_eq!(seconds(json!(u64::MAX)), Some(Duration::from_secs(LONGEST)));
        for strange in [json!(-1), json!(1e300), json!("soon"), json!([]), json!({})] {
            assert_eq!(seconds(strange.clone()), None, "{strange}");
        }
    }

    #[test]
    fn an_access_token_that_no_header_could_carry_is_refused() {
        for token in ["", "a b", "a\r\nb", "\u{e9}"] {
            assert!(with("access_token", token).is_none(), "{token:?}");
        }
    }

    #[test]
    fn an_empty_refresh_token_is_none() {
        assert_eq!(with("refresh_token", "").unwrap().refresh_token, None);
        assert_eq!(with("refresh_token", "rt").unwrap().refresh_token.unwrap().as_str(), "rt");
    }

    #[test]
    fn tokens_are_never_printed() {
        let document = json!({ "access_token": "at-1", "token_type": "Bearer", "id_token": "it-1", "refresh_token": "rt-1" });
        let document: TokenDocument = serde_json::from_value(document).unwrap();
        let printed = [format!("{document:?}"), format!("{:?}", Tokens::from(document))].concat();
        for token in ["at-1", "it-1", "rt-1"] {
            assert!(!printed.contains(token), "{printed}");
        }
    }
}
