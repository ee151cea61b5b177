//! The successful response for a user's grant (RFC 6749, section 5.1).

use serde_json::{Value, json};

use crate::{
    oauth_error::OAuthError,
    provider::Provider,
    tokens::{Grant, id_token, user_access_token},
};

/// Issues the tokens that a user granted.
pub(super) fn tokens(
    idp: &Provider,
    oid: &str,
    grant: &Grant<'_>,
    refresh_token: Option<String>,
) -> Result<Value, OAuthError> {
    // Users are never deleted, but the data file can be edited.
    let user = idp.user(oid).ok_or_else(|| {
        OAuthError::invalid_grant(50034, "The user account does not exist in the directory.")
    })?;
    let lifetime = idp.access_token_seconds_of(oid).max(0);
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": grant.scopes.granted(&idp.api),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": user_access_token(idp, &user, grant),
    });
    if grant.scopes.openid {
        answer["id_token"] = id_token(idp, &user, grant).into();
    }
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    Ok(answer)
}
