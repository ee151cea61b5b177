//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use serde_json::{Value, json};

use crate::{
    apps::{API_CLIENT_ID, App},
    oauth_error::OAuthError,
    params::Params,
    provider::Provider,
    scopes::full_name,
    tokens::app_access_token,
};

/// Issues a token with the app's roles. It can only ask for the whole API.
pub(super) fn exchange(idp: &Provider, app: &App, params: &Params) -> Result<Value, OAuthError> {
    let scope = params.required("scope")?;
    if scope.contains(' ') || !scope.ends_with("/.default") {
        return Err(OAuthError::new(
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    if scope != full_name(".default") && scope != format!("{API_CLIENT_ID}/.default") {
        return Err(OAuthError::new(
            "invalid_resource",
            500_011,
            format!("The resource principal of {scope} was not found in the tenant."),
        ));
    }
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": idp.access_token_seconds(),
        "ext_expires_in": idp.access_token_seconds(),
        "access_token": app_access_token(idp, app),
    }))
}
