//! Auth0.

use serde_json::{Value, json};

use crate::behavior::{
    ApiNames, AppFacts, Behavior, FrontChannel, Machines, Paths, RefreshTokens, SignOut, StepUp,
    UnknownScopes, UserFacts,
};

pub(super) const AUTH0: Behavior = Behavior {
    like: "auth0",
    // https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery: a
    // slash ends the issuer, and the logout endpoint must be enabled.
    paths: Paths {
        folders: &[""],
        issuer: "/",
        keys: "/.well-known/jwks.json",
        authorize: "/authorize",
        token: "/oauth/token",
        userinfo: "/userinfo",
        logout: Some("/oidc/logout"),
        par: None,
        revocation: Some("/oauth/revoke"),
    },
    api: ApiNames::Fixed { audience: Some("https://todo.example/api"), prefix: "" },
    aadsts: false,
    // https://auth0.com/docs/get-started/apis/scopes/api-scopes: those that the API does not define
    // are ignored.
    unknown_scopes: UnknownScopes::Dropped,
    // https://auth0.com/docs/secure/tokens/refresh-tokens/get-refresh-tokens
    offline_access: true,
    refresh_tokens: RefreshTokens::OfflineAccess,
    // https://auth0.com/docs/secure/tokens/refresh-tokens/refresh-token-rotation: off by default.
    refresh_rotates: false,
    own_api_needs_scope: false,
    sign_out_ends_refresh_tokens: false,
    // https://auth0.com/docs/secure/multi-factor-authentication/step-up-authentication/configure-step-up-authentication-for-web-apps
    step_up: StepUp::AcrValues {
        password: "",
        second_factor: "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        always: false,
    },
    // https://auth0.com/docs/authenticate/login/logout/log-users-out-of-auth0
    sign_out: SignOut::EndSession,
    front_channel: FrontChannel::None,
    // https://auth0.com/docs/authenticate/login/logout/back-channel-logout: with the plan Enterprise.
    back_channel: true,
    response_iss: false,
    pairwise: false,
    // https://auth0.com/docs/secure/tokens/access-tokens: opaque without an audience.
    opaque_without_api: true,
    api_needs_audience: true,
    machines: Machines::Audience,
    typ: Some("JWT"),
    every_token: &[],
    user_token,
    id_token,
    app_token,
};

/// <https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles>, with RBAC's claim
/// `permissions`.
fn user_token(it: &UserFacts<'_>) -> Value {
    let userinfo = format!("{}userinfo", it.issuer);
    json!({
        "sub": it.sub,
        "aud": [it.audience.unwrap_or_default(), &userinfo],
        "azp": it.client_id,
        "scope": it.scopes().join(" "),
        "permissions": it.api_scopes,
    })
}

/// <https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure>
fn id_token(it: &UserFacts<'_>) -> Value {
    json!({
        "sub": it.sub,
        "aud": it.client_id,
        "name": it.name,
        "nickname": it.username,
        "email": it.username,
        "sid": it.sid,
        "nonce": it.nonce,
        "auth_time": it.auth_time.filter(|_| it.is_auth_asked),
        "acr": it.acr.filter(|acr| !acr.is_empty()),
        "amr": it.acr.filter(|acr| !acr.is_empty()).map(|_| ["mfa"]),
    })
}

/// <https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow>:
/// the subject is `{client id}@clients`.
fn app_token(it: &AppFacts<'_>) -> Value {
    json!({
        "sub": format!("{}@clients", it.client_id),
        "aud": it.audience,
        "azp": it.client_id,
        "gty": "client-credentials",
        "scope": it.permissions.join(" "),
        "permissions": it.permissions,
    })
}
