//! The discovery document and the keys (OpenID Connect Discovery, section 4; RFC 7517).

use axum::{
    Json,
    extract::State,
    http::{
        HeaderName,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    },
    response::IntoResponse,
};
use serde_json::json;

use crate::{
    paths,
    provider::Shared,
    state::{PASSWORD, SECOND_FACTOR},
};

/// Entra's headers for both documents: public, and cached for a day.
const HEADERS: [(HeaderName, &str); 2] =
    [(CACHE_CONTROL, "max-age=86400, private"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];

/// `GET …/.well-known/openid-configuration`: the same document under the tenant's name and id.
pub(crate) async fn metadata(State(idp): State<Shared>) -> impl IntoResponse {
    let tenant = &idp.tenant;
    let document = json!({
        "token_endpoint": tenant.token_endpoint,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": tenant.url(paths::KEYS),
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent", "create"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": tenant.issuer,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_endpoint": tenant.url(paths::AUTHORIZE),
        "end_session_endpoint": tenant.url(paths::LOGOUT),
        "userinfo_endpoint": tenant.url(paths::USERINFO),
        "pushed_authorization_request_endpoint": tenant.url(paths::PAR),
        "require_pushed_authorization_requests": idp.config.require_pushed_requests,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "acr_values_supported": [PASSWORD, SECOND_FACTOR],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "acr", "nonce", "name", "email",
            "preferred_username", "oid", "sid", "tid", "ver"
        ],
    });
    (HEADERS, Json(document))
}

/// `GET …/discovery/v2.0/keys`.
pub(crate) async fn keys(State(idp): State<Shared>) -> impl IntoResponse {
    (HEADERS, Json(idp.keys.jwks(&idp.tenant.issuer)))
}
