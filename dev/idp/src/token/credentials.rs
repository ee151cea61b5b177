//! `grant_type=client_credentials` (RFC 6749, section 4.4).

use serde_json::{Value, json};

use crate::{
    apps::{App, ORDERS_CLIENT_ID},
    behavior::Machines,
    oauth_error::OAuthError,
    params::Params,
    provider::Provider,
    tokens,
};

/// Issues a token with what the app was granted of what it asks for.
pub(super) fn exchange(idp: &Provider, app: &App, params: &Params) -> Result<Value, OAuthError> {
    let scope = params.once("scope").unwrap_or_default();
    if idp.behavior.machines == Machines::DefaultScope && is_whole(scope, ORDERS_CLIENT_ID) {
        return Ok(response(idp, &tokens::app_orders_token(idp, app)));
    }
    let granted = match idp.behavior.machines {
        Machines::DefaultScope => by_default_scope(idp, app, params.required("scope")?)?,
        Machines::Scopes => by_scopes(idp, app, params.once("scope"))?,
        Machines::RequiredScopes => by_scopes(idp, app, Some(params.required("scope")?))?,
        Machines::Audience => by_audience(idp, app, params.once("audience"))?,
        Machines::None => {
            let message = "Invalid grant_type: client_credentials";
            return Err(OAuthError::new("unsupported_grant_type", 70003, message));
        }
    };
    Ok(response(idp, &tokens::app_access_token(idp, app, &granted)))
}

fn response(idp: &Provider, access_token: &str) -> Value {
    let mut response = json!({
        "token_type": "Bearer",
        "expires_in": idp.access_token_seconds(),
        "access_token": access_token,
    });
    if idp.behavior.aadsts {
        response["ext_expires_in"] = idp.access_token_seconds().into();
    }
    response
}

/// Whether the scope is the whole API with this client id.
fn is_whole(scope: &str, api: &str) -> bool {
    scope.trim_start_matches("api://").strip_suffix("/.default") == Some(api)
}

/// All of the app's roles: it can only ask for the whole API.
fn by_default_scope<'a>(
    idp: &Provider,
    app: &'a App,
    scope: &str,
) -> Result<Vec<&'a str>, OAuthError> {
    if scope.contains(' ') || !scope.ends_with("/.default") {
        return Err(OAuthError::new(
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    let full = idp.api.full_name(".default");
    if scope != full && Some(scope) != full.strip_prefix("api://") {
        return Err(OAuthError::new(
            "invalid_resource",
            500_011,
            format!("The resource principal of {scope} was not found in the tenant."),
        ));
    }
    Ok(app.roles.clone())
}

/// The roles that it names, all by default.
fn by_scopes<'a>(
    idp: &Provider,
    app: &'a App,
    scope: Option<&str>,
) -> Result<Vec<&'a str>, OAuthError> {
    let Some(scope) = scope else { return Ok(app.roles.clone()) };
    let names = scope.split(' ').filter(|name| !name.is_empty());
    let role = |name: &str| {
        let role = app.roles.iter().find(|role| idp.api.full_name(role) == name);
        role.copied().ok_or_else(|| {
            OAuthError::new("invalid_scope", 70011, format!("Invalid scopes: {scope}"))
        })
    };
    names.map(role).collect()
}

fn by_audience<'a>(
    idp: &Provider,
    app: &'a App,
    audience: Option<&str>,
) -> Result<Vec<&'a str>, OAuthError> {
    let message = match audience {
        Some(_) if audience == idp.api.audience() => return Ok(app.roles.clone()),
        Some(audience) => format!("Service not enabled within domain: {audience}"),
        None => "No audience parameter was provided, and no default audience has been configured"
            .to_owned(),
    };
    Err(OAuthError::new("access_denied", 500_011, message))
}
