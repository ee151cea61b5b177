//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use serde_json::{Value, json};

use crate::{
    apps::{API_CLIENT_ID, App},
    fault::Fault,
    params::Params,
    provider::Idp,
    scopes::full_name,
};

/// Gives the app what it was granted; it cannot ask for less, only for the whole API.
pub(super) fn exchange(idp: &Idp, app: &App, params: &Params) -> Result<Value, Fault> {
    let scope = params.once("scope").ok_or_else(|| Fault::missing("scope"))?;
    if scope.contains(' ') || !scope.ends_with("/.default") {
        return Err(Fault::new(
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    if scope != full_name(".default") && scope != format!("{API_CLIENT_ID}/.default") {
        return Err(Fault::new(
            "invalid_resource",
            500_011,
            format!("The resource principal of {scope} was not found in the tenant."),
        ));
    }
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": idp.access_token_lifetime(),
        "ext_expires_in": idp.access_token_lifetime(),
        "access_token": idp.app_access_token(app),
    }))
}
