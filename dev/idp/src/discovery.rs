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
    behavior::{FrontChannel, Machines, StepUp},
    provider::Shared,
};

/// Entra's headers for both documents: public, and cached for a day.
const HEADERS: [(HeaderName, &str); 2] =
    [(CACHE_CONTROL, "max-age=86400, private"), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")];

/// `GET …/.well-known/openid-configuration`: the same document in all of the provider's folders.
pub(crate) async fn metadata(State(idp): State<Shared>) -> impl IntoResponse {
    let (tenant, behavior) = (&idp.tenant, idp.behavior);
    let url = |path: Option<&str>| path.map(|path| tenant.url(path));
    let mut scopes = vec!["openid", "profile", "email"];
    scopes.extend(behavior.offline_access.then_some("offline_access"));
    let acr_values = match behavior.step_up {
        StepUp::AcrValues { password, second_factor, .. } => Some([password, second_factor]),
        StepUp::AuthenticationContexts | StepUp::None => None,
    };
    let acr_values = acr_values.map(|values| values.into_iter().filter(|it| !it.is_empty()));
    let mut claims =
        vec!["sub", "iss", "aud", "exp", "iat", "nonce", "name", "email", "preferred_username"];
    claims.extend(acr_values.is_some().then_some("acr"));
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    grant_types.extend((behavior.machines != Machines::None).then_some("client_credentials"));
    let has_par = behavior.paths.par.is_some();
    let front_channel = behavior.front_channel != FrontChannel::None;
    let front_channel_session = behavior.front_channel == FrontChannel::IssAndSid;
    let mut document = json!({
        "token_endpoint": tenant.token_endpoint,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": tenant.url(behavior.paths.keys),
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": [if behavior.pairwise { "pairwise" } else { "public" }],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "grant_types_supported": grant_types,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent", "create"],
        "scopes_supported": scopes,
        "issuer": tenant.issuer,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_endpoint": tenant.url(behavior.paths.authorize),
        "end_session_endpoint": url(behavior.paths.logout),
        "userinfo_endpoint": tenant.url(behavior.paths.userinfo),
        "revocation_endpoint": url(behavior.paths.revocation),
        "pushed_authorization_request_endpoint": url(behavior.paths.par),
        "require_pushed_authorization_requests":
            has_par.then_some(idp.config.require_pushed_requests),
        "backchannel_logout_supported": behavior.back_channel.then_some(true),
        "backchannel_logout_session_supported": behavior.back_channel.then_some(true),
        "frontchannel_logout_supported": front_channel.then_some(true),
        "frontchannel_logout_session_supported": front_channel_session.then_some(true),
        "authorization_response_iss_parameter_supported": behavior.response_iss.then_some(true),
        "acr_values_supported": acr_values.map(Iterator::collect::<Vec<_>>),
        "claims_supported": claims,
    });
    if let Some(members) = document.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    (HEADERS, Json(document))
}

/// The keys, at the `jwks_uri`.
pub(crate) async fn keys(State(idp): State<Shared>) -> impl IntoResponse {
    (HEADERS, Json(idp.keys.jwks(&idp.tenant.issuer)))
}
